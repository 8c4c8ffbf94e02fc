"""Stages and their states: judged by exit status and by what came after, never by a keyword."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from parsers.model import Command, Place, Result, Stage, StageRun, Status, TaskRun, Tool
from parsers.ssh.text import SshReader
from parsers.stages import connects, is_connect_failure, stages_of
from tests.parsers.helpers import model_of, sample

REFUSED = "ssh: connect to host 192.0.2.7 port 22: Connection refused"
SESSION = "debug3: mux_client_request_session: master session id: 2"


@dataclass
class Given:
    """A task's commands, made one by one."""

    task: TaskRun

    def add(self, stage: Stage, rc: int | None = 0, err: str = "", out: str = "", tool: Tool = Tool.SSH) -> Given:
        """A command that ended, or (rc None) is open."""
        number = len(self.task.commands)
        command = Command(number, stage, tool, Place(number * 100, number + 1), text=stage.value, rc=rc)
        command.started, command.last_line, command.has_tuple = 100.0 + number, number + 1, rc is not None
        reader = SshReader(command.transcript)
        for stderr, text in ((True, err), (False, out)):
            for line in text.splitlines():
                reader.feed(line.encode(), 0, number + 1, 100.5 + number, stderr=stderr, ended=True)
        if rc is not None:
            command.closed, command.ended = Place(number * 100 + 50, number + 1), 101.0 + number
            command.stdout_bytes, command.stderr_bytes = len(out), len(err)
        command.method = tool.value if stage is Stage.TRANSFER else None
        self.task.commands.append(command)
        return self

    def result(self, word: str, message: str = "") -> Given:
        """A result of the task."""
        self.task.results.append(Result(Place(9999, 99), word, message=message, last_line=100))
        return self

    def stages(self, *, first: bool = False, now: float | None = None) -> list[StageRun]:
        """The settled stages."""
        return stages_of(self.task, first_of_host=first, last_time=now, live=now is not None)

    def states(self, *, first: bool = False) -> list[tuple[str, str]]:
        """(stage, status) of each."""
        return [(stage.stage.value, stage.status.value) for stage in self.stages(first=first)]


def given() -> Given:
    """A task with nothing in it."""
    return Given(TaskRun("Ping", Place(0, 1)))


def command_of(rc: int | None, err: str = "", out: str = "", tool: Tool = Tool.SSH) -> Command:
    """One command."""
    return given().add(Stage.HOME, rc, err, out, tool).task.commands[0]


# ---------------------------------------------------------------------------------------------------------------
# Whether ssh got a session.


@pytest.mark.parametrize(
    ("rc", "err", "out", "tool", "failed"),
    [
        (255, REFUSED, "", Tool.SSH, True),
        (255, "", "", Tool.SSH, True),
        (255, "Shared connection to 192.0.2.7 closed.", "", Tool.SSH, True),
        (255, REFUSED, "", Tool.SFTP, True),
        (255, "Connection closed", "", Tool.SFTP, False),  # the subsystem
        (255, f"{SESSION}\nx", "", Tool.SSH, False),  # the remote command ended with 255
        (255, "debug2: Received exit status from master 255", "", Tool.SSH, False),
        (255, "", "said something", Tool.SSH, False),
        (0, REFUSED, "", Tool.SSH, False),
        (1, REFUSED, "", Tool.SSH, False),
        (1, "Permission denied", "", Tool.SSH, False),
        (127, "python3: not found", "", Tool.SSH, False),
        (5, "Permission denied, please try again.", "", Tool.SSH, True),  # sshpass: invalid password
        (6, "Host key verification failed.", "", Tool.SSH, True),
        (5, "mkdir: Permission denied", "", Tool.SSH, False),
        (-9, "", "", Tool.SSH, False),
        (None, REFUSED, "", Tool.SSH, False),
        (255, REFUSED, "", Tool.LOCAL, False),
    ],
)
def test_a_connection_that_failed(rc: int | None, err: str, out: str, tool: Tool, failed: bool) -> None:
    assert is_connect_failure(command_of(rc, err, out, tool)) is failed


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("debug1: Connecting to db1 [192.0.2.7] port 22.", True),
        ('debug2: resolving "db1" port 22', False),
        (f"debug2: mux_client_hello_exchange: master version 4\n{SESSION}", False),
        (
            'debug1: Control socket "/cp/x" does not exist\ndebug1: Connecting to db1 [192.0.2.7] port 22.\n' + SESSION,
            True,
        ),
    ],
)
def test_which_command_opened_a_connection(text: str, opened: bool) -> None:
    assert connects(command_of(0, text)) is opened


