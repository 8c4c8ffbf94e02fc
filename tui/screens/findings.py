"""The findings screen: all that the rules found, by severity; enter goes to the host, its stage and the proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from parsers.findings import Finding, Severity
from parsers.showable import showable
from tui import keys
from tui.screens.base import LogScreen, still
from tui.screens.raw import RawScreen
from tui.widgets.bars import KeyBar, SearchBar, TitleBar
from tui.widgets.findinglist import FindingList, FindingRows
from tui.widgets.rows import RowView
from tui.widgets.words import count
from tui.worker import OpenLog

_NAMES = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("note", "notes"),
}


class FindingsScreen(LogScreen):
    """One list over all runs."""

    CSS_PATH = "../styles/findings.tcss"
    BINDINGS = keys.bindings(keys.FINDINGS)
    CONTEXTS = (keys.APP, keys.FINDINGS, keys.ROWS)

    def __init__(self, logs: Sequence[OpenLog], choose: Callable[[OpenLog, Finding], None]) -> None:
        """`choose` is called with the finding that enter was pressed on, once this screen has gone."""
        super().__init__(logs)
        self._choose = choose
        self._opened: set[tuple[int, int, str, str, str]] = set()

    def compose(self) -> ComposeResult:
        """Title, list, search, keys."""
        yield TitleBar()
        yield FindingList(id="findings")
        yield SearchBar()
        yield KeyBar(self.CONTEXTS)

    def on_mount(self) -> None:
        """Shows the rows."""
        self._fill()
        self.view().focus()

    def view(self) -> RowView:
        """The list."""
        return self.query_one(FindingList)

    @still
    def _fill(self) -> None:
        view = self.view()
        old = view.source
        chosen = old.key(view.cursor) if isinstance(old, FindingRows) and len(old) else None
        rows = FindingRows(self.logs, self._opened)
        view.source = rows
        view.rows_changed()
        row = next((at for at in range(len(rows)) if rows.key(at) == chosen), None)
        if row is not None:
            view.move_cursor(row, quiet=True)
        self._say(rows)

    def _say(self, rows: FindingRows) -> None:
        tally = dict.fromkeys(Severity, 0)
        for group in rows.groups:
            tally[group.members[0].finding.severity] += len(group.members)
        said = ", ".join(count(number, *_NAMES[severity]) for severity, number in tally.items() if number)
        names = ", ".join(log.source.name for log in self.logs)
        self.query_one(TitleBar).say([("findings  ", "bold"), (showable(names), "")], [(said or "none", "")])
        self.view().border_title = Content(f"Findings · {said}" if said else "Findings · none: nothing to look at")

    def log_changed(self, log: OpenLog) -> None:  # noqa: ARG002
        """Takes in what a message of the reader said; the cursor stays on its finding."""
        self._fill()

    @on(RowView.Activated)
    def _gone_into(self, event: RowView.Activated) -> None:
        rows = event.view.source
        if not isinstance(rows, FindingRows):
            return
        group = rows.group(event.row)
        if group is not None:
            self._opened ^= {group.key}
            self._fill()
            return
        found = rows.found(event.row)
        self.dismiss(None)
        self._choose(found.log, found.finding)

    def action_raw(self) -> None:
        """Opens the raw log at the evidence of the row."""
        rows = self.view().source
        if not isinstance(rows, FindingRows) or not len(rows):
            return
        found = rows.found(self.view().cursor)
        reader = found.log.reader()
        if reader is None:
            self.notify(showable(f"{found.log.source.name} cannot be opened any more."), severity="error", markup=False)
            return
        marked = [evidence.place.line for evidence in found.finding.evidence if evidence.source is None]
        self.app.push_screen(RawScreen(found.log, reader, marked[0], marked))

    def leave(self) -> None:
        """Goes back to the main screen."""
        self.dismiss(None)
