"""How many commands find the channel that carried them: python -m benchmarks.pairing.

Both ends of the samples' healthy run, whose truth is the order of each host's commands; as they are, and as other
machines would have written sshd's log (`tests/parsers/ends/pairs.py`).
"""

from __future__ import annotations

import sys
import time

from parsers.ends.lineup import line_up
from tests.parsers.ends.pairs import CHANGES, logs_of, right, truth, wrong

STEM = "sshd-healthy-2.19"


def main() -> int:
    """Prints a table; 1 where fewer than 99 % found theirs."""
    least = 1.0
    sys.stdout.write("| sshd's log | own channel | another's | seconds |\n| --- | --- | --- | --- |\n")
    for name, change in CHANGES:
        logs, _ = logs_of(STEM, change)
        began = time.perf_counter()
        ends = line_up(logs)
        took = time.perf_counter() - began
        known = truth(ends)
        share = right(ends, known)
        least = min(least, share)
        sys.stdout.write(f"| {name} | {share:.1%} of {len(known)} | {len(wrong(ends, known))} | {took:.3f} |\n")
    return 0 if least >= 0.99 else 1


if __name__ == "__main__":
    raise SystemExit(main())
