"""Which connections are of which managed node: by texts that only one command has, by address, by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from parsers.ends.fit import fit, key_of, same_text
from parsers.ends.model import Pairing, ServerEnd
from parsers.model import Tool
from parsers.sshd.model import Channel, Connection


@dataclass(slots=True, eq=False)
class Carried:
    """A channel, where it stands, and whether it has its command."""

    order: tuple[int, int]
    """Sorts the channels of all logs: place of the log, offset."""
    server: ServerEnd
    connection: Connection
    channel: Channel
    taken: bool = False


@dataclass(slots=True, eq=False)
class Endpoint:
    """One address and port that commands went to; several inventory names may share it."""

    names: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    ports: set[int] = field(default_factory=set)
    pairings: list[Pairing] = field(default_factory=list)
    """In the order in which their commands were started."""
    servers: list[ServerEnd] = field(default_factory=list)
    """The logs that are its managed node's."""
    connections: list[tuple[ServerEnd, Connection]] = field(default_factory=list)
    channels: list[Carried] = field(default_factory=list)


def endpoints_of(pairings: Iterable[Pairing]) -> list[Endpoint]:
    """The endpoints that the commands went to; names that lead to the same address and port are one."""
    found: dict[tuple[str, int | None], Endpoint] = {}
    for one in pairings:
        command = one.command
        address = command.address or one.host
        port = command.port or command.transcript.connected_port
        keys = [(address, port)]
        if command.transcript.connected and command.transcript.proxy is None:
            keys.append((command.transcript.connected, port))
        known = list(dict.fromkeys(found[key] for key in keys if key in found))
        endpoint = known[0] if known else Endpoint()
        for other in known[1:]:
            _join(endpoint, other, found)
        found.update(dict.fromkeys(keys, endpoint))
        endpoint.names.add(one.host)
        endpoint.addresses.update(key[0] for key in keys)
        endpoint.ports.update({port} if port is not None else ())
        endpoint.pairings.append(one)
    endpoints = list(dict.fromkeys(found.values()))
    for endpoint in endpoints:
        endpoint.pairings.sort(key=lambda one: (one.source, one.command.opened.offset))
    return endpoints


def _join(into: Endpoint, other: Endpoint, found: dict[tuple[str, int | None], Endpoint]) -> None:
    into.names |= other.names
    into.addresses |= other.addresses
    into.ports |= other.ports
    into.pairings += other.pairings
    found.update({key: into for key, value in found.items() if value is other})


def all_channels(servers: Sequence[ServerEnd]) -> list[Carried]:
    """Every channel of every log, the logs in the order of their times (or as they were given)."""
    ranked = sorted(servers, key=lambda one: (one.log.first_time or 0.0, one.source))
    return [
        Carried((rank, channel.opened.offset), server, connection, channel)
        for rank, server in enumerate(ranked)
        for connection in server.log.connections
        for channel in connection.channels
    ]


def anchors(pairings: Iterable[Pairing], channels: Iterable[Carried]) -> list[tuple[Pairing, Carried]]:
    """Pairs by a text that one command and one channel have, and no other."""
    sent: dict[str, list[Pairing]] = defaultdict(list)
    for one in pairings:
        if one.command.tool is Tool.SSH and one.command.text:
            sent[key_of(one.command.text)].append(one)
    logged: dict[str, list[Carried]] = defaultdict(list)
    for carried in channels:
        if carried.channel.command:
            logged[key_of(carried.channel.command)].append(carried)
    found = []
    for key, commands in sent.items():
        there = logged.get(key, ())
        if len(commands) == len(there) == 1:
            one, carried = commands[0], there[0]
            whole = same_text(one.command, carried.channel)
            if whole and fit(one.command, carried.channel, carried.connection) is not None:
                found.append((one, carried))
    return found


