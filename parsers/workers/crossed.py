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
from parsers.model import Command, Place, Stage
from parsers.workers.answers import answers, key_of
from parsers.workers.worker import Section, Worker

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


def give_back(section: Section, names: dict[int, str]) -> None:
    """Modules' results go to the hosts whose printed ones repeat them; `names` by the worker's place in the section.

    For a log without chunks: what a command has said is what its result has.
    """
    if not section.answers:
        return
    holders: dict[int, Command] = {}
    due: dict[str, list[Command]] = {}
    for place, worker in enumerate(section.workers):
        for command in worker.commands:
            if command.stage is Stage.EXEC and command.closed is not None and command.closed.line in section.answers:
                holders[command.closed.line] = command
                due.setdefault(worker.name or names.get(place, ""), []).append(command)
    for line, name in section.answers.items():
        holder, own = holders.get(line), due.get(name, [])
        if holder is None or holder in own:
            continue
        wrong = (one for one in own if one.closed is not None and section.answers[one.closed.line] != name)
        one = next((one for one in wrong if _may_have_changed(one, holder)), None)
        if one is not None and one.closed is not None:
            holders[one.closed.line], holders[line] = holder, one
            change_ends(one, holder)
            _swap(one, holder, "transcript")
            section.given_back += 1


def _may_have_changed(one: Command, other: Command) -> bool:
    """Whether the results of two commands that have ended can be each other's."""
    if one.closed is None or other.closed is None or key_of(one) != key_of(other):
        return False
    return one.opened < other.closed and other.opened < one.closed


def _swap(one: Command, other: Command, *names: str) -> None:
    for name in names:
        own, its = getattr(one, name), getattr(other, name)
        setattr(one, name, its)
        setattr(other, name, own)


def _goes_on_at(command: Command, worker: Worker) -> Place:
    """Where the command's worker begins its next one."""
    return next((after.opened for before, after in pairwise(worker.commands) if before is command), _NEVER)
