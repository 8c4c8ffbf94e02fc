"""Transfers that were announced, and the process that carries each out: `Puts`.

A worker prints `<X> PUT L TO R` and then the `SSH: EXEC sftp` that does it, which names neither path (2.0-2.21).
"""

from __future__ import annotations

from collections.abc import Callable

from parsers.lines import addressed
from parsers.lines.addressed import Executed, Put
from parsers.model import Place, Tool
from parsers.workers.worker import Worker

_MOST = 50
"""Transfers at an address that may wait for their process; an `scp` or `dd` that names its path leaves them behind."""


class Puts:
    """The transfers whose process is to come."""

    def __init__(self, by_tmp: Callable[[int | None], Worker | None]) -> None:
        """`by_tmp` gives the worker whose process id is in a temporary directory's name."""
        self._by_tmp = by_tmp
        self._waiting: dict[str, list[tuple[int, Put]]] = {}
        """By address, with their lines."""

    def add(self, place: Place, who: str, put: Put) -> None:
        """A worker says what it will send."""
        waiting = self._waiting.setdefault(who, [])
        waiting.append((place.line, put))
        del waiting[:-_MOST]

    def of(self, place: Place, who: str, event: Executed) -> Put | None:
        """The transfer that an sftp process carries out: that of the line before, else the oldest, of a worker that
        goes there as the same user."""
        waiting = self._waiting.get(who)
        if not waiting:
            return None
        lines = [line for line, _ in waiting[-2:]]
        # Of two on lines one behind the other, both go on at once: the first one first.
        newest = waiting[-1:] if lines[-1] == place.line - 1 and lines[0] != place.line - 2 else []
        for entry in (*newest, *waiting):
            worker = self._by_tmp(addressed.purpose(Tool.SFTP, f"{entry[1].source} {entry[1].target}").worker)
            if worker is None or (worker.user, worker.port) == (event.user, event.port):
                waiting.remove(entry)
                return entry[1]
        return waiting.pop(0)[1]
