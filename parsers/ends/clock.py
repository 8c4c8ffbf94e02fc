"""How far the managed node's clock stands from the control node's, worked out from pairs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from statistics import median

from parsers.ends.meet import Carried
from parsers.ends.model import Clock, Pairing, ServerEnd
from parsers.sshd.framing import in_year
from parsers.sshd.model import SshdLog


def resolution(log: SshdLog) -> float:
    """Width of the log's stamps in seconds: 1 where none has a fraction."""
    times = (c.started for connection in log.connections for c in connection.channels)
    return 0.0 if any(time is not None and time % 1 for time in times) else 1.0


def year_shift(log: SshdLog, near: float | None) -> float:
    """What to add to times whose stamps name no year, so that the log's are nearest to `near`; else 0."""
    if log.year is not None or log.first_time is None or near is None:
        return 0.0
    first = log.first_time
    year = datetime.fromtimestamp(near, UTC).year
    shifts = [in_year(first, one) - first for one in (year - 1, year, year + 1)]
    return min(shifts, key=lambda shift: abs(first + shift - near))


class Times:
    """The times of one sshd log beside the control node's: years put right, and the difference once it is known."""

    def __init__(self, server: ServerEnd, near: float | None) -> None:
        self.server = server
        self.shift = year_shift(server.log, near)
        self.width = resolution(server.log) if server.log.stamped else 0.0

    def at(self, time: float | None) -> float | None:
        """A time of the log in the middle of its stamp's width, in the right year."""
        return None if time is None else time + self.shift + self.width / 2

    @property
    def slack(self) -> float:
        """Seconds by which a pair's times may differ."""
        clock = self.server.clock
        return self.width / 2 + (max(0.5, 4 * clock.spread) if clock is not None else 0.0)

    def within(self, pairing: Pairing, time: float | None) -> float | None:
        """Seconds between a command's start and a time of the log; None where it is outside of the command's life.

        0 where nothing is known of either.
        """
        clock, begun = self.server.clock, pairing.command.started
        here = self.at(time)
        if clock is None or begun is None or here is None:
            return 0.0
        since = here - clock.seconds - begun
        ended = pairing.command.ended
        if since < -self.slack or (ended is not None and since > ended - begun + self.slack):
            return None
        return abs(since)


def measure(pairs: Iterable[tuple[Pairing, Carried]], times: dict[int, Times]) -> None:
    """Sets each log's clock from its pairs: the median, which a few wrong pairs do not move."""
    own: dict[int, list[float]] = {}
    connecting: dict[int, list[float]] = {}
    for one, carried in pairs:
        source, begun = carried.server.source, one.command.started
        there = times[source].at(carried.channel.started)
        if begun is None or there is None:
            continue
        # A command that makes the connection opens its channel only after the login.
        group = own if one.command.transcript.mux == "client" else connecting
        group.setdefault(source, []).append(there - begun)
    for source, view in times.items():
        found = own.get(source, [])
        if len(found) < 3:
            found = found + connecting.get(source, [])
        if found:
            middle = median(found)
            # 1.4826 makes of the median deviation what a standard deviation is.
            spread = 1.4826 * median(abs(one - middle) for one in found)
            view.server.clock = Clock(middle, max(spread, view.width / 4), len(found))


def measure_logins(pairings: Iterable[Pairing], times: dict[int, Times]) -> None:
    """Sets the clock of logs without a channel, from the commands that made their connections."""
    found: dict[int, list[float]] = {}
    for one in pairings:
        view = times.get(one.server if one.server is not None else -1)
        if view is None or view.server.clock is not None or one.connection is None or one.channel is not None:
            continue
        there = view.at(one.connection.started)
        if there is not None and one.command.started is not None and one.command.transcript.mux != "client":
            found.setdefault(view.server.source, []).append(there - one.command.started)
    for source, differences in found.items():
        middle = median(differences)
        spread = 1.4826 * median(abs(one - middle) for one in differences)
        times[source].server.clock = Clock(middle, max(spread, times[source].width / 2), len(differences))
