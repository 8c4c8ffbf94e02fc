"""Whose home directory was asked for: `take`.

`echo ~` names no worker, and the temporary directory that is made right behind its answer does. Of several workers at
one address whose answer is there, the one that has waited longest goes on first.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter

from parsers.model import Command, Stage
from parsers.workers.worker import Key, Worker


def asking(key: Key, there: Iterable[Worker]) -> list[Worker]:
    """The workers of those at an address that have asked and have no answer yet, the one that asked first first."""
    found = [
        (worker.current.opened, worker)
        for worker in there
        if worker.key == key and worker.current is not None and worker.current.stage is Stage.HOME
    ]
    return [worker for _, worker in sorted(found, key=itemgetter(0))]


def elder(worker: Worker, there: Iterable[Worker]) -> Worker | None:
    """Of workers that had files before and seemed to go on with a loop's next item, one that asked before that worker,
    which has none yet; None without one."""
    if worker.pid is not None or worker.current is None or worker.current.stage is not Stage.HOME:
        return None
    before = next(iter(asking(worker.key, there)), None)
    return before if before is not None and before.pid is not None else None


def change(first: Worker, second: Worker) -> None:
    """Two workers that ask have each asked when the other did."""
    first.commands[-1], second.commands[-1] = second.commands[-1], first.commands[-1]
    first.current, second.current = second.current, first.current
    first.section.changes += 1
    second.section.changes += 1


def take(worker: Worker, key: Key, there: Iterable[Worker]) -> bool:
    """Gives a worker that makes its temporary directory the home directory that was answered first.

    Another one that had it gets the worker's own, where it has one. False where there is none.
    """
    asked = [
        (home, other)
        for other in there
        if (other is worker or other.key == key) and (home := _answered(other)) is not None
    ]
    if not asked:
        return False
    home, other = min(asked, key=lambda pair: pair[0].closed or pair[0].opened)
    if other is worker:
        return True
    other.commands.pop()
    if _answered(worker) is not None:
        other.commands.append(worker.commands.pop())
    worker.commands.append(home)
    worker.first = min(worker.first, home.opened)
    worker.section.changes += 1
    other.section.changes += 1
    if other.commands:
        last = other.commands[-1]
        other.last = last.closed or last.opened
    else:
        other.section.drop(other)
    return True


def _answered(worker: Worker) -> Command | None:
    """The worker's last command, where it asked for the home directory and has its answer."""
    last = worker.commands[-1] if worker.commands else None
    answered = last is not None and last.stage is Stage.HOME and last.rc == 0 and worker.current is None
    return last if answered else None
