"""The line that says which hosts are shown."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Label

from tui.widgets.bars import EntryBar

EXAMPLE = "web*  status:failed  stage:tmpdir  rule:connection-refused  -name  sort:status"


class FilterBar(EntryBar):
    """The filter's input, hidden until it is wanted; it stays while it hides something."""

    def compose(self) -> ComposeResult:
        """A sign, the input, and how many hosts are left."""
        yield Label("&", id="filter-sign", markup=False)
        yield Input(id="filter-input", compact=True, select_on_focus=False, placeholder=EXAMPLE)
        yield Label("", id="filter-state", markup=False)

    @property
    def entry(self) -> Input:
        """Where it is typed."""
        return self.query_one(Input)

    def say(self, text: str) -> None:
        """Shows how many hosts are left, or what is no word of the filter."""
        self.query_one("#filter-state", Label).update(Content(text))
