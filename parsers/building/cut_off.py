"""Hosts that had no result when the run died on the control node: `cut_off`.

A dead worker, or another error of Ansible's own, ends the run at once, and no recap follows: what was queued and has
neither a result nor an open command never gets one.
"""

from __future__ import annotations

from collections.abc import Iterable

from parsers.model import NO_RESULT, HostRun, Stage, StageRun, Status
from parsers.workers.worker import Section


def cut_off(hosts: Iterable[HostRun], sections: list[Section], free: set[int]) -> None:
    """Makes a failure of each task that the end of the run left without a result.

    `free` are the plays whose hosts do not wait for each other; in any other only the newest task can be meant.
    """
    newest = sections[-1] if sections else None
    if newest is None:
        return
    own = [one for one in sections if one.play_index == newest.play_index] if newest.play_index in free else [newest]
    left = {id(task) for section in own for task in section.tasks.values()}
    for host in hosts:
        task = host.tasks[-1] if host.tasks else None
        if task is None or id(task) not in left or task.results or task.status is not Status.RUNNING:
            continue
        if any(stage.status in (Status.RUNNING, Status.STALLED) for stage in task.stages):
            continue
        last = max(task.first.line, task.last_line)
        task.stages.append(StageRun(Stage.RESULT, Status.FAILED, task.first, last, note=NO_RESULT))
        task.status = Status.FAILED


def unfit(host: HostRun) -> bool:
    """Whether the last command of a host that the recap does not name failed, and nothing went on behind it."""
    task = host.tasks[-1] if host.tasks else None
    return task is not None and not task.results and any(stage.status is Status.FAILED for stage in task.stages)
