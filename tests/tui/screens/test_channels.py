"""The channels screen by its keys: tree, ladder, raw lines, hint; from a stage to its channel and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from parsers.showable import is_showable
from tests.parsers.ends.pairs import names
from tests.tui.hand import HOSTILE, SAMPLES, HandSource, opened, screen_text, settled, shows, until
from tui.app import SshDebugApp
from tui.screens.channels import ChannelsScreen
from tui.screens.main import MainScreen
from tui.screens.raw import RawScreen
from tui.sources.base import Source
from tui.sources.opening import open_log
from tui.widgets.hint import HintRows
from tui.widgets.ladder import Ladder, LadderRows
from tui.widgets.rawlog import RawLog
from tui.widgets.rows import RowView


def sources(stem: str, *hosts: str) -> list[Source]:
    control, servers = names(stem)
    chosen = [name for name in servers if not hosts or any(f".{host}." in name for host in hosts)]
    return [open_log(str(SAMPLES / name)) for name in (control, *chosen)]


def channels(app: SshDebugApp) -> ChannelsScreen:
    assert isinstance(app.screen, ChannelsScreen)
    return app.screen


def main(app: SshDebugApp) -> MainScreen:
    assert isinstance(app.screen, MainScreen)
    return app.screen


async def lined_up(app: SshDebugApp, pilot: Pilot[int]) -> None:
    """Waits until both ends are lined up."""
    await until(pilot, lambda: bool(app.screen.ends.pairings))  # type: ignore[attr-defined]
    await settled(pilot)


def at(view: RowView) -> str:
    """The row that the cursor stands on."""
    return "".join(text for text, _ in view.source.row(view.cursor, 200).pieces)


async def test_c_goes_from_a_stage_to_its_channel_and_back() -> None:
    async with opened(*sources("sshd-refusals-2.19", "nosftp")) as (app, pilot):
        await lined_up(app, pilot)
        screen = main(app)
        while screen.selected.line.host.name != "nosftp":  # type: ignore[union-attr]
            await pilot.press("e")
        await shows(pilot, "sshd's own log: sshd has no such subsystem", "Both ends: Received and")
        assert str(screen.selected.stage().stage) == "transfer"  # type: ignore[union-attr]
        await pilot.press("c")
        await shows(pilot, "100 CHANNEL_FAILURE", "subsystem sftp", "⇄ transfer", "clock difference")
        assert "subsystem sftp" in at(channels(app).branches)
        await pilot.press("j")
        await shows(pilot, "⇄ nosftp · TASK [Ping] · cleanup")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert screen.selected.stage() is not None
        assert str(screen.selected.stage().stage) == "cleanup"  # type: ignore[union-attr]
        assert screen.stages.has_focus
        await shows(pilot, "⇄ nosftp · TASK [Ping] · cleanup")


async def test_evidence_of_the_other_log_opens_that_log() -> None:
    async with opened(*sources("sshd-refusals-2.19", "nosftp")) as (app, pilot):
        await lined_up(app, pilot)
        screen = main(app)
        while screen.selected.line.host.name != "nosftp":  # type: ignore[union-attr]
            await pilot.press("e")
        await pilot.press("4", "j")
        await settled(pilot)
        assert isinstance(screen.hint.source, HintRows)
        assert screen.hint.source.log_of(screen.hint.cursor) == 1
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RawScreen))
        await shows(pilot, "nosftp.sshd.log", "line 453 of 564", "◆ 453")


async def test_the_ladder_and_the_raw_lines_go_together() -> None:
    async with opened(*sources("sshd-refusals-2.19", "nosftp")[1:]) as (app, pilot):
        screen = channels(app)
        await pilot.press("e", "enter")
        ladder, lines = screen.query_one(Ladder), screen.query_one(RawLog)
        assert ladder.has_focus
        assert isinstance(ladder.source, LadderRows)
        await pilot.press("G")
        await settled(pilot)
        assert lines.cursor + 1 == ladder.source.steps[-1].line
        await pilot.press("3", "g")
        await settled(pilot)
        assert ladder.cursor == 1
        await pilot.press("2", "enter")
        await until(pilot, lambda: isinstance(app.screen, RawScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ChannelsScreen))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, RawScreen))


async def test_logs_of_sshd_alone_open_with_their_channels() -> None:
    async with opened(*sources("sshd-held-2.19")[1:]) as (app, pilot):
        await shows(pilot, "opened, never answered", "‖ no answer: neither 91 nor 92 was sent", "channel-stall")
        await pilot.press("c")
        await shows(pilot, "No command of the run was found for it.")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        # It is not forced on whoever left it.
        await settled(pilot)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ChannelsScreen))


async def test_without_a_log_of_sshd_the_ladder_has_ssh_s_own_messages() -> None:
    async with opened(open_log(str(SAMPLES / "sshd-held-2.19.log"))) as (app, pilot):
        await pilot.press("c")
        await shows(pilot, "Commands · 1 command", "20 KEXINIT", "RFC 4253 7.1")
        await pilot.press("2", "G")
        await shows(pilot, "90 CHANNEL_OPEN")
        await pilot.press("escape", "c")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def test_a_command_through_a_shared_connection_says_where_its_messages_are() -> None:
    async with opened(open_log(str(SAMPLES / "ping-ok-2.19.log"))) as (_, pilot):
        await pilot.press("2", "G", "k", "c")
        await shows(pilot, "It went through a shared connection")


async def test_a_host_without_a_log_says_that_it_is_not_lined_up() -> None:
    async with opened(*sources("sshd-healthy-2.19", "web1")) as (app, pilot):
        await lined_up(app, pilot)
        await pilot.press("j", "2", "g", "c")
        await shows(pilot, "Not lined up: no log of sshd is this host's.")
        assert isinstance(app.screen, ChannelsScreen)


async def test_what_could_not_be_lined_up_is_among_the_notes() -> None:
    async with opened(*sources("sshd-healthy-2.19", "web1")) as (app, pilot):
        await lined_up(app, pilot)
        await shows(pilot, "1 note")
        await pilot.press("g")
        await shows(pilot, "No log of sshd is that of web2")


async def test_problems_go_round() -> None:
    async with opened(*sources("sshd-sessions-2.19")[1:]) as (app, pilot):
        tree = channels(app).branches
        rows = []
        for key in ("e", "e", "e", "E"):
            await pilot.press(key)
            rows.append(tree.cursor)
            assert "refused" in at(tree)
        assert len(set(rows[:3])) == 3
        assert rows[3] == rows[1]


async def test_what_is_cut_in_the_tree_says_so() -> None:
    async with opened(*sources("sshd-healthy-2.19", "web1")) as (app, pilot):
        await lined_up(app, pilot)
        await pilot.press("c")
        # The scrollbar stands beside them.
        await shows(pilot, "sshd-healthy-2.19.web1.…", "publickey, 24…")


async def test_a_connection_with_a_channel_that_ended_badly_has_no_tick() -> None:
    async with opened(*sources("sshd-killed-2.19", "db1")) as (app, pilot):
        await lined_up(app, pilot)
        await pilot.press("c")
        await shows(pilot, "! deploy ←", "✔ deploy ←")


async def test_a_healthy_log_has_no_problem() -> None:
    async with opened(*sources("sshd-healthy-2.19", "web1")[1:]) as (_, pilot):
        await pilot.press("e")
        await shows(pilot, "Every channel ended well.")


async def test_small_screens_show_a_pane_at_a_time() -> None:
    async with opened(*sources("sshd-held-2.19")[1:], size=(80, 24)) as (app, pilot):
        await shows(pilot, "[1 tree]")
        for key, tab, words in (
            ("2", "[2 ladder]", "90 CHANNEL_OPEN"),
            ("tab", "[3 lines]", "receive packet: type 90"),
            ("tab", "[4 hint]", "channel-stall"),
            ("shift+tab", "[3 lines]", "receive packet: type 90"),
            ("escape", "[1 tree]", "deploy ←"),
        ):
            await pilot.press(key)
            await shows(pilot, tab, words)
        await pilot.resize_terminal(120, 40)
        await pilot.press("4", "z")
        await shows(pilot, "[4 hint]")
        await pilot.press("escape")
        await settled(pilot)
        assert "[4 hint]" not in screen_text(app)


async def test_a_search_in_the_tree() -> None:
    async with opened(*sources("sshd-healthy-2.19", "web1")[1:]) as (app, pilot):
        await pilot.press("slash", *"subsystem", "enter")
        await settled(pilot)
        assert "subsystem sftp" in at(channels(app).branches)
        await pilot.press("y")
        await shows(pilot, "Copied 1 line.")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_hostile_text_reaches_no_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "secure"
    raw = (SAMPLES / names("sshd-healthy-2.19")[1][0]).read_bytes()
    for text in HOSTILE:
        raw = raw.replace(b"echo ~deploy", text.replace(b"\n", b""), 2)
    path.write_bytes(raw.replace(b"LANG", HOSTILE[1]).replace(b"for deploy from", b"for [/x]\x1b[31m from"))
    async with opened(HandSource(path), size=size) as (app, pilot):
        for key in ("j", "j", "2", "j", "3", "4", "1", "z"):
            await pilot.press(key)
            await settled(pilot)
            assert all(is_showable(line) for line in screen_text(app).split("\n"))
