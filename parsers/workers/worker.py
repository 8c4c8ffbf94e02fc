"""Who does what: a `Worker` is the work of one process for one host and one task.

Ansible forks a worker for each host of each task, and a worker runs its commands one after another. Up to 2.16 every
debug line carries the worker's pid; from 2.17 on (and without ANSIBLE_DEBUG) only `<X>`, the address, tells the
workers apart, and the pid that Ansible puts into the temporary directory's name (`ansible-tmp-TIME-PID-RANDOM`).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from parsers.lines.reprs import comparable
from parsers.model import Command, Place, Result, TaskRun

Key = tuple[str | None, int | None, str | None]
"""(address, port, user): what the log tells of a connection."""

AD_HOC = "ad hoc"
"""The name of a task that has none."""


@dataclass(slots=True, eq=False)
class Worker:
    """One worker's commands, in order."""

    section: Section
    first: Place
    pid: int | None = None
    """Its process id, where a header or a temporary directory's name tells it."""
    name: str | None = None
    """The inventory name, where the log says it of this worker; else settled later."""
    title: str | None = None
    """Its task's, where the log says it of this worker."""
    address: str | None = None
    port: int | None = None
    user: str | None = None
    local: bool = False
    commands: list[Command] = field(default_factory=list)
    current: Command | None = None
    """Its command that has not ended."""
    last: Place = field(default_factory=lambda: Place(0, 0))
    over: bool = False
    """Whether the log says that it was done: it can't be reached, and starts no other command."""

    @property
    def key(self) -> Key:
        """Its connection."""
        return self.address, self.port, self.user


def change_ways(first: Worker, second: Worker) -> bool:
    """What two workers have done last was the other one's: as little of it as can have been, in time.

    False where a temporary directory's name tells that it was not, or a command would have begun before its worker's
    last one was over.
    """
    most = min(len(first.commands), len(second.commands))
    for count in range(1, most):
        moved = (first.commands[-count:], second.commands[-count:])
        if moved[0][0].tmp is not None or moved[1][0].tmp is not None:
            return False
        before = (first.commands[-count - 1], second.commands[-count - 1])
        if _over(before[0], moved[1][0]) and _over(before[1], moved[0][0]):
            first.commands[-count:], second.commands[-count:] = moved[1], moved[0]
            first.current, second.current = second.current, first.current
            first.section.changes += 1
            second.section.changes += 1
            return True
    return False


def _over(before: Command, behind: Command) -> bool:
    return before.closed is not None and before.closed <= behind.opened


def stderr_sum(stderr: bytes) -> int:
    """Checksum of a command's stderr as a failure's message quotes it: stripped, as `comparable` makes it."""
    return zlib.crc32(comparable(stderr).strip())


@dataclass(slots=True, eq=False)
class HostResult:
    """A result line, with whose it is."""

    name: str
    delegate: str | None
    delegate_address: str | None
    result: Result


@dataclass(slots=True, eq=False)
class Section:
    """A task of a play, from its banner on."""

    index: int
    name: str
    first: Place
    play: str = ""
    handler: bool = False
    path: str | None = None
    action: str | None = None
    queued: dict[str, Place] = field(default_factory=dict)
    """Inventory names in the order in which the parent queued them."""
    waiting: list[str] = field(default_factory=list)
    """Those of them whose part of the task is not over yet."""
    workers: list[Worker] = field(default_factory=list)
    going: list[Worker] = field(default_factory=list)
    """Those of them whose host's part is not over, as far as process ids tell it."""
    results: list[HostResult] = field(default_factory=list)
    tasks: dict[str, TaskRun] = field(default_factory=dict)
    discovered: list[tuple[str, int]] = field(default_factory=list)
    """(inventory name, line) of each `Attempting python interpreter discovery`."""
    answered: list[tuple[str, int]] = field(default_factory=list)
    """(inventory name, line) of each debug header with a host: its worker's discovery command has just ended."""
    begun: dict[str, int] = field(default_factory=dict)
    """By inventory name, the line on which its worker began; told by name from 2.17 to 2.18."""
    done: list[tuple[str, int]] = field(default_factory=list)
    """(inventory name, line) of each worker that was done; up to 2.18."""
    marked: dict[str, Place] = field(default_factory=dict)
    """By inventory name, where the parent says that the host failed: its result is one that nothing ignores."""
    lost: set[str] = field(default_factory=set)
    """Those of them that no rescue follows."""
    drained: bool = False
    """Whether the parent said that it has the results of all hosts that it queued."""
    announced: bool = True
    """Whether a banner began it; an ad hoc command has none."""
    titled: bool = False
    """Whether a banner came later."""
    play_index: int = 0
    """Which play of the run, from 0."""
    looped: bool = False
    """Whether an item of a loop has a result."""
    free: bool = False
    """Whether the log says here that hosts do not wait for each other."""
    last_line: int = 0
    changes: int = 0
    """Grows with each command of its workers, and with what is said of a result later."""
    answers: dict[int, str] = field(default_factory=dict)
    """By the line of a module's result, the inventory name whose printed result repeats it."""
    given_back: int = 0
    """Grows with each result that another command is given for it."""
    _own: dict[str, list[HostResult]] = field(default_factory=dict)
    _counted: int = 0

    def queue(self, name: str, place: Place) -> None:
        """The parent queues a host."""
        if name not in self.queued:
            self.queued[name] = place
            self.waiting.append(name)

    def begin(self, worker: Worker) -> None:
        """A worker's first line."""
        self.workers.append(worker)
        self.going.append(worker)

    def drop(self, worker: Worker) -> None:
        """What a worker has done was another's."""
        self.workers.remove(worker)
        if worker in self.going:
            self.going.remove(worker)

    def finish(self, name: str, workers: list[Worker]) -> None:
        """A host's part is over, and its workers' with it."""
        if name in self.waiting:
            self.waiting.remove(name)
        self.going = [worker for worker in self.going if worker not in workers]

    def of(self, name: str) -> list[HostResult]:
        """The results of one name, in order."""
        for entry in self.results[self._counted :]:
            self._own.setdefault(entry.name, []).append(entry)
        self._counted = len(self.results)
        return self._own.get(name, [])

    def give(self, entries: list[HostResult], other: Section) -> None:
        """Results that are another section's."""
        self.results = [entry for entry in self.results if entry not in entries]
        self._own.clear()
        self._counted = 0
        other.results += entries
