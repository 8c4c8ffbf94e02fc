"""What two commands have said since a common point changes hands, in the search for whose chunk it is.

`exchange` finds what fits of one pipe, `along` adds the other pipe where the two belong together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from operator import attrgetter, itemgetter
from typing import NamedTuple

from parsers.attribution.said import FRESH, Opened, Piece, Pipe, Progress, Said, pieces_of
from parsers.attribution.steps import replayed, step

_FAR = 150
"""Chunks of one pipe back to which what it has said may change hands."""


class _Point(NamedTuple):
    """A point in what a pipe has said: how far it had got, and the chunk that comes next."""

    at: int
    said: Said | None
    next_number: int
    """Number of the chunk behind it; beyond all others where there is none."""


_END = 1 << 62


class _Cut(NamedTuple):
    pipe: Pipe
    points: list[_Point]
    """At which what the pipe has said can be cut, the newest (nothing after it) first.

    Nothing comes behind the end of a pipe: there the newest is the one before its empty chunk.
    """
    by_length: dict[int, list[_Point]]
    """The same, by the bytes said since."""
    last: bytes
    """The newest chunk's text that is not empty."""


class Cuts:
    """The points of pipes, found once for all the exchanges that are tried for one chunk."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, int], _Cut] = {}
        self._traces: dict[int, tuple[Progress, _Trace]] = {}

    def of(self, pipe: Pipe) -> _Cut:
        """Where `pipe` can be cut. It is held, so nothing else can come to have the identity of what it has said."""
        key = (id(pipe.said), pipe.at)
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = _cut(pipe)
        return held

    def trace(self, opened: Opened, progress: Progress) -> _Trace:
        """How a command came to where it stands, chunk by chunk."""
        held = self._traces.get(id(progress))
        if held is None:
            held = self._traces[id(progress)] = (progress, _gone(opened, pieces_of(progress), [_BEGINNING]))
        return held[1]


_Trace = list[tuple[int, Progress, float]]
"""(number of a chunk, the progress with it, what all so far costs in its order)."""

_BEGINNING = (-1, FRESH, 0.0)
_IMPOSSIBLE = -100.0


def _gone(opened: Opened, pieces: list[Piece], before: _Trace) -> _Trace:
    _, progress, cost = before[-1]
    trace = list(before)
    for piece in pieces:
        after = step(opened, progress, piece)
        if after is None:
            return [*trace, (piece.number, progress, cost + _IMPOSSIBLE)]
        progress, cost = after[0], cost + after[1]
        trace.append((piece.number, progress, cost))
    return trace


def _cut(pipe: Pipe) -> _Cut:
    points = [] if pipe.ended else [_Point(pipe.at, pipe.said, _END)]
    said = pipe.said
    last = b""
    while said is not None and len(points) < _FAR:
        before = said.before
        last = last or said.piece.text
        points.append(_Point(before.at if before is not None else 0, before, said.piece.number))
        said = before
    by_length: dict[int, list[_Point]] = {}
    for point in points:
        by_length.setdefault(pipe.at - point.at, []).append(point)
    return _Cut(pipe, points, by_length, last)


def exchange(
    taker: Opened,
    mine: Progress,
    giver: Opened,
    theirs: Progress,
    *,
    stderr: bool,
    goals: list[int],
    cuts: Cuts | None = None,
) -> Iterator[tuple[Progress, Progress]]:
    """Every way in which what two pipes have said since some point can change hands, the smallest change first.

    Each one's part must fit the other's stream, come after the other's point, and not before the other was started;
    the taker's pipe must then stand at one of `goals` (bytes). `cuts` is shared by calls about the same pipes.
    """
    cuts = cuts or Cuts()
    whole, other_whole = (taker.stderr, giver.stderr) if stderr else (taker.stdout, giver.stdout)
    pipe, other_pipe = (mine.err, theirs.err) if stderr else (mine.out, theirs.out)
    if whole is None:
        return
    points, theirs_since = cuts.of(pipe).points, cuts.of(other_pipe)
    # Where the giver's newest words do not end at the goal, nothing of it can lead there; few exchanges get further.
    given = [goal for goal in goals if whole.endswith(theirs_since.last, 0, goal)]
    if not given and not any(cut.at in goals for cut in points):
        return
    for cut, other in _pairs(points, theirs_since.by_length, goals, given):
        if cut.next_number == other.next_number == _END:
            continue
        if not (_follows(cut, other, taker) and _follows(other, cut, giver)):
            continue
        if not _fits(whole, cut, other_whole, other, other_pipe):
            continue
        if other_whole is not None and not _fits(other_whole, other, whole, cut, pipe):
            continue
        got, gave = _moved(cut, other, other_pipe), _moved(other, cut, pipe)
        yield with_pipe(mine, got, stderr=stderr), with_pipe(theirs, gave, stderr=stderr)


def in_between(
    taker: Opened, mine: Progress, giver: Opened, theirs: Progress, *, stderr: bool, cuts: Cuts
) -> Iterator[tuple[Progress, Progress]]:
    """Every way in which the taker's newest words change places with the giver's same words, who has gone on since.

    Both stand where they stood. The taker has said them at another time, when another one could have.
    """
    pipe, other_pipe = (mine.err, theirs.err) if stderr else (mine.out, theirs.out)
    if pipe.ended or pipe.said is None or other_pipe.at <= pipe.at:
        return
    points = {point.at: point for point in reversed(cuts.of(other_pipe).points)}
    behind = points.get(pipe.at)
    if behind is None:
        return
    for cut in cuts.of(pipe).points[1:]:
        before = points.get(cut.at)
        if before is None or not (_follows(cut, before, taker) and _follows(before, cut, giver)):
            continue
        newest = said_since(pipe.said, cut.next_number)
        others = said_since(other_pipe.said, before.next_number)
        place = next(index for index, piece in enumerate(others) if piece.number == behind.next_number)
        if newest[-1].number > behind.next_number:
            continue
        got = gone_on(taker.stderr if stderr else taker.stdout, pipe.said, len(newest), others[:place])
        now = newest + others[place:]
        gave = gone_on(giver.stderr if stderr else giver.stdout, other_pipe.said, len(others), now)
        if got is not None and gave is not None:
            yield with_pipe(mine, got, stderr=stderr), with_pipe(theirs, gave, stderr=stderr)


def along(
    taker: Opened,
    mine: Progress,
    giver: Opened,
    theirs: Progress,
    changed: tuple[Progress, Progress],
    *,
    stderr: bool,
    cuts: Cuts,
) -> tuple[Progress, Progress, float]:
    """A way of `exchange`, in which the other pipes change hands from the same chunk on where that is likelier.

    Who was given another's words in the middle was mostly given its answers too, and its ends. Returns both progresses,
    and by how much what the two have said is likelier in its order than before.
    """
    got, gave = changed
    since = min(_first_change(mine, got, stderr=stderr), _first_change(theirs, gave, stderr=stderr))
    traces = cuts.trace(taker, mine), cuts.trace(giver, theirs)
    before = traces[0][-1][2] + traces[1][-1][2]
    cost = _cost(taker, got, traces[0], since) + _cost(giver, gave, traces[1], since)
    both = _changed_from(taker, got, giver, gave, since, stderr=not stderr)
    if both is not None:
        with_both = _cost(taker, both[0], traces[0], since) + _cost(giver, both[1], traces[1], since)
        if with_both > cost:
            return *both, with_both - before
    return got, gave, cost - before


def _cost(opened: Opened, progress: Progress, old: _Trace, since: int) -> float:
    """What all that a command has said costs in its order; `old` is how it was, and still is before that chunk."""
    pieces = sorted(said_since(progress.out.said, since) + said_since(progress.err.said, since), key=_number)
    return _gone(opened, pieces, old[: bisect_left(old, since, key=_first)])[-1][2]


_number = attrgetter("number")
_first = itemgetter(0)


def _first_change(old: Progress, new: Progress, *, stderr: bool) -> int:
    """Number of the first chunk that is in a pipe's one history and not in the other."""
    one, other = (old.err.said, new.err.said) if stderr else (old.out.said, new.out.said)
    return min(
        {piece.number for piece in said_since(one, 0)} ^ {piece.number for piece in said_since(other, 0)}, default=_END
    )


