"""Each form of a line: what the same message of sshd looks like in syslog, the journal and files."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.lines.records import RecordReader
from parsers.sshd.framing import Entry, framed, in_year, unvis
from parsers.sshd.model import Framing

MOMENT = datetime(2026, 10, 2, 11, 51, 0, tzinfo=UTC).timestamp()
MESSAGE = b"debug3: receive packet: type 90"


def entry_of(line: bytes) -> Entry | None:
    """As the builder does: through the records."""
    reader = RecordReader()
    record = next(reader.feed(line + b"\n"))
    return framed(record.body, record.stamp)


@pytest.mark.parametrize(
    ("line", "framing", "time"),
    [
        (b"Oct  2 11:51:00 rhel86 sshd[24024]: ", Framing.SYSLOG, None),
        (b"Oct 02 11:51:00 rhel86 sshd[24024]: ", Framing.SYSLOG, None),
        (b"Oct 02 11:51:00.250000 rhel86 sshd[24024]: ", Framing.SYSLOG, None),
        (b"<38>Oct  2 11:51:00 rhel86 sshd[24024]: ", Framing.SYSLOG, None),
        (b"2026-10-02T11:51:00.250000+00:00 rhel86 sshd[24024]: ", Framing.ISO, MOMENT + 0.25),
        (b"2026-10-02T20:51:00+09:00 rhel86 sshd[24024]: ", Framing.ISO, MOMENT),
        (b"2026-10-02T20:51:00+0900 rhel86 sshd[24024]: ", Framing.ISO, MOMENT),
        (b"2026-10-02T11:51:00Z rhel86 sshd[24024]: ", Framing.ISO, MOMENT),
        (b"Fri 2026-10-02 11:51:00 UTC rhel86 sshd[24024]: ", Framing.ISO, MOMENT),
        (b"1790941860.250000 rhel86 sshd[24024]: ", Framing.ISO, MOMENT + 0.25),
        (b"<38>1 2026-10-02T11:51:00.25Z rhel86 sshd 24024 - - ", Framing.ISO, MOMENT + 0.25),
    ],
)
def test_a_line_of_syslog(line: bytes, framing: Framing, time: float | None) -> None:
    entry = entry_of(line + MESSAGE)
    assert entry is not None
    assert (entry.framing, entry.host, entry.program, entry.pid) == (framing, "rhel86", b"sshd", 24024)
    assert entry.message == MESSAGE
    assert entry.yearless is (time is None)
    if time is None:
        assert entry.time is not None
        assert int(in_year(entry.time, 2026)) == MOMENT
    else:
        assert entry.time == pytest.approx(time)


@pytest.mark.parametrize("message", [MESSAGE.decode(), list(MESSAGE)])
def test_a_record_of_the_journal(message: object) -> None:
    fields = {
        "__REALTIME_TIMESTAMP": str(int(MOMENT * 1e6)),
        "_PID": "24024",
        "SYSLOG_IDENTIFIER": "sshd-session",
        "_HOSTNAME": "rhel86",
        "MESSAGE": message,
    }
    entry = entry_of(json.dumps(fields).encode())
    assert entry == Entry(Framing.JSON, MOMENT, False, True, "rhel86", b"sshd-session", 24024, MESSAGE)


@pytest.mark.parametrize(
    "line",
    [
        b"debug1: kex: algorithm: curve25519-sha256",
        b"error: maximum authentication attempts exceeded",
        b"Connection from 192.0.2.1 port 1 on 192.0.2.2 port 22",
        b'{"MESSAGE": ',
        b"[1, 2]",
        b"Oct 99 11:51:00",
    ],
)
def test_a_line_with_nothing_before_it(line: bytes) -> None:
    assert entry_of(line) is None


def test_rsyslogs_own_words() -> None:
    repeated = entry_of(b"Oct  2 11:51:00 a sshd[1]: message repeated 3 times: [ Failed password for x]")
    assert repeated is not None
    assert (repeated.message, repeated.repeated) == (b"Failed password for x", 3)
    escaped = entry_of(b"Oct  2 11:51:00 a sshd[1]: open:#015#012  #0 server-session #101")
    assert escaped is not None
    assert escaped.message == b"open:\r\n  #0 server-session #101"


@pytest.mark.parametrize(
    ("escaped", "plain"),
    [(rb"a\nb\tc", b"a\nb\tc"), (rb"C:\\temp", rb"C:\temp"), (rb"\346\227\245", "日".encode()), (b"$x", b"$x")],
)
def test_escapes_of_sshd_are_undone(escaped: bytes, plain: bytes) -> None:
    assert unvis(escaped) == plain


@given(st.binary(max_size=300))
def test_any_line_ends_well(line: bytes) -> None:
    for begin in (b"", b"{", b"<38>1 ", b"Oct  2 11:51:00 ", b"2026-10-02T11:51:00 "):
        entry = framed(begin + line.replace(b"\n", b""), None)
        assert entry is None or entry.repeated >= 0


@pytest.mark.parametrize(
    "line",
    [
        b"Aug 18 02:09:57 sshd-session[2031]: Connection closed by 192.0.2.1 port 1",
        b"2026-08-18T02:09:57 sshd-session[2031]: Connection closed by 192.0.2.1 port 1",
        b"Dez 25 10:06:12 db1 sshd-session[2031]: Connection closed by 192.0.2.1 port 1",
        "сен 28 00:47:09 db1 sshd-session[2031]: Connection closed by 192.0.2.1 port 1".encode(),
    ],
)
def test_what_viewers_make_of_a_line(line: bytes) -> None:
    """Without the host; with the month in another language, so that it is no time."""
    entry = entry_of(line)
    assert entry is not None
    assert (entry.program, entry.pid) == (b"sshd-session", 2031)
    assert entry.message == b"Connection closed by 192.0.2.1 port 1"
    assert entry.host == ((b"db1" in line and "db1") or None)


@pytest.mark.parametrize(
    "text", [b"Starting session: command for a", b"debug1: kex: x", b"error: mm_x: y", b"KEX done"]
)
def test_a_stamp_alone_is_a_containers(text: bytes) -> None:
    """`docker logs -t` of sshd -e: the records take the stamp off, and nothing else stands there."""
    assert entry_of(b"2026-10-02T11:51:00.123Z " + text) is None
