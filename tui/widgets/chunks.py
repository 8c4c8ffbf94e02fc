"""The chunks pane: what was read from ssh's pipes, each read in its `>>>` … `<<<` frame."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

from textual.timer import Timer

from parsers.log_model import Chunk
from parsers.model import Attribution, Command, Stream
from parsers.raw import MAX_SHOWN
from parsers.ssh.transcript import USUAL
from tui.widgets.layout import ChunkLayout
from tui.widgets.needle import Needle
from tui.widgets.rows import RowView
from tui.widgets.rowsource import Piece, Row, RowSource

FRAME = ">>> … <<< is one read of ssh's output, not a direction"
"""Said in the pane, since people read the frame as directions."""

NO_HOST = "From ansible-core 2.17 on, chunk headers name no host: all hosts' chunks are here."

_STEP = 0.006
_SSHS = ("debug1: ", "debug2: ", "debug3: ", "  #", "Authenticated to ", *USUAL)


def _text(raw: bytes) -> str:
    return raw.removesuffix(b"\r").decode("utf-8", "surrogateescape")


def line_pieces(raw: bytes, stream: Stream, *, dim: bool = False) -> list[Piece]:
    """One line of output behind the name of its pipe; ssh's `debugN:` is muted, so that plain words stand out."""
    text = _text(raw)
    role = "out" if stream is Stream.STDOUT else "err"
    noise = dim or text[:6] in ("debug1", "debug2", "debug3")
    name: Piece = ("out ▏" if stream is Stream.STDOUT else "err ▏", role)
    pieces = [name, (text, "debug" if noise else role)]
    if len(raw) >= MAX_SHOWN:
        pieces.append((f" … cut at {MAX_SHOWN:,} bytes", "warn"))
    return pieces


class ChunkRows(RowSource):
    """Rows of a sequence of chunks."""

    def __init__(
        self,
        layout: ChunkLayout,
        *,
        began: float | None,
        own: tuple[int, int] | None = None,
        name_of: Callable[[Command], str] | None = None,
        behind: Callable[[bytes], int] = lambda _: 0,
    ) -> None:
        """`began` is the run's start, for times; `own` are the lines of the selected stage, the rest is muted.

        `behind` tells where a line's own text begins, behind what stands before each line of the log.
        """
        self.layout = layout
        self.own = own
        self.marked: frozenset[int] = frozenset()
        """Lines of evidence."""
        self._began = began
        self._name_of = name_of
        self._behind = behind

    def __len__(self) -> int:
        return self.layout.rows

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        position, inner = self.layout.locate(index)
        chunk = self.layout.chunk(position)
        height = self.layout.height(position)
        if inner == 0:
            return Row(self._header(chunk, empty=height == 1))
        if inner == height - 1:
            return Row((("<<<", "frame"),))
        dim = not self._owns(chunk)
        mark = chunk.place.line + inner in self.marked
        text = self.layout.text(position, inner - 1)
        if inner > 1:  # the first one stands behind `>>>`
            text = text[self._behind(text) :]
        return Row(line_pieces(text, chunk.stream, dim=dim and not mark), mark)

    def _owns(self, chunk: Chunk) -> bool:
        return self.own is None or self.own[0] <= chunk.place.line <= self.own[1]

    def _header(self, chunk: Chunk, *, empty: bool) -> list[Piece]:
        time = f"+{chunk.time - self._began:.5f}" if self._began is not None else f"{chunk.time % 100:08.5f}"
        role = "out" if chunk.stream is Stream.STDOUT else "err"
        pieces: list[Piece] = [
            (f"{time:>9} ", "strong" if self._owns(chunk) and self.own else "muted"),
            (str(chunk.stream), role),
            (f" state {chunk.state} ", "muted"),
        ]
        if chunk.attribution is Attribution.UNKNOWN:
            pieces.append(("? host unknown ", "warn"))
        else:
            name = self._name_of(chunk.command) if self._name_of and chunk.command else ""
            known = chunk.attribution is Attribution.EXACT
            doubt = ", or another's with the same text" if chunk.ambiguous else ""
            pieces.append((f"{name} {chunk.attribution}{doubt} ".lstrip(), "muted" if known else "run"))
        pieces.append((f"line {chunk.place.line}  ", "muted"))
        pieces.append((">>> <<<  end of the pipe" if empty else ">>>", "frame"))
        return pieces

    def line(self, index: int) -> int | None:
        position, inner = self.layout.locate(index)
        return self.layout.chunk(position).place.line + min(inner, max(1, self.layout.height(position) - 2))

    def copied(self, index: int) -> str:
        position, _ = self.layout.locate(index)
        chunk = self.layout.chunk(position)
        raw = self.layout.reader.read(chunk.start, min(chunk.end, chunk.start + (1 << 20)))
        return raw.decode("utf-8", "replace")

    def search(self, needle: Needle, cancelled: Callable[[], bool]) -> Iterator[list[int]]:
        layout = self.layout
        found: list[int] = []
        position = 0
        while position < layout.limit and not cancelled():
            if position >= layout.laid_out:
                time.sleep(0.01)  # the layout goes on, on the screen's thread
                continue
            first = layout.start(position) + 1
            for lines in needle.lines(layout.blocks(position)):
                found.extend(first + line for line in lines)
            position += 1
            if len(found) > 1000 or position % 512 == 0:
                yield found
                found = []
        yield found

    def row_at_line(self, line: int) -> int:
        """The row that shows `line` of the log, else that of the first chunk whose header stands below it."""
        layout = self.layout
        above = bisect_right(range(layout.laid_out), line, key=lambda at: layout.chunk(at).place.line) - 1
        if above >= 0 and line - layout.chunk(above).place.line < layout.height(above) - 1:
            return layout.start(above) + line - layout.chunk(above).place.line
        position = bisect_left(range(layout.laid_out), line, key=lambda at: layout.chunk(at).place.line)
        return layout.start(position)


