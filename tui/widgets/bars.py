"""The one-line bars: title above, panes as tabs, keys below, and the search."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Label

from parsers.showable import showable
from tui import keys
from tui.widgets.rows import RowView


def live_keys(screen: Screen[object]) -> dict[str, list[str]]:
    """The keys that are bound now, by the table's id; a key of a pane that has no focus is missing."""
    live: dict[str, list[str]] = {}
    for name, active in screen.active_bindings.items():
        if active.binding.id:
            live.setdefault(active.binding.id, []).append(name)
    for key in keys.KEYS:
        usual = key.keys.split(",")
        if key.id in live and sorted(live[key.id]) == sorted(usual):
            live[key.id] = usual  # in the table's order
    return live


def entitle(widget: Widget, title: str, subtitle: str = "") -> None:
    """Writes into a widget's border, where it does not say so already: that draws all of the widget anew.

    The texts may be a log's.
    """
    above = Content(showable(title))
    below = Content(showable(subtitle)) if subtitle else None
    if widget.border_title != above.markup:
        widget.border_title = above
    if widget.border_subtitle != (below.markup if below is not None else None):
        widget.border_subtitle = below


class TitleBar(Widget):
    """What is open, and how it stands: at the left what, at the right how many problems."""

    left: reactive[Content] = reactive(Content(""))
    right: reactive[Content] = reactive(Content(""))

    def say(self, left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]) -> None:
        """Shows pieces of (text, style); the text may be a log's."""
        self.left = Content.assemble(*((showable(text), style) for text, style in left))
        self.right = Content.assemble(*((showable(text), style) for text, style in right))

    def render(self) -> Content:
        """The line, the left part cut where both do not fit."""
        room = max(0, self.size.width - self.right.cell_length - 1)
        left = self.left.truncate(room, ellipsis=True)
        return Content.assemble(left, " " * (room - left.cell_length + 1), self.right)


class TabBar(Widget):
    """The panes' names, where only one of them is shown."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    active: reactive[str] = reactive("hosts")

    def __init__(self, panes: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._panes = panes

    def _label(self, pane: str) -> str:
        return f" {self._panes.index(pane) + 1} {pane} "

    def render(self) -> Content:
        """The tabs; the shown one stands in brackets too, for a terminal without colour."""
        parts: list[tuple[str, str]] = []
        for pane in self._panes:
            label = self._label(pane)
            chosen = pane == self.active
            parts.append((f"[{label[1:-1]}]" if chosen else label, "bold $text-primary" if chosen else "$text-muted"))
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Chooses the pane under the pointer."""
        right = 0
        for pane in self._panes:
            right += len(self._label(pane))
            if event.x < right:
                self.post_message(self.Chosen(pane))
                return


_TYPING = {
    "search-input": ("keep the hits", "give up the search"),
    "filter-input": ("keep the filter", "show all hosts"),
    "go-input": ("go there", "stay here"),
}
"""What enter and escape do in each input."""


class KeyBar(Widget):
    """The most useful keys of the moment, from the table and the live keymap; a click presses one."""

    def __init__(self, contexts: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._contexts = contexts
        self._spans: list[tuple[int, str]] = []

    def on_mount(self) -> None:
        """Follows the bindings and the focus."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def _entries(self) -> list[tuple[str, str, str]]:
        live = live_keys(self.screen)
        if isinstance(self.screen.focused, Input):
            enter, escape = _TYPING.get(self.screen.focused.id or "", _TYPING["search-input"])
            return [("enter", enter, "enter"), ("esc", escape, "escape")]
        entries = []
        by_id = {key.id: key for key in keys.KEYS}
        for key in (by_id[name] for name in keys.BAR):
            if not set(key.contexts) & set(self._contexts):
                continue
            bound = live.get(key.id, [])
            if not bound and keys.ROWS not in key.contexts:
                continue
            remapped = bool(bound) and sorted(bound) != sorted(key.keys.split(","))
            written = keys.shown(bound[0]) if remapped or not key.bar_keys else key.bar_keys
            focused = self.screen.focused
            label = key.bar
            if isinstance(focused, RowView):
                label = {"row": focused.ROW_WORD, "open": focused.ENTER_WORD}.get(label, label)
            if not label:
                continue
            entries.append((written, label, (bound or key.keys.split(","))[0]))
        return entries

    def render(self) -> Content:
        """As many entries as fit."""
        parts: list[tuple[str, str] | str] = []
        self._spans = []
        column = 0
        for written, label, key in self._entries():
            width = cell_len(written) + 1 + cell_len(label)
            if column + width > self.size.width:
                break
            parts += [
                (written, "bold $text-accent"),
                (f" {label}", "$text-muted"),
                "   " if self.size.width > 100 else "  ",
            ]
            column += width + (3 if self.size.width > 100 else 2)
            self._spans.append((column, key))
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """Presses the key under the pointer."""
        for right, key in self._spans:
            if event.x < right:
                self.app.simulate_key(key)
                return


class EntryBar(Horizontal):
    """A row above the keys in which something is typed, hidden until it is wanted; notifications stand above it."""

    def appear(self, *, on: bool) -> None:
        """Shows or hides it."""
        self.display = on
        self.screen.set_class(any(bar.display for bar in self.screen.query(EntryBar)), "-entry")


class SearchBar(EntryBar):
    """The search's input, hidden until it is wanted."""

    def compose(self) -> ComposeResult:
        """A slash, the input, and how many hits there are."""
        yield Label("/", id="search-slash", markup=False)
        yield Input(id="search-input", compact=True, select_on_focus=False)
        yield Label("", id="search-state", markup=False)

    def say(self, text: str) -> None:
        """Shows how the search stands."""
        self.query_one("#search-state", Label).update(Content(text))
