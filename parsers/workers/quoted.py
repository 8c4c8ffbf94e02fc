"""The remote text that a `_low_level_execute_command() done: rc=N, stdout=…` line quotes, which goes on below it.

How much it is, the command's result tells. From 2.17 on nothing but the order tells whose result that is, where
several workers' have the same first line; so a line that looks like Ansible's own, and stands in none of it, ends it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from parsers.lines.reprs import CommandTuple, comparable
from parsers.model import Place
from parsers.workers.worker import Worker

_MOST = 1000
"""Results that may be waited for."""

_OWN = rb"(?: {0,6}\d{1,10} \d{9,11}\.\d{5}[: ]|<[^<>\n]{1,255}> )"
_OWN_LINE = re.compile(_OWN)
_FORGED = re.compile(rb"\n(" + _OWN + rb"[^\n]*)")


class Quoted:
    """The lines of remote text that are still to come."""

    def __init__(self, lines: int = 0, forged: frozenset[bytes] = frozenset()) -> None:
        """`forged`: those among them that look like Ansible's own, as `comparable` makes them."""
        self.left = lines
        self._forged = forged

    @classmethod
    def of(cls, decoded: CommandTuple) -> Quoted:
        """Of a command's result."""
        text = decoded.quoted
        lines = text.count(b"\n") - (1 if text.endswith(b"\n") else 0)
        return cls(lines, frozenset(map(comparable, _FORGED.findall(text))))

    def takes(self, body: bytes) -> bool:
        """Whether a line is one of them; where it can't be, none comes any more."""
        if self.left and _OWN_LINE.match(body) is not None and comparable(body) not in self._forged:
            self.left = 0
        if not self.left:
            return False
        self.left -= 1
        return True


NOTHING = Quoted()


class _Awaited(NamedTuple):
    """A finished command whose `done:` line is still to come."""

    worker: Worker | None
    """None where it is not told yet whose command it ended."""
    rc: int
    head: bytes
    quoted: Quoted


class Dones:
    """Results of commands whose `done:` lines are still to come."""

    def __init__(self) -> None:
        self._awaited: list[_Awaited] = []

    def expect(self, decoded: CommandTuple, worker: Worker | None) -> None:
        """A `done:` line will quote these bytes."""
        self._awaited.append(_Awaited(worker, decoded.rc, decoded.quoted_head, Quoted.of(decoded)))
        del self._awaited[:-_MOST]

    def done(self, worker: Worker | None, rc: int, head: bytes, place: Place) -> Quoted | None:
        """The text below a `done: rc=N, stdout=HEAD` line; None where no result is known that has these bytes."""
        able = (one for one in self._awaited if worker is None or one.worker in (None, worker))
        found = next((one for one in able if one.rc == rc and one.head == head), None)
        if found is None:
            return None
        if found.worker is None:
            self._awaited.remove(found)
        else:
            found.worker.last = max(found.worker.last, place)
            self._awaited = [one for one in self._awaited if one.worker is not found.worker]
        return found.quoted
