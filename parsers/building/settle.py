"""From what a run's events showed to its hosts, tasks and states; what is over is kept from look to look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from parsers.building.cut_off import cut_off
from parsers.building.remarks import mute
from parsers.building.run_builder import RunBuilder
from parsers.building.settled import KeptHost
from parsers.building.statuses import host_status, run_status, task_status, unreached
from parsers.building.unshown import unshown
from parsers.model import HostRun, Status, TaskRun, Tool
from parsers.pause import Pause, never
from parsers.stages import stages_of
from parsers.workers.crossed import give_back
from parsers.workers.free import is_free
from parsers.workers.free import shares as shares_of_free
from parsers.workers.worker import Section, Worker

_LONGEST_PAUSE = 31.0
"""Seconds: between two attempts of ssh Ansible waits up to 30 (`_ssh_retry`, 2.0-2.21)."""


@dataclass(slots=True)
class Weighed:
    """Whose each worker of a run is, as the log stands: what `settle` goes by. Made without touching the model."""

    known: dict[str, int]
    free: set[int]
    """Plays whose hosts do not wait for each other."""
    found: dict[int, dict[int, str]]
    """By section: names of workers by their place."""


def weigh(builder: RunBuilder, pause: Pause = never) -> Weighed:
    """Finds out whose the workers are; changes nothing that a reader of the model sees."""
    kept, names = builder.settled, builder.names
    plays: dict[int, list[Section]] = {}
    for section in builder.sections:
        plays.setdefault(section.play_index, []).append(section)
    free = {index for index, play in plays.items() if is_free(play)}
    known = _names_of(builder)
    over = builder.sections[: len(kept.changes)]
    changed = any(section.changes != held for section, held in zip(over, kept.changes, strict=True))
    if changed or free & kept.plays or (kept.priors and known != kept.known):
        known = _forget(builder)
    while True:
        waiting = [section for section in builder.sections[len(kept.changes) :] if section.play_index not in free]
        names.learn(kept.unweighed, waiting, known, pause)
        kept.unweighed.clear()
        same = not kept.priors or names.order == kept.order
        if same and all(names.prior(key) == prior for key, prior in kept.priors.items()):
            return Weighed(known, free, {section.index: names.settle(section) for section in waiting})
        known = _forget(builder)


def _forget(builder: RunBuilder) -> dict[str, int]:
    builder.settled.forget()
    builder.names.forget()
    return _names_of(builder)


def settle(builder: RunBuilder, *, now: float | None, weighed: Weighed | None = None) -> None:
    """Fills `builder.run`'s hosts and states. `now` (seconds since the epoch) for a run that goes on.

    `weighed` is what `weigh` found, where nothing was fed since.
    """
    weighed = weighed or weigh(builder)
    live = now is not None and builder.run.recap is None
    made = _Made(builder, weighed, live=live, now=now)
    made.settle()
    run, hosts = builder.run, made.hosts
    if made.dead:
        cut_off(hosts.values(), builder.sections, weighed.free)
    for place, recap in builder.recaps:
        host = hosts.get(recap.name)
        if host is None:
            host = hosts[recap.name] = HostRun(recap.name)
        host.recap, host.recap_place = recap.counts, place
    for host in hosts.values():
        failures = made.failures.get(host.name, [])
        host_status(host, failures, over=run.recap is not None, cleaned=builder.over, late=builder.late)
    run.hosts = hosts
    run.reassembly = replace(builder.commands.reassembly, open=builder.commands.unended())
    run.status = run_status(builder, hosts)


class _Made:
    """The hosts of a run at one look: those tasks that are over as they were kept, the others anew."""

    def __init__(self, builder: RunBuilder, weighed: Weighed, *, live: bool, now: float | None) -> None:
        self._builder = builder
        self._kept = builder.settled
        self._weighed = weighed
        self._live = live
        self._mute = not live and mute(builder)
        run = builder.run
        self.dead = bool(run.control_errors) and run.recap is None and (builder.over or not live)
        self._last_time = now if live else builder.run.last_time
        self._started = set(self._kept.started)
        self._undecided = builder.commands.nameless.undecided()
        self._tasks: dict[tuple[int, str], tuple[object, ...]] = {}
        self.failures: dict[str, list[TaskRun]] = {name: list(kept.failures) for name, kept in self._kept.hosts.items()}
        self.hosts: dict[str, HostRun] = {}
        for name in [*weighed.known, *self._kept.hosts]:
            if name not in self.hosts:
                self.hosts[name] = _as_kept(builder.run.hosts.get(name), name, self._kept.hosts.get(name))

    def settle(self) -> None:
        """Goes over the tasks that are not over."""
        first = len(self._kept.changes)
        sections = self._builder.sections
        told: set[int] = set()
        over = True
        for section in sections[first:]:
            play = section.play_index
            if play not in self._weighed.free:
                if not self._builder.run.debug:
                    give_back(section, self._weighed.found[section.index])
                shares = _shares_of(section, self._weighed.found[section.index])
                ended = section is not sections[-1] or section.drained
                tasks = [
                    self._share(section, name, workers, done=ended and name in section.queued)
                    for name, workers in shares
                ]
                over = over and section is not sections[-1] and self._over(section, tasks)
                if over:
                    self._keep(section, [name for name, _ in shares])
                continue
            over = False
            if play not in told:
                told.add(play)
                own = [one for one in sections if one.play_index == play]
                done = own[-1].drained and (self._builder.over or own[-1] is not sections[-1])
                for part, name, workers in shares_of_free(own, self._weighed.known, self._builder.titles):
                    self._share(part, name, workers, done=done, lasting=False)
        self._kept.tasks = self._tasks

    def _share(
        self, section: Section, name: str, workers: list[Worker], *, done: bool, lasting: bool = True
    ) -> TaskRun:
        """A host's part of a task. `done`: its result has come, be it shown or not. `lasting`: the workers are the same
        objects at the next look."""
        host = self.hosts.get(name)
        if host is None:
            host = self.hosts[name] = _as_kept(self._builder.run.hosts.get(name), name, None)
        remote = any(command.tool is not Tool.LOCAL for worker in workers for command in worker.commands)
        fresh = name not in self._started and remote
        if fresh:
            self._started.add(name)
        basis = self._basis(section, name, workers, fresh=fresh) if lasting else None
        task = section.tasks.get(name)
        if task is None or basis is None or self._kept.tasks.get((section.index, name)) != basis:
            task = _task(section, name, workers)
            task.stages = stages_of(task, first_of_host=fresh, last_time=self._last_time, live=self._live)
            own = None
            if not task.results and all(map(_silent, workers)):
                own = unshown(task, section, over=done, mute=self._mute)
            if own is not None:
                task.results = [own]
                task.stages = stages_of(task, first_of_host=fresh, last_time=self._last_time, live=self._live)
            ended = not self._live and self._builder.run.recap is None
            task.status = task_status(task, ended=ended or self._gave_up(task))
        if basis is not None:
            self._tasks[section.index, name] = basis
        host.tasks.append(task)
        if not task.results:
            task.delegate = self._elsewhere(host, workers)
        _address(host, task, workers)
        if task.status in (Status.FAILED, Status.UNREACHABLE) and not task.ignored:
            self.failures.setdefault(name, []).append(task)
        return task

    def _elsewhere(self, host: HostRun, workers: list[Worker]) -> str | None:
        """The host at whose address another one's worker is: a result would say that the task is delegated."""
        there = {worker.address for worker in workers if not worker.local} - {None, host.address}
        if host.address is None or len(there) != 1:
            return None
        return next((name for name, other in self.hosts.items() if other.address in there), None)

    def _gave_up(self, task: TaskRun) -> bool:
        """Whether a host that was not reached would have tried again by now: its result is not shown."""
        last = task.commands[-1].last_output if task.commands else None
        if not self._live or last is None or self._last_time is None:
            return False
        return self._last_time - last > _LONGEST_PAUSE

    def _basis(self, section: Section, name: str, workers: list[Worker], *, fresh: bool) -> tuple[object, ...] | None:
        """What a host's part is made from; None while a clock or a command can still change it."""
        own = section.of(name)
        if not own or not all(self._ended(worker) for worker in workers):
            return None
        told = sum(len(entry.result.message) + entry.result.last_line + entry.result.ignored for entry in own)
        parts = tuple((id(worker), len(worker.commands)) for worker in workers)
        shown = (len(own), told, own[-1].result.rc, section.given_back)
        return self.dead, fresh, section.action, section.path, section.name, parts, shown

    def _ended(self, worker: Worker) -> bool:
        return worker.current is None and not any(
            command.closed is None or command.index in self._undecided for command in worker.commands
        )

    def _over(self, section: Section, tasks: list[TaskRun]) -> bool:
        """Whether nothing of a task that another one follows changes any more."""
        if not all(self._ended(worker) for worker in section.workers):
            return False
        return all(task.results or not unreached(task) for task in tasks)

    def _keep(self, section: Section, names: list[str]) -> None:
        kept = self._kept
        kept.changes.append(section.changes)
        kept.known = self._weighed.known
        kept.plays.add(section.play_index)
        kept.unweighed.append(section)
        for name in _called(section):
            kept.queued.setdefault(name)
        for name in _met(section):
            kept.met.setdefault(name)
        for worker in section.workers:
            if worker.name is None:
                kept.priors[worker.key] = self._builder.names.prior(worker.key)
                kept.order = self._builder.names.order
        for name in names:
            if name in self._started:
                kept.started.add(name)
            kept.keep(self.hosts[name], self.failures.get(name, []))
            self._tasks.pop((section.index, name), None)


