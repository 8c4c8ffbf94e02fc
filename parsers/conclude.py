"""Model to findings: asks the rules about every bad stage, and settles on one cause a host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.building.settled import Settled
from parsers.findings import Asked, Case, Confidence, Evidence, Finding, Match, Rule, Severity, Words, rules
from parsers.log_model import LogModel
from parsers.model import Command, HostRun, Run, Stage, StageRun, Status, TaskRun
from parsers.pause import Pause, never
from parsers.sshd.conclude import server_findings

_INTERNAL = Rule(
    "internal",
    0,
    "A rule of this program failed",
    1,
    tuple(Stage),
    lambda _case: None,
    Words(
        see="One rule less was asked about this host.",
        why="The rule's check raised an error: a mistake of this program.",
        sure="The finding names the rule and the error.",
        fix="Report it, with the log where that is possible.",
        not_when="The other findings: they do not depend on it.",
    ),
)
_USUAL = ("Shared connection to ", "Executing: program ")
_LARGE = 5_000_000
"""Bytes of stdout that the control node's own memory and time feel."""
_RANK = {Confidence.CERTAIN: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}


@dataclass(slots=True)
class _Screened:
    """Of a host: what was unusual in its tasks that change no more."""

    tasks: int = 0
    unusual: list[tuple[TaskRun, StageRun]] = field(default_factory=list)


@dataclass(slots=True)
class Kept:
    """What one look at a log that is read on leaves to the next, so that each costs what is new."""

    findings: dict[int, list[Finding]] = field(default_factory=dict)
    """Of runs that change no more, by their index."""
    screened: dict[str, _Screened] = field(default_factory=dict)
    """Of the newest run, by host."""
    settled: Settled = field(default_factory=Settled)
    """What of it is settled for good."""
    state: tuple[int, int] = (-1, -1)
    """That run's index, and the generation of what is settled."""

    def unusual(self, run: Run, host: HostRun) -> Iterator[tuple[TaskRun, StageRun]]:
        """The stages of `host` that worked and are worth a question."""
        newest = (run.index, self.settled.generation)
        if self.state != newest:
            self.state, self.screened = newest, {}
        over, held = self.settled.over(host.name), self.screened.setdefault(host.name, _Screened())
        held.unusual += _unusual_in(host.tasks[held.tasks : over])
        held.tasks = over
        yield from held.unusual
        yield from _unusual_in(host.tasks[over:])


def conclude(model: LogModel, *, source: int = 0, kept: Kept | None = None, pause: Pause = never) -> list[Finding]:
    """Every finding of the log, errors first, then by run and line.

    `kept` is the same from one call to the next; `pause` is called every few milliseconds.
    """
    kept = kept or Kept()
    found: list[Finding] = []
    if model.sshd is not None:
        found = server_findings(model.sshd, source, _INTERNAL, complete=model.complete)
    for run in model.runs:
        own = kept.findings.get(run.index)
        if own is None:
            newest = run is model.runs[-1]
            own = _of_run(run, source, kept if newest else Kept(), pause)
            if not newest:
                kept.findings[run.index] = own
        found.extend(own)
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    found.sort(key=lambda finding: (order[finding.severity], finding.run, finding.evidence[0].place.line))
    return found


def _of_run(run: Run, source: int, kept: Kept, pause: Pause) -> list[Finding]:
    found: list[Finding] = []
    for case in cases(run):
        pause()
        found.extend(_of_case(case, source))
    told = {(finding.host, finding.rule.id) for finding in found}
    for asked, case in _side_cases(run, kept):
        pause()
        found.extend(_beside(case, asked, told, source))
    return found


def cases(run: Run) -> Iterator[Case]:
    """What broke in the run: the control node's errors, and the stage that broke each host."""
    if run.recap is None:
        for error in run.control_errors:
            yield Case(run, control=error)
    for host in run.hosts.values():
        if not host.status.bad:
            continue
        task = host.failed_task
        if task is None:
            continue
        stage = task.failed_stage
        if stage is not None:
            yield Case(run, host, task, stage, stage.command)


def _side_cases(run: Run, kept: Kept) -> Iterator[tuple[Asked, Case]]:
    """What worked and cost something, host by host in the order of the log, and the run itself."""
    for host in run.hosts.values():
        for task, stage in kept.unusual(run, host):
            yield Asked.WORKED, Case(run, host, task, stage, stage.command)
    yield Asked.RUN, Case(run)


