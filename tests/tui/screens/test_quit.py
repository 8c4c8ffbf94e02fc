"""The question before quitting, on its own; what the app does with the answer is in test_app."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App

import tui.styles
from parsers.showable import is_showable
from tests.tui.hand import HOSTILE, screen_text, settled, until
from tui.screens.quit import CANCEL, END, LEAVE, QuitScreen


class Asks(App[None]):
    CSS_PATH = Path(tui.styles.__file__).parent / "app.tcss"

    def __init__(self, *, can_leave: bool = True) -> None:
        super().__init__()
        self.can_leave = can_leave
        self.answers: list[str | None] = []

    def on_mount(self) -> None:
        command = "ansible-playbook " + HOSTILE[1].decode("latin-1")
        self.push_screen(QuitScreen(command, "/x", can_leave=self.can_leave), self.answers.append)


@pytest.mark.parametrize(
    ("pressed", "answer"),
    [
        (("e",), END),
        (("l",), LEAVE),
        (("escape",), CANCEL),
        (("enter",), CANCEL),
        (("k", "enter"), LEAVE),
        (("up", "up", "enter"), END),
    ],
)
async def test_answers(pressed: tuple[str, ...], answer: str) -> None:
    app = Asks()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*pressed)
        await until(pilot, lambda: app.answers)  # type: ignore[arg-type]
        assert app.answers == [answer]


async def test_a_hostile_command_is_shown_as_text() -> None:
    app = Asks()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        strips = app.screen._compositor.render_strips()
        assert all(is_showable("".join(segment.text for segment in strip)) for strip in strips)


async def test_no_choice_is_cut_on_a_small_terminal() -> None:
    app = Asks()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        text = screen_text(app)
        assert "after 3 s SIGKILL" in text
        assert "later questions get no answer" in text


@pytest.mark.parametrize(("pressed", "answer"), [(("l", "e"), END), (("l", "enter"), CANCEL), (("k", "enter"), END)])
async def test_a_run_that_ends_with_the_program_is_not_offered_to_go_on(pressed: tuple[str, ...], answer: str) -> None:
    app = Asks(can_leave=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "Leave it running" not in screen_text(app)
        assert "End the run" in screen_text(app)
        await pilot.press(*pressed)
        await until(pilot, lambda: app.answers)  # type: ignore[arg-type]
        assert app.answers == [answer]
