"""The main screen: hosts, stages, chunks, hint."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from parsers.ends.model import Pairing
from parsers.findings import Finding
from parsers.showable import showable
from tui import keys
from tui.screens.arranged import ArrangedScreen
from tui.screens.base import still
from tui.screens.channels import ChannelsScreen
from tui.screens.findings import FindingsScreen
from tui.screens.raw import RawScreen
from tui.widgets.bars import KeyBar, SearchBar, TabBar, TitleBar, entitle
from tui.widgets.chunkpane import ChunkPane
from tui.widgets.filterbar import FilterBar
from tui.widgets.hint import HintRows, HintView
from tui.widgets.hintpane import about_of, hint_of
from tui.widgets.hosts import HostList, HostRows
from tui.widgets.rawlog import FileRows, RawLog
from tui.widgets.rows import RowView
from tui.widgets.selection import Selected, first_row, next_problem, row_of
from tui.widgets.stages import StageList, StageRows
from tui.widgets.title import title_pieces
from tui.worker import OpenLog


class MainScreen(ArrangedScreen):
    """Everything about the opened logs; state is changed by handlers only."""

    CSS_PATH = "../styles/main.tcss"
    BINDINGS = keys.bindings(keys.MAIN)
    AUTO_FOCUS = "#hosts"

    PANES = ("hosts", "stages", "chunks", "hint")
    CONTEXTS = (keys.APP, keys.MAIN, keys.ROWS)

    def __init__(self, logs: Sequence[OpenLog], title: str) -> None:
        super().__init__(logs)
        self._heading = title
        self._selected = Selected()
        self._touched = False
        self._wanted: OpenLog | None = None
        self._whole_run = False
        self._ruled_out = False
        self._wide = False
        self._went = False
        self._beside_line = 0
        self._hosts_width = 24
        self._began = time.monotonic()

    def compose(self) -> ComposeResult:
        """The panes and bars."""
        yield TitleBar()
        yield TabBar(self.PANES, id="tabs")
        with Horizontal(id="body"):
            yield HostList(id="hosts").add_class("pane")
            with Vertical(id="right"):
                yield StageList(id="stages").add_class("pane")
                yield ChunkPane(id="chunks-pane", classes="pane")
        with Horizontal(id="bottom"):
            yield HintView(id="hint").add_class("pane")
            yield RawLog(id="beside").add_class("pane")
        yield FilterBar()
        yield SearchBar()
        yield KeyBar(self.CONTEXTS)

    def on_mount(self) -> None:
        """First rows, and the clock of a live run."""
        self.set_interval(1.0, self._say_title)
        self.hosts_changed()

    def on_resize(self, event: events.Resize) -> None:
        """Chooses the layout by the terminal's size."""
        self._wide = self.measure(*event.size)
        self._show_beside()

    def place_panes(self, shown: dict[str, bool]) -> None:
        """Shows the panes that are to be shown, and what holds them."""
        self._fit_hosts()
        self.hosts.display = shown["hosts"]
        self.stages.display = shown["stages"]
        self.chunk_pane.display = shown["chunks"]
        self.query_one("#right").display = shown["stages"] or shown["chunks"]
        self.query_one("#body").display = shown["hosts"] or shown["stages"] or shown["chunks"]
        self.query_one("#bottom").display = self.hint.display = shown["hint"]

    def _fit_hosts(self) -> None:
        source = self.hosts.source
        wanted = source.width() + 4 if isinstance(source, HostRows) else 0
        # It only grows: words of live hosts come and go, and the panes beside would jump.
        self._hosts_width = max(self._hosts_width, min(44, wanted))
        self.hosts.styles.width = "1fr" if self.has_class("-single") else self._hosts_width

    # What is selected

    @property
    def stages(self) -> StageList:
        """The stages pane."""
        return self.query_one(StageList)

    @property
    def chunk_pane(self) -> ChunkPane:
        """The chunks pane."""
        return self.query_one(ChunkPane)

    @property
    def hint(self) -> HintView:
        """The hint pane."""
        return self.query_one(HintView)

    @property
    def selected(self) -> Selected:
        """What the panes show."""
        return self._selected

    def log_changed(self, log: OpenLog) -> None:  # noqa: ARG002
        """Takes in what a message of the reader said; the selection stays."""
        self.hosts_changed()
        self._only_sshd()

    def wait_for(self, log: OpenLog) -> None:
        """Goes to the first host of a log that has just been opened, as soon as it has one."""
        self._wanted = log

    @still
    def hosts_changed(self) -> None:
        lines, row = self.arranged(self._selected.line)
        wanted = next((at for at, line in enumerate(lines) if line.log is self._wanted and line.host), None)
        if wanted is not None:
            row, self._wanted, self._touched = wanted, None, True
        if row is None or not self._touched:
            row = first_row(lines, row, finished=all(log.finished for log in self.logs))
        hosts = self.hosts
        hosts.source = HostRows(lines)
        moved = row is not None and row != hosts.cursor
        self._fit_hosts()
        hosts.rows_changed()
        if row is not None:
            if moved:
                hosts.move_cursor(row, quiet=True, centre=True)
            if self._selected.line is None or self._selected.line.key != lines[row].key:
                self._selected = Selected(lines[row])
            else:
                self._selected.line = lines[row]
        self._say_title()
        self._show()

    @still
    def _show(self) -> None:
        """Brings stages, chunks and hint in line with the selection."""
        self._show_stages()
        self._show_chunks()
        self._show_hint()

    def _show_stages(self) -> None:
        chosen, view = self._selected, self.stages
        current, line = chosen.ansible_task(), chosen.line
        rows = StageRows(current, chosen.stages())
        same = isinstance(view.source, StageRows) and view.source.ansible_task is current
        cursor = rows.row_of(chosen.stage())
        if same:
            view.source = rows
            view.rows_changed()
            view.move_cursor(cursor, quiet=True)
        else:
            view.show(rows, cursor=cursor)
        title = "Stages"
        if line is not None and line.host is not None:
            title += f" · {line.host.name}"
            if current is not None:
                title += f" · TASK [{current.name}]" + (f" → {current.delegate}" if current.delegate else "")
        at, total = chosen.place()
        below = f"[ task {at} of {total} ]" if total > 1 else ""
        if line is not None and line.about == "control node":
            below = "none: the run ended before it reached a host"
        entitle(view, title, below)

    @still
    def _show_chunks(self) -> None:
        line = self._selected.line
        log, run = (line.log, line.run) if line else (None, None)
        marked = self._evidence()
        self.chunk_pane.show_stage(log, run, self._selected.stage(), whole_run=self._whole_run, marked=marked)

    @still
    def _show_hint(self) -> None:
        line = self._selected.line
        names = [log.source.name.rpartition("/")[2] for log in self.logs]
        rows, title = hint_of(self._selected, ruled_out=self._ruled_out, ends=self.ends, names=names)
        self.hint.bring(rows, (line.key if line else None, title, self._ruled_out, *about_of(self._selected)))
        entitle(self.hint, title)
        self._show_beside()

    def _show_beside(self) -> None:
        """On a large terminal the raw log stands beside the hint, at the evidence."""
        line = self._selected.line
        reader = line.log.reader() if line and self._wide else None
        if line is None or reader is None:
            return
        view = self.query_one("#beside", RawLog)
        marked = frozenset(self._evidence())
        source = view.source
        if isinstance(source, FileRows) and source.reader is reader:
            source.marked = marked
            source.grown(line.log.lines)
            view.rows_changed()
        else:
            source = FileRows(reader, marked)
            source.grown(line.log.lines)
            view.show(source)
            entitle(view, f"Raw log · {line.log.source.name}")
        stage = self._selected.stage()
        target = min(marked) if marked else stage.first.line if stage else 1
        if target != self._beside_line:
            self._beside_line = target
            view.call_after_refresh(view.move_cursor, target - 1, quiet=True, centre=True)

    @on(RowView.CursorMoved, "#hint, #chunks")
    def _line_chosen(self, event: RowView.CursorMoved) -> None:
        self._touched = True
        line = event.view.source.line(event.row)
        if self._wide and line is not None and self._log_of(event.view, event.row) is None:
            self.query_one("#beside", RawLog).move_cursor(line - 1, quiet=True, centre=True)

    @on(RowView.CursorMoved, "#hosts")
    def _host_chosen(self, event: RowView.CursorMoved) -> None:
        self._touched = True
        self._select(event.row)

    def _select(self, row: int) -> None:
        lines = self.lines()
        if row < len(lines) and not lines[row].heading:
            self._selected = Selected(lines[row])
            self._show()

    @on(RowView.CursorMoved, "#stages")
    def _stage_chosen(self, event: RowView.CursorMoved) -> None:
        source = self.stages.source
        if not isinstance(source, StageRows):
            return
        stage = source.stage(event.row)
        self._touched = True
        self._selected.stage_index = next((at for at, found in enumerate(source.stages) if found is stage), None)
        self._show_chunks()
        self._show_hint()

    # Keys

    def action_pane(self, pane: str) -> None:
        """Focuses a pane, and shows it where one is shown at a time."""
        self._touched = True
        super().action_pane(pane)

    @still
    def action_task(self, step: int) -> None:
        """Goes to the previous or next task of the host."""
        at, total = self._selected.place()
        if not total:
            return
        self._touched = True
        self._selected.task_index = max(0, min(total - 1, at - 1 + step))
        self._selected.stage_index = None
        self._show()

    @still
    def action_problem(self, step: int) -> None:
        """Goes to the next or previous host with a problem."""
        row = next_problem(self.lines(), self.hosts.cursor, step)
        if row is None:
            self.notify("No problem was found.", timeout=2, markup=False)
            return
        self._touched = True
        self.hosts.move_cursor(row, quiet=True, centre=True)
        self._select(row)

    def action_zoom(self) -> None:
        """Maximises the focused pane, or undoes it."""
        self._touched = True
        super().action_zoom()

    def action_all_chunks(self) -> None:
        """Shows the chunks of the whole run, or of the stage."""
        self._touched = True
        self._whole_run = not self._whole_run
        self._show_chunks()

    def action_why_not(self) -> None:
        """Shows in the hint pane why other rules are not the cause, or the findings again."""
        self._ruled_out = not self._ruled_out
        self._show_hint()
        self.action_pane("hint")

    def action_findings(self) -> None:
        """Lists all findings; enter on one comes back to its host and stage."""
        self.app.push_screen(FindingsScreen(self.logs, self._go_to))

    @still
    def _go_to(self, log: OpenLog, finding: Finding) -> None:
        self._ruled_out = False
        self.reveal(log, finding)
        row = row_of(self.lines(), log, finding)
        if row is None:
            self._open_raw(finding.evidence[0].place.line, log)
            return
        self.hosts.move_cursor(row, quiet=True, centre=True)
        self._selected = Selected(self.lines()[row])
        self._selected.choose(finding)
        self._show()
        self.action_pane("hint")

    @on(RowView.Activated)
    def _gone_into(self, event: RowView.Activated) -> None:
        pane = event.view.id
        if pane == "hosts":
            if not self.opens_group(event.row):
                self.action_pane("stages")
        elif pane == "stages":
            self.action_pane("chunks")
        elif event.view.source.line(event.row) is not None:
            self._open_raw(event.view.source.line(event.row), self._log_of(event.view, event.row))

    def _log_of(self, view: RowView, row: int) -> OpenLog | None:
        """The log that a row's line is of, where it is not the selected host's."""
        source = view.source
        number = source.log_of(row) if isinstance(source, HintRows) and row < len(source) else None
        return self.logs[number] if number is not None else None

    def _evidence(self, log: OpenLog | None = None) -> list[int]:
        """Lines of the selection's evidence, in its own log or in `log`."""
        own = self._selected.line.log if self._selected.line is not None else None
        of = None if log is None or log is own else log.index
        found = self._selected.findings()
        return [proof.place.line for finding in found for proof in finding.evidence if proof.source == of]

    # The other end

    @still
    def action_other_end(self) -> None:
        """Shows the stage's channel on the managed node; without a log of its sshd, ssh's own messages."""
        stage, current, line = self._selected.stage(), self._selected.ansible_task(), self._selected.line
        pairing = self.ends.of_command(stage.command) if stage is not None else None
        commands = [(line.log, one) for one in current.commands] if line is not None and current is not None else []
        if any(log.model.sshd is not None for log in self.logs):
            if stage is not None and (pairing is None or pairing.connection is None):
                why = pairing.why if pairing is not None else "no command of this stage went over ssh"
                self.notify(showable(f"Not lined up: {why}."), timeout=5, markup=False)
            commands = []
        elif not commands:
            self.notify("No command over ssh is selected, and no log of sshd is open.", timeout=3, markup=False)
            return
        command = stage.command if stage is not None else None
        screen = ChannelsScreen(
            self.logs, self.ends, self._go_to_command, at=pairing, commands=commands, command=command
        )
        self.app.push_screen(screen)

    @still
    def _go_to_command(self, pairing: Pairing) -> None:
        for row, line in enumerate(self.lines()):
            if line.host is None or line.run is None:
                continue
            if (line.log.index, line.run.index, line.host.name) == (pairing.source, pairing.run, pairing.host):
                self.hosts.move_cursor(row, quiet=True, centre=True)
                self._touched, self._selected = True, Selected(line)
                self._selected.choose_command(pairing.command)
                self._show()
                self.action_pane("stages")
                return

    def _only_sshd(self) -> None:
        """Where nothing but sshd's logs is open, there are no hosts to see: goes to the channels."""
        if (
            self._went
            or not self.logs
            or any(log.model.sshd is None or not log.model.sshd.connections for log in self.logs)
        ):
            return
        self._went = True
        self.action_other_end()

    @still
    def action_raw(self) -> None:
        """Opens the raw log at the row of the focused pane."""
        view = self.view()
        line = view.source.line(view.cursor) if len(view.source) else None
        stage, current = self._selected.stage(), self._selected.ansible_task()
        if line is None:
            line = stage.first.line if stage else current.first.line if current else 1
        self._open_raw(line)

    @still
    def _open_raw(self, line: int | None, log: OpenLog | None = None) -> None:
        self._touched = True
        chosen = self._selected.line
        log = log or (chosen.log if chosen else self.logs[0])
        reader = log.reader()
        if reader is None:
            self.notify(showable(f"{log.source.name} cannot be opened any more."), severity="error", markup=False)
            return
        marked = self._evidence(log)
        self.app.push_screen(RawScreen(log, reader, line or 1, marked))

    def go_to_hosts(self) -> None:
        """Shows and focuses the hosts pane."""
        self.action_pane("hosts")

    def action_back(self) -> None:
        """Gives up the filter, ends the search, or goes back."""
        if not self.give_up_filter(also_kept=self._pane == "hosts" and not self._zoomed):
            super().action_back()

    def leave(self) -> None:
        """Undoes the zoom; else goes back by one pane."""
        if self._zoomed:
            self.action_zoom()
        elif self._pane != "hosts":
            self.action_pane({"stages": "hosts", "chunks": "stages", "hint": "hosts"}[self._pane])

    @on(RowView.FollowChanged)
    def _follow_changed(self, event: RowView.FollowChanged) -> None:
        if event.view.id == "chunks":
            self.chunk_pane.say_following(on=event.view.follow)
        else:
            event.view.border_subtitle = Content("following the newest") if event.view.follow else None

    # Title

    @still
    def _say_title(self) -> None:
        left, right = title_pieces(self.logs, self.all_lines, self._heading, time.monotonic() - self._began)
        self.query_one(TitleBar).say(left, right)
        bad = sum(line.bad for line in self.all_lines)
        total = sum(line.host is not None for line in self.all_lines)
        rows = sum(line.host is not None or line.bad for line in self.all_lines)
        entitle(
            self.hosts,
            f"Hosts · {total}" if total else "Hosts",
            f"{bad} of {rows} to look at" if bad and total else "",
        )
