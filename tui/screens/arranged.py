"""Which hosts the hosts pane shows, in which order, and what stands as one row: the keys for that."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.widgets import Input

from parsers.findings import Finding
from tui.screens.base import still
from tui.screens.paned import PanedScreen
from tui.widgets.arrange import SORTS, Arrangement, HostFilter, group_key
from tui.widgets.filterbar import FilterBar
from tui.widgets.hosts import HostLine, HostList, HostRows, host_lines
from tui.widgets.selection import row_of
from tui.widgets.words import count
from tui.worker import OpenLog


class ArrangedScreen(PanedScreen):
    """A screen with a hosts pane and a `FilterBar`."""

    def __init__(self, logs: Sequence[OpenLog]) -> None:
        super().__init__(logs)
        self.arrangement = Arrangement()
        self.all_lines: Sequence[HostLine] = ()
        """Every row of the hosts pane, shown or not."""

    @property
    def hosts(self) -> HostList:
        """The hosts pane."""
        return self.query_one(HostList)

    def hosts_changed(self) -> None:
        """Makes the rows of the hosts pane anew; the selection stays."""
        raise NotImplementedError

    def go_to_hosts(self) -> None:
        """Shows and focuses the hosts pane."""
        raise NotImplementedError

    def lines(self) -> Sequence[HostLine]:
        """The rows that the hosts pane shows."""
        source = self.hosts.source
        return source.lines if isinstance(source, HostRows) else ()

    def arranged(self, selected: HostLine | None) -> tuple[list[HostLine], int | None]:
        """The rows to show now, and where `selected` is among them: itself, else the group that it went into."""
        self.all_lines = host_lines(self.logs)
        lines = self.arrangement.of(self.all_lines)
        if selected is None:
            return lines, None
        row = next((at for at, line in enumerate(lines) if line.key == selected.key), None)
        if row is None and (key := group_key(selected)) is not None:
            row = next((at for at, line in enumerate(lines) if line.members and group_key(line) == key), None)
        return lines, row

    def reveal(self, log: OpenLog, finding: Finding) -> None:
        """Brings the finding's host into the pane, where a group or the filter hides it."""
        row = row_of(self.all_lines, log, finding)
        line = self.all_lines[row] if row is not None else None
        if line is None or line.host is None or any(shown.host is line.host for shown in self.lines()):
            return
        if not self.arrangement.filter.fits(line):
            self._set_filter("")
        if (key := group_key(line)) is not None:
            self.arrangement.opened.add(key)
        self.hosts_changed()

    def opens_group(self, row: int) -> bool:
        """Opens or closes the group at `row`; False where there is none."""
        lines = self.lines()
        if row >= len(lines) or not self.arrangement.toggle(lines[row]):
            return False
        self.hosts_changed()
        return True

    def action_filter(self) -> None:
        """Opens the line that says which hosts are shown."""
        self.go_to_hosts()
        bar = self.query_one(FilterBar)
        bar.appear(on=True)
        self._say_filter()
        bar.entry.focus()

    @on(Input.Changed, "#filter-input")
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.arrangement.filter = HostFilter.read(event.value)
        self.hosts_changed()
        self._say_filter()

    @on(Input.Submitted, "#filter-input")
    def _filter_done(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(FilterBar).appear(on=bool(event.value.strip()))
        self.hosts.focus()

    @still
    def _say_filter(self) -> None:
        hosts = [line for line in self.all_lines if line.host is not None]
        left = sum(self.arrangement.filter.fits(line) for line in hosts)
        trouble = self.arrangement.filter.trouble
        self.query_one(FilterBar).say(trouble or f"{left:,} of {count(len(hosts), 'host')}")

    def _set_filter(self, text: str) -> None:
        bar = self.query_one(FilterBar)
        bar.entry.value = text
        bar.appear(on=bool(text))
        self.arrangement.filter = HostFilter.read(text)

    def action_order(self) -> None:
        """Sorts the hosts by the next thing: as in the log, by state, name, stage, rule."""
        order = SORTS[(SORTS.index(self.arrangement.sort) + 1) % len(SORTS)]
        self.arrangement.sort = order
        self.hosts_changed()
        self.notify("Hosts as in the log." if order == "log" else f"Hosts by {order}.", timeout=2, markup=False)

    def action_group(self) -> None:
        """Shows hosts that broke in the same way as one row, or each."""
        self.arrangement.grouped = not self.arrangement.grouped
        self.hosts_changed()

    def give_up_filter(self, *, also_kept: bool) -> bool:
        """Shows all hosts again: where the filter is being typed, or (`also_kept`) hides some. False elsewhere."""
        typing = self.query_one(FilterBar).entry.has_focus
        if not typing and not (also_kept and self.arrangement.filter.terms):
            return False
        self._set_filter("")
        self.hosts_changed()
        self.hosts.focus()
        return True
