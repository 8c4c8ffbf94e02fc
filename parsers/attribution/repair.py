"""What was told of the wrong command is told anew, where the search for whose chunk it is goes no further: `Repair`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from parsers.attribution.exchange import Cuts, along, exchange, give_away, in_between, tail_lengths, take_back
from parsers.attribution.resettle import Party, resettled
from parsers.attribution.said import Opened, Piece, Progress
from parsers.attribution.states import BEAM, State, ended_in, mark_of, moved, put_in_place
from parsers.attribution.steps import step
from parsers.model import Stream

_PLACES = 8
_EFFORT = 6_000
_REPAIR = -1.5


class Repair:
    """Repairs where a chunk has no good taker, or a command ends without all that it has said."""

    def __init__(self, line: Sequence[Opened]) -> None:
        """`line`: the open commands, in the order of a state's progress. For one chunk, or one end."""
        self._line = line
        self._cuts = Cuts()
        self._effort = _EFFORT
        """Exchanges that may still be tried: with hundreds of forks not every pair can be."""

    def _with(self, state: State, position: int, entry: Progress, cost: float) -> State:
        opened = self._line[position]
        sign = state.sign ^ mark_of(opened, state.progress[position]) ^ mark_of(opened, entry)
        return moved((state.score + cost, sign, state, position, entry))

    def for_chunk(self, state: State, piece: Piece, *, deep: bool = False) -> Iterator[State]:
        """States in which a command has the chunk, because two others' words, or with `deep` more, were changed."""
        stderr = piece.stream is Stream.STDERR
        for taker, opened in enumerate(self._line):
            whole = opened.stderr if stderr else opened.stdout
            if whole is None:
                continue
            at = state.progress[taker].pipe(stderr=stderr).at
            goals = [goal for goal in _places(whole, piece.text) if goal != at or not piece.text]
            if deep:
                ways = self._deeply(state, taker, stderr=stderr, goals=goals)
            else:
                ways = list(self._exchanged(state, taker, stderr=stderr, goals=goals))
            for changed in ways:
                after = step(opened, changed.progress[taker], piece)
                if after is not None:
                    yield self._with(changed, taker, after[0], after[1])

    def _deeply(self, state: State, taker: int, *, stderr: bool, goals: list[int]) -> list[State]:
        """As `_exchanged`, by what two others have said, or else by all that it takes."""
        ways = list(self._twice(state, taker, stderr=stderr, goals=goals))
        for goal in goals if not ways else ():
            ways += self._resettled(state, taker, goal, stderr=stderr)
        return ways

    def _twice(self, state: State, taker: int, *, stderr: bool, goals: list[int]) -> Iterator[State]:
        """As `_exchanged`, by what two others have said: from a point on the way, a third one's part leads on."""
        at = state.progress[taker].pipe(stderr=stderr).at
        # Where it stands counts too: the same words, said at another time, may be what a third one can have.
        on_the_way = {at}
        for giver in range(len(self._line)):
            if giver != taker:
                lengths = tail_lengths(state.progress[giver], stderr=stderr, cuts=self._cuts)
                on_the_way.update(goal - length for goal in goals for length in lengths if 0 < length <= goal)
        for halfway in self._exchanged(state, taker, stderr=stderr, goals=list(on_the_way)):
            yield from self._exchanged(halfway, taker, stderr=stderr, goals=goals)
        for third in range(len(self._line)):
            lengths = tail_lengths(state.progress[third], stderr=stderr, cuts=self._cuts)
            # What a third one said last may lead to a goal, if it is said at another time: as another one's words.
            if third == taker or any(goal - at in lengths for goal in goals):
                for halfway in self._swapped(state, third, stderr=stderr):
                    yield from self._exchanged(halfway, taker, stderr=stderr, goals=goals)
            # Or who could have what the taker has too much must first be rid of its own last words.
            if third != taker:
                own = [goal for goal in goals if goal < at and self._stood_at(state, third, goal, stderr=stderr)]
                for halfway in self._exchanged(state, third, stderr=stderr, goals=own):
                    yield from self._exchanged(halfway, taker, stderr=stderr, goals=goals)

    def _stood_at(self, state: State, position: int, goal: int, *, stderr: bool) -> bool:
        """Whether a pipe of a command has stood at that byte, and has gone on."""
        progress = state.progress[position]
        at = progress.pipe(stderr=stderr).at
        return goal < at and (at - goal) in tail_lengths(progress, stderr=stderr, cuts=self._cuts)

    def _swapped(self, state: State, taker: int, *, stderr: bool) -> Iterator[State]:
        """States in which the taker has said its newest words when another one said the same, who has gone on since."""
        opened, mine = self._line[taker], state.progress[taker]
        for giver, other in enumerate(self._line):
            if giver != taker and self._effort > 0:
                self._effort -= 1
                theirs = state.progress[giver]
                for got, gave in in_between(opened, mine, other, theirs, stderr=stderr, cuts=self._cuts):
                    yield self._with(self._with(state, taker, got, _REPAIR), giver, gave, 0.0)

    def _exchanged(self, state: State, taker: int, *, stderr: bool, goals: list[int]) -> Iterator[State]:
        """States in which the taker's pipe stands at a goal, by what another has said: one with each other."""
        if not goals:
            return
        opened, mine = self._line[taker], state.progress[taker]
        for giver, other in enumerate(self._line):
            if giver != taker and self._effort > 0:
                self._effort -= 1 + len(goals) // _PLACES
                theirs = state.progress[giver]
                swap = next(exchange(opened, mine, other, theirs, stderr=stderr, goals=goals, cuts=self._cuts), None)
                if swap is not None:
                    got, gave, cost = along(opened, mine, other, theirs, swap, stderr=stderr, cuts=self._cuts)
                    yield self._with(self._with(state, taker, got, _REPAIR), giver, gave, cost)
                if not other.known:
                    left = give_away(mine, other, theirs, stderr=stderr, goals=goals, cuts=self._cuts)
                    back = take_back(opened, mine, other, theirs, stderr=stderr, goals=goals)
                    for way in (left, back):
                        if way is not None:
                            yield self._with(self._with(state, taker, way[0], _REPAIR), giver, way[1], way[2])
        for ended in ended_in(state):
            if self._effort <= 0:
                return
            self._effort -= 1 + len(goals) // _PLACES
            ways = exchange(opened, mine, ended.opened, ended.progress, stderr=stderr, goals=goals, cuts=self._cuts)
            for swap in ways:
                got, gave, cost = along(
                    opened, mine, ended.opened, ended.progress, swap, stderr=stderr, cuts=self._cuts
                )
                if gave.whole(ended.opened) and gave.last is not None and gave.last.number <= ended.until:
                    told = put_in_place(state.ended, ended, ended._replace(progress=gave))
                    yield self._with(state, taker, got, _REPAIR + cost)._replace(ended=told)
                    break

    def for_end(self, state: State, position: int, *, deep: bool = False) -> Iterator[State]:
        """States in which the command that ends has had all of its pieces, by what others have said."""
        opened = self._line[position]
        found = [state]
        for stderr, whole in ((True, opened.stderr or b""), (False, opened.stdout or b"")):
            grown = []
            for one in found:
                if one.progress[position].pipe(stderr=stderr).at == len(whole):
                    grown.append(one)
                    continue
                goals = [len(whole)]
                ways = list(self._exchanged(one, position, stderr=stderr, goals=goals))
                if deep and not ways:
                    ways = self._deeply(one, position, stderr=stderr, goals=goals)
                grown.extend(ways)
            found = grown[:BEAM]
        yield from found

    def for_ends(self, state: State, position: int) -> Iterator[State]:
        """States in which a pipe of the command that ends has had its end, which was given to others."""
        opened = self._line[position]
        for stderr, whole in ((True, opened.stderr), (False, opened.stdout)):
            pipe = state.progress[position].pipe(stderr=stderr)
            if whole is not None and not pipe.ended and opened.ends[stderr] and pipe.at == len(whole):
                for changed in self._resettled(state, position, pipe.at, stderr=stderr):
                    state = changed
                    yield state

    def _resettled(self, state: State, taker: int, goal: int, *, stderr: bool) -> list[State]:
        """The state in which the taker's pipe stands at a goal, or has ended where it stands there, if one is found."""
        way = resettled(self._parties(state), taker, goal, stderr=stderr)
        changed = self._changed(state, *way) if way is not None else None
        return [changed] if changed is not None else []

    def _changed(self, state: State, found: dict[int, Progress], gain: float) -> State | None:
        changed = state._replace(score=state.score + gain + _REPAIR * (len(found) - 1))
        closed = list(ended_in(state))
        for index, progress in found.items():
            if index < len(self._line):
                changed = self._with(changed, index, progress, 0.0)
                continue
            old = closed[index - len(self._line)]
            if not progress.whole(old.opened):
                return None
            new = old._replace(progress=progress)
            changed = changed._replace(ended=put_in_place(changed.ended, old, new))
            closed = list(ended_in(changed))
        return changed

    def _parties(self, state: State) -> list[Party]:
        own = [Party(opened, progress, None) for opened, progress in zip(self._line, state.progress, strict=True)]
        return own + [Party(ended.opened, ended.progress, ended.until) for ended in ended_in(state)]


def _places(whole: bytes, text: bytes) -> list[int]:
    """Where `text` stands in a stream: the first eight places."""
    if not text:
        return [len(whole)]
    places: list[int] = []
    at = whole.find(text)
    while at >= 0 and len(places) < _PLACES:
        places.append(at)
        at = whole.find(text, at + 1)
    return places
