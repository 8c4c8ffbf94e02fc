"""The dialog of a run that asks: what it shows, what the run gets, and when it comes and goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.hand import HOSTILE, HandRun, HandSource, opened, screen_text, settled, shows, until
from tui.screens.main import MainScreen
from tui.screens.prompt import EVERY, AnswerInput, PromptScreen
from tui.sources.base import AskingSource, SourceError
from tui.sources.launch import LaunchedRun
from tui.sources.questions import Question

SECRET = "correct-horse-staple"


class AskingRun(HandRun):
    """A run that asks what the test wants, and keeps what it is told."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asks: Question | None = None
        self.broken = False

    def question(self) -> Question | None:
        return self.asks

    def answer(self, text: str) -> None:
        if self.broken:
            raise SourceError("the run takes no input [/foo]")
        self.said.append(f"line {text}")
        self.asks = None

    def press(self, text: str) -> None:
        self.said.append(f"key {text!r}")

    def erase(self) -> None:
        self.said.append("erase")

    def end_input(self) -> None:
        self.said.append("end of input")

    def interrupt(self) -> None:
        self.said.append("interrupt")

    def resize(self, rows: int, columns: int) -> None:
        self.size_is = rows, columns


@pytest.fixture
def run(tmp_path: Path) -> AskingRun:
    path = tmp_path / "run.log"
    path.write_bytes(b"")
    source = AskingRun(path)
    assert isinstance(source, AskingSource)
    return source


def question(text: str = "SSH password:", *, secret: bool = True, keys: bool = False, serial: int = 1) -> Question:
    return Question(text, secret, keys, serial)


async def test_a_password_is_asked_for_behind_dots(run: AskingRun) -> None:
    async with opened(run) as (app, pilot):
        run.asks = question()
        await shows(pilot, "SSH password:", "what you type is not shown")
        await pilot.press(*"hunter2")
        text = await shows(pilot, "•" * 7)
        assert "hunter2" not in text
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert run.said == ["line hunter2"]


async def test_nothing_hidden_can_be_copied(run: AskingRun) -> None:
    async with opened(run) as (app, pilot):
        run.asks = question()
        await shows(pilot, "SSH password:")
        await pilot.press(*"hunter2")
        entry = app.screen.query_one(AnswerInput)
        entry.action_select_all()
        entry.action_cut()
        entry.action_copy()
        assert app.clipboard == ""
        run.asks = question(secret=False, serial=2)
        await shows(pilot, "The run asks ─")
        await pilot.press(*"shown")
        entry = app.screen.query_one(AnswerInput)
        entry.action_select_all()
        entry.action_copy()
        assert app.clipboard == "shown"


async def test_a_question_in_clear_is_shown_as_it_is_typed(run: AskingRun) -> None:
    async with opened(run) as (_, pilot):
        run.asks = question("Are you sure (yes/no/[fingerprint])?", secret=False)
        await shows(pilot, "Are you sure (yes/no/[fingerprint])?")
        await pilot.press(*"yes")
        await shows(pilot, "yes")
        await pilot.press("enter")
        await until(pilot, lambda: run.said == ["line yes"])


async def test_several_that_ask_at_once_are_said(run: AskingRun) -> None:
    async with opened(run) as (_, pilot):
        run.asks = Question("Enter passphrase for key 'k':", secret=True, keys=False, serial=1, readers=3)
        await shows(pilot, "3 processes ask at once", "--forks 1")


async def test_of_long_words_the_end_shows_and_the_rest_is_a_key_away(run: AskingRun) -> None:
    """ssh names up to eight other names of a host key between its first words and its question."""
    names = "\n".join(f"    ~/.ssh/known_hosts:{line}: db{line}" for line in range(30))
    async with opened(run, size=(80, 24)) as (_, pilot):
        run.asks = Question(f"The authenticity\n{names}\nAre you sure (yes/no)?", False, False, 1, readers=3)
        text = await shows(pilot, "Are you sure (yes/no)?", "3 processes ask at once", "ctrl+d no answer")
        assert "The authenticity" not in text
        await pilot.press(*["pageup"] * 5)
        await shows(pilot, "The authenticity")
        await pilot.press(*["pagedown"] * 5, "up", "down")
        await shows(pilot, "Are you sure (yes/no)?")
        assert not run.said


async def test_hostile_words_are_text(run: AskingRun) -> None:
    async with opened(run) as (_, pilot):
        for serial, raw in enumerate(HOSTILE):
            run.asks = question(raw.decode("utf-8", "replace"), serial=serial, secret=False)
            await settled(pilot)
        await shows(pilot, "invalid")


async def test_esc_puts_it_off_and_i_asks_again(run: AskingRun) -> None:
    """The keys are the main screen's again; another question comes by itself."""
    async with opened(run) as (app, pilot):
        run.asks = question()
        await shows(pilot, "SSH password:")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        await shows(pilot, "live 00:12 · waits for your answer (i)", "The run still waits for an answer")
        assert isinstance(app.screen, MainScreen)
        assert run.said == []
        await pilot.press("i")
        await shows(pilot, "SSH password:")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        run.asks = question("BECOME password:", serial=2)
        await shows(pilot, "BECOME password:")


