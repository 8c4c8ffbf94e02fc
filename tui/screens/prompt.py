"""What a run asks on its terminal, as a dialog; and who opens and closes it.

What is typed goes to the run and nowhere else: it is no part of a message, a log, a history or the clipboard.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from parsers.showable import showable
from tui.sources.base import AskingSource, SourceError
from tui.sources.questions import Question
from tui.worker import OpenLog

EVERY = 0.05
"""Seconds between two looks for a question."""

HANDS_OFF = 0.4
"""Seconds since the last key, before a dialog comes by itself: what was typed for the screen must not answer a run."""

_LINE_HELP = "enter sends · esc later (i asks again) · ctrl+d no answer · ctrl+c interrupts the run"
_KEYS_HELP = "each key goes to the run as it is pressed · esc later (i asks again) · ctrl+c, ctrl+d too"


class AnswerInput(Input):
    """A line for an answer. Nothing of a hidden one can be copied."""

    def action_copy(self) -> None:
        """Only what can be read anyway."""
        if not self.password:
            super().action_copy()

    def action_cut(self) -> None:
        """Only what can be read anyway."""
        if not self.password:
            super().action_cut()


class AnswerKeys(Widget, can_focus=True):
    """Takes single keys, for a run that reads them as they are pressed (`pause`)."""

    def __init__(self, send: Callable[[str], None], erase: Callable[[], None], *, secret: bool) -> None:
        super().__init__(id="prompt-keys")
        self._send = send
        self._erase = erase
        self.secret = secret
        self._typed = ""

    def render(self) -> Content:
        """What was typed since the last enter, as dots where it is hidden."""
        shown = "•" * len(self._typed) if self.secret else showable(self._typed)
        return Content.assemble(shown, ("▏", "$text-accent"))

    def on_key(self, event: events.Key) -> None:
        """Sends the key, if it is one that a line could hold."""
        if event.key == "enter":
            self._typed = ""
            self._send("\r")
        elif event.key in ("backspace", "ctrl+h"):
            self._typed = self._typed[:-1]
            self._erase()
        elif event.character is not None and event.is_printable:
            self._typed += event.character
            self._send(event.character)
        else:
            return
        event.stop()
        self.refresh()

    def on_paste(self, event: events.Paste) -> None:
        """The first line of it; an enter is for the user to press."""
        event.stop()
        line = "".join(letter for letter in (event.text.splitlines() or [""])[0] if letter.isprintable())
        self._typed += line
        self._send(line)
        self.refresh()


class PromptScreen(ModalScreen[bool]):
    """Asks what the run asks. The result says whether the question was put off."""

    CSS_PATH = "../styles/prompt.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "later", "later", priority=True),
        Binding("ctrl+c", "interrupt", "interrupt the run", priority=True),
        Binding("ctrl+d", "end_input", "no answer", priority=True),
        Binding("up", "scroll(-1)", "scroll up"),
        Binding("down", "scroll(1)", "scroll down"),
        Binding("pageup", "scroll(-8)", "scroll up"),
        Binding("pagedown", "scroll(8)", "scroll down"),
    ]

    def __init__(self, source: AskingSource, question: Question) -> None:
        super().__init__()
        self.source = source
        self.question = question

    def compose(self) -> ComposeResult:
        """The run's own words, and a place for the answer."""
        with Vertical(id="prompt"):
            with VerticalScroll(id="prompt-text", can_focus=False):
                yield Static(id="prompt-words")
            yield Static(id="prompt-several")
            if self.question.keys:
                yield AnswerKeys(self._press, self._erase, secret=self.question.secret)
            else:
                yield AnswerInput(password=self.question.secret, id="prompt-answer", select_on_focus=False)
            yield Static(Content(_KEYS_HELP if self.question.keys else _LINE_HELP), id="prompt-help")

    def on_mount(self) -> None:
        """Puts the cursor where the answer goes."""
        hidden = " · what you type is not shown" if self.question.secret else ""
        self.query_one("#prompt").border_title = Content(f"The run asks{hidden}")
        self.query_one("#prompt-keys" if self.question.keys else "#prompt-answer").focus()
        self._put()

    def show(self, question: Question) -> bool:
        """Takes over what the question has become; False where it needs another dialog."""
        if question.keys != self.question.keys or (not question.keys and question.secret != self.question.secret):
            return False
        self.question = question
        if self.is_mounted:
            self._put()
            for keys in self.query(AnswerKeys):
                keys.secret = question.secret
        return True

    def _put(self) -> None:
        """Shows the words, their end where they are many: there stands what is asked."""
        self.query_one("#prompt-words", Static).update(_words(self.question))
        self.query_one("#prompt-several", Static).update(Content(_SEVERAL.format(self.question.readers)))
        self.query_one("#prompt").set_class(self.question.readers > 1, "several")
        self.query_one("#prompt-text").scroll_end(animate=False)

    def action_scroll(self, lines: int) -> None:
        """Moves through long words."""
        self.query_one("#prompt-text").scroll_relative(y=lines, animate=False)

    @on(Input.Submitted, "#prompt-answer")
    def _answered(self, event: Input.Submitted) -> None:
        event.stop()
        answer = event.input.value
        event.input.value = ""
        if self._tried(lambda: self.source.answer(answer)):
            self.dismiss(False)

    def _press(self, text: str) -> None:
        self._tried(lambda: self.source.press(text))

    def _erase(self) -> None:
        self._tried(self.source.erase)

    def _tried(self, send: Callable[[], None]) -> bool:
        try:
            send()
        except SourceError as error:
            self.notify(showable(str(error)), severity="error", markup=False)
            return False
        return True

    def action_later(self) -> None:
        """Closes the dialog; the run goes on waiting."""
        self.dismiss(True)

    def action_interrupt(self) -> None:
        """Ctrl-C, for the run."""
        self.source.interrupt()

    def action_end_input(self) -> None:
        """Says that no answer will come."""
        self._tried(self.source.end_input)


