"""What a `RowView` draws: `RowSource`, rows by number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from parsers.showable import showable
from tui.widgets.needle import Needle

MAX_COLUMNS = 20_000
"""Characters of one row that are drawn or scrolled to; what is beyond stays in the file."""


Piece = tuple[str, str]
"""A text as the log has it, and its role: a name of `ROLES`."""

ROLES = ("text", "muted", "strong", "ok", "bad", "warn", "run", "accent", "out", "err", "debug", "frame", "heading")


class Row(NamedTuple):
    """One row: its pieces, and whether it carries the mark of evidence."""

    pieces: Sequence[Piece]
    mark: bool = False


EMPTY = Row(())


def plain(row: Row) -> str:
    """The text of a row as the log has it."""
    return "".join(text for text, _ in row.pieces)


def fit(text: str, width: int) -> str:
    """`text` made showable, in exactly `width` cells: padded, or cut with an ellipsis."""
    text = showable(text[: width * 4 + 4])
    length = cell_len(text)
    if length <= width:
        return text + " " * (width - length)
    while text and cell_len(text) > width - 1:
        text = text[:-1]
    return text + "…" + " " * (width - 1 - cell_len(text)) if width > 0 else ""


class RowSource:
    """Rows by number, from 0. The base class is empty."""

    def __len__(self) -> int:
        return 0

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        """Row `index` for a view of `width` cells (without the gutter)."""
        return EMPTY

    def selectable(self, index: int) -> bool:  # noqa: ARG002
        """Whether the cursor may stand on the row."""
        return True

    def line(self, index: int) -> int | None:  # noqa: ARG002
        """The line of the log (from 1) that the row shows or stands for."""
        return None

    def copied(self, index: int) -> str:
        """What `y` copies on this row."""
        return plain(self.row(index, MAX_COLUMNS)).strip()

    def search(self, needle: Needle, cancelled: Callable[[], bool]) -> Iterator[list[int]]:
        """Row numbers with a hit, ascending, in batches; runs off the screen's thread."""
        found = []
        for index in range(len(self)):
            if index % 256 == 0 and cancelled():
                return
            if needle.found_in(plain(self.row(index, 200))):
                found.append(index)
        yield found
