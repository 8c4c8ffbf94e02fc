"""From an sshd connection's lines to its login, key exchange and end: `LoginReader`.

The wording is OpenSSH's, 6.6 to 10 (sshd.c, sshd-session.c, auth.c, auth2.c, packet.c, kex.c, monitor.c).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from parsers.model import Place
from parsers.sshd.model import AuthAttempt, AuthResult, Connection, End, Level, Said

_FROM = re.compile(rb"Connection from (\S{1,64}) port (\d{1,5})(?: on (\S{1,64}) port (\d{1,5}))?")
# A user's name can hold anything: the last ` from ADDRESS port N` is sshd's own.
_AUTH = re.compile(
    rb"(Accepted|Failed|Postponed|Partial) (\S{1,80}) for (invalid user )?(.{0,255}) from (\S{1,64}) port (\d{1,5})"
    rb"(?: ssh\d?)?(?: *\[[^\]]{1,20}\])?(?:: (.{0,300}))?\Z",
    re.DOTALL,
)
_REQUEST = re.compile(rb"userauth-request for user (.{0,255}) service \S{1,40} method (\S{1,60})", re.DOTALL)
_KEX = re.compile(rb"kex: ([a-z >\-]{3,30}?)(?: cipher)?: (\(no match\)|\S{1,80})(?: MAC: (\S{1,80}))?")
_OLD_KEX = re.compile(rb"kex: (client->server|server->client) (\S{0,59}[^\s:]) (\S{1,60})")
_TRANSFERRED = re.compile(rb"Transferred: sent (\d{1,18}), received (\d{1,18}) bytes")

# The other lines that name who wanted to log in; greedy, as a name may hold ` from ` itself.
_NAMED = re.compile(
    rb"(?:Invalid user (.{0,255}) from \S{1,64}"
    rb"|User (.{1,255}?) (?:from \S{1,64} )?not allowed because"
    rb"|[A-Z].{1,40} (?:authenticating|invalid) user (.{0,255}) \S{1,64} port \d{1,5}"
    rb"|Disconnected from user (.{1,255}) \S{1,64} port \d{1,5})",
    re.DOTALL,
)

_MAX_ATTEMPTS = 100

_ENDS: tuple[tuple[bytes, End], ...] = (
    (b"Received disconnect from", End.DISCONNECTED),
    (b"Disconnected from", End.DISCONNECTED),
    (b"Connection closed by", End.CLOSED),
    (b"Connection reset by", End.RESET),
    (b"Timeout, client not responding", End.TIMEOUT),
    (b"Timeout before authentication", End.TIMEOUT),
    (b"Disconnecting", End.REFUSED),
    (b"Unable to negotiate", End.NEGOTIATION),
    (b"no matching ", End.NEGOTIATION),  # fatal, up to 6.9
    (b"no hostkey alg", End.NEGOTIATION),
    (b"Bad protocol version identification", End.REFUSED),
    (b"Did not receive identification string", End.CLOSED),
    (b"Access denied for user", End.REFUSED),
    (b"Exiting on signal", End.FATAL),
)
_GONE = (b"Broken pipe", b"reset by peer", b"Connection closed", b"Write failed", b"No route to host")
_LATE = (b"timed out", b"Timeout")
_INNER = (b"mm_", b"monitor_", b"ssh_msg_", b"cleanup_exit")
"""Fatal words of one half of a connection's processes about the other: what follows from an end, never its cause."""


def _text(raw: bytes, cut: int = 400) -> str:
    return raw[: cut * 4].decode("utf-8", "surrogateescape")[:cut]


