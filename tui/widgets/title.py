"""What the title bar says."""

from __future__ import annotations

from collections.abc import Sequence

from parsers.findings import Severity
from parsers.model import RunStatus, SourceKind, Status
from tui.sources.base import RunningSource
from tui.widgets.hosts import HostLine
from tui.widgets.words import RUN_WORDS, clock, count, run_name, size
from tui.worker import OpenLog

Pieces = list[tuple[str, str]]


def title_pieces(
    logs: Sequence[OpenLog], lines: Sequence[HostLine], heading: str, open_for: float
) -> tuple[Pieces, Pieces]:
    """(left, right): what is open and how it stands; how many hosts need somebody. `open_for` in seconds."""
    runs = [run for log in logs for run in list(log.model.runs)]
    names = [name for name in dict.fromkeys(run_name(run) for run in runs) if name]
    left: Pieces = [
        (heading or names[0] if len(names) <= 1 and (heading or names) else heading or count(len(runs), "run"), "bold")
    ]
    versions = [version for version in dict.fromkeys(run.ansible_version for run in runs) if version]
    if versions:
        left.append((f" · ansible-core {', '.join(versions[:3])}", ""))
    left.append((f" · {_state(logs, open_for)}", "$text-primary" if any(not log.finished for log in logs) else ""))
    stuck = sum(line.host is not None and line.host.status is Status.STALLED for line in lines)
    bad = sum(line.bad for line in lines)
    hosts = sum(line.host is not None for line in lines)
    right: Pieces = []
    if stuck:
        right.append((f"{count(stuck, 'host')} stuck · ", "$text-warning"))
    if bad:
        right.append((count(bad, "problem"), "bold $text-error"))
    elif hosts and not all(log.finished for log in logs) and any(run.status is not RunStatus.OK for run in runs):
        right.append(("no problem yet", "$text-muted"))
    elif hosts:
        right.append(("no problem", "$text-success"))
        warnings = sum(item.severity is Severity.WARNING for log in logs for item in log.findings)
        if warnings:
            right.append((f" · {count(warnings, 'warning')} (f)", "$text-warning"))
    return left, right


def _state(logs: Sequence[OpenLog], open_for: float) -> str:
    states = list(dict.fromkeys(_state_of(log, open_for) for log in logs))
    return " / ".join(states[:3])


def _state_of(log: OpenLog, open_for: float) -> str:
    state = _going(log, open_for)
    return f"paused (p goes on) · {state}" if log.paused and not log.finished else state


def _going(log: OpenLog, open_for: float) -> str:
    source = log.source
    if log.error:
        return "not read to its end"
    if isinstance(source, RunningSource):
        if log.exit_code is not None:
            ended = f"exit {log.exit_code}" if log.exit_code >= 0 else f"signal {-log.exit_code}"
            return f"{ended} after {clock(source.elapsed)}"
        return f"live {clock(source.elapsed)}" + (" · waits for your answer (i)" if log.asks else _so_far(log))
    if not log.finished:
        if source.live:
            return f"live {clock(open_for)}{_so_far(log)}"
        return _progress(log.bytes, source.size, open_for)
    runs = list(log.model.runs)
    if not runs:
        return "a log of sshd" if log.model.kind is SourceKind.SSHD else "nothing of Ansible in it"
    words = list(dict.fromkeys(RUN_WORDS[run.status] for run in runs))
    return ", ".join(words)


def _so_far(log: OpenLog) -> str:
    """Why the screen of a log that grows is still empty."""
    if log.model.runs or log.model.sshd is not None:
        return ""
    return " · no Ansible in it so far" if log.lines else " · nothing has come yet"


def _progress(read: int, total: int | None, seconds: float) -> str:
    """`reading 42 % of 1.0 GB · 6.1 MB/s · 01:35 left`; the rate from the first second on."""
    words = f"reading {read * 100 // total} % of {size(total)}" if total else f"reading, {size(read)} so far"
    if seconds < 1.0 or not read:
        return words
    rate = read / seconds
    words += f" · {size(round(rate))}/s"
    if total and total > read:
        words += f" · {clock((total - read) / rate)} left"
    return words
