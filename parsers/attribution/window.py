"""The events that wait for the search of one run: `BeamSearch`.

The search runs behind the log: a chunk is decided when all commands that were open around it have ended, or when too
much waits. The same events give the same decisions, whenever they come.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from parsers.attribution.beam import Told
from parsers.attribution.course import Course, Entry
from parsers.attribution.events import Close
from parsers.attribution.follows import Follows, Kind
from parsers.attribution.said import Opened, Piece
from parsers.lines.reprs import comparable

WAITING = 6000
"""Chunks that may wait for a command to end; beyond, what is open is taken as one that never ends."""

_RECENT = 64
"""Commands that ended the last, whose results may be another's."""


@dataclass(slots=True, eq=False)
class BeamSearch:
    """The search for one run."""

    decided: list[Told] = field(default_factory=list)
    _waiting: list[Entry] = field(default_factory=list)
    _pieces: int = 0
    _newest: int = -1
    """Index of the newest command."""
    _open: dict[int, Opened] = field(default_factory=dict)
    _ended: dict[int, Opened] = field(default_factory=dict)
    """The commands that ended the last, since none was open."""
    _answers: dict[int, Opened] = field(default_factory=dict)
    """Those of them, by index, whose result is known to have been another's: which one's."""
    _course: Course = field(default_factory=Course)
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
        self._waiting.append(Entry("open", opened, None))

    def chunk(self, piece: Piece) -> None:
        """A chunk of the parent's, joined."""
        self._waiting.append(Entry("chunk", None, piece))
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
                kept.append(Entry("chunk", None, whole))
            else:
                kept.append(event)
        self._waiting, self._ahead = kept, None

    def closed(self, close: Close) -> None:
        """The end of a command, with its bytes where its tuple tells them."""
        opened = self._open.pop(close.command, None)
        if opened is None:
            return
        opened.ended = True
        self._ahead = None  # what it said is known from now on, and may have been taken for another's
        if close.stdout is not None and close.stderr is not None:
            opened.tell(comparable(close.stdout), comparable(close.stderr))
            address = opened.needles[0] if opened.needles else b""
            self._follows.tell(Kind(opened.tool, opened.connecting), opened.stderr or b"", address)
        self._end(Entry("close", opened, None), opened, close.newest)
        if close.crossed:
            self._may_have_crossed(opened, close.crossed)
        self._course.awaits = self._course.awaits or close.awaited
        self._ended[close.command] = opened
        if len(self._ended) > _RECENT:
            oldest = next(iter(self._ended))
            del self._ended[oldest]
            self._answers.pop(oldest, None)
        self._advance(force=0)
        self._rest()

    def all_printed(self) -> None:
        """The results of all hosts of a task are printed: none tells of another one any more."""
        self._course.awaits = False
        if not self._course.beam.line:
            self.decided += self._course.settle()
        self._rest()

    def _rest(self) -> None:
        if not self._open and not self._course.awaits:
            # Nothing before bears on what comes: a search may go on in another process from here on.
            self._follows.forget()
            self._ended.clear()
            self._answers.clear()

    def _may_have_crossed(self, opened: Opened, crossed: tuple[int, ...]) -> None:
        """Tells of those that are not decided yet."""
        going = set(self._going())
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
                self._waiting[place] = Entry("close", opened, None)
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

    def answered(self, command: int, other: int) -> None:
        """Of two commands that have ended, by index, the other's result was truly the first one's, and is from now on.

        The other has the first one's instead, and so has in the search who has it by now, which may be a third. Nothing
        changes where it is decided.
        """
        one = self._ended.get(command)
        had, its = (self._answers.get(index, self._ended.get(index)) for index in (command, other))
        if one is None or had is None or its is None:
            return
        self._answers[command], self._answers[other] = its, had
        going = self._going()
        results = self._course.results
        holder = next((opened for opened in going if results.beginning(opened).says_as(its)), None)
        if one in going and holder is not None and holder is not one:
            self._course.exchange((one, holder))
            self._ahead = None

    def _going(self) -> list[Opened]:
        """The commands that have ended and are not decided."""
        events = (*self._course.past, *self._waiting)
        return [event.opened for event in events if event.kind == "close" and event.opened is not None]

    def _end(self, event: Entry, opened: Opened, newest: int | None) -> None:
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
        newest: list[Entry] = []
        if last is not None:
            newest.append(Entry("chunk", None, last))
        copy = self._ahead.gone_on(newest)
        copy.finish()
        return copy.decided

    def gone_on(self, events: list[Entry]) -> BeamSearch:
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
