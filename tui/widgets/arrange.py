"""What the hosts pane shows of a run's hosts, and in which order: a filter line, a sort, and groups.

The filter is words between blanks, all of which must fit: `web*` (a name; without `*` a part of it), `status:failed`,
`stage:tmpdir` (the stage or ssh's phase that it broke in), `rule:connection-refused`; `,` between values means either,
`-` before a word the opposite. `sort:name` (or `status stage rule log`) says the order.

Hosts of a run that broke in the same way, with the same cause, are one row that opens: a wide outage is one line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from parsers.model import Status
from tui.widgets.hosts import HostLine

KEYS = ("status", "stage", "rule", "sort")
SORTS = ("log", "status", "name", "stage", "rule")

GROUP = 5
"""Hosts that broke in the same way, from which on they are one row."""

_WORST = (Status.UNREACHABLE, Status.FAILED, Status.STALLED, Status.RUNNING, Status.OK, Status.SKIPPED)

GroupKey = tuple[int, int, str, str, str]


@dataclass(frozen=True, slots=True)
class _Term:
    key: str
    """`name`, or one of `KEYS`."""
    values: tuple[str, ...]
    negated: bool

    def fits(self, line: HostLine) -> bool:
        said = _facts(line, self.key)
        return any(_matches(text, value) for text in said for value in self.values) is not self.negated


def _facts(line: HostLine, key: str) -> tuple[str, ...]:
    host = line.host
    if host is None:
        return ()
    if key == "status":
        return (str(host.status),)
    if key == "stage":
        return str(host.failed_stage or ""), host.phase or ""
    if key == "rule":
        return (line.finding,)
    return host.name, host.address or ""


def _matches(text: str, value: str) -> bool:
    text = text.lower()
    if any(sign in value for sign in "*?["):
        return fnmatchcase(text, value)
    return bool(text) and value in text


@dataclass(frozen=True, slots=True)
class HostFilter:
    """A filter line, read."""

    terms: tuple[_Term, ...] = ()
    sort: str | None = None
    trouble: str = ""
    """What in the line is no word of the filter; such a word hides nothing."""

    @classmethod
    def read(cls, text: str) -> HostFilter:
        """Reads a filter line; never raises."""
        terms, sort, trouble = [], None, ""
        for word in text.lower().split():
            negated = word.startswith("-") and len(word) > 1
            key, colon, rest = word.removeprefix("-").partition(":") if negated else word.partition(":")
            if not colon:
                key, rest = "name", key
            elif key not in KEYS:
                trouble = trouble or f"no {key}: — there are {', '.join(f'{known}:' for known in KEYS)} and names"
                continue
            values = tuple(value for value in rest.split(",") if value)
            if key == "sort":
                sort = next((known for known in SORTS if values and known.startswith(values[0])), None)
                if values and sort is None:
                    trouble = trouble or f"sort: is one of {' '.join(SORTS)}"
            elif values:
                terms.append(_Term(key, values, negated))
        return cls(tuple(terms), sort, trouble)

    def fits(self, line: HostLine) -> bool:
        """Whether the row is shown; a filter is about hosts, so what is none goes with any term."""
        return all(term.fits(line) for term in self.terms) if line.host is not None else not self.terms


@dataclass(slots=True)
class Arrangement:
    """How the hosts pane is arranged now."""

    filter: HostFilter = field(default_factory=HostFilter)
    sort: str = "log"
    grouped: bool = True
    opened: set[GroupKey] = field(default_factory=set)
    """Groups whose hosts are shown."""

    def of(self, lines: Sequence[HostLine]) -> list[HostLine]:
        """The rows to show of all of them; `HostLine.members` has a group's hosts."""
        shown: list[HostLine] = []
        part: list[HostLine] = []
        for line in lines:
            if line.host is None:
                shown += self._part(part)
                part = []
                if line.heading or self.filter.fits(line):
                    shown.append(line)
            elif self.filter.fits(line):
                part.append(line)
        shown += self._part(part)
        return _without_empty_headings(shown) if self.filter.terms else shown

    def _part(self, part: list[HostLine]) -> list[HostLine]:
        """The hosts of one run."""
        order = self.filter.sort or self.sort
        if order != "log":
            part = sorted(part, key=_ORDERS[order])
        if not self.grouped:
            return part
        alike: dict[GroupKey, list[HostLine]] = {}
        for line in part:
            if (key := group_key(line)) is not None:
                alike.setdefault(key, []).append(line)
        rows: list[HostLine] = []
        told: set[GroupKey] = set()
        for line in part:
            key = group_key(line)
            if key is None or len(alike[key]) < GROUP:
                rows.append(line)
            elif key not in told:
                told.add(key)
                members = tuple(one.host for one in alike[key] if one.host is not None)
                rows.append(replace(line, members=members))
                if key in self.opened:
                    rows += alike[key]
        return rows

    def toggle(self, line: HostLine) -> bool:
        """Opens or closes a group's row; False where the line is none."""
        key = group_key(line) if line.members else None
        if key is None:
            return False
        self.opened ^= {key}
        return True


def group_key(line: HostLine) -> GroupKey | None:
    """What hosts have in common that broke in the same way; None for one that did not break."""
    host = line.host
    if host is None or line.run is None or not host.status.bad:
        return None
    where = f"{host.failed_stage or ''} {host.phase or ''}"
    return line.log.index, line.run.index, str(host.status), where, line.finding


def _without_empty_headings(lines: list[HostLine]) -> list[HostLine]:
    kept: list[HostLine] = []
    for line in reversed(lines):
        if not line.heading or (kept and kept[-1].host is not None):
            kept.append(line)
    return kept[::-1]


def _status(line: HostLine) -> int:
    return _WORST.index(line.host.status) if line.host else -1


def _natural(name: str) -> list[tuple[int, int, str]]:
    """For sorting: `web9` before `web10`."""
    parts: list[tuple[int, int, str]] = []
    digits = text = ""
    for sign in name.lower() + "\0":
        if sign.isdecimal() and sign.isascii():
            digits += sign
            continue
        if digits:
            parts += [(1, 0, text), (0, int(digits[:18]), digits)]
            digits = text = ""
        text += sign
    return [*parts, (1, 0, text)]


def _name(line: HostLine) -> list[tuple[int, int, str]]:
    return _natural(line.host.name) if line.host else []


_ORDERS: dict[str, Callable[[HostLine], Any]] = {
    "status": _status,
    "name": _name,
    "stage": lambda line: (not (line.host and line.host.failed_stage), *_facts(line, "stage")),
    "rule": lambda line: (not line.finding, line.finding, _status(line)),
}
