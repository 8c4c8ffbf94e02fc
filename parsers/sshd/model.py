"""The model of an sshd log: connection → channel → message.

The text stays in the file: the model holds places and small facts. Times are seconds since the epoch as the log's
stamps tell them (see `SshdLog.year` and `SshdLog.zoned`), None where it has no stamps.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from parsers.model import Place
from parsers.ssh.messages import SshMessage, ssh_message

NO_YEAR = 1972
"""The year that times are in while the log's stamps name none: a leap year, so that 29 February is a day."""


class Framing(StrEnum):
    """What stands before each of sshd's messages."""

    SYSLOG = "syslog"
    """`Oct  2 11:51:00 host sshd[24024]: `: RFC 3164, and journald's short and short-precise."""
    ISO = "iso"
    """`2026-10-02T11:51:00+00:00 host sshd[24024]: `: rsyslog's and journald's ISO forms, and RFC 5424."""
    JSON = "json"
    """`journalctl -o json`."""
    BARE = "bare"
    """Nothing: `sshd -E FILE`, `sshd -e`, `sshd -ddd`."""


class Level(StrEnum):
    """What a line begins with: log.c's words. `INFO` and `VERBOSE` lines have none."""

    FATAL = "fatal"
    ERROR = "error"
    INFO = "info"
    DEBUG = "debug"


class End(StrEnum):
    """How a connection ended, as sshd says it."""

    DISCONNECTED = "disconnected"
    """The client said goodbye (SSH_MSG_DISCONNECT), or closed after its last channel was over."""
    CLOSED = "closed"
    """The client closed the TCP connection without a word."""
    RESET = "reset"
    """A TCP reset, or a write into a connection that was gone."""
    TIMEOUT = "timeout"
    """The client did not answer, or the login took longer than LoginGraceTime."""
    REFUSED = "refused"
    """sshd ended it: too many failures, the account, the protocol."""
    NEGOTIATION = "negotiation"
    """No algorithm in common."""
    FATAL = "fatal"
    """sshd's process of this connection died of an error."""


class AuthResult(StrEnum):
    """What became of an attempt to log in (auth.c, `auth_log`)."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    POSTPONED = "postponed"
    """A step of several: sshd said that the key would do."""
    PARTIAL = "partial"
    """Another method is wanted as well."""


class Said(NamedTuple):
    """One line of sshd, and where the log holds it."""

    place: Place
    time: float | None
    level: Level
    text: str
    """Without stamp, program and level; cut at 400 characters. Raw: pass it through `showable`."""
    pid: int | None = None


@dataclass(slots=True, frozen=True)
class Message:
    """One SSH message that sshd received or sent (`receive packet: type N`)."""

    index: int
    """In `SshdLog.messages`."""
    place: Place
    time: float | None
    received: bool
    """True: client → server. False: server → client."""
    number: int
    connection: int
    """Index into `SshdLog.connections`."""
    channel: int | None
    """Index into that connection's `channels`, where the lines around it tell."""
    preauth: bool
    """Whether it was before the login (`[preauth]`)."""

    @property
    def message(self) -> SshMessage:
        """Name, RFC and section."""
        return ssh_message(self.number)

    @property
    def name(self) -> str:
        """`SSH_MSG_CHANNEL_OPEN`."""
        return self.message.name


class MessageTable:
    """All messages of a log, a column each: about 40 bytes a message."""

    __slots__ = ("_channel", "_connection", "_flags", "_line", "_number", "_offset", "_time")

    def __init__(self) -> None:
        self._offset = array("Q")
        self._line = array("L")
        self._time = array("d")
        self._number = array("B")
        self._flags = array("B")  # bit 0 received, bit 1 preauth
        self._connection = array("L")
        self._channel = array("l")

    def __len__(self) -> int:
        return len(self._offset)

    def append(
        self, place: Place, time: float | None, number: int, connection: int, *, received: bool, preauth: bool
    ) -> int:
        """Adds a message of no channel yet; returns its index."""
        self._offset.append(place.offset)
        self._line.append(place.line)
        self._time.append(math.nan if time is None else time)
        self._number.append(number & 0xFF)
        self._flags.append(received | (preauth << 1))
        self._connection.append(connection)
        self._channel.append(-1)
        return len(self._offset) - 1

    def belongs(self, index: int, channel: Channel) -> None:
        """Gives message `index` to `channel`."""
        self._channel[index] = channel.index
        channel.messages.append(index)

    def __getitem__(self, index: int) -> Message:
        flags, channel, time = self._flags[index], self._channel[index], self._time[index]
        return Message(
            index if index >= 0 else index + len(self),
            Place(self._offset[index], self._line[index]),
            None if math.isnan(time) else time,
            bool(flags & 1),
            self._number[index],
            self._connection[index],
            channel if channel >= 0 else None,
            bool(flags & 2),
        )

    def __iter__(self) -> Iterator[Message]:
        return (self[index] for index in range(len(self)))