async def test_a_question_waits_until_the_hands_are_still(run: AskingRun) -> None:
    """Who types in the search field has not answered a run whose question comes in between."""
    async with opened(run) as (app, pilot):
        await pilot.press("slash", "w")
        run.asks = question()
        for _ in range(8):
            await pilot.pause(EVERY)
            await pilot.press("e")
        assert not isinstance(app.screen, PromptScreen)
        await shows(pilot, "SSH password:")
        await pilot.press("enter")
        assert run.said == ["line "]


async def test_i_without_a_question(run: AskingRun) -> None:
    async with opened(run) as (_, pilot):
        await pilot.press("i")
        await shows(pilot, "Nothing is asked.")


async def test_it_goes_when_the_question_does(run: AskingRun) -> None:
    """The time of a pause is over, or the run has ended."""
    async with opened(run) as (app, pilot):
        run.asks = question("Pausing for 3 seconds", keys=True)
        await shows(pilot, "Pausing for 3 seconds")
        run.asks = None
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def test_keys_go_as_they_are_pressed(run: AskingRun) -> None:
    """Also those that the program would have taken."""
    async with opened(run) as (app, pilot):
        run.asks = question("[pause]\nGo on:", keys=True, secret=False)
        await shows(pilot, "Go on:")
        await pilot.press("q", "é", "backspace", "space", "enter", "ctrl+c", "ctrl+d", "tab")
        assert run.said == ["key 'q'", "key 'é'", "erase", "key ' '", "key '\\r'", "interrupt", "end of input"]
        assert isinstance(app.screen, PromptScreen)
        run.asks = question("Press 'C' to continue the play or 'A' to abort", keys=True, secret=False, serial=2)
        await shows(pilot, "Press 'C'")


@pytest.mark.parametrize(("key", "said"), [("ctrl+c", "interrupt"), ("ctrl+d", "end of input")])
async def test_no_answer(key: str, said: str, run: AskingRun) -> None:
    async with opened(run) as (_, pilot):
        run.asks = question()
        await shows(pilot, "SSH password:")
        await pilot.press(key)
        assert run.said == [said]


async def test_an_answer_that_is_not_taken_is_said(run: AskingRun) -> None:
    async with opened(run) as (app, pilot):
        run.asks = question()
        run.broken = True
        await shows(pilot, "SSH password:")
        await pilot.press("x", "enter")
        await shows(pilot, "the run takes no input [/foo]")
        assert isinstance(app.screen, PromptScreen)


async def test_it_waits_behind_another_dialog(run: AskingRun) -> None:
    async with opened(run) as (app, pilot):
        await pilot.press("q")
        await shows(pilot, "The run is still going on")
        run.asks = question()
        await pilot.pause(0.2)
        assert "SSH password:" not in screen_text(app)
        await pilot.press("escape")
        await shows(pilot, "SSH password:")


async def test_the_run_has_the_screen_s_size(run: AskingRun) -> None:
    async with opened(run, size=(100, 30)) as (_, pilot):
        assert run.size_is == (30, 100)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: run.size_is == (24, 80))


async def test_ctrl_c_goes_to_the_run_and_the_second_ends_it(run: AskingRun) -> None:
    async with opened(run) as (app, pilot):
        await pilot.press("ctrl+c")
        await shows(pilot, "The run got ctrl+c")
        assert run.said == ["interrupt"]
        await pilot.press("ctrl+c")
        await until(pilot, lambda: run.said == ["interrupt", "stop"])
        await shows(pilot, "ended by signal 15")
        assert app.is_running


async def test_ctrl_c_with_no_run(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"")
    async with opened(HandSource(tmp_path / "x.log")) as (_, pilot):
        await pilot.press("ctrl+c")
        await shows(pilot, "There is no run to interrupt")


REAL: list[tuple[str, Callable[[str], str]]] = [
    ("import getpass; print(len(getpass.getpass('Vault password: ')))", lambda text: f"{len(text)}\n"),
    ("print(len(input('Name: ')))", lambda text: f"Name: {len(text)}\n"),
]


@pytest.mark.parametrize(("code", "expected"), REAL)
async def test_a_real_command_and_no_file_that_holds_the_answer(
    code: str, expected: Callable[[str], str], tmp_path: Path
) -> None:
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    launched = LaunchedRun([sys.executable, "-c", code], environ)
    async with opened(launched) as (app, pilot):
        await shows(pilot, "The run asks")
        await pilot.press(*SECRET.replace("-", "_"), "enter")
        await until(pilot, lambda: launched.poll() is not None)
        await shows(pilot, "The run is over: exit code 0")
        assert isinstance(app.screen, MainScreen)
    assert launched.path.read_text() == expected(SECRET)
    launched.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert launched.path in files
    assert not [path for path in files if b"correct" in path.read_bytes()]
