"""Whose chunk it is, where no header says it, ansible-core 2.17 and later: `Beam`.

All workers' chunks are printed by the parent, with the parent's pid and time and no host. What is known: a command
opens at its `SSH: EXEC` line and ends at its tuple `<X> (rc, stdout, stderr)`, and its chunks, joined in order, are
these bytes. So every chunk is the next piece of a stream of one of the commands that are open, and every command that
ended has had all of its pieces.

That is searched chunk by chunk with a few states side by side; a state is what each open command has said so far.
Where several commands can have a chunk, `likely` says which is the likeliest. Most text is the same for every host, so
a choice shows as wrong only later, at a chunk that nobody can well have or a command that ends unfinished: then what
two commands have said since a common point changes hands, if each fits the other's stream, or what was displaced finds
its place among several (`repair`). What a command that never ended can have said is told by the order of ssh's own
lines, by what the commands beside it have said, and by the hosts that the text names (`guess`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from typing import NamedTuple

from parsers.attribution.crossing import cross
from parsers.attribution.likely import Ratings, weights
from parsers.attribution.repair import Repair
from parsers.attribution.said import FRESH, Opened, Piece, Progress, pieces_of
from parsers.attribution.states import (
    BEAM,
    WIDE,
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
from parsers.model import Stream

_UNDECIDED = 12
"""Commands that ended and may still be told otherwise, though all states agree on them."""

_ROOM = 4
"""So many more are decided at once."""

_DISPUTED = 64
"""Beyond, the best state's word is taken."""

_DEEP = 4
"""States in which a chunk that nobody can have is worth a repair in two steps."""

_VAIN = 8
"""Repairs in two steps that find nothing one after the other, behind which they are tried seldom: a log that has lost
lines has a chunk without a command at every turn."""

_SELDOM = 64
"""Chunks between them then."""

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
    changed_with: int | None = None
    """No chunks: the command, by index, whose result was truly this one's, and this one's that command's."""


