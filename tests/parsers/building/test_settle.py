"""From what a run showed to the states of its hosts and tasks, and of the run."""

from __future__ import annotations

import pytest

from parsers.model import HostRun, RunStatus, Stage, Status
from tests.parsers.minilog import DB1, HOME, WEB1, Box, MiniLog

KINDS = [("2.13.13", True), ("2.16.19", True), ("2.17.14", True), ("2.19.14", True), ("2.19.14", False)]
FORMS = pytest.mark.parametrize(("version", "debug"), KINDS)
REFUSED = "ssh: connect to host 192.0.2.7 port 22: Connection refused\r\n"


def begun(version: str = "2.16.19", debug: bool = True, *boxes: Box) -> MiniLog:
    """A log whose task is queued."""
    return MiniLog(version, debug=debug).begin().task("Ping", *(boxes or (DB1,)))


def broken(host: HostRun) -> tuple[Status, Stage | None, str | None]:
    """What the contract has of a host."""
    return host.status, host.failed_stage, host.phase


@FORMS
def test_all_is_well(version: str, debug: bool) -> None:
    log = begun(version, debug).module(DB1).result(DB1).recap(db1={"ok": 1})
    assert broken(log.host("db1")) == (Status.OK, None, None)
    assert log.model().runs[0].status is RunStatus.OK
    assert log.host("db1").failed_task is None


@FORMS
def test_unreachable(version: str, debug: bool) -> None:
    log = begun(version, debug).command(DB1, HOME, 255, "", REFUSED).result(DB1, "unreachable", msg=REFUSED)
    log.recap(db1={"unreachable": 1})
    host = log.host("db1")
    assert broken(host) == (Status.UNREACHABLE, Stage.CONNECT, "tcp")
    assert host.failed_task is host.tasks[0]
    assert host.current_task is host.tasks[0]
    assert host.tasks[0].status is Status.UNREACHABLE
    assert log.model().runs[0].status is RunStatus.FAILED


@FORMS
@pytest.mark.parametrize("stage", ["tmpdir", "transfer", "chmod", "exec"])
def test_the_stage_that_failed(version: str, debug: bool, stage: str) -> None:
    steps = ["home", "tmpdir", "transfer", "chmod", "exec"]
    log = begun(version, debug).module(DB1, steps[: steps.index(stage)]).step(DB1, stage, 1, "", "no\n")
    host = log.result(DB1, "failed", msg="no").recap(db1={"failed": 1}).host("db1")
    assert broken(host) == (Status.FAILED, Stage(stage), None)


@FORMS
def test_a_module_that_says_it_failed(version: str, debug: bool) -> None:
    host = (
        begun(version, debug).module(DB1).result(DB1, "failed", msg="no such user").recap(db1={"failed": 1}).host("db1")
    )
    assert broken(host) == (Status.FAILED, Stage.RESULT, None)


@FORMS
def test_a_task_that_fails_before_anything_is_sent(version: str, debug: bool) -> None:
    host = begun(version, debug).result(DB1, "failed", msg="'x' is undefined").recap(db1={"failed": 1}).host("db1")
    assert broken(host) == (Status.FAILED, Stage.CONTROL, None)


@FORMS
def test_an_ignored_failure(version: str, debug: bool) -> None:
    log = begun(version, debug).step(DB1, "exec", 1).result(DB1, "failed", msg="no").raw("...ignoring")
    host = log.task("Next", DB1).module(DB1).result(DB1).recap(db1={"ok": 2, "ignored": 1}).host("db1")
    assert broken(host) == (Status.OK, None, None)
    first, last = host.tasks
    assert (first.status, first.ignored, first.rescued) == (Status.FAILED, True, False)
    assert (last.status, last.ignored) == (Status.OK, False)


@FORMS
def test_a_rescued_failure(version: str, debug: bool) -> None:
    log = begun(version, debug).step(DB1, "exec", 1).result(DB1, "failed", msg="no")
    host = log.task("Rescue", DB1).module(DB1).result(DB1).recap(db1={"ok": 1, "rescued": 1}).host("db1")
    assert broken(host) == (Status.OK, None, None)
    assert (host.tasks[0].status, host.tasks[0].rescued) == (Status.FAILED, True)