def _silent(worker: Worker) -> bool:
    """Whether nothing of the worker's is open; a local command never tells its end."""
    return worker.current is None or worker.current.tool is Tool.LOCAL


def _shares_of(section: Section, found: dict[int, str]) -> list[tuple[str, list[Worker]]]:
    """Every host of a task, with its workers."""
    workers: dict[str, list[Worker]] = {}
    for index, worker in enumerate(section.workers):
        owner = worker.name or found.get(index) or worker.address
        if owner is not None:
            workers.setdefault(owner, []).append(worker)
    names = dict.fromkeys([*section.queued, *workers, *(entry.name for entry in section.results)])
    return [(name, workers.get(name, [])) for name in names]


def _as_kept(host: HostRun | None, name: str, kept: KeptHost | None) -> HostRun:
    """A host with what is settled for good: the object stays, what an earlier look took for true does not."""
    host = host or HostRun(name)
    if kept is None:
        host.address = host.port = host.user = None
        host.connection = "ssh"
        host.tasks = []
    else:
        host.address, host.port, host.user, host.connection = kept.address, kept.port, kept.user, kept.connection
        del host.tasks[kept.tasks :]
    return host


def _names_of(builder: RunBuilder) -> dict[str, int]:
    kept = builder.settled
    rest = builder.sections[len(kept.changes) :]
    names = dict.fromkeys(kept.queued)
    names |= dict.fromkeys(name for section in rest for name in _called(section))
    for name in [*kept.met, *(name for section in rest for name in _met(section))]:
        names.setdefault(name)
    for _, recap in builder.recaps:
        if not builder.late:  # their order says nothing of whose a command before is
            names.setdefault(recap.name)
    return {name: rank for rank, name in enumerate(names)}