# ---------------------------------------------------------------------------------------------------------------
# States.


def test_a_healthy_module() -> None:
    task = given()
    for stage in (Stage.HOME, Stage.TMPDIR, Stage.TRANSFER, Stage.CHMOD, Stage.EXEC, Stage.CLEANUP):
        task.add(stage)
    states = task.result("ok").states(first=True)
    assert [stage for stage, _ in states] == [
        "connect", "home", "tmpdir", "transfer", "chmod", "exec", "cleanup", "result",
    ]  # fmt: skip
    assert {status for _, status in states} == {"ok"}


def test_a_stage_that_a_task_does_not_need_is_absent() -> None:
    assert given().add(Stage.EXEC).result("ok").states() == [("exec", "ok"), ("result", "ok")]


@pytest.mark.parametrize("stage", [Stage.HOME, Stage.TMPDIR, Stage.TRANSFER, Stage.CHMOD, Stage.EXEC])
def test_the_last_command_that_failed_is_what_failed(stage: Stage) -> None:
    task = given().add(stage, 1, "no").result("failed")
    assert task.states() == [(stage.value, "failed"), ("result", "failed")]
    assert task.stages()[0].note == "rc 1  no"


def test_the_home_directory_is_the_last_line_of_the_answer() -> None:
    """As Ansible takes it: start-up files may have printed before."""
    task = given().add(Stage.HOME, 0, out="Welcome {admin}\n/home/deploy\n").result("ok")
    assert task.stages()[0].note == "/home/deploy"


def test_a_failed_home_stays_failed_although_the_task_goes_on() -> None:
    task = given().add(Stage.HOME, 1).add(Stage.TMPDIR, 0).result("failed")
    assert task.states()[0] == ("home", "failed")


def test_what_failed_and_was_gone_past_was_meant_to() -> None:
    task = (
        given()
        .add(Stage.TMPDIR)
        .add(Stage.CHMOD, 1, "setfacl: no")
        .add(Stage.CHMOD)
        .add(Stage.EXEC, 1)
        .result("failed")
    )
    assert task.states() == [
        ("tmpdir", "ok"),
        ("chmod", "ok"),
        ("chmod", "ok"),
        ("exec", "failed"),
        ("result", "failed"),
    ]


def test_a_cleanup_does_not_excuse_the_module() -> None:
    assert given().add(Stage.EXEC, 137).add(Stage.CLEANUP).result("failed").states()[0] == ("exec", "failed")


def test_nor_does_the_connection_that_a_cleanup_opens() -> None:
    opening = "debug1: Connecting to db1 [192.0.2.7] port 22.\ndebug1: Connection established."
    task = given().add(Stage.EXEC, 255, SESSION).add(Stage.CLEANUP, 0, opening).result("unreachable")
    assert task.states() == [("exec", "failed"), ("connect", "ok"), ("cleanup", "ok"), ("result", "failed")]


@pytest.mark.parametrize("word", ["ok", "changed", "skipped"])
def test_a_task_that_ended_well_has_no_failed_stage(word: str) -> None:
    task = given().add(Stage.HOME, 1).add(Stage.EXEC, 127, "error: fatal Traceback").result(word)
    assert "failed" not in {status for _, status in task.states()}
    assert task.stages()[1].note == "rc 127, by design or handled"


def test_all_well_and_yet_the_task_failed() -> None:
    task = given().add(Stage.EXEC).result("failed", "non-zero return code\nmore")
    assert task.states() == [("exec", "ok"), ("result", "failed")]
    assert task.stages()[-1].note == "non-zero return code"


def test_the_prompt_that_ansible_answered_is_not_what_a_command_said() -> None:
    prompt = "[sudo via ansible, key=abc] password:"
    assert given().add(Stage.EXEC, 1, f"{prompt}\nsudo: no").result("failed").stages()[0].note == "rc 1  sudo: no"
    assert given().add(Stage.EXEC, 1, f"{prompt}sudo: no").result("failed").stages()[0].note == "rc 1  sudo: no"
    assert given().add(Stage.EXEC, 1, prompt).result("failed").stages()[0].note == "rc 1"


