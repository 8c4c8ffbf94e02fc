"""The outer framing of a log's lines, undone once, at the door.

What may stand around a line that Ansible wrote: colour codes (one pair a line: `stringc`, utils/color.py), with or
without their ESC, what a `pause` cleared its line with, the prefix of an ANSIBLE_LOG_PATH file (on the first line of a
record only), a CI system's time stamp on every line, CR LF, and what a paste, a container or a journal has before each
line (`Pasted`).
A record keeps its offset and line in the file as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from parsers.lines.pasted import ANSIBLE, LOG_PREFIX, Pasted

MAX_LINE = 64 << 20
"""Bytes of one line that are kept while its end is awaited; the rest of a longer line is passed over."""

_COLOUR = re.compile(rb"\x1b\[[0-9;]{0,20}m(.*)\x1b\[0m\r?", re.DOTALL)
# The same where a paste, a web page or a mail took the ESC away; what stands within is looked at for more of it.
_LOST_ESC = re.compile(rb"\[[01];3[0-7]m(.*?)(?:\[0m)?\r?", re.DOTALL)
# What `pause` writes before the next line of whoever comes next (`clear_line`, ansible-core 2.13 to 2.19).
_CLEARED = re.compile(rb"(?:\x1b\[\r\x1b\[\x1b\[K){1,64}")
# GitHub Actions, GitLab, Jenkins' Timestamper, Azure Pipelines: an ISO 8601 stamp before every line.
# GitLab writes ` 00O ` (stream and kind) behind it, `+` for its last blank on a line that goes on.
_CI_PREFIX = re.compile(
    rb"\[?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):?(\d\d))\]?(?: \d\d[OE][+ ]| ?)"
)
# What only stands at a line's beginning where no prefix is written: a prefix further down is a module's output. The
# first three Ansible prints in its colours where it has any; banners of plays and tasks have none.
_IN_COLOUR = re.compile(rb" {0,6}\d{1,10} \d{9,11}\.\d{5}[: ]|<[^<>\n]{1,255}> |ansible(?:-[a-z]{1,20})? \[core ")
_BARE = re.compile(_IN_COLOUR.pattern + rb"|(?:PLAY|TASK)[ :]")
_BOM = b"\xef\xbb\xbf"


class Record(NamedTuple):
    """One line without its framing."""

    offset: int
    """Byte offset of the line's first byte in the file."""
    line: int
    """From 1."""
    start: int
    """Byte offset of `body`'s first byte: behind the framing."""
    body: bytes
    """The line as Ansible wrote it, without its line feed; ssh's own CR at the end stays."""
    stamp: float | None
    """Seconds since the epoch, where the framing tells a time (a log file's is taken as UTC: it names no zone)."""
    log_pid: int | None
    """p= of an ANSIBLE_LOG_PATH prefix; None on lines without one."""


def _epoch(stamp: bytes, separator: str, fraction: float) -> float | None:
    try:
        parsed = datetime.strptime(stamp.decode("ascii") + "+0000", f"%Y-%m-%d{separator}%H:%M:%S%z")
    except ValueError:
        return None
    return parsed.timestamp() + fraction


