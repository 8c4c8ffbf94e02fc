"""Whose an `SSH: EXEC` line is where debug headers have the worker's own pid (up to 2.16): `announcer`."""

from __future__ import annotations

from parsers.lines import addressed
from parsers.lines.addressed import Executed
from parsers.model import Stage, Tool
from parsers.workers.commands import Commands
from parsers.workers.worker import Section, Worker


def announcer(commands: Commands, newest: Section, retry: set[str], who: str, event: Executed) -> Worker | None:
    """The worker that announced this very command, if only one can have.

    `newest` is the section that goes on, `retry` has the addresses at which the next command is another attempt.
    """
    if event.tool in (Tool.SFTP, Tool.SCP):
        # Which of two transfers to one address this line starts makes no difference: it is the same for both.
        for command, worker in commands.open.values():
            if command.stage is Stage.TRANSFER and not command.address and worker.address in (None, who):
                return worker
        idle = [
            worker
            for worker in commands.by_pid.values()
            if worker.address == who and worker.current is None and worker.section is newest
        ]
        return idle[0] if len(idle) == 1 else _attempting(commands, retry, who, event)
    if who in retry and (again := _attempting(commands, retry, who, event)) is not None:
        return again  # not one that announced the same words and has not said yet where it goes
    all_waiting = [
        worker for command, worker in commands.open.values() if not command.address and addressed.same(command, event)
    ]
    waiting = [worker for worker in all_waiting if worker.address in (None, who)]
    if not waiting:
        # A loop's item may be delegated to another host than the item before it.
        return _attempting(commands, retry, who, event) or (all_waiting[0] if len(all_waiting) == 1 else None)
    # Two names at one address announce the same words: which of the two this line is makes no difference.
    sure = [worker for worker in waiting if worker.address == who]
    if sure:
        return sure[0]
    return waiting[0] if len(waiting) == 1 else None


def _attempting(commands: Commands, retry: set[str], who: str, event: Executed) -> Worker | None:
    """The worker that tries again what nobody announces: after `ssh_retry`, or with a transfer's next tool."""
    about = addressed.purpose(event.tool, event.text)
    again = []
    for worker in commands.by_pid.values():
        last = worker.commands[-1] if worker.commands else None
        if last is None or worker.address != who:
            continue
        retried = who in retry and last.rc not in (0, None) and addressed.same(last, event)
        path = last.remote_path
        moved = last.open and last.stage is about.stage is Stage.TRANSFER and last.tool is not event.tool
        if retried or (moved and (path is None or path in event.text)):
            again.append(worker)
    retry.discard(who)
    return again[0] if again else None
