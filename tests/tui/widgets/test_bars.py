"""The one-line bars, by what they show and by the mouse."""

from __future__ import annotations

from tests.tui.hand import SAMPLES, HandSource, opened, shows, until
from tui.screens.help import HelpScreen
from tui.widgets.bars import KeyBar, TabBar, live_keys

LOG = SAMPLES / "python-missing-2.19.log"


async def test_the_key_bar_follows_the_focus_and_the_keymap() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await shows(pilot, "j/k host   [ ] task   1-4 pane   e/E problem   / search")
        await pilot.press("4")
        await shows(pilot, "j/k line", "enter evidence")
        app.set_keymap({"app.help": "f1"})
        await shows(pilot, "f1 help")
        assert live_keys(app.screen)["app.help"] == ["f1"]


async def test_in_eighty_columns_the_bar_still_has_search_and_help() -> None:
    async with opened(HandSource(LOG), size=(80, 24)) as (_, pilot):
        await shows(pilot, "/ search", "? help")


async def test_a_click_in_the_key_bar_presses_the_key() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        text = await shows(pilot, "? help")
        column = text.splitlines()[-1].index("? help")
        await pilot.click(KeyBar, offset=(column, 0))
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_a_click_on_a_tab_shows_its_pane() -> None:
    async with opened(HandSource(LOG), size=(80, 24)) as (app, pilot):
        await pilot.click(TabBar, offset=(14, 0))
        await shows(pilot, "[2 stages]", "Stages · db1")
        assert app.screen.focused is not None
        assert app.screen.focused.id == "stages"


async def test_while_searching_the_bar_says_how_to_end_it() -> None:
    async with opened(HandSource(LOG)) as (_, pilot):
        await pilot.press("slash")
        await shows(pilot, "enter keep the hits", "esc give up the search")
