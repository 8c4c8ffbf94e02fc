"""Who takes another's chunk displaces it: what is displaced finds a place, until all stand again. `resettled`.

Where the search for whose chunk it is comes to a chunk that nobody can have, or a command ends without all that it has
said, `exchange` mends one wrong choice or two. Many hosts that say the same in small chunks make several that hang
together. Here each step is small: a gap in what a command has said is filled with another one's chunk, and that one has
a gap then, or does without all behind it; a chunk that is nobody's takes the place of others with the same bytes, which
are nobody's then. The way on that leaves the least undone is tried first.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import count
from operator import attrgetter
from typing import NamedTuple

from parsers.attribution.exchange import with_pipe
from parsers.attribution.said import Opened, Piece, Pipe, Progress, Said, pieces_of
from parsers.attribution.steps import replayed

_FAR = 40
"""Chunks of one pipe back to which they may find another place."""

_EFFORT = 100
"""Steps that are tried."""

_AWAY = 4
"""Chunks that a command may lose at once."""

_UNDONE = 2.0
"""What a gap or a chunk without a place weighs, against one chunk that was moved."""

_WIDE = 400
"""Bytes of a gap."""

_NOW = 1 << 62

_number = attrgetter("number")


class Party(NamedTuple):
    """A command that may take part."""

    opened: Opened
    progress: Progress
    until: int | None
    """Number of the last chunk before it ended; None while it is open, so that it can do without its last words."""


class _Line(NamedTuple):
    """The newest chunks of one command's pipe."""

    base: int
    """Bytes before them."""
    low: int
    """Number of the chunk before them."""
    before: Said | None
    pieces: tuple[Piece, ...]
    at: tuple[int, ...]
    """Bytes up to the end of the one before each, and of the last."""


class _Gap(NamedTuple):
    party: int
    place: int
    """The chunk of its line before which it is."""
    end: int
    """The byte where it ends; where it begins too, the end of the pipe is missing."""


class _Node(NamedTuple):
    lines: dict[int, _Line]
    """Those that are changed."""
    owners: dict[int, int | None]
    """Of the chunks that were moved, by number."""
    gaps: tuple[_Gap, ...]
    loose: tuple[Piece, ...]
    """Chunks that are nobody's."""
    cost: float


def resettled(
    parties: Sequence[Party], taker: int, goal: int, *, stderr: bool
) -> tuple[dict[int, Progress], float] | None:
    """A pipe of the taker goes on, or back, to a byte; where it stands there already, it ends.

    Parties are told by their places. Returns the progress of all that were changed for it, and by how much what they
    have said is likelier in its order; None where no way was found.
    """
    pipe = parties[taker].progress.pipe(stderr=stderr)
    if goal == pipe.at and not pipe.ended:
        # Mostly another one, which is still open, was given its end.
        ways = [found for giver in range(len(parties)) if (found := _end_of(parties, giver, taker, stderr=stderr))]
        if ways:
            return max(ways, key=lambda way: way[1])
    return _Search(parties, stderr=stderr).to_goal(taker, goal)


def _end_of(
    parties: Sequence[Party], giver: int, taker: int, *, stderr: bool
) -> tuple[dict[int, Progress], float] | None:
    """The taker's pipe ends with the chunk with which an open one's has ended; None where it can't."""
    _, theirs, still = parties[giver]
    opened, mine, until = parties[taker]
    pipe, own = theirs.pipe(stderr=stderr), mine.pipe(stderr=stderr)
    if giver == taker or still is not None or not pipe.ended or pipe.said is None:
        return None
    end, low = pipe.said.piece, own.said.piece.number if own.said is not None else opened.since
    if not low < end.number <= (_NOW if until is None else until):
        return None
    found = {
        taker: with_pipe(mine, Pipe(own.at, True, Said(end, own.said, own.at)), stderr=stderr),
        giver: with_pipe(theirs, Pipe(pipe.at, False, pipe.said.before), stderr=stderr),
    }
    gain = _gain(parties, found)
    return (found, gain) if gain is not None else None


