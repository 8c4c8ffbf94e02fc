"""The question before quitting while a run of this program's own goes on."""

from __future__ import annotations

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
    def __len__(self) -> int:
        return len(_CHOICES)

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        _, key, words, about = _CHOICES[index]
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

    def __init__(self, command: str, path: str) -> None:
        super().__init__()
        self._command = command
        self._path = path

    def compose(self) -> ComposeResult:
        """What runs, and the choices."""
        with Vertical(id="quit"):
            yield Static(
                Content(showable(f"{self._command}\nrecorded in {self._path}").replace("␊", "\n")), id="quit-words"
            )
            yield RowView(_Choices(), id="quit-choices")

    def on_mount(self) -> None:
        """Puts the cursor on Cancel: the answer that changes nothing."""
        self.query_one("#quit").border_title = Content("The run is still going on")
        view = self.query_one(RowView)
        view.rows_changed()
        view.move_cursor(2, quiet=True)
        view.focus()

    @on(RowView.Activated)
    def _chosen(self, event: RowView.Activated) -> None:
        self.dismiss(_CHOICES[event.row][0])

    def action_answer(self, answer: str) -> None:
        """Answers."""
        self.dismiss(answer)