@dataclass(slots=True, eq=False)
class AuthAttempt:
    """One attempt to log in: `Accepted`, `Failed`, `Postponed` or `Partial` METHOD for USER (auth.c, `auth_log`)."""

    method: str
    user: str
    result: AuthResult
    place: Place
    time: float | None
    invalid_user: bool = False
    detail: str = ""
    """What follows `ssh2:`: key type and fingerprint."""
    repeated: int = 1
    """N of rsyslog's `message repeated N times`."""


@dataclass(slots=True, eq=False)
class Request:
    """One SSH_MSG_CHANNEL_REQUEST of a channel (RFC 4254 5.4)."""

    kind: str
    """env, pty-req, exec, subsystem, shell, window-change, signal… and, sent by sshd, exit-status, exit-signal."""
    place: Place
    time: float | None
    received: bool
    reply: bool
    """Whether an answer is wanted."""
    answer: bool | None = None
    """True: SSH_MSG_CHANNEL_SUCCESS, False: SSH_MSG_CHANNEL_FAILURE, None: no answer is logged."""
    detail: str = ""
    """The variable of env, the terminal of pty-req, the name of subsystem."""


@dataclass(slots=True, eq=False)
class Channel:
    """One channel: for Ansible, one command or one sftp session."""

    index: int
    """In its connection's `channels`, in the order of their opening."""
    opened: Place
    """The line of the received SSH_MSG_CHANNEL_OPEN, or the first line that shows it."""
    started: float | None = None
    id: int | None = None
    """sshd's own number; it is used again by a later channel of the same connection."""
    remote_id: int | None = None
    """The client's number (`rchan`)."""
    type: str | None = None
    """`session`, `direct-tcpip`…"""
    window: int | None = None
    """The client's initial window, in bytes."""
    max_packet: int | None = None
    open_seen: bool = False
    """Whether the log holds the received SSH_MSG_CHANNEL_OPEN itself (it needs DEBUG3)."""
    confirmed: Place | None = None
    """SSH_MSG_CHANNEL_OPEN_CONFIRMATION was sent."""
    confirmed_time: float | None = None
    refused: Place | None = None
    """SSH_MSG_CHANNEL_OPEN_FAILURE was sent, or its reason logged."""
    refusal: str = ""
    """sshd's words on it: `no more sessions`, `refused local port forward: …`."""
    session: int | None = None
    requests: list[Request] = field(default_factory=list)
    run: str | None = None
    """command, shell, subsystem or forced-command: of `Starting session: …`."""
    run_place: Place | None = None
    run_time: float | None = None
    subsystem: str | None = None
    command: str | None = None
    """The command that was executed, where sshd logs it (audit builds: Debian, Red Hat); escapes undone. sshd cuts
    its lines at about 1,000 bytes."""
    command_place: Place | None = None
    command_cut: bool = False
    """Whether the line reached sshd's own limit, so the text is a beginning."""
    forced: str | None = None
    """The command that replaced the client's (ForceCommand, or command="…" of the key)."""
    forced_by: str | None = None
    """config or key-option, as sshd says it."""
    tty: str | None = None
    pid: int | None = None
    """Of the process that it ran."""
    status_sent: Place | None = None
    """The exit-status or exit-signal request was sent; no version of sshd logs its value."""
    exit_signal: bool = False
    """Whether the command was ended by a signal: exit-signal was sent instead of exit-status."""
    ended: float | None = None
    """Time of its last line."""
    eof_received: Place | None = None
    eof_sent: Place | None = None
    close_received: Place | None = None
    close_sent: Place | None = None
    freed: Place | None = None
    write_failed: Place | None = None
    """A write to the command's stdin failed before the command was over."""
    bytes_in: int | None = None
    """Client to command, at least: the window that sshd gave back. Small amounts are never told."""
    bytes_out: int | None = None
    """Command to client, at least: the window that the client gave back."""
    audit_end: Place | None = None
    messages: array[int] = field(default_factory=lambda: array("L"))
    """Indices into `SshdLog.messages`, in order."""
    last_line: int = 0

    @property
    def over(self) -> bool:
        """Whether the log shows its end: closed by both, freed, or refused."""
        return (
            self.freed is not None
            or self.refused is not None
            or (self.close_sent is not None and self.close_received is not None)
        )

    @property
    def stalled(self) -> bool:
        """Its opening was received, and neither confirmed nor refused: the article's case."""
        return self.open_seen and self.confirmed is None and self.refused is None and self.run is None

    @property
    def seconds(self) -> float | None:
        """From its opening to its last line."""
        if self.started is None or self.ended is None:
            return None
        return max(0.0, self.ended - self.started)

    def request(self, kind: str) -> Request | None:
        """Its newest request of `kind`."""
        return next((one for one in reversed(self.requests) if one.kind == kind), None)


