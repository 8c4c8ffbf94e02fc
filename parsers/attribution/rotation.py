"""The same words said by several commands go round: each has the next one's, and the last one does without.

Most of what ssh says is the same for every host, so one wrong choice is often followed by others, each command taking
the words that the one before should have had. `exchange` mends two of them; `rotated` mends a chain.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from parsers.attribution.exchange import said_since, with_pipe
from parsers.attribution.said import Opened, Piece, Pipe, Progress, Said, pieces_of
from parsers.attribution.steps import replayed

_FAR = 60
"""Chunks of one pipe back to which what it has said may go round."""

_LONG = 6
"""Commands in a chain."""

_NOW = 1 << 62


class Party(NamedTuple):
    """A command that may take part."""

    opened: Opened
    progress: Progress
    until: int | None
    """Number of the last chunk before it ended; None while it is open, so that it can do without its last words."""


class _Held(NamedTuple):
    """One chunk of the words, and between which chunks its holder could have had the same words."""

    piece: Piece
    holder: int
    low: int
    high: int
    last: bool
    """Whether its holder can do without it."""


def rotated(
    parties: Sequence[Party], taker: int, text: bytes, *, stderr: bool, loser: int | None = None
) -> tuple[dict[int, Progress], float] | None:
    """A pipe of the taker goes on with `text` (with its end where that is empty), by the shortest chain that does it.

    Parties are told by their places. The chain ends at `loser`, or at any that can do without its last words. Returns
    the progress of all in the chain, and by how much what they have said is likelier; None where there is no chain.
    """
    pipe = parties[taker].progress.pipe(stderr=stderr)
    if pipe.ended:
        return None
    low = pipe.said.piece.number if pipe.said is not None else parties[taker].opened.since
    high = parties[taker].until
    held = [one for index, party in enumerate(parties) if index != taker for one in _held(party, index, text, stderr)]
    path = _shortest(held, low, _NOW if high is None else high + 1, loser)
    if path is None:
        return None
    pieces = {
        index: said_since(parties[index].progress.pipe(stderr=stderr).said, 0) for index in {one.holder for one in path}
    }
    pieces[taker] = [*said_since(pipe.said, 0), path[0].piece]
    for one, following in zip(path, [*path[1:], None], strict=True):
        own = pieces[one.holder]
        place = next(place for place, piece in enumerate(own) if piece is one.piece)
        own[place : place + 1] = [following.piece] if following is not None else []
    found: dict[int, Progress] = {}
    gain = 0.0
    for index, own in pieces.items():
        party = parties[index]
        found[index] = with_pipe(party.progress, _said(own), stderr=stderr)
        before = replayed(party.opened, pieces_of(party.progress))
        after = replayed(party.opened, pieces_of(found[index]))
        if before is None or after is None:
            return None
        gain += after[1] - before[1]
    return found, gain


def _shortest(held: list[_Held], low: int, high: int, loser: int | None) -> list[_Held] | None:
    """The shortest chain from who needs the words between two chunks to who does without."""
    waiting: deque[tuple[int, int, list[_Held]]] = deque([(low, high, [])])
    seen: set[int] = set()
    while waiting:
        low, high, path = waiting.popleft()
        for one in held:
            if not low < one.piece.number < high or one.piece.number in seen:
                continue
            chain = [*path, one]
            if one.last and loser in (None, one.holder):
                return chain
            if len(chain) < _LONG:
                seen.add(one.piece.number)
                waiting.append((one.low, one.high, chain))
    return None


def _held(party: Party, holder: int, text: bytes, stderr: bool) -> list[_Held]:
    found = []
    high = _NOW if party.until is None else party.until + 1
    said = party.progress.pipe(stderr=stderr).said
    last = party.until is None
    for _ in range(_FAR):
        if said is None:
            break
        before = said.before
        if said.piece.text == text and said.piece.ends is not bool(text):
            low = before.piece.number if before is not None else party.opened.since
            found.append(_Held(said.piece, holder, low, high, last))
        high, said, last = said.piece.number, before, False
    return found


def texts_of(progress: Progress, *, stderr: bool) -> set[bytes]:
    """The texts of the chunks that may go round."""
    texts: set[bytes] = set()
    said = progress.pipe(stderr=stderr).said
    for _ in range(_FAR):
        if said is None:
            break
        texts.add(said.piece.text)
        said = said.before
    return texts


def _said(pieces: list[Piece]) -> Pipe:
    at, said = 0, None
    for piece in pieces:
        at += len(piece.text)
        said = Said(piece, said, at)
    return Pipe(at, bool(pieces) and pieces[-1].ends, said)
