"""What both texts say of sshd's logs: which connections are spelt out, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parsers.findings import Severity
from parsers.model import SourceKind
from parsers.sshd.life import State, doubtful
from tui.report.document import ChannelEntry, ConnectionEntry, Document, FindingEntry, SourceEntry
from tui.report.grouping import plural

CONNECTIONS = 8
"""Connections of one log that are spelt out."""
CHANNELS = 12
"""Channels of one connection that are spelt out."""
_COMMAND = 110


@dataclass(frozen=True, slots=True)
class ServerSide:
    """One sshd log of the report."""

    source: SourceEntry
    findings: list[FindingEntry]
    connections: list[ConnectionEntry]

    @property
    def title(self) -> str:
        """`sshd on web1: 5 connections, 30 channels`."""
        hosts = sorted({one.host for one in self.connections if one.host})
        on = f" on {hosts[0]}" if len(hosts) == 1 else f" on {len(hosts)} hosts" if hosts else ""
        channels = sum(len(one.channels) for one in self.connections)
        return f"sshd{on}: {plural(len(self.connections), 'connection')}, {plural(channels, 'channel')}"

    def sign(self, connection: ConnectionEntry) -> str:
        """✖ where an error is about it, ! for a warning or where it or a channel ended badly, else ✔."""
        mine = {found.severity for found in self.findings if found.connection == connection.index}
        if Severity.ERROR in mine:
            return "✖"
        # With the control node's log beside it, the error is the host's.
        badly = doubtful((one.status for one in connection.channels), connection.end)
        return "!" if badly or Severity.WARNING in mine else "✔"

    def shown(self) -> list[ConnectionEntry]:
        """Those that are spelt out: with a problem first, in the order of the log."""
        order = "✖!✔"
        chosen = sorted(self.connections, key=lambda one: (order.index(self.sign(one)), one.index))[:CONNECTIONS]
        return sorted(chosen, key=lambda one: one.index)


def server_sides(document: Document) -> Iterator[ServerSide]:
    """Each sshd log that has anything to tell."""
    for index, source in enumerate(document.sources):
        if source.kind is SourceKind.SSHD:
            findings = [found for found in document.findings if found.run is None and found.evidence[0].source == index]
            yield ServerSide(source, findings, [one for one in document.connections if one.source == index])


def connection_words(connection: ConnectionEntry) -> str:
    """`deploy from 192.0.2.1 port 35746: publickey, 24 channels, closed by the client, 12.3 s`."""
    client = connection.address or "a client that the log does not name"
    port = f" port {connection.port}" if connection.port is not None else ""
    user = connection.user or "nobody"
    return f"{user} from {client}{port}: {connection.life} (lines {connection.first_line:,}-{connection.last_line:,})"


def channels_shown(connection: ConnectionEntry) -> list[ChannelEntry]:
    """Those that are spelt out: the ones that are not well, then the last."""
    bad = [one for one in connection.channels if one.status is not State.OK]
    chosen = {one.index for one in bad[:CHANNELS]}
    for one in reversed(connection.channels):
        if len(chosen) >= CHANNELS:
            break
        chosen.add(one.index)
    return [one for one in connection.channels if one.index in chosen]


def channel_words(channel: ChannelEntry) -> str:
    """`channel 0, line 229: opened, exec "id", exit status sent, closed, 43 ms`, with a long command cut."""
    words = channel.life
    if channel.command is not None and len(channel.command) > _COMMAND:
        words = words.replace(channel.command, channel.command[: _COMMAND - 1] + "…")
    number = "?" if channel.id is None else str(channel.id)
    return f"channel {number}, line {channel.first_line}: {words}"


def hidden(shown: int, total: int, noun: str) -> str:
    """`… and 3 more channels`; empty where nothing is hidden."""
    return f"… and {plural(total - shown, f'more {noun}')}" if total > shown else ""