def test_that_ssh_took_another_connection_is_not_what_a_command_said() -> None:
    """As it says where the shared one is full, or was opened by another ssh in the same moment."""
    said = "mux_client_request_session: session request failed: Session open refused by peer\n"
    said += "ControlSocket /home/ops/.ansible/cp/6f3a already exists, disabling multiplexing\n"
    assert given().add(Stage.EXEC, 1, said, "no such unit").result("failed").stages()[0].note == "rc 1  no such unit"
    task = given().add(Stage.EXEC, 1, said, '{"rc": 1}').result("failed", "non-zero return code")
    assert task.stages()[0].note == "rc 1  non-zero return code"
    words = given().add(Stage.EXEC, 1, said + "Traceback", "").task.commands[0].transcript.last_words
    assert words is not None
    assert words.text == "Traceback"


def test_nothing_was_sent() -> None:
    assert given().result("failed", "'x' is undefined").states() == [("control", "failed")]


def test_ssh_that_got_nowhere() -> None:
    (connect, _) = given().add(Stage.HOME, 255, REFUSED).result("unreachable").stages(first=True)
    assert (connect.stage, connect.status, connect.phase, connect.rc) == (Stage.CONNECT, Status.FAILED, "tcp", 255)
    assert connect.note == REFUSED
    assert connect.seconds == 1.0


def test_a_connection_has_its_own_time_and_the_command_the_rest() -> None:
    text = "debug1: Connecting to db1 [192.0.2.7] port 22.\ndebug1: Connection established."
    connect, home, _ = given().add(Stage.HOME, 0, text).result("ok").stages()
    assert (connect.stage, connect.started, connect.ended) == (Stage.CONNECT, 100.0, 100.5)
    assert (home.stage, home.started, home.ended) == (Stage.HOME, 100.5, 101.0)


def test_transfers_that_fell_back_are_one_stage() -> None:
    task = given().add(Stage.TRANSFER, 255, "Connection closed", tool=Tool.SFTP).add(Stage.TRANSFER, tool=Tool.SSH)
    (transfer, _) = task.result("ok").stages()
    assert transfer.note == "sftp failed, then ssh"
    assert (transfer.status, transfer.first.line) == (Status.OK, 1)


def test_two_transfers_of_two_files_are_two_stages() -> None:
    task = given().add(Stage.TRANSFER, tool=Tool.SFTP).add(Stage.TRANSFER, tool=Tool.SFTP).result("ok")
    assert [stage for stage, _ in task.states()] == ["transfer", "transfer", "result"]


# ---------------------------------------------------------------------------------------------------------------
# What is open.


def test_a_log_that_ends_in_a_command_stands_still() -> None:
    stages = given().add(Stage.HOME).add(Stage.EXEC, None).stages()
    assert [(stage.stage, stage.status) for stage in stages] == [(Stage.HOME, Status.OK), (Stage.EXEC, Status.STALLED)]


@pytest.mark.parametrize(
    ("stage", "silent", "status"),
    [
        (Stage.HOME, 4.0, Status.RUNNING),
        (Stage.HOME, 6.0, Status.STALLED),
        (Stage.TRANSFER, 29.0, Status.RUNNING),
        (Stage.TRANSFER, 31.0, Status.STALLED),
        (Stage.EXEC, 1e9, Status.RUNNING),
    ],
)
def test_a_live_command_may_be_silent_for_its_limit(stage: Stage, silent: float, status: Status) -> None:
    (open_stage,) = given().add(stage, None).stages(now=100.0 + silent)
    assert open_stage.status is status
    assert open_stage.silent == pytest.approx(silent)


def test_a_live_connection_may_be_silent_for_its_limit() -> None:
    task = given().add(Stage.HOME, None, "debug1: Connecting to db1 [192.0.2.7] port 22.")
    for now, status in ((114.0, Status.RUNNING), (116.0, Status.STALLED)):
        task.task.commands[0].last_output = 100.0
        (connect,) = task.stages(now=now)
        assert (connect.stage, connect.status, connect.phase) == (Stage.CONNECT, status, "tcp")


