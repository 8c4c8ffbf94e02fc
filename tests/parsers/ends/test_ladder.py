"""The messages of a channel, a connection and a command, from real logs of both ends."""

from __future__ import annotations

from parsers.ends.ladder import channel_steps, command_steps, connection_steps
from parsers.sshd.model import SshdLog
from tests.parsers.ends.pairs import data, read
from tests.parsers.sshd.excerpts import ARTICLE


def sshd(raw: bytes) -> SshdLog:
    model, _ = read(raw)
    assert model.sshd is not None
    return model.sshd


def test_the_articles_channel() -> None:
    log = sshd(ARTICLE)
    steps = channel_steps(log, log.connections[0].channels[0])
    told = [(step.message.number, step.to_server, step.detail.partition(" ")[0]) for step in steps]
    assert told == [
        (90, True, "session,"),
        (91, False, ""),
        (98, True, "env"),
        (98, True, "exec"),
        (99, False, "exec"),  # what it answers
        (98, False, "exit-status"),
        (98, False, ""),
        (96, False, ""),
        (97, False, ""),
        (97, True, ""),
    ]
    assert all(step.channel is None for step in steps)
    assert 'exec "/bin/sh -c' in steps[3].detail


def test_a_connection_has_the_messages_of_login_and_channels() -> None:
    log = sshd(data("sshd-refusals-2.19.nosftp.sshd.log"))
    connection = log.connections[0]
    steps = connection_steps(log, connection)
    assert len(steps) == len(connection.messages)
    assert [step.message.number for step in steps[:2]] == [20, 20]
    assert {50, 51, 52, 90, 91, 97} <= {step.message.number for step in steps}
    own = [step for step in steps if step.channel == 3]
    assert [step._replace(channel=None) for step in own] == channel_steps(log, connection.channels[3])
    assert any(step.detail == "subsystem sftp" and step.to_server for step in own)


def test_a_commands_own_messages_are_read_from_the_control_nodes_log() -> None:
    raw = data("sshd-held-2.19.log")
    model, _ = read(raw)
    (command,) = model.chunks.commands
    steps = command_steps(command, model.chunks, lambda start, end: raw[start:end])
    numbers = [(step.to_server, step.message.number) for step in steps]
    assert numbers[0] == (True, 20)
    assert (True, 90) in numbers
    assert (False, 91) not in numbers
    assert (False, 52) in numbers
    # What the model keeps of them is the same.
    ways = {True: "send", False: "receive"}
    assert [(ways[way], number) for way, number in numbers[-8:]] == command.transcript.packets
    lines = raw.splitlines()
    for step in steps:
        assert f"packet: type {step.message.number}".encode() in lines[step.line - 1]


def test_without_chunks_they_are_in_the_result_line() -> None:
    raw = data("vvvv-broken-2.16.log")
    model, _ = read(raw)
    found = [
        command_steps(command, model.chunks, lambda start, end: raw[start:end])
        for _, host in model.hosts()
        for task in host.tasks
        for command in task.commands
    ]
    assert any(steps and steps[0].message.number == 20 for steps in found)
