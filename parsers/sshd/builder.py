"""sshd's log to its model: `SshdBuilder`. It decides line by line, so a block's borders can not matter."""

from __future__ import annotations

import re
from collections import OrderedDict
from datetime import UTC, datetime

from parsers.model import LogModel, Place, SourceKind
from parsers.records import Record, RecordReader
from parsers.sshd.dialogue import DialogueReader
from parsers.sshd.framing import MAX_MESSAGE, PROGRAMS, Entry, framed, in_year
from parsers.sshd.login import LoginReader
from parsers.sshd.model import NO_YEAR, Connection, Framing, Level, Said, SshdLog
from parsers.sshd.notes import notes_of

_PEER = re.compile(
    rb"(?:\A| )(\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:.]{2,45}(?:%[\w.\-]{1,16})?|UNKNOWN) port (\d{1,5})\b"
)
_CHILD = re.compile(rb"(?:User|Network) child is on pid (\d{1,10})")
_FORKED = re.compile(rb"Forked child (\d{1,10})\.")
_LEVELS = (
    (b"fatal: ", Level.FATAL),
    (b"error: ", Level.ERROR),
    (b"debug1: ", Level.DEBUG),
    (b"debug2: ", Level.DEBUG),
    (b"debug3: ", Level.DEBUG),
)

_LISTENER = (
    b"Server listening on ",
    b"Received signal ",
    b"Received SIGHUP",
    b"Forked child ",
    b"drop connection #",
    b"beginning MaxStartups throttling",
    b"exited MaxStartups throttling",
    b"Bind to port ",
    b"send_rexec_state",
    b"ssh_msg_send: ",
    b"srclimit_",
    b"child_",
    b"server_accept_loop",
    b"main_sigchld_handler",
    b"Set /proc/self/oom_score_adj",
    b"oom_adjust_",
    b"private host key",
    b"Could not load host key",
    b"Unable to load host key",
    b"sshd version ",
    b"rexec_argv",
    b"penalty: ",
    b"Timeout before authentication for connection",
)
"""Beginnings of what the listening process says (sshd.c, srclimit.c)."""
_EARLY = (
    b"rexec start in ",
    b"rexec ",
    b"inetd sockets after dupping",
    b"fd ",
    b"process_channel_timeouts",
    b"channel_clear_timeouts",
    b"recv_rexec_state",
    b"sshd-session version ",
    b"sshd-auth version ",
    b"res_init()",
)
"""What a connection's process says before `Connection from` (rexec)."""

BARE = (
    b"Server listening on ",
    b"debug1: sshd version ",
    b"debug1: sshd-session version ",
    b"Connection from ",
    b"debug3: mm_",
    b"debug1: Forked child ",
    b"debug1: rexec start in ",
    b"debug3: preauth child monitor started",
    b"debug1: userauth-request for user ",
    b"User child is on pid ",
    b"Starting session: ",
    b"Accepted publickey for ",
    b"Accepted password for ",
    b"debug1: server_input_channel_open: ctype ",
    b"debug1: server_input_channel_req: ",
    b"debug1: session_input_channel_req: ",
    b"debug1: session_new: ",
    b"debug1: session_by_channel: ",
    b"debug1: Entering interactive session for SSH2.",
)
"""Beginnings of sshd's own lines where nothing stands before them; ssh, the client, writes none of these."""

_TOLD = (
    b"no more sessions",
    b"session open failed",
    b"server_input_channel_open: failure",
    b"subsystem: cannot stat",
    b"userauth_pubkey: ",
    b"Could not open ",
    b"restore_uid",
    b"PAM: ",
    b"do_pam_",
    b"Forced command ",
    b"account ",
    b"Account ",
    b"Password ",
)
"""Debug lines that are kept with a connection: they name causes that no other line does."""
_QUIET = (b"userauth_pubkey: authenticated", b"userauth_pubkey: valid user", b"restore_uid", b"account expiration d")

_HEAD, _TAIL = 60, 40
_WAITING = 64
"""Lines of a process whose connection is not told yet that are held back."""
_PROCESSES = 20_000
"""Processes that are remembered: pids are used again, and a year's log has many."""

_Key = tuple[str | None, int]
_Line = tuple[bytes, Level, Said, bool, int]


class _Reader:
    """One connection and what reads its lines."""

    __slots__ = ("connection", "dialogue", "login")

    def __init__(self, connection: Connection, log: SshdLog) -> None:
        self.connection = connection
        self.login = LoginReader(connection)
        self.dialogue = DialogueReader(connection, log.messages)

    @property
    def childless(self) -> bool:
        """Logged in, with no line of the user's child yet."""
        one = self.connection
        return one.accepted is not None and one.end is None and len(one.pids) < 2 and not one.channels

    def line(self, line: _Line) -> None:
        text, level, said, preauth, repeated = line
        one = self.connection
        one.last = said
        one.last_line = said.place.line
        if said.pid is not None and said.pid not in one.pids and len(one.pids) < 8:
            one.pids.append(said.pid)
        if level is not Level.DEBUG or (text.startswith(_TOLD) and not text.startswith(_QUIET)):
            _keep(one.lines, said, _HEAD, _TAIL)
        self.login.line(text, level, said, repeated)
        self.dialogue.line(text, said.place, said.time, preauth=preauth)


