"""Whose worker it is when a host has a result or is done, where no header names it: `workers_of`.

Workers are forked in the order in which the parent queues the hosts, so their process ids, which the temporary
directories name, go up in that order (ansible-core 2.17 and later, with ANSIBLE_DEBUG). Of the hosts that have no
result yet, the first has the worker with the lowest one.
"""

from __future__ import annotations

from parsers.workers.forks import in_order
from parsers.workers.ready import unreached
from parsers.workers.worker import Section, Worker


def workers_of(section: Section, name: str) -> list[Worker]:
    """The worker of a host that has a result, or whose part is over; one for each address where it has worked.

    None where it is not told: the queue is not in the log, or hosts do not wait for each other.
    """
    if section.free or name not in section.waiting:
        return []
    place = section.waiting.index(name)
    pids = list(dict.fromkeys(worker.pid for worker in in_order(section.going)))
    own = [worker for worker in section.going if worker.pid == pids[place]] if place < len(pids) else []
    # One that began before and has no directory yet has an id that is lower, or not: the places may be others.
    untold = [worker for worker in section.going if worker.pid is None]
    return [] if own and any(worker.first < own[0].first for worker in untold) else own


def turned_away(section: Section) -> list[Worker]:
    """One that has no directory since it found no connection; none without one."""
    return [worker for worker in section.going if worker.pid is None and unreached(worker)][:1]


def more_to_come(section: Section) -> bool:
    """Whether a host of a task without a loop was queued that has no result, and no worker yet."""
    if section.free or section.looped:
        return False
    return len(section.waiting) > len(section.going)
