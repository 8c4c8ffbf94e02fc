"""The terminal closes: the screen ends, and with it what shall not go on without it."""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.sources.launch import LaunchedRun


def end_with_terminal(run: LaunchedRun, *folders: str) -> None:
    """From now on a SIGHUP, which the closing of the terminal brings, ends the run, removes `folders`, and exits."""

    def ended(_signal: int, _frame: object) -> None:
        run.stop()
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
        # Nothing can be shown any more, and Textual would try.
        os._exit(128 + signal.SIGHUP)

    signal.signal(signal.SIGHUP, ended)


def mind_terminal() -> None:
    """Sees to it that this process gets a SIGHUP when its terminal (standard input) closes, and does not ignore it.

    Under nohup it is ignored, and where the terminal is not the session's own none is sent: the screen would read the
    end of its input for ever, as fast as it can. A run goes on without its screen, nohup or not.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    threading.Thread(target=_wait, args=(sys.stdin.fileno(),), name="hangup", daemon=True).start()


def _wait(terminal: int) -> None:
    poll = select.poll()
    poll.register(terminal, 0)
    if any(events & select.POLLHUP for _, events in poll.poll()):
        os.kill(os.getpid(), signal.SIGHUP)
