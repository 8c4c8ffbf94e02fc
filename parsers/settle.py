"""From what a run's events showed to its hosts, tasks and states: made anew at every snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from parsers.free import is_free, shares
from parsers.model import HostRun, Run, RunStatus, Stage, Status, TaskRun
from parsers.run_builder import RunBuilder
from parsers.stages import stages_of
from parsers.workers import Section, Worker


def settle(builder: RunBuilder, *, now: float | None) -> None:
    """Fills `builder.run`'s hosts and states. `now` (seconds since the epoch) for a run that goes on."""
    run = builder.run
    order = _names_of(builder)
    hosts: dict[str, HostRun] = {}
    for name in order:
        hosts[name] = _anew(run.hosts.get(name), name)
    started: set[str] = set()
    live = now is not None and run.recap is None
    for section, name, workers in _shares(builder, order):
        host = hosts.get(name)
        if host is None:
            host = hosts[name] = _anew(run.hosts.get(name), name)
        task = _task(section, name, workers)
        host.tasks.append(task)
        _address(host, task, workers)
        fresh = name not in started and any(command.tool.value != "local" for command in task.commands)
        if fresh:
            started.add(name)
        task.stages = stages_of(
            task,
            first_of_host=fresh,
            last_time=now if live else run.last_time,
            live=live,
        )
        task.status = _task_status(task, ended=not live and run.recap is None)
    for place, recap in builder.recaps:
        host = hosts.get(recap.name)
        if host is None:
            host = hosts[recap.name] = HostRun(recap.name)
        host.recap, host.recap_place = recap.counts, place
    for host in hosts.values():
        _host_status(host, over=run.recap is not None)
    run.hosts = hosts
    run.reassembly = replace(builder.commands.reassembly, open=len(builder.commands.open))
    run.status = _run_status(builder, hosts)


def _shares(builder: RunBuilder, known: dict[str, int]) -> Iterator[tuple[Section, str, list[Worker]]]:
    """Every task of every host, with its workers."""
    plays: dict[int, list[Section]] = {}
    for section in builder.sections:
        plays.setdefault(section.play_index, []).append(section)
    waiting = [section for play in plays.values() if not is_free(play) for section in play]
    builder.names.learn(waiting, known)
    for play in plays.values():
        if is_free(play):
            yield from shares(play, known, builder.titles)
            continue
        for section in play:
            found = builder.names.settle(section)
            workers: dict[str, list[Worker]] = {}
            for index, worker in enumerate(section.workers):
                owner = worker.name or found.get(index) or worker.address
                if owner is not None:
                    workers.setdefault(owner, []).append(worker)
            for name in dict.fromkeys([*section.queued, *workers, *(entry.name for entry in section.results)]):
                yield section, name, workers.get(name, [])


def _anew(host: HostRun | None, name: str) -> HostRun:
    """A host with nothing in it: the object stays, what an earlier snapshot took for true does not."""
    if host is None:
        return HostRun(name)
    host.address = host.port = host.user = None
    host.connection = "ssh"
    host.tasks = []
    return host


def _names_of(builder: RunBuilder) -> dict[str, int]:
    names: dict[str, int] = {}
    for section in builder.sections:
        for name in section.queued:
            names.setdefault(name, len(names))
        for worker in section.workers:
            if worker.name is not None:
                names.setdefault(worker.name, len(names))
    for section in builder.sections:
        for who, _ in section.discovered:
            names.setdefault(who, len(names))
        for entry in section.results:
            names.setdefault(entry.name, len(names))
    for _, recap in builder.recaps:
        names.setdefault(recap.name, len(names))
    return names


