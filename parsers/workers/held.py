"""Results of commands that wait until something tells whose they are: `Held`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from parsers.lines.reprs import CommandTuple
from parsers.matching import matched
from parsers.model import Command, Place, Stage
from parsers.workers.answers import answers, key_of, may_be, module_of
from parsers.workers.commands import Commands
from parsers.workers.echoes import Facts, answer_of, names_of, repeats
from parsers.workers.worker import Worker, change_ways

_PATIENCE = 1000
"""Chunks for which a result may wait for what tells whose it is."""

_KEPT = 512
"""Results that were told and may still be put right, where hosts do not wait for each other."""

_MOST = 64
"""Results that may wait at one address; as many do where nothing tells the end of a worker's last command."""

Owners = Callable[[str, CommandTuple, Place], list[tuple[Command, Worker]]]
"""The open commands that a result at an address can be of."""


class _Result(NamedTuple):
    place: Place
    decoded: CommandTuple
    censored: bool
    newest: int
    """The last chunk before it, by index."""


class Held:
    """Results at addresses where several commands are open and nothing tells them apart yet."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._results: dict[str, list[_Result]] = {}
        self._given: dict[str, list[tuple[Command, _Result]]] = {}
        """Commands of this task whose results might have been another's."""
        self._able: dict[Place, list[Command]] = {}
        """By a result's place, the commands that were open when it was looked at first, and answer so."""
        self._facts: dict[Place, Facts] = {}
        """What is known to stand in those of modules."""
        self._printed: list[tuple[str, Facts]] = []
        """Results of this task that tell whose they are by their host's name alone."""

    @property
    def waits(self) -> bool:
        """Whether any result does."""
        return any(self._results.values())

    @property
    def may_have_crossed(self) -> bool:
        """Whether a module's answer may have gone to another host's command, which its printed result would tell."""
        return any(command.stage is Stage.EXEC for given in self._given.values() for command, _ in given)

    def hold(self, who: str, place: Place, decoded: CommandTuple, *, censored: bool) -> None:
        """A result that waits."""
        newest = len(self._commands.table) - 1
        self._results.setdefault(who, []).append(_Result(place, decoded, censored, newest))

    def of(self, who: str, worker: Worker, *, sure: bool, oldest: bool = False) -> _Result | None:
        """The newest of the results that can have ended the worker's command, or the `oldest`; `sure` if its chunks are
        to show it."""
        command = worker.current
        if command is None or command.address != who:
            return None
        results = [one for one in self._results.get(who, []) if command.opened < one.place]
        results = [one for one in results if may_be(command, one.decoded) and (not sure or self._fits(command, one))]
        if not oldest:
            results.reverse()
        return next((one for one in results if answers(command, one.decoded)), next(iter(results), None))

    def release(self, who: str, worker: Worker, *, oldest: bool = False) -> None:
        """One of the results ended the worker's last command: the newest where it goes on to its next one, which is
        at once; the `oldest` where its host's result is printed, which takes its time and comes in order."""
        one = self._that_leaves_the_others_theirs(who, worker, oldest=oldest)
        one = one or self.of(who, worker, sure=True, oldest=oldest)
        one = one or self._of_another(who, worker) or self._put_right(who, worker)
        one = one or self._given_away(who, worker) or self.of(who, worker, sure=False, oldest=oldest)
        if one is not None:
            if one in self._results[who]:
                self._results[who].remove(one)
            self._end(who, worker, one)

    def _that_leaves_the_others_theirs(self, who: str, worker: Worker, *, oldest: bool) -> _Result | None:
        """Where several results can have ended the worker's command: the newest, or the `oldest`, without which the
        other ones still have a command each."""
        results = self._results.get(who, [])
        command = worker.current
        if len(results) < 2 or command is None or command.address != who:
            return None
        able = [self._able_of(who, one) for one in results]
        places = range(len(results))
        for place in places if oldest else reversed(places):
            one = results[place]
            if command.index in able[place]:
                rest = [found for at, found in enumerate(able) if at != place and found]
                if None not in matched([[index for index in found if index != command.index] for found in rest]):
                    return one
        return None

    def _able_of(self, who: str, one: _Result) -> list[int]:
        """The open commands at an address, by index, that can have a result. None that begins later can."""
        able = self._able.get(one.place)
        if able is None:
            asked = (other for other, _ in self._commands.open.values() if other.address == who)
            able = [other for other in asked if other.opened < one.place and answers(other, one.decoded)]
            self._able[one.place] = able
        return [other.index for other in able if other.index in self._commands.open and self._fits(other, one)]

    def _answers(self, command: Command, one: _Result) -> bool:
        return command.opened < one.place and answers(command, one.decoded) and self._fits(command, one)

    def _of_another(self, who: str, worker: Worker) -> _Result | None:
        """A result that another worker's command can have ended, and not this one's: then it was this worker that ran
        that command, which says the same words, and the two change ways."""
        command = worker.current
        if command is None or command.tmp is not None or self.of(who, worker, sure=False) is None:
            return None
        for other, its in list(self._commands.open.values()):
            if _alike(other, command):
                one = self.of(who, its, sure=True) if its is not worker else None
                if one is not None and its.section is worker.section and change_ways(worker, its):
                    self._commands.open[other.index] = (other, worker)
                    self._commands.open[command.index] = (command, its)
                    return one
        return None

    def _put_right(self, who: str, worker: Worker) -> _Result | None:
        """A result of no open command, where it is that of one which ended with another's, an open command's.

        All three say the same words. The first and the last change places, and the open one can have its result.
        """
        command = worker.current
        if command is None:
            return None
        alike = [other for other, _ in self._commands.open.values() if _alike(other, command)]
        for one in self._results.get(who, []):
            if any(self._fits(other, one) for other in alike):
                continue
            for ended, had in reversed(self._given.get(who, [])):
                if _alike(ended, command) and answers(ended, one.decoded) and self._fits(ended, one):
                    other = next((other for other in alike if other is not command and self._fits(other, had)), None)
                    if other is not None:
                        self._commands.nameless.change_places(ended, other)
                        found = self._of_another(who, worker)
                        if found is not None:
                            return found
                        self._commands.nameless.change_places(ended, other)
        return None

    def _given_away(self, who: str, worker: Worker) -> _Result | None:
        """The result with which a command that says other words ended, where none that is held is the worker's.

        That command then has one of those. For one that says the same words there is `correct`.
        """
        command = worker.current
        given = self._given.get(who, [])
        if command is None or not any(command.opened < one.place for one in self._results.get(who, [])):
            return None
        for place in range(len(given) - 1, -1, -1):
            ended, had = given[place]
            if ended.stage is not command.stage or ended.text == command.text or had.censored:
                continue
            if key_of(ended) != key_of(command) or not self._answers(command, had):
                continue
            its = next((one for one in self._results[who] if not one.censored and self._answers(ended, one)), None)
            if its is not None and self._commands.end_anew(ended, its.decoded, its.place, its.newest):
                self._results[who].remove(its)
                given[place] = (ended, its)
                return had
        return None

    def printed(self, who: str, worker: Worker, facts: Facts) -> None:
        """The result of a worker's host is printed: where it repeats another's answer, the two had each other's."""
        given = self._given.get(who, [])
        places = {command.index: place for place, (command, _) in enumerate(given) if command.stage is Stage.EXEC}
        own = [command for command in worker.commands if command.stage is Stage.EXEC and command.has_tuple]
        if not own or any(command.index not in places for command in own):
            return  # it can repeat one that was told by more than the order
        if any(repeats(facts, self._answer(given[places[command.index]][1])) for command in own):
            return
        for command in own:
            at = places[command.index]
            had = given[at][1]
            for place in places.values():
                other, its = given[place]
                may_be_its = command.opened < its.place and other.opened < had.place and not its.censored
                same = key_of(other) == key_of(command) and module_of(other) == module_of(command)
                if may_be_its and same and repeats(facts, self._answer(its)):
                    given[at], given[place] = (command, its), (other, had)
                    self._commands.nameless.answered(command, other)
                    return

    def printed_of(self, name: str, facts: Facts) -> None:
        """A host's result is printed, and nothing tells yet which worker is the host's."""
        self._printed.append((name, facts))

    def names_of_answers(self) -> dict[int, str]:
        """By a result's line, the host whose printed result repeats it, where that tells it."""
        if not self._printed:
            return {}
        given = [one for owned in self._given.values() for command, one in owned if command.stage is Stage.EXEC]
        return names_of([(one.place.line, self._answer(one)) for one in given], self._printed)

    def names_of_old(self) -> dict[int, str]:
        """As `names_of_answers`, once so many are told that the oldest are given up; nothing before."""
        if sum(map(len, self._given.values())) <= _KEPT:
            return {}
        names = self.names_of_answers()
        for given in self._given.values():
            for _, one in given[: len(given) // 2]:
                self._facts.pop(one.place, None)
                self._able.pop(one.place, None)
            del given[: len(given) // 2]
        del self._printed[: len(self._printed) // 2]
        return names

    def _answer(self, one: _Result) -> Facts:
        if one.place not in self._facts:
            self._facts[one.place] = answer_of(one.decoded.stdout)
        return self._facts[one.place]

    def done(self, worker: Worker, rc: int, head: bytes) -> None:
        """A worker's `done:` line quotes the beginning of its command's result."""
        results = self._results.get(worker.address or "", [])
        able = [one for one in results if one.decoded.rc == rc and one.decoded.quoted_head == head]
        if able and worker.current is not None:
            command = worker.current
            one = next((one for one in able if self._commands.said(command, one.decoded)), able[0])
            results.remove(one)
            self._end(worker.address or "", worker, one)

    def flush(self, owners_of: Owners) -> None:
        """Nothing more will tell the results apart: first come, first served, of those that can be."""
        for who in self._results:
            self._settle(who, owners_of, len(self._results[who]))
        self._results.clear()
        self._given.clear()
        self._able.clear()
        self._facts.clear()
        self._printed.clear()

    def settle_old(self, who: str, owners_of: Owners) -> None:
        """As `flush`, for results at an address that have waited for long, or are many: an open command holds the
        search up, and each that waits is looked at again and again."""
        results = self._results[who]
        newest = len(self._commands.table) - _PATIENCE
        old = sum(one.newest < newest for one in results)
        if len(results) > _MOST:
            old = max(old, _MOST // 2)
        if old:
            self._settle(who, owners_of, old)

    def _settle(self, who: str, owners_of: Owners, old: int) -> None:
        """Tells so many of the results at an address apart, the oldest; the others only bear on it."""
        results = self._results[who]
        workers: dict[int, Worker] = {}
        able = []
        for one in results:
            # Commands of one kind take about as long as one another.
            found = sorted(owners_of(who, one.decoded, one.place), key=lambda owner: owner[0].opened)
            workers.update({command.index: worker for command, worker in found})
            fitting = [command.index for command, _ in found if self._fits(command, one)]
            able.append(fitting or [command.index for command, _ in found])
        told, results[:] = list(zip(results, matched(able), strict=True))[:old], results[old:]
        for one, index in told:
            if index is not None:
                self._end(who, workers[index], one)

    def correct(self, who: str, command: Command, decoded: CommandTuple, newest: int | None = None) -> None:
        """Before a command ends with a result: where its chunks can't make it up, another's result was truly its own.

        Then the two, which say the same words, change places: the one that goes on is the one that began first.
        """
        given = self._given.get(who)
        newest = len(self._commands.table) - 1 if newest is None else newest
        if not given or self._commands.nameless.fits(command, decoded, newest):
            return
        for other, had in reversed(given):
            if (
                _alike(other, command)
                and self._fits(command, had)
                and self._commands.nameless.fits(other, decoded, newest)
            ):
                self._commands.nameless.change_places(other, command)
                return

    def _fits(self, command: Command, one: _Result) -> bool:
        return self._commands.nameless.fits(command, one.decoded, one.newest)

    def _end(self, who: str, worker: Worker, one: _Result) -> None:
        command = worker.current
        if command is not None:
            self.correct(who, command, one.decoded, one.newest)
            self._given.setdefault(who, []).append((command, one))
            self._commands.end(command, worker, one.decoded, one.place, censored=one.censored, newest=one.newest)


def _alike(one: Command, other: Command) -> bool:
    """Whether two commands say the same words over the same connection."""
    return (one.stage, one.text, key_of(one)) == (other.stage, other.text, key_of(other))