def _unusual_in(tasks: list[TaskRun]) -> Iterator[tuple[TaskRun, StageRun]]:
    for task in tasks:
        for stage in task.stages:
            if stage.command is not None and stage.status is Status.OK and _unusual(stage.command):
                yield task, stage


def _unusual(command: Command) -> bool:
    """Whether a command that ended well was not the first attempt, or said more than ssh always says."""
    return (
        command.attempt > 1
        or command.rc not in (0, None)
        or (command.stdout_bytes or 0) >= _LARGE
        or any(line.stderr and not line.text.startswith(_USUAL) for line in command.transcript.plain)
    )


def _beside(case: Case, asked: Asked, told: set[tuple[str | None, str]], source: int) -> list[Finding]:
    """The findings on a case in which nothing broke; `told` has those of the run so far: one a host and rule."""
    matches, broken = _matches(case, asked, source, told)
    findings = []
    for rule, match in matches:
        severity = Severity.WARNING if rule.severity is Severity.ERROR else rule.severity
        findings.append(_finding(case, rule, match, severity, source))
    return findings + broken


def ranked(case: Case, source: int = 0) -> tuple[list[tuple[Rule, Match]], list[Finding]]:
    """What the rules conclude on what broke, the cause first, and a finding for each rule that raised."""
    matches, broken = _matches(case, Asked.BROKEN, source)
    matches.sort(key=lambda pair: (pair[0].severity is not Severity.ERROR, _RANK[pair[1].confidence], pair[0].order))
    return matches, broken


def _of_case(case: Case, source: int) -> list[Finding]:
    matches, broken = ranked(case, source)
    findings = []
    cause = False
    for rule, match in matches:
        severity = rule.severity
        if severity is Severity.ERROR:
            severity = Severity.INFO if cause else Severity.ERROR
            cause = True
        findings.append(_finding(case, rule, match, severity, source))
    if not cause:
        matches, more = _matches(case, Asked.UNEXPLAINED, source)
        findings += [_finding(case, rule, match, rule.severity, source) for rule, match in matches]
        broken += more
    return findings + broken


def _matches(
    case: Case, asked: Asked, source: int, told: set[tuple[str | None, str]] | None = None
) -> tuple[list[tuple[Rule, Match]], list[Finding]]:
    """What the rules that want to be asked conclude, and a finding for each that raised.

    With `told`, (host, rule id) pairs that have answered are not asked again, and those that do now are added.
    """
    name = case.host.name if case.host is not None else None
    stage = case.stage.stage if case.stage is not None else Stage.CONTROL
    matches: list[tuple[Rule, Match]] = []
    broken: list[Finding] = []
    for rule in rules().values():
        # The run itself is at no stage: a rule about it is asked wherever its failure can happen.
        if asked not in rule.asked or (asked is not Asked.RUN and stage not in rule.stages):
            continue
        if told is not None and (name, rule.id) in told:
            continue
        try:
            match = rule.check(case)
        except Exception as error:  # noqa: BLE001 - a rule that raises must not end the run
            broken.append(_internal(case, rule, error, source))
        else:
            if match is None or not match.evidence:
                continue
            matches.append((rule, match))
        if told is not None:
            told.add((name, rule.id))
    return matches, broken


def _finding(case: Case, rule: Rule, match: Match, severity: Severity, source: int) -> Finding:
    stage = case.stage
    return Finding(
        rule,
        severity,
        match.confidence,
        case.run.index,
        case.host.name if case.host is not None else None,
        case.task.name if case.task is not None else None,
        stage.stage if stage is not None else Stage.CONTROL,
        match.phase or (stage.phase if stage is not None else None),
        match.explanation or rule.words.why,
        match.fixes or tuple(line for line in rule.words.fix.splitlines() if line),
        match.evidence,
        source,
        case.command,
    )


def _internal(case: Case, rule: Rule, error: Exception, source: int) -> Finding:
    host: HostRun | None = case.host
    place = (
        case.stage.first
        if case.stage is not None
        else case.control.place
        if case.control is not None
        else case.run.first
    )
    explanation = f"The rule {rule.id} raised {type(error).__name__}: {error}. The other rules were asked all the same."
    words = f"{host.name if host else 'control node'}"
    return _finding(
        case, _INTERNAL, Match((Evidence(place, words),), Confidence.CERTAIN, explanation), Severity.INFO, source
    )
