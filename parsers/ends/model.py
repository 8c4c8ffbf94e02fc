"""What is known once both ends are lined up: pairings, clocks, and what found no partner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from parsers.log_model import LogModel
from parsers.model import Command
from parsers.sshd.life import duration
from parsers.sshd.model import Channel, Connection, SshdLog


@dataclass(slots=True, frozen=True)
class EndLog:
    """One log of either end."""

    source: int
    """Its place in the report's `sources`."""
    name: str
    """Of its file: a weak hint at the host."""
    model: LogModel


class Sure(StrEnum):
    """How a pair is known."""

    CERTAIN = "certain"
    """By a text that only one command and only one channel have."""
    LIKELY = "likely"
    """By its place between certain pairs, or by text, kind, order and time together."""
    POSSIBLE = "possible"
    """By order and kind alone, or where another command could be the one."""


class Side(StrEnum):
    """How far a command came, seen from both ends."""

    BOTH = "both"
    """Received, answered, and the answer was seen."""
    NOT_REACHED = "not-reached"
    """The managed node's log covers the time, and has no connection for it."""
    NOT_LOGGED_IN = "not-logged-in"
    """The connection is there, and ended before anybody was logged in, or sshd refused it."""
    NOT_RECEIVED = "not-received"
    """The client asked for a channel, and sshd received no such request."""
    NOT_ANSWERED = "not-answered"
    """sshd received the opening, and neither confirmed nor refused it."""
    REFUSED = "refused"
    """sshd refused the channel, or what was asked of it."""
    AT_WORK = "at-work"
    """sshd started the command, and neither end saw it end."""
    CUT = "cut"
    """The connection ended while the command was at work."""
    NOT_SEEN = "not-seen"
    """sshd sent the command's end, and the client did not see it."""
    UNKNOWN = "unknown"
    """The managed node's log does not tell."""

    @property
    def broken(self) -> bool:
        """Whether the two ends differ, or neither saw an end."""
        return self not in (Side.BOTH, Side.UNKNOWN)


MEANS: Mapping[Side, str] = {
    Side.NOT_REACHED: "What lies between (route, firewall, VPN, another host that answers at the address) took it.",
    Side.NOT_RECEIVED: "Either a device between the two dropped it, or sshd's process did not read any more.",
    Side.NOT_SEEN: "What lies between the two took it, or the client was stopped first.",
}
"""What follows, where no rule knows more."""


@dataclass(slots=True, frozen=True)
class Clock:
    """How far the clock of one sshd log stands from the control node's."""

    seconds: float
    """To be added to the control node's time; the zone of stamps that name none is in it."""
    spread: float
    """Seconds around it in which most of the pairs lie."""
    pairs: int
    """How many pairs it is worked out from."""

    @property
    def words(self) -> str:
        """`0.1 s ahead (± 0.3 s, 42 pairs)`, with a whole zone told apart."""
        zone = round(self.seconds / 900) * 900
        rest = self.seconds - zone
        if not zone or abs(rest) > 120:
            zone, rest = 0, self.seconds
        side = "ahead" if rest >= 0 else "behind"
        said = "none" if abs(rest) < max(0.05, self.spread / 2) else f"{abs(rest):.1f} s {side}"
        if zone:
            said += f", after a zone of {'+' if zone > 0 else '-'}{abs(zone) // 3600}:{abs(zone) % 3600 // 60:02}"
        return f"{said} (± {self.spread:.1f} s, {_count(self.pairs, 'pair')})"


@dataclass(slots=True, eq=False)
class Pairing:
    """One command of the control node, and what carried it on the managed node."""

    source: int
    """Of the control node's log."""
    run: int
    host: str
    """The inventory name."""
    task: str
    command: Command
    server: int | None = None
    """Source of the sshd log that the managed node's side is in; None where no log is that host's."""
    connection: Connection | None = None
    channel: Channel | None = None
    sure: Sure | None = None
    """None without a connection."""
    why: str = ""
    """What speaks for the pair, or why there is none. Raw: pass it through `showable`."""
    refused: list[Channel] = field(default_factory=list)
    """Channels that were refused before it (MaxSessions), each in `refused_in`."""
    refused_in: Connection | None = None
    side: Side = Side.UNKNOWN
    said: str = ""
    """One sentence on how far it came. Raw."""


