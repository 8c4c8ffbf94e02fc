"""From the analyses of one or several logs to the report's document: the one place where its facts are chosen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from msgspec import UNSET

from parsers.awaited import Awaited
from parsers.ends.conclude import both_ends
from parsers.ends.lineup import line_up
from parsers.ends.model import EndLog
from parsers.findings import NO_RUN, Finding, Severity
from parsers.log_model import LogModel
from parsers.model import HostRun, Reassembly, Run, RunStatus, StageRun, Status, TaskRun
from parsers.redact import redact
from parsers.whynot import Answer, why_not
from tui.report.bothends import pairing_entries, server_entries
from tui.report.document import (
    AwaitedEntry,
    CauseEntry,
    ChunkEntry,
    ConnectionEntry,
    Document,
    EvidenceEntry,
    FindingEntry,
    HostEntry,
    MessageEntry,
    NoteEntry,
    ReassemblyEntry,
    RunEntry,
    SourceEntry,
    StageEntry,
    TaskEntry,
    WhyNotEntry,
)
from tui.report.server import connection_entries, is_of, message_entries

Clean = Callable[[str], str]

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class AnalysedLog:
    """One log, read to its end."""

    name: str
    model: LogModel
    findings: list[Finding]
    notes: list[str] = field(default_factory=list)
    """The source's own: a compressed log that was cut."""


def cleaner(*, secrets: bool) -> Clean:
    """What every text of the log passes: bytes that are not UTF-8 become U+FFFD, and secrets go, unless `secrets`."""

    def clean(text: str) -> str:
        # JSON has no way to write a lone surrogate that every reader takes.
        if not text.isascii():
            text = _SURROGATE.sub("\ufffd", text)
        return text if secrets else redact(text)

    return clean


@dataclass(frozen=True, slots=True)
class Report:
    """A document, and its chunks one by one: of a large log they are too many to hold."""

    document: Document
    logs: Sequence[AnalysedLog]
    host: str | None
    clean: Clean

    @property
    def well(self) -> bool:
        """Whether every host (or the one that was asked for) ended well, no run died on the control node, and nothing
        broke a connection of an sshd log."""
        if any(found.run is None and found.severity is Severity.ERROR for found in self.document.findings):
            return False
        runs = self.document.runs
        if self.host is not None:
            shown = {host.run for host in self.document.hosts}
            runs = [run for run in runs if run.index in shown]
            if any(run.status is RunStatus.CONTROL_ERROR for run in runs):
                return False
        elif any(run.status is not RunStatus.OK for run in runs):
            return False
        return all(host.status in (Status.OK, Status.SKIPPED) for host in self.document.hosts)

    def messages(self) -> Iterator[MessageEntry]:
        """Every message of SSH of the sshd logs, in the order of the logs."""
        for source, log in enumerate(self.logs):
            if log.model.sshd is not None:
                yield from message_entries(source, log.model.sshd, self.host)

    def chunks(self) -> Iterator[ChunkEntry]:
        """Every chunk (of `host`, where one was asked for), in the order of the logs."""
        for source, log in enumerate(self.logs):
            owners = {id(task): host.name for _, host in log.model.hosts() for task in host.tasks}
            for chunk in log.model.chunks:
                command = chunk.command
                task = command.task if command is not None else None
                name = owners.get(id(task))
                if self.host is not None and name != self.host:
                    continue
                yield ChunkEntry(
                    source=source,
                    line=chunk.place.line,
                    host=name if name is None else self.clean(name),
                    task=task if task is None else self.clean(task.name),
                    stage=command.stage if command is not None else None,
                    stream=chunk.stream,
                    state=chunk.state,
                    attribution=chunk.attribution,
                    ambiguous=chunk.ambiguous,
                )


NEAR, EVERY = "", "all"
"""What `--why-not` may ask besides a rule's id: the rules that could be taken for the cause, or every one."""


