"""What the text and the Markdown report share: who is bad, which findings say the same, how a place is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from parsers.findings import Severity, rules
from parsers.model import NO_RESULT, SILENCE, RunStatus, Status
from parsers.whynot import Standing
from tui.report.document import (
    ChunkEntry,
    Document,
    EvidenceEntry,
    FindingEntry,
    HostEntry,
    RunEntry,
    StageEntry,
    TaskEntry,
    WhyNotEntry,
)

SIGNS = {
    Status.OK: "✔",
    Status.FAILED: "✖",
    Status.UNREACHABLE: "✖",
    Status.STALLED: "◌",
    Status.RUNNING: "◌",
    Status.SKIPPED: "–",
}

FINDING_SIGNS = {Severity.ERROR: "✖", Severity.WARNING: "!", Severity.INFO: "·"}

PROOFS = 6
"""Lines of evidence of one finding that are spelt out."""

SAID = 6
"""Lines of a failed result that are spelt out where no rule knows the failure."""

HOSTS = 8
"""Hosts of one problem whose evidence is spelt out."""


OTHERS = 3
"""Explanations of one problem that are spelt out beside the first."""


def _shape(finding: FindingEntry, text: str) -> str:
    """Its explanation or a fix without what is this host's own: its name, addresses, ports, fingerprints, times."""
    words = text.split()
    return " ".join("#" if word == finding.host or any(map(str.isdigit, word)) else word for word in words)


@dataclass(slots=True)
class Problem:
    """The same finding on one or more hosts."""

    finding: FindingEntry
    """The first of them: its words stand for all."""
    members: list[FindingEntry] = field(default_factory=list)

    @property
    def hosts(self) -> list[str]:
        """Whom it concerns; empty for the control node."""
        return list(dict.fromkeys(member.host for member in self.members if member.host is not None))

    @property
    def others(self) -> list[FindingEntry]:
        """Members whose explanation says something else than the first one's, the first few; not only other names."""
        found: dict[str, FindingEntry] = {}
        for member in self.members:
            found.setdefault(_shape(member, member.explanation), member)
        return list(found.values())[1 : 1 + OTHERS]

    @property
    def fixes(self) -> list[str]:
        """The first one's; then, below a comment with its name, what only another of them needs."""
        lines = list(self.finding.fixes)
        known = {_shape(self.finding, fix) for fix in lines}
        for other in self.others:
            own = [fix for fix in other.fixes if _shape(other, fix) not in known]
            known.update(_shape(other, fix) for fix in own)
            lines += [f"# {other.host}:", *own] if own else []
        return lines


def problems(findings: Iterable[FindingEntry]) -> list[Problem]:
    """Findings of one run, those of the same rule together, errors first; a cause is told stage by stage."""
    groups: dict[tuple[str, str, str], Problem] = {}
    for finding in findings:
        stage = finding.stage if finding.severity is Severity.ERROR else ""
        key = (finding.rule, finding.severity, stage)
        groups.setdefault(key, Problem(finding)).members.append(finding)
    rank = list(Severity)
    return sorted(groups.values(), key=lambda problem: rank.index(problem.finding.severity))


ALIKE = 5
"""Hosts that broke in the same way by the same cause, from which on they are one line."""


@dataclass(slots=True)
class Broken:
    """Hosts that did not end well, in the same way."""

    hosts: list[HostEntry]
    rule: str | None
    """The cause, where they stand for one another; None for a single host, told on its own."""


def broken_alike(hosts: Iterable[HostEntry], findings: Iterable[FindingEntry]) -> list[Broken]:
    """The hosts that somebody has to look at, in the order of the log; a wide outage is one of them."""
    causes = {item.host: item.rule for item in findings if item.severity is Severity.ERROR}
    bad = [host for host in hosts if not ended_well(host)]
    alike: dict[tuple[str, str | None], list[HostEntry]] = {}
    for host in bad:
        alike.setdefault((verdict(host), causes.get(host.name)), []).append(host)
    groups: list[Broken] = []
    for host in bad:
        rule = causes.get(host.name)
        own = alike[verdict(host), rule]
        if rule is None or len(own) < ALIKE:
            groups.append(Broken([host], None))
        elif own[0] is host:
            groups.append(Broken(own, rule))
    return groups


