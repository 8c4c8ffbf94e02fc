"""The tree of the channels screen: logs of sshd, their connections, and the channels of each.

Without a log of sshd, the commands of the selected task: their messages are those of ssh's own text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parsers.ends.model import Ends, Side
from parsers.findings import Severity
from parsers.model import Command
from parsers.sshd.life import State, connection_life, doubtful, duration, state_of, what_ran
from parsers.sshd.model import Channel, Connection, SshdLog
from tui.widgets.rows import RowView
from tui.widgets.rowsource import Row, RowSource, fit
from tui.widgets.words import count
from tui.worker import OpenLog

STATE_SIGNS = {
    State.OK: ("✔", "ok"),
    State.REFUSED: ("✖", "bad"),
    State.STALLED: ("‖", "warn"),
    State.KILLED: ("✖", "bad"),
    State.OPEN: ("◌", "run"),
    State.CUT: ("✖", "bad"),
}
_SEVERITY_SIGNS = {Severity.ERROR: ("✖", "bad"), Severity.WARNING: ("!", "warn")}


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """One row: a log, a connection of it, or a channel of that; or a command."""

    log: OpenLog
    connection: Connection | None = None
    channel: Channel | None = None
    command: Command | None = None

    @property
    def heading(self) -> bool:
        """Whether it only names the log."""
        return self.connection is None and self.command is None

    @property
    def sshd(self) -> SshdLog | None:
        """The model that it is of."""
        return self.log.model.sshd

    @property
    def node(self) -> str:
        """What the managed node is called: its name in the log, and the file's."""
        file = self.log.source.name.rpartition("/")[2]
        host = self.sshd.host if self.sshd is not None else None
        return f"sshd on {host} · {file}" if host is not None else file

    @property
    def key(self) -> tuple[int, int, int, int]:
        """The same for the same row in the next snapshot."""
        return (
            self.log.index,
            self.connection.index if self.connection is not None else -1,
            self.channel.index if self.channel is not None else -1,
            self.command.index if self.command is not None else -1,
        )


def branches_of(logs: Sequence[OpenLog]) -> list[Branch]:
    """The rows for every log of sshd, in their order."""
    rows = []
    for log in logs:
        sshd = log.model.sshd
        if sshd is None:
            continue
        rows.append(Branch(log))
        for connection in list(sshd.connections):
            rows.append(Branch(log, connection))
            rows.extend(Branch(log, connection, channel) for channel in list(connection.channels))
    return rows


class TreeRows(RowSource):
    """Rows of the tree."""

    def __init__(self, branches: Sequence[Branch], ends: Ends) -> None:
        self.branches = branches
        self.ends = ends
        self._worst: dict[int, Severity] = {}
        for log in (branch.log for branch in branches if branch.heading):
            for finding in log.findings:
                told = self._worst.get(id(finding.connection), Severity.INFO)
                worst = min(told, finding.severity, key=list(Severity).index)
                self._worst[id(finding.connection)] = worst

    def __len__(self) -> int:
        return len(self.branches)

    def selectable(self, index: int) -> bool:
        return not self.branches[index].heading

    def row(self, index: int, width: int) -> Row:
        branch = self.branches[index]
        if branch.command is not None:
            return self._command(branch.command, width)
        if branch.connection is None:
            return Row(((fit(f"── {branch.node} ", width), "heading"),))
        if branch.channel is None:
            return self._connection(branch.connection, width)
        return self._channel(branch.connection, branch.channel, width)

    def _connection(self, connection: Connection, width: int) -> Row:
        well = connection.accepted is not None or bool(connection.channels)
        sign, role = ("✔", "ok") if well else ("✖", "bad")
        if well and doubtful((state_of(one, connection) for one in connection.channels), connection.end):
            sign, role = "!", "warn"
        sign, role = _SEVERITY_SIGNS.get(self._worst.get(id(connection), Severity.INFO), (sign, role))
        port = f":{connection.port}" if connection.port is not None else ""
        who = f"{connection.user or 'nobody'} ← {connection.address or '?'}{port}"
        life = fit(connection_life(connection), max(0, width - len(who) - 4))
        return Row(((f"{sign} ", role), (f"{who}  ", "strong"), (life, "muted")))

    def _channel(self, connection: Connection, channel: Channel, width: int) -> Row:
        state = state_of(channel, connection)
        sign, role = STATE_SIGNS[state]
        number = f"{channel.index:>3} "
        took = duration(channel.seconds) if channel.seconds else ""
        pairing = self.ends.of_channel(channel)
        mate = f"⇄ {pairing.command.stage}" if pairing is not None else ""
        end = "  ".join(word for word in ("" if state is State.OK else str(state), mate, took) if word)
        ran = what_ran(channel) or channel.refusal or channel.type or "channel"
        room = max(8, width - 9 - len(end))
        return Row(
            (
                (f"  {sign} ", role),
                (number, "muted"),
                (fit(ran, room - 1) + " ", "text"),
                (end, "muted" if state is State.OK else role),
            )
        )

    def _command(self, command: Command, width: int) -> Row:
        words = f"{command.stage:<10} "
        return Row((("  ", "text"), (words, "strong"), (fit(command.text, max(8, width - 14)), "muted")))

    def line(self, index: int) -> int | None:
        branch = self.branches[index]
        if branch.command is not None:
            return branch.command.opened.line
        if branch.channel is not None:
            return branch.channel.opened.line
        return branch.connection.opened.line if branch.connection is not None else None

    def bad(self, index: int) -> bool:
        """Whether somebody has to look."""
        branch = self.branches[index]
        if branch.channel is not None and branch.connection is not None:
            pairing = self.ends.of_channel(branch.channel)
            broken = pairing is not None and pairing.side.broken and pairing.side is not Side.AT_WORK
            return broken or state_of(branch.channel, branch.connection) not in (State.OK, State.OPEN)
        return branch.connection is not None and branch.connection.accepted is None and not branch.connection.channels

    def row_of(self, channel: Channel | None, connection: Connection | None) -> int | None:
        """The row of a channel, else of a connection."""
        found = None
        for index, branch in enumerate(self.branches):
            if channel is not None and branch.channel is channel:
                return index
            if branch.channel is None and connection is not None and branch.connection is connection:
                found = index
        return found

    @property
    def words(self) -> str:
        """How many there are."""
        channels = sum(branch.channel is not None for branch in self.branches)
        connections = sum(branch.connection is not None for branch in self.branches) - channels
        if not connections:
            return count(len(self.branches), "command")
        return f"{count(connections, 'connection')}, {count(channels, 'channel')}"


class ChannelTree(RowView):
    """The tree."""

    ROW_WORD = "channel"
    ALLOW_SELECT = False
    ENTER_WORD = "ladder"
