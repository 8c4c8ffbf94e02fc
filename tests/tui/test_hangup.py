"""The terminal closes while a screen is on it."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.test_cli import ROOT
from tui.sources.processes import all_processes


def _own() -> None:
    """Its terminal is its session's."""
    os.setsid()
    os.close(os.open(os.ttyname(0), os.O_RDWR))  # a session's first terminal is its own


def _nohup() -> None:
    _own()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@pytest.mark.parametrize("options", [[], ["--end-on-hangup"]])
@pytest.mark.parametrize("begins", [_own, _nohup, os.setsid], ids=["usual", "nohup", "another's terminal"])
def test_the_terminal_closes(begins: Callable[[], None], options: list[str], tmp_path: Path) -> None:
    """The screen ends with it; the run goes on to its end and is recorded whole, or ends as it was asked to."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    code = f"echo begun $$; cat {fifo}; echo over"
    terminal, inner = pty.openpty()
    screen = subprocess.Popen(
        [sys.executable, "-m", "tui", *options, "--", "sh", "-c", code],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        cwd=ROOT,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path), "TERM": "xterm-256color"},
        preexec_fn=begins,
    )
    os.close(inner)

    def recorded() -> str:
        return "".join(path.read_text() for path in tmp_path.glob("sshdebug-tui/*.log"))

    drawn = b""
    while b"live 00:" not in drawn:  # the screen is up
        drawn += os.read(terminal, 65536)
    while not recorded().endswith("\n"):
        select.select([], [], [], 0.01)
    run = int(recorded().split()[1])
    os.close(terminal)
    code_of_screen = screen.wait()
    if options:
        assert code_of_screen == 128 + signal.SIGHUP
        assert recorded() == f"begun {run}\n"
        process = all_processes().get(run)
        assert process is None or process.zombie
        return
    assert code_of_screen == -signal.SIGHUP
    fifo.write_text("went on\n")
    while "over" not in recorded():
        select.select([], [], [], 0.01)
    assert recorded() == f"begun {run}\nwent on\nover\n"
