"""The screen over a large log: how soon its first hosts show, and how soon a key is answered while it is read.

python -m benchmarks.large [--megabytes 1000] [--keys 300]      an old log
python -m benchmarks.large --live [--rate 50] [--seconds 60]    a launched run that writes that many MB a second
python -m benchmarks.large --tail [--rate 50] [--seconds 60]    a log that grows by that many MB a second
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import logs
from benchmarks.terminal import Screen, told

_HOSTS = re.compile(rb"node\d\d")
_STAGES = re.compile(rb"Stages \xc2\xb7 node\d\d")
"""The title of the stages has the host's name: the cursor got there."""


def keys(screen: Screen, number: int, name: str) -> None:
    """Goes to the next host and back, and prints how soon the stages are that host's."""
    times = []
    # Each host a row of its own, and away from the rows above them that are none.
    screen.press("xgjj")
    screen.drain(1.0)
    for at in range(number):
        screen.drain(random.uniform(0.05, 0.2))
        screen.press("jk"[at % 2])
        times.append(screen.time_to(lambda sent: _STAGES.search(sent) is not None))
    told(name, times)


def old(megabytes: int, number: int) -> None:
    """Opens a log of one run."""
    path = logs.write("long", megabytes)
    firsts = []
    for _ in range(5):
        screen = Screen(["open", str(path)])
        screen.time_to(lambda sent: _HOSTS.search(sent) is not None)
        firsts.append(time.perf_counter() - screen.began)
        screen.close()
    told(f"first hosts of {megabytes} MB, from the start", firsts)
    screen = Screen(["open", str(path)])
    screen.drain(3.0)
    keys(screen, number, "a key, while the log is read")
    print(f"peak so far {screen.peak():.0f} MiB")
    screen.close()


def pour(rate: float, seconds: float, path: Path) -> None:
    """Writes a real run's bytes to stdout at a rate, and into `path` how long that took."""
    data = b"".join(logs.long_run(40_000_000))
    # As if it happened now: a live command that was silent for hours would be taken for one that hangs.
    data = logs.later(data, round(time.time()) - logs.begun(data), 0)
    began, sent, step = time.perf_counter(), 0, 1 << 18
    while sent < rate * 1e6 * seconds:
        time.sleep(max(0.0, began + sent / (rate * 1e6) - time.perf_counter()))
        at = sent % (len(data) - step)
        sent += os.write(1, data[at : at + step])
    path.write_text(f"{sent / 1e6:,.0f} MB written in {time.perf_counter() - began:.1f} s, meant for {seconds:.0f} s")


def live(rate: float, seconds: float, number: int) -> None:
    """Launches a command that writes much."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        said = Path(folder, "said")
        command = [sys.executable, "-m", "benchmarks.large", "--pour", str(said), "--rate", str(rate)]
        screen = Screen(["--", *command, "--seconds", str(seconds)])
        screen.time_to(lambda sent: _HOSTS.search(sent) is not None, limit=60.0)
        keys(screen, number, f"a key, while {rate:.0f} MB/s are written")
        while not said.exists():
            screen.drain(0.5)
        screen.drain(2.0)
        recorded = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        print(f"{said.read_text()}; {recorded / 1e6:,.0f} MB recorded; peak {screen.peak():.0f} MiB")
        screen.close()


def tail(rate: float, seconds: float, number: int) -> None:
    """Follows a log that another program writes."""
    with tempfile.TemporaryDirectory() as folder:
        log, said = Path(folder, "run.log"), Path(folder, "said")
        command = [sys.executable, "-m", "benchmarks.large", "--pour", str(said), "--rate", str(rate)]
        with log.open("wb") as file, subprocess.Popen([*command, "--seconds", str(seconds)], stdout=file) as writer:
            screen = Screen(["tail", str(log)])
            screen.time_to(lambda sent: _HOSTS.search(sent) is not None, limit=60.0)
            keys(screen, number, f"a key, while a log grows by {rate:.0f} MB/s")
            while writer.poll() is None:
                screen.drain(0.5)
            print(f"{said.read_text()}; peak {screen.peak():.0f} MiB")
            screen.close()


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--keys", type=int, default=300)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--tail", action="store_true")
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pour", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.pour is not None:
        pour(given.rate, given.seconds, given.pour)
    elif given.live or given.tail:
        (tail if given.tail else live)(given.rate, given.seconds, given.keys)
    else:
        old(given.megabytes, given.keys)


if __name__ == "__main__":
    main()
