"""A state of the search for whose chunk it is: how far every open command has got, and what came before."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

from parsers.said import Opened, Progress

BEAM = 32
"""States side by side."""

_LAG = 15.0
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


def best_of(states: list[State]) -> list[State]:
    """The best states, one of those that agree on how far every command has got."""
    if len(states) == 1:
        return states
    kept: list[State] = []
    seen: set[int] = set()
    states = sorted(states, key=_by_score, reverse=True)
    least = states[0].score - _LAG
    for state in states:
        if state.score < least:
            break
        if state.sign not in seen:
            seen.add(state.sign)
            kept.append(state)
            if len(kept) == BEAM:
                break
    return kept


_by_score = itemgetter(0)


def mark_of(opened: Opened, entry: Progress) -> int:
    """A number for how far a command has got; 64 bits, so that two that differ are practically never the same."""
    return hash((opened.command.index, entry.out.at, entry.err.at, entry.out.ended, entry.err.ended))
