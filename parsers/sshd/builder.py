"""sshd's log to its model: `SshdBuilder`. It decides line by line, so a block's borders can not matter."""

from __future__ import annotations

from datetime import UTC, datetime

from parsers.lines.pasted import SSHD
from parsers.lines.records import Record, RecordReader
from parsers.log_model import LogModel
from parsers.model import Place, SourceKind
from parsers.sshd.framing import MAX_MESSAGE, PROGRAMS, Entry, framed, in_year
from parsers.sshd.model import NO_YEAR, Framing, Level, Said, SshdLog
from parsers.sshd.notes import notes_of
from parsers.sshd.routing import Router, Spoken

_LEVELS = (
    (b"fatal: ", Level.FATAL),
    (b"error: ", Level.ERROR),
    (b"debug1: ", Level.DEBUG),
    (b"debug2: ", Level.DEBUG),
    (b"debug3: ", Level.DEBUG),
)


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


class SshdBuilder:
    """Feeds on blocks of one sshd log."""

    def __init__(self) -> None:
        self.log = SshdLog()
        self._model = LogModel(SourceKind.SSHD, sshd=self.log)
        self._records = RecordReader(beginning=SSHD)
        self._router = Router(self.log)
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
        self._router.finish()
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
        if not self._framed:
            self._framed = True
            self._records.settle()
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
        self._router.line(Spoken(text, level, said, preauth, repeated, host))


def _year_of(time: float) -> int:
    return datetime.fromtimestamp(time, UTC).year
