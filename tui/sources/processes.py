"""The processes of a run: found by parentage, ended together.

A process group is not enough: from ansible-core 2.19 on each worker leaves it (`WorkerProcess._detach` calls setsid),
and so does the ssh of a run that answers a password by SSH_ASKPASS. A ControlPersist master is none of them: it has
detached itself from its ssh, so its parent is init, and it ends by its own timer.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Protocol

GRACE = 3.0
"""Seconds between SIGTERM and SIGKILL."""

_STEP = 0.02


class Process(NamedTuple):
    """One process, told from a later one with the same number by its start."""

    pid: int
    parent: int
    group: int
    started: str
    zombie: bool


def all_processes() -> dict[int, Process]:
    """Every process that can be seen, by pid: from /proc, elsewhere (macOS, BSD) from ps."""
    if Path("/proc/self/stat").exists():
        return {process.pid: process for process in _from_proc()}
    return {process.pid: process for process in _from_ps()}


def _from_proc() -> Iterable[Process]:
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            text = Path(entry.path, "stat").read_text("utf-8", "replace")
        except OSError:
            continue  # it has just ended
        # The name stands in parentheses and may hold any character; after it, proc(5): state ppid pgrp …, the number
        # of threads at 17, the start at 19. A main thread that has ended before the others is shown as Z, too.
        fields = text[text.rindex(")") + 2 :].split()
        over = fields[0] in "ZX" and int(fields[17]) <= 1
        yield Process(int(entry.name), int(fields[1]), int(fields[2]), fields[19], over)


def _from_ps() -> Iterable[Process]:
    done = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,ppid=,pgid=,state=,lstart="], capture_output=True, text=True, check=False
    )
    for line in done.stdout.splitlines():
        pid, parent, group, state, started = line.split(None, 4)
        yield Process(int(pid), int(parent), int(group), started, state.startswith("Z"))


def family(leader: int, known: Iterable[Process] = ()) -> list[Process]:
    """The living processes of the group `leader`, what is still there of `known`, and all that descends from either.

    Parents come before their children: a shell whose child is ended first goes on to its next command.
    """
    table = all_processes()
    members = {pid for pid, process in table.items() if process.group == leader or pid == leader}
    members |= {old.pid for old in known if (now := table.get(old.pid)) and now.started == old.started}
    grown = True
    while grown:
        children = {pid for pid, process in table.items() if process.parent in members} - members
        grown = bool(children)
        members |= children
    found = [table[pid] for pid in members if not table[pid].zombie and pid != os.getpid()]
    return sorted(found, key=lambda process: _generation(process, members, table))


def _generation(process: Process, members: set[int], table: dict[int, Process]) -> int:
    """How many of its forebears are among `members`."""
    count = 0
    # A table that is read while processes begin and end may hold a circle.
    while process.parent in members and count < len(members):
        process, count = table[process.parent], count + 1
    return count


class Leader(Protocol):
    """A process that this one started."""

    @property
    def pid(self) -> int:
        """Its number, which is its group's too."""

    def poll(self) -> int | None:
        """Its exit code once it has ended."""


def end_family(process: Leader) -> None:
    """SIGTERM to the family of `process`, SIGKILL after `GRACE` seconds to what is left; returns when it is over."""
    leader = process.pid
    # The descendants are noted before their parents end: an orphan's parent is init, so it could not be found after.
    known = family(leader)
    for sign, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, 1.0)):
        for member in known:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(member.pid, sign)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            known = family(leader, known)
            if not known and process.poll() is not None:
                return
            time.sleep(_STEP)