class RecordReader:
    """Cuts blocks into records. Any cut of the same bytes gives the same records."""

    def __init__(self, *, beginning: re.Pattern[bytes] = ANSIBLE) -> None:
        """`beginning` is what the log's writer alone writes at a line's beginning."""
        self._carry: list[bytes] = []
        self._carried = 0
        self._offset = 0
        self._line = 0
        self._ci: bool | None = None
        self._stamps: dict[bytes, float | None] = {}
        self.log_file = False
        """Whether the log is an ANSIBLE_LOG_PATH file: its records have the prefix."""
        self._bare = False
        self._colourless = False
        """Whether Ansible has printed without colours: what is coloured then is a managed node's (Python 3.13 on a
        terminal colours its tracebacks)."""
        self._pasted = Pasted(beginning)
        self.overlong: list[tuple[int, int]] = []
        """(line, bytes) of lines longer than `MAX_LINE`."""
        self.cut = False
        """Whether the input ended without a line feed."""

    @property
    def offset(self) -> int:
        """Bytes read into records so far."""
        return self._offset

    @property
    def line(self) -> int:
        """Lines read so far."""
        return self._line

    def behind(self, raw: bytes) -> int:
        """Where a line that is no record's first begins, behind what stands before each line."""
        match = _CI_PREFIX.match(raw) if self._ci else None
        at = match.end() if match is not None else 0
        return at + self._pasted.behind(raw[at:])

    def settle(self) -> None:
        """Nothing that is not known by now stands before the lines."""
        self._pasted.settle()

    def feed(self, block: bytes) -> Iterator[Record]:
        """The records that `block` completes."""
        pieces = block.split(b"\n")
        if len(pieces) == 1:
            self._keep(block)
            return
        self._keep(pieces[0])
        whole, length = b"".join(self._carry), self._carried
        self._carry, self._carried = [], 0
        yield self._record(whole, length)
        for piece in pieces[1:-1]:
            yield self._record(piece, len(piece))
        self._keep(pieces[-1])

    def finish(self) -> Iterator[Record]:
        """The last line, where the input ended without a line feed."""
        if self._carried:
            self.cut = True
            whole, length = b"".join(self._carry), self._carried
            self._carry, self._carried = [], 0
            yield self._record(whole, length)
            self._offset -= 1

    def _keep(self, piece: bytes) -> None:
        room = MAX_LINE - self._carried
        if piece and room > 0:
            self._carry.append(piece[:room])
        self._carried += len(piece)

    def _record(self, raw: bytes, length: int) -> Record:
        offset = self._offset
        self._offset = offset + length + 1
        self._line += 1
        if length > MAX_LINE:
            self.overlong.append((self._line, length))
            raw = raw[:MAX_LINE]
        stamp: float | None = None
        log_pid: int | None = None
        start = offset
        first = raw[:1]
        # An editor's BOM, and GitHub's: one at the beginning of each step's log.
        if first == b"\xef" and raw.startswith(_BOM) and (offset == 0 or self._ci):
            raw = raw[3:]
            start += 3
            first = raw[:1]
        if self._ci is None and raw.strip():
            self._ci = _CI_PREFIX.match(raw) is not None
        if self._ci:
            match = _CI_PREFIX.match(raw)
            if match is not None:
                stamp = self._stamp(match.group(1), "T", float(match.group(2) or 0))
                if stamp is not None and match.group(3) is not None:
                    ahead = int(match.group(4)) * 3600 + int(match.group(5)) * 60
                    stamp += -ahead if match.group(3) == b"+" else ahead
                raw = raw[match.end() :]
                start += match.end()
                first = raw[:1]
        if first == b"[" and not self._colourless and (lost := _LOST_ESC.fullmatch(raw)) is not None:
            start += lost.start(1)
            raw = lost.group(1)
            first = raw[:1]
        if not self._bare and (self._pasted.known or not self.log_file):
            self._pasted.look(raw)
            behind = self._pasted.behind(raw)
            raw, start = raw[behind:], start + behind
            first = raw[:1]
        coloured: re.Match[bytes] | None = None
        if first == b"\x1b":
            cleared = _CLEARED.match(raw)
            if cleared is not None:
                start += cleared.end()
                raw = raw[cleared.end() :]
                first = raw[:1]
            coloured = _COLOUR.fullmatch(raw)
            if coloured is not None and self._colourless:
                coloured = coloured if _IN_COLOUR.match(coloured.group(1)) else None
                self._colourless = coloured is None
            if coloured is not None:
                start += coloured.start(1)
                raw = coloured.group(1)
                first = raw[:1]
        if not self.log_file and not self._bare:
            self._bare = not self._pasted.known and _BARE.match(raw) is not None
            self._colourless = self._bare and coloured is None and _IN_COLOUR.match(raw) is not None
        if first == b"2" and not self._bare:
            prefix = LOG_PREFIX.match(raw)
            if prefix is not None:
                self.log_file = True
                stamp = self._stamp(prefix.group(1), " ", int(prefix.group(2)) / 1000)
                log_pid = int(prefix.group(3))
                raw = raw[prefix.end() :]
                start += prefix.end()
        return Record(offset, self._line, start, raw, stamp, log_pid)

    def _stamp(self, text: bytes, separator: str, fraction: float) -> float | None:
        # Thousands of lines share a second, and strptime is the slowest thing on this path.
        if text not in self._stamps:
            if len(self._stamps) > 64:
                self._stamps.clear()
            self._stamps[text] = _epoch(text, separator, 0.0)
        base = self._stamps[text]
        return None if base is None else base + fraction