@dataclass(slots=True, eq=False)
class Connection:
    """One TCP connection to sshd."""

    index: int
    opened: Place
    """Its `Connection from` line, or the first line that shows it."""
    started: float | None = None
    whole: bool = True
    """False where the log does not hold its beginning."""
    host: str | None = None
    """The managed node's name, as syslog wrote it."""
    address: str | None = None
    """The client's."""
    port: int | None = None
    server_address: str | None = None
    server_port: int | None = None
    pids: list[int] = field(default_factory=list)
    """Of its processes, in the order of their lines: the monitor, then the user's child (privilege separation)."""
    client: str | None = None
    """The client's software: `OpenSSH_9.2p1 …`."""
    server: str | None = None
    kex: dict[str, str] = field(default_factory=dict)
    """Chosen: algorithm, host key algorithm, client->server, server->client."""
    kex_done: Place | None = None
    user: str | None = None
    attempts: list[AuthAttempt] = field(default_factory=list)
    """The first 100."""
    requested: list[str] = field(default_factory=list)
    """Methods of its userauth requests (DEBUG1), each once, the first 20."""
    accepted: AuthAttempt | None = None
    login_time: float | None = None
    channels: list[Channel] = field(default_factory=list)
    messages: array[int] = field(default_factory=lambda: array("L"))
    """Indices into `SshdLog.messages`, all of its own, in order."""
    lines: list[Said] = field(default_factory=list)
    """What sshd says without `debug`, and the debug lines that name a cause: the first 60 and the last 40."""
    last: Said | None = None
    """Its newest line of any kind."""
    bytes_sent: int | None = None
    bytes_received: int | None = None
    """Of `Transferred: sent N, received M bytes`."""
    end: End | None = None
    """None while it is open, as far as the log tells."""
    end_said: Said | None = None
    ended: float | None = None
    last_line: int = 0

    def messages_after(self, line: int, log: SshdLog) -> bool:
        """Whether one of its messages stands behind that line."""
        return bool(self.messages) and log.messages[self.messages[-1]].place.line > line

    @property
    def client_name(self) -> str:
        """`192.0.2.1 port 35746`, or what is known of it."""
        if self.address is None:
            return "a client that the log does not name"
        return self.address + (f" port {self.port}" if self.port is not None else "")


@dataclass(slots=True, eq=False)
class SshdLog:
    """All that is known of one sshd log."""

    framings: dict[Framing, int] = field(default_factory=dict)
    """Lines of sshd by what stands before them."""
    connections: list[Connection] = field(default_factory=list)
    """In the order of their first lines."""
    messages: MessageTable = field(default_factory=MessageTable)
    listener: list[Said] = field(default_factory=list)
    """What the listening process says (drops, penalties, starts): the first 100 and the last 100."""
    host: str | None = None
    """The managed node's name, where every line has the same."""
    lines: int = 0
    """Of sshd."""
    others: dict[str, int] = field(default_factory=dict)
    """Lines of other programs, by program; `""` for lines of no known form."""
    others_first: dict[str, Place] = field(default_factory=dict)
    first_time: float | None = None
    last_time: float | None = None
    year: int | None = None
    """The year of the first stamp; None where stamps name none: times are then in 1972, good for differences only."""
    stamped: bool = False
    """Whether any line has a time."""
    zoned: bool = False
    """Whether the stamps name their zone; else they are taken as UTC."""
    pids: bool = False
    """Whether lines name the process; without it connections are told apart by order only."""
    mixed: bool = False
    """Without pids: more than one connection was open at a time, so lines may be given to the wrong one."""
    levels: int = 0
    """The highest `debugN` seen: 3 is what messages need."""

    def table(self, channel: Channel) -> list[Message]:
        """The messages of a channel, in order."""
        return [self.messages[index] for index in channel.messages]
