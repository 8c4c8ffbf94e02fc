"""A command's life: opened, fed with its chunks, ended by its tuple or by what shows that it is over."""

from __future__ import annotations

import pytest

from parsers.model import Attribution, Command, Stage, Status, Tool
from tests.parsers.minilog import BECOME, DB1, HOME, START, WEB1, WEB2, Box, MiniLog

KINDS = [("2.13.13", True), ("2.16.19", True), ("2.17.14", True), ("2.19.14", True), ("2.19.14", False)]
FORMS = pytest.mark.parametrize(("version", "debug"), KINDS)


def commands(log: MiniLog) -> list[Command]:
    """Every command of a log."""
    return log.model().chunks.commands


def begun(version: str = "2.16.19", debug: bool = True) -> MiniLog:
    """A log whose task is queued for two boxes."""
    return MiniLog(version, debug=debug).begin().task("Ping", WEB1, DB1)


@FORMS
def test_a_command_and_its_facts(version: str, debug: bool) -> None:
    log = begun(version, debug)
    opened = log.line
    log.open(DB1, HOME).chunk(DB1, "debug1: x\n", state=2).chunk(DB1, "/home/deploy\n", stream="stdout")
    closed = log.line
    (command,) = commands(log.close(DB1, 0, "/home/deploy\n", "debug1: x\n"))
    assert (command.stage, command.tool, command.text) == (Stage.HOME, Tool.SSH, HOME)
    assert (command.address, command.port, command.user) == (DB1.address, 22, "deploy")
    assert (command.rc, command.stdout_bytes, command.stderr_bytes) == (0, 13, 10)
    assert command.has_tuple
    assert not command.open
    assert command.closed is not None
    assert command.closed.line == closed
    assert opened <= command.opened.line <= opened + 3
    assert len(command.chunks) == (2 if debug else 0)
    assert [line.text for line in command.transcript.plain] == ["/home/deploy"]
    assert (command.started is not None) is debug


@FORMS
def test_a_whole_module(version: str, debug: bool) -> None:
    log = begun(version, debug).module(WEB1).module(DB1)
    made = commands(log)
    stages = [Stage.HOME, Stage.TMPDIR, Stage.TRANSFER, Stage.CHMOD, Stage.EXEC, Stage.CLEANUP]
    assert [command.stage for command in made] == stages * 2
    assert {command.rc for command in made} == {0}
    assert [command.task is not None and command.task.name for command in made] == ["Ping"] * 12
    put = made[2]
    assert (put.tool, put.method) == (Tool.SFTP, "sftp")
    assert put.local_path == "/ctl/tmp1"
    assert put.remote_path == f"{log.tmp(WEB1)}/AnsiballZ_ping.py"


@FORMS
def test_two_hosts_at_once(version: str, debug: bool) -> None:
    """Opened in one order, ended in the other."""
    log = begun(version, debug).open(WEB1, HOME).open(DB1, HOME)
    log.chunk(DB1, "of db1", stream="stdout").chunk(WEB1, "of web1", stream="stdout")
    log.close(DB1, 1, "of db1").result(DB1, "failed").close(WEB1, 0, "of web1").result(WEB1)
    hosts = log.model().runs[0].hosts
    assert [hosts[name].tasks[0].commands[0].rc for name in ("web1", "db1")] == [0, 1]
    for chunk in log.model().chunks:
        assert chunk.command is None or log.data[chunk.start : chunk.end].decode() in {
            line.text for line in chunk.command.transcript.plain
        }


def test_chunks_of_a_workers_own_pid_are_exact() -> None:
    log = begun().open(WEB1, HOME).open(DB1, HOME).chunk(DB1, "b").chunk(WEB1, "a")
    chunks = list(log.close(DB1, 0, "", "b").close(WEB1, 0, "", "a").model().chunks)
    assert [chunk.command.address for chunk in chunks if chunk.command] == [DB1.address, WEB1.address]
    assert {chunk.attribution for chunk in chunks} == {Attribution.EXACT}


@pytest.mark.parametrize("version", ["2.17.14", "2.19.14"])
def test_a_chunk_that_could_be_two_commands_is_never_called_exact(version: str) -> None:
    log = begun(version).open(WEB1, HOME).open(DB1, HOME).chunk(DB1, "same").chunk(WEB1, "same")
    chunks = log.close(DB1, 0, "", "same").close(WEB1, 0, "", "same").model().chunks
    assert Attribution.EXACT not in {chunk.attribution for chunk in chunks}


