"""In which order workers were forked, as their process ids tell: `in_order`.

The kernel gives ids in rising order and begins anew at the bottom where it has reached its greatest (`kernel.pid_max`:
32768 on many machines, which a run over some hundred hosts uses up within minutes).
"""

from __future__ import annotations

from collections.abc import Iterable

from parsers.workers.worker import Worker

_LEAST = 1000
"""Workers that are at work side by side have ids that are nearer to one another."""


def in_order(workers: Iterable[Worker]) -> list[Worker]:
    """The workers whose process id is known, as they were forked."""
    known = [(worker.first, worker.pid, worker) for worker in workers if worker.pid is not None]
    known.sort(key=lambda entry: entry[:2])
    found: list[tuple[int, int, Worker]] = []
    rounds = newest = greatest = 0
    for _, pid, worker in known:
        far = max(_LEAST, greatest // 2)
        if newest - pid > far:
            rounds, newest = rounds + 1, pid
        late = rounds > 0 and pid - newest > far
        if not late:
            newest = max(newest, pid)
        greatest = max(greatest, pid)
        found.append((rounds - late, pid, worker))
    found.sort(key=lambda entry: entry[:2])
    return [worker for _, _, worker in found]
