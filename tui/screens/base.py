"""What the main screen and the raw log have in common: search, hits, following, copying."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import wraps
from typing import ClassVar, Concatenate, ParamSpec, TypeVar

from textual import on
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker, get_current_worker

from parsers.ends.model import Ends
from parsers.showable import showable
from tui.widgets.bars import SearchBar
from tui.widgets.needle import Needle
from tui.widgets.rows import RowView
from tui.widgets.rowsource import RowSource
from tui.worker import OpenLog

MAX_HITS = 1_000_000
"""Rows with a hit that are kept; a search stops there and says so."""

_BATCH = 0.1


class HitsFound(Message):
    """A search found rows, or (`done`) came to its end."""

    def __init__(self, source: RowSource, needle: Needle, rows: array[int], *, done: bool) -> None:
        super().__init__()
        self.source = source
        self.needle = needle
        self.rows = rows
        self.done = done


P = ParamSpec("P")
S = TypeVar("S", bound="LogScreen")


def still(method: Callable[Concatenate[S, P], None]) -> Callable[Concatenate[S, P], None]:
    """For methods that read models: holds all of them still meanwhile."""

    @wraps(method)
    def held(self: S, /, *args: P.args, **kwargs: P.kwargs) -> None:
        with ExitStack() as stack:
            for log in self.logs:
                stack.enter_context(log.reading())
            method(self, *args, **kwargs)

    return held


class LogScreen(Screen[None]):
    """A screen with row views, one of which has the focus."""

    CONTEXTS: ClassVar[tuple[str, ...]]
    """Where the keys that work here come from, in the table of keys."""

    def __init__(self, logs: Sequence[OpenLog]) -> None:
        super().__init__()
        self.logs = logs
        self.ends = Ends()
        """Both ends of the run, once every log was read."""
        self._searched: RowView | None = None
        self._origin = 0
        self._waits_for_first = False
        self._searched_rows = 0

    def view(self) -> RowView:
        """The view that keys of this screen are for."""
        raise NotImplementedError

    def log_changed(self, log: OpenLog) -> None:
        """Takes in what a message of the reader said."""
        raise NotImplementedError

    def leave(self) -> None:
        """Goes back, where there is no search to end."""
        raise NotImplementedError

    # Search

    def action_search(self) -> None:
        """Opens the search in the focused view."""
        self._searched = self.view()
        self._origin = self._searched.cursor
        bar = self.query_one(SearchBar)
        bar.appear(on=True)
        bar.say("")
        entry = bar.query_one(Input)
        entry.value = ""
        entry.focus()

    @on(Input.Changed, "#search-input")
    def _search_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._searched is not None:
            self._look_for(self._searched, Needle(event.value), jump=True)

    def _look_for(self, view: RowView, needle: Needle, *, jump: bool) -> None:
        self.workers.cancel_group(self, "search")
        view.set_hits(needle if needle.text else None, array("Q"))
        if not needle.text:
            self.query_one(SearchBar).say("")
            return
        self._waits_for_first = jump
        self._searched_rows = len(view.source)
        source = view.source
        self.run_worker(
            lambda: self._search(source, needle),
            name="search", group="search", thread=True, exclusive=True, exit_on_error=False,
        )  # fmt: skip

    def _search(self, source: RowSource, needle: Needle) -> None:
        worker = get_current_worker()
        found, due, total = array("Q"), time.monotonic() + _BATCH, 0
        for rows in source.search(needle, lambda: worker.is_cancelled):
            found.extend(rows)
            if time.monotonic() >= due and found:
                self.post_message(HitsFound(source, needle, found, done=False))
                total += len(found)
                found, due = array("Q"), time.monotonic() + _BATCH
                if total >= MAX_HITS:
                    break
        if not worker.is_cancelled:
            self.post_message(HitsFound(source, needle, found, done=True))

    @on(HitsFound)
    def _hits_found(self, event: HitsFound) -> None:
        view = self._searched
        if view is None or view.source is not event.source or view.needle != event.needle:
            return
        hits = view.hits if isinstance(view.hits, array) else array("Q")
        hits.extend(event.rows)
        view.set_hits(event.needle, hits)
        if self._waits_for_first and hits and (hits[-1] >= self._origin or event.done):
            self._waits_for_first = False
            view.next_hit(1, origin=self._origin)
        self._say_hits(view, done=event.done)

    def _say_hits(self, view: RowView, *, done: bool = True) -> None:
        total = len(view.hits)
        if not total:
            text = "no hit" if done else "searching …"
        else:
            place = next_place(view)
            text = f"{place:,} of {total:,}" + ("" if done else " …") + ("+" if total >= MAX_HITS else "")
        self.query_one(SearchBar).say(text)

    @on(Input.Submitted, "#search-input")
    def _search_done(self, event: Input.Submitted) -> None:
        event.stop()
        if self._searched is not None:
            self._searched.focus()
        self.query_one(SearchBar).appear(on=bool(event.value))

    def action_hit(self, step: int) -> None:
        """Goes to the next or previous hit."""
        view = self._searched
        if view is None or view.needle is None:
            self.notify("Nothing was searched for yet: / searches.", markup=False)
            return
        if len(view.source) != self._searched_rows:
            self._origin = view.cursor
            self._look_for(view, view.needle, jump=False)
        elif view.next_hit(step):
            self._say_hits(view)

    def _end_search(self) -> bool:
        bar = self.query_one(SearchBar)
        if not bar.display:
            return False
        self.workers.cancel_group(self, "search")
        typing = bar.query_one(Input).has_focus
        bar.appear(on=False)
        if self._searched is not None:
            if typing:
                self._searched.move_cursor(self._origin, centre=True)
            self._searched.set_hits(None, ())
            self._searched.focus()
        return True

    # The rest

    def action_back(self) -> None:
        """Ends the search, or goes back."""
        if not self._end_search():
            self.leave()

    def action_follow(self) -> None:
        """Follows the newest row of the focused view, or stops to."""
        view = self.view()
        view.set_follow(not view.follow)

    def action_copy(self) -> None:
        """Copies what the cursor stands on; the app redacts it."""
        view = self.view()
        if not len(view.source):
            return
        text = view.source.copied(view.cursor)
        self.app.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        self.notify(f"Copied {lines} line{'s' if lines > 1 else ''}.", timeout=2, markup=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Says that a search broke, instead of ending the program."""
        if event.worker.error is not None and event.worker.group == "search":
            self.notify(f"The search broke: {showable(str(event.worker.error))}", severity="error", markup=False)


def next_place(view: RowView) -> int:
    """The number (from 1) of the hit at the cursor, or of the last one above it."""
    return max(1, bisect_right(view.hits, view.cursor))
