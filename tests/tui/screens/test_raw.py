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
