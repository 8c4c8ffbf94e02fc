"""Filter, order and groups of the hosts pane, by their keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from parsers.model import HostRun, Stage, Status
from tests.tui.hand import HandSource, finding, host, model, settled, stage
from tui.app import SshDebugApp
from tui.screens.main import MainScreen
from tui.widgets.filterbar import FilterBar
from tui.worker import LogAdvanced


def away(name: str) -> HostRun:
    return host(name, Status.UNREACHABLE, [stage(Stage.CONNECT, Status.FAILED)])


@pytest.fixture
def app(tmp_path: Path) -> SshDebugApp:
    path = tmp_path / "hand.log"
    path.write_bytes(b"line\n" * 10)
    return SshDebugApp([HandSource(path)])


async def told(pilot: Pilot[int]) -> MainScreen:
    """An outage of six hosts, one that failed otherwise, and a sound one."""
    await settled(pilot)
    found = model(host("sound"), *(away(f"web{at}") for at in range(6)), host("db1", Status.FAILED))
    pilot.app.post_message(LogAdvanced(0, found, [finding("db1")], 0, 10, 100, finished=True))
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, MainScreen)
    return screen


def shown(screen: MainScreen) -> list[str]:
    return [f"{len(line.members)}×" if line.members else line.host.name for line in screen.lines() if line.host]


async def test_a_filter_as_it_is_typed_kept_and_given_up(app: SshDebugApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await told(pilot)
        assert shown(screen) == ["sound", "6×", "db1"]
        await pilot.press("&", *"-status:ok", "space", *"db")
        await settled(pilot)
        assert shown(screen) == ["db1"]
        await pilot.press("enter")
        await settled(pilot)
        assert screen.hosts.has_focus
        assert screen.query_one(FilterBar).display
        await pilot.press("escape")
        await settled(pilot)
        assert shown(screen) == ["sound", "6×", "db1"]
        assert not screen.query_one(FilterBar).display


async def test_the_order_goes_round(app: SshDebugApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await told(pilot)
        await pilot.press("o")
        await settled(pilot)
        assert shown(screen) == ["6×", "db1", "sound"]
        await pilot.press("o", "o", "o", "o")
        await settled(pilot)
        assert shown(screen) == ["sound", "6×", "db1"]


async def test_a_group_opens_closes_and_is_taken_apart(app: SshDebugApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await told(pilot)
        screen.hosts.move_cursor(1)
        await pilot.press("enter")
        await settled(pilot)
        assert shown(screen) == ["sound", "6×", *(f"web{at}" for at in range(6)), "db1"]
        screen.hosts.move_cursor(1)
        await pilot.press("enter")
        await settled(pilot)
        assert shown(screen) == ["sound", "6×", "db1"]
        await pilot.press("x")
        await settled(pilot)
        assert shown(screen) == ["sound", *(f"web{at}" for at in range(6)), "db1"]


async def test_the_title_counts_what_the_filter_hides(app: SshDebugApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await told(pilot)
        await pilot.press("&", *"sound", "enter")
        await settled(pilot)
        assert shown(screen) == ["sound"]
        assert "8" in str(screen.hosts.border_title)