@FORMS
def test_the_last_line_of_a_pipe_may_have_no_line_feed(version: str, debug: bool) -> None:
    log = begun(version, debug).command(WEB1, HOME, 0, "/home/deploy", "last words")
    assert {line.text for line in commands(log)[0].transcript.plain} == {"/home/deploy", "last words"}


@FORMS
def test_no_log_tells_the_rc_alone(version: str, debug: bool) -> None:
    log = begun(version, debug).open(WEB1, HOME)
    (command,) = commands(log.raw(f"<{WEB1.address}> rc=3, stdout and stderr censored due to no log"))
    assert (command.rc, command.stdout_bytes, command.stderr_bytes, command.open) == (3, None, None, False)


@FORMS
def test_what_no_log_hides_is_not_compared(version: str, debug: bool) -> None:
    log = begun(version, debug).open(WEB1, HOME).chunk(WEB1, "/home/deploy\n", stream="stdout")
    log.raw(f"<{WEB1.address}> rc=0, stdout and stderr censored due to no log")
    reassembly = log.model().runs[-1].reassembly
    assert (reassembly.commands, reassembly.differ, reassembly.open) == (0, 0, 0)


@pytest.mark.parametrize("version", ["2.13.13", "2.16.19", "2.17.14", "2.19.14"])
def test_a_modules_output_may_look_like_its_escalation(version: str) -> None:
    """`setup` tells SUDO_COMMAND among its facts; once the escalation is over, nothing is taken out."""
    log = begun(version)
    text = f"{BECOME}/usr/bin/python3 && sleep 0'"
    mark = "BECOME-SUCCESS-" + "a" * 32
    facts = f'\n{{"SUDO_COMMAND": "/bin/sh -c echo {mark} ; /usr/bin/python3"}}\n{mark}\n'
    log.open(WEB1, text).chunk(WEB1, f"{mark}\n", stream="stdout", state=1).chunk(WEB1, facts, stream="stdout")
    log.chunk(WEB1, "", stream="stdout").chunk(WEB1, "").close(WEB1, 0, facts)
    (command,) = commands(log)
    assert len(command.chunks) == 4
    assert log.model().runs[-1].reassembly.exact == 1


@FORMS
def test_a_tuple_that_is_not_whole_ends_nothing_and_is_told(version: str, debug: bool) -> None:
    log = begun(version, debug).open(WEB1, HOME).raw(f"<{WEB1.address}> (0, b'/home")
    assert commands(log)[0].open
    assert any("not whole" in text for _, text in log.model().notes)


@FORMS
def test_a_tuple_of_nobodys_is_passed_over(version: str, debug: bool) -> None:
    """A piped transfer logs its tuple twice."""
    log = begun(version, debug).command(WEB1, HOME, 0, "x\n").raw(f"<{WEB1.address}> (0, b'x\\n', b'')")
    log.command(WEB1, HOME, 4)
    assert [command.rc for command in commands(log)] == [0, 4]


@FORMS
def test_a_smart_transfer_falls_back(version: str, debug: bool) -> None:
    log = begun(version, debug).module(WEB1, ["home", "tmpdir"])
    target = f"{log.tmp(WEB1)}/AnsiballZ_ping.py"
    log.sftp(WEB1, target, told=False)
    log.raw("[WARNING]: sftp transfer mechanism failed on [192.0.2.1]. Use ANSIBLE_DEBUG=1 to see detailed information")
    log.open(WEB1, f"dd of={target} bs=65536", put=("/ctl/tmp1", target)).close(WEB1, 0, "", "1+0 records in\n")
    log.step(WEB1, "chmod").step(WEB1, "exec").result(WEB1)
    stages = log.host("web1").tasks[0].stages
    assert [stage.stage for stage in stages if stage.stage is Stage.TRANSFER] == [Stage.TRANSFER]
    assert all(stage.status is Status.OK for stage in stages)
    (transfer,) = (stage for stage in stages if stage.stage is Stage.TRANSFER)
    assert transfer.command is not None
    assert transfer.command.method == "piped"
    assert "sftp failed" in transfer.note