def collect(
    logs: Sequence[AnalysedLog], *, host: str | None = None, secrets: bool = False, ruled_out: str | None = None
) -> Report:
    """The report on `logs`; with `host`, of that host only (and of the control node, which has no host).

    `ruled_out` asks why a rule (its id, `NEAR` or `EVERY`) is not the cause; KeyError where there is no such rule.
    """
    clean = cleaner(secrets=secrets)
    runs: list[RunEntry] = []
    hosts: list[HostEntry] = []
    findings: list[FindingEntry] = []
    notes: list[NoteEntry] = []
    answers: list[WhyNotEntry] = []
    connections: list[ConnectionEntry] = []
    ends = line_up([EndLog(source, log.name, log.model) for source, log in enumerate(logs)])
    models = {source: log.model for source, log in enumerate(logs)}
    concluded = both_ends(ends, models, {source: log.findings for source, log in enumerate(logs)})
    numbers: dict[tuple[int, int], int] = {}
    for source, log in enumerate(logs):
        first = len(runs)
        runs.extend(_run(first + number, source, run, clean) for number, run in enumerate(log.model.runs))
        for number, run in enumerate(log.model.runs):
            chosen = [one for one in run.hosts.values() if host in (None, one.name)]
            hosts.extend(_host(first + number, one, clean) for one in chosen)
        place = {run.index: first + number for number, run in enumerate(log.model.runs)}
        numbers.update({(source, index): number for index, number in place.items()})
        findings.extend(
            _finding(None if finding.run == NO_RUN else place.get(finding.run, first), source, finding, clean)
            for finding in concluded[source]
            if _wanted(finding, host)
        )
        if log.model.sshd is not None:
            connections.extend(connection_entries(source, log.model.sshd, clean, host))
        if ruled_out is not None:
            answers.extend(
                _answer(place[run.index], source, answer, clean)
                for run in log.model.runs
                for answer in _answers(run, host, ruled_out)
            )
        notes.extend(NoteEntry(source, None, clean(text)) for text in log.notes)
        notes.extend(NoteEntry(source, where and where.line, clean(text)) for where, text in log.model.notes)
    notes.extend(NoteEntry(source, None, clean(text)) for source, text in ends.notes())
    document = Document(
        schema=1,
        redacted=not secrets,
        sources=[
            SourceEntry(clean(log.name), log.model.kind, log.model.bytes, log.model.lines, len(log.model.runs))
            for log in logs
        ],
        runs=runs,
        hosts=hosts,
        findings=findings,
        notes=notes,
        reassembly=_summed([run.reassembly for log in logs for run in log.model.runs]),
        connections=connections,
        pairings=list(pairing_entries(ends, numbers, clean, host)),
        servers=list(server_entries(ends, clean)),
        why_not=answers if ruled_out is not None else UNSET,
    )
    return Report(document, logs, host, clean)


def _run(index: int, source: int, run: Run, clean: Clean) -> RunEntry:
    return RunEntry(
        index=index,
        source=source,
        ansible_version=run.ansible_version,
        verbosity=run.verbosity,
        debug=run.debug,
        ssh_debug=run.ssh_debug,
        playbook=run.playbook and clean(run.playbook),
        status=run.status,
        started=run.started,
        last_time=run.last_time,
        first_line=run.first.line,
        last_line=run.last_line,
        reassembly=_summed([run.reassembly]),
        stamped=run.stamped,
    )


def _summed(checks: list[Reassembly]) -> ReassemblyEntry:
    return ReassemblyEntry(
        commands=sum(check.commands for check in checks),
        exact=sum(check.exact for check in checks),
        differ=sum(check.differ for check in checks),
        open=sum(check.open for check in checks),
    )


def _host(run: int, host: HostRun, clean: Clean) -> HostEntry:
    return HostEntry(
        run=run,
        name=clean(host.name),
        address=host.address and clean(host.address),
        port=host.port,
        user=host.user and clean(host.user),
        connection=clean(host.connection),
        status=host.status,
        failed_stage=host.failed_stage,
        phase=host.phase,
        failed_task=clean(host.failed_task.name) if host.failed_task is not None else None,
        tasks=[_task(task, clean) for task in host.tasks],
    )


