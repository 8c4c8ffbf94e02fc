"""Which of several commands that can have a chunk is the likeliest to have said it: `weights`.

The numbers are those of `habits`. What counts is `Points`: where a command stands, how long it has been silent, who
spoke last, who came to the same point first, and whether it has said all with this chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, log2
from typing import NamedTuple

from parsers.attribution.habits import BEHIND, POINTS
from parsers.attribution.said import ANSWER, CUT, LINES, Opened, Piece, Progress
from parsers.model import Stream

_SHORTEST = 1e-4
"""Seconds; of shorter silences the times in the log say nothing."""

_LONGEST = 1.0
"""Seconds; who is silent for longer waits for something else than usual."""

_USUAL = 4.0
"""A usual silence is of 18 ms: minus the logarithm of its seconds."""


class Stand(NamedTuple):
    """Where a command stands before a chunk."""

    connecting: bool
    """It makes a connection of its own: it waits for answers and for its own arithmetic, and takes long."""
    point: str
    """fresh: it has not spoken; half: a pipe of it has ended; waits, cut: it may wait behind its last line, or not."""
    ends: bool
    """The chunk is the end of a pipe."""
    behind: int
    """The kind of its last line, as `Piece.behind`."""
    stderr: bool
    """The chunk's stream."""


class Points(NamedTuple):
    """What is weighed, in the order of a habit's numbers."""

    one: float
    silence: float
    """Logarithm of the seconds since it spoke."""
    usual: float
    """How far that is from the usual, squared."""
    queue: float
    """Its place (0 the first, below 1) among those that stand at the same point: first come, first served."""
    next: float
    """1 where it said the very last chunk, or was just opened."""
    whole: float
    """1 where its stream is said with this chunk."""
    gap: float
    """Logarithm to base 2 of the chunks since it spoke, or since it was opened."""


def stand_of(opened: Opened, entry: Progress, piece: Piece, place: float) -> tuple[Stand, Points]:
    """Where a command stands that could have `piece`, and what there is to weigh; `place` is its queue's."""
    last, stderr = entry.last, piece.stream is Stream.STDERR
    gap = max(1, piece.number - (opened.since if last is None else last.number))
    silence, behind = 0.0, CUT
    if last is None:
        point = "fresh"
    else:
        silence = log(min(_LONGEST, max(_SHORTEST, piece.time - last.time)))
        behind = last.behind
        point = "half" if last.ends else "cut" if behind == CUT else "waits"
    whole, pipe = (opened.stderr, entry.err) if stderr else (opened.stdout, entry.out)
    done = not piece.ends and whole is not None and len(whole) == pipe.at + len(piece.text)
    points = Points(1.0, silence, (silence + _USUAL) ** 2, place, float(gap == 1), float(done), log2(gap))
    return Stand(opened.connecting, point, piece.ends, behind, stderr), points


def places(takers: Sequence[tuple[Opened, Progress]]) -> list[float]:
    """Each one's place among those that stand at the same point, the one that came there first at 0."""
    queues: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for index, (opened, entry) in enumerate(takers):
        if entry.last is None:
            queues.setdefault((-1, -1), []).append((opened.since, index))
        else:
            queues.setdefault((entry.out.at, entry.err.at), []).append((entry.last.number, index))
    found = [0.0] * len(takers)
    for queue in queues.values():
        if len(queue) > 1:
            for rank, (_, index) in enumerate(sorted(queue)):
                found[index] = rank / len(queue)
    return found


Ratings = dict[tuple[int, int], tuple[float, float, float, float, float]]
"""What a command's weight is made of for one chunk, without its place in the queue, and what that place counts; by the
identities of the command and its progress."""


def weights(
    takers: Sequence[tuple[Opened, Progress]], piece: Piece, costs: Sequence[float], ratings: Ratings
) -> list[float]:
    """How likely each of the commands is to have said `piece`: the logarithm of its probability among them.

    `costs` is how ill each can have it, as `steps.step` tells: who can hardly have it takes nothing from the others.
    `ratings` are kept from one call to the next for the same chunk.
    """
    if len(takers) < 2:
        return [0.0] * len(takers)
    found = []
    for (opened, entry), place in zip(takers, places(takers), strict=True):
        key = (id(opened), id(entry))
        rating = ratings.get(key)
        if rating is None:
            stand, points = stand_of(opened, entry, piece, 0.0)
            a, b, c, d, e, f, g = _HABITS.get(stand) or _habit(stand)
            alone = a + b * points.silence + c * points.usual
            rating = ratings[key] = (alone, d, e * points.next, f * points.whole, g * points.gap)
        found.append(rating[0] + rating[1] * place + rating[2] + rating[3] + rating[4])
    least = max(costs)
    most = max(found)
    total = most + log(sum([exp(weight - most + cost - least) for weight, cost in zip(found, costs, strict=True)]))
    return [weight - total for weight in found]


_Habit = tuple[float, float, float, float, float, float, float]
_HABITS: dict[Stand, _Habit] = {}
"""Those that were asked for: there are some hundred."""


def _habit(stand: Stand) -> _Habit:
    base, silence, usual, *others = POINTS.get((stand.connecting, stand.point, stand.ends), (0.0,) * 7)
    if stand.point in ("waits", "cut"):
        more = BEHIND.get((stand.connecting, line_of(stand.behind), stand.stderr), (0.0, 0.0, 0.0))
        base, silence, usual = base + more[0], silence + more[1], usual + more[2]
    queue, following, whole, gap = others
    habit = _HABITS[stand] = (base, silence, usual, queue, following, whole, gap)
    return habit


def line_of(behind: int) -> str:
    """The kind of line as `habits` names it."""
    return {ANSWER: "answer", CUT: "cut"}.get(behind) or LINES[behind].decode("ascii")
