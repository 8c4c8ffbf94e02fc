"""Rows drawn line by line: what every list and viewer of the screen is made of.

`RowSource` says what the rows are; `RowView` draws the few that are visible. A million rows cost nothing to hold.
All text of a log enters a widget in `RowView._pieces`, and passes `showable` there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from parsers.showable import showable
from tui import keys
from tui.widgets.needle import Needle
from tui.widgets.rowsource import MAX_COLUMNS, ROLES, Row, RowSource, plain

_COPY_ROWS = 10_000
_KEPT = 512


class RowView(ScrollView, can_focus=True):
    """Draws a `RowSource`, with a cursor, horizontal scrolling, hits of a search, and marking with the mouse.

    The leftmost column is the gutter: the cursor's bar (so that it shows without colour), or the mark of evidence.
    """

    BINDINGS = keys.bindings(keys.ROWS)
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"rows--{role}" for role in ROLES),
        "rows--cursor",
        "rows--cursor-blur",
        "rows--hit",
        "rows--mark",
    }
    ROW_WORD: ClassVar[str] = "row"
    """What the key bar calls a row."""
    ENTER_WORD: ClassVar[str] = ""
    """What the key bar says that enter opens; empty: nothing."""
    WIDE: ClassVar[bool] = False
    """Whether rows may be wider than the view."""

    class RowMessage(Message):
        """Something that happened at a row. The kinds are siblings: a handler gets a message's subclasses too."""

        def __init__(self, view: RowView, row: int) -> None:
            super().__init__()
            self.view = view
            self.row = row

        @property
        def control(self) -> RowView:
            return self.view

    class CursorMoved(RowMessage):
        """The cursor came to stand on another row, by key or mouse."""

    class Activated(RowMessage):
        """Enter was pressed on a row, or it was clicked twice."""

    class FollowChanged(RowMessage):
        """Following the newest row began or ended."""

    def __init__(self, source: RowSource | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.source = source or RowSource()
        self.cursor = 0
        """Row number, from 0; an empty view has 0 too."""
        self.follow = False
        self.needle: Needle | None = None
        self.hits: Sequence[int] = ()
        """Rows with a hit, ascending."""
        self._known = -1
        self._widest = 0
        self._styles: dict[str, Style] = {}
        self._strips: dict[tuple[int, bool, bool, int, int], Strip] = {}
        self._drawn: dict[int, tuple[int, Row]] = {}
        """The visible rows, and some more, as they were when they were last asked for; with the width."""

    # What is shown

    def show(self, source: RowSource, *, cursor: int | None = None) -> None:
        """Shows other rows, with the cursor on `cursor` (default: the first that it may stand on)."""
        if self.needle is not None:
            self.set_hits(None, ())
        self.source = source
        self._widest = 0
        self._known = -1
        self.scroll_to(0, 0, animate=False)
        self.rows_changed()
        self.move_cursor(0 if cursor is None else cursor, quiet=True, centre=True)

    def rows_changed(self) -> None:
        """Says that rows were added, or that their text changed. Only those that look different are drawn again."""
        count = len(self.source)
        grown = count != self._known
        self._known = count
        if grown and self.cursor >= count:
            self.cursor = max(0, count - 1)
            self.refresh_line(self.cursor)
        # Before the size: the widest of them says how far the view scrolls sideways.
        self._draw_changed(count)
        self._resize()
        if grown and self.follow:
            self.move_cursor(count - 1, quiet=True)

    def _draw_changed(self, count: int) -> None:
        before, self._drawn = self._drawn, {}
        visible, width = self._visible(), self._columns()
        for index in visible[: max(0, count - visible.start)]:
            self._row(index, width)
        other = [index for index in visible if self._drawn.get(index) != before.get(index)]
        # Told once and for all of them: to ask for a line has its price.
        if other:
            self.refresh(*(Region(0, index - visible.start, width, 1) for index in other))
        same = set(visible).difference(other)
        self._strips = {key: strip for key, strip in self._strips.items() if key[0] in same}

    def _columns(self) -> int:
        """Cells of a row, with the gutter: what the scrollbar leaves, so that it hides no end and no ellipsis."""
        return self.size.width - self.scrollbar_gutter.width

    def _visible(self) -> range:
        top = self.scroll_offset.y
        return range(top, top + self.size.height)

    def _row(self, index: int, width: int) -> Row:
        """Row `index` of the source, for a view of `width` cells with the gutter."""
        known = self._drawn.get(index)
        if known is not None and known[0] == width:
            return known[1]
        try:
            row = self.source.row(index, width - 1)
        except (OSError, IndexError) as error:
            # A disk that fails, or rows that became fewer since the last message: one row is lost, not the screen.
            row = Row(((f"‹this row cannot be read: {error}›", "warn"),))
        if len(self._drawn) > _KEPT:
            visible = self._visible()
            self._drawn = {at: drawn for at, drawn in self._drawn.items() if at in visible}
        self._drawn[index] = width, row
        if self.WIDE:
            self._widen(sum(len(text) for text, _ in row.pieces))
        return row

    def _widen(self, columns: int) -> None:
        self._widest = max(self._widest, min(columns, MAX_COLUMNS + 200))

    def _resize(self) -> None:
        size = Size(self._widest + 1 if self.WIDE else 0, max(0, self._known))
        if size == self.virtual_size:
            return
        height = self.styles.height
        if height is not None and height.is_auto:
            self.virtual_size = size
        else:
            # Not by the property, which lays out the whole screen: nothing but the scrollbar depends on it here.
            self.set_reactive(RowView.virtual_size, size)
            self._scroll_update(size)

    def on_resize(self) -> None:
        """Keeps the cursor in sight; a narrower view wraps and cuts anew."""
        self.call_after_refresh(self._into_sight)

    def _into_sight(self, *, centre: bool = False) -> None:
        height = self.scrollable_content_region.height
        if height <= 0 or not len(self.source):
            return
        top, margin = self.scroll_offset.y, min(2, (height - 1) // 2)
        if centre and not top <= self.cursor < top + height:
            wanted = self.cursor - height // 3
        elif self.cursor < top + margin:
            wanted = self.cursor - margin
        elif self.cursor >= top + height - margin:
            wanted = self.cursor - height + margin + 1
        else:
            return
        self.scroll_to(y=max(0, wanted), animate=False, force=True)

    # The cursor

    def move_cursor(self, row: int, *, quiet: bool = False, centre: bool = False, step: int = 1) -> None:
        """Puts the cursor on `row`, or the nearest one in the direction of `step` that it may stand on."""
        count = len(self.source)
        if not count:
            return
        row = max(0, min(row, count - 1))
        for direction in (step, -step):
            place = row
            while 0 <= place < count and not self.source.selectable(place):
                place += direction
            if 0 <= place < count:
                break
        else:
            return
        if self.follow and place < count - 1:
            self._set_follow(False)
        if step < 0 and not any(self.source.selectable(above) for above in range(max(0, place - 3), place)):
            self.scroll_to(y=max(0, place - 3), animate=False) if place <= 3 else None
        moved = place != self.cursor
        if moved:
            self.refresh_line(self.cursor)
            self.refresh_line(place)
        self.cursor = place
        self._into_sight(centre=centre)
        if moved and not quiet:
            self.post_message(self.CursorMoved(self, place))

    def action_cursor(self, step: int) -> None:
        """Moves the cursor by `step` rows."""
        self.move_cursor(self.cursor + step, step=step)

    def action_page(self, step: int) -> None:
        """Moves the cursor by `step` pages."""
        rows = max(1, self.scrollable_content_region.height - 1)
        self.move_cursor(self.cursor + step * rows, step=step)

    def action_first(self) -> None:
        """Moves the cursor to the first row."""
        self.move_cursor(0)
        self.scroll_to(y=0, animate=False)

    def action_last(self) -> None:
        """Moves the cursor to the last row."""
        self.move_cursor(len(self.source) - 1, step=-1)

    def action_columns(self, step: int) -> None:
        """Scrolls sideways by a third of the view."""
        if self.WIDE:
            self.scroll_to(x=max(0, self.scroll_offset.x + step * max(8, self.size.width // 3)), animate=False)

    def action_activate(self) -> None:
        """Goes into the row."""
        if len(self.source):
            self.post_message(self.Activated(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """A click selects, a second one goes in."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        row = self.scroll_offset.y + offset.y
        if row >= len(self.source) or not self.source.selectable(row):
            return
        self.move_cursor(row)
        if event.chain == 2 or self.activates_on_click(row):
            self.action_activate()

    def activates_on_click(self, row: int) -> bool:  # noqa: ARG002
        """Whether one click on the row is enough to go in."""
        return False

    # Following and searching

    def set_follow(self, on: bool, *, quiet: bool = False) -> None:
        """Follows the newest row, or stops to; `quiet` where nobody asked for it by a key."""
        self._set_follow(on)
        if on:
            self.move_cursor(len(self.source) - 1, quiet=quiet, step=-1)

    def _set_follow(self, on: bool) -> None:
        if self.follow != on:
            self.follow = on
            self.post_message(self.FollowChanged(self, self.cursor))

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._set_follow(False)
        super()._on_mouse_scroll_up(event)

    def set_hits(self, needle: Needle | None, hits: Sequence[int]) -> None:
        """Marks what a search found."""
        self.needle, self.hits = needle, hits
        self._strips.clear()
        self.refresh()

    def next_hit(self, step: int, *, origin: int | None = None) -> bool:
        """Moves to the next (1) or previous (-1) hit, around the ends; from `origin`, a hit there counts."""
        if not self.hits:
            return False
        if origin is not None:
            place = bisect_left(self.hits, origin)
        elif step > 0:
            place = bisect_right(self.hits, self.cursor)
        else:
            place = bisect_left(self.hits, self.cursor) - 1
        self.move_cursor(self.hits[place % len(self.hits)], centre=True, step=step)
        return True

    # Drawing

    def notify_style_update(self) -> None:
        """Forgets the colours of the former theme."""
        self._styles.clear()
        self._strips.clear()
        super().notify_style_update()

    def _style(self, role: str) -> Style:
        style = self._styles.get(role)
        if style is None:
            # Both are slow to ask for, and this is asked for each piece of each row.
            style = self.get_component_rich_style(f"rows--{role}") if role else self.rich_style
            self._styles[role] = style
        return style

    def render_line(self, y: int) -> Strip:
        """One visible row as a strip."""
        x, top = self.scroll_offset
        index, width = top + y, self._columns()
        if index >= len(self.source):
            return Strip.blank(width, self._style(""))
        at_cursor = index == self.cursor
        key = (index, at_cursor, at_cursor and self.has_focus, x, width)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > _KEPT:
                self._strips.clear()
            strip = self._strips[key] = self._strip(index, x, width)
        return strip

    def _strip(self, index: int, x: int, width: int) -> Strip:
        base, widest = self._style(""), self._widest
        row = self._row(index, width)
        segments = self._pieces(row, x + width)
        if self._widest > widest:
            self.call_later(self._resize)
        segments = self._overlays(index, segments, x + width)
        gutter, rest = self._gutter(index, row)
        if rest is not None:
            base += rest
            segments = [Segment(text, (style or base) + rest) for text, style, _ in segments]
        strip = Strip(segments).crop_extend(x, x + width - 1, base)
        if self.allow_select:
            strip = strip.apply_offsets(x, index)
        return Strip([Segment(*gutter), *strip], width)

    def _pieces(self, row: Row, wanted: int) -> list[Segment]:
        """The row's segments, made showable; nothing much beyond the column `wanted` is touched."""
        segments, columns = [], 0
        for text, role in row.pieces:
            if columns < wanted:
                shown_text = showable(text[: wanted - columns + 64])
                columns += len(shown_text) if shown_text.isascii() else cell_len(shown_text)
                segments.append(Segment(shown_text, self._style(role)))
        if self.WIDE:
            self._widen(columns)
        return segments

    def _overlays(self, index: int, segments: list[Segment], wanted: int) -> list[Segment]:
        spans: list[tuple[int, int, Style]] = []
        if self.needle is not None:
            whole = "".join(segment.text for segment in segments)[: wanted + 64]
            hit = self._style("hit")
            spans = [(start, end, hit) for start, end in self.needle.spans(whole)]
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(index)) is not None:
            start, end = span
            marked = self.screen.get_component_rich_style("screen--selection")
            spans.append((start, MAX_COLUMNS * 2 if end == -1 else end, marked))
        for start, end, style in spans:
            segments = _restyle(segments, start, end, style)
        return segments

    def _gutter(self, index: int, row: Row) -> tuple[tuple[str, Style], Style | None]:
        """The gutter's segment, and the style that lies over the whole row."""
        over: Style | None = None
        if index == self.cursor and self.source.selectable(index):
            background = self._style("cursor" if self.has_focus else "cursor-blur").bgcolor
            over = Style(bgcolor=background)
        sign, style = " ", self._style("")
        if row.mark:
            sign, style = "◆", self._style("mark")
        elif over is not None:
            sign, style = "▌" if self.has_focus else "▏", self._style("accent")
        return (sign, style + over if over is not None else style), over

    # Marking with the mouse

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The marked text, as it is shown."""
        count = len(self.source)
        first = selection.start.y if selection.start else 0
        last = min(selection.end.y if selection.end else count - 1, count - 1, first + _COPY_ROWS)
        lines = []
        for index in range(first, last + 1):
            span = selection.get_span(index)
            if span is None:
                continue
            text = showable(plain(self.source.row(index, max(1, self._columns() - 1)))[:MAX_COLUMNS])
            lines.append(text[span[0] : None if span[1] == -1 else span[1]])
        return "\n".join(lines), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002
        """Draws the marked text anew."""
        self._strips.clear()
        self.refresh(Region(0, 0, *self.size))


def _restyle(segments: list[Segment], start: int, end: int, over: Style) -> list[Segment]:
    """`segments` with `over` on the characters from `start` up to `end`."""
    out, position = [], 0
    for text, style, _ in segments:
        low, high = max(0, start - position), min(len(text), end - position)
        position += len(text)
        if low >= high:
            out.append(Segment(text, style))
            continue
        pieces = ((text[:low], style), (text[low:high], (style or Style()) + over), (text[high:], style))
        out.extend(Segment(piece, look) for piece, look in pieces if piece)
    return out
