"""The question how a run is to be repeated."""

from __future__ import annotations

from collections.abc import Sequence
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


class _Rows(RowSource):
    def __init__(self, offered: Sequence[Choice]) -> None:
        self.offered = offered

    def __len__(self) -> int:
        return len(self.offered) + 1

    def row(self, index: int, width: int) -> Row:
        if index == len(self.offered):
            return Row((("esc ", "accent"), (f"{'cancel':<22}", "strong"), ("nothing is started", "muted")))
        choice = self.offered[index]
        about = fit(showable(choice.about), max(0, width - 26)).rstrip()
        return Row(((f"{choice.key:<4}", "accent"), (f"{choice.words:<22}", "strong"), (about, "muted")))


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

    def compose(self) -> ComposeResult:
        """The command, and the choices."""
        with Vertical(id="rerun"):
            yield Static(Content(showable(self._command)), id="rerun-words")
            yield RowView(_Rows(self._offered), id="rerun-choices")

    def on_mount(self) -> None:
        """Puts the cursor on the first choice."""
        self.query_one("#rerun").border_title = Content("Run again, as a new recorded session")
        view = self.query_one(RowView)
        view.rows_changed()
        view.focus()

    @on(RowView.Activated)
    def _chosen(self, event: RowView.Activated) -> None:
        self.dismiss(self._offered[event.row] if event.row < len(self._offered) else None)

    def action_answer(self, key: str) -> None:
        """Answers; a key of what is not offered does nothing."""
        choice = next((one for one in self._offered if one.key == key), None)
        if choice is not None or not key:
            self.dismiss(choice)
