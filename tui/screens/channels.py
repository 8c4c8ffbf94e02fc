"""The channels screen: the managed node's end. Connections and channels, the messages of one, its raw lines, the hint.

Without a log of sshd it shows the messages that ssh's own text has of a task's commands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from parsers.ends.ladder import Step, channel_steps, command_steps, connection_steps
from parsers.ends.model import Ends, Pairing
from parsers.model import Command
from parsers.showable import showable
from tui import keys
from tui.screens.base import still
from tui.screens.paned import PanedScreen
from tui.screens.raw import RawScreen
from tui.widgets.bars import KeyBar, SearchBar, TabBar, TitleBar
from tui.widgets.channelhint import branch_hint, findings_of
from tui.widgets.channeltree import Branch, ChannelTree, TreeRows, branches_of
from tui.widgets.hint import HintView
from tui.widgets.ladder import Ladder, LadderRows
from tui.widgets.rawlog import FileRows, RawLog
from tui.widgets.rows import RowView
from tui.worker import OpenLog


class ChannelsScreen(PanedScreen):
    """What sshd's logs tell, channel by channel."""

    CSS_PATH = "../styles/channels.tcss"
    BINDINGS = keys.bindings(keys.CHANNELS)
    CONTEXTS = (keys.APP, keys.CHANNELS, keys.ROWS)
    AUTO_FOCUS = "#tree"
    PANES = ("tree", "ladder", "lines", "hint")

    def __init__(
        self,
        logs: Sequence[OpenLog],
        ends: Ends,
        choose: Callable[[Pairing], None],
        *,
        at: Pairing | None = None,
        commands: Sequence[tuple[OpenLog, Command]] = (),
        command: Command | None = None,
    ) -> None:
        """Opens at the pairing `at`, or, where there is no log of sshd, at `command` of `commands`.

        `choose` is called with the pairing to go back to, once this screen has gone.
        """
        super().__init__(logs)
        self.ends = ends
        self._choose = choose
        self._at = at
        self._commands = commands
        self._command = command

    def compose(self) -> ComposeResult:
        """The panes and bars."""
        yield TitleBar()
        yield TabBar(self.PANES, id="tabs")
        with Horizontal(id="body"):
            yield ChannelTree(id="tree").add_class("pane")
            with Vertical(id="right"):
                yield Ladder(id="ladder").add_class("pane")
                yield RawLog(id="lines").add_class("pane")
        with Horizontal(id="bottom"):
            yield HintView(id="hint").add_class("pane")
        yield SearchBar()
        yield KeyBar(self.CONTEXTS)

    def on_mount(self) -> None:
        """Shows the rows, with the cursor where it was asked for."""
        self._fill()
        rows = self._rows()
        row = None
        if self._at is not None:
            row = rows.row_of(self._at.channel, self._at.connection)
        elif self._command is not None:
            row = next((at for at, one in enumerate(rows.branches) if one.command is self._command), None)
        if row is None:
            row = next((at for at in range(len(rows)) if rows.bad(at)), None)
        if row is not None:
            self.branches.move_cursor(row, quiet=True, centre=True)
            self.branches.call_after_refresh(self.branches.move_cursor, row, quiet=True, centre=True)
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        """Chooses the layout by the terminal's size."""
        self.measure(*event.size)

    def place_panes(self, shown: dict[str, bool]) -> None:
        """Shows the panes that are to be shown, and what holds them."""
        for pane in self.PANES:
            self.query_one(f"#{pane}").display = shown[pane]
        self.query_one("#right").display = shown["ladder"] or shown["lines"]
        self.query_one("#body").display = shown["tree"] or shown["ladder"] or shown["lines"]
        self.query_one("#bottom").display = shown["hint"]

    # What is shown

    @property
    def branches(self) -> ChannelTree:
        """The tree."""
        return self.query_one(ChannelTree)

    def _rows(self) -> TreeRows:
        source = self.branches.source
        return source if isinstance(source, TreeRows) else TreeRows((), self.ends)

    def branch(self) -> Branch | None:
        """The row that the cursor of the tree stands on."""
        rows = self._rows()
        cursor = self.branches.cursor
        return rows.branches[cursor] if cursor < len(rows) and not rows.branches[cursor].heading else None

    @still
    def _fill(self) -> None:
        view, old = self.branches, self.branch()
        branches = branches_of(self.logs) or [Branch(log, command=command) for log, command in self._commands]
        rows = TreeRows(branches, self.ends)
        view.source = rows
        view.rows_changed()
        row = next((at for at, one in enumerate(branches) if old is not None and one.key == old.key), None)
        view.move_cursor(view.cursor if row is None else row, quiet=True)
        view.border_title = Content(f"{'Channels' if branches and branches[0].sshd else 'Commands'} · {rows.words}")

    @still
    def _show(self) -> None:
        """Brings ladder, lines and hint in line with the tree's cursor."""
        branch = self.branch()
        steps, empty = self._steps(branch)
        ladder = self.query_one(Ladder)
        stalled = branch is not None and branch.channel is not None and branch.channel.stalled
        ladder.show(LadderRows(steps, empty, "‖ no answer: neither 91 nor 92 was sent" if stalled else ""))
        ladder.border_title = Content(f"Messages · {len(steps):,}")
        hint = self.query_one(HintView)
        before = hint.source
        hint.bring(branch_hint(branch, self.ends), (branch.key if branch is not None else None,))
        if hint.source is not before:
            hint.move_cursor(0, quiet=True)
        hint.border_title = Content("Hint")
        self._show_lines(branch)
        self._say(branch)

    def _steps(self, branch: Branch | None) -> tuple[list[Step], str]:
        if branch is None:
            return [], "No connection is in the log."
        if branch.command is not None:
            reader = branch.log.reader()
            steps = command_steps(branch.command, branch.log.model.chunks, reader.read) if reader is not None else []
            if branch.command.transcript.mux == "client" and not steps:
                return [], "It went through a shared connection: its messages are those of the command that made it."
            return steps, "ssh's own text has no message of it: it takes ssh -vvv (ANSIBLE_SSH_VERBOSITY=3)."
        sshd = branch.sshd
        if sshd is None or branch.connection is None:
            return [], ""
        if branch.channel is None:
            return connection_steps(sshd, branch.connection), ""
        return channel_steps(sshd, branch.channel), ""

    def _show_lines(self, branch: Branch | None) -> None:
        view = self.query_one("#lines", RawLog)
        reader = branch.log.reader() if branch is not None else None
        if branch is None or reader is None:
            return
        marked = frozenset(
            proof.place.line for finding in findings_of(branch) for proof in finding.evidence if proof.source is None
        )
        source = view.source
        if not isinstance(source, FileRows) or source.reader is not reader:
            source = FileRows(reader, marked)
            source.grown(branch.log.lines)
            view.show(source)
        source.marked = marked
        source.grown(branch.log.lines)
        view.rows_changed()
        view.border_title = Content(showable(f"Raw log · {branch.log.source.name.rpartition('/')[2]}"))
        line = self._rows().line(self.branches.cursor) or 1
        view.call_after_refresh(view.move_cursor, line - 1, quiet=True, centre=True)

    def _say(self, branch: Branch | None) -> None:
        node = branch.node if branch is not None else ""
        server = self.ends.server(branch.log.index) if branch is not None else None
        right = f"clock difference: {server.clock.words}" if server is not None and server.clock is not None else ""
        self.query_one(TitleBar).say([("channels  ", "bold"), (node, "")], [(right, "")])

    def log_changed(self, log: OpenLog) -> None:  # noqa: ARG002
        """Takes in what a message of the reader said; the cursor stays on its channel."""
        self._fill()
        self._show()

    @on(RowView.CursorMoved, "#tree")
    def _branch_chosen(self) -> None:
        self._show()

    @on(RowView.CursorMoved, "#ladder, #hint")
    def _line_chosen(self, event: RowView.CursorMoved) -> None:
        line = event.view.source.line(event.row)
        if line is not None:
            self.query_one("#lines", RawLog).move_cursor(line - 1, quiet=True, centre=True)

    @on(RowView.CursorMoved, "#lines")
    def _step_chosen(self, event: RowView.CursorMoved) -> None:
        ladder = self.query_one(Ladder)
        if isinstance(ladder.source, LadderRows) and ladder.source.steps:
            ladder.move_cursor(ladder.source.row_of(event.row + 1), quiet=True)

    # Keys

    @still
    def action_problem(self, step: int) -> None:
        """Goes to the next or previous channel, or connection, that did not end well."""
        rows = self._rows()
        bad = [index for index in range(len(rows)) if rows.bad(index)]
        if not bad:
            self.notify("Every channel ended well.", timeout=2, markup=False)
            return
        cursor = self.branches.cursor
        if step > 0:
            row = next((index for index in bad if index > cursor), bad[0])
        else:
            row = next((index for index in reversed(bad) if index < cursor), bad[-1])
        self.branches.move_cursor(row, quiet=True, centre=True)
        self._show()

    @on(RowView.Activated)
    def _gone_into(self, event: RowView.Activated) -> None:
        if event.view.id == "tree":
            self.action_pane("ladder")
        elif (line := event.view.source.line(event.row)) is not None:
            self._open_raw(line)

    def action_raw(self) -> None:
        """Opens the raw log at the row of the focused pane."""
        view = self.view()
        line = view.source.line(view.cursor) if len(view.source) else None
        self._open_raw(line or self._rows().line(self.branches.cursor) or 1)

    def _open_raw(self, line: int) -> None:
        branch = self.branch()
        log = branch.log if branch is not None else self.logs[0]
        reader = log.reader()
        if reader is None:
            self.notify(showable(f"{log.source.name} cannot be opened any more."), severity="error", markup=False)
            return
        findings = findings_of(branch) if branch is not None else []
        marked = [proof.place.line for one in findings for proof in one.evidence if proof.source is None]
        self.app.push_screen(RawScreen(log, reader, line, marked))

    def action_other_end(self) -> None:
        """Goes back to the command that the channel carried."""
        branch = self.branch()
        pairing = self.ends.of_channel(branch.channel) if branch is not None else None
        if branch is not None and branch.command is not None:
            self.dismiss(None)  # it came from there
            return
        if pairing is None:
            self.notify("No command of the run was found for it.", timeout=3, markup=False)
            return
        self.dismiss(None)
        self._choose(pairing)

    def leave(self) -> None:
        """Undoes the zoom; else goes back by one pane, and at last to the main screen."""
        if self._zoomed:
            self.action_zoom()
        elif self._pane != "tree":
            self.action_pane("tree")
        else:
            self.dismiss(None)