def meet(
    endpoints: Sequence[Endpoint],
    servers: Sequence[ServerEnd],
    channels: Sequence[Carried],
    sure: Sequence[tuple[Pairing, Carried]],
) -> None:
    """Gives each connection, with its channels, to the endpoint that it belongs to, if any."""
    owner = {id(one): endpoint for endpoint in endpoints for one in endpoint.pairings}
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    number = {id(endpoint): at for at, endpoint in enumerate(endpoints)}
    for one, carried in sure:
        votes[id(carried.connection)][number[id(owner[id(one)])]] += 1
    chosen: dict[int, Endpoint] = {}
    for server in servers:
        open_ones = []
        counts: Counter[int] = Counter()
        for connection in server.log.connections:
            voted = votes.get(id(connection))
            found = endpoints[voted.most_common(1)[0][0]] if voted else _by_address(endpoints, connection)
            found = found or _by_name(endpoints, connection.host)
            if found is None:
                open_ones.append(connection)
                continue
            chosen[id(connection)] = found
            counts[number[id(found)]] += 1
        usual = endpoints[counts.most_common(1)[0][0]] if len(counts) == 1 else None
        usual = usual or (None if counts else _of_log(endpoints, server))
        if usual is None and len(endpoints) == 1:
            usual = endpoints[0]
        # Behind a router or in a container, sshd knows its own address by another name than the control node.
        decided = (one for one in server.log.connections if id(one) in chosen)
        here = {one.server_address for one in decided} if counts else None
        for connection in open_ones:
            if usual is not None and _could(usual, connection, here):
                chosen[id(connection)] = usual
        if usual is not None and not server.log.connections:
            usual.servers.append(server)
    for server in servers:
        for connection in server.log.connections:
            if (endpoint := chosen.get(id(connection))) is not None:
                endpoint.connections.append((server, connection))
                if server not in endpoint.servers:
                    endpoint.servers.append(server)
    for carried in channels:
        if (endpoint := chosen.get(id(carried.connection))) is not None:
            endpoint.channels.append(carried)
    for endpoint in endpoints:
        endpoint.channels.sort(key=lambda carried: carried.order)


def _by_address(endpoints: Sequence[Endpoint], connection: Connection) -> Endpoint | None:
    address, port = connection.server_address, connection.server_port
    if address is None:
        return None
    there = [one for one in endpoints if address in one.addresses]
    exact = [one for one in there if port in one.ports]
    # Without a port in the control node's log, ssh's own configuration may name one.
    found = exact or [one for one in there if not one.ports]
    return found[0] if len(found) == 1 else None


def _of_log(endpoints: Sequence[Endpoint], server: ServerEnd) -> Endpoint | None:
    """By what the whole log tells: where sshd listened, the node's name, the file's name."""
    for said in server.log.listener:
        words = said.text.rstrip(".").split()
        if words[:3] == ["Server", "listening", "on"] and words[4:5] == ["port"] and words[-1].isdigit():
            listening = [one for one in endpoints if words[3] in one.addresses and int(words[-1]) in one.ports]
            if len(listening) == 1:
                return listening[0]
    return _by_name(endpoints, server.log.host, *_words(server.name))


def _by_name(endpoints: Sequence[Endpoint], *names: str | None) -> Endpoint | None:
    """The endpoint that one of `names` names, whole or without its domain; None where two would fit."""
    for name in names:
        if not name:
            continue
        short = name.lower().partition(".")[0]
        found = [
            endpoint
            for endpoint in endpoints
            if any(
                name.lower() == known.lower() or (not _numeric(known) and short == known.lower().partition(".")[0])
                for known in (*endpoint.names, *endpoint.addresses)
            )
        ]
        if len(found) == 1:
            return found[0]
    return None


def _numeric(name: str) -> bool:
    return name.replace(".", "").isdigit() or ":" in name


def _words(name: str) -> list[str]:
    """What a file's name may say of its host: `/x/run.web1.sshd.log` has `web1`."""
    stem = name.replace("\\", "/").rpartition("/")[2]
    dotted = stem.replace("_", ".").split(".")
    words = [stem.rpartition(".")[0], *dotted, *(word for part in dotted for word in part.split("-"))]
    return [word for word in dict.fromkeys(words) if word]


def _could(endpoint: Endpoint, connection: Connection, here: set[str | None] | None) -> bool:
    """Whether nothing speaks against a connection of which only its log is known.

    `here` has the addresses of the log's connections that are known to be the endpoint's; None without any.
    """
    address = connection.server_address
    if address is not None and here is not None and address not in endpoint.addresses and address not in here:
        return False
    users = {one.command.user for one in endpoint.pairings}
    return connection.user is None or None in users or connection.user in users
