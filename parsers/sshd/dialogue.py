"""From an sshd connection's lines to its messages and channels: `DialogueReader`.

`receive packet: type N` names no channel; the line that follows it does. `send packet: type N` follows the line that
names it (packet.c, channels.c, serverloop.c, session.c, OpenSSH 6.6 to 10). Below DEBUG3 there are no such lines, and
the channels are known from what serverloop.c and session.c say of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from parsers.model import Place
from parsers.ssh.messages import packet
from parsers.sshd.framing import unvis
from parsers.sshd.model import Channel, Connection, MessageTable, Request

_OPEN = re.compile(rb"server_input_channel_open: ctype (\S{1,64}) rchan (\d{1,10}) win (\d{1,10}) max (\d{1,10})")
_NEW = re.compile(rb"channel (\d{1,10}): new ")
_REQ = re.compile(rb"server_input_channel_req: channel (\d{1,10}) request (\S{1,64}) reply (\d)")
_NAMED = re.compile(rb"(?:[a-z_]{1,40}: )?(?:session \d{1,10} |release )?channel (\d{1,10})(?::| |\Z)")
_LINK = re.compile(rb"session_open: session (\d{1,10}): link with channel (\d{1,10})")
_EXIT = re.compile(rb"session_exit_message: session \d{1,10} channel (\d{1,10}) pid (\d{1,10})")
_START = re.compile(
    rb"Starting session: (.{1,1100}) for (.{1,255}) from \S{1,64} port \d{1,5} id (\d{1,10})", re.DOTALL
)
_FORCED = re.compile(rb"(?:[Ff]orced[- ]command)(?: \(([a-z \-]{1,20})\))? '(.{0,1000})'?", re.DOTALL)
_AUDIT = re.compile(rb"audit run command euid \d{1,10} user \S{1,200} command '(.{0,1000})'", re.DOTALL)
_SUBSYSTEM = re.compile(rb"subsystem request for (\S{1,64})")
_TTY = re.compile(rb" on [\w/]{1,40}\Z")
"""Behind what a session starts, where it has a terminal (`Starting %s on %s for …`, OpenSSH 6.6-10)."""
_SESSION_PTY = re.compile(rb"session_pty_req: session \d{1,10} alloc (\S{1,64})")

_RUNS = {b"exec": "command", b"shell": "shell", b"subsystem": "subsystem"}

CUT_AT = 900
"""Bytes of a command from which on sshd's own limit of a line (1,024 with its words) may have cut it."""

_MAX_COMMAND = 4000
_MAX_REQUESTS = 60


def _text(raw: bytes, cut: int = 400) -> str:
    return raw[: cut * 4].decode("utf-8", "surrogateescape")[:cut]


