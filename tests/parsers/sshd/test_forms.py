"""The same real log in every form that syslog and the journal give it: always the same model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.sshd.builder import SshdBuilder
from parsers.sshd.model import SshdLog
from tests.parsers.helpers import SAMPLES, model_of

NAME = "sshd-healthy-2.19.web2.sshd.log"
LINE = re.compile(r"(\S+) (\S+) ([^\[\s:]+)(?:\[(\d+)\])?: ?(.*)")


class Row(NamedTuple):
    """One line of the sample, taken apart."""

    stamp: datetime
    host: str
    program: str
    pid: str | None
    text: str


@cache
def rows() -> list[Row]:
    """The sample's lines."""
    found = []
    for line in (SAMPLES / NAME).read_text(encoding="utf-8").splitlines():
        match = LINE.fullmatch(line)
        assert match is not None, line
        stamp, host, program, pid, text = match.groups()
        found.append(Row(datetime.fromisoformat(stamp), host, program, pid, text))
    return found


def tag(row: Row) -> str:
    """`sshd[4204]: `."""
    return f"{row.program}[{row.pid}]: " if row.pid else f"{row.program}: "


def split(row: Row) -> str:
    """The program as OpenSSH 9.8 and later call it: the listener is sshd, a connection's processes are not."""
    if row.program != "sshd" or row.pid == rows()[0].pid:
        return tag(row)
    return f"sshd-session[{row.pid}]: "


def journal(row: Row, *, text: bool = True) -> str:
    """`journalctl -o json`; MESSAGE is an array of bytes where it is not printable."""
    micros = int(row.stamp.timestamp() * 1_000_000)
    return json.dumps(
        {
            "__CURSOR": "s=1",
            "__REALTIME_TIMESTAMP": str(micros),
            "_HOSTNAME": row.host,
            "SYSLOG_IDENTIFIER": row.program,
            **({"_PID": row.pid} if row.pid else {}),
            "MESSAGE": row.text if text else list(row.text.encode()),
        }
    )


FORMS: dict[str, Callable[[Row], str]] = {
    "traditional": lambda r: f"{r.stamp:%b} {r.stamp.day:2} {r.stamp:%H:%M:%S} {r.host} {tag(r)}{r.text}",
    "short": lambda r: f"{r.stamp:%b %d %H:%M:%S} {r.host} {tag(r)}{r.text}",
    "short-precise": lambda r: f"{r.stamp:%b %d %H:%M:%S.%f} {r.host} {tag(r)}{r.text}",
    "short-iso": lambda r: f"{r.stamp:%Y-%m-%dT%H:%M:%S%z} {r.host} {tag(r)}{r.text}",
    "short-full": lambda r: f"{r.stamp:%a %Y-%m-%d %H:%M:%S} UTC {r.host} {tag(r)}{r.text}",
    "short-unix": lambda r: f"{r.stamp.timestamp():.6f} {r.host} {tag(r)}{r.text}",
    "json": journal,
    "json, bytes": lambda r: journal(r, text=False),
    "RFC 5424": lambda r: f"<38>1 {r.stamp.isoformat()} {r.host} {r.program} {r.pid or '-'} - - {r.text}",
    "with priority": lambda r: f"<38>{r.stamp:%b} {r.stamp.day:2} {r.stamp:%H:%M:%S} {r.host} {tag(r)}{r.text}",
    "OpenSSH 9.8": lambda r: f"{r.stamp.isoformat()} {r.host} {split(r)}{r.text}",
}


def shape(log: SshdLog) -> object:
    """All of a model but places and times."""
    return [
        (
            *(one.address, one.port, one.user, one.end, one.accepted and one.accepted.method, one.kex, one.client),
            [(m.received, m.number, m.channel, m.preauth) for m in map(log.messages.__getitem__, one.messages)],
            [
                (
                    *(c.id, c.remote_id, c.type, c.run, c.command, c.subsystem, c.tty, c.bytes_in, c.over),
                    [(request.kind, request.answer, request.detail) for request in c.requests],
                )
                for c in one.channels
            ],
        )
        for one in log.connections
    ]


@cache
def wanted() -> object:
    """The shape of the sample as it lies there."""
    log = model_of((SAMPLES / NAME).read_bytes()).sshd
    assert log is not None
    return shape(log)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_form_does_not_matter(form: str, end: str) -> None:
    data = "".join(FORMS[form](row) + end for row in rows()).encode()
    log = model_of(data).sshd
    assert log is not None
    assert shape(log) == wanted()
    assert sum(log.others.values()) == sum(row.program != "sshd" for row in rows())
    assert log.stamped


def test_a_journals_own_first_line_is_no_line_of_sshd() -> None:
    lines = ["-- Logs begin at Mon 2026-10-02 --", *(FORMS["short"](row) for row in rows())]
    log = model_of("\n".join(lines).encode()).sshd
    assert log is not None
    assert shape(log) == wanted()


def test_a_file_of_sshd_has_the_same_connection() -> None:
    """`sshd -E`: no stamp, no process; one connection, so nothing can be taken for another's."""
    data = "".join(row.text + "\r\n" for row in rows() if row.program == "sshd").encode()
    log = model_of(data).sshd
    assert log is not None
    assert shape(log) == wanted()
    assert not log.pids
    assert not log.stamped
    assert not log.mixed


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(sorted(FORMS)), st.lists(st.integers(0, 400_000), max_size=8))
def test_blocks_do_not_matter(form: str, cuts: list[int]) -> None:
    data = "".join(FORMS[form](row) + "\n" for row in rows()).encode()
    builder = SshdBuilder()
    places = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    for start, end in pairwise(places):
        builder.feed(data[start:end])
        builder.snapshot()
    builder.finish()
    assert shape(builder.log) == wanted()


def test_a_year_that_ends_within_the_log() -> None:
    data = (
        b"Dec 31 23:59:59 db1 sshd[7]: Connection from 192.0.2.1 port 9 on 192.0.2.2 port 22\n"
        b"Jan  1 00:00:01 db1 sshd[7]: Connection closed by 192.0.2.1 port 9\n"
        b"Jan  1 00:00:02 db1 sshd[8]: Connection from 192.0.2.1 port 9 on 192.0.2.2 port 22\n"
    )
    log = model_of(data).sshd
    assert log is not None
    first = log.connections[0]
    assert first.started is not None
    assert first.ended is not None
    assert first.ended - first.started == 2
