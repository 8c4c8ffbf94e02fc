"""The program on a terminal of its own, as a user has it: keys go in, and what it draws comes back."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROWS, COLUMNS = 40, 120


class Screen:
    """The program on a terminal, and what it has sent there."""

    def __init__(self, arguments: Sequence[str], *, polling: bool = False) -> None:
        """`polling`: without the system's notification of changes, as on a network file system."""
        self.began = time.perf_counter()
        self.pid, self.terminal = pty.fork()
        if not self.pid:
            # A module of that name that cannot watch: what a network file system is like.
            deaf = "sys.modules['watchfiles'] = None; " if polling else ""
            code = f"import sys; {deaf}from tui.cli import main; sys.exit(main())"
            os.environ["TERM"] = "xterm-256color"
            os.execv(sys.executable, [sys.executable, "-c", code, *arguments])  # noqa: S606
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.seen = b""

    def drain(self, seconds: float) -> None:
        """Takes what comes within `seconds`."""
        end = time.perf_counter() + seconds
        while select.select([self.terminal], [], [], max(0.0, end - time.perf_counter()))[0]:
            self.seen += os.read(self.terminal, 1 << 16)

    def press(self, keys: str) -> None:
        """Presses keys."""
        os.write(self.terminal, keys.encode())

    def time_to(self, found: Callable[[bytes], bool], limit: float = 10.0) -> float:
        """Seconds until what was sent since now is as wanted."""
        self.seen = b""
        began = time.perf_counter()
        while not found(self.seen):
            left = began + limit - time.perf_counter()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
                raise SystemExit(f"not seen within {limit:.0f} s")
            self.seen += os.read(self.terminal, 1 << 16)
        return time.perf_counter() - began

    def peak(self) -> float:
        """MiB of memory that it had at most (Linux)."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

    def close(self) -> None:
        """Ends the program."""
        os.kill(self.pid, signal.SIGTERM)
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


def told(name: str, times: list[float]) -> None:
    """Prints a row."""
    times = sorted(seconds * 1000 for seconds in times)
    print(
        f"{name:<42} median {statistics.median(times):6.1f} ms   95 % {times[int(len(times) * 0.95) - 1]:6.1f} ms   "
        f"99 % {times[int(len(times) * 0.99) - 1]:6.1f} ms   worst {times[-1]:6.1f} ms   of {len(times)}",
        flush=True,
    )
