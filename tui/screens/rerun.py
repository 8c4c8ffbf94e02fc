"""The question how a run is to be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from parsers.showable import showable
from tui.widgets.rows import RowView
from tui.widgets.rowsource import Row, RowSource, fit


class Choice(NamedTuple):
    """One way to repeat a run."""

    key: str
    words: str
    about: str
    failed_only: bool
    more_debug: bool


def choices(failed: Sequence[str]) -> list[Choice]:
    """What can be chosen, where the hosts `failed` broke."""
    names = ", ".join(failed[:4]) + (f" and {len(failed) - 4} more" if len(failed) > 4 else "")
    more = "-vvvvv, ANSIBLE_DEBUG=1, ANSIBLE_SSH_VERBOSITY=3"
    limited = [
        Choice("f", "the hosts that broke", f"--limit {names}", True, False),
        Choice("d", "those, more debug", "the same hosts, with the debug of m", True, True),
    ]
    return [
        *(limited if failed else ()),
        Choice("a", "all again", "the same command", False, False),
        Choice("m", "all, more debug", more, False, True),
    ]


_CANCEL = Choice("", "cancel", "nothing is started", False, False)
_ROOM = 44
"""Cells for what a choice is about, in a terminal of 80 columns."""
_LEAD = 26


class _Rows(RowSource):
    """The choices and `esc`; what a choice is about goes on below, where it is long."""

    def __init__(self, offered: Sequence[Choice]) -> None:
        self._rows: list[tuple[Choice, str, bool]] = []
        for choice in (*offered, _CANCEL):
            texts = wrap(showable(choice.about), _ROOM, break_on_hyphens=False, max_lines=3, placeholder=" …")
            self._rows.extend((choice, text, not at) for at, text in enumerate(texts or [""]))

    def __len__(self) -> int:
        return len(self._rows)

    def selectable(self, index: int) -> bool:
        return self._rows[index][2]

    def choice(self, index: int) -> Choice | None:
        """The choice of a row; None for `esc`."""
        choice = self._rows[index][0]
        return choice if choice is not _CANCEL else None

    def row(self, index: int, width: int) -> Row:
        choice, text, first = self._rows[index]
        about = (fit(text, max(0, width - _LEAD)).rstrip(), "muted")
        if not first:
            return Row(((" " * _LEAD, "text"), about))
        return Row(((f"{choice.key or 'esc':<4}", "accent"), (f"{choice.words:<22}", "strong"), about))


class RerunScreen(ModalScreen[Choice | None]):
    """Asks how the run is repeated, as a new recorded session; None: not at all."""

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"answer('{key}')", priority=True) for key in "fdam"),
        Binding("escape,backspace,q,c,R", "answer('')", "cancel", priority=True),
    ]

    def __init__(self, command: str, failed: Sequence[str]) -> None:
        """`command` as the user gave it; `failed` are the names of the hosts that broke."""
        super().__init__()
        self._command = command
        self._offered = choices(failed)
        self._rows = _Rows(self._offered)

    def compose(self) -> ComposeResult:
        """The command, and the choices."""
        with Vertical(id="rerun"):
            yield Static(Content(showable(self._command)), id="rerun-words")
            yield RowView(self._rows, id="rerun-choices")

    def on_mount(self) -> None:
        """Puts the cursor on the first choice."""
        self.query_one("#rerun").border_title = Content("Run again, as a new recorded session")
        view = self.query_one(RowView)
        view.rows_changed()
        view.focus()

    @on(RowView.Activated)
    def _chosen(self, event: RowView.Activated) -> None:
        self.dismiss(self._rows.choice(event.row))

    def action_answer(self, key: str) -> None:
        """Answers; a key of what is not offered does nothing."""
        choice = next((one for one in self._offered if one.key == key), None)
        if choice is not None or not key:
            self.dismiss(choice)