class LoginReader:
    """Feeds on the lines of one connection that are about its beginning and its end."""

    __slots__ = ("connection",)

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def line(self, text: bytes, level: Level, said: Said, repeated: int, *, preauth: bool) -> None:
        """One line, without its level."""
        if level is not Level.DEBUG:
            self._plain(text, level, said, repeated)
        elif text == b"do_cleanup" and not preauth and self.connection.end is None:
            # What the monitor does when the other process is gone; the words on a usual end come before it.
            self._end(End.FATAL, said)
        handler = self._HANDLERS.get(text[:8])
        if handler is not None:
            handler(self, text, said.place, said.time)

    def _plain(self, text: bytes, level: Level, said: Said, repeated: int) -> None:
        if self.connection.user is None and (match := _NAMED.match(text[:700])) is not None:
            self.connection.user = _text(next(name for name in match.groups() if name is not None))
        if text.startswith((b"Accepted ", b"Failed ", b"Postponed ", b"Partial ")):
            self._auth(text, said, repeated)
        elif text.startswith(b"Transferred: ") and (match := _TRANSFERRED.match(text)) is not None:
            self.connection.bytes_sent, self.connection.bytes_received = int(match.group(1)), int(match.group(2))
        elif text.startswith(b"Closing connection to ") and self.connection.end is None:
            self._end(End.DISCONNECTED, said)
        else:
            self._ending(text, level, said)

    def _ending(self, text: bytes, level: Level, said: Said) -> None:
        for beginning, end in _ENDS:
            if text.startswith(beginning):
                self._end(end, said)
                return
        head = text[:400]
        if level is not Level.DEBUG and text.startswith(b"kex_exchange_identification: "):
            self._end(End.RESET if b"reset by" in head else End.CLOSED, said)
            return
        told = text.startswith((b"Read error from remote host", b"ssh_dispatch_run_fatal", b"banner exchange: "))
        if told or (level is Level.FATAL and not text.startswith(_INNER)):
            self._end(_network(head), said)
        elif level is Level.FATAL and self.connection.end is None:
            self._end(End.FATAL, said)

    def _end(self, end: End, said: Said) -> None:
        connection = self.connection
        # The first word is the cause; what other processes of the connection say of it comes later.
        if connection.end is None or (connection.end is End.FATAL and end is not End.FATAL):
            connection.end, connection.end_said, connection.ended = end, said, said.time
        elif said.time is not None and connection.ended is not None:
            connection.ended = max(connection.ended, said.time)

    def _auth(self, text: bytes, said: Said, repeated: int) -> None:
        match = _AUTH.match(text)
        if match is None:
            return
        connection = self.connection
        user = _text(match.group(4))
        attempt = AuthAttempt(
            _text(match.group(2)),
            user,
            AuthResult(match.group(1).decode("ascii").lower()),
            said.place,
            said.time,
            match.group(3) is not None,
            _text(match.group(7) or b""),
            repeated,
        )
        connection.user = user
        if len(connection.attempts) < _MAX_ATTEMPTS:
            connection.attempts.append(attempt)
        if attempt.result is AuthResult.ACCEPTED:
            connection.accepted = attempt
            connection.login_time = said.time

    # ---- by a line's beginning

    def _from(self, text: bytes, _place: Place, _time: float | None) -> None:
        match = _FROM.match(text)
        if match is not None:
            connection = self.connection
            connection.address, connection.port = _text(match.group(1)), int(match.group(2))
            if match.group(3) is not None:
                connection.server_address, connection.server_port = _text(match.group(3)), int(match.group(4))

    def _userauth(self, text: bytes, _place: Place, _time: float | None) -> None:
        match = _REQUEST.match(text)
        if match is not None:
            self.connection.user = _text(match.group(1))
            method = _text(match.group(2))
            if method not in self.connection.requested and len(self.connection.requested) < 20:
                self.connection.requested.append(method)

    def _software(self, text: bytes, _place: Place, _time: float | None) -> None:
        for beginning in (b"Remote protocol version 2.0, remote software version ", b"Local version string SSH-2.0-"):
            if text.startswith(beginning):
                software = _text(text[len(beginning) :])
                if beginning[:1] == b"R":
                    self.connection.client = software
                else:
                    self.connection.server = software

    def _old_client(self, text: bytes, _place: Place, _time: float | None) -> None:
        _, found, software = text.partition(b"client software version ")
        if found:
            self.connection.client = _text(software)

    def _kex(self, text: bytes, _place: Place, _time: float | None) -> None:
        chosen = self.connection.kex
        old = _OLD_KEX.match(text)
        if old is not None:
            chosen[_text(old.group(1))] = f"{_text(old.group(2))} {_text(old.group(3))}"
        elif (match := _KEX.match(text)) is not None and len(chosen) < 8:
            mac = match.group(3)
            chosen[_text(match.group(1))] = _text(match.group(2)) + (f" {_text(mac)}" if mac else "")

    def _kex_done(self, _line: bytes, place: Place, _time: float | None) -> None:
        if self.connection.kex_done is None:
            self.connection.kex_done = place

    _HANDLERS: ClassVar[dict[bytes, Callable[[LoginReader, bytes, Place, float | None], None]]] = {
        beginning[:8]: handler
        for beginning, handler in (
            (b"Connection from ", _from),
            (b"userauth-request for ", _userauth),
            (b"Remote protocol version", _software),
            (b"Local version string", _software),
            (b"Client protocol version", _old_client),
            (b"kex: algorithm", _kex),
            (b"kex: host key", _kex),
            (b"kex: client->server", _kex),
            (b"kex: server->client", _kex),
            (b"KEX done", _kex_done),
            (b"SSH2_MSG_NEWKEYS received", _kex_done),
        )
    }


def _network(words: bytes) -> End:
    if any(word in words for word in _LATE):
        return End.TIMEOUT
    return End.RESET if any(word in words for word in _GONE) else End.FATAL
