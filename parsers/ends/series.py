"""The heaviest series of pairs in which neither side's order is broken, and the clock that gives the heaviest."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from parsers.ends.clock import Times
from parsers.ends.fit import fit
from parsers.ends.meet import Carried
from parsers.ends.model import Clock, Pairing
from parsers.model import Command

_MOST = 64
"""Channels on either side that a command is held against, where no time tells which."""
_GAP = 0.04
"""What a command or channel that is passed over between two pairs takes off: of two series, the closer one."""
_VOTED = 300
"""Commands and channels by which a difference is looked for where no pair is sure."""
_TRIED = 10
"""Differences that are tried."""
_LEAST = 0.6
"""Share of them that has to find a partner."""


def expects(command: Command) -> bool:
    """Whether the command may have come as far as a channel, as far as its own text tells."""
    transcript = command.transcript
    if command.rc not in (None, 255) or transcript.session or transcript.mux == "client":
        return True
    return not transcript.steps or transcript.phase == "channel"


def candidates(one: Pairing, channels: Sequence[Carried], times: dict[int, Times]) -> Iterator[tuple[int, float, int]]:
    """Channels that may be the command's: (place, weight, what speaks for it)."""
    for place, carried in enumerate(channels):
        away = times[carried.server.source].within(one, carried.channel.started)
        speaks = fit(one.command, carried.channel, carried.connection) if away is not None else None
        if away is None or speaks is None:
            continue
        yield place, speaks + 1 / (1 + away), speaks


Bounds = tuple[tuple[int, int] | None, tuple[int, int] | None]
"""Orders of the channels that a command's own lies between."""


class Slices:
    """Which channels a command is held against: between its neighbours' own, and near in time, else in number."""

    def __init__(self, free: Sequence[Carried], bounds: Sequence[Bounds], times: dict[int, Times]) -> None:
        """`bounds` has those of each command that looks for a channel."""
        orders = [carried.order for carried in free]
        self._between = [
            (
                bisect_right(orders, low) if low is not None else 0,
                bisect_left(orders, high) if high is not None else len(orders),
            )
            for low, high in bounds
        ]
        self._waiting = Counter(self._between)
        self._seen: Counter[tuple[int, int]] = Counter()
        self._times = times
        sources = {carried.server.source for carried in free}
        self._view = times[sources.pop()] if len(sources) == 1 else None
        begun = [self._view.at(carried.channel.started) for carried in free] if self._view is not None else []
        known = [time for time in begun if time is not None]
        self._begun = known if len(known) == len(free) and known == sorted(known) else None

    def of(self, at: int, one: Pairing) -> tuple[int, int]:
        """The first and the last place, past the end; to be asked for one command after another."""
        first, last = between = self._between[at]
        rank = self._seen[between]
        self._seen[between] += 1
        clock = self._view.server.clock if self._view is not None else None
        begun, ended = one.command.started, one.command.ended
        if clock is not None and self._view is not None and self._begun is not None and begun is not None:
            slack = self._view.slack
            first = max(first, bisect_left(self._begun, begun + clock.seconds - slack))
            if ended is not None:
                last = min(last, bisect_right(self._begun, ended + clock.seconds + slack))
            return first, max(first, last)
        if last - first > 2 * _MOST:
            # As far through the channels as the command is through the commands that wait for them.
            middle = first + (last - first) * (2 * rank + 1) // (2 * self._waiting[between])
            return max(first, middle - _MOST), min(last, middle + _MOST)
        return first, last


