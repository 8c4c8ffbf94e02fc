"""Whose chunk it is, for one run: `Search`. It is told here, or by other processes (`lanes`) where there is much of it.

Either way the same events go to the same `BeamSearch`, so the decisions are the same; from elsewhere they only come
later. Where no command is open nothing before can bear on what comes, so there a search can go on in another process.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future

from parsers.attribution.beam import Told
from parsers.attribution.events import Anew, Answered, Changed, Chunk, Close, Event, Mended, Open, Printed
from parsers.attribution.lanes import Answer, Ask, Lane, Lanes, result, take
from parsers.attribution.said import Opened, Piece
from parsers.attribution.window import WAITING, BeamSearch
from parsers.lines.reprs import comparable
from parsers.model import Command, Stream

_FORGED = b" chunk (state="

_MUCH = 1_000_000
"""Bytes of chunks from which on other processes are worth their start."""

_BATCH = 120_000
"""Bytes of chunks that go to a lane at once."""

_MANY = 2000
"""Events that go at once, however few bytes they have."""

_FITTING = 5_000
"""Answers that are kept."""

_STAY = 2 * _BATCH
"""Bytes after which the next lane is asked, where nothing is open."""


class Search:
    """The search for one run."""

    def __init__(self, lanes: Lanes | None = None) -> None:
        self._lanes = lanes
        self._here: BeamSearch | None = BeamSearch()
        """None once it goes on elsewhere."""
        self._lane: Lane | None = None
        self._number = -1
        self._fresh = False
        """Whether the lane has nothing of this search yet."""
        self._events: list[Event] = []
        """For the lane."""
        self._size = 0
        """Bytes of their chunks."""
        self._stayed = 0
        """Bytes since the lane was chosen; since the beginning while it is told here."""
        self._answers: deque[Future[list[Answer]]] = deque()
        self._decided: list[Told] = []
        self._pieces: dict[int, Piece] = {}
        """Those that are elsewhere and not decided."""
        self._open: dict[int, int] = {}
        """The open commands, by index, with the newest chunk before each."""
        self._begun: dict[int, int] = {}
        """The same for those that have ended since any is open."""
        self._awaited = False
        """Whether a printed result may still tell whose another one was."""
        self._undecided: set[int] = set()
        self._newest = -1
        """The newest chunk's index."""
        self._recent: list[Piece | None] = []
        """The newest chunks; None between those that something came between."""
        self._fitting: dict[tuple[int, int, bytes, bytes], bool] = {}
        """What `fits` has found; many commands and results at one address are asked about again and again."""
        self._silent: dict[int, Command] | None = {}
        """The open commands, by index, before the first chunk: a log without any has nothing to be told apart."""

    @property
    def heard(self) -> bool:
        """Whether there was a chunk."""
        return self._silent is None

    def opened(self, command: Command) -> None:
        """A command's `SSH: EXEC` line."""
        if self._silent is not None:
            self._silent[command.index] = command
            return
        self._open[command.index] = self._newest
        self._undecided.add(command.index)
        self._come_between()
        self._give(Open(Opened.of(command)))

    def chunk(self, piece: Piece) -> None:
        """A chunk of the parent's."""
        if self._silent is not None:
            silent, self._silent = self._silent, None
            for command in silent.values():
                self.opened(command)
        piece.join()
        self._newest = piece.index
        self._recent.append(piece)
        if len(self._recent) > 2 * WAITING:
            del self._recent[:-WAITING]
        self._size += len(piece.text)
        self._stayed += len(piece.text)
        if self._here is None:
            self._pieces[piece.index] = piece
        self._give(Chunk(piece))

    def _come_between(self) -> None:
        if self._recent and self._recent[-1] is not None:
            self._recent.append(None)

    def mend(self, command: Command, stdout: bytes, stderr: bytes) -> list[tuple[int, int]]:
        """Undoes chunks that a command's own bytes hold, header and all: a forged record, as a module can print it.

        Returns (chunk that goes on, chunk that is none) by index, in order. To be asked before the command ends.
        """
        if command.index not in self._open or (_FORGED not in stdout and _FORGED not in stderr):
            return []
        texts = {Stream.STDOUT: comparable(stdout), Stream.STDERR: comparable(stderr)}
        found: list[tuple[int, int]] = []
        kept: list[Piece | None] = []
        # What a search has had to give up waiting for is told already.
        start = max(0, len(self._recent) - WAITING // 2)
        for piece in self._recent[start:]:
            before = kept[-1] if kept else None
            if piece is not None and before is not None and before.index > self._open[command.index]:
                whole = before.with_forged(piece)
                if whole.text in texts[whole.stream]:
                    kept[-1] = whole
                    found.append((whole.index, piece.index))
                    self._give(Mended(whole, piece.index))
                    if self._here is None:
                        self._pieces[whole.index] = whole
                        self._pieces.pop(piece.index, None)
                    continue
            kept.append(piece)
        self._recent[start:] = kept
        if found:
            self._fitting.clear()
        return found

    def fits(self, command: Command, stdout: bytes, stderr: bytes, newest: int) -> bool:
        """Whether a command can have said these bytes up to a chunk, by index: whether they came since it began.

        What comes up to there may be another's, so this only tells what cannot be.
        """
        if self._silent is not None:
            return True
        first = self._open.get(command.index, self._begun.get(command.index))
        begin = next((piece.index for piece in self._recent if piece is not None), None)
        if first is None or begin is None or begin > first + 1:
            return True
        key = (first, newest, stdout, stderr)
        if key not in self._fitting:
            if len(self._fitting) >= _FITTING:
                self._fitting.clear()
            pieces = [piece for piece in self._recent if piece is not None and first < piece.index <= newest]
            self._fitting[key] = all(
                _said_by([piece.text for piece in pieces if piece.stream is stream], comparable(text))
                for stream, text in ((Stream.STDERR, stderr), (Stream.STDOUT, stdout))
            )
        return self._fitting[key]

    def change_places(self, ended: Command, going_on: Command) -> None:
        """As `BeamSearch.changed_places`."""
        first, second = self._begun.get(ended.index), self._open.get(going_on.index)
        if first is not None and second is not None:
            self._begun[ended.index], self._open[going_on.index] = second, first
            self._give(Changed(ended.index, going_on.index))

    def tell_anew(self, command: Command, stdout: bytes, stderr: bytes, newest: int) -> None:
        """As `BeamSearch.told_anew`."""
        if command.index in self._begun:
            self._give(Anew(command.index, stdout, stderr, newest))

    def answered(self, command: Command, other: Command) -> None:
        """As `BeamSearch.answered`."""
        if command.index in self._begun and other.index in self._begun:
            self._give(Answered(command.index, other.index))

    def closed(
        self,
        command: Command,
        stdout: bytes | None = None,
        stderr: bytes | None = None,
        newest: int | None = None,
        crossed: tuple[int, ...] = (),
        *,
        awaited: bool = False,
    ) -> None:
        """A command's end, with its bytes where its tuple tells them; the rest as of `BeamSearch.closed`."""
        if self._silent is not None:
            self._silent.pop(command.index, None)
        first = self._open.pop(command.index, None)
        if first is None:
            return
        self._come_between()
        self._give(Close(command.index, stdout, stderr, newest, crossed, awaited))
        self._begun[command.index] = first
        self._awaited = self._awaited or awaited
        self._rest()

    def all_printed(self) -> None:
        """As `BeamSearch.all_printed`."""
        if self._awaited:
            self._awaited = False
            self._give(Printed())
            self._rest()

    def _rest(self) -> None:
        """Where nothing before can bear on what comes, it may go on elsewhere."""
        if self._open or self._awaited:
            return
        self._recent.clear()
        self._begun.clear()
        self._fitting.clear()
        if self._lanes is not None and self._stayed >= (_MUCH if self._here is not None else _STAY):
            self._move(self._lanes)

    def _move(self, lanes: Lanes) -> None:
        """Goes on in the lane that has the least to do."""
        if self._here is not None:
            self._number = lanes.next_number()
            self._decided = self._here.take_decided()
            self._here = None
        self._send()
        self._lane, self._fresh, self._stayed = lanes.idlest(), True, 0

    def _give(self, event: Event) -> None:
        if self._here is not None:
            take(self._here, event)
            return
        self._events.append(event)
        if self._size >= _BATCH or len(self._events) >= _MANY:
            self._send()

    def _send(self) -> None:
        if self._lane is not None and self._events:
            self._answers.append(self._lane.submit(self._number, self._events, fresh=self._fresh))
            self._events, self._size, self._fresh = [], 0, False

    # ---- decisions

    def take(self, most: int | None = None) -> list[Told]:
        """What was decided since the last time. LaneError where another process has died.

        From elsewhere, `most` at once: many come together, and are no worse for coming a little later.
        """
        if self._here is not None:
            told = self._here.take_decided()
        else:
            self._gather(wait=False)
            told, self._decided = self._decided[:most], self._decided[most:] if most is not None else []
        self._undecided.difference_update(one.command for one in told if one.changed_with is None)
        return told

    def pending(self) -> set[int]:
        """The commands, by index, of which some chunks may not be decided yet."""
        return set(self._undecided)

    def finish(self) -> None:
        """No more events: what is open never ends. LaneError as `take`."""
        if self._here is not None:
            self._here.finish()
            return
        self._ask("finish")
        self._gather(wait=True)
        self._lane = None

    def provisional(self, last: Piece | None = None) -> list[Told]:
        """How it would be decided if the log ended here, behind `last` (joined); nothing of the search is changed.

        LaneError as `take`. What was decided meanwhile is to be taken first.
        """
        if self._here is not None:
            return self._here.provisional(last)
        looked = self._ask("look", last)
        if looked is None:
            return []
        pieces = self._pieces if last is None else self._pieces | {last.index: last}
        return [
            Told(command, [pieces[index] for index in indexes], frozenset(ambiguous), changed_with)
            for command, indexes, ambiguous, changed_with in result(looked)
        ]

    def catch_up(self) -> None:
        """Waits for what was sent, so that `take` has all that is decided."""
        if self._here is None:
            self._send()
            self._gather(wait=True)

    def forget(self) -> None:
        """The run is of no more interest: nothing of it stays elsewhere."""
        self._ask("forget")
        self._lane = None

    def _ask(self, ask: Ask, last: Piece | None = None) -> Future[list[Answer]] | None:
        """Sends what is left, and asks for more; None where the lane has nothing of this search."""
        self._send()
        if self._lane is None or self._fresh:
            return None
        future = self._lane.submit(self._number, [], ask, last)
        if ask == "finish":
            self._answers.append(future)
        return future

    def _gather(self, *, wait: bool) -> None:
        while self._answers and (wait or self._answers[0].done()):
            for command, indexes, ambiguous, changed_with in result(self._answers.popleft()):
                pieces = [self._pieces.pop(index) for index in indexes]
                self._decided.append(Told(command, pieces, frozenset(ambiguous), changed_with))


def _said_by(texts: list[bytes], whole: bytes) -> bool:
    """Whether some of the texts, in their order, make up the whole."""
    reached = {0}
    for text in texts:
        if text:
            reached.update([at + len(text) for at in reached if whole.startswith(text, at)])
    return len(whole) in reached