_SAID = 2_000


def _task(task: TaskRun, clean: Clean) -> TaskEntry:
    bad = task.bad_result
    message = bad.reason[:_SAID] if bad is not None else ""
    stderr = bad.own_stderr[:_SAID] if bad is not None else ""
    stdout = bad.printed[-_SAID:] if bad is not None and not stderr else ""
    return TaskEntry(
        name=clean(task.name),
        action=task.action and clean(task.action),
        status=task.status,
        ignored=task.ignored,
        rescued=task.rescued,
        message=clean(message) if message else None,
        stderr=clean(stderr) if stderr else None,
        stdout=clean(stdout) if stdout.strip() else None,
        first_line=task.first.line,
        last_line=task.last_line,
        stages=[_stage(stage, clean) for stage in task.stages],
        delegated_to=clean(task.delegate) if task.delegate else None,
    )


def _stage(stage: StageRun, clean: Clean) -> StageEntry:
    command = stage.command
    return StageEntry(
        stage=stage.stage,
        status=stage.status,
        phase=stage.phase,
        rc=stage.rc,
        started=stage.started,
        ended=stage.ended,
        silent=stage.silent,
        first_line=stage.first.line,
        last_line=stage.last_line,
        command=clean(command.text) if command is not None else None,
        stdout_bytes=command.stdout_bytes if command is not None else None,
        stderr_bytes=command.stderr_bytes if command is not None else None,
        chunks=len(command.chunks) if command is not None else 0,
        method=command.method if command is not None else None,
        note=clean(stage.note),
        elapsed=stage.elapsed,
        awaited=_awaited(stage.awaited, clean) if stage.awaited is not None else None,
    )


def _awaited(awaited: Awaited, clean: Clean) -> AwaitedEntry:
    return AwaitedEntry(
        wait=awaited.wait,
        what=clean(awaited.what),
        whom=clean(awaited.whom),
        causes=[CauseEntry(cause.rule, cause.tell) for cause in awaited.causes],
        commands=[clean(command) for command in awaited.commands],
    )


def _wanted(finding: Finding, host: str | None) -> bool:
    """Whether a finding is of `host`, or of no host in particular."""
    if finding.connection is not None:
        return is_of(host, finding.connection)
    return host is None or finding.host in (None, host)


def _finding(run: int | None, source: int, finding: Finding, clean: Clean) -> FindingEntry:
    return FindingEntry(
        rule=finding.rule.id,
        severity=finding.severity,
        confidence=finding.confidence,
        run=run,
        host=finding.host and clean(finding.host),
        task=finding.task and clean(finding.task),
        stage=finding.stage,
        phase=finding.phase,
        category=finding.rule.category,
        title=finding.title,
        explanation=clean(finding.explanation or finding.rule.words.why),
        fixes=[clean(fix) for fix in finding.fixes or (finding.rule.words.fix,)],
        evidence=[
            EvidenceEntry(source if proof.source is None else proof.source, proof.place.line, clean(proof.text))
            for proof in finding.evidence
        ],
        connection=finding.connection.index if finding.connection is not None else None,
        channel=finding.channel.index if finding.channel is not None else None,
    )


def _answers(run: Run, host: str | None, ruled_out: str) -> list[Answer]:
    if ruled_out in (NEAR, EVERY):
        return why_not(run, host, every=ruled_out == EVERY)
    return why_not(run, host, rule_id=ruled_out)


def _answer(run: int, source: int, answer: Answer, clean: Clean) -> WhyNotEntry:
    return WhyNotEntry(
        rule=answer.rule.id,
        standing=answer.standing,
        run=run,
        host=answer.host and clean(answer.host),
        reason=clean(answer.reason),
        evidence=[EvidenceEntry(source, proof.place.line, clean(proof.text)) for proof in answer.evidence],
    )