def said_since(said: Said | None, number: int) -> list[Piece]:
    """What a pipe has said from a chunk on, oldest first."""
    pieces = []
    while said is not None and said.piece.number >= number:
        pieces.append(said.piece)
        said = said.before
    pieces.reverse()
    return pieces


def _changed_from(
    one: Opened, mine: Progress, other: Opened, theirs: Progress, since: int, *, stderr: bool
) -> tuple[Progress, Progress] | None:
    """Both with what the other's pipe has said from that chunk on; None where that is nothing, or does not fit."""
    pipe, other_pipe = (mine.err, theirs.err) if stderr else (mine.out, theirs.out)
    part, other_part = said_since(pipe.said, since), said_since(other_pipe.said, since)
    if not part and not other_part:
        return None
    got = gone_on(one.stderr if stderr else one.stdout, pipe.said, len(part), other_part)
    gave = gone_on(other.stderr if stderr else other.stdout, other_pipe.said, len(other_part), part)
    if got is None or gave is None:
        return None
    return with_pipe(mine, got, stderr=stderr), with_pipe(theirs, gave, stderr=stderr)


def gone_on(whole: bytes | None, said: Said | None, without: int, part: list[Piece]) -> Pipe | None:
    """A pipe that has said `part` instead of the newest `without` chunks; None where its stream does not go on so."""
    for _ in range(without):
        said = said.before if said is not None else None
    at, ended = said.at if said is not None else 0, False
    for piece in part:
        if whole is not None and not whole.startswith(piece.text, at):
            return None
        at += len(piece.text)
        ended = piece.ends
        if ended and whole is not None and at != len(whole):
            return None
        said = Said(piece, said, at)
    return Pipe(at, ended, said)