@FORMS
def test_a_rescue_that_fails_too(version: str, debug: bool) -> None:
    log = begun(version, debug).step(DB1, "exec", 1).result(DB1, "failed", msg="no")
    log.task("Rescue", DB1).step(DB1, "tmpdir", 1).result(DB1, "failed", msg="neither")
    host = log.recap(db1={"failed": 1, "rescued": 1}).host("db1")
    assert broken(host) == (Status.FAILED, Stage.TMPDIR, None)
    assert [task.rescued for task in host.tasks] == [True, False]


@FORMS
def test_a_loop_with_one_bad_item(version: str, debug: bool) -> None:
    log = begun(version, debug).module(DB1).result(DB1, "changed", item="a")
    log.step(DB1, "transfer").step(DB1, "exec", 1).result(DB1, "failed", msg="no", item="b")
    host = log.result(DB1, "failed", msg="One or more items failed").recap(db1={"failed": 1}).host("db1")
    assert broken(host) == (Status.FAILED, Stage.EXEC, None)
    assert [result.item for result in host.tasks[0].results] == ["a", "b", None]


@FORMS
def test_a_skipped_task_and_a_host_that_only_skips(version: str, debug: bool) -> None:
    log = begun(version, debug, WEB1, DB1).result(WEB1, "skipped").module(DB1).result(DB1)
    log.recap(web1={"skipped": 1}, db1={"ok": 1})
    assert log.host("web1").status is Status.SKIPPED
    assert log.host("web1").tasks[0].status is Status.SKIPPED
    assert log.host("db1").status is Status.OK


def test_an_included_file_is_done_for_each_of_its_hosts() -> None:
    log = begun("2.16.19", True, WEB1, DB1).raw("included: /site/more.yml for web1, db1")
    log.task("More", WEB1, DB1).module(WEB1).module(DB1).result(WEB1).result(DB1).recap(web1={"ok": 2}, db1={"ok": 2})
    for name in ("web1", "db1"):
        assert [task.status for task in log.host(name).tasks] == [Status.OK, Status.OK]


def test_a_handler() -> None:
    log = begun().module(DB1).result(DB1, "changed").task("Restart", DB1, kind="RUNNING HANDLER").module(DB1)
    tasks = log.result(DB1).recap(db1={"ok": 2}).host("db1").tasks
    assert [(task.name, task.handler, len(task.commands)) for task in tasks] == [
        ("Ping", False, 6),
        ("Restart", True, 6),
    ]


def test_a_task_and_its_facts() -> None:
    task = begun().module(DB1).result(DB1).recap(db1={"ok": 1}).host("db1").tasks[0]
    assert (task.name, task.action, task.play, task.path) == ("Ping", "ping", "all", "/site/ping.yml:4")
    assert task.first.line < task.commands[0].opened.line
    assert task.last_line >= task.results[0].last_line


# ---------------------------------------------------------------------------------------------------------------
# Runs that did not end.


@FORMS
def test_a_log_that_ends_in_a_command(version: str, debug: bool) -> None:
    log = begun(version, debug).module(DB1, ["home", "tmpdir"]).result(DB1).task("Next", DB1).step(DB1, "home")
    log.open(DB1, f"/bin/sh -c '/usr/bin/python3 {log.tmp(DB1)}/AnsiballZ_ping.py && sleep 0'")
    assert broken(log.host("db1")) == (Status.STALLED, Stage.EXEC, None)
    assert log.model().runs[0].status is RunStatus.INCOMPLETE


@pytest.mark.parametrize("version", ["2.16.19", "2.19.14"])
@pytest.mark.parametrize(("later", "status"), [(5.0, Status.RUNNING), (60.0, Status.STALLED)])
def test_a_live_run_is_silent(version: str, later: float, status: Status) -> None:
    log = begun(version).step(DB1, "home").open(DB1, "/bin/sh -c 'umask 77 && mkdir -p x'")
    host = log.host("db1", now=log.time + later)
    assert host.status is status
    assert host.failed_stage is (Stage.TMPDIR if status is Status.STALLED else None)