def proofs_of(problem: Problem) -> list[tuple[FindingEntry, int]]:
    """Whose evidence of a problem is spelt out, and how many lines of it: of what broke nothing, one of all but the
    first."""
    broke = problem.finding.severity is Severity.ERROR
    return [(member, PROOFS if broke or not at else 1) for at, member in enumerate(problem.members[:HOSTS])]


def explained(host: HostEntry, findings: Iterable[FindingEntry]) -> bool:
    """Whether a finding says why a host broke: its cause, or what was seen of the stage that broke it."""
    own = (finding for finding in findings if finding.host == host.name)
    return any(finding.severity is Severity.ERROR or finding.stage is host.failed_stage for finding in own)


@dataclass(slots=True)
class RuledOut:
    """The same answer on one or more hosts."""

    answer: WhyNotEntry
    """The first of them: its words stand for all."""
    hosts: list[str] = field(default_factory=list)
    """Empty for the control node."""


_NUMBER = re.compile(r"\d+")


def ruled_out(answers: Iterable[WhyNotEntry]) -> list[RuledOut]:
    """Answers of one run, those of the same rule and words (but for numbers) together, the nearest first."""
    groups: dict[tuple[str, str, str], RuledOut] = {}
    for answer in answers:
        key = (answer.rule, answer.standing, _NUMBER.sub("#", answer.reason))
        group = groups.setdefault(key, RuledOut(answer))
        if answer.host is not None:
            group.hosts.append(answer.host)
    rank = list(Standing)
    return sorted(groups.values(), key=lambda group: rank.index(group.answer.standing))


WHY_NOT = "Why not another cause"
NOBODY_FAILED = "no host failed here, so there is nothing to rule out"
NONE_NEAR = "no other rule comes near: nothing of what they look for is there; --why-not all names each"


def nothing_ruled_out(hosts: Iterable[HostEntry], run: RunEntry) -> str:
    """Why there is no answer."""
    broke = run.status is RunStatus.CONTROL_ERROR or not all(ended_well(host) for host in hosts)
    return NONE_NEAR if broke else NOBODY_FAILED


def advice(finding: FindingEntry) -> list[str]:
    """What to run for a log with more in it, where the finding is advice; empty for what follows from a cause."""
    rule = rules().get(finding.rule)
    return finding.fixes if rule is not None and rule.severity is Severity.INFO else []


def ended_well(host: HostEntry) -> bool:
    """Whether nobody has to look at `host`."""
    return host.status in (Status.OK, Status.SKIPPED)


def count_line(hosts: list[HostEntry]) -> str:
    """`4 hosts: 1 unreachable, 3 ok`."""
    counts = [(status, sum(host.status is status for host in hosts)) for status in Status]
    order = [Status.UNREACHABLE, Status.FAILED, Status.STALLED, Status.RUNNING, Status.OK, Status.SKIPPED]
    shown = sorted(((status, count) for status, count in counts if count), key=lambda item: order.index(item[0]))
    return f"{plural(len(hosts), 'host')}: " + ", ".join(f"{count} {status}" for status, count in shown)


