"""What a command has said so far, in the search for whose chunk it is: `Progress`, `step`, `exchange`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import log2
from typing import NamedTuple

from parsers.model import Command, Stream
from parsers.ssh_order import rank_of

_WRONG_STATE = -8.0
_GUESSED = -3.0
_GUESSED_END = -6.0
_NAMED = 5.0
_OUT_OF_ORDER = -4.0

_LAST_WORDS = 400
"""Bytes: what ssh says at its very end."""

_FAR = 150
"""Chunks of one pipe back to which what it has said may change hands."""


# Of several processes that can have said a chunk, the one that spoke last is it three times in four (measured on real
# runs of 6 and 40 hosts): less surely while it waits for a distant answer, more surely at its end.
_BURST = 0.5
_AT_THE_END = 1.0
_PACES: tuple[tuple[bytes, float], ...] = (
    (b"debug2: Received exit status", 1.0),
    (b"Shared connection to ", 1.0),
    (b"debug1: kex: client->server", 0.0),
    (b"debug3: Sent message SSH2_FXP_WRITE", 0.0),
    (b"debug3: Sent message limits@", 0.0),
)


def _pace_after(text: bytes) -> float:
    last = text[-400:].rstrip(b"\n").rpartition(b"\n")[2]
    return next((pace for beginning, pace in _PACES if last.startswith(beginning)), _BURST)


_ESCALATION = re.compile(rb"BECOME-SUCCESS-([a-z]{32})\n?|\[[a-z]{1,20} via ansible, key=([a-z]{32})\] password:\n?")


def without_escalation(text: bytes) -> bytes:
    """A chunk's text without what the connection plugin takes out of a command's output before its tuple."""
    if b"BECOME-SUCCESS-" not in text and b" via ansible, key=" not in text:
        return text
    return _ESCALATION.sub(b"", text)


@dataclass(slots=True, eq=False)
class Piece:
    """A chunk while it waits for its owner."""

    index: int
    stream: Stream
    state: int
    time: float
    lines: list[tuple[bytes, int, int, bool]] = field(default_factory=list)
    """(bytes, offset, line, whether a line feed follows), as the log has them."""
    number: int = 0
    """Its place among the chunks of the search, from 1."""
    text: bytes = b""
    """Without carriage returns: 2.19 prints CR LF as LF, and a chunk may end between the two."""

    ends: bool = False
    """Whether it is the empty chunk with which a pipe ends."""
    key: str | None = None
    """The 32 letters by which Ansible knows its own escalation prompt and success line again."""
    pace: float = 0.0
    """How fast the likelihood falls that the same process speaks next, with each doubling of the chunks between."""

    def join(self) -> None:
        """Makes `text` of the lines."""
        raw = b"".join(piece + (b"\n" if ended else b"") for piece, _, _, ended in self.lines)
        raw = raw.replace(b"\r", b"")
        self.text = without_escalation(raw)
        self.ends = not raw
        key = _ESCALATION.search(raw) if len(raw) != len(self.text) else None
        self.key = (key.group(1) or key.group(2)).decode("ascii") if key is not None else None
        self.pace = _pace_after(self.text)


@dataclass(slots=True, eq=False)
class Opened:
    """A command of the search."""

    command: Command
    first_state: int | None = None
    """State of its first chunk, and of no other, where that is fixed."""
    needles: tuple[bytes, ...] = ()
    """What only its own text names: its address, its temporary directory."""
    stdout: bytes | None = None
    stderr: bytes | None = None
    """Without carriage returns; None until the command's tuple is seen."""
    ended: bool = False
    since: int = 0
    """Number of the last chunk before it was opened."""

    @property
    def connecting(self) -> bool:
        """Whether its text tells that it made a connection of its own."""
        return self.stderr is not None and b"debug1: Connecting to " in self.stderr

    @property
    def known(self) -> bool:
        """Whether its bytes are known."""
        return self.stdout is not None


class Said(NamedTuple):
    """One chunk of a pipe, and how far the pipe had got with it; newest first."""

    piece: Piece
    before: Said | None
    at: int
    """Bytes of the pipe up to the end of this chunk."""


class Pipe(NamedTuple):
    """How far one pipe of a command has got."""

    at: int
    """Bytes."""
    ended: bool
    """Whether its empty chunk was seen."""
    said: Said | None


class Progress(NamedTuple):
    """How far one command has got."""

    out: Pipe
    err: Pipe
    rank: int
    """Of its last ssh line in ssh's own order, where its bytes are not known."""
    last: Piece | None
    """Its newest chunk."""

    def whole(self, opened: Opened) -> bool:
        """Whether all bytes of the command's tuple were seen."""
        return (
            opened.stdout is not None
            and opened.stderr is not None
            and self.out.at == len(opened.stdout)
            and self.err.at == len(opened.stderr)
        )


_EMPTY = Pipe(0, False, None)
FRESH = Progress(_EMPTY, _EMPTY, 0, None)