@pytest.mark.parametrize("version", ["2.16.19", "2.19.14"])
def test_a_live_module_at_work_is_never_stalled(version: str) -> None:
    log = begun(version).step(DB1, "home")
    log.open(DB1, f"/bin/sh -c '/usr/bin/python3 {log.tmp(DB1)}/AnsiballZ_ping.py && sleep 0'")
    assert log.host("db1", now=log.time + 86400).status is Status.RUNNING


def test_a_host_that_waits_for_a_worker_is_running() -> None:
    log = begun("2.16.19", True, WEB1, DB1).open(WEB1, HOME)
    assert log.host("db1", now=log.time).status is Status.RUNNING
    assert log.host("web1", now=log.time).status is Status.RUNNING


def test_a_recap_ends_a_live_run() -> None:
    log = begun().open(DB1, HOME).recap(db1={"ok": 1})
    assert log.model(now=log.time + 1).runs[0].status is RunStatus.OK


def test_between_two_tasks_a_live_host_is_ok() -> None:
    log = begun().module(DB1).result(DB1)
    assert log.host("db1", now=log.time).status is Status.OK


def test_a_failure_counts_before_the_recap() -> None:
    log = begun().step(DB1, "tmpdir", 1).result(DB1, "unreachable", msg="x")
    assert broken(log.host("db1", now=log.time)) == (Status.UNREACHABLE, Stage.TMPDIR, None)


def test_an_earlier_run_is_over_while_the_newest_goes_on() -> None:
    log = begun().open(DB1, HOME)
    model = log.begin().task("Ping", DB1).open(DB1, HOME).model(now=log.time + 1)
    assert [run.hosts["db1"].status for run in model.runs] == [Status.STALLED, Status.RUNNING]


# ---------------------------------------------------------------------------------------------------------------
# The recap alone.


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ({"ok": 1}, Status.OK),
        ({"ok": 1, "ignored": 1}, Status.OK),
        ({"ok": 1, "unreachable": 1}, Status.UNREACHABLE),
        ({"ok": 1, "failed": 1}, Status.FAILED),
        ({"skipped": 2}, Status.SKIPPED),
        ({}, Status.OK),
    ],
)
def test_a_recap_without_the_tasks(counts: dict[str, int], status: Status) -> None:
    host = MiniLog(debug=False).play("all").recap(db1=counts).host("db1")
    assert host.status is status
    assert host.recap is not None
    assert host.recap_place is not None
    assert (host.failed_stage, host.tasks) == (None, [])


@pytest.mark.parametrize(("action", "status"), [("ping", "unreachable"), ("wait_for_connection", "running")])
def test_a_paste_that_ends_with_a_connection_that_failed(action: str, status: str) -> None:
    log = MiniLog(debug=False).begin().task("Ping", WEB1)
    log.raw(*([f"{action}: attempting ping module test"] if action != "ping" else []))
    log.raw(
        "<192.0.2.1> ESTABLISH SSH CONNECTION FOR USER: deploy",
        "<192.0.2.1> SSH: EXEC ssh -C -o Port=22 192.0.2.1 '/bin/sh -c '\"'\"'echo ~deploy && sleep 0'\"'\"''",
        "<192.0.2.1> (255, b'', b'ssh: connect to host 192.0.2.1 port 22: Connection refused\\r\\n')",
    )
    (host,) = log.model().runs[0].hosts.values()
    assert (str(host.status), host.phase) == (status, "tcp" if status == "unreachable" else None)


@pytest.mark.parametrize("ends", [True, False])
def test_a_task_that_hangs_where_it_is_delegated_to_is_not_the_hosts_own_address(ends: bool) -> None:
    """No result says so yet: another host's address does."""
    there = Box(DB1.name, WEB1.address)
    log = begun("2.19.14", True, DB1, WEB1).module(DB1).result(DB1).module(WEB1).result(WEB1)
    log.task("Tell", DB1).step(there, "home")
    log = log.module(there, ("tmpdir", "transfer", "chmod", "exec", "cleanup")) if ends else log.open(there, "sleep 99")
    if ends:
        log.result(f"{DB1.name} -> {WEB1.name}({WEB1.address})").recap(db1={"ok": 2}, web1={"ok": 1})
    host = log.host("db1")
    assert host.address == DB1.address
    assert [task.delegate for task in host.tasks] == [None, "web1"]