def _called(section: Section) -> Iterator[str]:
    """Names that are sure to be the inventory's."""
    yield from section.queued
    for worker in section.workers:
        if worker.name is not None:
            yield worker.name


def _met(section: Section) -> Iterator[str]:
    """Names that the log shows beside them."""
    for who, _ in section.discovered:
        yield who
    for entry in section.results:
        yield entry.name


def _task(section: Section, name: str, workers: list[Worker]) -> TaskRun:
    # Worked out anew every time: which workers are a name's can change with what comes later.
    first = section.queued.get(name) or (workers[0].first if workers else section.first)
    task = section.tasks.get(name)
    if task is None:
        task = section.tasks[name] = TaskRun(section.name, first, name, play=section.play, handler=section.handler)
    task.name = section.name or ("" if section.announced else section.action or "")
    task.first = first
    task.path = section.path
    task.action = section.action
    commands = [command for worker in workers for command in worker.commands]
    task.commands = sorted(commands, key=lambda command: command.index)
    for command in task.commands:
        command.task = task
    task.rescued, task.lost = False, name in section.lost
    own = section.of(name)
    task.results = [entry.result for entry in own]
    task.delegate = next((entry.delegate for entry in own if entry.delegate), None)
    task.ignored = any(result.ignored for result in task.results)
    lines = [command.last_line for command in task.commands] + [result.last_line for result in task.results]
    task.last_line = max(lines, default=task.first.line)
    if task.first.line > min((command.opened.line for command in task.commands), default=task.first.line):
        task.first = min(command.opened for command in task.commands)
    return task


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
