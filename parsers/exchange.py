"""What two commands have said since a common point changes hands, in the search for whose chunk it is: `exchange`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from parsers.said import Opened, Pipe, Progress, Said, pieces_of, replayed

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

    def of(self, pipe: Pipe) -> _Cut:
        """Where `pipe` can be cut. It is held, so nothing else can come to have the identity of what it has said."""
        key = (id(pipe.said), pipe.at)
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = _cut(pipe)
        return held


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
        yield _with(mine, got, stderr=stderr), _with(theirs, gave, stderr=stderr)


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
    given = []
    said = pipe.said
    while said is not None and said is not cut.said:
        given.append(said.piece)
        said = said.before
    own = pieces_of(theirs)
    before, after = replayed(owner, own), replayed(owner, sorted([*own, *given], key=lambda piece: piece.number))
    if before is None or after is None:
        return None
    return _with(mine, Pipe(cut.at, ended=False, said=cut.said), stderr=stderr), after[0], after[1] - before[1]


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
    parts = []
    said = end.said
    while said is not None and said is not tail.said:
        parts.append(said.piece.text)
        said = said.before
    return whole.startswith(b"".join(reversed(parts)), cut.at)


def _moved(cut: _Point, tail: _Point, end: Pipe) -> Pipe:
    """The pipe at `cut`, gone on with the part from `tail` to `end`."""
    part = []
    said = end.said
    while said is not None and said is not tail.said:
        part.append(said.piece)
        said = said.before
    at, now, ended = cut.at, cut.said, False
    for piece in reversed(part):
        at += len(piece.text)
        ended = piece.ends
        now = Said(piece, now, at)
    return Pipe(at, ended, now)


def _with(progress: Progress, pipe: Pipe, *, stderr: bool) -> Progress:
    other = progress.out if stderr else progress.err
    newest = [said.piece for said in (pipe.said, other.said) if said is not None]
    last = max(newest, key=lambda piece: piece.number, default=None)
    if stderr:
        return Progress(progress.out, pipe, progress.rank, last)
    return Progress(pipe, progress.err, progress.rank, last)
