"""Hosts that share a connection in plays whose hosts do not wait for each other: whose work is whose (`apart`).

Two names with one address, port and user say the same of themselves. But each host has one task at a time, from where
it is queued to its result, and one worker for it: a worker that is within a task of one of them and of none of the
other's is the one's. Workers are forked in the queue's order, so their process ids rise with it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from parsers.workers import forks
from parsers.workers.worker import Key, Worker

END = 1 << 60
"""Behind every line of a log."""

_NEAR = 500
"""Tasks that were queued last before a worker began, of which one is its: as many as there are forks, or fewer."""

_ALL = 1 << 48
"""Lines that no distances add up to: each worker counts more."""

_ODD = 10_000
"""Lines that count where a worker's last answer stands behind the task's result."""


class Window(NamedTuple):
    """A host's task, from where it was queued (or its result before) to its result; without one, to the next one's."""

    first: int
    last: int
    idle: bool
    """Whether it was skipped: no command is its."""
    well: bool | None
    """Whether it went well; None where it has no result, or one that does not tell."""
    title: str = ""
    action: str = ""
    """As the queue tells them."""


Windows = Mapping[str, Sequence[Window]]


class Given(NamedTuple):
    """A task that the queue says a host was given."""

    line: int
    title: str
    action: str


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


def apart(workers: Sequence[Worker], windows: Windows, *, queued: bool) -> dict[int, str]:
    """By identity of each worker of a connection, the one of its names within whose task it was.

    Where the log tells the queue (`queued`), in its order; else, and for what has no process id, the closest.
    """
    places = sorted(((window, name) for name, own in windows.items() for window in own), key=lambda pair: pair[0][:2])
    found: dict[int, str] = {}
    if queued:
        found = {id(worker): places[place][1] for worker, place in in_order(workers, [one for one, _ in places])}
    near = sorted(
        (distance, at, place)
        for at, around in enumerate(_around(workers, [one for one, _ in places]))
        if id(workers[at]) not in found
        for distance, place in around
    )
    taken: set[int] = set()
    for _, at, place in near:
        # A task has one worker. What has no process id is a part of one.
        worker = workers[at]
        if id(worker) not in found and worker.pid is not None and place not in taken:
            found[id(worker)] = places[place][1]
            taken.add(place)
    for _, at, place in near:
        found.setdefault(id(workers[at]), places[place][1])
    return found


class _Way(NamedTuple):
    """Workers with their tasks, both in order, up to one."""

    worth: int
    """What they are worth, less the sum of their distances."""
    place: int
    worker: Worker
    before: _Way | None


def in_order(
    workers: Sequence[Worker],
    windows: Sequence[Window],
    odd: Callable[[Worker, int], int | None] | None = None,
    *,
    worth: int = _ALL,
) -> list[tuple[Worker, int]]:
    """Workers, by rising process ids, with the place of a task of theirs, in the queue's order: as many as can be, or
    as are nearer than they are `worth` (lines).

    `odd` tells how far, in lines, a worker is from a task besides; None where it is none of that task's.
    """
    ways: list[_Way] = []
    """By rising place, each better than those before it."""
    numbered = forks.in_order(workers)
    for worker, around in zip(numbered, _around(numbered, windows), strict=True):
        more = []
        for distance, place in around:
            far = odd(worker, place) if odd is not None else 0
            if far is None:
                continue
            at = bisect_left(ways, place, key=lambda way: way.place)
            before = ways[at - 1] if at else None
            so_far = before.worth if before is not None else 0
            more.append(_Way(so_far + worth - distance - far, place, worker, before))
        for way in more:
            at = bisect_left(ways, way.place, key=lambda one: one.place)
            if way.worth <= (ways[at - 1].worth if at else 0):
                continue
            end = at
            while end < len(ways) and ways[end].worth <= way.worth:
                end += 1
            ways[at:end] = [way]
    found = []
    last = ways[-1] if ways else None
    while last is not None:
        found.append((last.worker, last.place))
        last = last.before
    return found


def _filled(workers: Sequence[Worker], windows: Sequence[Window]) -> set[int]:
    """By identity, one worker for each task that has any."""
    best: dict[int, tuple[int, int]] = {}
    for at, around in enumerate(_around(workers, windows)):
        for distance, place in around:
            best[place] = min((distance, at), best.get(place, (distance, at)))
    return {id(workers[at]) for _, at in best.values()}


def _around(workers: Sequence[Worker], windows: Sequence[Window]) -> list[list[tuple[int, int]]]:
    """For each worker the tasks within which it was: (distance, place), of windows by their first line."""
    found: list[list[tuple[int, int]]] = [[] for _ in workers]
    begun, going = 0, list[int]()
    for at in sorted(range(len(workers)), key=lambda at: workers[at].first.line):
        worker = workers[at]
        while begun < len(windows) and windows[begun].first < worker.first.line:
            going.append(begun)
            begun += 1
        # Of hosts that do not wait for each other few tasks go on at once, however many there are in all.
        going = [place for place in going if place >= begun - _NEAR and windows[place].last >= worker.first.line]
        found[at] = [(_distance(worker, windows[place]), place) for place in going if _within(worker, windows[place])]
    return found


def _within(worker: Worker, window: Window) -> bool:
    """Whether all that a worker began, behind a task's first line, was before its last. Which of two results was whose
    is not always told."""
    began = worker.commands[-1].opened if worker.commands else worker.last
    return not window.idle and began.line <= window.last


def _distance(worker: Worker, window: Window) -> int:
    """Lines from the task's edges, its queueing and its result where it has one, to the worker's."""
    behind = window.last - worker.last.line if window.last < END else 0
    return worker.first.line - window.first + (behind if behind >= 0 else _ODD)


def by_connection(workers: Sequence[Worker]) -> dict[Key, list[Worker]]:
    """The workers of each (address, port, user) whose name the log does not say."""
    own: dict[Key, list[Worker]] = defaultdict(list)
    for worker in workers:
        if worker.name is None and worker.address is not None:
            own[worker.key].append(worker)
    return own