def test_a_task_that_ended_while_a_command_was_open_broke_there() -> None:
    """A time-out that waited for a privilege prompt."""
    assert given().add(Stage.TMPDIR).add(Stage.EXEC, None).result("failed", "Timeout (12s)").states() == [
        ("tmpdir", "ok"),
        ("exec", "failed"),
        ("result", "failed"),
    ]


def test_every_open_connection_of_the_healthy_samples_has_a_time() -> None:
    for host in model_of(sample("ping-ok-2.16.log")).runs[0].hosts.values():
        connect = host.tasks[0].stages[0]
        assert connect.stage is Stage.CONNECT
        assert connect.seconds is not None
        assert 0 < connect.seconds < 5
        assert connect.note == "tcp · banner · kex · hostkey · auth publickey · channel"


@pytest.mark.parametrize(
    ("message", "phase"),
    [
        ('Data could not be sent to remote host "192.0.2.7". Make sure this host can be reached over ssh: ', "tcp"),
        (
            "Unable to execute ssh command line on a controller due to: [Errno 2] No such file or directory: b'ssh'",
            None,
        ),
        ("to use the 'ssh' connection type with passwords, you must install the sshpass program", None),
    ],
)
def test_a_command_without_an_end_that_ansible_says_had_no_connection(message: str, phase: str | None) -> None:
    task = given().add(Stage.EXEC, None, REFUSED if phase else "").result("failed", message)
    task.task.commands[0].closed = Place(60, 1)
    made = task.stages(first=True)
    assert [(stage.stage.value, stage.status.value, stage.phase) for stage in made] == [
        ("connect", "failed", phase),
        ("result", "failed", None),
    ]


@pytest.mark.parametrize(
    ("word", "message", "stage"),
    [
        ("unreachable", "SSH Error: data could not be sent to remote host", Stage.CONNECT),
        ("unreachable", "All items completed", Stage.CONNECT),
        ("unreachable", "", Stage.CONNECT),
        ("unreachable", "Authentication or permission failure. In some cases", Stage.TMPDIR),
        ("failed", "Failed to set permissions on the temporary files Ansible needs to create when", Stage.CHMOD),
        ("failed", "Timeout (12s) waiting for privilege escalation prompt: ", Stage.EXEC),
        ("failed", "Task failed: Missing sudo password", Stage.EXEC),
        ("failed", "Incorrect su password", Stage.EXEC),
        ("failed", "Missing sudo password file", Stage.CONTROL),
        ("failed", "'x' is undefined", Stage.CONTROL),
    ],
)
def test_a_failure_whose_commands_are_not_shown(word: str, message: str, stage: Stage) -> None:
    (only,) = given().result(word, message).stages()
    assert (only.stage, only.status) == (stage, Status.FAILED)


@pytest.mark.parametrize(
    ("become", "message", "stage"),
    [
        (True, "Timeout (12s) waiting for privilege escalation prompt: ", Stage.EXEC),
        (True, "Failed to connect to the host via ssh: ", Stage.CONNECT),
        (False, "Timeout (12s) waiting for privilege escalation prompt: ", Stage.CONNECT),
    ],
)
def test_an_escalation_is_no_connection_though_the_log_begins_with_it(become: bool, message: str, stage: Stage) -> None:
    made = given().add(Stage.EXEC, None)
    made.task.commands[0].become = become
    first = stages_of(made.result("failed", message).task, first_of_host=True, last_time=None, live=False)[0]
    assert (first.stage, first.status) == (stage, Status.FAILED)


def test_a_command_that_had_a_session_did_not_fail_to_connect() -> None:
    task = given().add(Stage.EXEC, None, SESSION).result("unreachable", "Data could not be sent to remote host")
    assert task.states() == [("exec", "failed"), ("result", "failed")]


def test_a_transfer_that_failed_over_a_connection_that_stands_is_no_connection() -> None:
    task = given().add(Stage.TMPDIR).add(Stage.TRANSFER, None, "Connection closed", tool=Tool.SFTP)
    task.result("unreachable", "Failed to connect to the host via sftp: Connection closed")
    assert task.states()[-2:] == [("transfer", "failed"), ("result", "failed")]
