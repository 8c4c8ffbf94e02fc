"""A run that dies on the control node leaves no host running."""

from __future__ import annotations

from parsers.analysis import Analysis
from parsers.model import NO_RESULT, RunStatus, Stage, Status
from tests.parsers.helpers import analyse
from tests.parsers.minilog import DB1, HOME, WEB1, WEB2, MiniLog

DEAD = "[ERROR]: A worker was found in a dead state"


def died(version: str = "2.19.14") -> MiniLog:
    """web1 has its result, db1 is at work with an open command, web2 waits."""
    log = MiniLog(version).begin().task("Ping", WEB1, DB1, WEB2).module(WEB1).result(WEB1).open(DB1, HOME)
    return log.raw(DEAD)


def states(log: MiniLog, *, now: float | None = None) -> dict[str, tuple[Status, Stage | None]]:
    """Status and broken stage of each host."""
    return {host.name: (host.status, host.failed_stage) for host in log.model(now=now).runs[-1].hosts.values()}


def test_what_waited_for_its_turn_has_failed() -> None:
    log = died()
    assert states(log) == {
        "web1": (Status.OK, None),
        "db1": (Status.STALLED, Stage.CONNECT),
        "web2": (Status.FAILED, Stage.RESULT),
    }
    host = log.host("web2")
    assert host.failed_task is not None
    assert (host.failed_task.status, [stage.note for stage in host.failed_task.stages]) == (Status.FAILED, [NO_RESULT])
    assert log.model().runs[0].status is RunStatus.CONTROL_ERROR


def test_between_two_commands_counts_too() -> None:
    log = MiniLog("2.19.14").begin().task("Ping", DB1).step(DB1, "home").raw(DEAD)
    host = log.host("db1")
    assert (host.status, host.failed_stage) == (Status.FAILED, Stage.RESULT)
    assert host.failed_task is not None
    assert [str(stage.stage) for stage in host.failed_task.stages] == ["connect", "home", "result"]


def test_a_run_that_goes_on_is_not_over_before_ansible_says_so() -> None:
    log = died()
    assert states(log, now=log.time)["web2"][0] is Status.RUNNING
    log.header("RUNNING CLEANUP")
    assert states(log, now=log.time)["web2"][0] is Status.FAILED


def test_a_recap_behind_the_error_tells_better() -> None:
    log = MiniLog("2.19.14").begin().task("Ping", DB1).raw("[ERROR]: something of a plugin").recap(db1={"ok": 1})
    assert log.host("db1").status is Status.OK


def test_a_run_that_was_interrupted_or_cut_has_not_failed() -> None:
    for said in ("[ERROR]: User interrupted execution", ""):
        log = MiniLog("2.19.14").begin().task("Ping", DB1).step(DB1, "home").raw(said)
        assert log.host("db1").status is Status.RUNNING


def test_hosts_that_do_not_wait_for_each_other() -> None:
    """`strategy: free`: web1 is a task ahead when the run dies, and db1's newest one is over."""
    log = MiniLog("2.16.19").begin().task("First", WEB1, DB1)
    log.module(WEB1).result(WEB1).task("Second", WEB1).step(WEB1, "home").module(DB1).result(DB1).raw(DEAD)
    assert states(log) == {"web1": (Status.FAILED, Stage.RESULT), "db1": (Status.OK, None)}


def test_every_cut_of_the_log_leads_to_the_same() -> None:
    log = died()
    model, _ = analyse([log.data[at : at + 97] for at in range(0, len(log.data), 97)], between=Analysis.snapshot)
    assert {host.name: (host.status, host.failed_stage) for host in model.runs[-1].hosts.values()} == states(log)
