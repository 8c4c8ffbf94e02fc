"""The findings screen by its keys: what enter opens, where it goes, and what stays while a log goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from parsers.findings import Finding, Severity
from parsers.model import Stage, Status
from parsers.showable import is_showable
from tests.tui.hand import HOSTILE, SAMPLES, HandSource, finding, host, model, opened, settled, shows, stage
from tui.app import SshDebugApp
from tui.screens.findings import FindingsScreen
from tui.screens.main import MainScreen
from tui.screens.raw import RawScreen
from tui.worker import LogAdvanced

LOG = SAMPLES / "vvvv-broken-2.16.log"


async def advance(pilot: Pilot[int], findings: list[Finding], *names: str, finished: bool = True) -> None:
    """The log's model has hosts of these names, all broken in tmpdir, and these findings."""
    stages = [stage(Stage.CONNECT), stage(Stage.TMPDIR, Status.FAILED, line=4)]
    found = model(*(host(name, Status.FAILED, stages) for name in names))
    pilot.app.post_message(LogAdvanced(0, found, findings, 0, 10, 100, finished))
    await settled(pilot)


@pytest.fixture
def source(tmp_path: Path) -> HandSource:
    path = tmp_path / "hand.log"
    path.write_bytes(b"".join(b"line %d\n" % at for at in range(1, 11)))
    return HandSource(path)


def top(app: SshDebugApp) -> Screen[object]:
    """The screen on top now: asked anew, as it changes between two asserts."""
    return app.screen


def screen(app: SshDebugApp) -> FindingsScreen:
    assert isinstance(app.screen, FindingsScreen)
    return app.screen


async def test_f_lists_all_and_enter_goes_to_host_stage_and_proof() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("f")
        await shows(pilot, "2 errors, 1 note", "auth-publickey", "tmpdir-permission", "ansible-debug-off")
        await pilot.press("j", "enter")
        await settled(pilot)
        main = app.screen
        assert isinstance(main, MainScreen)
        assert main.selected.line.host.name == "db2"  # type: ignore[union-attr]
        assert str(main.selected.stage().stage) == "tmpdir"  # type: ignore[union-attr]
        assert main.hint.has_focus
        await shows(pilot, "tmpdir-permission · The login user")
        assert main.hint.source.line(main.hint.cursor) == main.selected.findings()[0].evidence[0].place.line


async def test_what_is_about_no_host_opens_the_raw_log() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("f", "G", "enter")
        await settled(pilot)
        assert isinstance(top(app), RawScreen)
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(top(app), MainScreen)


async def test_r_opens_the_raw_log_and_escape_comes_back() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("f", "r")
        await settled(pilot)
        assert isinstance(top(app), RawScreen)
        await shows(pilot, "◆ evidence")
        await pilot.press("escape")
        await settled(pilot)
        screen(app)
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(top(app), MainScreen)


async def test_the_same_finding_on_many_hosts_opens_and_closes(source: HandSource) -> None:
    names = [f"h{number}" for number in range(37)]
    async with opened(source) as (app, pilot):
        await advance(pilot, [finding(name) for name in names], *names)
        await pilot.press("f")
        await shows(pilot, "▸ 37 hosts", "tmpdir-permission")
        await pilot.press("enter")
        await shows(pilot, "▾ 37 hosts", "h0 ", "h9 ")
        assert len(screen(app).view().source) == 38
        await pilot.press("enter")
        assert len(screen(app).view().source) == 1
        await pilot.press("enter", "j", "j", "enter")
        await settled(pilot)
        main = top(app)
        assert isinstance(main, MainScreen)
        assert main.selected.line.host.name == "h1"  # type: ignore[union-attr]


async def test_the_cursor_stays_on_its_finding_when_more_are_found(source: HandSource) -> None:
    async with opened(source) as (app, pilot):
        info = replace(finding("h2"), severity=Severity.INFO)
        await advance(pilot, [info], "h1", "h2", finished=False)
        await pilot.press("f")
        await advance(pilot, [finding("h1"), info], "h1", "h2", finished=False)
        view = screen(app).view()
        assert (view.cursor, len(view.source)) == (1, 2)


async def test_a_log_without_findings_says_so(source: HandSource) -> None:
    async with opened(source) as (_app, pilot):
        await advance(pilot, [], "h1")
        await pilot.press("f", "enter", "r", "y", "slash", "x", "enter", "n")
        await shows(pilot, "nothing to look at")


async def test_a_search_goes_to_the_finding() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("f", "slash", *"debug-off", "enter")
        await app.workers.wait_for_complete()
        await settled(pilot)
        assert screen(app).view().cursor == 2


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_text_is_shown_and_not_obeyed(source: HandSource, hostile: bytes) -> None:
    text = hostile.decode("utf-8", "surrogateescape")
    async with opened(source) as (app, pilot):
        await advance(pilot, [finding(text, text=text), finding("h2", text=text)], text, "h2")
        await pilot.press("f", "enter")
        await settled(pilot)
        shown = await shows(pilot, "2 hosts")
        assert is_showable(shown.replace("\n", ""))
        assert app.is_running
