"""Pairs of logs of real runs, as they are and as other machines would have written them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from parsers.analysis import Analysis
from parsers.ends.lineup import line_up
from parsers.ends.model import EndLog, Ends, Pairing
from parsers.findings import Finding
from parsers.log_model import LogModel
from parsers.sshd.model import Channel

SAMPLES = Path(__file__).parents[3] / "sample_logs"

Change = Callable[[bytes], bytes]


@lru_cache(maxsize=32)
def data(name: str) -> bytes:
    """A sample's bytes."""
    raw = (SAMPLES / name).read_bytes()
    return gzip.decompress(raw) if name.endswith(".gz") else raw


def read(raw: bytes, source: int = 0) -> tuple[LogModel, list[Finding]]:
    """A log, read to its end."""
    analysis = Analysis(source=source)
    analysis.feed(raw)
    analysis.finish()
    return analysis.snapshot(), analysis.findings()


def names(stem: str) -> tuple[str, list[str]]:
    """The control node's log of a scenario, and those of its managed nodes."""
    control = f"{stem}.log" if (SAMPLES / f"{stem}.log").exists() else f"{stem}.log.gz"
    return control, sorted(path.name for path in SAMPLES.glob(f"{stem}.*.sshd.log"))


def logs_of(stem: str, change: Change | None = None) -> tuple[list[EndLog], dict[int, list[Finding]]]:
    """A sample's logs of both ends; `change` is made to sshd's, and their files' names then tell nothing."""
    control, servers = names(stem)
    logs, findings = [], {}
    for source, name in enumerate([control, *servers]):
        raw = data(name)
        if change is not None and source:
            raw, name = change(raw), f"log{source}"
        model, found = read(raw, source)
        logs.append(EndLog(source, name, model))
        findings[source] = found
    return logs, findings


def ends_of(stem: str, change: Change | None = None) -> Ends:
    """Both ends of a sample, lined up."""
    return line_up(logs_of(stem, change)[0])


def truth(ends: Ends) -> dict[int, Channel]:
    """By command: its channel, for hosts with an sshd each, all of whose commands came to a channel: by order."""
    found: dict[int, Channel] = {}
    for server in ends.servers:
        (host,) = server.hosts
        commands = [one.command for one in ends.pairings if one.host == host]
        channels = [channel for connection in server.log.connections for channel in connection.channels]
        channels.sort(key=lambda channel: channel.opened.offset)
        assert len(commands) == len(channels)
        found.update({id(command): channel for command, channel in zip(commands, channels, strict=True)})
    return found


def right(ends: Ends, known: Mapping[int, Channel]) -> float:
    """Share of the commands that have the channel that is theirs."""
    return sum(one.channel is known[id(one.command)] for one in ends.pairings) / len(known)


def wrong(ends: Ends, known: Mapping[int, Channel]) -> list[Pairing]:
    """Commands that have another's channel."""
    return [one for one in ends.pairings if one.channel not in (None, known[id(one.command)])]


# What sshd's log would be elsewhere


def without_audit(raw: bytes) -> bytes:
    """As an sshd that is not built with audit writes it: no command's text."""
    return b"".join(line for line in raw.splitlines(keepends=True) if b"mm_audit" not in line)


_STAMP = re.compile(rb"^([A-Z][a-z]{2} [ 0-9]\d [0-9:]{8}) \S+ sshd\[\d+\]: ")
_ISO = re.compile(rb"^(\d{4}-\d\d-\d\dT[0-9:.]+)([+-]\d\d:\d\d) ")
_BEFORE = re.compile(rb"^(?:[A-Z][a-z]{2} [ 0-9]\d [0-9:]{8}|\d{4}-\d\d-\d\dT\S+) \S+ sshd\[\d+\]: ")


def bare(raw: bytes) -> bytes:
    """As `sshd -E` writes it: without times and processes."""
    own = (line for line in raw.splitlines(keepends=True) if _BEFORE.match(line))
    return b"".join(_BEFORE.sub(b"", line) for line in own)


def later(seconds: float) -> Change:
    """As a machine writes it whose clock is that much ahead; whole seconds where stamps have no more."""

    def change(raw: bytes) -> bytes:
        lines = []
        for line in raw.splitlines(keepends=True):
            if (stamp := _STAMP.match(line)) is not None:
                moment = datetime.strptime(f"2028 {stamp.group(1).decode()}", "%Y %b %d %H:%M:%S").replace(tzinfo=UTC)
                new = (moment + timedelta(seconds=round(seconds))).strftime("%b %e %H:%M:%S").encode()
                line = new + line[len(stamp.group(1)) :]
            elif (iso := _ISO.match(line)) is not None:
                moment = datetime.fromisoformat(iso.group(1).decode()) + timedelta(seconds=seconds)
                line = moment.isoformat(timespec="microseconds").encode() + line[len(iso.group(1)) :]
            lines.append(line)
        return b"".join(lines)

    return change


def renamed(raw: bytes) -> bytes:
    """As a machine in a container writes it: another name, address and port than the control node knows."""
    raw = re.sub(rb"on 127\.0\.0\.\d+ port 2222", b"on 172.17.0.2 port 22", raw)
    return re.sub(rb"^(\S+ +\d+ \S+|\S+) \S+ sshd\[", rb"\1 f3a9c1 sshd[", raw, flags=re.MULTILINE)


def chained(*changes: Change) -> Change:
    """One change after another."""

    def change(raw: bytes) -> bytes:
        for one in changes:
            raw = one(raw)
        return raw

    return change


def half(raw: bytes) -> bytes:
    """The second half: as a log that was rotated meanwhile."""
    lines = raw.splitlines(keepends=True)
    return b"".join(lines[len(lines) // 2 :])


CHANGES: Sequence[tuple[str, Change | None]] = (
    ("as it is", None),
    ("no audit", without_audit),
    ("a clock 75.3 s ahead", later(75.3)),
    ("a zone of 9 hours and a clock behind", later(9 * 3600 - 4.2)),
    ("no audit, a clock ahead", chained(without_audit, later(75.3))),
    ("in a container", renamed),
    ("no times", bare),
    ("no times, no audit", chained(bare, without_audit)),
)
"""Under each of which 99 % of the commands must find their channel."""