@FORMS
def test_become(version: str, debug: bool) -> None:
    log = begun(version, debug)
    text = f"/bin/sh -c '{BECOME}/usr/bin/python3 {log.tmp(WEB1)}/AnsiballZ_ping.py' && sleep 0'"
    command = commands(log.command(WEB1, text, 0, "x"))[0]
    assert (command.stage, command.become) == (Stage.EXEC, True)


def test_what_was_sent() -> None:
    log = begun().open(WEB1, "/bin/sh -c '/usr/bin/python3 && sleep 0'")
    command = commands(log.header("Sent initial data (169334 bytes)", WEB1).close(WEB1))[0]
    assert command.sent_bytes == 169334


@pytest.mark.parametrize(
    ("version", "before", "stage"),
    [
        ("2.16.19", "discovery", Stage.PROBE),
        ("2.19.14", "discovery", Stage.EXEC),  # 2.19 has no probe
        ("2.16.19", "home", Stage.EXEC),  # pipelining, with the interpreter known
    ],
)
def test_a_python_that_reads_its_program(version: str, before: str, stage: Stage) -> None:
    log = begun(version).step(WEB1, before).command(WEB1, "/bin/sh -c '/usr/bin/python3 && sleep 0'")
    assert commands(log)[-1].stage is stage


def test_a_worker_that_ends_closes_its_command() -> None:
    log = begun().open(WEB1, HOME).header("done running TaskExecutor() for web1/TASK: Ping [1]", WEB1)
    assert not commands(log)[0].open


@pytest.mark.parametrize("rc", [0, 1, 255, -9])
def test_a_done_line_ends_a_command_that_logs_no_tuple(rc: int) -> None:
    """2.0-2.2 had no tuples."""
    log = begun().open(WEB1, HOME).header(f"_low_level_execute_command() done: rc={rc}, stdout=, stderr=", WEB1)
    (command,) = commands(log)
    assert (command.rc, command.open, command.has_tuple) == (rc, False, False)


def test_times_run_from_the_announcement_to_the_last_output() -> None:
    log = begun().open(WEB1, HOME)
    announced = log.time
    log.chunk(WEB1, "x")
    said = log.time
    (command,) = commands(log.close(WEB1, 0, "", "x"))
    assert command.started == pytest.approx(announced, abs=0.011)
    assert command.ended == command.last_output == pytest.approx(said)
    assert command.started is not None
    assert command.started > START


def test_many_commands_that_ended_well_keep_few_words() -> None:
    log = MiniLog().begin().task("Ping", WEB2).command(WEB2, "cat", 0, "\n".join(map(str, range(50))))
    assert len(commands(log)[0].transcript.plain) <= 6
    log.command(WEB2, "cat", 1, "\n".join(map(str, range(50))))
    assert len(commands(log)[1].transcript.plain) == 50


@pytest.mark.parametrize("version", ["2.16.19", "2.19.14"])
def test_a_piped_transfer_awaits_no_done_line(version: str) -> None:
    """Its tuple has more lines than that of the next command, whose `done` line looks the same."""
    log = begun(version).module(WEB1, ["home", "tmpdir"])
    target = f"{log.tmp(WEB1)}/AnsiballZ_ping.py"
    log.open(WEB1, f"dd of={target} bs=65536", put=("/ctl/tmp1", target)).close(
        WEB1, 0, "", "OpenSSH\n" + "x\n" * 7, done=False
    )
    log.open(WEB1, "/bin/sh -c 'chmod u+x x && sleep 0'").close(WEB1, 0, "", "OpenSSH\n")
    log.open(DB1, HOME).chunk(DB1, "seen")
    texts = [log.data[chunk.start : chunk.end] for chunk in log.model().chunks]
    assert texts[-1] == b"seen"


def test_two_names_at_one_address_that_say_the_same() -> None:
    """With workers' pids, the `done` line behind a tuple tells whose it was."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = MiniLog().begin().task("Ping", one, other).open(one, "id").open(other, "id")
    log.close(other, 0, "same").open(other, "uptime").close(one, 1, "same").close(other, 2, "up")
    log.result(other).result(one, "failed")
    rcs = {name: [command.rc for command in log.host(name).tasks[0].commands] for name in ("api1", "api2")}
    assert rcs == {"api1": [1], "api2": [0, 2]}
