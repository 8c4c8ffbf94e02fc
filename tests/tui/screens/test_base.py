"""What both screens share; searching itself is in test_main and test_raw."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.tui.hand import HandSource, opened, shows, until
from tui.screens import base
from tui.screens.main import MainScreen
from tui.screens.raw import RawScreen


async def test_a_model_is_held_still_while_a_screen_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"PLAY [all] ***\n")
    async with opened(HandSource(path)) as (app, _):
        assert isinstance(app.screen, MainScreen)
        log, order = app.logs[0], list[str]()

        def write() -> None:
            with log.writing():
                order.append("written")

        with log.reading(), log.reading():
            thread = threading.Thread(target=write)
            thread.start()
            app.screen.log_changed(log)
            order.append("read")
        thread.join(5)
        assert order == ["read", "written"]


async def test_a_search_stops_at_its_limit_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "MAX_HITS", 10)
    monkeypatch.setattr(base, "_BATCH", 0.0)
    path = tmp_path / "x.log"
    path.write_bytes(b"PLAY [all] ***\n" * 500_000)
    async with opened(HandSource(path)) as (app, pilot):
        await pilot.press("r", "slash", "p", "l", "a", "y")
        await app.workers.wait_for_complete()
        await until(pilot, lambda: isinstance(app.screen, RawScreen) and len(app.screen.view().hits) > 10)
        await shows(pilot, "+")


async def test_a_search_that_breaks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"PLAY [all] ***\n")
    async with opened(HandSource(path)) as (app, pilot):
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, RawScreen))
        assert isinstance(app.screen, RawScreen)

        def breaks(*_: object) -> None:
            raise ValueError("x [/foo]")

        monkeypatch.setattr(app.screen.view().source, "search", breaks)
        await pilot.press("slash", "p")
        await shows(pilot, "The search broke: x [/foo]")
