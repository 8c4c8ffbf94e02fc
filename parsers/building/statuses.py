"""How tasks, hosts and runs stand, from what is settled of them: `task_status`, `host_status`, `run_status`."""

from __future__ import annotations

from parsers.actions import tries_again
from parsers.building.cut_off import unfit
from parsers.building.run_builder import RunBuilder
from parsers.model import HostRun, RunStatus, Stage, Status, TaskRun
from parsers.workers.worker import AD_HOC


def task_status(task: TaskRun, *, ended: bool) -> Status:
    """How a host's part of a task stands; `ended` where no more of it is to come."""
    counted = [result for result in task.results if not (result.ignored and result.word in ("failed", "unreachable"))]
    words = {result.word for result in counted}
    if "unreachable" in words:
        return Status.UNREACHABLE
    if "failed" in words or any(result.ignored for result in task.results):
        return Status.FAILED
    open_stages = [stage for stage in task.stages if stage.status in (Status.STALLED, Status.RUNNING)]
    if any(stage.status is Status.STALLED for stage in open_stages):
        return Status.STALLED
    if open_stages:
        return Status.RUNNING
    if words & {"ok", "changed"}:
        return Status.OK
    if words == {"skipped"}:
        return Status.SKIPPED
    if ended and not task.results and unreached(task):
        return Status.UNREACHABLE
    # Queued, and neither a result nor an open command: between two commands, or waiting for a free worker.
    return Status.RUNNING


def unreached(task: TaskRun) -> bool:
    """Whether a task without a result ended with a connection that failed: a paste of a log, up to ssh's own words."""
    last = task.stages[-1] if task.stages else None
    if last is None or last.stage is not Stage.CONNECT or last.status is not Status.FAILED:
        return False
    return not tries_again(task.action)


def host_status(host: HostRun, failures: list[TaskRun], *, over: bool, cleaned: bool, late: bool) -> None:
    """Settles how a host stands: by its recap, else by its failures, else by its newest task.

    `over` where the run is, `cleaned` where Ansible said that it cleans up, `late` where results stand in one document
    behind the run.
    """
    host.failed_stage = host.phase = host.failed_task = None
    if host.recap is not None:
        real = host.recap.get("failed", 0) + host.recap.get("unreachable", 0)
        lost = failures[len(failures) - real :] if real else []
    else:
        # While the run goes on, `meta: clear_host_errors` may still come.
        lost = [t for t in failures if t is host.tasks[-1] or t.status is Status.UNREACHABLE or (t.lost and cleaned)]
    for task in failures:
        task.rescued = task not in lost
    if host.recap is not None and not lost and host.recap.get("unreachable", 0) + host.recap.get("failed", 0):
        host.status = Status.UNREACHABLE if host.recap.get("unreachable") else Status.FAILED
        return
    if lost:
        _broken(host, lost[-1], lost[-1].status)
        return
    if over and late and host.recap is None and unfit(host):
        _broken(host, host.tasks[-1], Status.FAILED)
    elif over:
        counts = host.recap or {}
        idle = counts.get("ok", 0) == 0 and counts.get("skipped", 0) > 0
        host.status = Status.SKIPPED if idle else Status.OK
    if over:
        return
    if not host.tasks:
        host.status = Status.RUNNING
        return
    task = host.tasks[-1]
    if task.status is Status.STALLED:
        _broken(host, task, Status.STALLED)
    elif task.status is Status.FAILED and not task.results:
        _broken(host, task, Status.FAILED)
    elif task.status is Status.RUNNING:
        host.status = Status.RUNNING
        stage = task.stages[-1] if task.stages else None
        host.phase = stage.phase if stage is not None and stage.status is Status.RUNNING else None
    else:
        host.status = Status.OK


def _broken(host: HostRun, task: TaskRun, status: Status) -> None:
    host.status = status
    host.failed_task = task
    stage = task.failed_stage
    if stage is not None:
        host.failed_stage = stage.stage
        host.phase = stage.phase
    else:
        host.failed_stage = Stage.RESULT


def run_status(builder: RunBuilder, hosts: dict[str, HostRun]) -> RunStatus:
    """How a run stands, from its settled hosts by name."""
    run = builder.run
    if run.control_errors and run.recap is None:
        return RunStatus.CONTROL_ERROR
    bad = any(host.status in (Status.FAILED, Status.UNREACHABLE) for host in hosts.values())
    if run.recap is None and not _over_without_recap(builder):
        return RunStatus.INCOMPLETE
    return RunStatus.FAILED if bad else RunStatus.OK


def _over_without_recap(builder: RunBuilder) -> bool:
    """`ansible` prints no recap, nor do callbacks that print no banner: it is over when every host that was queued has
    its result, be it shown or not, and of several tasks the last is behind."""
    section = builder.sections[-1] if builder.sections else None
    return (
        section is not None
        and not section.announced
        and (section.name == AD_HOC or builder.over)
        and (section.drained or {entry.name for entry in section.results} >= set(section.queued))
    )
