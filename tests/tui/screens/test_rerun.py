"""Running again, pausing: with keys, on a real recorded run of a stand-in for ansible-playbook."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import App

import tui.styles
from parsers.model import Status
from tests.tui.hand import SAMPLES, HandSource, opened, screen_text, settled, shows, until
from tui.app import SshDebugApp
from tui.screens.main import MainScreen
from tui.screens.rerun import RerunScreen, choices
from tui.sessions.store import sessions
from tui.sources.launch import LaunchedRun

LOG = SAMPLES / "tmpdir-permission-2.19.log"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LaunchedRun]:
    """A recorded run that has the output of a real one, and notes how it was called."""
    program = tmp_path / "ansible-playbook"
    program.write_text(
        f'#!/bin/sh\n(printf "%s\\n" "$@"; echo "ssh $ANSIBLE_SSH_VERBOSITY"; echo .) >> {tmp_path}/called\n'
        f"cat {shlex.quote(str(LOG))}\nexit 2\n"
    )
    program.chmod(0o755)
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "ANSIBLE_SSH_VERBOSITY": "1"}
    first = LaunchedRun([str(program), "site.yml"], environ, cwd=tmp_path, stamp=False)
    first.wait()
    yield first
    first.close()


def called(folder: Path) -> list[list[str]]:
    """The arguments of each run so far."""
    text = (folder / "called").read_text()
    return [one.split("\n") for one in text.removesuffix("\n.\n").split("\n.\n")]


async def test_the_hosts_that_broke_run_again_as_a_session_of_their_own(run: LaunchedRun, tmp_path: Path) -> None:
    app = SshDebugApp([run])
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.logs[0].exit_code == 2)
        await pilot.press("R")
        assert isinstance(app.screen, RerunScreen)
        await pilot.press("f")
        await until(pilot, lambda: len(app.logs) == 2 and app.logs[1].exit_code == 2)
        assert called(tmp_path)[1] == ["-vvvv", "site.yml", "--limit", "db1", "ssh 1"]
        screen = app.screen
        assert isinstance(screen, MainScreen)
        await until(pilot, lambda: screen.selected.line is not None and screen.selected.line.log is app.logs[1])
        await pilot.press("R", "d")
        await until(pilot, lambda: len(app.logs) == 3 and app.logs[2].exit_code == 2)
        assert called(tmp_path)[2] == ["site.yml", "--limit", "db1", "--limit", "db1", "-vvvvv", "ssh 3"]
    for log in app.logs:
        log.source.close()
    assert len(sessions(tmp_path / "state" / "sshdebug-tui")) == 3


async def test_cancel_starts_nothing(run: LaunchedRun, tmp_path: Path) -> None:
    app = SshDebugApp([run])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.logs[0].exit_code == 2)
        for keys in (("R", "escape"), ("R", "G", "enter"), ("R", "x", "q")):
            await pilot.press(*keys)
            assert isinstance(app.screen, MainScreen)
        assert len(app.logs) == 1
    assert len(called(tmp_path)) == 1


async def test_a_log_whose_command_is_unknown_offers_one_to_copy() -> None:
    async with opened(HandSource(LOG)) as (app, pilot):
        await pilot.press("R")
        assert isinstance(app.screen, MainScreen)
        assert app.clipboard == ("ANSIBLE_DEBUG=1 ANSIBLE_SSH_VERBOSITY=3 ansible-playbook -vvvv --limit db1 ping.yml")


def test_where_nobody_broke_only_all_can_run_again() -> None:
    assert [choice.key for choice in choices([])] == ["a", "m"]
    assert [choice.key for choice in choices(["db1"])] == ["f", "d", "a", "m"]
    assert choices([f"h{n}" for n in range(9)])[0].about == "--limit h0, h1, h2, h3 and 5 more"


# ---- pause


async def test_a_held_screen_shows_no_more_until_it_is_let_go(tmp_path: Path) -> None:
    whole = (SAMPLES / "ping-ok-2.16.log").read_bytes()
    half = len(whole) // 2
    path = tmp_path / "run.log"
    path.write_bytes(whole[:half])
    source = HandSource(path, live=True)
    async with opened(source) as (app, pilot):
        await until(pilot, lambda: app.logs[0].bytes == half)
        await pilot.press("p")
        assert app.logs[0].paused
        path.write_bytes(whole)
        await shows(pilot, "paused (p goes on)")
        assert app.logs[0].bytes == half
        await pilot.press("p")
        source.live = False
        await until(pilot, lambda: app.logs[0].finished)
        assert app.logs[0].bytes == len(whole)
        assert all(host.status is Status.OK for host in app.logs[0].model.runs[0].hosts.values())
        await pilot.press("p")
        assert not app.logs[0].paused


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_is_chosen_can_be_read_whole(size: tuple[int, int]) -> None:
    """What is long goes on below; the cursor steps over that."""
    names = [f"database-{at}.eu-central-1.internal" for at in range(9)]
    app: App[None] = App(css_path=Path(tui.styles.__file__).parent / "app.tcss")
    async with app.run_test(size=size) as pilot:
        await app.push_screen(RerunScreen("ansible-playbook site.yml", names))
        await settled(pilot)
        text = screen_text(app)
        assert "the same hosts, with the debug of m" in text
        assert "--limit database-0.eu-central-1.internal," in text
        assert "database-2.eu-central-1.internal, …" in text
        assert "-vvvvv, ANSIBLE_DEBUG=1," in text
        assert "ANSIBLE_SSH_VERBOSITY=3" in text
        assert "nothing is started" in text


async def test_the_cursor_goes_from_choice_to_choice() -> None:
    chosen: list[object] = []
    app: App[None] = App(css_path=Path(tui.styles.__file__).parent / "app.tcss")
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(RerunScreen("ansible-playbook site.yml", ["db1"]), chosen.append)
        await settled(pilot)
        await pilot.press("G", "k", "enter")
        assert [getattr(choice, "key", None) for choice in chosen] == ["m"]