class TupleRows(RowSource):
    """The output that a command's `(rc, stdout, stderr)` line holds, for a log without chunks."""

    def __init__(self, parts: Sequence[tuple[Stream, bytes]], line: int, rc: int) -> None:
        self._lines: list[tuple[Stream, bytes]] = []
        self._line = line
        self._rc = rc
        for stream, raw in parts:
            lines = raw.split(b"\n")
            if lines and not lines[-1]:
                lines.pop()
            self._lines.extend((stream, text[:MAX_SHOWN]) for text in lines)

    def __len__(self) -> int:
        return len(self._lines) + 1

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        if index == 0:
            return Row(((f"line {self._line}  rc {self._rc}", "muted"),))
        stream, raw = self._lines[index - 1]
        return Row(line_pieces(raw, stream))

    def last_words(self) -> int:
        """The row of the last line that is neither ssh's debug text nor what it says of every session."""
        own = (at for at, (_, raw) in enumerate(self._lines) if raw.strip() and not _text(raw).startswith(_SSHS))
        return max(own, default=len(self._lines) - 1) + 1

    def line(self, index: int) -> int | None:  # noqa: ARG002
        return self._line

    def copied(self, index: int) -> str:  # noqa: ARG002
        return "\n".join(_text(raw) for _, raw in self._lines)


class WordRows(RowSource):
    """A few lines of this program's own words, where there is nothing else to show."""

    def __init__(self, *lines: str) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    def selectable(self, index: int) -> bool:  # noqa: ARG002
        return False

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        return Row(((self._lines[index], "muted"),))


class ChunkView(RowView):
    """The chunks pane. A long layout goes on in small steps on the screen's own thread, 6 ms each."""

    ROW_WORD = "line"
    ENTER_WORD = "raw line"
    WIDE = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._wanted: int | None = None
        self._stepper: Timer | None = None

    def on_mount(self) -> None:
        """Prepares the timer of the layout."""
        self._stepper = self.set_interval(0.02, self._step, pause=True)

    def show_chunks(self, rows: ChunkRows, *, at_line: int | None = None, follow: bool = False) -> None:
        """Shows chunks, with the cursor on the first one at `at_line` of the log or below it, or on the newest."""
        rows.layout.extend(_STEP)
        self.show(rows, cursor=0)
        self._wanted = at_line
        self._reach()
        self.set_follow(follow, quiet=True)
        self.scroll_to(x=0, animate=False)
        self._go_on()

    def grown(self, limit: int, chunks: Sequence[int] | None = None) -> None:
        """Takes in that there are `limit` chunks to lay out now; `chunks` begin as the former ones did."""
        if isinstance(self.source, ChunkRows):
            if chunks is not None:
                self.source.layout.chunks = chunks
            self.source.layout.limit = limit
            self._go_on()

    def to_line(self, line: int) -> None:
        """Puts the cursor on the first chunk at `line` of the log or below, as soon as that is laid out."""
        if isinstance(self.source, ChunkRows):
            self._wanted = line
            self._reach()
            self._go_on()

    def _go_on(self) -> None:
        if self._stepper is not None and isinstance(self.source, ChunkRows) and not self.source.layout.complete:
            self._stepper.resume()

    def _reach(self) -> None:
        """Goes to the line that is asked for, once the layout has it: to go after the layout draws each step anew."""
        rows = self.source
        if self._wanted is None or not isinstance(rows, ChunkRows):
            return
        layout = rows.layout
        there = layout.laid_out > 0 and layout.chunk(layout.laid_out - 1).place.line >= self._wanted
        if there or layout.complete:
            self.move_cursor(rows.row_at_line(self._wanted), quiet=True, centre=True)
        if there:
            self._wanted = None

    def _step(self) -> None:
        rows = self.source
        if isinstance(rows, ChunkRows):
            rows.layout.extend(_STEP)
            self.rows_changed()
            self._reach()
            if not rows.layout.complete:
                return
        self._wanted = None
        if self._stepper is not None:
            self._stepper.pause()

    def action_cursor(self, step: int) -> None:
        """Moves the cursor; the place that was asked for while the layout went on is given up."""
        self._wanted = None
        super().action_cursor(step)
