"""How many processes read a large log: `lanes`."""

from __future__ import annotations

import os
from functools import cache

from parsers.attribution.lanes import Lanes

VARIABLE = "SSHDEBUG_PROCESSES"

_MOST = 4
"""Reading lines is one process's work, and keeps no more than these busy."""


@cache
def lanes() -> Lanes | None:
    """The program's processes beside this one, shared by all logs; None where there is one core only.

    They start when a log has more than a few MB to tell apart. `SSHDEBUG_PROCESSES` sets their number: 1 means that
    everything is done in this one.
    """
    given = os.environ.get(VARIABLE, "")
    number = min(int(given), 64) if given.isdecimal() and given.isascii() else min(_cores(), _MOST)
    return Lanes.of_processes(number) if number > 1 else None


def _cores() -> int:
    """The cores that this process may run on; macOS does not say, so there it is those of the machine."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
