"""How fast logs are read, and in how much memory, beside grep, lnav and others on the same file.

python -m benchmarks.report_speed [--megabytes 200] [--hosts 2000] [--kinds long,hosts,runs] [--keep]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks import logs

HEAD = f"{'command':<34}{'s':>8}{'CPU s':>8}{'MB/s':>8}{'peak MiB':>10}{'x grep':>8}{'x lnav':>8}  exit"
LNAV = "lnav -n, count lines"

_TOOLONG = """
import sys, threading
from toolong.log_file import LogFile
log = LogFile(sys.argv[1])
log.open(threading.Event())
print(sum(len(breaks) for _, breaks in log.scan_line_breaks()))
"""
_LOGVIEWER = """
import sys
from ansible_logviewer.log_manager import LogManager
with open(sys.argv[1], errors="replace") as file:
    LogManager(file.read())
"""
_PEERS = {"toolong, index of lines": ("toolong", _TOOLONG), "ansible-logviewer": ("ansible_logviewer", _LOGVIEWER)}
"""Neither has a mode without a screen: what each does to a file when it opens it."""


class Run(NamedTuple):
    """What one run of a command took."""

    seconds: float
    cpu: float
    peak: float
    """MiB of resident memory."""
    code: int


def measure(command: list[str]) -> Run:
    """Runs `command` once."""
    started = time.perf_counter()
    # Into a file: GNU grep stops at the first match when its output is /dev/null.
    with tempfile.TemporaryFile() as sink:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    cpu = usage.ru_utime + usage.ru_stime
    return Run(time.perf_counter() - started, cpu, usage.ru_maxrss / unit, process.returncode)


def best_of(command: list[str], times: int = 2) -> Run:
    """The quickest of several runs."""
    return min((measure(command) for _ in range(times)), key=lambda run: run.seconds)


def installed(module: str) -> bool:
    """Whether this Python can import `module`."""
    return not measure([sys.executable, "-c", f"import {module}"]).code


def commands_for(path: Path) -> dict[str, list[str]]:
    """What reads the log, by its label in the table."""
    program = [sys.executable, "-m", "tui", "report"]
    found = {"grep -c chunk": ["grep", "-c", "chunk (state=", str(path)]}
    if shutil.which("lnav"):
        found[LNAV] = ["lnav", "-n", "-c", ";select count(*) from all_logs", str(path)]
    for label, (module, code) in _PEERS.items():
        if installed(module):
            found[label] = [sys.executable, "-c", code, str(path)]
    found["report --format json"] = [*program, "--format", "json", str(path)]
    found["report --format json --chunks"] = [*program, "--format", "json", "--chunks", str(path)]
    found["report (text)"] = [*program, str(path)]
    return found


def warm(path: Path) -> None:
    """Into the page cache, for all alike; block by block, since a child's peak begins at what its parent holds."""
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass


def table(path: Path, times: int) -> None:
    """Prints how every reader does on one log."""
    warm(path)
    size = path.stat().st_size / 1e6
    print(f"\n{path.name}: {size:,.0f} MB, {sys.implementation.name} {sys.version.split()[0]}\n{HEAD}")
    grep = lnav = 0.0
    for label, command in commands_for(path).items():
        run = best_of(command, times)
        grep = grep or run.seconds
        lnav = run.seconds if label == LNAV else lnav
        beside = f"{run.seconds / lnav:>8.1f}" if lnav else " " * 8
        print(
            f"{label:<34}{run.seconds:>8.2f}{run.cpu:>8.2f}{size / run.seconds:>8.1f}{run.peak:>10.0f}"
            f"{run.seconds / grep:>8.1f}{beside}  {run.code}",
            flush=True,
        )


def starts() -> None:
    """Prints how long what needs no screen takes to start, beside Python itself."""
    python = [sys.executable, "-c", "pass"]
    small = str(logs.SAMPLES / "vvv-ok-2.19.log")
    program = [sys.executable, "-m", "tui"]
    base = 0.0
    print(f"\n{'start':<34}{'s':>8}{'CPU s':>8}{'x python -c pass':>18}")
    rows = {
        "python -c pass": python,
        "--version": [*program, "--version"],
        "report of a small log": [*program, "report", small],
    }
    for label, command in rows.items():
        run = best_of(command, 7)
        base = base or run.seconds
        print(f"{label:<34}{run.seconds:>8.3f}{run.cpu:>8.3f}{run.seconds / base:>18.1f}", flush=True)


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--hosts", type=int, default=2000)
    parser.add_argument("--kinds", default="long,hosts,runs", help="long: one run of 40 hosts, of the half size too")
    parser.add_argument("--times", type=int, default=2, help="runs of each command, the quickest of which counts")
    parser.add_argument("--keep", action="store_true", help="leave the generated logs in benchmarks/data/")
    given = parser.parse_args()
    starts()
    for kind in given.kinds.split(","):
        amounts = {"long": [given.megabytes // 2, given.megabytes], "hosts": [given.hosts], "runs": [given.megabytes]}
        for amount in amounts[kind]:
            path = logs.write(kind, amount)
            table(path, given.times)
            if not given.keep:
                path.unlink()


if __name__ == "__main__":
    main()