@dataclass(slots=True, eq=False)
class ServerEnd:
    """What is known of one sshd log beside the control node's."""

    source: int
    name: str
    log: SshdLog
    hosts: list[str] = field(default_factory=list)
    """The inventory names that it is the log of."""
    clock: Clock | None = None
    """None without stamps on either side, or without a pair."""
    channels: int = 0
    paired: int = 0
    left: list[tuple[Connection, Channel]] = field(default_factory=list)
    """Channels that no command was found for."""

    @property
    def words(self) -> str:
        """One line on it, for the reader."""
        hosts = ", ".join(self.hosts) or "no host of the run"
        said = f"The log of {hosts}: {self.paired:,} of {_count(self.channels, 'channel')} lined up with commands"
        if self.clock is not None:
            said += f"; clock difference: {self.clock.words}"
        elif self.hosts:
            said += "; no clock difference can be told" if self.log.stamped else "; it has no times"
        return said


@dataclass(slots=True, eq=False)
class Ends:
    """Both ends, lined up."""

    pairings: list[Pairing] = field(default_factory=list)
    """One for each command that went, or would have gone, to a managed node, in the order of the logs."""
    servers: list[ServerEnd] = field(default_factory=list)
    _by_command: dict[int, Pairing] = field(default_factory=dict)
    _by_channel: dict[int, Pairing] = field(default_factory=dict)
    _by_host: dict[tuple[int, int, str], list[Pairing]] = field(default_factory=dict)

    def index(self) -> None:
        """Makes the pairings findable by command, channel and host."""
        for one in self.pairings:
            self._by_host.setdefault((one.source, one.run, one.host), []).append(one)
        self._by_command = {id(one.command): one for one in self.pairings}
        self._by_channel = {id(one.channel): one for one in self.pairings if one.channel is not None}
        for one in self.pairings:
            self._by_channel.update({id(refused): one for refused in one.refused})

    def of_command(self, command: Command | None) -> Pairing | None:
        """The command's pairing."""
        return self._by_command.get(id(command)) if command is not None else None

    def of_host(self, source: int, run: int, host: str) -> list[Pairing]:
        """The host's pairings, in the order of its commands."""
        return self._by_host.get((source, run, host), [])

    def of_channel(self, channel: Channel | None) -> Pairing | None:
        """The pairing that the channel is in."""
        return self._by_channel.get(id(channel)) if channel is not None else None

    def server(self, source: int | None) -> ServerEnd | None:
        """The sshd log of that source."""
        return next((one for one in self.servers if one.source == source), None)

    def told(self) -> list[Pairing]:
        """The pairings of hosts that have a log of sshd."""
        return [one for one in self.pairings if one.server is not None]

    def unpaired(self) -> list[Pairing]:
        """Commands of hosts that have a log of sshd, and no channel or connection in it."""
        return [one for one in self.told() if one.connection is None]

    def notes(self) -> list[tuple[int, str]]:
        """What a reader should know, with the log that it is about: the clocks, and what could not be lined up."""
        if not self.pairings:
            return []
        notes = [(server.source, server.words) for server in self.servers]
        for server in self.servers:
            if server.left and server.hosts:
                lines = _few(str(channel.opened.line) for _, channel in server.left)
                count = _count(len(server.left), "channel")
                words = "found no command of the run: another client's, or of before or after it"
                notes.append((server.source, f"{count} (lines {lines}) {words}"))
        for source in dict.fromkeys(one.source for one in self.pairings):
            lost = [one for one in self.unpaired() if one.source == source]
            if lost:
                lines = _few(f"{one.host} {one.command.stage}, line {one.command.opened.line}" for one in lost)
                count = _count(len(lost), "command")
                notes.append((source, f"{count} found no channel in the managed nodes' logs: {lines}"))
            without = {one.host: None for one in self.pairings if one.source == source and one.server is None}
            if without and any(one.server is not None for one in self.pairings):
                notes.append((source, f"No log of sshd is that of {_few(without)}"))
        return notes


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def _few(words: Iterable[str]) -> str:
    """The first six, and how many more."""
    listed = list(words)
    more = f" and {len(listed) - 6:,} more" if len(listed) > 6 else ""
    return "; ".join(listed[:6]) + more if any("," in word for word in listed) else ", ".join(listed[:6]) + more


def took(channel: Channel) -> str:
    """How long the channel lived, in words; empty where the stamps do not tell."""
    return duration(channel.seconds)