def pieces_of(progress: Progress) -> list[Piece]:
    """The chunks that a command has said, oldest first."""
    pieces = []
    for pipe in (progress.out, progress.err):
        said = pipe.said
        while said is not None:
            pieces.append(said.piece)
            said = said.before
    pieces.sort(key=lambda piece: piece.number)
    return pieces


def step(opened: Opened, entry: Progress, piece: Piece) -> tuple[Progress, float] | None:
    """The progress after one more chunk and what it costs; None where the command cannot have it."""
    stderr = piece.stream is Stream.STDERR
    pipe, whole = (entry.err, opened.stderr) if stderr else (entry.out, opened.stdout)
    if pipe.ended or (piece.key is not None and piece.key not in opened.command.text):
        return None
    rank, cost = entry.rank, 0.0
    if whole is None:
        guess = _guess(opened, entry, piece)
        if guess is None:
            return None
        rank, cost = guess
    elif piece.ends:
        if pipe.at != len(whole):
            return None
        cost = _early(opened, entry)
    elif not whole.startswith(piece.text, pipe.at):
        return None
    if opened.first_state is not None and not _state_fits(opened.first_state, entry, pipe, piece):
        cost += _WRONG_STATE
    if entry.last is not None:
        slope = _AT_THE_END if piece.ends else entry.last.pace
        cost -= slope * log2(max(1, piece.number - entry.last.number))
    else:
        cost -= _BURST * log2(max(1, piece.number - opened.since))
    at = pipe.at + len(piece.text)
    now = Pipe(at, piece.ends, Said(piece, pipe.said, at))
    if stderr:
        return Progress(entry.out, now, rank, piece), cost
    return Progress(now, entry.err, rank, piece), cost


def _state_fits(first: int, entry: Progress, pipe: Pipe, piece: Piece) -> bool:
    """The first read has the first state; where both pipes were ready, the other's first read too; none after them."""
    if piece.state != first:
        return entry.last is not None
    return pipe.said is None and (entry.last is None or entry.last.state == first)


def _early(opened: Opened, entry: Progress) -> float:
    """Both pipes end with the process: one that ends while the other has more than its last words to say is odd."""
    left = len(opened.stderr or b"") - entry.err.at + len(opened.stdout or b"") - entry.out.at
    return 0.0 if left == 0 else -0.5 if left < _LAST_WORDS else -6.0


def _guess(opened: Opened, entry: Progress, piece: Piece) -> tuple[int, float] | None:
    """For a command without a tuple: its own names in the text speak for it, ssh's order against what is out of it."""
    if piece.ends:
        return entry.rank, _GUESSED + _GUESSED_END
    cost = _GUESSED
    if any(needle in piece.text for needle in opened.needles):
        cost += _NAMED
    elif piece.stream is Stream.STDERR and _names_another(piece.text, opened.needles):
        return None
    first, last = rank_of(piece.text)
    if first is not None and first < entry.rank:
        cost += _OUT_OF_ORDER
    return max(entry.rank, last or 0), cost


_NAMING = (b"hostname ", b"Connecting to ", b"connect to host ", b"Authenticated to ", b"Connection to ")


def _names_another(text: bytes, needles: tuple[bytes, ...]) -> bool:
    """Whether ssh's text names a host that is not this command's."""
    if not needles:
        return False
    for words in _NAMING:
        at = text.find(words)
        if at >= 0:
            rest = text[at + len(words) : at + len(words) + 300].lstrip(b"\"'")
            if not rest.startswith(needles[0]):
                return True
    return False


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
    while said is not None and len(points) < _FAR:
        before = said.before
        points.append(_Point(before.at if before is not None else 0, before, said.piece.number))
        said = before
    by_length: dict[int, list[_Point]] = {}
    for point in points:
        by_length.setdefault(pipe.at - point.at, []).append(point)
    return _Cut(pipe, points, by_length)


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
    for cut, other in _pairs(cuts.of(pipe).points, cuts.of(other_pipe).by_length, goals):
        if cut.next_number == other.next_number == _END:
            continue
        if not (_follows(cut, other, taker) and _follows(other, cut, giver)):
            continue
        if not _fits(whole, cut, other_whole, other, other_pipe):
            continue
        if other_whole is not None and not _fits(other_whole, other, whole, cut, pipe):
            continue
        got, given = _moved(cut, other, other_pipe), _moved(other, cut, pipe)
        yield _with(mine, got, stderr=stderr), _with(theirs, given, stderr=stderr)


def _pairs(
    points: list[_Point], by_length: dict[int, list[_Point]], goals: list[int]
) -> Iterator[tuple[_Point, _Point]]:
    """The taker's points with the giver's whose part leads from there to a goal."""
    if len(goals) <= len(by_length):
        for cut in points:
            for goal in goals:
                for other in by_length.get(goal - cut.at, ()):
                    yield cut, other
        return
    wanted = set(goals)
    for cut in points:
        for length, others in by_length.items():
            if cut.at + length in wanted:
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
