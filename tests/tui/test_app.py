"""The application: errors, the end of a run, quitting, themes, the palette, and each key of the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App
from textual.command import CommandPalette
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Key, Resize
from textual.geometry import Size
from textual.widgets._toast import Toast

from parsers.showable import is_showable
from tests.tui.hand import HOSTILE, SAMPLES, HandRun, HandSource, opened, screen_text, settled, shows, until
from tui import keys
from tui.screens.help import HelpScreen
from tui.screens.main import MainScreen
from tui.screens.quit import QuitScreen
from tui.sources.base import SourceError
from tui.sources.follow import FollowedFile
from tui.widgets.bars import KeyBar
from tui.worker import OpenLog

LOG = SAMPLES / "python-missing-2.19.log"


async def test_readers_are_told_of_a_key_before_the_screen_gets_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(LOG.read_bytes())
    monkeypatch.setattr(App, "get_driver_class", lambda _: HeadlessDriver)
    told: list[str] = []
    async with opened(HandSource(path)) as (app, pilot):
        monkeypatch.setattr(OpenLog, "give_way", lambda _: told.append("reader"))
        monkeypatch.setattr(HeadlessDriver, "send_message", lambda _, message: told.append(type(message).__name__))
        driver = app.get_driver_class()(app)
        driver.send_message(Key("j", "j"))
        driver.send_message(Resize(Size(80, 24), Size(80, 24)))
        assert told == ["reader", "Key", "Resize"]
        await settled(pilot)


@pytest.fixture
def run(tmp_path: Path) -> HandRun:
    path = tmp_path / "run.log"
    path.write_bytes(b"PLAYBOOK: ping.yml ****\n")
    return HandRun(path)


async def test_a_source_that_breaks_is_said_with_its_name_and_no_markup_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"")

    class Breaks(HandSource):
        def read(self) -> bytes:
            raise SourceError(f"gone: {HOSTILE[0].decode()} {HOSTILE[1].decode('latin-1')}")

    async with opened(Breaks(path, name="x [/foo].log")) as (app, pilot):
        text = await shows(pilot, "x [/foo].log: gone", "not read to its end", "the log 1 note")
        assert all(is_showable(line) for line in text.splitlines())
        assert app.is_running


async def test_a_notification_hides_nothing_of_a_pane() -> None:
    """It has rows of its own, and gives them back."""
    async with opened(HandSource(LOG), size=(80, 24)) as (app, pilot):
        await pilot.press("4", "y")
        await settled(pilot)
        await shows(pilot, "Copied")
        toast = app.screen.query_one(Toast).region
        assert not toast.overlaps(app.screen.query_one("#hint").region)
        assert not toast.overlaps(app.screen.query_one(KeyBar).region)
        app.clear_notifications()
        await until(pilot, lambda: app.screen.query_one("#bottom").region.bottom == 23)


async def test_a_notification_stands_above_what_is_typed() -> None:
    async with opened(HandSource(LOG), size=(80, 24)) as (app, pilot):
        await pilot.press("slash", "p")
        app.notify("x [/foo]", markup=False)
        await shows(pilot, "x [/foo]", "/ p")
        await until(pilot, lambda: app.screen.query_one(Toast).region.bottom == 22)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.query_one(Toast).region.bottom == 23)


@pytest.mark.parametrize("raw", [b"", b"nothing of the kind\n", HOSTILE[3] * 50, b"x" * 3_000_000])
async def test_a_log_with_nothing_of_ansible_is_said_to_be_so(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(raw)
    async with opened(HandSource(path)) as (_, pilot):
        await shows(pilot, "nothing of Ansible in it")
        await pilot.press("e", "2", "3", "4", "r", "G")
        await settled(pilot)


async def test_the_end_of_a_run_is_said_with_its_code_and_recording(run: HandRun) -> None:
    async with opened(run) as (app, pilot):
        await shows(pilot, "live 00:12")
        run.end(2)
        await shows(pilot, "exit 2 after 00:12", "The run is over: exit code 2")
        assert app.exit_code() == 2
        await pilot.press("q")
    assert app.return_value == 2


async def test_a_signal_s_exit_code_is_the_shell_s(run: HandRun) -> None:
    async with opened(run) as (app, pilot):
        run.end(-9)
        await shows(pilot, "ended by signal 9")
        assert app.exit_code() == 137


@pytest.mark.parametrize(("key", "said", "code"), [("e", ["stop"], 143), ("l", ["leave"], 0)])
async def test_quitting_while_a_run_goes_on_asks(run: HandRun, key: str, said: list[str], code: int) -> None:
    async with opened(run) as (app, pilot):
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, QuitScreen))
        await shows(pilot, "ansible-playbook ping.yml -e 'x=[/foo]'", "Leave it running")
        await pilot.press(key)
        await until(pilot, lambda: app.return_value is not None)
    assert run.said == said
    assert app.return_value == code


async def test_a_run_that_ends_with_the_program_cannot_be_left(run: HandRun) -> None:
    run.can_be_left = False
    async with opened(run) as (app, pilot):
        await pilot.press("q")
        await shows(pilot, "End the run")
        assert "Leave it running" not in screen_text(app)
        await pilot.press("l", "escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert run.said == []
        run.end(0)


async def test_cancel_and_escape_change_nothing(run: HandRun) -> None:
    async with opened(run) as (app, pilot):
        for key in ("escape", "enter"):
            await pilot.press("ctrl+q")
            await until(pilot, lambda: isinstance(app.screen, QuitScreen))
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert run.said == []
        run.end(0)


async def test_quitting_an_old_log_asks_nothing() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("q")
    assert app.return_value == 0


async def test_ctrl_c_does_not_quit() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("ctrl+c")
        await settled(pilot)
        assert app.is_running
        assert app.return_value is None


async def test_t_changes_between_light_and_dark() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        assert app.theme == "sshdebug-dark"
        await pilot.press("t")
        assert app.theme == "sshdebug-light"
        await pilot.press("t")
        assert app.theme == "sshdebug-dark"


async def test_help_shows_the_live_keymap() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        app.set_keymap({"main.zoom": "ctrl+o"})
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("G")
        for _ in range(12):
            await pilot.press("k")
        await shows(pilot, "ctrl+o")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def test_the_palette_runs_the_table_s_actions() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"maximise")
        await shows(pilot, "Maximise the pane, and back")
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, MainScreen) and app.screen.has_class("-single"))


@pytest.mark.parametrize("context", [keys.MAIN, keys.RAW, keys.FINDINGS, keys.CHANNELS])
async def test_each_key_of_the_table_does_something_and_breaks_nothing(context: str) -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        opener = {keys.RAW: "r", keys.FINDINGS: "f", keys.CHANNELS: "c"}.get(context)
        if opener:
            await pilot.press(opener)
        for key in keys.KEYS:
            if key.id == "app.quit" or not {context, keys.APP, keys.ROWS} & set(key.contexts):
                continue
            for name in key.keys.split(","):
                before = app.screen
                await pilot.press(name)
                await pilot.press("escape")
                if opener and isinstance(app.screen, MainScreen):
                    await pilot.press(opener)
                assert app.is_running, name
                assert type(app.screen) is type(before) or opener, name


async def test_several_logs_stand_under_their_names() -> None:
    first = HandSource(LOG, name="a.log")
    second = HandSource(SAMPLES / "ping-ok-2.16.log", name="b.log")
    async with opened(first, second) as (_, pilot):
        await shows(pilot, "── ping.yml · a.log", "── ping.yml · b.log", "2 problems")


async def test_without_colour_states_are_told_by_sign_and_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(HandSource(LOG)) as (_, pilot):
        await shows(pilot, "✔ web1 ok", "▌✖ db1  failed exec", "err ▏")


async def test_a_log_that_grows_is_live_until_its_end(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(LOG.read_bytes())

    class Slow(HandSource):
        """Gives the first bytes, and the rest when it is let go."""

        waits = True

        def read(self) -> bytes:
            if self._file.tell() and self.waits:
                return b""
            self.live = self.waits
            return self._file.read(200_000)

    source = Slow(path, live=True)
    async with opened(source) as (app, pilot):
        await until(pilot, lambda: app.logs[0].bytes == 200_000)
        await shows(pilot, "ping.yml · ansible-core 2.19.14 · live 00:0")
        source.waits = False
        await shows(pilot, "complete", "2 problems")


@pytest.mark.parametrize("keys_before", [(), ("r",)])
async def test_a_log_that_is_rotated_begins_anew(tmp_path: Path, keys_before: tuple[str, ...]) -> None:
    path = tmp_path / "run.log"
    path.write_bytes(LOG.read_bytes())
    source = FollowedFile("run.log", path)
    async with opened(source) as (app, pilot):
        await until(pilot, lambda: app.logs[0].bytes == path.stat().st_size)
        await shows(pilot, "✖ db1")
        await pilot.press(*keys_before)
        path.unlink()
        path.write_bytes((SAMPLES / "ping-ok-2.16.log").read_bytes())
        await until(pilot, lambda: app.logs[0].generation == 1 and app.logs[0].bytes == path.stat().st_size)
        await shows(pilot, "run.log began anew")
        await until(pilot, lambda: not [item for item in app.logs[0].findings if item.severity == "error"])
        await pilot.press("escape", "3", "G", "r", "G")
        await settled(pilot)
        assert app.is_running
