"""What a result says of whose it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parsers.lines.reprs import CommandTuple
from parsers.model import Command, Place, Stage, Tool
from parsers.workers.answers import answers, may_be, speaks_of

TMP = "ansible-tmp-1795741077.3-4280-28056433508"
TEXT = f"/bin/sh -c '/usr/bin/python3 /home/deploy/.ansible/tmp/{TMP}/AnsiballZ_ping.py && sleep 0'"


def a_command(stage: Stage, **more: object) -> Command:
    command = Command(0, stage, Tool.SSH, Place(0, 1), address="192.0.2.1", text=TEXT)
    return replace(command, tmp=TMP, port=22, user="deploy", **more)  # type: ignore[arg-type]


SAID = {
    Stage.HOME: b"/home/deploy\n",
    Stage.TMPDIR: f"{TMP}=/home/deploy/.ansible/tmp/{TMP}\n".encode(),
    Stage.DISCOVERY: b"PLATFORM\nLinux\nFOUND\n/usr/bin/python3\nENDFOUND\n",
    Stage.PROBE: b'{"platform_dist_result": ["debian", "12"]}\n',
    Stage.EXEC: b'\n{"ping": "pong"}\n',
    Stage.CHMOD: b"",
}


@pytest.mark.parametrize("stage", SAID)
def test_each_stages_answer_is_its_own(stage: Stage) -> None:
    assert [other for other in SAID if answers(a_command(other), CommandTuple(0, SAID[stage], b""))] == [stage]


def test_a_transfers_answer_names_its_file() -> None:
    told = CommandTuple(0, b"sftp> put /ctl/tmp1 /tmp/AnsiballZ_ping.py\n", b"")
    assert answers(a_command(Stage.TRANSFER, tool=Tool.SFTP, remote_path="/tmp/AnsiballZ_ping.py"), told)
    assert not answers(a_command(Stage.TRANSFER, tool=Tool.SFTP, remote_path="/tmp/AnsiballZ_copy.py"), told)


@pytest.mark.parametrize(
    ("text", "stdout", "its"),
    [
        ("uptime", b"up 3 days\n", True),
        ("uptime", b'{"changed": true, "invocation": {"module_args": {}}}\n', False),
        (f"/bin/sh -c '/home/deploy/.ansible/tmp/{TMP}/report.sh && sleep 0'", b"up 3 days\n", True),
        ("/bin/sh -c '/usr/bin/python3 && sleep 0'", b"up 3 days\n", False),
        ("/bin/sh -c '/usr/bin/python3 && sleep 0'", b'{"changed": true, "invocation": {}}\n', True),
    ],
)
def test_a_raw_commands_answer_is_no_modules(text: str, stdout: bytes, its: bool) -> None:
    command = a_command(Stage.EXEC, text=text)
    command.tmp = TMP if TMP in text else None
    assert answers(command, CommandTuple(0, stdout, b"")) is its


@pytest.mark.parametrize("words", ["1+1 records in\n1+1 records out\n", "1+1 enregistrements lus\n"])
def test_a_piped_transfer_is_told_by_what_dd_says(words: str) -> None:
    told = CommandTuple(0, b"", b"debug1: master session id: 3\n" + words.encode())
    assert answers(a_command(Stage.TRANSFER, method="piped"), told)
    assert not answers(a_command(Stage.CHMOD), told)
    assert not answers(a_command(Stage.TRANSFER, method="piped"), CommandTuple(0, b"", b"debug1: a line\n"))


@pytest.mark.parametrize(
    ("stage", "rc", "stdout", "perhaps"),
    [
        (Stage.HOME, 0, SAID[Stage.HOME], True),
        (Stage.TMPDIR, 0, SAID[Stage.HOME], False),
        (Stage.HOME, 0, SAID[Stage.TMPDIR], False),
        (Stage.TMPDIR, 1, b"", True),  # it failed, and says nothing of itself
        (Stage.EXEC, 0, b"anything", False),
        (Stage.EXEC, 1, b"Traceback", True),
        (Stage.CLEANUP, 0, b"anything", True),
        (Stage.CLEANUP, 0, b"", True),
        (Stage.CLEANUP, 0, SAID[Stage.HOME], False),
        (Stage.EXEC, 0, SAID[Stage.HOME], False),
    ],
)
def test_what_worked_is_plainly_another_stages_only_where_a_stage_says_what_it_found(
    stage: Stage, rc: int, stdout: bytes, perhaps: bool
) -> None:
    assert may_be(a_command(stage), CommandTuple(rc, stdout, b"")) is perhaps


@pytest.mark.parametrize(
    ("stderr", "speaks"),
    [
        (b"debug1: Connecting to 192.0.2.1 [192.0.2.1] port 22.\n", True),
        (b"debug1: Connecting to 192.0.2.1 [192.0.2.1] port 2222.\n", False),
        (b"ssh: connect to host 192.0.2.1 port 22: Connection refused\r\n", True),
        (b"ssh: connect to host 192.0.2.1 port 2200: Connection refused\r\n", False),
        (b"debug1: Authenticating to 192.0.2.1:22 as 'deploy'\n", True),
        (b"debug1: Authenticating to 192.0.2.1:22 as 'app'\n", False),
        (b"debug1: identity file /home/ops/.ssh/id_ed25519 type 3\n", True),
        (b"Shared connection to 192.0.2.1 closed.\n", True),
    ],
)
def test_ssh_speaks_of_its_port_its_user_and_its_key(stderr: bytes, speaks: bool) -> None:
    assert speaks_of(a_command(Stage.HOME), stderr) is speaks
    assert not speaks_of(a_command(Stage.HOME, identity="/keys/other"), b"debug1: identity file /keys/mine type 3\n")
