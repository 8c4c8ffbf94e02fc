"""The heaviest series of pairs in which neither side's order is broken, and the clock that gives the heaviest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from parsers.ends.clock import Times
from parsers.ends.fit import fit
from parsers.ends.meet import Carried
from parsers.ends.model import Clock, Pairing
from parsers.model import Command

_MOST = 48
"""Channels that one command is held against."""
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
    given = 0
    for place, carried in enumerate(channels):
        speaks = fit(one.command, carried.channel, carried.connection)
        if speaks is None:
            continue
        away = times[carried.server.source].within(one, carried.channel.started)
        if away is None:
            continue
        yield place, speaks + 1 / (1 + away), speaks
        given += 1
        if given >= _MOST:
            return


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
        for middle in _differences(begun, there, view):
            view.server.clock = Clock(middle, 0.1, 0)
            series = Series(len(there))
            for at, one in enumerate(begun):
                series.add(at, [(place, weight) for place, weight, _ in candidates(one, there, times)])
            pairs = len(series.best())
            if best is None or series.weight > best[0]:
                best = (series.weight, pairs, Clock(middle, max(0.25, view.width / 2), pairs))
        enough = best is not None and best[1] >= _LEAST * min(len(begun), len(there))
        view.server.clock = best[2] if best is not None and enough else None


def _differences(begun: Sequence[Pairing], there: Sequence[Carried], view: Times) -> list[float]:
    """Where the differences of all fitting pairs lie closest together: middles of windows, the fullest first."""
    found = sorted(
        at - one.command.started
        for one in begun
        for carried in there
        if (at := view.at(carried.channel.started)) is not None
        and one.command.started is not None
        and fit(one.command, carried.channel, carried.connection) is not None
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
