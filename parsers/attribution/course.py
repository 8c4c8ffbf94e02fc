"""The way of the search for one run, and the way back where it lost it: `Course`.

Where it comes to a chunk that nobody can have, or a command ends unfinished, the right state was given up some time
before: it goes back a little, and on from there with more states, or with results that may have gone to each other's
command the other way round (`results`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from parsers.attribution.beam import Beam, Told
from parsers.attribution.results import Change, Pair, Results, ways
from parsers.attribution.said import Opened, Piece

_BLOCK = 64
"""Chunks between two points to go back to: the older of the two newest."""

_MANY = 6
"""Open commands from which on it is worth the way back."""

_AWAIT = 4
"""Blocks for which it is left open why it lost its way: the result that tells it may come later."""

_TRIES = 64
"""Changes of results that are tried for it."""

_WAYS = 256
"""Those that are looked at for them."""

_MORE = 8
"""So many more for each command that ends meanwhile."""

_PATIENCE = 10
"""Blocks for which it does not go back again where that was of no use."""


class Entry(NamedTuple):
    """What the log has next: a command that begins, a chunk, a command that ends."""

    kind: str
    """open, chunk, close."""
    opened: Opened | None
    piece: Piece | None


@dataclass(slots=True, eq=False)
class Course:
    """A beam, and what it takes to go back."""

    beam: Beam = field(default_factory=Beam)
    older: Beam = field(default_factory=Beam)
    newer: Beam = field(default_factory=Beam)
    past: list[Entry] = field(default_factory=list)
    """Since the older point."""
    newer_at: int = 0
    """How many of them the newer point has taken."""
    not_before: int = 0
    """Number of the chunk up to which it does not go back."""
    results: Results = field(default_factory=Results)
    crossed: list[Pair] = field(default_factory=list)
    """Commands whose results may be each other's, as long as that can still be told."""
    open_until: int = 0
    """Number of the chunk up to which it is left open why it lost its way."""
    tries: int = 0
    """Changes of results that may still be tried for it."""
    awaits: bool = False
    """Whether a printed result may still tell whose another one was: what was said may change hands once more."""
    changed: list[Told] = field(default_factory=list)
    """Those that were made and not told yet."""
    lacked: Piece | None = None
    """The chunk that nobody could have; None where a command ended unfinished."""

    def copy(self) -> Course:
        """Another one that stands where this one does."""
        return replace(
            self,
            beam=self.beam.copy(),
            older=self.older.copy(),
            newer=self.newer.copy(),
            past=list(self.past),
            crossed=list(self.crossed),
            changed=list(self.changed),
        )

    def take(self, event: Entry) -> list[Told]:
        """Takes one event; returns what is decided for good."""
        self.past.append(event)
        self._go(self.beam, event)
        if self.beam.lost:
            self._lost()
        if not self.beam.line and not self.awaits:
            return self.settle()
        changed, self.changed = self.changed, []
        if self.beam.count - self.newer.count >= _BLOCK and self.beam.count >= self.open_until:
            return changed + self._mark()
        return changed

    def settle(self) -> list[Told]:
        """Nothing before is to be told otherwise; returns what was decided."""
        told, self.beam.told, self.beam.wide = self.changed + self.beam.told, [], False
        self.older = self.newer = self.beam.copy()
        self._forget_ended(self.past)
        self.past, self.newer_at, self.changed = [], 0, []
        self.results, self.open_until = Results(), 0
        return told

    def _mark(self) -> list[Told]:
        """Makes a point to go back to; returns what is decided, as it was before the one that is the older now."""
        told = self.newer.told
        self.beam.told, self.beam.wide = self.beam.told[len(told) :], False
        self.older, self.newer = self.newer.copy(), self.beam.copy()
        self.older.told = []
        self._forget_ended(self.past[: self.newer_at])
        del self.past[: self.newer_at]
        self.newer_at = len(self.past)
        return told

    def tell_anew(self) -> None:
        """The result of a command is another one than it was."""
        self.beam, self.newer = self._again(wide=self.beam.wide)
        self.beam.lost = False

    def _again(self, *, wide: bool, stop: bool = False) -> tuple[Beam, Beam]:
        """From the older point to where it is, with the newer point on the way; or, with `stop`, until it is lost."""
        beam = newer = self.older.copy()
        beam.wide = wide
        for number, event in enumerate(self.past):
            if number == self.newer_at:
                newer = beam.copy()
            self._go(beam, event)
            if stop and beam.lost:
                break
        return beam, newer if newer is not beam else beam.copy()

    def _go(self, beam: Beam, event: Entry) -> None:
        if event.piece is not None:
            beam.place(event.piece)
        elif event.opened is not None and event.kind == "open":
            beam.open(self.results.beginning(event.opened))
        elif event.opened is not None:
            opened = self.results.end(event.opened)
            if opened in beam.line:
                beam.close(opened)
            else:
                # Its result came before it had begun.
                beam.lost = True

    def may_have_crossed(self, pairs: list[Pair]) -> None:
        """The results of these may be each other's."""
        self.crossed += pairs
        if self.beam.count < self.open_until:
            self.tries += _MORE
            self._change_results(pairs)

    def _forget_ended(self, events: list[Entry]) -> None:
        """These are not gone through again: who ended there keeps its result."""
        self.forget({event.opened for event in events if event.opened is not None and event.kind == "close"})

    def forget(self, commands: set[Opened]) -> None:
        """The results of these are nobody else's."""
        self.crossed = [pair for pair in self.crossed if commands.isdisjoint(pair)]

    def _change_results(self, new: list[Pair]) -> bool:
        """Goes back to the older point, and to where it was with results changed; whether it does not get lost then."""
        older, results = self.older, self.results
        for changed in self._changes(new) if self.tries else ():
            self.tries -= 1
            self.results, self.older, told = changed
            beam, newer = self._again(wide=self.beam.wide, stop=True)
            if not beam.lost:
                self.beam, self.newer = beam, newer
                self.changed += told
                self.open_until = self.not_before = 0
                return True
        self.older, self.results = older, results
        return False

    def _changes(self, new: list[Pair]) -> list[Change]:
        """As many as may be tried; those first in which a command can have what nobody could."""
        found: list[tuple[bool, Change]] = []
        for way in islice(ways(new, self.crossed, self.results), _WAYS):
            known = self.results
            change = known.changed(way, self.older) if isinstance(way, tuple) else known.dealt(way, self.older)
            if change is not None:
                found.append((not change.results.may_have(self.lacked, known), change))
        found.sort(key=itemgetter(0))
        return [change for _, change in found[: self.tries]]

    def exchange(self, pair: Pair) -> None:
        """Each of two commands had the other's result, for sure; nothing changes where they can't have said that."""
        changed = self.results.changed((pair,), self.older, sure=True)
        if changed is not None:
            self.results, self.older, told = changed
            self.beam, self.newer = self._again(wide=self.beam.wide)
            self.beam.lost = False
            self.changed += told
            self.forget(set(pair))

    def _lost(self) -> None:
        """Goes back to the older point, and with results changed or with more states to where it was."""
        self.beam.lost = False
        if self.beam.count >= self.open_until + _PATIENCE * _BLOCK or not self.open_until:
            self.open_until, self.tries = self.beam.count + _AWAIT * _BLOCK, _TRIES
            self.lacked = self.past[-1].piece
            if self._change_results(self.crossed):
                return
        if self.beam.wide or self.beam.count < self.not_before or len(self.beam.line) < _MANY:
            return
        again, newer = self._again(wide=True)
        if again.lost:
            self.not_before = self.beam.count + _PATIENCE * _BLOCK
            return
        self.beam, self.newer = again, newer
