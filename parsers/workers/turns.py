"""Whose worker it is when a host's result is printed, where no header names it: `workers_of`.

Workers are forked in the order in which the parent queues the hosts, so their process ids, which the temporary
directories name, go up in that order (ansible-core 2.17 and later, with ANSIBLE_DEBUG). Of the hosts that have no
result yet, the first has the worker with the lowest one.
"""

from __future__ import annotations

from parsers.workers.ready import unreached
from parsers.workers.worker import Section, Worker


def workers_of(section: Section, name: str) -> list[Worker]:
    """The worker of a host whose newest result is the section's newest; one for each address where it has worked.

    None where it is not told: the queue is not in the log, or hosts do not wait for each other.
    """
    finished = _finished(section, len(section.results) - 1)
    if section.free or name not in section.queued or name in finished:
        return []
    place = [other for other in section.queued if other not in finished].index(name)
    pids = sorted({worker.pid for worker in section.workers if worker.pid is not None and not worker.shown})
    own = [worker for worker in section.workers if worker.pid == pids[place]] if place < len(pids) else []
    # One that began before and has no directory yet has an id that is lower, or not: the places may be others.
    untold = [worker for worker in section.workers if worker.pid is None and not unreached(worker)]
    return [] if own and any(worker.first < own[0].first for worker in untold) else own


def more_to_come(section: Section) -> bool:
    """Whether a host of a task without a loop was queued that has no result, and no worker yet."""
    if section.free or any(entry.result.item is not None for entry in section.results):
        return False
    waiting = len(section.queued) - len(_finished(section, len(section.results)))
    return waiting > sum(not worker.shown for worker in section.workers)


def _finished(section: Section, count: int) -> set[str]:
    """The hosts that have their result of the task among the first `count`; that of a loop's item is none."""
    return {entry.name for entry in section.results[:count] if entry.result.item is None}
