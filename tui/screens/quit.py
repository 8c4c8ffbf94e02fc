"""The question before quitting while a run of this program's own goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from parsers.showable import showable
from tui.widgets.rows import RowView
from tui.widgets.rowsource import Row, RowSource

END = "end"
LEAVE = "leave"
CANCEL = "cancel"

_CHOICES = (
    (END, "e", "End the run", "all its processes: SIGTERM, after 3 s SIGKILL"),
    (LEAVE, "l", "Leave it running", "recorded as before; later questions get no answer"),
    (CANCEL, "esc", "Cancel", "back to the screen"),
)


class _Choices(RowSource):
    def __init__(self, choices: Sequence[tuple[str, str, str, str]]) -> None:
        self.choices = choices

    def __len__(self) -> int:
        return len(self.choices)

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        _, key, words, about = self.choices[index]
        return Row(((f"{key:<4}", "accent"), (f"{words:<18}", "strong"), (about, "muted")))


class QuitScreen(ModalScreen[str]):
    """Asks what becomes of the run; the answer is `END`, `LEAVE` or `CANCEL`."""

    CSS_PATH = "../styles/dialogs.tcss"
    # Before the list's own keys: there, l scrolls.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "answer('end')", "end the run", priority=True),
        Binding("l", "answer('leave')", "leave it running", priority=True),
        Binding("escape,backspace,q,c", "answer('cancel')", "cancel", priority=True),
    ]

    def __init__(self, command: str, path: str, *, can_leave: bool = True) -> None:
        """`can_leave` is False where the run ends with this program, as the demo's does with its server."""
        super().__init__()
        self._command = command
        self._path = path
        self._choices = [choice for choice in _CHOICES if can_leave or choice[0] != LEAVE]

    def compose(self) -> ComposeResult:
        """What runs, and the choices."""
        with Vertical(id="quit"):
            yield Static(
                Content(showable(f"{self._command}\nrecorded in {self._path}").replace("␊", "\n")), id="quit-words"
            )
            yield RowView(_Choices(self._choices), id="quit-choices")

    def on_mount(self) -> None:
        """Puts the cursor on Cancel: the answer that changes nothing."""
        self.query_one("#quit").border_title = Content("The run is still going on")
        view = self.query_one(RowView)
        view.rows_changed()
        view.move_cursor(len(self._choices) - 1, quiet=True)
        view.focus()

    @on(RowView.Activated)
    def _chosen(self, event: RowView.Activated) -> None:
        self.dismiss(self._choices[event.row][0])

    def action_answer(self, answer: str) -> None:
        """Answers, where that is a choice."""
        if any(answer == choice[0] for choice in self._choices):
            self.dismiss(answer)
