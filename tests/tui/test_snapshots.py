"""A few pictures of the screen, on a model made by hand: what the other tests cannot say, how it looks.

After a change that is meant: `pytest tests/tui/test_snapshots.py --snapshot-update`, and look at the pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from parsers.log_model import LogModel
from parsers.model import Stage, Stream
from tests.parsers.ends.pairs import data
from tests.tui.hand import HandSource, chunk_file, command, finding, ping_model, settled, shows, until
from tui.app import SshDebugApp
from tui.worker import LogAdvanced

Compare = Callable[..., bool]

TEXTS = [
    (
        Stream.STDERR,
        b"OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19\ndebug1: auto-mux: Trying existing master\n",
    ),
    (Stream.STDOUT, b"ansible-tmp-1\n"),
    (Stream.STDERR, b"mkdir: cannot create directory '/home/deploy/.ansible': Permission denied [/x] \x1b[31m\n"),
    (Stream.STDERR, b""),
]


def model_with_chunks(path: Path) -> LogModel:
    found = ping_model()
    stage = found.runs[0].hosts["db1"].tasks[0].stages[2]
    stage.command = command(1, Stage.TMPDIR)
    found.chunks.commands.append(command(0, Stage.HOME))
    chunk_file(path, TEXTS, found, stage.command)
    return found


@pytest.fixture
def app(tmp_path: Path) -> SshDebugApp:
    path = tmp_path / "hand.log"
    model_with_chunks(path)
    return SshDebugApp([HandSource(path)])


def before(*keys: str) -> Callable[[Pilot[int]], object]:
    """Gives the app its model, and presses keys."""

    async def run(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, SshDebugApp)
        await until(pilot, lambda: app.logs[0].finished)
        found = model_with_chunks(app.logs[0].source.path)
        findings = [finding("db1", line=9, text="mkdir: cannot create directory: Permission denied")]
        app.post_message(LogAdvanced(0, found, findings, 4, 12, 100, True))
        await shows(pilot, "1 problem")
        for key in keys:
            await pilot.press(key)
        await settled(pilot)
        # No blink and no toast that is about to go.
        app.clear_notifications()
        await settled(pilot)

    return run


@pytest.mark.parametrize(
    ("size", "keys"),
    [
        ((80, 24), ()),
        ((80, 24), ("4",)),
        ((120, 40), ()),
        ((120, 40), ("t", "3")),
        ((120, 40), ("r",)),
        ((80, 24), ("f",)),
        ((120, 40), ("f",)),
        ((120, 40), ("w", "z")),
        ((200, 60), ()),
    ],
    ids=["small", "small-hint", "usual", "light", "raw", "small-findings", "findings", "why-not", "large"],
)
def test_screen(snap_compare: Compare, app: SshDebugApp, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=before(*keys))


def at_the_other_end(*keys: str) -> Callable[[Pilot[int]], object]:
    """Waits until both ends are lined up, goes to the channel of what broke, and presses keys."""

    async def run(pilot: Pilot[int]) -> None:
        app = pilot.app
        assert isinstance(app, SshDebugApp)
        await until(pilot, lambda: bool(app.screen_stack[-1].ends.pairings))  # type: ignore[attr-defined]
        await settled(pilot)
        for key in ("e", "e", "e", "c", *keys):
            await pilot.press(key)
            await settled(pilot)
        app.clear_notifications()
        await settled(pilot)

    return run


@pytest.mark.parametrize(
    ("size", "keys"),
    [((80, 24), ()), ((80, 24), ("2",)), ((120, 40), ()), ((200, 60), ())],
    ids=["small", "small-ladder", "usual", "large"],
)
def test_channels(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    names = ("sshd-refusals-2.19.log.gz", "sshd-refusals-2.19.nosftp.sshd.log", "sshd-refusals-2.19.forced.sshd.log")
    for name in names:
        (tmp_path / name).write_bytes(data(name))
    app = SshDebugApp([HandSource(tmp_path / name, name=name) for name in names])
    assert snap_compare(app, terminal_size=size, run_before=at_the_other_end(*keys))
