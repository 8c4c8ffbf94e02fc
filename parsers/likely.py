"""Which of several commands that can have a chunk is the likeliest to have said it: `weights`.

The numbers are logarithms of odds, fitted to the chunks of real runs whose owners are known (`sample_logs/truth`, 3 to
40 hosts, 5 and 20 forks): 8,947 chunks that 3.8 commands on average could have had. What counts: who spoke last, how
long ago, who has waited longest at the same point, and whether a pipe of it has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, log2
from typing import NamedTuple

from parsers.said import Opened, Piece, Progress


class _Habit(NamedTuple):
    """What counts for a command at one kind of point."""

    base: float
    next: float
    """It said the very last chunk."""
    pause: float
    """By the logarithm of the seconds since it spoke; of the chunks since it was opened, where it has not spoken."""
    queue: float
    """By its place (0 the first, below 1) among those that wait at the same point: first come, first served."""
    end: float
    """By the logarithm of the chunks since it spoke, where the chunk is the end of a pipe."""


# A command that makes a connection of its own waits for answers and for its own arithmetic; one that shares a
# connection is soon done.
_CONNECTING = (
    _Habit(-0.21, 0.60, -0.56, -1.81, -0.73),  # it waits for an answer
    _Habit(0.10, 0.29, -0.43, -0.14, -0.14),  # its text was cut in the middle
    _Habit(-0.16, 0.0, 0.12, -0.38, 0.0),  # it has not spoken
)
_SHARING = (
    _Habit(1.08, 0.38, -0.31, -1.43, -1.03),
    _Habit(0.00, 0.79, -0.46, -0.59, -0.42),
    _Habit(-0.81, 0.0, 0.22, -1.43, -0.53),
)

# While a connection is made: how far a silence is from the usual one behind its line, squared and as it is.
_UNUSUAL = -0.12
_OVERDUE = 1.2
_FARTHEST = 2.5

# Both pipes end with the process: 95 of 100 second ends are the very next chunk, 95 of 100 come within a millisecond.
_HALF_ENDED = (4.0, 1.0, -3.0)
_AT_ONCE = 1e-3
_SHORTEST = 1e-4


def weights(takers: Sequence[tuple[Opened, Progress]], piece: Piece) -> list[float]:
    """How likely each of the commands is to have said `piece`, as logarithms of odds; nothing where only one can."""
    if len(takers) < 2:
        return [0.0] * len(takers)
    places = _places(takers)
    return [_weight(opened, entry, piece, place) for (opened, entry), place in zip(takers, places, strict=True)]


def _places(takers: Sequence[tuple[Opened, Progress]]) -> list[float]:
    """Each one's place among those that stand at the same point, the one that came there first at 0."""
    queues: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for index, (opened, entry) in enumerate(takers):
        if entry.last is None:
            queues.setdefault((-1, -1), []).append((opened.since, index))
        else:
            queues.setdefault((entry.out.at, entry.err.at), []).append((entry.last.number, index))
    places = [0.0] * len(takers)
    for queue in queues.values():
        if len(queue) > 1:
            for rank, (_, index) in enumerate(sorted(queue)):
                places[index] = rank / len(queue)
    return places


def _weight(opened: Opened, entry: Progress, piece: Piece, place: float) -> float:
    last = entry.last
    habits = _CONNECTING if opened.connecting else _SHARING
    if last is None:
        habit = habits[2]
        gap = max(1, piece.number - opened.since)
        return (
            habit.base + habit.queue * place + habit.pause * log2(gap) + (habit.end * log2(gap) if piece.ends else 0.0)
        )
    gap = max(1, piece.number - last.number)
    seconds = piece.time - last.time
    if last.ends:
        return _HALF_ENDED[0 if gap == 1 else 1 if seconds < _AT_ONCE else 2]
    habit = habits[0 if last.waits else 1]
    weight = habit.base + habit.queue * place + habit.pause * log(max(_SHORTEST, seconds))
    if opened.connecting and last.pause is not None:
        far = (log(max(_SHORTEST, seconds)) - last.pause.mean) / last.pause.spread
        far = max(-_FARTHEST, min(_FARTHEST, far))
        weight += _UNUSUAL * far * far + _OVERDUE * far
    if gap == 1:
        weight += habit.next
    if piece.ends:
        weight += habit.end * log2(gap)
    return weight
