"""The help: every key of the table, as the live keymap has it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen

from tui import keys
from tui.widgets.rows import RowView
from tui.widgets.rowsource import Row, RowSource


class HelpRows(RowSource):
    """Rows of the help."""

    def __init__(self, live: dict[str, list[str]]) -> None:
        self._rows: list[tuple[str, str] | None] = []
        for heading, found in keys.groups().items():
            if self._rows:
                self._rows.append(None)
            self._rows.append((heading, ""))
            for key in found:
                bound = live.get(key.id) or key.keys.split(",")
                where = (
                    "" if keys.MAIN in key.contexts or len(key.contexts) > 1 else keys.CONTEXT_TITLES[key.contexts[0]]
                )
                where = "" if key.contexts[0] in (keys.APP, keys.ROWS) else where
                about = f"{key.description} ({where})" if where else key.description
                self._rows.append(("  ".join(keys.shown(name) for name in bound), about))

    def __len__(self) -> int:
        return len(self._rows)

    def selectable(self, index: int) -> bool:
        found = self._rows[index]
        return found is not None and bool(found[1])

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        found = self._rows[index]
        if found is None:
            return Row(())
        if not found[1]:
            return Row(((found[0], "heading"),))
        return Row(((f"  {found[0]:<18}", "accent"), (found[1], "text")))


class HelpScreen(ModalScreen[None]):
    """The help over the screen that it is about."""

    CSS_PATH = "../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,backspace,question_mark,q,enter", "dismiss(None)", "close")]

    def __init__(self, live: dict[str, list[str]]) -> None:
        super().__init__()
        self._live = live

    def compose(self) -> ComposeResult:
        """The list."""
        yield RowView(HelpRows(self._live), id="help")

    def on_mount(self) -> None:
        """Shows the rows."""
        view = self.query_one("#help", RowView)
        view.border_title = Content("Keys")
        view.border_subtitle = Content("esc closes")
        view.rows_changed()
        view.move_cursor(0, quiet=True)
        view.focus()
