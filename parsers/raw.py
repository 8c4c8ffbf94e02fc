"""Random access to a log by line number: `LineIndex` and `LogReader`."""

from __future__ import annotations

import os
from array import array
from types import TracebackType

STRIDE = 256
"""Lines between two remembered offsets: 8 bytes for each 256 lines."""

MAX_SHOWN = 20_000
"""Bytes of one line that a reader gets at most; the rest is said, not shown."""


class LineIndex:
    """Offsets of every `STRIDE`-th line start, fed with the same blocks as the analysis."""

    __slots__ = ("_ended", "_marks", "bytes", "lines")

    def __init__(self) -> None:
        self._marks = array("Q", [0])
        self._ended = True
        self.bytes = 0
        self.lines = 0
        """Line starts seen so far: a last line without a line feed counts."""

    def feed(self, block: bytes) -> None:
        """Adds the next bytes of the file."""
        if not block:
            return
        newlines = block.count(b"\n")
        if self._ended:
            self.lines += 1  # the line that this block begins
        complete_before = self.lines - 1
        position = -1
        # Only the marks are located one by one; the rest is counted by `count`, in C.
        next_mark = (complete_before // STRIDE + 1) * STRIDE
        if complete_before + newlines >= next_mark:
            done = complete_before
            for index, piece in enumerate(block.split(b"\n")[:-1]):
                position += len(piece) + 1
                if (done + index + 1) % STRIDE == 0:
                    self._marks.append(self.bytes + position + 1)
        self._ended = block.endswith(b"\n")
        self.lines += newlines - (1 if self._ended else 0)
        self.bytes += len(block)

    def start(self, line: int) -> tuple[int, int]:
        """(offset, number) of the nearest remembered line at or before `line` (from 1)."""
        slot = min((max(line, 1) - 1) // STRIDE, len(self._marks) - 1)
        return self._marks[slot], slot * STRIDE + 1


class LogReader:
    """Reads lines and byte ranges of a log with pread: a truncated file gives less, never a crash."""

    def __init__(self, path: str | os.PathLike[str], index: LineIndex) -> None:
        """Opens `path`; OSError as `os.open` raises it."""
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.index = index

    def close(self) -> None:
        """Closes the file."""
        os.close(self._fd)

    def __enter__(self) -> LogReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, fewer where the file ends before."""
        parts = []
        while start < end:
            part = os.pread(self._fd, min(end - start, 1 << 20), start)
            if not part:
                break
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def lines(self, first: int, count: int) -> list[bytes]:
        """Up to `count` lines from line `first` (from 1), without line feeds, each cut at `MAX_SHOWN` bytes."""
        offset, number = self.index.start(first)
        end = self.index.bytes
        out: list[bytes] = []
        carry: list[bytes] = []
        kept = 0
        while len(out) < count and offset < end:
            block = os.pread(self._fd, min(1 << 16, end - offset), offset)
            if not block:
                break
            offset += len(block)
            pieces = block.split(b"\n")
            for piece in pieces[:-1]:
                if number >= first and len(out) < count:
                    carry.append(piece[: max(0, MAX_SHOWN - kept)])
                    out.append(b"".join(carry))
                carry, kept = [], 0
                number += 1
            if kept < MAX_SHOWN and pieces[-1]:
                carry.append(pieces[-1][: MAX_SHOWN - kept])
                kept += len(carry[-1])
        if carry and number >= first and len(out) < count:
            out.append(b"".join(carry))
        return out
