"""The raw log: any line of the file at once, with its number and the marks of the evidence."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator

from parsers.raw import MAX_SHOWN, STRIDE, LogReader
from tui.widgets.needle import Needle
from tui.widgets.rows import RowView
from tui.widgets.rowsource import Row, RowSource

BLOCK = 1 << 20
_PAGES = 24


class FileRows(RowSource):
    """Lines of a file; a page of them is kept once it was read."""

    def __init__(self, reader: LogReader, marked: frozenset[int] = frozenset(), *, numbers: bool = True) -> None:
        """`marked` are the line numbers of evidence."""
        self.reader = reader
        self.marked = marked
        self.lines = reader.index.lines
        """Lines to show; grows by `grown`."""
        self._numbers = numbers
        self._pages: OrderedDict[int, list[bytes]] = OrderedDict()

    def grown(self, lines: int) -> None:
        """Takes in that the log has `lines` lines now."""
        if lines != self.lines:
            # The last page was read before it was full, its last line perhaps before it ended.
            self._pages.pop(max(0, self.lines - 1) // STRIDE, None)
            self.lines = lines

    def __len__(self) -> int:
        return self.lines

    def raw(self, index: int) -> bytes:
        """Line `index` (from 0), cut at `MAX_SHOWN` bytes; empty where the file has become shorter."""
        page, place = divmod(index, STRIDE)
        lines = self._pages.get(page)
        if lines is None:
            lines = self._pages[page] = self.reader.lines(page * STRIDE + 1, STRIDE)
            while len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(page)
        return lines[place] if place < len(lines) else b""

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        line = self.raw(index)
        text = line.removesuffix(b"\r").decode("utf-8", "surrogateescape")
        digits = max(4, len(str(self.lines)))
        number = f"{index + 1:>{digits}}  "
        pieces = [(number, "muted"), (text, "strong" if index + 1 in self.marked else role_of(text))]
        if len(line) >= MAX_SHOWN:
            pieces.append((f" … cut at {MAX_SHOWN:,} bytes", "warn"))
        return Row(pieces, mark=index + 1 in self.marked)

    def line(self, index: int) -> int | None:
        return index + 1

    def copied(self, index: int) -> str:
        return self.raw(index).decode("utf-8", "replace")

    def search(self, needle: Needle, cancelled: Callable[[], bool]) -> Iterator[list[int]]:
        return needle.lines(self._blocks(cancelled))

    def _blocks(self, cancelled: Callable[[], bool]) -> Iterator[bytes]:
        offset = 0
        while not cancelled() and (block := self.reader.read(offset, offset + BLOCK)):
            offset += len(block)
            yield block


class RangeRows(RowSource):
    """Some lines of a file, with their numbers in it."""

    def __init__(self, reader: LogReader, first: int, last: int, marked: frozenset[int] = frozenset()) -> None:
        """From line `first` to `last`, both counted from 1 and shown."""
        self._file = FileRows(reader, marked)
        self._first = max(1, first)
        self._last = max(self._first, min(last, self._file.lines))

    def __len__(self) -> int:
        return self._last - self._first + 1

    def row(self, index: int, width: int) -> Row:
        return self._file.row(self._first - 1 + index, width)

    def line(self, index: int) -> int | None:
        return self._first + index

    def copied(self, index: int) -> str:
        return self._file.copied(self._first - 1 + index)


def role_of(text: str) -> str:
    """The role of a line of the log: noise is muted, what somebody has to see stands out."""
    head = text.lstrip(" ")
    if head[:6] in ("debug1", "debug2", "debug3") or (head[:1].isdigit() and head[:1] != text[:1]):
        return "debug"
    if head.startswith((">>>debug", "debug")):
        return "debug"
    if head.startswith(("fatal:", "failed:", "ERROR", "[ERROR]")):
        return "bad"
    if head.startswith("[WARNING]"):
        return "warn"
    if head.startswith(("TASK [", "PLAY [", "PLAY RECAP", "PLAYBOOK:", "RUNNING HANDLER")):
        return "accent"
    return "text"


class RawLog(RowView):
    """The viewer of a whole log."""

    ROW_WORD = "line"
    WIDE = True
