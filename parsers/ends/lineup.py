"""Lines both ends up: each command with its channel, or with its connection where it got no further.

A host's commands run one after another, and so do their channels, in one connection after another (ControlPersist,
or one each). Texts that only one command and one channel have give sure pairs; between them order, kind, text and
time decide, as the heaviest series of pairs in which neither side's order is broken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from parsers.ends.clock import Times, measure, measure_logins
from parsers.ends.fit import TEXT
from parsers.ends.meet import Carried, Endpoint, all_channels, anchors, endpoints_of, meet
from parsers.ends.model import EndLog, Ends, Pairing, ServerEnd, Sure
from parsers.ends.series import Bounds, Series, Slices, candidates, expects, vote
from parsers.ends.side import judge
from parsers.model import Command, Tool
from parsers.ssh.transcript import Phase
from parsers.sshd.model import Connection

_ROUNDS = 3
"""Commands of several names at one address overlap: what one series leaves over, the next may take."""


def line_up(logs: Sequence[EndLog]) -> Ends:
    """Both ends of what `logs` tell; without a log of each end there is nothing in it."""
    servers = [ServerEnd(one.source, one.name, one.model.sshd) for one in logs if one.model.sshd is not None]
    pairings = [pairing for one in logs for pairing in _commands(one)] if servers else []
    if not pairings:
        return Ends()
    begun = next((one.command.started for one in pairings if one.command.started is not None), None)
    times = {server.source: Times(server, begun) for server in servers}
    channels = all_channels(servers)
    endpoints = endpoints_of(pairings)
    sure = anchors(pairings, channels)
    meet(endpoints, servers, channels, sure)
    places: dict[int, tuple[int, int]] = {}
    for one, carried in sure:
        _pair(one, carried, Sure.CERTAIN, "only these two have this text", places)
    measure(sure, times)
    for endpoint in endpoints:
        vote(endpoint.pairings, endpoint.channels, times)
        for server in endpoint.servers:
            server.hosts = sorted({*server.hosts, *endpoint.names})
    firm = {carried.server.source for _, carried in sure}
    soft: list[tuple[Pairing, Carried]] = []
    for _ in range(_ROUNDS):
        found = [pair for endpoint in endpoints for pair in _series(endpoint, times, places)]
        if not found:
            break
        soft += [pair for pair in found if pair[1].server.source not in firm]
        measure(soft, times)
    for endpoint in endpoints:
        _refused(endpoint, times)
        _connections(endpoint, times)
    measure_logins(pairings, times)
    for endpoint in endpoints:
        for one in endpoint.pairings:
            judge(one, endpoint, times)
    for server in servers:
        mine = [carried for carried in channels if carried.server is server]
        server.channels = len(mine)
        server.paired = sum(carried.taken for carried in mine)
        server.left = [(carried.connection, carried.channel) for carried in mine if not carried.taken]
    ends = Ends(pairings, servers)
    ends.index()
    return ends


def _commands(log: EndLog) -> Iterator[Pairing]:
    """The commands that went over ssh."""
    for run, host in log.model.hosts():
        for task in host.tasks:
            for command in task.commands:
                if command.tool is not Tool.LOCAL:
                    yield Pairing(log.source, run.index, host.name, task.name, command)


def _pair(one: Pairing, carried: Carried, sure: Sure, why: str, places: dict[int, tuple[int, int]]) -> None:
    carried.taken = True
    one.server, one.connection, one.channel = carried.server.source, carried.connection, carried.channel
    one.sure, one.why = sure, why
    places[id(one)] = carried.order


def _series(
    endpoint: Endpoint, times: dict[int, Times], places: dict[int, tuple[int, int]]
) -> list[tuple[Pairing, Carried]]:
    """Pairs what is free in the endpoint's order, as heavily as can be."""
    free = [carried for carried in endpoint.channels if not carried.taken and carried.channel.refused is None]
    open_ones = [one for one in endpoint.pairings if one.channel is None and expects(one.command)]
    if not free or not open_ones:
        return []
    bounds = _bounds(endpoint.pairings, places)
    slices = Slices(free, [bounds[id(one)] for one in open_ones], times)
    series = Series(len(free))
    spoke: dict[tuple[int, int], int] = {}
    for at, one in enumerate(open_ones):
        first, last = slices.of(at, one)
        near = list(candidates(one, free[first:last], times))
        spoke.update({(at, first + place): speaks for place, _, speaks in near})
        series.add(at, [(first + place, weight) for place, weight, _ in near])
    found = []
    for at, place in series.best():
        one, carried = open_ones[at], free[place]
        low, high = bounds[id(one)]
        _pair(one, carried, *_told(spoke[at, place], carried, times, low is not None and high is not None), places)
        found.append((one, carried))
    return found


