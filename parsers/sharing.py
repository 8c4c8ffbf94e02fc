"""Hosts that share a connection in plays whose hosts do not wait for each other: whose work is whose (`apart`).

Two names with one address, port and user say the same of themselves. But each host has one task at a time, from where
it is queued to its result, and one worker for it: a worker that is within a task of one of them and of none of the
other's is the one's. Workers are forked in the queue's order, so their process ids rise with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from parsers.workers import Worker

END = 1 << 60
"""Behind every line of a log."""


class Window(NamedTuple):
    """A host's task, from where it was queued (or its result before) to its result; without one, to the next one's."""

    first: int
    last: int
    idle: bool
    """Whether it was skipped: no command is its."""
    well: bool | None
    """Whether it went well; None where it has no result, or one that does not tell."""


Windows = Mapping[str, Sequence[Window]]


def shared(workers: Sequence[Worker], name: str, others: Windows, windows: Windows) -> list[str]:
    """Which of the other names share a connection with the one that has it, as its workers' tasks show."""
    own = [worker for worker in workers if worker.pid is not None]
    names: list[str] = []
    done = _filled(own, windows[name])
    while len(done) < len(own):
        rest = [worker for worker in own if id(worker) not in done]
        more = {other: _filled(rest, others[other]) for other in others if other not in names}
        best = max(more, key=lambda other: len(more[other]), default=None)
        if best is None or not more[best]:
            break
        names.append(best)
        done |= more[best]
    return names


def apart(workers: Sequence[Worker], windows: Windows) -> dict[int, str]:
    """By identity of each worker of a connection, the one of its names within whose task it was, the closest."""
    places = [(name, window) for name, own in windows.items() for window in own]
    near = sorted(
        (_distance(worker, window), at, place)
        for at, worker in enumerate(workers)
        for place, (_, window) in enumerate(places)
        if _within(worker, window)
    )
    found: dict[int, str] = {}
    taken: set[int] = set()
    for _, at, place in near:
        # A task has one worker. What has no process id is a part of one.
        worker = workers[at]
        if id(worker) not in found and worker.pid is not None and place not in taken:
            found[id(worker)] = places[place][0]
            taken.add(place)
    for _, at, place in near:
        found.setdefault(id(workers[at]), places[place][0])
    return found


def _filled(workers: Sequence[Worker], windows: Sequence[Window]) -> set[int]:
    """By identity, one worker for each task that has any."""
    found: set[int] = set()
    for window in windows:
        within = [(_distance(worker, window), at) for at, worker in enumerate(workers) if _within(worker, window)]
        if within:
            found.add(id(workers[min(within)[1]]))
    return found


def _within(worker: Worker, window: Window) -> bool:
    return not window.idle and window.first < worker.first.line and worker.last.line <= window.last


def _distance(worker: Worker, window: Window) -> int:
    """Lines from the task's edges, its queueing and its result where it has one, to the worker's."""
    behind = window.last - worker.last.line if window.last < END else 0
    return worker.first.line - window.first + behind


def by_connection(workers: Sequence[Worker]) -> dict[tuple[str | None, int | None, str | None], list[Worker]]:
    """The workers of each (address, port, user) whose name the log does not say."""
    own: dict[tuple[str | None, int | None, str | None], list[Worker]] = defaultdict(list)
    for worker in workers:
        if worker.name is None and worker.address is not None:
            own[worker.key].append(worker)
    return own
