"""What is said of both ends."""

from __future__ import annotations

from parsers.ends.lineup import line_up
from tests.parsers.ends.pairs import ends_of, half, logs_of


def test_what_is_said_of_a_healthy_pair() -> None:
    notes = ends_of("sshd-healthy-2.19").notes()
    assert [source for source, _ in notes] == [1, 2]
    assert notes[1][1].startswith(
        "The log of web2: 24 of 24 channels lined up with commands; clock difference: none (±"
    )


def test_what_could_not_be_lined_up_is_said_on_both_sides() -> None:
    ends = ends_of("sshd-healthy-2.19", half)
    (lost,) = (text for source, text in ends.notes() if source == 0)
    assert lost.startswith(f"{len(ends.unpaired())} commands found no channel in the managed nodes' logs: web1 home")
    logs, _ = logs_of("sshd-healthy-2.19")
    one = line_up(logs[:2])
    assert (0, "No log of sshd is that of web2") in one.notes()


def test_channels_of_other_clients_are_said() -> None:
    logs, _ = logs_of("sshd-healthy-2.19")
    commands = [task.commands for _, host in logs[0].model.hosts() for task in host.tasks if host.name == "web1"]
    # As if the run had begun later.
    del commands[0][:]
    ends = line_up(logs)
    server = ends.server(1)
    assert server is not None
    assert len(server.left) == 7
    assert any("7 channels (lines " in text and "another client's" in text for _, text in ends.notes())
