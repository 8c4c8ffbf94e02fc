"""All findings of all runs in one list, the worst first; the same finding on many hosts is one row that opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from parsers.findings import Finding, Severity
from tui.widgets.hint import SEVERITY_SIGNS
from tui.widgets.needle import Needle
from tui.widgets.rows import RowView
from tui.widgets.rowsource import Row, RowSource, fit
from tui.widgets.words import count, run_name
from tui.worker import OpenLog

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_WHO, _WHERE = 20, 11
"""Cells of the first two columns."""


class Found(NamedTuple):
    """A finding, and the log that it is of."""

    log: OpenLog
    finding: Finding


@dataclass(slots=True)
class Group:
    """The same finding of one run, on one or more hosts."""

    members: list[Found] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, int, str, str, str]:
        """The same for the same group of the next snapshot."""
        log, first = self.members[0]
        return log.index, first.run, first.severity, first.rule.id, first.stage


def grouped(logs: Sequence[OpenLog]) -> list[Group]:
    """The findings by severity, then by the first host in the order of the log; what concerns no host comes first."""
    groups: dict[tuple[int, int, str, str, str], Group] = {}
    places: dict[tuple[int, int, str | None], int] = {}
    for log in logs:
        for run in list(log.model.runs):
            places.update({(log.index, run.index, name): at for at, name in enumerate(list(run.hosts))})
    found = [Found(log, finding) for log in logs for finding in log.findings]
    found.sort(
        key=lambda one: (
            _ORDER.index(one.finding.severity),
            one.log.index,
            one.finding.run,
            places.get((one.log.index, one.finding.run, one.finding.host), -1),
        )
    )
    for one in found:
        group = Group([one])
        groups.setdefault(group.key, Group()).members.append(one)
    return list(groups.values())


class FindingRows(RowSource):
    """Rows of the list: groups, and the members of those that are open."""

    def __init__(self, logs: Sequence[OpenLog], opened: set[tuple[int, int, str, str, str]]) -> None:
        """`opened` are the keys of the groups whose members are shown."""
        self.groups = grouped(logs)
        self._rows: list[tuple[Group, int | None]] = []
        runs = [(log, run) for log in logs for run in list(log.model.runs)]
        self._runs = {(log.index, run.index): run_name(run) for log, run in runs} if len(runs) > 1 else {}
        self._opened = opened
        for group in self.groups:
            self._rows.append((group, None))
            if len(group.members) > 1 and group.key in opened:
                self._rows.extend((group, at) for at in range(len(group.members)))

    def __len__(self) -> int:
        return len(self._rows)

    def found(self, index: int) -> Found:
        """The finding of a row; of a group, its first."""
        group, member = self._rows[index]
        return group.members[member or 0]

    def group(self, index: int) -> Group | None:
        """The group whose row this is, where enter opens or closes it; None on a finding of its own."""
        group, member = self._rows[index]
        return group if member is None and len(group.members) > 1 else None

    def key(self, index: int) -> tuple[object, ...]:
        """The same for the same row of the next snapshot."""
        group, member = self._rows[index]
        return (*group.key, None if member is None else group.members[member].finding.host)

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        group, member = self._rows[index]
        finding = group.members[member or 0].finding
        sign, role = SEVERITY_SIGNS[finding.severity]
        if member is not None:
            line = finding.evidence[0].place.line
            return Row(
                (
                    (fit(f"    {finding.host or 'the run'}", _WHO + 2) + " ", "text"),
                    (fit(str(finding.stage), _WHERE) + " ", "muted"),
                    (f"◆ {line:>6}  ", "accent"),
                    (finding.evidence[0].text.strip()[:400], "err"),
                )
            )
        hosts = len({one.finding.host for one in group.members})
        who = count(hosts, "host") if len(group.members) > 1 else finding.host or "the run"
        mark = "" if len(group.members) == 1 else "▾ " if group.key in self._opened else "▸ "
        run = self._runs.get((group.members[0].log.index, finding.run), "")
        return Row(
            (
                (f"{sign} ", role),
                (fit(f"{mark}{who}", _WHO) + " ", "strong" if finding.severity is Severity.ERROR else "text"),
                (fit(str(finding.stage), _WHERE) + " ", "muted"),
                (finding.rule.id, role),
                (f" · {finding.title}", "text"),
                (f"  {finding.confidence}" + (f" · {run}" if run else ""), "muted"),
            )
        )

    def line(self, index: int) -> int | None:
        return self.found(index).finding.evidence[0].place.line

    def search(self, needle: Needle, cancelled: Callable[[], bool]) -> Iterator[list[int]]:
        hits = []
        for index in range(len(self)):
            if index % 256 == 0 and cancelled():
                return
            group, member = self._rows[index]
            members = group.members if member is None else [group.members[member]]
            names = " ".join(one.finding.host or "" for one in members[:1000])
            if needle.found_in(f"{names} {members[0].finding.rule.id} {members[0].finding.title}"):
                hits.append(index)
        yield hits


class FindingList(RowView):
    """The list."""

    ROW_WORD = "finding"
    ENTER_WORD = "open"
    WIDE = True