class DialogueReader:
    """Feeds on the lines of one connection that are about messages and channels."""

    __slots__ = ("_answering", "_by_id", "_by_session", "_named", "_opening", "_pending", "_table", "connection")

    def __init__(self, connection: Connection, table: MessageTable) -> None:
        self.connection = connection
        self._table = table
        self._by_id: dict[int, Channel] = {}
        self._by_session: dict[int, Channel] = {}
        self._opening: Channel | None = None
        """A channel that is being opened: received, and neither confirmed nor refused so far."""
        self._named: Channel | None = None
        """Of the newest line that names one: what a message that is sent belongs to."""
        self._pending: tuple[int, int] | None = None
        """(index, number) of a received message whose channel the next line names."""
        self._answering: tuple[Channel, Request] | None = None

    def line(self, text: bytes, place: Place, time: float | None, *, preauth: bool) -> None:
        """One line, without its level."""
        if (told := packet(text)) is not None:
            self._packet(told.number, place, time, received=told.received, preauth=preauth)
            return
        if preauth:
            return
        handler = self._HANDLERS.get(text[:9])
        if handler is not None:
            handler(self, text, place, time)
        elif text.startswith(b"channel ") and (match := _NEW.match(text)) is not None:
            self._new_channel(int(match.group(1)), place, time)
        match = _NAMED.match(text)
        if match is not None and (channel := self._by_id.get(int(match.group(1)))) is not None:
            self._touch(channel, place, time)
            if text.startswith(b"channel "):
                self._channel_line(channel, text[match.end() :].lstrip(), place)

    def _touch(self, channel: Channel, place: Place, time: float | None) -> None:
        self._named = channel
        channel.last_line = place.line
        channel.ended = time if time is not None else channel.ended
        if self._pending is not None:
            index, number = self._pending
            self._pending = None
            self._table.belongs(index, channel)
            self._received(channel, number, self._table[index].place)

    def _received(self, channel: Channel, number: int, place: Place) -> None:
        if number == 96:
            channel.eof_received = channel.eof_received or place
        elif number == 97:
            channel.close_received = channel.close_received or place

    # ---- messages

    def _packet(self, number: int, place: Place, time: float | None, *, received: bool, preauth: bool) -> None:
        index = self._table.append(place, time, number, self.connection.index, received=received, preauth=preauth)
        self.connection.messages.append(index)
        if self._pending is not None:
            # No line named it: with one channel open it can be no other's.
            if len(self._by_id) == 1:
                only = next(iter(self._by_id.values()))
                self._table.belongs(self._pending[0], only)
                self._received(only, self._pending[1], self._table[self._pending[0]].place)
            self._pending = None
        if received:
            self._receive(index, number, place, time)
        else:
            self._send(index, number, place, time)

    def _receive(self, index: int, number: int, place: Place, time: float | None) -> None:
        if number == 90:
            self._opening = self._new(place, time)
            self._opening.open_seen = True
            self._table.belongs(index, self._opening)
        elif 91 <= number <= 100:
            self._pending = (index, number)

    def _send(self, index: int, number: int, place: Place, time: float | None) -> None:
        channel: Channel | None = None
        if number in (91, 92):
            # `confirm session` and `failure session` stand before it, and were read already.
            channel = self._opening or next(
                (one for one in reversed(self.connection.channels) if one.confirmed or one.refused), None
            )
            if channel is not None and number == 91:
                channel.confirmed, channel.confirmed_time = place, time
            elif channel is not None:
                channel.refused = place
                self._forget(channel)
            self._opening = None
        elif number in (99, 100) and self._answering is not None:
            channel, request = self._answering
            request.answer = number == 99
            if number == 100 and channel.run_place == request.place:
                channel.run = channel.run_place = channel.run_time = None
            self._answering = None
        elif number in (96, 97, 98):
            channel = self._named
        if channel is not None:
            self._table.belongs(index, channel)
            channel.last_line = place.line
            channel.ended = time if time is not None else channel.ended
            if number == 96:
                channel.eof_sent = channel.eof_sent or place
            elif number == 97:
                channel.close_sent = channel.close_sent or place

    # ---- channels

    def _new(self, place: Place, time: float | None) -> Channel:
        channel = Channel(len(self.connection.channels), place, time, ended=time, last_line=place.line)
        self.connection.channels.append(channel)
        return channel

    def _forget(self, channel: Channel) -> None:
        if channel.id is not None and self._by_id.get(channel.id) is channel:
            del self._by_id[channel.id]
        if channel.session is not None and self._by_session.get(channel.session) is channel:
            del self._by_session[channel.session]

    def _of(self, number: int, place: Place, time: float | None) -> Channel:
        """The channel that sshd calls `number` now; one whose beginning the log does not hold is made."""
        channel = self._by_id.get(number)
        if channel is None:
            channel = self._new(place, time)
            channel.id = number
            self._by_id[number] = channel
        return channel

    def _input(self, text: bytes, place: Place, time: float | None) -> None:
        if text.startswith(b"server_input_channel_req: "):
            self._request(text, place, time)
        elif text.startswith(b"server_input_channel_open: "):
            self._open(text, place, time)

    def _open(self, text: bytes, place: Place, time: float | None) -> None:
        match = _OPEN.match(text)
        if match is not None:
            channel = self._opening
            if channel is None:
                channel = self._opening = self._new(place, time)
                channel.open_seen = True
            channel.type, channel.remote_id = _text(match.group(1)), int(match.group(2))
            channel.window, channel.max_packet = int(match.group(3)), int(match.group(4))
            channel.last_line = place.line
        elif self._opening is not None and text.startswith(b"server_input_channel_open: confirm "):
            self._opening.confirmed, self._opening.confirmed_time = place, time
        elif self._opening is not None and text.startswith(b"server_input_channel_open: failure "):
            self._opening.refused = place
            self._opening.refusal = self._opening.refusal or "open failed"

    def _new_channel(self, number: int, place: Place, time: float | None) -> None:
        if self._opening is not None and self._opening.id is None:
            self._opening.id = number
            self._by_id[number] = self._opening
        elif number in self._by_id or self._opening is None:
            # Its opening is not in the log: a lower LogLevel, or sshd's own (agent, X11).
            self._by_id.pop(number, None)
            self._of(number, place, time)

    def _refusal(self, text: bytes, _place: Place, _time: float | None) -> None:
        if self._opening is not None and not self._opening.refusal:
            self._opening.refusal = _text(text)

    def _session(self, text: bytes, place: Place, time: float | None) -> None:
        if (match := _LINK.match(text)) is not None:
            channel = self._of(int(match.group(2)), place, time)
            channel.session = int(match.group(1))
            self._by_session[channel.session] = channel
        elif (match := _EXIT.match(text)) is not None:
            self._of(int(match.group(1)), place, time).pid = int(match.group(2))
        elif (match := _SESSION_PTY.match(text)) is not None and self._named is not None:
            self._named.tty = _text(match.group(1))

    def _request(self, text: bytes, place: Place, time: float | None) -> None:
        match = _REQ.match(text)
        if match is None:
            return
        channel = self._of(int(match.group(1)), place, time)
        request = Request(_text(match.group(2)), place, time, received=True, reply=match.group(3) == b"1")
        if len(channel.requests) < _MAX_REQUESTS:
            channel.requests.append(request)
        if request.reply:
            self._answering = (channel, request)
        kind = _RUNS.get(match.group(2))
        if kind is not None and channel.run is None:
            # `Starting session` says it better, from 6.8 on.
            channel.run, channel.run_place, channel.run_time = kind, place, time

    def _detail(self, kind: str, detail: str) -> None:
        request = self._named.request(kind) if self._named is not None else None
        if request is not None and not request.detail:
            request.detail = detail

    def _set_env(self, text: bytes, _place: Place, _time: float | None) -> None:
        if text.startswith(b"Setting env "):
            self._detail("env", _text(text.partition(b": ")[2]))

    def _ignored_env(self, text: bytes, _place: Place, _time: float | None) -> None:
        if text.startswith(b"Ignoring env request "):
            self._detail("env", _text(text.removeprefix(b"Ignoring env request ")))

    def _subsystem(self, text: bytes, _place: Place, _time: float | None) -> None:
        match = _SUBSYSTEM.match(text)
        if match is not None and self._named is not None:
            self._named.subsystem = _text(match.group(1))
            self._detail("subsystem", self._named.subsystem)

    def _forced(self, text: bytes, _place: Place, _time: float | None) -> None:
        match = _FORCED.match(text)
        if match is not None and self._named is not None:
            self._named.forced = _text(unvis(match.group(2).removesuffix(b"'")), _MAX_COMMAND)
            self._named.forced_by = _text(match.group(1) or b"").replace(" ", "-") or None

    def _starting(self, text: bytes, place: Place, time: float | None) -> None:
        match = _START.match(text)
        if match is None:
            return
        channel = self._by_session.get(int(match.group(3))) or self._named
        if channel is None or channel.freed is not None:
            channel = self._new(place, time)
            channel.session = int(match.group(3))
            self._by_session[channel.session] = channel
        self.connection.user = self.connection.user or _text(match.group(2))
        what = _TTY.sub(b"", match.group(1))
        channel.run = _text(what.partition(b" ")[0])
        channel.run_place, channel.run_time = place, time
        if what.startswith(b"subsystem "):
            channel.subsystem = _text(what[10:].strip(b"'"))
        elif what.startswith(b"forced-command"):
            self._named = channel
            self._forced(what, place, time)
        self._touch(channel, place, time)

    def _audit(self, text: bytes, place: Place, _time: float | None) -> None:
        other = _AUDIT.fullmatch(text)
        if other is not None and self._named is not None:
            # audit.c's own words, where no audit system is built in; cut at 200 bytes.
            self._named.command = _text(unvis(other.group(1)), _MAX_COMMAND)
            self._named.command_place = place
            self._named.command_cut = len(other.group(1)) >= 200
        run, command = _after(text, b"mm_audit_run_command"), _after(text, b"mm_audit_end_command")
        if self._named is None:
            return
        if run is not None:
            self._named.command = _text(unvis(run), _MAX_COMMAND)
            self._named.command_place = place
            self._named.command_cut = len(run) >= CUT_AT
        elif command is not None:
            self._named.audit_end = place

    def _close(self, text: bytes, place: Place, time: float | None) -> None:
        number = text.rpartition(b" id ")[2]
        channel = self._by_session.get(int(number)) if number.isdigit() and len(number) < 10 else None
        if channel is not None and channel.close_sent is None and not self._by_id:
            # Below DEBUG1 this is the only line on a session's end.
            channel.freed = place
            channel.last_line = place.line
            channel.ended = time if time is not None else channel.ended
            self._forget(channel)

    def _channel_line(self, channel: Channel, rest: bytes, place: Place) -> None:
        """What follows `channel N: `."""
        if rest.startswith(b"free: "):
            channel.freed = place
            self._forget(channel)
        elif rest.startswith((b"rcvd adjust ", b"window ")):
            self._adjusted(channel, rest)
        elif rest.startswith(b"request exit-"):
            channel.status_sent = place
            channel.exit_signal = rest.startswith(b"request exit-signal")
            kind = "exit-signal" if channel.exit_signal else "exit-status"
            if len(channel.requests) < _MAX_REQUESTS:
                channel.requests.append(Request(kind, place, channel.ended, received=False, reply=False))
        elif rest.startswith(b"rcvd eof"):
            channel.eof_received = channel.eof_received or place
        elif rest.startswith(b"rcvd close"):
            channel.close_received = channel.close_received or place
        elif rest.startswith(b"send eof"):
            channel.eof_sent = channel.eof_sent or place
        elif rest.startswith(b"send close"):
            channel.close_sent = channel.close_sent or place
        elif rest.startswith(b"write failed") and channel.status_sent is None and channel.close_received is None:
            channel.write_failed = channel.write_failed or place

    def _adjusted(self, channel: Channel, rest: bytes) -> None:
        words = rest.split(b" ")
        if words[-1].isdigit() and len(words[-1]) < 12:
            amount = int(words[-1])
            if rest.startswith(b"rcvd"):
                channel.bytes_out = (channel.bytes_out or 0) + amount
            else:
                channel.bytes_in = (channel.bytes_in or 0) + amount

    _HANDLERS: ClassVar[dict[bytes, Callable[[DialogueReader, bytes, Place, float | None], None]]] = {
        beginning[:9]: handler
        for beginning, handler in (
            (b"server_input_channel_", _input),
            (b"no more sessions", _refusal),
            (b"session open failed", _refusal),
            (b"refused local port forward", _refusal),
            (b"Received request to connect to host", _refusal),
            (b"session_open: session", _session),
            (b"session_exit_message: session", _session),
            (b"session_pty_req: session", _session),
            (b"Setting env ", _set_env),
            (b"Ignoring env request ", _ignored_env),
            (b"subsystem request for", _subsystem),
            (b"Forced command ", _forced),
            (b"Starting session: ", _starting),
            (b"mm_audit_run_command", _audit),
            (b"audit run command euid", _audit),
            (b"Close session: ", _close),
        )
    }


def _after(text: bytes, function: bytes) -> bytes | None:
    """The command behind `FUNCTION entering command ` or `FUNCTION: entering command `."""
    for beginning in (function + b" entering command ", function + b": entering command "):
        if text.startswith(beginning):
            return text[len(beginning) :]
    return None
