"""The raw log screen: the whole file by line number, with the evidence marked."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Label

from parsers.raw import LogReader
from parsers.showable import showable
from tui import keys
from tui.screens.base import LogScreen
from tui.widgets.bars import EntryBar, KeyBar, SearchBar, TitleBar
from tui.widgets.offsets import OffsetRows, line_at, place_of
from tui.widgets.rawlog import FileRows, RawLog
from tui.widgets.rows import RowView
from tui.worker import OpenLog


class GoBar(EntryBar):
    """Where to go: a line, or a part of the file in per cent."""

    def compose(self) -> ComposeResult:
        """A sign and the input."""
        yield Label("%", id="go-sign", markup=False)
        yield Input(id="go-input", compact=True, select_on_focus=False, placeholder="50%  or a line: 12345")
        yield Label("", id="go-state", markup=False)


class RawScreen(LogScreen):
    """One log, as it is."""

    CSS_PATH = "../styles/raw.tcss"
    BINDINGS = keys.bindings(keys.RAW)
    CONTEXTS = (keys.APP, keys.RAW, keys.ROWS)

    def __init__(self, log: OpenLog, reader: LogReader, line: int, marked: Sequence[int]) -> None:
        """Opens at `line` (from 1); `marked` are the lines of evidence."""
        super().__init__([log])
        self._opened = log
        self._generation = log.generation
        self._line = line
        self._marked = sorted(set(marked))
        self._rows = FileRows(reader, frozenset(self._marked))
        self._rows.grown(log.lines)
        self._part: OffsetRows | None = None
        """What is shown where the lines are not counted yet."""

    def compose(self) -> ComposeResult:
        """Title, log, search, keys."""
        yield TitleBar()
        yield RawLog(self._rows, id="raw")
        yield GoBar()
        yield SearchBar()
        yield KeyBar(self.CONTEXTS)

    def on_mount(self) -> None:
        """Goes to the line that was asked for."""
        view = self.view()
        view.rows_changed()
        view.focus()
        view.cursor = max(0, self._line - 1)
        view.call_after_refresh(view.move_cursor, self._line - 1, quiet=True, centre=True)
        self._say()

    def view(self) -> RowView:
        """The log."""
        return self.query_one(RawLog)

    @on(RowView.CursorMoved)
    def _say(self) -> None:
        view, log = self.view(), self._opened
        if self._part is not None:
            share = self._part.offset * 100 // max(1, log.source.size or 1)
            words = f"at {share} % · the lines up to here are still being counted"
            self.query_one(TitleBar).say([("raw log  ", "bold"), (log.source.name, "")], [(words, "$text-warning")])
            return
        follow = " · following" if view.follow else ""
        place = f"line {view.cursor + 1:,} of {len(self._rows):,}{follow}"
        self.query_one(TitleBar).say([("raw log  ", "bold"), (log.source.name, "")], [(place, "")])
        marks = f"◆ evidence: {', '.join(str(line) for line in self._marked[:8])}" if self._marked else ""
        view.border_title = Content(showable(log.source.path.name or log.source.name))
        view.border_subtitle = Content(marks) if marks else None

    @on(RowView.FollowChanged)
    def _follow_changed(self) -> None:
        self._say()

    def log_changed(self, log: OpenLog) -> None:
        """Takes in that the log grew."""
        if log is not self._opened:
            return
        if log.generation != self._generation and (reader := log.reader()) is not None:
            self._generation = log.generation
            self._marked = []
            self._rows = FileRows(reader)
            self.view().show(self._rows)
        self._rows.grown(log.lines)
        if self._part is not None:
            line = line_at(self._rows.reader, self._part.offset)
            if line is not None:
                self._go_to_line(line)
            return
        self.view().rows_changed()
        self._say()

    def action_evidence(self, step: int) -> None:
        """Goes to the next or previous line of evidence."""
        if not self._marked:
            self.notify("No evidence is marked here.", markup=False)
            return
        line = self.view().cursor + 1
        place = bisect_right(self._marked, line) if step > 0 else bisect_left(self._marked, line) - 1
        self.view().move_cursor(self._marked[place % len(self._marked)] - 1, centre=True)

    # Any place at once

    def action_go(self) -> None:
        """Asks where to go."""
        bar = self.query_one(GoBar)
        bar.appear(on=True)
        bar.query_one("#go-state", Label).update("")
        entry = bar.query_one(Input)
        entry.value = ""
        entry.focus()

    @on(Input.Submitted, "#go-input")
    def _go(self, event: Input.Submitted) -> None:
        event.stop()
        place = place_of(event.value, self._opened.source.size or self._opened.bytes)
        if place is None:
            self.query_one("#go-state", Label).update("a line's number, or a part such as 50%")
            return
        self.query_one(GoBar).appear(on=False)
        self.view().focus()
        offset, line = place
        if offset is not None:
            line = line_at(self._rows.reader, min(offset, max(0, (self._opened.source.size or 1) - 1)))
        if line is not None:
            self._go_to_line(min(line, max(1, len(self._rows))))
            return
        self._part = OffsetRows(self._rows.reader, offset or 0)
        self.view().show(self._part, cursor=self._part.at)
        self._say()

    def _go_to_line(self, line: int) -> None:
        view = self.view()
        if self._part is not None or view.source is not self._rows:
            self._part = None
            view.show(self._rows, cursor=line - 1)
        else:
            view.move_cursor(line - 1, centre=True)
        self._say()

    def action_back(self) -> None:
        """Gives up going somewhere, or goes back."""
        bar = self.query_one(GoBar)
        if bar.display:
            bar.appear(on=False)
            self.view().focus()
        else:
            super().action_back()

    def leave(self) -> None:
        """Goes back to the main screen."""
        self.dismiss(None)