def _told(speaks: int, carried: Carried, times: dict[int, Times], between: bool) -> tuple[Sure, str]:
    """How sure a pair of a series is, and by what."""
    words = ["text" if speaks == TEXT else "kind", "order"]
    timed = carried.server.clock is not None and times[carried.server.source].at(carried.channel.started) is not None
    if timed:
        words.append("time")
    why = f"by {', '.join(words[:-1])} and {words[-1]}" + (", between certain pairs" if between else "")
    return (Sure.LIKELY if between or timed or speaks == TEXT else Sure.POSSIBLE), why


def _bounds(pairings: Iterable[Pairing], places: dict[int, tuple[int, int]]) -> dict[int, Bounds]:
    """For each command the channels of its own host's nearest pairs before and after: its own lies between."""
    own: dict[tuple[int, int, str], list[Pairing]] = defaultdict(list)
    for one in pairings:
        own[one.source, one.run, one.host].append(one)
    bounds = {}
    for commands in own.values():
        low: tuple[int, int] | None = None
        lows = []
        for one in commands:
            lows.append(low)
            low = places.get(id(one), low)
        high: tuple[int, int] | None = None
        for one, before in zip(reversed(commands), reversed(lows), strict=True):
            bounds[id(one)] = (before, high)
            high = places.get(id(one), high)
    return bounds


def _refused(endpoint: Endpoint, times: dict[int, Times]) -> None:
    """Gives channels that were refused to the commands that went on over a connection of their own, or failed."""
    free = [carried for carried in endpoint.channels if not carried.taken and carried.channel.refused is not None]
    for carried in free:
        best: tuple[float, Pairing] | None = None
        for one in endpoint.pairings:
            if one.refused or one.command.tool is Tool.LOCAL:
                continue
            # Whoever got a channel in that very connection was not refused there.
            if one.connection is carried.connection or not _was_refused(one.command):
                continue
            away = times[carried.server.source].within(one, carried.channel.started)
            if away is not None and (best is None or away < best[0]):
                best = (away, one)
        if best is not None:
            carried.taken = True
            one = best[1]
            one.refused.append(carried.channel)
            one.refused_in = carried.connection
            if one.channel is None:
                one.server, one.connection, one.channel = carried.server.source, carried.connection, carried.channel
                one.sure, one.why = Sure.LIKELY, "by the refusal and its time"


def _was_refused(command: Command) -> bool:
    transcript = command.transcript
    if any("refused by peer" in line.text for line in transcript.plain):
        return True
    # A client of a master that has a TCP connection of its own all the same.
    return transcript.mux == "client" and transcript.connected is not None


def _connections(endpoint: Endpoint, times: dict[int, Times]) -> None:
    """Gives commands that got no channel the connection that they made, or, through a master, the one they shared."""
    used = {id(one.connection) for one in endpoint.pairings if one.connection is not None}
    free = [pair for pair in endpoint.connections if id(pair[1]) not in used]
    newest: dict[tuple[int, int, str], tuple[int, Connection]] = {}
    for one in endpoint.pairings:
        key = (one.source, one.run, one.host)
        if one.channel is not None and one.server is not None and one.connection is not None:
            newest[key] = (one.server, one.connection)
            continue
        if one.command.transcript.mux == "client" and one.command.transcript.connected is None:
            shared = newest.get(key)
            if shared is not None:
                one.server, one.connection = shared
                one.sure, one.why = Sure.LIKELY, "by the shared connection that its ssh went through"
        elif one.command.rc in (255, None) and not one.command.transcript.session:
            at = next((at for at, pair in enumerate(free) if _made(one, *pair, times)), None)
            if at is not None:
                server, connection = free.pop(at)
                one.server, one.connection = server.source, connection
                timed = server.clock is not None and connection.started is not None
                one.sure = Sure.LIKELY if timed or not free else Sure.POSSIBLE
                one.why = "by the connection's order" + (" and time" if timed else "")
        if one.server is None and endpoint.servers:
            one.server = newest[key][0] if key in newest else endpoint.servers[0].source


def _made(one: Pairing, server: ServerEnd, connection: Connection, times: dict[int, Times]) -> bool:
    """Whether the command may have made the connection, in which it then got no channel."""
    if one.command.user and connection.user and one.command.user != connection.user:
        return False
    if _logging_in(one.command) and _said_nothing(connection):
        return False
    return times[server.source].within(one, connection.started) is not None


def _logging_in(command: Command) -> bool:
    """Whether its ssh came as far as the login."""
    transcript = command.transcript
    return transcript.step(Phase.AUTH) is not None or any(
        ": Permission denied (" in row.text for row in transcript.plain
    )


def _said_nothing(connection: Connection) -> bool:
    """Whether its client never told who it is: a monitor or a scanner that only looks whether the port is open."""
    return connection.client is None and connection.user is None and connection.kex_done is None
