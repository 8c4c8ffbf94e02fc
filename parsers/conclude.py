"""Model to findings: asks the rules about every bad stage, and settles on one cause a host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from parsers.findings import Asked, Case, Confidence, Evidence, Finding, Match, Rule, Severity, Words, rules
from parsers.model import Command, HostRun, LogModel, Run, Stage, StageRun, Status, TaskRun

_STANDS_STILL = Rule(
    "open-at-end",
    0,
    "The log ends while a command is open",
    2,
    tuple(Stage),
    lambda _case: None,
    Words(
        see="A command was started and its result (`<X> (rc, …)`) never came.",
        why="The run was stopped, or it hung: the host, the network, ssh or the module did not answer.",
        sure="Look at the command's last chunk and at how long it had been silent; run the same ssh command by hand.",
        fix="Run again with ANSIBLE_DEBUG=1 -vvvv, and look at the managed node's sshd log for the same time.",
        not_when="The log was cut while the run went on.",
    ),
)
_INTERNAL = replace(_STANDS_STILL, id="internal", title="A rule of this program failed")
_USUAL = ("Shared connection to ", "Executing: program ")
_LARGE = 5_000_000
"""Bytes of stdout that the control node's own memory and time feel."""
_RANK = {Confidence.CERTAIN: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}


def conclude(model: LogModel, *, source: int = 0) -> list[Finding]:
    """Every finding of the log, errors first, then by run and line."""
    found: list[Finding] = []
    for run in model.runs:
        for case in _cases(run):
            found.extend(_of_case(case, source))
        told = {(finding.host, finding.rule.id) for finding in found if finding.run == run.index}
        for asked, case in _side_cases(run):
            found.extend(_beside(case, asked, told, source))
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    found.sort(key=lambda finding: (order[finding.severity], finding.run, finding.evidence[0].place.line))
    return found


def _cases(run: Run) -> Iterator[Case]:
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


def _side_cases(run: Run) -> Iterator[tuple[Asked, Case]]:
    """What worked and cost something, host by host in the order of the log, and the run itself."""
    for host in run.hosts.values():
        for task in host.tasks:
            for stage in task.stages:
                if stage.command is not None and stage.status is Status.OK and _unusual(stage.command):
                    yield Asked.WORKED, Case(run, host, task, stage, stage.command)
    yield Asked.RUN, Case(run)


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
    name = case.host.name if case.host is not None else None
    findings = []
    for rule in rules().values():
        if asked not in rule.asked or (name, rule.id) in told:
            continue
        if case.stage is not None and case.stage.stage not in rule.stages:
            continue
        try:
            match = rule.check(case)
        except Exception as error:  # noqa: BLE001 - a rule that raises must not end the run
            told.add((name, rule.id))
            findings.append(_internal(case, rule, error, source))
            continue
        if match is not None and match.evidence:
            told.add((name, rule.id))
            severity = Severity.WARNING if rule.severity is Severity.ERROR else rule.severity
            findings.append(_finding(case, rule, match, severity, source))
    return findings


def _of_case(case: Case, source: int) -> list[Finding]:
    stage = case.stage.stage if case.stage is not None else Stage.CONTROL
    matches: list[tuple[Rule, Match]] = []
    broken: list[Finding] = []
    for rule in rules().values():
        if stage not in rule.stages or Asked.BROKEN not in rule.asked:
            continue
        try:
            match = rule.check(case)
        except Exception as error:  # noqa: BLE001 - a rule that raises must not end the run
            broken.append(_internal(case, rule, error, source))
            continue
        if match is not None and match.evidence:
            matches.append((rule, match))
    matches.sort(key=lambda pair: (pair[0].severity is not Severity.ERROR, _RANK[pair[1].confidence], pair[0].order))
    findings = []
    cause = False
    for rule, match in matches:
        severity = rule.severity
        if severity is Severity.ERROR:
            severity = Severity.INFO if cause else Severity.ERROR
            cause = True
        findings.append(_finding(case, rule, match, severity, source))
    if not cause and case.stage is not None and case.stage.status is Status.STALLED:
        findings.append(_stalled(case, case.stage, source))
    return findings + broken


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


def _stalled(case: Case, stage: StageRun, source: int) -> Finding:
    command = case.command
    evidence = [Evidence(stage.first, _opening(command, case.task))]
    if command is not None and command.transcript.last_debug is not None:
        line = command.transcript.last_debug
        evidence.append(Evidence(type(stage.first)(line.offset, line.line), line.text))
    silent = f" It had been silent for {stage.silent:.1f} s." if stage.silent is not None else ""
    told = f" ssh's last word: {evidence[1].text}." if len(evidence) > 1 else ""
    host = case.host.name if case.host is not None else "the host"
    explanation = f"The {stage.stage.value} command of {host} was open when the log ended.{silent}{told}"
    match = Match(tuple(evidence), Confidence.CERTAIN, explanation)
    return _finding(case, _STANDS_STILL, match, Severity.WARNING, source)


def _opening(command: Command | None, task: TaskRun | None) -> str:
    if command is not None and command.text:
        return command.text[:400]
    return task.name if task is not None else ""


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
