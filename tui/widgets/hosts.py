"""The hosts pane: one row a host, in the order of the log, under a heading for each run where there are several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from parsers.findings import Finding, Severity
from parsers.model import HostRun, Run, RunStatus, Status
from tui.widgets.apart import cut_apart, file_names
from tui.widgets.needle import Needle
from tui.widgets.rows import RowView
from tui.widgets.rowsource import Row, RowSource, fit
from tui.widgets.words import SIGNS, STATUS_ROLES, count, run_name, seconds
from tui.worker import OpenLog


@dataclass(slots=True)
class HostLine:
    """One row: a host, a heading (`host` and `about` are None), or what is not a host (`about`)."""

    log: OpenLog
    run: Run | None = None
    host: HostRun | None = None
    about: str | None = None
    """`control node` for errors before any host; `the log` for notes on the log itself."""
    text: str = ""
    """What a heading says; where several logs are open, the one that `the log` is."""
    finding: str = ""
    """The rule that found the cause."""
    members: tuple[HostRun, ...] = ()
    """Hosts that broke as `host`, the first of them, did: this row stands for all."""

    @property
    def key(self) -> tuple[int, int, str, str]:
        """The same for the same host in the next snapshot."""
        return (
            self.log.index,
            self.run.index if self.run else -1,
            self.host.name if self.host else "",
            self.about or ("group" if self.members else ""),
        )

    @property
    def heading(self) -> bool:
        """Whether it only names the run below it."""
        return self.host is None and self.about is None

    @property
    def bad(self) -> bool:
        """Whether somebody has to look."""
        return self.host.status.bad if self.host else self.about == "control node"


def host_lines(logs: Sequence[OpenLog]) -> list[HostLine]:
    """The rows for all logs, in their order."""
    runs = [(log, run) for log in logs for run in list(log.model.runs)]
    files = file_names(log.source.name for log in logs)
    lines = []
    for log in logs:
        found: dict[tuple[int, str | None], list[Finding]] = {}
        for item in log.findings:
            found.setdefault((item.run, item.host), []).append(item)
        if log.notes():
            lines.append(HostLine(log, about="the log", text=files[log.source.name] if len(logs) > 1 else ""))
        for owner, run in runs:
            if owner is not log:
                continue
            if len(runs) > 1:
                name = f"{run_name(run)}" + (f" · {files[log.source.name]}" if len(logs) > 1 else "")
                lines.append(HostLine(log, run, text=name))
            if run.control_errors and run.status is RunStatus.CONTROL_ERROR:
                lines.append(
                    HostLine(log, run, about="control node", finding=_cause(None, found.get((run.index, None), ())))
                )
            lines.extend(
                HostLine(log, run, host, finding=_cause(host, found.get((run.index, host.name), ())))
                for host in list(run.hosts.values())
            )
    return lines


def _cause(host: HostRun | None, findings: Sequence[Finding]) -> str:
    """The rule that says the most of a host, the worst first; what was seen beside a failure is not its cause."""
    if host is not None and host.status.bad:
        findings = [one for one in findings if one.severity is Severity.ERROR or one.stage is host.failed_stage]
    return findings[0].rule.id if findings else ""


def state_words(line: HostLine) -> str:
    """What stands beside the name: the state as a word, and where."""
    host = line.host
    if host is None:
        return "failed" if line.about == "control node" else count(len(line.log.notes()), "note")
    where = str(host.failed_stage or "")
    if host.status is Status.UNREACHABLE:
        return f"unreachable {host.phase or where}".rstrip()
    if host.status is Status.FAILED:
        return f"failed {host.phase if where == 'connect' and host.phase else where}".rstrip()
    if host.status in (Status.RUNNING, Status.STALLED):
        stages = list(host.tasks[-1].stages) if host.tasks else []
        word = "stalled " if host.status is Status.STALLED else ""
        if not stages:
            return word.strip() or "running"
        stage = next((found for found in stages if found.status is host.status), stages[-1])
        spent = stage.silence if host.status is Status.STALLED and stage.silent is not None else stage.elapsed
        where = stage.phase if stage.stage == "connect" and stage.phase else str(stage.stage)
        return f"{word}{where} {seconds(spent)}".rstrip()
    return str(host.status)


class HostRows(RowSource):
    """Rows of the hosts pane."""

    def __init__(self, lines: Sequence[HostLine]) -> None:
        self.lines = lines
        self._headings = frozenset(line.text for line in lines if line.heading)
        self._files = frozenset(line.text for line in lines if line.text and not line.heading)
        self._hosts = frozenset(line.host.name for line in lines if line.host)
        self._names = max((len(line.host.name) for line in lines if line.host), default=8)

    def __len__(self) -> int:
        return len(self.lines)

    def width(self) -> int:
        """Cells that the widest row wants, by the longest name and the usual words."""
        words = max((len(state_words(line)) for line in self.lines[:500]), default=0)
        return self._names + 3 + words

    def selectable(self, index: int) -> bool:
        return not self.lines[index].heading

    def row(self, index: int, width: int) -> Row:
        line = self.lines[index]
        if line.heading:
            return Row(((fit(f"── {cut_apart(self._headings, max(0, width - 4))[line.text]} ", width), "heading"),))
        if line.host is None:
            sign, role = ("✖", "bad") if line.bad else ("!", "warn") if line.log.warns() else ("i", "run")
            about, words = line.about or "", state_words(line)
            if line.text:
                # Of several logs, which one.
                about = cut_apart(self._files, max(8, width - len(words) - 3))[line.text]
            rule = fit(line.finding, max(0, width - len(about) - len(words) - 5)).rstrip() if line.finding else ""
            tail = ((f"  {rule}", "muted"),) if len(rule) > 4 else ()
            return Row(((f"{sign} ", role), (f"{about} ", "strong"), (words, role), *tail))
        host, words = line.host, state_words(line)
        role = STATUS_ROLES[host.status]
        if line.members:
            what = line.finding or words
            text = f"{count(len(line.members), 'host')}: {what}" + (f"  {words}" if line.finding else "")
            return Row(((f"{SIGNS[host.status]} ", role), (fit(text, max(0, width - 2)), "strong")))
        names = max(4, min(self._names, width - 3 - max(12, len(words))))
        name_role = "strong" if host.status.bad else "text"
        finding = fit(line.finding, max(0, width - names - 27))
        # Words that fill their column would run into the rule's name.
        state = fit(words, 23) + " " if finding.strip() else fit(words, min(max(0, width - names - 3), 24))
        return Row(
            (
                (f"{SIGNS[host.status]} ", role),
                (fit(cut_apart(self._hosts, names)[host.name], names) + " ", name_role),
                (state, "muted" if host.status is Status.OK else role),
                (finding, "muted"),
            )
        )

    def copied(self, index: int) -> str:
        line = self.lines[index]
        if line.members:
            return "\n".join(host.name for host in line.members)
        return line.host.name if line.host else line.text or line.about or ""

    def search(self, needle: Needle, cancelled: Callable[[], bool]) -> Iterator[list[int]]:
        found = []
        for index, line in enumerate(self.lines):
            if index % 256 == 0 and cancelled():
                return
            names = [host.name for host in line.members] or [line.host.name if line.host else ""]
            if line.host and needle.found_in(f"{' '.join(names)} {state_words(line)} {line.finding}"):
                found.append(index)
        yield found


class HostList(RowView):
    """The hosts pane."""

    ROW_WORD = "host"
    ALLOW_SELECT = False
    ENTER_WORD = "stages"
