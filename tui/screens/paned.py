"""A screen of several panes: which one is meant, one at a time where there is little room, the keys for that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on

from tui.screens.base import LogScreen
from tui.widgets.bars import TabBar
from tui.widgets.rows import RowView
from tui.worker import OpenLog

NARROW, SHORT, WIDE, TALL = 100, 26, 170, 45
"""Below `NARROW` columns or `SHORT` rows one pane at a time; from `WIDE` by `TALL` on, larger panes."""


class PanedScreen(LogScreen):
    """Panes with a `TabBar`; each pane is a `RowView` whose id is its name."""

    PANES: ClassVar[tuple[str, ...]]
    """Their names; the first one has the focus at the beginning."""

    def __init__(self, logs: Sequence[OpenLog]) -> None:
        super().__init__(logs)
        self._pane = self.PANES[0]
        self._zoomed = False
        self._small = False

    def place_panes(self, shown: dict[str, bool]) -> None:
        """Shows the panes that are to be shown, and what holds them."""
        raise NotImplementedError

    def measure(self, width: int, height: int) -> bool:
        """Notes the room that there is, in cells; whether it is enough for larger panes."""
        self._small = width < NARROW or height < SHORT
        wide = width >= WIDE and height >= TALL
        self.set_class(wide, "-wide")
        self._lay_out()
        return wide

    def _lay_out(self) -> None:
        single = self._small or self._zoomed
        self.set_class(single, "-single")
        # Not by classes: the stylesheet is applied later, and a pane that is not there yet takes no focus.
        self.place_panes({pane: not single or pane == self._pane for pane in self.PANES})
        self.query_one(TabBar).active = self._pane

    def view(self) -> RowView:
        """The focused pane's view, else that of the pane that is meant."""
        focused = self.focused
        return focused if isinstance(focused, RowView) else self._view_of(self._pane)

    def _view_of(self, pane: str) -> RowView:
        return self.query_one(f"#{pane}", RowView)

    def action_pane(self, pane: str) -> None:
        """Focuses a pane, and shows it where one is shown at a time."""
        self._pane = pane
        self._lay_out()
        self.set_focus(self._view_of(pane))

    def action_next_pane(self, step: int) -> None:
        """Focuses the next or previous pane."""
        self.action_pane(self.PANES[(self.PANES.index(self._pane) + step) % len(self.PANES)])

    def action_zoom(self) -> None:
        """Maximises the focused pane, or undoes it."""
        self._zoomed = not self._zoomed
        self._lay_out()

    @on(events.DescendantFocus)
    def _focused(self, event: events.DescendantFocus) -> None:
        if event.widget.id in self.PANES and self._pane != event.widget.id:
            self._pane = event.widget.id
            self._lay_out()

    @on(TabBar.Chosen)
    def _tab_chosen(self, event: TabBar.Chosen) -> None:
        self.action_pane(event.pane)