def _words(question: Question) -> Content:
    lines = [showable(line) for line in question.text.split("\n")] if question.text.strip() else [_SILENT]
    return Content("\n".join(lines))


_SEVERAL = (
    "{} processes ask at once (one per host, as a rule). An answer goes to one of them; the others ask again. "
    "With ssh-agent, or with --forks 1, they do not."
)
_SILENT = "The run reads from its terminal, and has not said what it wants."


class Prompts:
    """Opens a dialog when a run asks, and closes it when it no longer does."""

    def __init__(self, app: App[int], logs: Sequence[OpenLog]) -> None:
        """`logs` may grow."""
        self._app = app
        self._logs = logs
        self._open: PromptScreen | None = None
        self._put_off: tuple[AskingSource, int] | None = None
        self._typed_at = -HANDS_OFF

    def typed(self) -> None:
        """A key was pressed; one for a question keeps no other question back."""
        if not isinstance(self._app.screen, PromptScreen):
            self._typed_at = time.monotonic()

    def look(self) -> None:
        """Looks once."""
        for log in self._logs:
            source = log.asking
            if source is None:
                continue
            question = source.question()
            log.asks = question is not None and self._open is None
            if self._open is not None and self._open.source is source:
                self._update(self._open, question)
            elif question is not None and self._open is None and (source, question.serial) != self._put_off:
                self._ask(source, question)

    def _update(self, screen: PromptScreen, question: Question | None) -> None:
        if question == screen.question or (question is not None and screen.show(question)):
            return
        if screen is self._app.screen:
            self._open = None
            screen.dismiss(False)

    def _ask(self, source: AskingSource, question: Question) -> None:
        if isinstance(self._app.screen, ModalScreen):
            return  # one question after the other
        if time.monotonic() - self._typed_at < HANDS_OFF:
            return
        self._open = screen = PromptScreen(source, question)
        self._app.push_screen(screen, lambda later: self._closed(screen, later=bool(later)))

    def _closed(self, screen: PromptScreen, *, later: bool) -> None:
        if later:
            self._app.notify("The run still waits for an answer: i asks again.", timeout=8, markup=False)
            self._put_off = screen.source, screen.question.serial
        if self._open is screen:
            self._open = None

    def again(self) -> bool:
        """Asks what was put off; False where nothing is."""
        self._put_off = None
        self._typed_at = -HANDS_OFF
        self.look()
        return self._open is not None