@dataclass(slots=True, eq=False)
class Beam:
    """The states side by side, as far as the search has got; it takes one event after another."""

    told: list[Told] = field(default_factory=list)
    """What was decided."""
    count: int = 0
    """Chunks so far."""
    line: list[Opened] = field(default_factory=list)
    """The commands that are open."""
    lost: bool = False
    """Whether a chunk found nobody, or a command ended without all that it has said."""
    wide: bool = False
    """Whether it goes on with more states than usual."""
    _vain: int = 0
    """Repairs in two steps that found nothing since one did."""
    _not_before: int = 0
    """Number of the chunk from which on they are tried again."""
    _states: list[State] = field(default_factory=lambda: [State(0.0, (), None)])
    _ambiguous: set[int] = field(default_factory=set)

    def copy(self) -> Beam:
        """Another one that stands where this one does."""
        beam = Beam(list(self.told), self.count, list(self.line), self.lost, self.wide)
        beam._states, beam._ambiguous = list(self._states), set(self._ambiguous)
        beam._vain, beam._not_before = self._vain, self._not_before
        return beam

    def with_results(self, results: dict[Opened, Opened]) -> Beam | None:
        """Another one, with others in the place of open commands; None where what was said is not how these begin."""
        line, states = list(self.line), self._states
        for position, opened in enumerate(self.line):
            now = results.get(opened)
            if now is not None:
                line[position] = now
                states = [one for one in states if now.goes_on(one.progress[position], opened)]
        return replace(self.copy(), line=line, _states=states) if states else None

    def crossed(self, one: Opened, other: Opened, results: dict[Opened, Opened]) -> Beam | None:
        """As `with_results` for two, which had each other's: where what was said is not how these begin, that changes
        hands too."""
        if one not in self.line or other not in self.line:
            return self.with_results(results)
        line, states = list(self.line), []
        first, second = line.index(one), line.index(other)
        line[first], line[second] = results[one], results[other]
        for state in self._states:
            mine, theirs = state.progress[first], state.progress[second]
            if results[one].goes_on(mine, one) and results[other].goes_on(theirs, other):
                states.append(state)
            elif (changed := cross(results[one], mine, results[other], theirs)) is not None:
                progress, sign = list(state.progress), state.sign
                for position, opened, old, now in zip(
                    (first, second), (one, other), (mine, theirs), changed, strict=True
                ):
                    progress[position] = now
                    sign ^= mark_of(opened, old) ^ mark_of(opened, now)
                states.append(state._replace(progress=tuple(progress), sign=sign))
        return replace(self.copy(), line=line, _states=states) if states else None

    def open(self, opened: Opened) -> None:
        """A command's `SSH: EXEC` line."""
        opened.since = self.count
        self.line.append(opened)
        fresh = mark_of(opened, FRESH)
        self._states = [
            State(state.score, (*state.progress, FRESH), state.ended, state.sign ^ fresh) for state in self._states
        ]

    def finish(self) -> None:
        """No more events: what is open never ends."""
        best = self._states[0]
        self._flush(best.ended)
        for opened, progress in zip(self.line, best.progress, strict=True):
            self._decide(opened, progress)
        self._states = [best._replace(score=0.0, progress=tuple(map(forgotten, best.progress)), ended=None)]

    @property
    def _most(self) -> int:
        return WIDE if self.wide else BEAM

    def place(self, piece: Piece) -> None:
        """A chunk."""
        self.count += 1
        piece.number = self.count
        steps = self._steps(piece)
        moves: list[Move] = []
        odd: list[State] = []
        options: dict[tuple[int, ...], list[Option]] = {}
        found: list[Option] | None = None
        ratings: Ratings = {}
        for state in self._states:
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
            self._states = list(map(moved, moves))
            return
        # Nobody can well have it as things stand: something before was told of the wrong command.
        best = max((move[0] for move in moves), default=None)
        repair = Repair(self.line)
        if odd and (best is None or odd[0].score > best):
            # Only in the best of these states: in the others, nothing more was found.
            moves.extend(map(stay, repair.for_chunk(odd[0], piece)))
        if not moves and self.count >= self._not_before:
            for state in self._states[:_DEEP]:
                moves.extend(map(stay, repair.for_chunk(state, piece, deep=True)))
            self._tried(found=bool(moves))
        if moves:
            self._states = reached(moves, self._most)
        else:
            self.lost = self.lost or not piece.ends
            nobodys = [state._replace(score=state.score + _NOBODY) for state in self._states]
            self._states = best_of(nobodys, self._most)

    def _tried(self, *, found: bool) -> None:
        """A repair in two steps was tried."""
        self._vain = 0 if found else self._vain + 1
        if self._vain >= _VAIN:
            self._not_before = self.count + _SELDOM

    def _steps(self, piece: Piece) -> list[tuple[int, dict[int, Step]]]:
        """The commands, by position, that can have `piece` in some state: by the identity of their progress there.

        States share most of what their commands have said, so a step is taken once for all of them.
        """
        found = []
        text, stderr = piece.text, piece.stream is Stream.STDERR
        columns = zip(*[state.progress for state in self._states], strict=True)
        for position, (opened, column) in enumerate(zip(self.line, columns, strict=True)):
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
        line = self.line
        if sum([line[position].known for _, _, position, _ in found]) > 1:
            self._ambiguous.add(piece.index)
        takers = [(line[position], progress[position]) for _, _, position, _ in found]
        odds = weights(takers, piece, [cost for cost, _, _, _ in found], ratings)
        return [(option[0] + weight, *option[1:]) for option, weight in zip(found, odds, strict=True)]

    def close(self, opened: Opened) -> None:
        """A command's end."""
        repair = Repair(self.line)
        position = self.line.index(opened)
        states = self._states
        if opened.known and not any(state.progress[position].whole(opened) for state in states):
            found = [one for state in states for one in repair.for_end(state, position)]
            if not found and self.count >= self._not_before:
                found = [one for state in states[:_DEEP] for one in repair.for_end(state, position, deep=True)]
                self._tried(found=bool(found))
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
                ended = ends[key] = Ended(opened, entry, self.count, state.ended)
            closed.append(State(score, progress, ended, sign))
        del self.line[position]
        self._states = best_of(closed, self._most)
        last = self._states[0].ended
        if opened.known and last is not None and not last.progress.whole(opened):
            self.lost = True
        self._settle()

    # ---- decisions

    def _settle(self) -> None:
        """Decides what all states agree on, and what is so long ago that the best one's word is taken."""
        best = self._states[0]
        if not self.line:
            # Nothing to come can tell the states apart.
            self._flush(best.ended)
            self._states = [best._replace(score=0.0, ended=None)]
            return
        line = list(ended_in(best))
        if len(line) < _UNDECIDED + _ROOM:
            return
        cut = agreed_on(line[_UNDECIDED:], self._states[1:])
        if cut is None:
            if len(line) < _DISPUTED:
                return
            cut = line[_DISPUTED // 2]
            self._states = [state for state in self._states if any(ended is cut for ended in ended_in(state))]
        self._flush(cut)
        self._states = [state._replace(ended=without(state.ended, cut)) for state in self._states]

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
        self.told.append(Told(opened.command, pieces, frozenset(ambiguous)))


def _without_ends(opened: Opened, entry: Progress) -> float:
    """What it costs that a command ends before its pipes."""
    cost = 0.0
    for pipe, ends in zip((entry.out, entry.err), opened.ends, strict=True):
        if not pipe.ended:
            cost += _PERHAPS_NO_END if ends is None else _NO_END if ends else 0.0
    return cost
