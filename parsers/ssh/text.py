"""ssh's own `debugN:` text, decoded into the facts of a `Transcript`.

The wording is OpenSSH's, 7.0 to 10 (sshconnect.c, sshconnect2.c, kex.c, mux.c, clientloop.c, sftp-client.c); where a
release changed a line, both forms stand in the table. Lines are matched by their literal beginnings, so a hostile
line costs no more than its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from parsers.ssh.messages import packet
from parsers.ssh.transcript import Line, Phase, PhaseStep, SftpProgress, Transcript, without_colours

CUT = 400
"""Characters of a line that a transcript keeps."""

HEAD, TAIL = 40, 20
"""Plain lines that a transcript keeps from the beginning and from the end."""

_CONNECTING = re.compile(rb"Connecting to (\S{1,255}) (?:\[([^\]\s]{1,64})\] )?port (\d{1,5})")
_TARGET = re.compile(rb'(?:resolving |resolve_canonicalize: hostname )"?([^"\s]{1,255})')
# ssh says how much of the remote side's stderr it passed on, right behind it, be the line at its end or not.
_PASSED_ON = re.compile(rb"debug2: channel \d{1,5}: written \d{1,9} to efd \d{1,5}\Z")
_KEX = re.compile(rb"kex: ([a-z >\-]{3,30}?)(?: \[[^\]]{1,20}\])?: (\(no match\)|\S{1,80})(?: MAC: (\S{1,80}))?")
_AUTHENTICATED = re.compile(rb'Authenticated to .{1,300}? using "([a-z0-9@.\-]{1,60})"')
_STATUS = re.compile(rb"(?:exit status from master|Exit status) (-?\d{1,10})")
_WRITE = re.compile(rb"Sent message SSH2_FXP_WRITE I:\d{1,12} O:(\d{1,15}) S:(\d{1,10})")
_ACK = re.compile(rb"In write loop, ack for \d{1,12} (\d{1,10}) bytes at (\d{1,15})")
_OPEN = re.compile(
    rb"Sent (?:dest )?message SSH2_FXP_OPEN I:\d{1,12} P:(.{1,400}?)(?: M:0x[0-9a-f]{1,8})?\r?", re.DOTALL
)


# The lines of a KEXINIT proposal, by ssh's own labels (kex.c, 7.0-10; languages are always empty).
_PROPOSED = frozenset(
    (
        b"KEX algorithms",
        b"host key algorithms",
        b"ciphers ctos",
        b"ciphers stoc",
        b"MACs ctos",
        b"MACs stoc",
        b"compression ctos",
        b"compression stoc",
        b"languages ctos",
        b"languages stoc",
    )
)

_Handler = Callable[["SshReader", bytes, int, "float | None"], None]


def _text(raw: bytes) -> str:
    return without_colours(raw[: CUT * 4].decode("utf-8", "surrogateescape"))[:CUT]


class SshReader:
    """Feeds one command's output, line by line, into its `Transcript`."""

    __slots__ = ("_forwards", "_partial", "_proposal", "_requested", "_torn", "transcript")

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self._proposal: str | None = None
        self._requested = False
        # A jump host's ssh asks for a channel to the host behind it (`ssh -W`).
        self._forwards = False
        # A chunk may end in the middle of a line; the pipe's next chunk goes on with it.
        self._partial: dict[bool, tuple[bytes, int, int]] = {}
        # The first part of a remote line into which ssh's own debug text broke.
        self._torn: tuple[bytes, int, int] | None = None

    def feed(self, piece: bytes, offset: int, line: int, time: float | None, *, stderr: bool, ended: bool) -> None:
        """Adds a piece of one line: its bytes, place, time; `ended` where a line feed follows it in the pipe."""
        held = self._partial.pop(stderr, None)
        if held is not None:
            piece, offset, line = held[0] + piece, held[1], held[2]
        if not ended:
            if b" via ansible, key=" in piece[:400]:
                self.transcript.prompted = True  # a prompt has no line feed
            if len(piece) > 1 << 16:
                piece = piece[: 1 << 16]
            self._partial[stderr] = (piece, offset, line)
            return
        self._whole(piece.rstrip(b"\r"), offset, line, time, stderr)

    def finish(self, time: float | None) -> None:
        """The pipes are over: what stands without a line feed is a line too."""
        for stderr, (piece, offset, line) in list(self._partial.items()):
            if piece:
                self._whole(piece.rstrip(b"\r"), offset, line, time, stderr)
        self._partial.clear()
        if self._torn is not None:
            self._whole(b"", *self._torn[1:], time, True)

    def _whole(self, raw: bytes, offset: int, line: int, time: float | None, stderr: bool) -> None:
        facts = self.transcript
        debug = stderr and raw[:5] == b"debug" and raw[6:8] == b": "
        if stderr and not debug:
            if self._torn is not None:
                (head, offset, line), self._torn = self._torn, None
                raw = head + raw
            if b"debug2: channel " in raw and (torn := _PASSED_ON.search(raw[-80:])) is not None:
                start = max(0, len(raw) - 80) + torn.start()
                self._torn, raw, debug = (raw[: min(start, 1 << 16)], offset, line), raw[start:], True
        if debug:
            facts.last_debug = Line(offset, line, _text(raw), stderr)
            self._debug(raw, line, time)
            return
        if not raw:
            return
        if stderr and raw[:8] == b"OpenSSH_" and facts.client is None:
            facts.client = _text(raw)
            return
        if stderr and raw[:17] == b"Authenticated to " and (match := _AUTHENTICATED.match(raw)):
            self._authenticated(match.group(1), line, time)
            return
        if stderr and raw[:3] == b"  #" and raw[3:4].isdigit():
            return  # a channel of the list under `debug3: … The following connections are open:`
        if raw[:15] == b"BECOME-SUCCESS-":
            facts.escalated = True
        elif b" via ansible, key=" in raw[:400]:
            facts.prompted = True
        plain = facts.plain
        plain.append(Line(offset, line, _text(raw), stderr))
        if len(plain) > HEAD + TAIL:
            del plain[HEAD]
        if stderr and raw.startswith((b"Bytes per second: ", b"exec request failed on channel ")):
            facts.session = True

    # ---- debug lines

    def _debug(self, raw: bytes, line: int, time: float | None) -> None:
        text = raw[8:]
        if self.transcript.client is None and text[:8] == b"OpenSSH_":
            self.transcript.client = _text(text)  # OpenSSH 10.0 (9.2 does not) makes it a debug line
            return
        handler = self._HANDLERS.get(text[:9])
        if handler is None and text[:6] == b"Host '":
            self._known(text, line, time)
        elif handler is not None:
            handler(self, text, line, time)
        elif text[:5] == b"send " or text[:8] == b"receive ":
            self._packet(raw, line, time)
        elif text[:4] == b"kex:":
            self._kex(text)
        elif self._proposal is not None:
            label, colon, value = text.partition(b": ")
            if not colon or label not in _PROPOSED:
                self._proposal = None  # `first_kex_follows 0` ends the list
            elif self._proposal == "peer":
                self.transcript.kex_offered.setdefault(_text(label), value[:4000].decode("ascii", "replace"))

    def _begin(self, phase: Phase, line: int, time: float | None) -> None:
        steps = self.transcript.steps
        if any(step.phase is phase for step in steps):
            return
        if steps and steps[-1].ended is None:
            steps[-1].ended = time
            steps[-1].done = True
        steps.append(PhaseStep(phase, line, time))

    def _done(self, phase: Phase, time: float | None) -> None:
        step = self.transcript.step(phase)
        if step is not None and not step.done:
            step.done = True
            step.ended = time

    def _resolving(self, text: bytes, line: int, time: float | None) -> None:
        match = _TARGET.match(text)
        if match is not None and self.transcript.target is None:
            self.transcript.target = _text(match.group(1))
        if text.startswith(b"resolving "):  # the other form is printed for a master's client too
            self._begin(Phase.RESOLVE, line, time)

    def _connecting(self, text: bytes, line: int, time: float | None) -> None:
        match = _CONNECTING.match(text)
        if match is not None:
            self._begin(Phase.TCP, line, time)
            self.transcript.target = self.transcript.target or _text(match.group(1))
            self.transcript.connected = (match.group(2) or match.group(1)).decode("ascii", "replace")
            self.transcript.connected_port = int(match.group(3))

    def _connection(self, text: bytes, line: int, time: float | None) -> None:
        if text.startswith(b"Connection established"):
            self._done(Phase.TCP, time)
            self._begin(Phase.BANNER, line, time)

    def _proxy(self, text: bytes, _line: int, _time: float | None) -> None:
        if text.startswith(b"Executing") or self.transcript.proxy is None:
            self.transcript.proxy = self.transcript.last_debug

    def _forwarding(self, _text: bytes, _line: int, _time: float | None) -> None:
        self._forwards = self.transcript.proxy is not None

    def _remote(self, text: bytes, line: int, time: float | None) -> None:
        if text.startswith(b"Remote protocol version"):
            _, found, software = text.partition(b"remote software version ")
            if found:
                self.transcript.server = _text(software)
            self._done(Phase.BANNER, time)
            self._begin(Phase.KEX, line, time)

    def _ssh2(self, text: bytes, line: int, time: float | None) -> None:
        if text.startswith(b"SSH2_MSG_KEXINIT sent"):
            self._begin(Phase.KEX, line, time)
        elif text.startswith(b"SSH2_MSG_NEWKEYS received"):
            self._done(Phase.KEX, time)
            self._done(Phase.HOSTKEY, time)
        elif text.startswith(b"SSH2_MSG_SERVICE_ACCEPT received"):
            self._begin(Phase.AUTH, line, time)

    def _hostkey(self, text: bytes, line: int, time: float | None) -> None:
        if text.startswith(b"Server host key: "):
            self.transcript.host_key = _text(text[17:])
            self._begin(Phase.HOSTKEY, line, time)

    def _known(self, text: bytes, _line: int, time: float | None) -> None:
        if b" is known and matches" in text[:400] or text.startswith(b"Host key"):
            self._done(Phase.HOSTKEY, time)

    def _packet(self, raw: bytes, line: int, time: float | None) -> None:
        told = packet(raw[8:])
        if told is None:
            return
        direction, number = told.direction, told.number
        packets = self.transcript.packets
        packets.append((direction, number))
        if len(packets) > 8:
            del packets[0]
        # RFC 4250 4.1.2: 5 SERVICE_REQUEST, 90 CHANNEL_OPEN, 91 its confirmation.
        if number == 90 and direction == "send":
            self.transcript.opening = self.transcript.last_debug
            self._begin(Phase.CHANNEL, line, time)
        elif number == 91 and direction == "receive" and self._forwards:
            self._forwards = False
            self.transcript.relay(line, time)
        elif number == 91 and direction == "receive":
            self._done(Phase.CHANNEL, time)
            self.transcript.session = True
        elif number == 5 and direction == "send":
            self._begin(Phase.AUTH, line, time)
        # The answers to its own requests (RFC 4254 5.4): for a terminal, then for the command.
        elif number in (99, 100) and direction == "receive" and self._requested:
            self.transcript.denied_request = self.transcript.last_debug if number == 100 else None

    def _kex(self, text: bytes) -> None:
        match = _KEX.match(text)
        if match is None:
            return
        label = match.group(1).decode("ascii", "replace")
        chosen = self.transcript.kex
        value = match.group(2).decode("ascii", "replace")
        if "->" in label:
            chosen[label.removesuffix(" cipher")] = value + (
                f" {match.group(3).decode('ascii', 'replace')}" if match.group(3) else ""
            )
        elif label in ("algorithm", "host key algorithm"):
            chosen[label] = value

    def _propose(self, text: bytes, _line: int, _time: float | None) -> None:
        if b"KEXINIT proposal" in text[:60]:
            self._proposal = "peer" if text.startswith(b"peer") else "local"

    # ---- authentication (RFC 4252)

    def _continue(self, text: bytes, line: int, time: float | None) -> None:
        _, found, methods = text.partition(b"can continue: ")
        if found:
            self._begin(Phase.AUTH, line, time)
            self.transcript.auth_offered = [m.decode("ascii", "replace") for m in methods[:300].split(b",")]

    def _next(self, text: bytes, _line: int, _time: float | None) -> None:
        _, found, method = text.partition(b"Next authentication method: ")
        if found:
            name = method[:60].decode("ascii", "replace").strip()
            if name not in self.transcript.auth_tried:
                self.transcript.auth_tried.append(name)

    def _offering(self, text: bytes, _line: int, _time: float | None) -> None:
        for begin in (b"Offering public key: ", b"Offering ED25519 public key: ", b"Offering RSA public key: "):
            if text.startswith(begin) and len(self.transcript.keys_offered) < 20:
                self.transcript.keys_offered.append(_text(text[len(begin) :]))

    def _accepts(self, text: bytes, _line: int, _time: float | None) -> None:
        for begin in (b"Server accepts key: ", b"Server accepts key: pkalg "):
            if text.startswith(begin) and len(self.transcript.keys_accepted) < 20:
                self.transcript.keys_accepted.append(_text(text[len(begin) :]))
                return
        self._hostkey(text, _line, _time)

    def _authenticated(self, method: bytes, line: int, time: float | None) -> None:
        self._begin(Phase.AUTH, line, time)
        self.transcript.auth_method = method.decode("ascii", "replace")
        self._done(Phase.AUTH, time)

    def _auth_succeeded(self, text: bytes, line: int, time: float | None) -> None:
        if text.startswith(b"Authentication succeeded ("):  # up to 8.7; later "Authenticated to … using …"
            self._authenticated(text[26:].partition(b")")[0][:60], line, time)
        elif (match := _AUTHENTICATED.match(text)) is not None:
            self._authenticated(match.group(1), line, time)
        else:
            self._continue(text, line, time)

    def _greeted(self, text: bytes, _line: int, _time: float | None) -> None:
        if b"banner line 0: " in text[:60]:
            self.transcript.greeting = self.transcript.last_debug

    def _unsigned(self, text: bytes, _line: int, _time: float | None) -> None:
        if b"no mutual signature" in text[:80] or b" - corresponding algo" in text[:CUT]:
            self.transcript.no_signature = self.transcript.last_debug

    # ---- channel and mux (RFC 4254; PROTOCOL.mux)

    def _entering(self, text: bytes, line: int, time: float | None) -> None:
        if text.startswith(b"Entering interactive session"):
            self._begin(Phase.CHANNEL, line, time)

    def _sending(self, text: bytes, _line: int, time: float | None) -> None:
        if text.startswith((b"Sending command: ", b"Sending subsystem: ")):
            self._done(Phase.CHANNEL, time)
            self.transcript.session = self._requested = True

    def _mux(self, text: bytes, _line: int, _time: float | None) -> None:
        # With ControlPersist the ssh that opened the connection sends it to the background and goes on as its client.
        role = "master" if self.transcript.mux == "master" else "client"
        if text.startswith(b"mux_client_request_session: master session id"):
            self.transcript.session = True
            self.transcript.mux = role
        elif text.startswith(b"mux_client_hello_exchange: master version"):
            self.transcript.mux = role

    def _auto_mux(self, _message: bytes, _line: int, _time: float | None) -> None:
        if self.transcript.mux is None:
            self.transcript.mux = "trying"

    def _control_socket(self, text: bytes, _line: int, _time: float | None) -> None:
        if b"does not exist" in text[:600]:
            self.transcript.mux = "master"
        elif b"already exists, disabling multiplexing" in text[:600]:
            self.transcript.mux = None

    def _status(self, text: bytes, _line: int, _time: float | None) -> None:
        match = _STATUS.search(text[:80])
        if match is not None:
            status = int(match.group(1))
            # clientloop.c starts with -1: no status came back.
            self.transcript.exit_status = status if status >= 0 else None
            self.transcript.session = True

    def _rtype(self, text: bytes, _line: int, _time: float | None) -> None:
        if b"rtype exit-signal" in text[:120]:
            self.transcript.session = True
            self.transcript.exit_signal = self.transcript.last_debug
        elif b"rtype exit-status" in text[:120]:
            self.transcript.session = True
            if self.transcript.exit_status is None:
                self.transcript.exit_status = 0  # its value follows in `Exit status N` at the end of the session

    # ---- sftp (draft-ietf-secsh-filexfer-02)

    def _sftp(self, text: bytes, _line: int, _time: float | None) -> None:
        progress = self.transcript.sftp
        match = _WRITE.match(text)
        if match is not None:
            if progress is None:
                progress = self.transcript.sftp = SftpProgress()
            progress.written = max(progress.written, int(match.group(1)) + int(match.group(2)))
            progress.size = max(progress.size, int(match.group(2)))
        elif text.startswith(b"Sent message SSH2_FXP_CLOSE") and progress is not None:
            progress.total = progress.written
        elif (match := _OPEN.fullmatch(text)) is not None:
            self.transcript.session = True
            if progress is None:
                progress = self.transcript.sftp = SftpProgress()
            progress.path = _text(match.group(1))

    def _ack(self, text: bytes, _line: int, _time: float | None) -> None:
        match = _ACK.match(text)
        if match is not None and self.transcript.sftp is not None:
            self.transcript.sftp.acknowledged = max(
                self.transcript.sftp.acknowledged, int(match.group(1)) + int(match.group(2))
            )

    def _sftp_version(self, text: bytes, _line: int, _time: float | None) -> None:
        if text.startswith(b"Remote version: "):
            self.transcript.session = True  # the sftp server answered SSH_FXP_INIT

    _HANDLERS: ClassVar[dict[bytes, _Handler]] = {
        beginning[:9]: handler
        for beginning, handler in (
            (b"resolving ", _resolving),
            (b"resolve_canonicalize", _resolving),
            (b"Connecting to", _connecting),
            (b"Connection established", _connection),
            (b"channel_connect_stdio_fwd", _forwarding),
            (b"Executing proxy command", _proxy),
            (b"Setting implicit ProxyCommand", _proxy),
            (b"Remote protocol version", _remote),
            (b"Remote version: ", _sftp_version),
            (b"SSH2_MSG_KEXINIT sent", _ssh2),
            (b"Server host key: ", _hostkey),
            (b"Server accepts key: ", _accepts),
            (b"local client KEXINIT proposal", _propose),
            (b"peer server KEXINIT proposal", _propose),
            (b"Authentications that can continue", _continue),
            (b"Authentication succeeded", _auth_succeeded),
            (b"Authenticated to ", _auth_succeeded),
            (b"Next authentication method", _next),
            (b"Offering public key", _offering),
            (b"Offering ED25519 public key", _offering),
            (b"Offering RSA public key", _offering),
            (b"send_pubkey_test: no mutual signature algorithm", _unsigned),
            (b"Skipping ", _unsigned),
            (b"kex_exchange_identification: banner line ", _greeted),
            (b"Entering interactive session", _entering),
            (b"Sending command", _sending),
            (b"Sending subsystem", _sending),
            (b"mux_client_request_session", _mux),
            (b"auto-mux: Trying existing master", _auto_mux),
            (b'Control socket "', _control_socket),
            (b"ControlSocket ", _control_socket),
            (b"Received exit status from master", _status),
            (b"Exit status ", _status),
            (b"client_input_channel_req", _rtype),
            (b"Sent message SSH2_FXP", _sftp),
            (b"Sent dest message SSH2_FXP_OPEN", _sftp),
            (b"In write loop, ack", _ack),
        )
    }
