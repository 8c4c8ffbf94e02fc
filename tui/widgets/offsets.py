"""Any place of a log by its offset, before the lines up to there were counted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator

from parsers.raw import MAX_SHOWN, LineIndex, LogReader
from tui.widgets.needle import Needle
from tui.widgets.rawlog import role_of
from tui.widgets.rowsource import Row, RowSource

BEFORE, BEHIND = 1 << 18, 1 << 20
"""Bytes that are shown before and behind the place."""


def place_of(text: str, size: int) -> tuple[int | None, int | None] | None:
    """What was typed, as (offset, None) for `50%`, as (None, line from 1) for `12345`; None where it is neither."""
    text = text.strip().replace(",", "").replace(" ", "")
    number = text.removesuffix("%")
    if not number.replace(".", "", 1).isdecimal() or not number.isascii() or len(number) > 18:
        return None
    if text.endswith("%"):
        return min(size, int(size * min(100.0, float(number)) / 100)), None
    return (None, max(1, int(number))) if number.isdecimal() else None


def line_at(reader: LogReader, offset: int) -> int | None:
    """The number (from 1) of the line that holds byte `offset`; None where the lines up to there are not counted."""
    index: LineIndex = reader.index
    if offset >= index.bytes:
        return None
    lines = range(1, index.lines + 1)
    # The nearest remembered line at or before the offset, then the line feeds from there.
    nearest = lines[max(0, bisect_right(lines, offset, key=lambda line: index.start(line)[0]) - 1)]
    start, number = index.start(nearest)
    return number + reader.read(start, offset).count(b"\n")


class OffsetRows(RowSource):
    """Lines around an offset. Their numbers are estimated from the lines that were counted, and marked `~`."""

    def __init__(self, reader: LogReader, offset: int) -> None:
        """`offset` in bytes from the start of the log."""
        self.reader = reader
        self.offset = offset
        begin = max(0, offset - BEFORE)
        data = reader.read(begin, offset + BEHIND)
        if begin:
            # What the first line begins with is not here.
            cut = data.find(b"\n") + 1
            begin, data = begin + cut, data[cut:]
        self._lines = data.split(b"\n")
        if self._lines and not self._lines[-1]:
            self._lines.pop()
        self.at = max(0, min(len(self._lines) - 1, data[: max(0, offset - begin)].count(b"\n")))
        """The row that holds the offset."""
        index = reader.index
        mean = index.bytes / max(1, index.lines) or 80.0
        self._first = max(1, round(begin / mean))

    def __len__(self) -> int:
        return len(self._lines)

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        text = self.copied(index)
        return Row(((f"~{self._first + index:>9,}  ", "muted"), (text, role_of(text))))

    def copied(self, index: int) -> str:
        return self._lines[index][:MAX_SHOWN].removesuffix(b"\r").decode("utf-8", "surrogateescape")

    def search(self, needle: Needle, cancelled: Callable[[], bool]) -> Iterator[list[int]]:
        for index in range(len(self._lines)):
            if index % 256 == 0 and cancelled():
                return
            if needle.found_in(self.copied(index)):
                yield [index]
