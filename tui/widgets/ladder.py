"""The ladder: messages between the client at the left and sshd at the right, time downwards."""

from __future__ import annotations

from collections.abc import Sequence

from parsers.ends.ladder import Step
from tui.widgets.rows import RowView
from tui.widgets.rowsource import Row, RowSource

_TIME = 11
_RAIL = 38
"""Cells between the two ends: the longest usual name fits."""


def _clock(since: float | None, *, whole: bool) -> str:
    if since is None:
        return " " * _TIME
    return f"{since:>+9.0f} s" if whole else f"{since:>+9.3f} s" if since < 100 else f"{since:>+9.1f} s"


def _arrow(step: Step) -> str:
    """`── 90 CHANNEL_OPEN ──▶`, in exactly `_RAIL` cells."""
    name = step.message.short.partition(" or ")[0]
    label = f" {step.message.number} {name} "
    room = _RAIL - 4
    label = label if len(label) <= room else label[: room - 2] + "… "
    fill = "─" * (room - len(label))
    return f"───{label}{fill}▶" if step.to_server else f"◀──{label}{fill}─"


class LadderRows(RowSource):
    """Rows of the ladder; the first names the two ends."""

    def __init__(self, steps: Sequence[Step], empty: str = "", end: str = "") -> None:
        """`empty` is said where there is no message, `end` below the last one."""
        self.steps = steps
        self._empty = empty
        self._end = end if steps else ""
        self._first = next((step.time for step in steps if step.time is not None), None)
        self._whole = all(step.time is None or step.time % 1 == 0 for step in steps)

    def __len__(self) -> int:
        return len(self.steps) + 1 + bool(self._end)

    def selectable(self, index: int) -> bool:
        return 0 < index <= len(self.steps)

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        if index == 0:
            if not self.steps:
                return Row(((self._empty or "No message is in the log: it takes LogLevel DEBUG3.", "muted"),))
            return Row(((" " * (_TIME + 2) + "client" + " " * (_RAIL - 8) + "sshd", "heading"),))
        if index > len(self.steps):
            return Row(((" " * (_TIME + 2), "text"), (self._end, "warn")))
        step = self.steps[index - 1]
        since = None if step.time is None or self._first is None else step.time - self._first
        channel = f"channel {step.channel}  " if step.channel is not None else ""
        return Row(
            (
                (_clock(since, whole=self._whole) + "  ", "muted"),
                ("│", "frame"),
                (_arrow(step), "out" if step.to_server else "ok"),
                ("│ ", "frame"),
                (channel, "muted"),
                (f"{step.detail}  " if step.detail else "", "text"),
                (step.message.reference, "muted"),
            )
        )

    def line(self, index: int) -> int | None:
        return self.steps[index - 1].line if 0 < index <= len(self.steps) else None

    def row_of(self, line: int) -> int:
        """The row of the last message at or before a line of the log; the first one without."""
        rows = [at for at, step in enumerate(self.steps, 1) if step.line <= line]
        return rows[-1] if rows else 1

    def copied(self, index: int) -> str:
        if not 0 < index <= len(self.steps):
            return ""
        step = self.steps[index - 1]
        way = "client → sshd" if step.to_server else "sshd → client"
        return f"{way} {step.message.number} {step.message.name} ({step.message.reference}) {step.detail}".strip()


class Ladder(RowView):
    """The ladder."""

    ROW_WORD = "message"
    ENTER_WORD = "raw line"
    WIDE = True