class Series:
    """The heaviest series of (command, channel) in which both rise: prefix maxima in a Fenwick tree.

    A gap costs by its length, which is the same for every way across it; so what a series weighs is kept together
    with what the gaps up to there would have cost, and one comparison tells the heavier.
    """

    def __init__(self, channels: int) -> None:
        self._tree: list[tuple[float, int]] = [(0.0, -1)] * (channels + 1)
        self._nodes: list[tuple[int, int, int]] = []  # command, channel, node before
        self.weight, self._end = 0.0, -1

    def add(self, command: int, near: Sequence[tuple[int, float]]) -> None:
        """Adds the next command with its channels and their weights."""
        reached = []
        for channel, weight in near:
            total, before = weight, -1
            level, node = self._upto(channel)
            passed = _GAP * (command + channel)
            if node >= 0 and level - passed + 2 * _GAP > 0:
                total, before = weight + level - passed + 2 * _GAP, node
            if total > self.weight:
                self.weight, self._end = total, len(self._nodes)
            reached.append((channel, total + passed, len(self._nodes)))
            self._nodes.append((command, channel, before))
        for channel, level, node in reached:
            place = channel + 1
            while place < len(self._tree):
                if self._tree[place][1] < 0 or self._tree[place][0] < level:
                    self._tree[place] = (level, node)
                place += place & -place

    def _upto(self, channel: int) -> tuple[float, int]:
        """The heaviest series that ends before `channel`; node -1 where there is none."""
        best = (0.0, -1)
        while channel > 0:
            if self._tree[channel][1] >= 0 and (best[1] < 0 or self._tree[channel][0] > best[0]):
                best = self._tree[channel]
            channel -= channel & -channel
        return best

    def best(self) -> list[tuple[int, int]]:
        """Its (command, channel) pairs, the last first."""
        node, found = self._end, []
        while node >= 0:
            command, channel, node = self._nodes[node]
            found.append((command, channel))
        return found


def vote(pairings: Sequence[Pairing], channels: Sequence[Carried], times: dict[int, Times]) -> None:
    """Finds the clock of logs that have no sure pair: the difference at which the commands' series is the heaviest."""
    begun = [one for one in pairings if one.command.started is not None and expects(one.command)][:_VOTED]
    for source, view in times.items():
        if view.server.clock is not None or not view.server.log.stamped:
            continue
        there = [one for one in channels if one.server.source == source and one.channel.refused is None]
        there = list(islice((one for one in there if one.channel.started is not None), _VOTED))
        best: tuple[float, int, Clock] | None = None
        fits = [
            [
                (place, speaks)
                for place, carried in enumerate(there)
                if (speaks := fit(one.command, carried.channel, carried.connection)) is not None
            ]
            for one in begun
        ]
        for middle in _differences(begun, there, fits, view):
            view.server.clock = Clock(middle, 0.1, 0)
            series = Series(len(there))
            for at, one in enumerate(begun):
                away = ((place, speaks, view.within(one, there[place].channel.started)) for place, speaks in fits[at])
                series.add(at, [(place, speaks + 1 / (1 + far)) for place, speaks, far in away if far is not None])
            pairs = len(series.best())
            if best is None or series.weight > best[0]:
                best = (series.weight, pairs, Clock(middle, max(0.25, view.width / 2), pairs))
        enough = best is not None and best[1] >= _LEAST * min(len(begun), len(there))
        view.server.clock = best[2] if best is not None and enough else None


def _differences(
    begun: Sequence[Pairing], there: Sequence[Carried], fits: Sequence[Sequence[tuple[int, int]]], view: Times
) -> list[float]:
    """Where the differences of all fitting pairs lie closest together: middles of windows, the fullest first."""
    found = sorted(
        at - one.command.started
        for one, places in zip(begun, fits, strict=True)
        for place, _ in places
        if (at := view.at(there[place].channel.started)) is not None and one.command.started is not None
    )
    width = view.width + 0.1
    windows: list[tuple[int, float]] = []
    last = 0
    for first, value in enumerate(found):
        while last < len(found) and found[last] <= value + width:
            last += 1
        windows.append((last - first, found[(first + last - 1) // 2]))
    chosen: list[float] = []
    for _, middle in sorted(windows, key=lambda one: (-one[0], abs(one[1]))):
        if all(abs(middle - other) > width / 4 for other in chosen):
            chosen.append(middle)
        if len(chosen) >= _TRIED:
            break
    return chosen
