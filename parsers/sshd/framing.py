"""What stands before sshd's messages: syslog's, journald's and RFC 5424's forms, journald's JSON, or nothing.

Each line is matched by anchored patterns with bounded parts, so a hostile line costs no more than its beginning.
"""

from __future__ import annotations

import calendar
import json
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from parsers.sshd.model import NO_YEAR, Framing

PROGRAMS = frozenset((b"sshd", b"sshd-session", b"sshd-auth"))
"""sshd's own names: one program up to 9.7; `sshd-session` from 9.8 on, `sshd-auth` from 10.0 on."""

MAX_MESSAGE = 8192
"""Bytes of a message that are read: sshd cuts its own at 1,024 (log.c, MSGBUFSIZ) before escapes."""

_MONTHS = {name.encode(): number for number, name in enumerate(calendar.month_abbr) if name}

_PRI = rb"(?:<\d{1,3}>)?"
# The host is left out by some viewers; what sshd itself begins a line with is no program's name.
_TAG = (
    rb"(?!Starting session: |Close session: |(?:debug[123]|error|fatal): )"
    rb"(?:(\S{0,254}[^\s:]) )?([A-Za-z0-9_./()@\-]{1,64})(?:\[(\d{1,10})\])?: ?"
)
# RFC 3164 pads the day with a blank, journald with a zero; short-precise adds a fraction. journalctl writes the month
# in the language of the terminal: such a stamp is no time.
_SYSLOG = re.compile(_PRI + rb"([^\s\d<\[{]{2,12}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?: (\d{4}))? " + _TAG)
_ISO = re.compile(
    _PRI + rb"(?:[A-Z][a-z]{2} )?(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)([.,]\d{1,9})?"
    rb"(?: ?(Z|UTC|[A-Z]{2,5}|[+-]\d\d:?\d\d))? " + _TAG
)
_UNIX = re.compile(rb"(\d{9,11})(\.\d{1,9}) " + _TAG)
_MONOTONIC = re.compile(rb"\[ {0,6}(\d{1,9}\.\d{1,9})\] " + _TAG)
_RFC5424 = re.compile(
    rb"<\d{1,3}>1 (\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([.,]\d{1,9})?(Z|[+-]\d\d:?\d\d) "
    rb"(\S{1,255}) (\S{1,64}) (\d{1,10}|-) \S{1,64} (?:-|\[[^\n]{0,400}?\]) ?(?:\xef\xbb\xbf)?"
)
# A stamp that RecordReader took off (it takes ISO stamps for a CI system's) leaves the rest of the line.
_REST = re.compile(_TAG)
_REPEATED = re.compile(rb"message repeated (\d{1,6}) times?: \[ ?(.*)\]\s*\Z", re.DOTALL)
_OCTAL = re.compile(rb"#([0-3][0-7]{2})")
_CSTYLE = re.compile(rb"\\([0-3][0-7]{2}|[abfnrstv0\\])")
_PLAIN = {
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"s": b" ",
    b"t": b"\t",
    b"v": b"\v",
    b"0": b"\0",
    b"\\": b"\\",
}


class Entry(NamedTuple):
    """One message of one program."""

    framing: Framing
    time: float | None
    """Seconds since the epoch; in `NO_YEAR` where the stamp has no year."""
    yearless: bool
    zoned: bool
    host: str | None
    program: bytes
    pid: int | None
    message: bytes
    repeated: int = 1


def unvis(text: bytes) -> bytes:
    """Undoes the escapes that sshd writes (`strnvis` with VIS_CSTYLE and VIS_OCTAL, log.c)."""

    def plain(match: re.Match[bytes]) -> bytes:
        code = match.group(1)
        return _PLAIN.get(code) or bytes([int(code, 8)])

    return _CSTYLE.sub(plain, text)


def framed(body: bytes, stamp: float | None) -> Entry | None:
    """The entry of one line, or None where nothing known stands before the message.

    `stamp` is the time of an ISO stamp that was taken off already.
    """
    first = body[:1]
    if first == b"{":
        return _json(body)
    head = body[: MAX_MESSAGE + 512]
    if stamp is not None:
        rest = _REST.match(head)
        if rest is not None:
            return _entry(Framing.ISO, stamp, rest, head, 1, zoned=True)
    if (match := _SYSLOG.match(head)) is not None:
        month, day, hour, minute, second, fraction, year = match.group(1, 2, 3, 4, 5, 6, 7)
        time = _moment(year, month, day, hour, minute, second, None)
        return _entry(Framing.SYSLOG, _with(time, fraction), match, head, 8, yearless=year is None)
    if (match := _ISO.match(head)) is not None:
        return _entry(Framing.ISO, _iso_time(match), match, head, 9, zoned=_is_zone(match.group(8)))
    if first == b"<" and (match := _RFC5424.match(head)) is not None:
        return _entry(Framing.ISO, _iso_time(match), match, head, 9, zoned=True)
    if (match := _UNIX.match(head)) is not None:
        return _entry(Framing.ISO, int(match.group(1)) + float(match.group(2)), match, head, 3, zoned=True)
    if (match := _MONOTONIC.match(head)) is not None:
        return _entry(Framing.SYSLOG, float(match.group(1)), match, head, 2, yearless=True)
    return None


