"""How long it takes from a line written into a followed log, and from a key pressed, to the terminal.

python -m benchmarks.latency [--samples 60] [--megabytes 0] [--polling]

It runs `sshdebug-tui tail` on a terminal of its own, as a user would, writes lines that a real run could have, and
looks for their marks in what the program sends to the terminal.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from benchmarks import logs
from benchmarks.terminal import Screen, told


def line(mark: str) -> bytes:
    """A debug line as Ansible's own, with `mark` in it."""
    return b"  4201 %.5f: %s\n" % (time.time(), mark.encode())


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--megabytes", type=int, default=0, help="of other runs that the log has before")
    parser.add_argument("--polling", action="store_true", help="without the system's notification of changes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "run.log")
        if given.megabytes:
            log.write_bytes(b"".join(logs.many_runs(given.megabytes * 1_000_000)))
        with log.open("ab", buffering=0) as file:
            file.write((logs.SAMPLES / "open-channel-2.19.log").read_bytes())
            screen = Screen(["tail", str(log)], polling=given.polling)
            screen.drain(2.0 + given.megabytes / 4)
            screen.press("r")
            screen.drain(0.5)
            screen.press("F")
            screen.drain(0.5)
            written = []
            for number in range(given.samples):
                time.sleep(random.uniform(0.1, 0.5))
                screen.drain(0.0)
                mark = f"mark-{number:06}-end"
                file.write(line(mark))
                written.append(screen.time_to(lambda sent, mark=mark: mark.encode() in sent))  # type: ignore[misc]
            told("a line: from written to the terminal", written)
            screen.press("\x1b")
            screen.drain(0.5)
            screen.press("g")
            screen.drain(0.5)
            keys = []
            for number in range(given.samples):
                file.write(b"".join(line(f"burst-{number}-{at}") for at in range(200)))
                time.sleep(random.uniform(0.01, 0.1))
                screen.drain(0.0)
                key, wanted = ("j", b"web2") if number % 2 == 0 else ("k", b"web1")
                # The cursor goes to the next host or back: its name comes into the title of the stages.
                wanted = b"Stages \xc2\xb7 " + wanted
                screen.press(key)
                keys.append(screen.time_to(lambda sent, wanted=wanted: wanted in sent))  # type: ignore[misc]
            told("a key: to the terminal, while lines come", keys)
            screen.close()


if __name__ == "__main__":
    main()
