"""The events that wait for the search of one run, and the way back where it lost its way: `BeamSearch`.

The search runs behind the log: a chunk is decided when all commands that were open around it have ended, or when too
much waits. Where it comes to a chunk that nobody can have, or a command ends unfinished, the right state was given up
some time before: it goes back a little, and on from there with more states, or with results that may have gone to each
other's command the other way round (`results`). The same events give the same decisions, whenever they come.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from parsers.attribution.beam import Beam, Told
from parsers.attribution.follows import Follows, Kind
from parsers.attribution.results import Pair, Results, ways
from parsers.attribution.said import Opened, Piece
from parsers.lines.reprs import comparable

WAITING = 6000
"""Chunks that may wait for a command to end; beyond, what is open is taken as one that never ends."""

_BLOCK = 64
"""Chunks between two points to go back to: the older of the two newest."""

_MANY = 6
"""Open commands from which on it is worth the way back."""

_RECENT = 64
"""Commands that ended the last, whose results may be another's."""

_AWAIT = 4
"""Blocks for which it is left open why it lost its way: the result that tells it may come later."""

_TRIES = 64
"""Changes of results that are tried for it."""

_PATIENCE = 10
"""Blocks for which it does not go back again where that was of no use."""


class _Event(NamedTuple):
    kind: str
    """open, chunk, close."""
    opened: Opened | None
    piece: Piece | None


@dataclass(slots=True, eq=False)
class _Course:
    """A beam, and what it takes to go back."""

    beam: Beam = field(default_factory=Beam)
    older: Beam = field(default_factory=Beam)
    newer: Beam = field(default_factory=Beam)
    past: list[_Event] = field(default_factory=list)
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
    changed: list[Told] = field(default_factory=list)
    """Those that were made and not told yet."""

    def copy(self) -> _Course:
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

    def take(self, event: _Event) -> list[Told]:
        """Takes one event; returns what is decided for good."""
        self.past.append(event)
        self._go(self.beam, event)
        if self.beam.lost:
            self._lost()
        if not self.beam.line:
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

    def _go(self, beam: Beam, event: _Event) -> None:
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
            self._change_results(pairs)

    def _forget_ended(self, events: list[_Event]) -> None:
        """These are not gone through again: who ended there keeps its result."""
        self.forget({event.opened for event in events if event.opened is not None and event.kind == "close"})

    def forget(self, commands: set[Opened]) -> None:
        """The results of these are nobody else's."""
        self.crossed = [pair for pair in self.crossed if commands.isdisjoint(pair)]

    def _change_results(self, new: list[Pair]) -> bool:
        """Goes back to the older point, and to where it was with results changed; whether it does not get lost then."""
        before = self.older, self.results
        for pairs in ways(new, self.crossed):
            changed = before[1].changed(pairs, before[0]) if self.tries else None
            self.tries -= self.tries > 0
            if changed is not None:
                self.results, self.older, told = changed
                beam, newer = self._again(wide=self.beam.wide, stop=True)
                if not beam.lost:
                    self.beam, self.newer = beam, newer
                    self.changed += told
                    self.open_until = self.not_before = 0
                    return True
        self.older, self.results = before
        return False

    def _lost(self) -> None:
        """Goes back to the older point, and with results changed or with more states to where it was."""
        self.beam.lost = False
        if self.beam.count >= self.open_until + _PATIENCE * _BLOCK or not self.open_until:
            self.open_until, self.tries = self.beam.count + _AWAIT * _BLOCK, _TRIES
            if self._change_results(self.crossed):
                return
        if self.beam.wide or self.beam.count < self.not_before or len(self.beam.line) < _MANY:
            return
        again, newer = self._again(wide=True)
        if again.lost:
            self.not_before = self.beam.count + _PATIENCE * _BLOCK
            return
        self.beam, self.newer = again, newer