def _gain(parties: Sequence[Party], found: dict[int, Progress]) -> float | None:
    """By how much what they have said is likelier in its order now; None where one cannot have it."""
    gain = 0.0
    for index, now in found.items():
        opened, before, _ = parties[index]
        old, new = replayed(opened, pieces_of(before)), replayed(opened, pieces_of(now))
        if old is None or new is None:
            return None
        gain += new[1] - old[1]
    return gain


class _Search:
    """For one pipe (stdout or stderr) of the commands of one state."""

    def __init__(self, parties: Sequence[Party], *, stderr: bool) -> None:
        self._parties = parties
        self._stderr = stderr
        self._open = [party.until is None for party in parties]
        """Which can do without their last words."""
        self._shut = -1
        """Who is given nothing."""
        self._lines: list[_Line] = []
        self._wholes: list[bytes | None] = []
        owned: list[tuple[int, Piece]] = []
        for index, (opened, progress, _) in enumerate(parties):
            self._wholes.append(opened.stderr if stderr else opened.stdout)
            line = _line(progress.pipe(stderr=stderr), opened.since)
            self._lines.append(line)
            owned += [(index, piece) for piece in line.pieces]
        owned.sort(key=lambda one: one[1].number)
        self._owners = {piece.number: index for index, piece in owned}
        self._pieces = [piece for _, piece in owned]
        self._numbers = [piece.number for piece in self._pieces]

    def to_goal(self, party: int, goal: int) -> tuple[dict[int, Progress], float] | None:
        """As `resettled`; to be asked once."""
        line = self._lines[party]
        ended = bool(line.pieces) and line.pieces[-1].ends
        if ended or self._wholes[party] is None or goal - line.at[-1] > _WIDE:
            return None
        self._open[party] = False
        first = _Node({}, {}, (_Gap(party, len(line.pieces), goal),), (), 0.0)
        if goal < line.at[-1]:
            self._shut = party
            index = bisect_left(line.at, goal)
            behind = line.pieces[index:]
            if line.at[index] != goal or len(behind) > _AWAY:
                return None
            first = _Node({party: _up_to(line, index)}, dict.fromkeys(map(_number, behind)), (), behind, 0.0)
        numbers = count()
        waiting = [(0.0, next(numbers), first)]
        seen: set[tuple[object, ...]] = set()
        for _ in range(_EFFORT):
            if not waiting:
                return None
            _, _, node = heappop(waiting)
            if not node.gaps and not node.loose:
                found = self._found(node)
                if found is not None:
                    return found
                continue
            for after in self._next(node):
                key = (frozenset(after.owners.items()), after.gaps, tuple(piece.number for piece in after.loose))
                if key not in seen:
                    seen.add(key)
                    left = _UNDONE * (len(after.gaps) + len(after.loose))
                    heappush(waiting, (after.cost + left, next(numbers), after))
        return None

    def _line_of(self, node: _Node, party: int) -> _Line:
        return node.lines.get(party) or self._lines[party]

    def _until(self, party: int) -> int:
        until = self._parties[party].until
        return _NOW if until is None else until

    # ---- one step

    def _next(self, node: _Node) -> Iterator[_Node]:
        if node.gaps:
            ways = [(self._able(node, gap), place) for place, gap in enumerate(node.gaps)]
            able, place = min(ways, key=lambda way: len(way[0]))
            yield from self._filled(node, place, able)
            yield from self._widened(node, place)
        else:
            yield from self._placed(node)

    def _able(self, node: _Node, gap: _Gap) -> list[Piece]:
        """The chunks with which a gap can begin."""
        line, whole = self._line_of(node, gap.party), self._wholes[gap.party]
        if whole is None:
            return []
        at = line.at[gap.place]
        low = line.pieces[gap.place - 1].number if gap.place else line.low
        high = line.pieces[gap.place].number if gap.place < len(line.pieces) else self._until(gap.party) + 1
        near = self._pieces[bisect_right(self._numbers, low) : bisect_left(self._numbers, high)]
        if at == gap.end:
            return [piece for piece in near if piece.ends]
        return [
            piece
            for piece in near
            if piece.text and at + len(piece.text) <= gap.end and whole.startswith(piece.text, at)
        ]

    def _filled(self, node: _Node, place: int, able: list[Piece]) -> Iterator[_Node]:
        gap = node.gaps[place]
        for piece in able:
            if node.owners.get(piece.number) is not None:
                continue  # it was moved: to do without it would lead back
            owner = None if piece.number in node.owners else self._owners[piece.number]
            if owner == gap.party:
                continue
            rests = [node] if owner is None else list(self._taken(node, owner, piece))
            for rest in rests:
                loose = tuple(one for one in rest.loose if one is not piece)
                line = self._line_of(rest, gap.party)
                own = (*line.pieces[: gap.place], piece, *line.pieces[gap.place :])
                end = line.at[gap.place] + len(piece.text)
                left = (gap._replace(place=gap.place + 1),) if end < gap.end else ()
                gaps = tuple(one for one in rest.gaps if one is not gap)
                changed = _with(rest, gap.party, _changed(line, own, gap.place, end))
                yield changed._replace(
                    owners={**rest.owners, piece.number: gap.party}, gaps=gaps + left, loose=loose, cost=rest.cost + 1
                )

    def _taken(self, node: _Node, owner: int, piece: Piece) -> Iterator[_Node]:
        """A command does without a chunk: it has a gap then, or nothing behind."""
        line = self._line_of(node, owner)
        if any(gap.party == owner for gap in node.gaps):
            return
        index = bisect_left(line.pieces, piece.number, key=_number)
        behind = line.pieces[index + 1 :]
        if self._wholes[owner] is None:
            yield _with(node, owner, _line_with(line, (*line.pieces[:index], *behind)))
            return
        if self._open[owner] and len(behind) <= _AWAY and not _moved(node, behind):
            owners = {**node.owners, **dict.fromkeys(map(_number, behind))}
            yield _with(node, owner, _up_to(line, index))._replace(owners=owners, loose=node.loose + behind)
        if behind or not self._open[owner]:
            gap = _Gap(owner, index, line.at[index + 1])
            yield _with(node, owner, _without(line, index))._replace(gaps=(*node.gaps, gap))

    def _widened(self, node: _Node, place: int) -> Iterator[_Node]:
        """A gap takes in the chunk before it, or the one behind."""
        gap = node.gaps[place]
        line = self._line_of(node, gap.party)
        if line.at[gap.place] == gap.end:
            return
        others = (*node.gaps[:place], *node.gaps[place + 1 :])
        for index in (gap.place - 1, gap.place):
            if 0 <= index < len(line.pieces) and line.pieces[index].text:
                one = line.pieces[index]
                wide = _Gap(gap.party, index, gap.end + len(one.text) * (index == gap.place))
                if wide.end - line.at[index] > _WIDE or one.number in node.owners:
                    continue
                yield _with(node, gap.party, _without(line, index))._replace(
                    owners={**node.owners, one.number: None},
                    gaps=(*others, wide),
                    loose=(*node.loose, one),
                    cost=node.cost + 1,
                )

    def _placed(self, node: _Node) -> Iterator[_Node]:
        """A chunk that is nobody's takes a place, and others' with it."""
        piece, *rest = node.loose
        for party, whole in enumerate(self._wholes):
            line = self._line_of(node, party)
            if whole is None or party == self._shut or not line.low < piece.number <= self._until(party):
                continue
            index = bisect_left(line.pieces, piece.number, key=_number)
            if piece.ends:
                yield from self._ended(node, party, line, whole, index)
                continue
            size = len(piece.text)
            still = self._open[party]
            for first in range(index, max(-1, index - _AWAY - 1), -1):
                at = line.at[first]
                if not whole.startswith(piece.text, at):
                    continue
                last = bisect_left(line.at, at + size)
                lasts = {last} if line.at[last : last + 1] == (at + size,) and index <= last else set()
                lasts |= {len(line.pieces)} if still else set()
                for last in sorted(lasts):
                    if last - first <= _AWAY and not _moved(node, line.pieces[first:last]):
                        yield self._put(node, party, line, piece, first, last, rest)

    def _put(
        self, node: _Node, party: int, line: _Line, piece: Piece, first: int, last: int, rest: list[Piece]
    ) -> _Node:
        """The chunk stands in the place of those from `first` up to before `last`."""
        lost = line.pieces[first:last]
        own = (*line.pieces[:first], piece, *line.pieces[last:])
        owners = {**node.owners, **dict.fromkeys(map(_number, lost)), piece.number: party}
        changed = _with(node, party, _line_with(line, own))
        return changed._replace(owners=owners, loose=(*rest, *lost), cost=node.cost + 1 + len(lost) * 0.5)

    def _ended(self, node: _Node, party: int, line: _Line, whole: bytes, index: int) -> Iterator[_Node]:
        piece, *rest = node.loose
        if line.at[index] != len(whole):
            return
        lost = line.pieces[index:]
        if lost and (not lost[0].ends or _moved(node, lost)):
            return
        if not lost and index and line.pieces[index - 1].ends:
            # Either of two ends.
            index -= 1
        yield self._put(node, party, line, piece, index, len(line.pieces), rest)

    # ---- what came of it

    def _found(self, node: _Node) -> tuple[dict[int, Progress], float] | None:
        found: dict[int, Progress] = {}
        for party, line in node.lines.items():
            opened, progress, until = self._parties[party]
            at, said = line.base, line.before
            for piece in line.pieces:
                at += len(piece.text)
                said = Said(piece, said, at)
            pipe = Pipe(at, bool(line.pieces) and line.pieces[-1].ends, said)
            found[party] = with_pipe(progress, pipe, stderr=self._stderr)
            if until is not None and not found[party].whole(opened):
                return None
        gain = _gain(self._parties, found)
        return (found, gain) if gain is not None else None


