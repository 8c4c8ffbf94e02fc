"""Whose chunk it is, where no header says it: ansible-core 2.17 and later.

All workers' chunks are printed by the parent, with the parent's pid and time and no host. What is known: a command
opens at its `SSH: EXEC` line and ends at its tuple `<X> (rc, stdout, stderr)`, and its chunks, joined in order, are
these bytes. So every chunk is the next piece of a stream of one of the commands that are open, and every command that
ended has had all of its pieces.

That is searched chunk by chunk with a few states side by side; a state is what each open command has said so far.
Where several commands can have a chunk, `likely` says which is the likeliest. Most text is the same for every host, so
a choice shows as wrong only later, at a chunk that nobody can well have or a command that ends unfinished: then what
two commands have said since a common point changes hands, if each fits the other's stream, or the same words go round
several (`repair`). What a command that never ended can have said is told by the order of ssh's own lines, by what the
commands beside it have said, and by the hosts that the text names (`guess`).

The search runs behind the log: a chunk is decided when all commands that were open around it have ended, or when too
much waits. The same events give the same decisions, whenever they come.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from parsers.attribution.follows import Follows, Kind
from parsers.attribution.likely import Ratings, weights
from parsers.attribution.repair import Repair
from parsers.attribution.said import FRESH, Opened, Piece, Progress, pieces_of
from parsers.attribution.states import (
    Ended,
    Move,
    Option,
    State,
    Step,
    agreed_on,
    best_of,
    ended_in,
    forgotten,
    mark_of,
    moved,
    reached,
    stay,
    without,
)
from parsers.attribution.steps import step
from parsers.lines.reprs import comparable
from parsers.model import Stream

WAITING = 6000
"""Chunks that may wait for a command to end; beyond, what is open is taken as one that never ends."""

_UNDECIDED = 12
"""Commands that ended and may still be told otherwise, though all states agree on them."""

_ROOM = 4
"""So many more are decided at once."""

_DISPUTED = 64
"""Beyond, the best state's word is taken."""

_DEEP = 4
"""States in which a chunk that nobody can have is worth a repair in two steps."""

_UNFINISHED = -30.0
_NOBODY = -15.0
_NO_END = -6.0
_PERHAPS_NO_END = -1.0
"""Where it is not known whether the pipe has one."""
_ODD = 4.0
"""A chunk that its likeliest taker would have at a cost above this is worth a repair too."""


class Told(NamedTuple):
    """A decision: all that one command has said."""

    command: int
    """Its index."""
    pieces: list[Piece]
    """Oldest first."""
    ambiguous: frozenset[int]
    """Those of them, by index, that another command could have had as well: the same text, both places open."""


class _Event(NamedTuple):
    kind: str
    """open, chunk, close."""
    opened: Opened | None
    piece: Piece | None


