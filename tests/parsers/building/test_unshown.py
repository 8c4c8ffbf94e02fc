"""How a task ended where no result says it: from the parent's debug lines and the host's last command."""

from __future__ import annotations

import pytest

from parsers.log_model import LogModel
from parsers.model import RunStatus, Stage, Status
from tests.parsers.minilog import DB1, HOME, VERSIONS, WEB1, WEB2, MiniLog, said

IN = "no more pending results, returning what we have"


def statuses(model: LogModel) -> dict[str, list[Status]]:
    """Of each host's tasks."""
    return {name: [task.status for task in host.tasks] for name, host in model.runs[0].hosts.items()}


def ended(log: MiniLog) -> MiniLog:
    """With the end of a run whose callback prints no recap."""
    return log.header("RUNNING CLEANUP")


def unshown(version: str, *, drained: bool = True) -> MiniLog:
    """A task of three hosts: one that is well, one whose module fails, one with no temporary directory."""
    log = MiniLog(version).begin().task("Ping", WEB1, WEB2, DB1, banner=False)
    for box in (WEB1, WEB2):
        log.module(box)
    log.step(DB1, "home").step(DB1, "tmpdir", rc=1, err="mkdir: cannot create directory\n")
    log.header("marking web2 as failed")
    return log.header(IN) if drained else log


@VERSIONS
def test_a_run_that_shows_no_results(version: str) -> None:
    model = ended(unshown(version)).model()
    run = model.runs[0]
    assert statuses(model) == {"web1": [Status.OK], "web2": [Status.FAILED], "db1": [Status.UNREACHABLE]}
    assert [host.status for host in run.hosts.values()] == [Status.OK, Status.FAILED, Status.UNREACHABLE]
    assert run.hosts["db1"].failed_stage is Stage.TMPDIR
    assert run.status is RunStatus.FAILED
    assert "no result of a host is shown" in said(model)
    # Up to 2.16 each line has its worker's pid, and that is named.
    assert ("whose address is whose" in said(model)) is (version > "2.17")


@VERSIONS
def test_only_a_failure_is_told_before_all_results_are_in(version: str) -> None:
    """A run that was interrupted cleans up as well."""
    log = unshown(version, drained=False)
    for model in (log.model(now=log.time), ended(log).model()):
        assert statuses(model) == {"web1": [Status.RUNNING], "web2": [Status.FAILED], "db1": [Status.RUNNING]}
        assert model.runs[0].status is RunStatus.INCOMPLETE


@pytest.mark.parametrize("version", ["2.13.13", "2.16.19", "2.17.14"])
def test_who_is_done_is_told_while_others_hang(version: str) -> None:
    """From 2.19 on no line says so."""
    log = unshown(version, drained=False)
    for box in (WEB1, DB1):
        log.header(f"done running TaskExecutor() for {box.name}/TASK: Ping [0242-1]", box)
    assert statuses(log.model(now=log.time)) == {
        "web1": [Status.RUNNING],
        "web2": [Status.FAILED],
        "db1": [Status.UNREACHABLE],
    }


@VERSIONS
def test_who_cannot_be_reached_and_has_stopped_trying_while_others_hang(version: str) -> None:
    log = MiniLog(version).begin().task("Ping", WEB1, DB1, banner=False).open(WEB1, HOME).open(DB1, HOME)
    refused = "ssh: connect to host 192.0.2.7 port 22: Connection refused\r\n"
    log.chunk(DB1, refused).close(DB1, 255, err=refused)
    soon, later = (log.host("db1", now=log.time + seconds) for seconds in (20, 40))
    assert (soon.status, later.status) == (Status.RUNNING, Status.UNREACHABLE)
    assert later.failed_stage is Stage.CONNECT


@VERSIONS
def test_the_next_task_shows_that_the_one_before_is_over(version: str) -> None:
    log = unshown(version).task("Next", WEB1, action="debug", banner=False)
    model = log.model(now=log.time)
    assert statuses(model) == {
        "web1": [Status.OK, Status.RUNNING],
        "web2": [Status.FAILED],
        "db1": [Status.UNREACHABLE],
    }


@VERSIONS
def test_a_connection_that_was_lost_while_the_module_ran(version: str) -> None:
    """The folder was removed over another connection, and its rc is 0."""
    log = MiniLog(version).begin().task("Ping", WEB1, banner=False).module(WEB1, ("home", "tmpdir", "transfer"))
    log.step(WEB1, "exec", rc=255, err="Connection to 192.0.2.1 closed by remote host.\r\n").step(WEB1, "cleanup")
    host = ended(log.header(IN)).host("web1")
    assert (host.status, host.failed_stage) == (Status.UNREACHABLE, Stage.EXEC)


