"""Whether a worker can go on with a command: what its last one leaves open."""

from __future__ import annotations

from parsers.actions import tries_again
from parsers.lines.addressed import Executed, Purpose
from parsers.model import Command, Stage, Tool
from parsers.workers.worker import Section, Worker

_TO_ITS_MODULE = (Stage.DISCOVERY, Stage.PROBE, Stage.TRANSFER, Stage.CHMOD)
"""What a worker does next before it runs its module."""

_BRINGS_FILES = frozenset(("assemble", "copy", "script", "template", "unarchive", "uri"))
"""Actions that make their temporary directory before all else, and ask then what the `~` of a path is (2.8-2.19)."""


def gives_way(current: Command, about: Purpose, event: Executed | None) -> bool:
    """Whether an open command may have ended unsaid.

    A local one always does (no tuple); so does a smart transfer's failed attempt (2.2-2.19).
    """
    if event is None or current.tool is Tool.LOCAL:
        return True
    goes_on = about.stage is Stage.TRANSFER or about.worker is not None
    return current.stage is Stage.TRANSFER and goes_on and current.tool is not event.tool


def on_its_way(worker: Worker) -> bool:
    """Whether the worker has or awaits its home directory and has not run the module: no time to ask for another.

    Where it asks for that of `dest: ~/…` it may seem another's: the name of the temporary directory mends that.
    """
    if worker.current is not None:
        # One of the results that are held is its.
        return worker.current.stage in (Stage.HOME, Stage.TMPDIR, *_TO_ITS_MODULE)
    last = worker.commands[-1] if worker.commands else None
    if last is None or last.rc != 0:
        return False
    if last.stage is Stage.TMPDIR:
        action = worker.section.action
        return action is not None and action.rpartition(".")[2] not in _BRINGS_FILES
    return last.stage in _TO_ITS_MODULE


def gave_up(worker: Worker) -> bool:
    """Whether the worker's connection failed and its task is over: the log says that it was done, or its words were
    printed as a host's result since."""
    if worker.over:
        return True
    if not unreached(worker):
        return False
    last = worker.commands[-1]
    told = (entry.result for entry in worker.section.results)
    return any(
        one.item is None and one.place.line > worker.last.line and one.quoted == last.stderr_sum is not None
        for one in told
    )


def unreached(worker: Worker) -> bool:
    """Whether the worker's last command found no connection, or lost it."""
    last = worker.commands[-1] if worker.commands else None
    return worker.current is None and last is not None and last.rc == 255 and last.tool is Tool.SSH


class Lost:
    """The workers of a task that found no connection, until the log says that as many are done (2.17 and 2.18)."""

    def __init__(self) -> None:
        self._workers: list[Worker] = []
        self._done = 0
        """How many were done since the first of them."""

    def ended(self, worker: Worker) -> None:
        """A worker's command has ended."""
        if unreached(worker) and worker not in self._workers:
            self._workers = [one for one in self._workers if one.section is worker.section]
            self._workers.append(worker)

    def done(self, section: Section) -> None:
        """A worker of a task is done, whichever."""
        self._workers = [worker for worker in self._workers if worker.section is section and unreached(worker)]
        self._done = self._done + 1 if self._workers else 0
        # As many were done as found no connection: those are, or others, and these will be at once.
        if self._workers and self._done >= len(self._workers) and not tries_again(section.action):
            for worker in self._workers:
                worker.over = True
            self._workers, self._done = [], 0


def to_clean_up(worker: Worker) -> bool:
    """Whether the worker has run a module whose files are still there: mostly it removes them before all else."""
    last = worker.commands[-1] if worker.commands else None
    return last is not None and last.stage is Stage.EXEC and last.tmp is not None


def through(worker: Worker) -> bool:
    """Whether the worker has removed its files: only a loop's next item goes on there."""
    last = worker.commands[-1] if worker.commands else None
    return last is not None and last.stage is Stage.CLEANUP
