"""The raw log screen: search in a thread, evidence, following a log that grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.hand import SAMPLES, HandSource, opened, settled, shows, until
from tui.screens.main import MainScreen
from tui.screens.raw import RawScreen

LOG = SAMPLES / "python-missing-2.19.log"


def raw(app: object) -> RawScreen:
    screen = app.screen  # type: ignore[attr-defined]
    assert isinstance(screen, RawScreen)
    return screen


async def test_search_is_incremental_and_goes_through_all_hits() -> None:
    wanted = [at for at, line in enumerate(LOG.read_bytes().split(b"\n")) if b"not found" in line.lower()]
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("r", "g", "slash", *"not", "space", *"found")
        await app.workers.wait_for_complete()
        await settled(pilot)
        view = raw(app).view()
        assert list(view.hits) == wanted
        assert view.cursor == wanted[0]
        await pilot.press("enter", "n")
        assert view.cursor == wanted[1 % len(wanted)]
        await shows(pilot, f"of {len(wanted)}")
        await pilot.press("escape")
        assert view.needle is None
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, MainScreen)


async def test_escape_while_typing_goes_back_to_where_the_search_began() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("r", "g", "j", "j", "slash", *"recap")
        await app.workers.wait_for_complete()
        await settled(pilot)
        assert raw(app).view().cursor > 2
        await pilot.press("escape")
        assert raw(app).view().cursor == 2


async def test_no_hit_is_said() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("r", "slash", *"XYZZY")
        await app.workers.wait_for_complete()
        await settled(pilot)
        await shows(pilot, "no hit")


async def test_e_goes_from_evidence_to_evidence() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("4", "enter")
        await settled(pilot)
        view = raw(app).view()
        first = view.cursor
        await pilot.press("e")
        second = view.cursor
        await pilot.press("E")
        assert view.cursor == first != second
        await shows(pilot, "◆ evidence:")


async def test_a_growing_log_is_followed_until_the_cursor_leaves_the_end(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_bytes(b"PLAY [all] ***\n" * 50)
    source = HandSource(path, live=True)
    async with opened(source) as (app, pilot):
        await until(pilot, lambda: app.logs[0].lines == 50)
        await pilot.press("r", "F")
        view = raw(app).view()
        assert view.cursor == 49
        await shows(pilot, "following")
        with path.open("ab") as file:
            file.write(b"more\n" * 10)
        await until(pilot, lambda: app.logs[0].lines == 60)
        await settled(pilot)
        assert view.cursor == 59
        await pilot.press("k")
        assert not view.follow
        source.live = False


async def test_y_copies_the_line(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"PLAY [all] ***\nsecond\n")
    async with opened(HandSource(path)) as (app, pilot):
        await pilot.press("r", "G", "y")
        assert app.clipboard == "second"


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_e_without_evidence_says_so(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"PLAY [all] ***\n")
    async with opened(HandSource(path), size=size) as (_app, pilot):
        await pilot.press("r", "e")
        await settled(pilot)
        await shows(pilot, "No evidence is marked here.")


async def test_any_place_is_shown_before_the_lines_up_to_it_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    path.write_bytes(b"".join(b"line %d of a long log\n" % at for at in range(1, 5001)))
    source = HandSource(path)
    async with opened(source) as (app, pilot):
        main = app.screen
        assert isinstance(main, MainScreen)
        log = app.logs[0]
        log.reader()
        await pilot.press("r")
        await settled(pilot)
        screen = raw(app)
        counted = screen._rows.reader.index
        screen._rows.reader.index = type(counted)()  # as if nothing was counted yet
        await pilot.press("percent_sign", *"50", "percent_sign", "enter")
        await settled(pilot)
        await shows(pilot, "line 2543 of a long log")
        await shows(pilot, "still being counted")
        screen._rows.reader.index = counted
        screen.log_changed(log)
        await settled(pilot)
        assert screen.view().source is screen._rows
        await shows(pilot, "line 2543 of a long log")
        line = screen.view().cursor + 1
        assert path.read_bytes().split(b"\n")[line - 1] == b"line %d of a long log" % line


@pytest.mark.parametrize(("typed", "line"), [("100%", 0), ("3", 3), ("0%", 1)])
async def test_going_to_a_line_or_a_part(typed: str, line: int) -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("r")
        keys = ["percent_sign" if sign == "%" else sign for sign in typed]
        await pilot.press("percent_sign", *keys, "enter")
        await settled(pilot)
        view = raw(app).view()
        assert view.cursor + 1 == (line or len(view.source))
        await pilot.press("percent_sign", "x", "enter")
        await settled(pilot)
        await shows(pilot, "a part such as 50%")
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert isinstance(app.screen, MainScreen)
