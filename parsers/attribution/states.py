"""A state of the search for whose chunk it is: how far every open command has got, and what came before."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from parsers.attribution.said import Opened, Progress

BEAM = 24
"""States side by side."""

WIDE = 128
"""As many where the search has lost its way, and goes back for it."""

_LAG = 12.0
"""States that are behind the best by more than this are given up."""


class Ended(NamedTuple):
    """A command that ended, with what it has said in this state; newest first."""

    opened: Opened
    progress: Progress
    until: int
    """Number of the last chunk before it ended."""
    before: Ended | None


class State(NamedTuple):
    """One way to tell whose every chunk so far is."""

    score: float
    """The logarithm of its odds, up to a constant."""
    progress: tuple[Progress, ...]
    """In the order of the search's open commands."""
    ended: Ended | None
    sign: int = 0
    """Of how far every command has got: each one's `mark_of`, exclusive-or'ed."""


def forgotten(progress: Progress) -> Progress:
    """The same progress, what was said being decided."""
    return progress._replace(out=progress.out._replace(said=None), err=progress.err._replace(said=None))


def ended_in(state: State) -> Iterator[Ended]:
    """The commands that ended and may still be told otherwise, newest first."""
    ended = state.ended
    while ended is not None:
        yield ended
        ended = ended.before


def agreed_on(line: list[Ended], others: list[State]) -> Ended | None:
    """The newest of a line of ended commands up to which all other states tell the same; None without one."""
    held = [set(map(id, ended_in(state))) for state in others]
    return next((ended for ended in line if all(id(ended) in one for one in held)), None)


def put_in_place(ended: Ended | None, old: Ended, new: Ended) -> Ended | None:
    """The list with `new` in the place of `old`."""
    if ended is None or ended is old:
        return new
    return ended._replace(before=put_in_place(ended.before, old, new))


def without(ended: Ended | None, cut: Ended) -> Ended | None:
    """The list down to `cut`, which is decided."""
    if ended is None or ended is cut:
        return None
    return ended._replace(before=without(ended.before, cut))


Step = tuple[Progress, float, int]
"""A command's progress with one chunk more, what that costs, and by what it changes the sign of a state."""

Option = tuple[float, int, int, Progress]
"""Who can have a chunk: what that costs, the change of the sign, the command's position, how far it gets."""

Move = tuple[float, int, State, int, Progress | None]
"""A state that may come next: its score and sign, the state before it, and which command got how far.

It is made only where it is one of the best: most moves are none. Without progress it is the state itself.
"""


def stay(state: State) -> Move:
    """A state that is made already, as a move."""
    return state.score, state.sign, state, 0, None


def moved(move: Move) -> State:
    """The state that a move leads to."""
    score, sign, state, position, entry = move
    if entry is None:
        return state
    old = state.progress
    return State(score, (*old[:position], entry, *old[position + 1 :]), state.ended, sign)


def reached(moves: list[Move], most: int) -> list[State]:
    """The best states that moves lead to, one of those that agree on how far every command has got, and since when."""
    if len(moves) == 1:
        return [moved(moves[0])]
    kept: list[State] = []
    seen: set[int] = set()
    moves.sort(key=_by_score, reverse=True)
    least = moves[0][0] - _LAG
    for move in moves:
        if move[0] < least:
            break
        if move[1] not in seen:
            seen.add(move[1])
            kept.append(moved(move))
            if len(kept) == most:
                break
    return kept


def best_of(states: list[State], most: int) -> list[State]:
    """The best states, one of those that agree on how far every command has got, and since when."""
    return reached(list(map(stay, states)), most)


_by_score = itemgetter(0)


def mark_of(opened: Opened, entry: Progress) -> int:
    """A number for how far a command has got, and since when; 64 bits, so that two that differ hardly ever agree."""
    last = entry.last.number if entry.last is not None else 0
    return hash((opened.index, entry.out.at, entry.err.at, entry.out.ended, entry.err.ended, last))