@dataclass(slots=True, eq=False)
class BeamSearch:
    """The search for one run."""

    decided: list[Told] = field(default_factory=list)
    _waiting: list[_Event] = field(default_factory=list)
    _pieces: int = 0
    _newest: int = -1
    """Index of the newest command."""
    _open: dict[int, Opened] = field(default_factory=dict)
    _ended: dict[int, Opened] = field(default_factory=dict)
    """The commands that ended the last, since none was open."""
    _course: _Course = field(default_factory=_Course)
    _follows: Follows = field(default_factory=Follows)
    _ahead: BeamSearch | None = None
    """A copy that has gone on, over the first `_taken` of what waits: as it would be if nothing more came."""
    _taken: int = 0

    # ---- events

    def opened(self, opened: Opened) -> None:
        """A command's `SSH: EXEC` line."""
        opened.follows = self._follows
        self._follows.addresses.update(opened.needles[:1])
        self._open[opened.command] = opened
        self._newest = opened.index
        self._waiting.append(_Event("open", opened, None))

    def chunk(self, piece: Piece) -> None:
        """A chunk of the parent's, joined."""
        self._waiting.append(_Event("chunk", None, piece))
        self._pieces += 1
        if self._pieces > WAITING:
            self._advance(force=WAITING // 2)

    def mended(self, whole: Piece, gone: int) -> None:
        """A chunk that waits, as it is with the text of the chunk `gone` (by index) behind it, which was none."""
        kept = []
        for event in self._waiting:
            if event.piece is not None and event.piece.index == gone:
                self._pieces -= 1
            elif event.piece is not None and event.piece.index == whole.index:
                kept.append(_Event("chunk", None, whole))
            else:
                kept.append(event)
        self._waiting, self._ahead = kept, None

    def closed(
        self,
        command: int,
        stdout: bytes | None,
        stderr: bytes | None,
        newest: int | None = None,
        crossed: tuple[int, ...] = (),
    ) -> None:
        """The end of a command, by index, with its bytes where its tuple tells them.

        `newest` is the last chunk before it, by index, where its end was told apart later than it was seen; `crossed`
        are commands that have ended, by index, whose results may be this one's, and this one's theirs.
        """
        opened = self._open.pop(command, None)
        if opened is None:
            return
        opened.ended = True
        self._ahead = None  # what it said is known from now on, and may have been taken for another's
        if stdout is not None and stderr is not None:
            opened.tell(comparable(stdout), comparable(stderr))
            address = opened.needles[0] if opened.needles else b""
            self._follows.tell(Kind(opened.tool, opened.connecting), opened.stderr or b"", address)
        self._end(_Event("close", opened, None), opened, newest)
        if crossed:
            self._may_have_crossed(opened, crossed)
        self._ended[command] = opened
        if len(self._ended) > _RECENT:
            del self._ended[next(iter(self._ended))]
        self._advance(force=0)
        if not self._open:
            # Nothing before bears on what comes: a search may go on in another process from here on.
            self._follows.forget()
            self._ended.clear()

    def _may_have_crossed(self, opened: Opened, crossed: tuple[int, ...]) -> None:
        """Tells of those that are not decided yet."""
        going = {event.opened for event in (*self._course.past, *self._waiting) if event.kind == "close"}
        others = [self._ended[other] for other in crossed if other in self._ended]
        self._course.may_have_crossed([(other, opened) for other in others if other in going])

    def changed_places(self, ended: int, going_on: int) -> None:
        """Of two commands, by index, the one that goes on was started when the other was, and the other when it was.

        Both say the same words, so which of them a result was of shows later. Nothing changes where it is decided.
        """
        opened = self._open.get(going_on)
        if opened is None:
            return
        for place, event in enumerate(self._waiting):
            other = event.opened
            if other is not None and event.kind == "close" and other.command == ended:
                self._course.forget({opened, other})
                opened.change_results(other)
                opened.newest = other.newest
                self._waiting[place] = _Event("close", opened, None)
                self._open[going_on], self._ended[ended], self._ahead = other, opened, None
                self._course.tell_anew()
                return

    def told_anew(self, command: int, stdout: bytes, stderr: bytes, newest: int) -> None:
        """Another result was truly that of a command, by index, that has ended; the rest as of `closed`.

        Nothing changes where it is decided.
        """
        for place, event in enumerate(self._waiting):
            opened = event.opened
            if opened is not None and event.kind == "close" and opened.command == command:
                self._course.forget({opened})
                opened.tell(comparable(stdout), comparable(stderr))
                del self._waiting[place]
                self._end(event, opened, newest)
                self._course.tell_anew()
                self._ahead = None
                return

    def _end(self, event: _Event, opened: Opened, newest: int | None) -> None:
        """A command ends where its result stands."""
        place = self._place_of(newest)
        later = (event.opened.index for event in self._waiting[place:] if event.opened and event.kind == "open")
        opened.newest = min(later, default=self._newest + 1) - 1
        self._waiting.insert(place, event)

    def _place_of(self, newest: int | None) -> int:
        """Where among what waits an event's place is that came before the next chunk behind that one."""
        place = len(self._waiting)
        if newest is not None:
            for index in range(place - 1, -1, -1):
                piece = self._waiting[index].piece
                if piece is not None:
                    if piece.index <= newest:
                        break
                    place = index
        return place

    def take_decided(self) -> list[Told]:
        """What was decided since the last time."""
        decided, self.decided = self.decided, []
        return decided

    def finish(self) -> None:
        """No more events: what is open never ends."""
        self._advance(force=self._pieces)
        self._course.beam.finish()
        self.decided += self._course.settle()

    def provisional(self, last: Piece | None = None) -> list[Told]:
        """How it would be decided if the log ended here, behind `last`; nothing of the search is changed."""
        if self._ahead is None:
            self._ahead, self._taken = self.gone_on([]), 0
        # A command that is open for long holds hundreds of chunks back: only what is new is looked at.
        self._ahead = self._ahead.gone_on(self._waiting[self._taken :])
        self._taken = len(self._waiting)
        newest: list[_Event] = []
        if last is not None:
            newest.append(_Event("chunk", None, last))
        copy = self._ahead.gone_on(newest)
        copy.finish()
        return copy.decided

    def gone_on(self, events: list[_Event]) -> BeamSearch:
        """A copy of the search where it stands, which has taken `events` as if nothing more came."""
        pieces = sum(event.piece is not None for event in events)
        copy = BeamSearch(list(self.decided), events, pieces, _course=self._course.copy())
        copy.take_all()
        return copy

    def take_all(self) -> None:
        """Takes what waits, whatever may still come."""
        self._advance(force=self._pieces)

    def _advance(self, *, force: int) -> None:
        """Takes what waits as far as it can be decided, and `force` chunks more."""
        done = 0
        unknown = sum(1 for opened in self._course.beam.line if not opened.known and not opened.ended)
        for event in self._waiting:
            if event.kind == "open" and event.opened is not None:
                unknown += not event.opened.known and not event.opened.ended
            elif event.piece is not None:
                if unknown and force <= 0:
                    break
                force -= 1
                self._pieces -= 1
            self.decided += self._course.take(event)
            done += 1
        if done:
            self._ahead = None
        del self._waiting[:done]
