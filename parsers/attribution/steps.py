"""What one more chunk makes of a command, and how well it can have it: `step`, `replayed`."""

from __future__ import annotations

from parsers.attribution.guess import UNASKED, guess
from parsers.attribution.said import FRESH, Opened, Piece, Pipe, Progress, Said
from parsers.model import Stream

_WRONG_STATE = -8.0
_LAST_WORDS = 400
"""Bytes: what ssh says at its very end."""
_EARLY = -4.0
_MUCH_TOO_EARLY = -8.0
_OVER_BEFORE_ANSWER = -2.8
_GOES_ON_OVER = -5.0
"""Of 6,400 commands 307 were over before their whole answer was read; one said more then. 101 answers came unasked."""


def step(opened: Opened, entry: Progress, piece: Piece) -> tuple[Progress, float] | None:
    """The progress after one more chunk and what it costs; None where the command cannot have it."""
    stderr = piece.stream is Stream.STDERR
    pipe, whole = (entry.err, opened.stderr) if stderr else (entry.out, opened.stdout)
    if pipe.ended or (piece.key is not None and piece.key not in opened.text):
        return None
    rank, cost = entry.rank, 0.0
    if whole is None:
        guessed = guess(opened, entry, piece)
        if guessed is None:
            return None
        rank, cost = guessed
    elif piece.ends:
        if pipe.at != len(whole):
            return None
        cost = _early(opened, entry) if opened.ends[stderr] is not False else _MUCH_TOO_EARLY
    elif not whole.startswith(piece.text, pipe.at):
        return None
    elif stderr:
        if 0 <= opened.over < pipe.at + len(piece.text) and entry.out.at < len(opened.stdout or b""):
            cost = _GOES_ON_OVER if opened.over < pipe.at else _OVER_BEFORE_ANSWER
    elif entry.err.at <= opened.asked:
        cost = UNASKED
    if opened.first_state is not None and not _state_fits(opened.first_state, entry, pipe, piece):
        cost += _WRONG_STATE
    at = pipe.at + len(piece.text)
    now = Pipe(at, piece.ends, Said(piece, pipe.said, at))
    if stderr:
        return Progress(entry.out, now, rank, piece), cost
    return Progress(now, entry.err, rank, piece), cost


def replayed(opened: Opened, pieces: list[Piece]) -> tuple[Progress, float] | None:
    """The progress of a command that has said just these, and what they cost in all; None where it cannot have one."""
    progress, cost = FRESH, 0.0
    for piece in pieces:
        after = step(opened, progress, piece)
        if after is None:
            return None
        progress, cost = after[0], cost + after[1]
    return progress, cost


def _state_fits(first: int, entry: Progress, pipe: Pipe, piece: Piece) -> bool:
    """The first read has the first state; where both pipes were ready, the other's first read too; none after them."""
    if piece.state != first:
        return entry.last is not None
    return pipe.said is None and (entry.last is None or entry.last.state == first)


def _early(opened: Opened, entry: Progress) -> float:
    """Both pipes end with the process: one that ends while the other has more than its last words to say is odd."""
    left = len(opened.stderr or b"") - entry.err.at + len(opened.stdout or b"") - entry.out.at
    return 0.0 if left == 0 else _EARLY if left < _LAST_WORDS else _MUCH_TOO_EARLY