@VERSIONS
@pytest.mark.parametrize("action", ["reboot", "ping"])
def test_what_was_tried_again_and_worked_is_well(version: str, action: str) -> None:
    log = MiniLog(version).begin().task("Ping", WEB1, action=action, banner=False)
    log.step(WEB1, "home").step(WEB1, "tmpdir").step(WEB1, "transfer", rc=255).step(WEB1, "transfer")
    log.step(WEB1, "exec", rc=255).step(WEB1, "exec").step(WEB1, "cleanup", rc=255 if action == "reboot" else 0)
    assert ended(log.header(IN)).host("web1").status is Status.OK


@VERSIONS
@pytest.mark.parametrize(("state", "status"), [(2, Status.OK), (3, Status.FAILED), (5, Status.FAILED)])
def test_a_block_that_goes_on_with_its_rescue_or_with_what_it_always_does(
    version: str, state: int, status: Status
) -> None:
    log = MiniLog(version).begin().task("Ping", WEB1, banner=False).module(WEB1).header("marking web1 as failed")
    log.header(f"^ failed state is now: HOST STATE: block=2, task=1, run_state={state}, fail_state=2").header(IN)
    log.task("Next", WEB1, banner=False).module(WEB1).header(IN)
    assert ended(log).host("web1").status is status


@VERSIONS
def test_hosts_that_do_not_wait_for_each_other(version: str) -> None:
    log = MiniLog(version).begin().play("all")
    for box in (WEB1, WEB2):
        log.header(f"[{box.name}]: free host task: TASK: Ping" if version < "2.17" else "free host task: TASK: Ping")
        log.task("Ping", box, banner=False).module(box)
    log.header("marking web2 as failed").header(IN)
    assert {name: host.status for name, host in ended(log).model().runs[0].hosts.items()} == {
        "web1": Status.OK,
        "web2": Status.FAILED,
    }


@VERSIONS
@pytest.mark.parametrize(("action", "status"), [("debug", Status.OK), ("ansible.builtin.copy", Status.SKIPPED)])
def test_who_needed_a_command_and_ran_none_was_skipped(version: str, action: str, status: Status) -> None:
    log = MiniLog(version).begin().play("all").task("Ping", WEB1).module(WEB1).result(WEB1)
    log.task("Sometimes", WEB1, action=action).header(IN).recap(web1={"ok": 1})
    assert statuses(log.model()) == {"web1": [Status.OK, status]}


@VERSIONS
def test_a_banner_that_comes_with_the_first_result_that_is_shown(version: str) -> None:
    """`display_skipped_hosts = no`: the banner stands behind the task's commands, and the next task may have none."""
    log = MiniLog(version).begin().play("all").task("Ping", WEB1, WEB2, banner=False)
    for box in (WEB1, WEB2):
        log.module(box)
    log.raw("", "TASK [Ping] ****", "task path: /site/ping.yml:4").result(WEB1).result(WEB2).header(IN)
    log.task("Sometimes", WEB1, WEB2, action="copy", banner=False).header(IN)
    log.task("Last", WEB1, WEB2, action="command", banner=False).module(WEB1).module(WEB2)
    log.raw("", "TASK [Last] ****").result(WEB1).result(WEB2, "failed").header(IN)
    model = log.recap(web1={"ok": 2, "skipped": 1}, web2={"ok": 1, "skipped": 1, "failed": 1}).model()
    assert statuses(model) == {
        "web1": [Status.OK, Status.SKIPPED, Status.OK],
        "web2": [Status.OK, Status.SKIPPED, Status.FAILED],
    }
    tasks = model.runs[0].hosts["web2"].tasks
    assert [task.name for task in tasks][::2] == ["Ping", "Last"]
    assert tasks[0].path == "/site/ping.yml:4"
    assert tasks[0].commands
    assert not tasks[1].commands
    assert tasks[2].commands


@VERSIONS
def test_the_end_of_a_task_before_a_log_s_first_banner_is_not_that_banner_s(version: str) -> None:
    """A log that begins in the middle."""
    log = MiniLog(version).begin().task("Lost", WEB1, banner=False).module(WEB1).result(WEB1).header(IN)
    log.task("Ping", WEB1).module(WEB1).result(WEB1).header(IN)
    tasks = log.model().runs[0].hosts["web1"].tasks
    assert len(tasks) == 2
    assert tasks[1].name == "Ping"
    assert all(task.commands for task in tasks)