def _line(pipe: Pipe, since: int) -> _Line:
    pieces: list[Piece] = []
    said = pipe.said
    while said is not None and len(pieces) < _FAR:
        pieces.append(said.piece)
        said = said.before
    pieces.reverse()
    base = said.at if said is not None else 0
    line = _Line(base, said.piece.number if said is not None else since, said, (), (base,))
    return _line_with(line, tuple(pieces))


def _line_with(line: _Line, pieces: tuple[Piece, ...]) -> _Line:
    at = [line.base]
    for piece in pieces:
        at.append(at[-1] + len(piece.text))
    return line._replace(pieces=pieces, at=tuple(at))


def _changed(line: _Line, pieces: tuple[Piece, ...], index: int, end: int) -> _Line:
    """The line with one more chunk at an index, up to whose end it is that many bytes."""
    return line._replace(pieces=pieces, at=(*line.at[: index + 1], end, *line.at[index + 1 :]))


def _up_to(line: _Line, index: int) -> _Line:
    """The line before a chunk."""
    return line._replace(pieces=line.pieces[:index], at=line.at[: index + 1])


def _without(line: _Line, index: int) -> _Line:
    """The line with a gap where a chunk was."""
    pieces = (*line.pieces[:index], *line.pieces[index + 1 :])
    return line._replace(pieces=pieces, at=(*line.at[: index + 1], *line.at[index + 2 :]))


def _moved(node: _Node, pieces: Sequence[Piece]) -> bool:
    """Whether some of them have found another place."""
    return any(node.owners.get(piece.number) is not None for piece in pieces)


def _with(node: _Node, party: int, line: _Line) -> _Node:
    return node._replace(lines={**node.lines, party: line})
