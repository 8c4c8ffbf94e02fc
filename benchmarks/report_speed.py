"""How fast `sshdebug-tui report` reads, and in how much memory, beside `grep -c` and lnav on the same file.

python benchmarks/report_speed.py [--megabytes 200] [--keep]
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parent / "sample_logs"

_HEADER = re.compile(rb"^( *)(\d+) (\d+)(\.\d{5}: )", re.MULTILINE)
_HOST = re.compile(rb"\b(web|db)(\d)\b")
_ADDRESS = re.compile(rb"\b127\.0\.0\.(\d{1,3})\b")


def shifted(sample: bytes, number: int) -> bytes:
    """Run `number` of a sample: other pids, times, hosts and addresses, so that no cache is flattered."""
    # Times go on from run to run: a sample lasts a few seconds, the next begins an hour later.
    sample = _HEADER.sub(
        lambda match: b"%s%d %d%s" % (match[1], int(match[2]) + number * 97, int(match[3]) + number * 3600, match[4]),
        sample,
    )
    sample = _HOST.sub(lambda match: b"%s%d" % (match[1], int(match[2]) + number % 50 * 10), sample)
    return _ADDRESS.sub(lambda match: b"127.0.%d.%s" % (1 + number % 50, match[1]), sample)


def runs() -> Iterator[bytes]:
    """Real debug logs of every version, over and over."""
    samples = [path.read_bytes() for path in sorted(SAMPLES.glob("*.log")) if not path.name.endswith(".sshd.log")]
    number = 0
    while True:
        for sample in samples:
            yield shifted(sample, number)
            number += 1


def generate(path: Path, size: int) -> None:
    """Writes about `size` bytes of runs, whole ones."""
    with path.open("wb") as file:
        for run in runs():
            file.write(run)
            if file.tell() >= size:
                return


def measure(command: list[str]) -> tuple[float, float, float, int]:
    """(seconds, seconds of CPU, peak MiB, exit code) of `command`."""
    started = time.perf_counter()
    # Into a file: GNU grep stops at the first match when its output is /dev/null.
    with tempfile.TemporaryFile() as sink:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return (
        time.perf_counter() - started,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / unit,
        process.returncode,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--keep", action="store_true", help="leave the generated log in benchmarks/data/")
    given = parser.parse_args()
    path = HERE / "data" / f"runs-{given.megabytes}.log"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        generate(path, given.megabytes * 1_000_000)
    size = path.stat().st_size
    program = [sys.executable, "-m", "tui"]
    commands = {
        "grep -c chunk": ["grep", "-c", "chunk (state=", str(path)],
        "report --format json": [*program, "report", "--format", "json", str(path)],
        "report --format json --chunks": [*program, "report", "--format", "json", "--chunks", str(path)],
        "report (text)": [*program, "report", str(path)],
    }
    if shutil.which("lnav"):
        commands["lnav -n, count lines"] = ["lnav", "-n", "-c", ";select count(*) from all_logs", str(path)]
    # Into the page cache, for all of them alike; block by block, since a child's peak begins at what its parent holds.
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass
    base = 0.0
    print(f"{size / 1e6:,.0f} MB, {sys.implementation.name} {sys.version.split()[0]}")
    print(f"{'command':<32}{'s':>8}{'CPU s':>8}{'MB/s':>8}{'peak MiB':>10}{'x grep':>8}  exit")
    for label, command in commands.items():
        seconds, cpu, peak, code = min((measure(command) for _ in range(2)), key=lambda run: run[0])
        base = base or seconds
        rate = size / 1e6 / seconds
        print(f"{label:<32}{seconds:>8.2f}{cpu:>8.2f}{rate:>8.1f}{peak:>10.0f}{seconds / base:>8.1f}  {code}")
    if not given.keep:
        path.unlink()


if __name__ == "__main__":
    main()
