"""Where each chunk's rows are: `ChunkLayout`, extended in small steps so that a log of any size shows at once."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from parsers.log_model import Chunk, ChunkTable
from parsers.raw import MAX_SHOWN, LogReader

WHOLE = 1 << 18
"""Bytes of a chunk that are read at once for showing; a longer one is read line by line through the index."""

_BLOCK = 1 << 20
_STEP = 1000
"""Chunks that are laid out between two looks at the clock."""
_KEPT = 64


class ChunkLayout:
    """The rows of a sequence of chunks: each has a header, its lines, and a closing `<<<`; an empty one has one row.

    What turned out to be another chunk's text has none.
    """

    def __init__(self, table: ChunkTable, chunks: Sequence[int], reader: LogReader) -> None:
        """`chunks` are indices into `table`, ascending; it may grow."""
        self.table = table
        self.chunks = chunks
        self.limit = len(chunks)
        """Chunks to lay out; what is beyond is not settled yet."""
        self.reader = reader
        self._starts = array("Q")  # the first row of each chunk
        self.rows = 0
        self._texts: OrderedDict[int, list[bytes]] = OrderedDict()

    @property
    def complete(self) -> bool:
        """Whether every chunk has its rows."""
        return len(self._starts) >= self.limit

    def extend(self, budget: float) -> None:
        """Lays out more chunks, for about `budget` seconds."""
        deadline = time.monotonic() + budget
        while not self.complete:
            done = len(self._starts)
            row = self.rows
            for lines in self.table.lines(self.chunks[done : min(done + _STEP, self.limit)]):
                self._starts.append(row)
                row += lines + 2 if lines > 0 else lines + 1
            self.rows = row
            if time.monotonic() > deadline:
                return

    def blocks(self, position: int) -> Iterator[bytes]:
        """The bytes of the chunk at `position`, in blocks."""
        chunk = self.chunk(position)
        for start in range(chunk.start, chunk.end, _BLOCK):
            block = self.reader.read(start, min(start + _BLOCK, chunk.end))
            if not block:
                return
            yield block

    def locate(self, row: int) -> tuple[int, int]:
        """(position of the chunk, row in it: 0 is its header)."""
        position = bisect_right(self._starts, row) - 1
        return position, row - self._starts[position]

    def height(self, position: int) -> int:
        """Rows of the chunk at `position`."""
        following = self._starts[position + 1] if position + 1 < len(self._starts) else self.rows
        return following - self._starts[position]

    def start(self, position: int) -> int:
        """First row of the chunk at `position`, or of the last one that is laid out."""
        return self._starts[min(position, len(self._starts) - 1)] if self._starts else 0

    @property
    def laid_out(self) -> int:
        """How many chunks have their rows."""
        return len(self._starts)

    def chunk(self, position: int) -> Chunk:
        """The chunk at `position`."""
        return self.table[self.chunks[position]]

    def text(self, position: int, line: int) -> bytes:
        """Line `line` (from 0) of the chunk at `position`, cut at `MAX_SHOWN` bytes."""
        chunk = self.chunk(position)
        if chunk.end - chunk.start > WHOLE:
            return self._long(chunk, line, last=line == self.height(position) - 3)
        lines = self._texts.get(chunk.index)
        if lines is None:
            lines = self.reader.read(chunk.start, chunk.end).split(b"\n")
            self._texts[chunk.index] = lines
            while len(self._texts) > _KEPT:
                self._texts.popitem(last=False)
        return lines[line][:MAX_SHOWN] if line < len(lines) else b""

    def _long(self, chunk: Chunk, line: int, *, last: bool) -> bytes:
        if line == 0:
            return self.reader.read(chunk.start, min(chunk.end, chunk.start + MAX_SHOWN)).split(b"\n", 1)[0]
        # The text begins on the line below the header.
        found = self.reader.lines(chunk.place.line + 1 + line, 1)
        text = found[0] if found else b""
        # The frame's end stands on the text's last line only where that has no line feed of its own.
        return text.removesuffix(b"<<<") if last and self.reader.read(chunk.end - 1, chunk.end) != b"\n" else text