class SshdBuilder:
    """Feeds on blocks of one sshd log."""

    def __init__(self) -> None:
        self.log = SshdLog()
        self._model = LogModel(SourceKind.SSHD, sshd=self.log)
        self._records = RecordReader()
        self._by_pid: OrderedDict[_Key, _Reader] = OrderedDict()
        self._listeners: set[_Key] = set()
        self._waiting: dict[_Key, list[_Line]] = {}
        self._childless: list[_Reader] = []
        self._peers: OrderedDict[tuple[str, int], _Reader] = OrderedDict()
        self._current: _Reader | None = None
        self._framed = False
        self._year: int | None = None
        self._before: float | None = None
        self._hosts: set[str | None] = set()
        self._sure = 0
        self.sure_line: int | None = None
        """The line at which it was sure that this is a log of sshd."""

    # ---- feeding

    def feed(self, block: bytes) -> None:
        """Adds the next bytes of the log."""
        for record in self._records.feed(block):
            self._record(record)
        self._model.bytes += len(block)

    def finish(self) -> None:
        """The input is over."""
        self._model.complete = True
        for record in self._records.finish():
            self._record(record)
        for key in list(self._waiting):
            self._release(key, None)
        if self._sure and self._framed and self.sure_line is None:
            self.sure_line = self._records.line

    def snapshot(self) -> LogModel:
        """The model of what was read so far; it stands until the next `feed`."""
        self._model.lines = self._records.line
        self._model.notes = notes_of(self.log, self._records)
        return self._model

    # ---- one line

    def _record(self, record: Record) -> None:
        body = record.body
        entry = framed(body, record.stamp)
        if entry is None:
            self._unframed(record)
            return
        self._framed = True
        place = Place(record.offset, record.line)
        if entry.program not in PROGRAMS:
            self._other(entry.program.decode("utf-8", "replace"), place)
            return
        self._count(record, sure=True)
        log = self.log
        log.framings[entry.framing] = log.framings.get(entry.framing, 0) + 1
        log.zoned = log.zoned or entry.zoned
        log.pids = log.pids or entry.pid is not None
        self._message(entry.message, place, self._dated(entry), entry.host, entry.pid, entry.repeated)

    def _unframed(self, record: Record) -> None:
        body = record.body[:MAX_MESSAGE].rstrip(b"\r")
        if self._framed or not body or body.startswith((b"-- ", b"  #")):
            # The rest of a message that sshd wrote over several lines, a line of journalctl's own, or no one's.
            if body and self._framed:
                self._other("", Place(record.offset, record.line))
            return
        self._count(record, sure=body.startswith(BARE))
        self.log.framings[Framing.BARE] = self.log.framings.get(Framing.BARE, 0) + 1
        self._message(body, Place(record.offset, record.line), self._stamped(record.stamp), None, None, 1)

    def _count(self, record: Record, *, sure: bool) -> None:
        self.log.lines += 1
        if sure:
            self._sure += 1
            if self._sure == 3:
                self.sure_line = record.line

    def _other(self, program: str, place: Place) -> None:
        others = self.log.others
        if program not in others and len(others) >= 200:
            program = ""
        others[program] = others.get(program, 0) + 1
        self.log.others_first.setdefault(program, place)

    def _stamped(self, time: float | None) -> float | None:
        if time is not None:
            log = self.log
            log.stamped = True
            log.first_time = time if log.first_time is None else log.first_time
            log.last_time = time if log.last_time is None else max(log.last_time, time)
        return time

    def _dated(self, entry: Entry) -> float | None:
        """The entry's time; a stamp without a year that goes back by half a year is of the next one."""
        time = entry.time
        if time is None:
            return None
        if entry.yearless:
            year = self._year or NO_YEAR
            moved = in_year(time, year)
            if self._before is not None and moved < self._before - 180 * 86_400:
                year += 1
                moved = in_year(time, year)
            self._year = year
            self._before = time = moved
        elif self.log.year is None:
            self.log.year = _year_of(time)
        return self._stamped(time)

    def _message(
        self, raw: bytes, place: Place, time: float | None, host: str | None, pid: int | None, repeated: int
    ) -> None:
        if host not in self._hosts and len(self._hosts) < 1000:
            self._hosts.add(host)
            self.log.host = host if len(self._hosts) == 1 else None
        text, level = raw, Level.INFO
        for beginning, named in _LEVELS:
            if text.startswith(beginning):
                text, level = text[len(beginning) :], named
                if named is Level.DEBUG:
                    self.log.levels = max(self.log.levels, beginning[5] - 0x30)
                break
        preauth = text.endswith(b" [preauth]")
        text = text.removesuffix(b" [preauth]").removesuffix(b" [postauth]")
        said = Said(place, time, level, text[:1600].decode("utf-8", "surrogateescape")[:400], pid)
        line = (text, level, said, preauth, repeated)
        if pid is None:
            self._by_order(line)
        else:
            self._by_process((host, pid), line)

    # ---- whose line it is

    def _by_process(self, key: _Key, line: _Line) -> None:
        text, level, _, _, _ = line
        if text.startswith(b"Connection from "):
            self._listeners.discard(key)
            self._give(self._start(line, key), line)
            return
        if key in self._listeners or text.startswith(_LISTENER[:6]):
            self._listeners.add(key)
            self._listened(line)
            return
        reader = self._by_pid.get(key)
        peer = _peer(text) if level is not Level.DEBUG else None
        if reader is not None:
            mine = (reader.connection.address, reader.connection.port)
            if peer is None or mine[0] is None or mine == peer or reader.connection.end is None:
                self._give(reader, line)
                return
            reader = None  # the pid is used again
        if peer is not None and (known := self._peers.get(peer)) is not None:
            self._release(key, known)
            self._own(key, known)
            self._give(known, line)
            return
        if peer is None and text.startswith((*_LISTENER, *_EARLY)):
            self._listened(line)
            return
        self._childless = [one for one in self._childless if one.childless]
        if peer is None and self._childless:
            held = self._waiting.setdefault(key, [])
            held.append(line)
            if len(held) < _WAITING and len(self._waiting) <= _WAITING:
                return
            self._release(key, None)
            return
        self._give(self._start(line, key), line)

    def _by_order(self, line: _Line) -> None:
        text, level, said, _, _ = line
        if text.startswith(b"Connection from "):
            if self._current is not None and _open(self._current.connection):
                self.log.mixed = True
            self._current = self._start(line, None)
        elif text.startswith(_LISTENER):
            self._listened(line)
            return
        elif level is not Level.DEBUG and (peer := _peer(text)) is not None and peer in self._peers:
            self._current = self._peers[peer]
        elif self._current is None:
            if text.startswith(_EARLY) or not said.text or (level is Level.DEBUG and not _of_connection(text)):
                self._listened(line)
                return
            self._current = self._start(line, None)
        elif text.startswith(_EARLY[:3]):
            return
        self._give(self._current, line)

    def _start(self, line: _Line, key: _Key | None) -> _Reader:
        text, _, said, _, _ = line
        log = self.log
        connection = Connection(
            len(log.connections),
            said.place,
            said.time,
            whole=text.startswith(b"Connection from "),
            host=key[0] if key is not None else None,
        )
        log.connections.append(connection)
        reader = _Reader(connection, log)
        if key is not None:
            held = self._waiting.pop(key, [])
            self._own(key, reader)
            for one in held:
                self._give(reader, one)
        return reader

    def _own(self, key: _Key, reader: _Reader) -> None:
        self._by_pid[key] = reader
        self._by_pid.move_to_end(key)
        if len(self._by_pid) > _PROCESSES:
            self._by_pid.popitem(last=False)

    def _release(self, key: _Key, reader: _Reader | None) -> None:
        """What was held back of a process goes to `reader`, or to a connection of its own."""
        held = self._waiting.pop(key, [])
        if not held:
            return
        if reader is None:
            reader = self._start(held[0], key)
        self._own(key, reader)
        for line in held:
            self._give(reader, line)

    def _give(self, reader: _Reader, line: _Line) -> None:
        text, level, said, _, _ = line
        connection = reader.connection
        childless = reader.childless
        reader.line(line)
        if level is not Level.DEBUG and (peer := _peer(text)) is not None:
            if connection.address is None and not connection.whole:
                connection.address, connection.port = peer
            if (connection.address, connection.port) == peer and self._peers.get(peer) is not reader:
                self._peers[peer] = reader
                if len(self._peers) > _PROCESSES:
                    self._peers.popitem(last=False)
        if (match := _CHILD.match(text)) is not None and said.pid is not None:
            key = (connection.host, int(match.group(1)))
            self._release(key, reader)
            self._own(key, reader)
        if reader.childless and not childless:
            self._childless.append(reader)

    def _listened(self, line: _Line) -> None:
        text, level, said, _, _ = line
        if level is not Level.DEBUG or text.startswith((b"drop ", b"srclimit_", b"penalty")):
            _keep(self.log.listener, said, 100, 100)


def _keep(lines: list[Said], said: Said, head: int, tail: int) -> None:
    lines.append(said)
    if len(lines) > head + tail:
        del lines[head]


def _peer(text: bytes) -> tuple[str, int] | None:
    match = _PEER.search(text[:700])
    return None if match is None else (match.group(1).decode("ascii", "replace"), int(match.group(2)))


def _open(connection: Connection) -> bool:
    return connection.end is None


def _of_connection(text: bytes) -> bool:
    return text.startswith((b"receive packet", b"send packet", b"server_", b"session_", b"userauth", b"channel "))


def _year_of(time: float) -> int:
    return datetime.fromtimestamp(time, UTC).year
