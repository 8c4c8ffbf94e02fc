"""What a reader is told of an sshd log itself."""

from __future__ import annotations

import pytest

from tests.parsers.helpers import model_of
from tests.parsers.sshd.excerpts import DEFAULT_LEVEL, syslog

BARE = b"""\
debug1: sshd version OpenSSH_9.2
Connection from 192.0.2.1 port 1 on 192.0.2.9 port 22
debug3: receive packet: type 20 [preauth]
Connection from 192.0.2.1 port 2 on 192.0.2.9 port 22
"""
ISO = b"2026-10-02T11:51:00+00:00 db1 sshd[7]: debug3: receive packet: type 20\n"


@pytest.mark.parametrize(
    ("data", "told", "untold"),
    [
        (
            DEFAULT_LEVEL,
            ["name no year", "INFO or VERBOSE", "2 lines are not sshd's (CRON 1, sudo 1)"],
            ["no line names"],
        ),
        (BARE, ["wrote no times", "no line names its process", "more than one connection was open"], ["LogLevel"]),
        (ISO, [], ["name no", "LogLevel", "no times", "passed over"]),
        (ISO.replace(b"+00:00", b""), ["no time zone; they are taken as UTC"], ["no year"]),
        (syslog((7, "debug1: userauth-request for user a service b method none")), ["LogLevel was DEBUG1"], []),
    ],
)
def test_notes(data: bytes, told: list[str], untold: list[str]) -> None:
    model = model_of(data)
    assert model.sshd is not None
    notes = "\n".join(text for _, text in model.notes)
    assert [words for words in told if words not in notes] == []
    assert [words for words in untold if words in notes] == []