def plural(count: int, noun: str) -> str:
    """`1 run`, `2 runs`, `16,712 lines`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def where(document: Document, proof: EvidenceEntry) -> str:
    """`old.log:123`."""
    return f"{document.sources[proof.source].path}:{proof.line}"


def run_facts(run: RunEntry) -> list[str]:
    """What identifies a run, for one line: playbook, version, verbosity, duration."""
    facts = [run.playbook] if run.playbook else []
    facts.append(f"ansible-core {run.ansible_version}" if run.ansible_version else "ansible of an unknown version")
    if run.verbosity:
        facts.append("-" + "v" * min(run.verbosity, 6))
    facts.append(
        "debug" if run.debug else "no debug output: no chunks" + ("" if run.started is not None else ", no times")
    )
    if run.started is not None and run.last_time is not None:
        facts.append(f"{max(0.0, run.last_time - run.started):.1f} s")
    return facts


def verdict(host: HostEntry) -> str:
    """`unreachable at connect (kex)`."""
    if host.failed_stage is None:
        return str(host.status)
    return f"{host.status} at {host.failed_stage}" + (f" ({host.phase})" if host.phase else "")


def endpoint(host: HostEntry) -> str:
    """`deploy@192.0.2.7 port 2222`, as far as the log tells; empty for a host without an address."""
    if host.address is None:
        return ""
    user = f"{host.user}@" if host.user else ""
    port = f" port {host.port}" if host.port else ""
    return f"{user}{host.address}{port}"


def where_of(host: HostEntry) -> str:
    """Where what a reader wants first is at work: `deploy@192.0.2.7 port 2222`, or `delegated to web1`."""
    task = first_task(host)
    return f"delegated to {task.delegated_to}" if task is not None and task.delegated_to else endpoint(host)


def first_task(host: HostEntry) -> TaskEntry | None:
    """The task that a reader wants first: the failed one, else the newest."""
    named = [task for task in host.tasks if task.name == host.failed_task and not ended_ok(task.status)]
    if named:
        return named[-1]
    return host.tasks[-1] if host.tasks else None


def said(task: TaskEntry) -> list[str]:
    """What a failure that no rule knows said for itself, line by line, the first few."""
    lines = [line for text in (task.message, task.stderr) if text for line in text.splitlines() if line.strip()]
    # A script that prints its error on stdout prints it last.
    room = max(0, SAID - len(lines))
    printed = [line for line in (task.stdout or "").splitlines() if line.strip()]
    lines += printed[max(0, len(printed) - room) :] if room else []
    return list(dict.fromkeys(lines))[:SAID]


def cut_off(task: TaskEntry) -> bool:
    """Whether the run died before the task had a result: what ended it is the control node's, not the host's."""
    return any(stage.note == NO_RESULT for stage in task.stages)


def ended_ok(status: Status) -> bool:
    """Whether a task or stage is over and fine."""
    return status in (Status.OK, Status.SKIPPED)


def stage_words(stage: StageEntry) -> str:
    """`connect 0.41 s`, `tmpdir failed rc 1`, `exec stalled, silent for 12 s`."""
    words = [str(stage.stage)]
    if not ended_ok(stage.status):
        words.append(str(stage.status))
    if stage.rc not in (None, 0):
        words.append(f"rc {stage.rc}")
    if stage.started is not None and stage.ended is not None and ended_ok(stage.status):
        words.append(f"{max(0.0, stage.ended - stage.started):.2f} s")
    if stage.silent is not None and stage.silent >= SILENCE:
        words.append(f"silent for {stage.silent:.1f} s")
    return " ".join(words)


def open_stage(host: HostEntry) -> StageEntry | None:
    """The stage of the host that has not ended, and of which is known what it waits for."""
    broken = first_task(host)
    stages = broken.stages if broken is not None else []
    return next((stage for stage in stages if stage.awaited is not None and not ended_ok(stage.status)), None)


def self_check(run: RunEntry) -> str:
    """Whether the chunks of each command, joined, are the bytes of its result."""
    check = run.reassembly
    words = f"{check.exact:,} of {plural(check.commands, 'command')} put together again byte for byte"
    if check.differ:
        words += f", {check.differ:,} not (some of their chunks may be another's)"
    if check.open:
        words += f", {check.open:,} without a result"
    return words


def ownership(chunk: ChunkEntry) -> str:
    """How a chunk's command is known, in words."""
    return f"{chunk.attribution} (ambiguous: same text)" if chunk.ambiguous else str(chunk.attribution)