def _entry(
    framing: Framing,
    time: float | None,
    match: re.Match[bytes],
    line: bytes,
    group: int,
    *,
    yearless: bool = False,
    zoned: bool = False,
) -> Entry:
    """An entry whose host, program and pid are the groups from `group` on."""
    host, program, pid = match.group(group), match.group(group + 1), match.group(group + 2)
    message = line[match.end() :].rstrip(b"\r")
    if b"#" in message:  # rsyslog writes control characters as #ooo
        message = _OCTAL.sub(_control, message)
    repeated = 1
    if message.startswith(b"message repeated ") and (more := _REPEATED.match(message)) is not None:
        repeated, message = int(more.group(1)), more.group(2)
    number = int(pid) if pid is not None and pid != b"-" else None
    return Entry(
        framing,
        time,
        yearless,
        zoned,
        None if host is None else _name(host),
        program.rpartition(b"/")[2],
        number,
        message,
        repeated,
    )


@lru_cache(maxsize=256)
def _name(host: bytes) -> str:
    return host.decode("utf-8", "surrogateescape")


def _control(match: re.Match[bytes]) -> bytes:
    code = int(match.group(1), 8)
    # `#1` of a command line is no escape: only what rsyslog escapes is taken back.
    return bytes([code]) if code < 32 or code == 127 else match.group()


def _json(body: bytes) -> Entry | None:
    # Journal fields are small but for MESSAGE; a record that is far larger is no line of sshd.
    if len(body) > 1 << 20:
        return None
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or "MESSAGE" not in fields:
        return None
    message = _field(fields["MESSAGE"])
    stamp = _field(fields.get("_SOURCE_REALTIME_TIMESTAMP") or fields.get("__REALTIME_TIMESTAMP"))
    pid = _field(fields.get("SYSLOG_PID") or fields.get("_PID"))
    program = _field(fields.get("SYSLOG_IDENTIFIER") or fields.get("_COMM"))
    host = _field(fields.get("_HOSTNAME"))
    return Entry(
        Framing.JSON,
        int(stamp) / 1e6 if stamp.isdigit() and len(stamp) < 18 else None,
        False,
        True,
        host.decode("utf-8", "surrogateescape") or None,
        program[:64],
        int(pid) if pid.isdigit() and len(pid) < 11 else None,
        message[:MAX_MESSAGE],
    )


def _field(value: object) -> bytes:
    """A journal field: text, or an array of its bytes where it is not printable UTF-8 (systemd's JSON format)."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, list) and value and isinstance(value[0], str | list):
        return _field(value[0])  # a field that occurs more than once
    if isinstance(value, list):
        return bytes(one for one in value if isinstance(one, int) and 0 <= one < 256)
    return b""


@lru_cache(maxsize=512)
def _moment(
    year: bytes | None, month: bytes, day: bytes, hour: bytes, minute: bytes, second: bytes, zone: bytes | None
) -> float | None:
    """Seconds since the epoch; thousands of lines share a second. None where there is no such time."""
    number = int(month) if month.isdigit() else _MONTHS.get(month, 0)
    try:
        moment = datetime(
            int(year) if year else NO_YEAR, number, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC
        )
    except ValueError:
        return None
    ahead = 0
    if zone is not None and zone[:1] in (b"+", b"-"):
        ahead = (int(zone[1:3]) * 3600 + int(zone[-2:]) * 60) * (1 if zone[:1] == b"+" else -1)
    return moment.timestamp() - ahead


def _with(time: float | None, fraction: bytes | None) -> float | None:
    return time if time is None or not fraction else time + float(fraction.replace(b",", b"."))


def _iso_time(match: re.Match[bytes]) -> float | None:
    """The time of a match whose groups 1 to 8 are a date, a clock, a fraction and a zone."""
    year, month, day, hour, minute, second, fraction, zone = match.group(1, 2, 3, 4, 5, 6, 7, 8)
    return _with(_moment(year, month, day, hour, minute, second, zone), fraction)


def _is_zone(zone: bytes | None) -> bool:
    return zone is not None and (zone in (b"Z", b"UTC", b"GMT") or zone[:1] in (b"+", b"-"))


@lru_cache(maxsize=512)
def in_year(time: float, year: int) -> float:
    """A time of `NO_YEAR` at the same day and clock of `year`; 29 February becomes 1 March where there is none."""
    moment = datetime.fromtimestamp(time, UTC)
    try:
        return moment.replace(year=year).timestamp()
    except ValueError:
        return (moment.replace(day=28, year=year) + timedelta(days=1)).timestamp()