def _task(section: Section, name: str, workers: list[Worker]) -> TaskRun:
    # Worked out anew every time: which workers are a name's can change with what comes later.
    first = section.queued.get(name) or (workers[0].first if workers else section.first)
    task = section.tasks.get(name)
    if task is None:
        task = section.tasks[name] = TaskRun(section.name, first, play=section.play, handler=section.handler)
    task.first = first
    task.path = section.path
    task.action = section.action
    commands = [command for worker in workers for command in worker.commands]
    task.commands = sorted(commands, key=lambda command: command.index)
    for command in task.commands:
        command.task = task
    own = [entry for entry in section.results if entry.name == name]
    task.results = [entry.result for entry in own]
    task.delegate = next((entry.delegate for entry in own if entry.delegate), None)
    task.ignored = any(result.ignored for result in task.results)
    lines = [command.last_line for command in task.commands] + [result.last_line for result in task.results]
    task.last_line = max(lines, default=task.first.line)
    if task.first.line > min((command.opened.line for command in task.commands), default=task.first.line):
        task.first = min(command.opened for command in task.commands)
    return task


def _task_status(task: TaskRun, *, ended: bool) -> Status:
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
    if ended and not task.results and _unreached(task):
        return Status.UNREACHABLE
    # Queued, and neither a result nor an open command: between two commands, or waiting for a free worker.
    return Status.RUNNING


def _unreached(task: TaskRun) -> bool:
    """Whether a task without a result ended with a connection that failed: a paste of a log, up to ssh's own words."""
    last = task.stages[-1] if task.stages else None
    if last is None or last.stage is not Stage.CONNECT or last.status is not Status.FAILED:
        return False
    return (task.action or "").rpartition(".")[2] not in ("wait_for_connection", "reboot")


def _address(host: HostRun, task: TaskRun, workers: list[Worker]) -> None:
    if task.delegate is not None:
        return
    for worker in workers:
        if worker.address is None:
            continue
        if worker.local and host.address is not None:
            continue  # a local action of a host that is reached over ssh elsewhere
        host.address, host.port, host.user = worker.address, worker.port, worker.user or host.user
        host.connection = "local" if worker.local else "ssh"


def _host_status(host: HostRun, *, over: bool) -> None:
    host.failed_stage = host.phase = host.failed_task = None
    failures = [task for task in host.tasks if task.status in (Status.FAILED, Status.UNREACHABLE) and not task.ignored]
    if host.recap is not None:
        real = host.recap.get("failed", 0) + host.recap.get("unreachable", 0)
        lost = failures[len(failures) - real :] if real else []
    else:
        lost = [task for task in failures if task is host.tasks[-1] or task.status is Status.UNREACHABLE]
    for task in failures:
        task.rescued = task not in lost
    for task in host.tasks:
        if task not in failures:
            task.rescued = False
    if host.recap is not None and not lost and host.recap.get("unreachable", 0) + host.recap.get("failed", 0):
        host.status = Status.UNREACHABLE if host.recap.get("unreachable") else Status.FAILED
        return
    if lost:
        _broken(host, lost[-1], lost[-1].status)
        return
    if over:
        counts = host.recap or {}
        idle = counts.get("ok", 0) == 0 and counts.get("skipped", 0) > 0
        host.status = Status.SKIPPED if idle else Status.OK
        return
    if not host.tasks:
        host.status = Status.RUNNING
        return
    task = host.tasks[-1]
    if task.status is Status.STALLED:
        _broken(host, task, Status.STALLED)
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


def _run_status(builder: RunBuilder, hosts: dict[str, HostRun]) -> RunStatus:
    run: Run = builder.run
    if run.control_errors and run.recap is None:
        return RunStatus.CONTROL_ERROR
    bad = any(host.status in (Status.FAILED, Status.UNREACHABLE) for host in hosts.values())
    if run.recap is None and not _adhoc_over(builder):
        return RunStatus.INCOMPLETE
    return RunStatus.FAILED if bad else RunStatus.OK


def _adhoc_over(builder: RunBuilder) -> bool:
    """`ansible` prints no recap: it is over when every host that was queued has its result."""
    section = builder.sections[-1] if builder.sections else None
    return (
        section is not None
        and section.name == "ad hoc"
        and {entry.name for entry in section.results} >= set(section.queued)
    )
