"""Results that may have crossed: which ended command's result could as well have been another's. `Crossed`.

Commands at one address that run side by side mostly say the same, down to the last byte but the number of their
session. Which of the results is whose is told by the order of things (`Held`, `Binding`), and may be told wrong; the
search for whose chunk it is sees it later, and finds here what it may put right.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

from parsers.lines.reprs import CommandTuple
from parsers.model import Command, Place
from parsers.workers.answers import answers, key_of
from parsers.workers.worker import Worker

_RECENT = 24
"""Commands that ended the last, with which a result may have crossed."""

_NEVER = Place(1 << 62, 1 << 62)


@dataclass(slots=True)
class _Had:
    command: Command
    worker: Worker
    decoded: CommandTuple
    place: Place
    went_on: Place = _NEVER
    """Where its worker announced its next command."""


class Crossed:
    """The newest results of one run, with whose they are told to be."""

    def __init__(self) -> None:
        self._recent: deque[_Had] = deque(maxlen=_RECENT)

    def with_others(self, command: Command, worker: Worker, decoded: CommandTuple, place: Place) -> list[int]:
        """A command ends with a result: the commands, by index, whose results may have been its, and its theirs."""
        found = []
        for had in self._recent:
            other = had.command
            if (
                other is not command
                and command.opened < had.place
                and other.opened < place
                and had.decoded.rc == decoded.rc
                and key_of(other) == key_of(command)
                and (other.text == command.text or min(had.went_on, _goes_on_at(other, had.worker)) > place)
                and answers(other, decoded)
                and answers(command, had.decoded)
            ):
                found.append(other.index)
        self._recent.append(_Had(command, worker, decoded, place))
        return found

    def went_on(self, pid: int, place: Place) -> None:
        """A worker, by its pid, announces its next command."""
        for had in self._recent:
            if had.worker.pid == pid:
                had.went_on = min(had.went_on, place)

    def forget(self) -> None:
        """The run is of no more interest."""
        self._recent.clear()


def change_beginnings(one: Command, other: Command) -> None:
    """Of two commands that say the same words, each was begun where the other was."""
    _swap(one, other, "opened", "announced_line", "started")


def change_ends(one: Command, other: Command) -> None:
    """Of two commands, each has the other's result."""
    _swap(one, other, "closed", "rc", "stdout_bytes", "stderr_bytes", "stderr_sum")
    for command in (one, other):
        if command.closed is not None:
            command.last_line = max(command.last_line, command.closed.line)


def _swap(one: Command, other: Command, *names: str) -> None:
    for name in names:
        own, its = getattr(one, name), getattr(other, name)
        setattr(one, name, its)
        setattr(other, name, own)


def _goes_on_at(command: Command, worker: Worker) -> Place:
    """Where the command's worker begins its next one."""
    return next((after.opened for before, after in pairwise(worker.commands) if before is command), _NEVER)