def give_away(
    mine: Progress, owner: Opened, theirs: Progress, *, stderr: bool, goals: list[int], cuts: Cuts
) -> tuple[Progress, Progress, float] | None:
    """What a pipe has said since one of `goals` goes to a command that has not ended, each chunk in its place in time.

    Such a command may have anything that ssh's order allows, so its own chunks go on around what it is given. Returns
    both progresses, and by how much the owner's is likelier; None where there is no such point, or it can't have it.
    """
    pipe = mine.err if stderr else mine.out
    since = cuts.of(pipe).by_length
    cut = next((point for goal in goals for point in since.get(pipe.at - goal, ()) if point.at == goal), None)
    if cut is None or cut.next_number == _END or cut.next_number <= owner.since:
        return None
    given = said_since(pipe.said, cut.next_number)
    own = pieces_of(theirs)
    before, after = replayed(owner, own), replayed(owner, sorted([*own, *given], key=lambda piece: piece.number))
    if before is None or after is None:
        return None
    return with_pipe(mine, Pipe(cut.at, ended=False, said=cut.said), stderr=stderr), after[0], after[1] - before[1]


def take_back(
    taker: Opened, mine: Progress, owner: Opened, theirs: Progress, *, stderr: bool, goals: list[int]
) -> tuple[Progress, Progress, float] | None:
    """What leads a pipe on to one of `goals`, from among all that a command that has not ended was given.

    That may be the words of several. Returns both progresses, and by how much the owner's is likelier; None where
    there is nothing of the kind.
    """
    pipe, other_pipe = (mine.err, theirs.err) if stderr else (mine.out, theirs.out)
    whole = taker.stderr if stderr else taker.stdout
    if whole is None or pipe.ended:
        return None
    ways: dict[int, Said | None] = {pipe.at: pipe.said}
    first = pipe.said.piece.number if pipe.said is not None else taker.since
    for piece in said_since(other_pipe.said, first + 1):
        for at, said in list(ways.items()) if piece.text else ():
            if whole.startswith(piece.text, at):
                end = at + len(piece.text)
                ways.setdefault(end, Said(piece, said, end))
    goal = next((goal for goal in goals if goal > pipe.at and goal in ways), None)
    if goal is None:
        return None
    taken = {piece.number for piece in said_since(ways[goal], first + 1)}
    own = pieces_of(theirs)
    before, after = replayed(owner, own), replayed(owner, [piece for piece in own if piece.number not in taken])
    if before is None or after is None:
        return None
    return with_pipe(mine, Pipe(goal, ended=False, said=ways[goal]), stderr=stderr), after[0], after[1] - before[1]


def _pairs(
    points: list[_Point], by_length: dict[int, list[_Point]], goals: list[int], given: list[int]
) -> Iterator[tuple[_Point, _Point]]:
    """The taker's points with the giver's whose part leads from there to a goal; one of `given` if it says anything."""
    few = len(goals) <= len(by_length)
    every, wanted = frozenset(goals), frozenset(given)
    for cut in points:
        if few:
            for goal in goals:
                if goal == cut.at or goal in wanted:
                    for other in by_length.get(goal - cut.at, ()):
                        yield cut, other
        else:
            for length, others in by_length.items():
                if cut.at + length in (wanted if length else every):
                    for other in others:
                        yield cut, other


def tail_lengths(progress: Progress, *, stderr: bool, cuts: Cuts) -> Iterable[int]:
    """How many bytes a pipe has said since each of its points."""
    return cuts.of(progress.err if stderr else progress.out).by_length


def _follows(cut: _Point, tail: _Point, owner: Opened) -> bool:
    """Whether the part behind `tail` comes after the owner's point and start."""
    return tail.next_number > (cut.said.piece.number if cut.said is not None else owner.since)


def _fits(whole: bytes, cut: _Point, other: bytes | None, tail: _Point, end: Pipe) -> bool:
    """Whether the part from `tail` to `end` goes on with the stream `whole` at `cut`."""
    if end.ended and tail.next_number != _END and cut.at + end.at - tail.at != len(whole):
        return False
    if end.at == tail.at:
        return True
    if other is not None:
        return whole.startswith(other[tail.at : end.at], cut.at)
    part = said_since(end.said, tail.next_number)
    return whole.startswith(b"".join([piece.text for piece in part]), cut.at)


def _moved(cut: _Point, tail: _Point, end: Pipe) -> Pipe:
    """The pipe at `cut`, gone on with the part from `tail` to `end`."""
    at, now, ended = cut.at, cut.said, False
    for piece in said_since(end.said, tail.next_number):
        at += len(piece.text)
        ended = piece.ends
        now = Said(piece, now, at)
    return Pipe(at, ended, now)


def with_pipe(progress: Progress, pipe: Pipe, *, stderr: bool) -> Progress:
    """The progress with one pipe as given."""
    other = progress.out if stderr else progress.err
    newest = [said.piece for said in (pipe.said, other.said) if said is not None]
    last = max(newest, key=lambda piece: piece.number, default=None)
    if stderr:
        return Progress(progress.out, pipe, progress.rank, last)
    return Progress(pipe, progress.err, progress.rank, last)