@dataclass(slots=True, eq=False)
class BeamSearch:
    """The search for one run."""

    decided: list[Told] = field(default_factory=list)
    _waiting: list[_Event] = field(default_factory=list)
    _pieces: int = 0
    _count: int = 0
    _open: dict[int, Opened] = field(default_factory=dict)
    _line: list[Opened] = field(default_factory=list)
    """Commands that are open where the search stands."""
    _beam: list[State] = field(default_factory=lambda: [State(0.0, (), None)])
    _ambiguous: set[int] = field(default_factory=set)
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

    def closed(self, command: int, stdout: bytes | None, stderr: bytes | None, newest: int | None = None) -> None:
        """The end of a command, by index, with its bytes where its tuple tells them.

        `newest` is the last chunk before it, by index, where its end was told apart later than it was seen.
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
        self._waiting.insert(self._place_of(newest), _Event("close", opened, None))
        self._advance(force=0)
        if not self._open:
            # Nothing before bears on what comes: a search may go on in another process from here on.
            self._follows.forget()

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
                opened.change_results(other)
                self._waiting[place] = _Event("close", opened, None)
                self._open[going_on], self._ahead = other, None
                return

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
        best = self._beam[0]
        self._flush(best.ended)
        for opened, progress in zip(self._line, best.progress, strict=True):
            self._decide(opened, progress)
        self._beam = [best._replace(score=0.0, progress=tuple(map(forgotten, best.progress)), ended=None)]

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
        copy = BeamSearch(
            list(self.decided),
            events,
            sum(event.piece is not None for event in events),
            self._count,
            {},
            list(self._line),
            list(self._beam),
            set(self._ambiguous),
        )
        copy.take_all()
        return copy

    def take_all(self) -> None:
        """Takes what waits, whatever may still come."""
        self._advance(force=self._pieces)

    # ---- the search

    def _advance(self, *, force: int) -> None:
        """Takes what waits as far as it can be decided, and `force` chunks more."""
        done = 0
        unknown = sum(1 for opened in self._line if not opened.known and not opened.ended)
        for event in self._waiting:
            if event.kind == "open" and event.opened is not None:
                event.opened.since = self._count
                self._line.append(event.opened)
                unknown += not event.opened.known and not event.opened.ended
                fresh = mark_of(event.opened, FRESH)
                self._beam = [
                    State(state.score, (*state.progress, FRESH), state.ended, state.sign ^ fresh)
                    for state in self._beam
                ]
            elif event.kind == "close" and event.opened is not None:
                self._close(event.opened)
            elif event.piece is not None:
                if unknown and force <= 0:
                    break
                force -= 1
                self._pieces -= 1
                self._count += 1
                event.piece.number = self._count
                self._place(event.piece)
            done += 1
        if done:
            self._ahead = None
        del self._waiting[:done]

    def _place(self, piece: Piece) -> None:
        steps = self._steps(piece)
        moves: list[Move] = []
        odd: list[State] = []
        options: dict[tuple[int, ...], list[Option]] = {}
        found: list[Option] | None = None
        ratings: Ratings = {}
        for state in self._beam:
            score, progress, _, sign = state
            # Most states agree on how far those have got that can have it.
            key = tuple([id(progress[position]) for position, _ in steps])
            found = options.get(key)
            if found is None:
                found = options[key] = self._options(progress, piece, steps, ratings)
            likeliest = -inf
            for cost, change, position, entry in found:
                moves.append((score + cost, sign ^ change, state, position, entry))
                likeliest = max(likeliest, cost)
            if likeliest < -_ODD:
                odd.append(state)
        if found is not None and len(found) == len(options) == 1 and not odd:
            # One command in all states: they differ as they did.
            self._beam = list(map(moved, moves))
            return
        # Nobody can well have it as things stand: something before was told of the wrong command.
        best = max((move[0] for move in moves), default=None)
        repair = Repair(self._line)
        if odd and (best is None or odd[0].score > best):
            # Only in the best of these states: in the others, nothing more was found.
            moves.extend(map(stay, repair.for_chunk(odd[0], piece)))
        if not moves:
            for state in self._beam[:_DEEP]:
                moves.extend(map(stay, repair.for_chunk(state, piece, deep=True)))
        if moves:
            self._beam = reached(moves)
        else:
            self._beam = best_of([state._replace(score=state.score + _NOBODY) for state in self._beam])

    def _steps(self, piece: Piece) -> list[tuple[int, dict[int, Step]]]:
        """The commands, by position, that can have `piece` in some state: by the identity of their progress there.

        States share most of what their commands have said, so a step is taken once for all of them.
        """
        found = []
        text, stderr = piece.text, piece.stream is Stream.STDERR
        columns = zip(*[state.progress for state in self._beam], strict=True)
        for position, (opened, column) in enumerate(zip(self._line, columns, strict=True)):
            whole = opened.stderr if stderr else opened.stdout
            steps: dict[int, Step] = {}
            for key, entry in dict(zip(map(id, column), column, strict=True)).items():
                # Most commands can't: that is seen without a call.
                if whole is not None and not whole.startswith(text, (entry.err if stderr else entry.out).at):
                    continue
                after = step(opened, entry, piece)
                if after is not None:
                    steps[key] = (*after, mark_of(opened, entry) ^ mark_of(opened, after[0]))
            if steps:
                found.append((position, steps))
        return found

    def _options(
        self,
        progress: tuple[Progress, ...],
        piece: Piece,
        steps: list[tuple[int, dict[int, Step]]],
        ratings: Ratings,
    ) -> list[Option]:
        """Who can have `piece` where the commands have got that far; `ratings` are of the same chunk."""
        found = []
        for position, after in steps:
            taken = after.get(id(progress[position]))
            if taken is not None:
                entry, cost, change = taken
                found.append((cost, change, position, entry))
        if len(found) < 2:
            return found
        line = self._line
        if sum([line[position].known for _, _, position, _ in found]) > 1:
            self._ambiguous.add(piece.index)
        takers = [(line[position], progress[position]) for _, _, position, _ in found]
        odds = weights(takers, piece, [cost for cost, _, _, _ in found], ratings)
        return [(option[0] + weight, *option[1:]) for option, weight in zip(found, odds, strict=True)]

    def _close(self, opened: Opened) -> None:
        repair = Repair(self._line)
        position = self._line.index(opened)
        states = self._beam
        if opened.known and not any(state.progress[position].whole(opened) for state in states):
            found = [one for state in states for one in repair.for_end(state, position)]
            if not found:
                found = [one for state in states[:_DEEP] for one in repair.for_end(state, position, deep=True)]
            states = [*states, *found]
        if opened.known:
            states = [*states, *(one for state in states[:_DEEP] for one in repair.for_ends(state, position))]
        closed = []
        ends: dict[tuple[int, int], Ended] = {}
        for state in states:
            entry = state.progress[position]
            score = state.score
            if opened.known:
                score += _without_ends(opened, entry) + (0.0 if entry.whole(opened) else _UNFINISHED)
            progress = (*state.progress[:position], *state.progress[position + 1 :])
            sign = state.sign ^ mark_of(opened, entry)
            # States that agree on what has ended share it.
            key = (id(entry), id(state.ended))
            ended = ends.get(key)
            if ended is None:
                ended = ends[key] = Ended(opened, entry, self._count, state.ended)
            closed.append(State(score, progress, ended, sign))
        del self._line[position]
        self._beam = best_of(closed)
        self._settle()

    # ---- decisions

    def _settle(self) -> None:
        """Decides what all states agree on, and what is so long ago that the best one's word is taken."""
        best = self._beam[0]
        if not self._line:
            # Nothing to come can tell the states apart.
            self._flush(best.ended)
            self._beam = [best._replace(score=0.0, ended=None)]
            return
        line = list(ended_in(best))
        if len(line) < _UNDECIDED + _ROOM:
            return
        cut = agreed_on(line[_UNDECIDED:], self._beam[1:])
        if cut is None:
            if len(line) < _DISPUTED:
                return
            cut = line[_DISPUTED // 2]
            self._beam = [state for state in self._beam if any(ended is cut for ended in ended_in(state))]
        self._flush(cut)
        self._beam = [state._replace(ended=without(state.ended, cut)) for state in self._beam]

    def _flush(self, ended: Ended | None) -> None:
        line = []
        while ended is not None:
            line.append(ended)
            ended = ended.before
        for one in reversed(line):
            self._decide(one.opened, one.progress)

    def _decide(self, opened: Opened, progress: Progress) -> None:
        pieces = pieces_of(progress)
        ambiguous = self._ambiguous.intersection(piece.index for piece in pieces)
        self._ambiguous -= ambiguous
        self.decided.append(Told(opened.command, pieces, frozenset(ambiguous)))


def _without_ends(opened: Opened, entry: Progress) -> float:
    """What it costs that a command ends before its pipes."""
    cost = 0.0
    for pipe, ends in zip((entry.out, entry.err), opened.ends, strict=True):
        if not pipe.ended:
            cost += _PERHAPS_NO_END if ends is None else _NO_END if ends else 0.0
    return cost
