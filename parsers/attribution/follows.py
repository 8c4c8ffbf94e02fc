"""Which of ssh's lines follow each other, as the commands that ended beside it show it: `Follows`.

It serves a command that never ended, whose text can be compared with nothing. ssh says much the same each time, so
what another ssh of the same run has said behind the same line is what this one can say next.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from parsers.model import Tool

_ENOUGH = 16
"""Commands of a kind that are learned from: they say the same."""

_KEY = 60
"""Bytes of a line that count, without the words that differ from host to host."""

_OWN = re.compile(rb"[\w+/=-]*[0-9][\w+/=-]*")
"""A word with a digit in it: an address, a process id, a fingerprint, a control path."""


_MASTER = b"mux_client_request_alive: done pid = "


def master_in(text: bytes) -> bytes | None:
    """The process id of the master (`ControlMaster`) that an ssh has asked; None where the text does not tell it."""
    begin = text.find(_MASTER)
    if begin < 0:
        return None
    found = text[begin + len(_MASTER) :][:12].partition(b"\n")[0].rstrip(b"\r")
    return found if found.isdigit() else None


class Kind(NamedTuple):
    """What decides which lines an ssh can say."""

    tool: Tool
    connecting: bool
    """Whether it makes a connection of its own."""


class Follows:
    """Pairs of lines that were seen one behind the other, per kind of command."""

    def __init__(self) -> None:
        self._told: list[tuple[Kind, bytes]] = []
        """What is not learned yet: mostly nobody asks."""
        self._counts: Counter[Kind] = Counter()
        self._pairs: dict[Kind, set[tuple[bytes, bytes]]] = {}
        self.addresses: set[bytes] = set()
        """Where the commands go."""
        self._masters: dict[bytes, bytes] = {}
        """The address that a master's connection leads to, by its process id."""

    def tell(self, kind: Kind, stderr: bytes, address: bytes) -> None:
        """The stderr of a command that ended, without carriage returns, and where it went."""
        master = master_in(stderr)
        if master is not None:
            self._masters[master] = address
        if self._counts[kind] < _ENOUGH and stderr:
            self._counts[kind] += 1
            self._told.append((kind, stderr))

    def forget(self) -> None:
        """Nothing was told yet."""
        for held in (self._told, self._counts, self._pairs, self._masters, self.addresses):
            held.clear()

    def knows(self, kind: Kind) -> bool:
        """Whether a command of that kind was told."""
        return self._counts[kind] > 0

    def leads_to(self, text: bytes) -> bytes | None:
        """The address of the connection whose master is named in the text; None where none is, or it is not known."""
        master = master_in(text)
        return self._masters.get(master) if master is not None else None

    def seen(self, kind: Kind, before: bytes, line: bytes) -> bool:
        """Whether a line was said behind another one; `before` is empty at the beginning."""
        for told, stderr in self._told:
            keys = map(key_of, stderr.split(b"\n"))
            self._pairs.setdefault(told, set()).update(_pairwise(keys))
        self._told.clear()
        return (key_of(before), key_of(line)) in self._pairs.get(kind, ())


def _pairwise(keys: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    before = b""
    for key in keys:
        yield before, key
        before = key


def key_of(line: bytes) -> bytes:
    """What a line has in common with the same line of another host."""
    return _OWN.sub(b"", line[: 2 * _KEY])[:_KEY]
