"""Transfers that failed, whose words only their host's result has."""

from __future__ import annotations

import pytest

from parsers.lines.reprs import CommandTuple
from parsers.model import Command, Place, Stage, Tool
from parsers.workers.untold import Untold
from tests.parsers.minilog import WEB1, WEB2
from tests.parsers.workers.test_binding import begun

HERE, THERE = "/ctl/tmp1", "/home/deploy/.ansible/tmp/ansible-tmp-1/AnsiballZ_ping.py"
ECHO = f"sftp> put {HERE} {THERE}\n"
WORDS = "debug2: Remote version: 3\r\ndest open: Permission denied\r\n"


def a_transfer(tool: Tool = Tool.SFTP, index: int = 0, *, fetch: bool = False) -> Command:
    text = f"{THERE} {HERE}" if fetch else f"{HERE} {THERE}"
    command = Command(index, Stage.TRANSFER, tool, Place(0, 1), address="192.0.2.1", text=text)
    if tool is Tool.SCP:
        command.text = HERE if fetch else f"[192.0.2.1]:{THERE}"
    else:
        command.local_path, command.remote_path = HERE, THERE
    return command


@pytest.mark.parametrize("fetch", [False, True])
@pytest.mark.parametrize(
    ("tool", "stdout"), [(Tool.SFTP, ECHO), (Tool.SFTP, ""), (Tool.SCP, "")], ids=["sftp", "sftp-died", "scp"]
)
@pytest.mark.parametrize("before", ["", "Task failed: "])
def test_the_message_has_stdout_and_stderr_byte_for_byte(tool: Tool, stdout: str, before: str, fetch: bool) -> None:
    untold, command = Untold(), a_transfer(tool, fetch=fetch)
    assert untold.wait(command, 7) == []
    paths = f"{THERE} {HERE}" if fetch else f"{HERE} {THERE}"
    # From 2.19 on, whose words begin so, a message has no line feed at its end.
    end = WORDS.removesuffix("\r\n") if before else WORDS
    found = untold.quoted(f"{before}failed to transfer file to {paths}:\n{stdout}\n{end}")
    assert found is not None
    told = WORDS if not before else f"{end}\n"
    assert found == (command, CommandTuple(1, stdout.encode(), told.encode()), 7)
    assert untold.give_up() == [], "it waits no longer"


def test_where_ssh_itself_failed_the_message_has_stderr_alone() -> None:
    untold, command = Untold(), a_transfer()
    untold.wait(command, 7)
    assert untold.quoted("Failed to connect to the host via scp: ssh: refused") is None
    assert untold.quoted(f"Failed to connect to the host via sftp: {WORDS}") is None, "it may have said something"
    found = untold.quoted("Failed to connect to the host via sftp: ssh: connect to host: refused\r\n")
    assert found == (command, CommandTuple(255, b"", b"ssh: connect to host: refused\r\n"), 7)


@pytest.mark.parametrize(
    "message",
    [
        "non-zero return code",
        f"failed to transfer file to {HERE} {THERE}.other:\n{ECHO}\n{WORDS}",
        f"failed to transfer file to {HERE} {THERE}",
        "failed to transfer file to /etc/motd: no such file",
    ],
)
def test_another_message_quotes_nothing(message: str) -> None:
    untold = Untold()
    untold.wait(a_transfer(), 7)
    assert untold.quoted(message) is None
    assert len(untold.give_up()) == 1


def test_of_one_that_is_tried_again_the_message_quotes_the_last_attempt() -> None:
    untold, first, second = Untold(), a_transfer(), a_transfer(index=1)
    untold.wait(first, 7)
    assert untold.wait(second, 9) == [first]
    found = untold.quoted(f"failed to transfer file to {HERE} {THERE}:\n{ECHO}\n{WORDS}")
    assert found is not None
    assert (found[0], found[2]) == (second, 9)


@pytest.mark.parametrize(("told", "may"), [(Tool.SFTP, True), (Tool.SCP, True), (Tool.SSH, False), (Tool.LOCAL, False)])
def test_only_a_transfer_without_a_tuple_is_quoted(told: Tool, may: bool) -> None:
    command = a_transfer(told)
    assert Untold.may_be(command) is may
    command.has_tuple = True
    assert not Untold.may_be(command)


@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("version", ["2.17.14", "2.19.14"])
def test_the_words_of_a_failed_transfer_are_its_own_and_no_others(version: str, quoted: bool) -> None:
    """Both say the same but for the last line; the second one's came together, in a chunk that fits nothing else."""
    log = begun(version, True, WEB1, WEB2)
    log.step(WEB1, "tmpdir").step(WEB2, "tmpdir")
    target, other = (f"{log.tmp(box)}/AnsiballZ_ping.py" for box in (WEB1, WEB2))
    first = log.line
    log.sftp(WEB1, target, told=False)
    log.open(WEB2, "", tool="sftp", put=("/ctl/tmp2", other))
    hello = "debug2: Remote version: 3\n"
    log.chunk(WEB2, hello).chunk(WEB1, hello + "remote open: Permission denied\n").chunk(WEB2, "debug3: Sent\n")
    log.close(WEB2, 0, "", hello + "debug3: Sent\n", done=False)
    log.step(WEB1, "cleanup")
    paths = f"/ctl/tmp1 {target}"
    quote = f"failed to transfer file to {paths}:\n\n{hello}remote open: Permission denied\n"
    log.result(WEB1, "failed", msg=quote if quoted else "no more than that")
    for stage in ("chmod", "exec", "cleanup"):
        log.step(WEB2, stage)
    model = log.result(WEB2).recap(web1={"failed": 1}, web2={"ok": 1}).model()
    commands = [command for command in model.chunks.commands if command.stage is Stage.TRANSFER]
    assert first < commands[0].opened.line
    reassembly = model.runs[-1].reassembly
    assert (reassembly.commands, reassembly.differ) == (4, 0), "what has no tuple is not counted"
    said = [[line.text for line in command.transcript.plain] for command in commands]
    assert (said == [["remote open: Permission denied"], []]) is quoted
