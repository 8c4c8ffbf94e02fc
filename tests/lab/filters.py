"""What a log goes through after the capture, as it would on its way to a reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_STAMP = re.compile(rb"^ *\d+ (\d{10}\.\d{5}):")


def crlf(log: bytes) -> bytes:
    """Line ends as a Windows editor or a terminal recording leaves them."""
    return log.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def github(log: bytes) -> bytes:
    """GitHub Actions' raw log: a time stamp before every line, seven decimals and Z."""
    out: list[bytes] = []
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for line in log.split(b"\n")[:-1]:
        stamp = _STAMP.match(line)
        # Lines that carry no time of their own come some microseconds after the one before.
        now = datetime.fromtimestamp(float(stamp[1]), UTC) if stamp else now + timedelta(microseconds=7)
        out.append(now.strftime("%Y-%m-%dT%H:%M:%S.%f").encode() + b"0Z " + line + b"\n")
    return b"".join(out)


def cut(log: bytes) -> bytes:
    """Ends in the middle of a record: half way through the text of the last long chunk, in the middle of a line."""
    last = 0
    for chunk in re.finditer(rb"chunk \(state=\d\):\n>>>", log):
        end = log.find(b"<<<\n", chunk.end())
        if end - chunk.end() > 600:
            last = (chunk.end() + end) // 2
    while log[last - 1 : last] == b"\n":
        last -= 1
    return log[:last]


FILTERS: dict[str, Callable[[bytes], bytes]] = {"crlf": crlf, "github": github, "cut": cut}
TOLD = {
    "crlf": "line ends turned into CR LF",
    "github": "the time stamp GitHub Actions puts before each line was added by a filter",
    "cut": "cut in the middle of a record",
    "gz": "compressed with gzip",
}
