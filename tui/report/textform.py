"""The report as plain text: what a support engineer wants first."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UnsetType

from parsers.findings import Severity
from parsers.model import NO_RESULT, Status
from parsers.showable import showable
from tui.prose import block, names, wrap
from tui.report.bothends import pairing_words, shown_pairings
from tui.report.collect import Report
from tui.report.document import ChunkEntry, Document, FindingEntry, HostEntry, RunEntry, StageEntry, WhyNotEntry
from tui.report.grouping import (
    FINDING_SIGNS,
    HOSTS,
    PROOFS,
    SIGNS,
    WHY_NOT,
    Problem,
    advice,
    broken_alike,
    count_line,
    cut_off,
    ended_ok,
    ended_well,
    explained,
    first_task,
    nothing_ruled_out,
    open_stage,
    ownership,
    plural,
    problems,
    proofs_of,
    ruled_out,
    run_facts,
    said,
    self_check,
    stage_words,
    verdict,
    where,
    where_of,
)
from tui.report.serverside import (
    ServerSide,
    channel_words,
    channels_shown,
    connection_words,
    hidden,
    server_sides,
)


def text_form(report: Report, *, chunks: bool, width: int) -> Iterator[str]:
    """The report in pieces that end with a line feed; prose is wrapped at `width` columns, log lines are not."""
    document = report.document
    for source in document.sources:
        yield (
            f"{showable(source.path)}: {source.kind}, {plural(source.lines, 'line')}, {source.bytes:,} bytes, "
            f"{plural(source.runs, 'run')}\n"
        )
    for note in document.notes:
        at = f"{document.sources[note.source].path}:{note.line}" if note.line else document.sources[note.source].path
        yield _lines(wrap(f"{at}: {note.text}", width, first="note: "))
    for run in document.runs:
        hosts = [host for host in document.hosts if host.run == run.index]
        if report.host is None or hosts:
            yield "\n" + _lines(_run(document, run, hosts, width))
    for side in server_sides(document):
        yield "\n" + _lines(_server(document, side, width))
    if chunks:
        yield "\nChunks (line, host, task, stage, stream, state, attribution)\n"
        for chunk in report.chunks():
            yield _chunk(document, chunk)


def _lines(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


def _run(document: Document, run: RunEntry, hosts: list[HostEntry], width: int) -> list[str]:
    place = f"lines {run.first_line:,}-{run.last_line:,}"
    if len(document.sources) > 1:
        place = f"{document.sources[run.source].path}, {place}"
    title = " · ".join([f"Run {run.index + 1}: {str(run.status).upper()}", *run_facts(run), place])
    lines = [showable(title)]
    if hosts:
        lines.append(f"  {count_line(hosts)}")
    findings = [finding for finding in document.findings if finding.run == run.index]
    for group in broken_alike(hosts, findings):
        host = group.hosts[0]
        if group.rule is None:
            lines += _host(document, host, width, known=explained(host, findings))
        else:
            many = f"  {SIGNS[host.status]} {plural(len(group.hosts), 'host')}: {group.rule}, {verdict(host)}: "
            lines += wrap(names([one.name for one in group.hosts]), width, first=many, rest=" " * 6)
    well = [host.name for host in hosts if ended_well(host)]
    if well:
        lines += wrap(names(well), width, first="  ✔ ended well: ")
    lines += wrap(self_check(run), width, first="  chunks: ") if run.reassembly.commands else []
    lines += _findings(document, findings, width)
    if not isinstance(document.why_not, UnsetType):
        answers = [answer for answer in document.why_not if answer.run == run.index]
        lines += _why_not(document, answers, width) or ["", f"  {WHY_NOT}: {nothing_ruled_out(hosts, run)}"]
    return lines


def _awaited(host: HostEntry, width: int) -> list[str]:
    stage = open_stage(host)
    if stage is None or stage.awaited is None:
        return []
    awaited = stage.awaited
    lines = wrap(f"{awaited.what}, from {awaited.whom}", width, first="      waits for: ", rest="                 ")
    for cause in awaited.causes:
        name = f" ({cause.rule})" if cause.rule else ""
        lines += wrap(f"{cause.tell}{name}", width, first="      perhaps: ", rest="               ")
    # What can be pasted stays on one line.
    return lines + [f"      try: {showable(command)}" for command in awaited.commands]


def _findings(document: Document, findings: list[FindingEntry], width: int) -> list[str]:
    lines: list[str] = []
    groups = problems(findings)
    for problem in groups:
        if problem.finding.severity is not Severity.INFO:
            lines += ["", *_problem(document, problem, width)]
    also = [problem for problem in groups if problem.finding.severity is Severity.INFO]
    if also:
        lines += ["", "  Also seen, not the cause:"]
        for problem in also:
            lines += _also(document, problem, width)
    return lines


def _server(document: Document, side: ServerSide, width: int) -> list[str]:
    lines = [showable(f"{side.title} ({side.source.path})")]
    shown = side.shown()
    for one in shown:
        lines.append(showable(f"  {side.sign(one)} {connection_words(one)}"))
        chosen = channels_shown(one)
        lines += [showable(f"      {channel_words(channel)}") for channel in chosen]
        if more := hidden(len(chosen), len(one.channels), "channel"):
            lines.append(f"      {more}")
    if more := hidden(len(shown), len(side.connections), "connection"):
        lines.append(f"  {more}; --format json has each")
    return lines + _findings(document, side.findings, width)


def _host(document: Document, host: HostEntry, width: int, *, known: bool) -> list[str]:
    broken = first_task(host)
    task = f', task "{host.failed_task}"' if host.failed_task else ""
    at = where_of(host)
    lines = [showable(f"  {SIGNS[host.status]} {host.name}: {verdict(host)}{task}" + (f" [{at}]" if at else ""))]
    if broken is None:
        return lines
    if broken.stages:
        lines.append(showable("      stages: " + " › ".join(stage_words(stage) for stage in broken.stages)))
    pairs = shown_pairings(document, host)
    lines += [showable(f"      {pairing_words(document, one)}") for one in pairs]
    lines += _awaited(host, width)
    if cut_off(broken):
        lines.append(f"      {NO_RESULT}")
    elif not known and host.status is not Status.RUNNING:
        spot = next((stage for stage in broken.stages if not ended_ok(stage.status)), broken)
        last = f"s {spot.first_line}-{spot.last_line}" if spot.last_line != spot.first_line else f" {spot.first_line}"
        lines.append(f"      no rule knows this one; see line{last}")
        lines += [showable(f"      said: {line}") for line in said(broken)]
        if isinstance(spot, StageEntry) and spot.note and not said(broken):
            lines.append(showable(f"      note: {spot.note}"))
    return lines


def _problem(document: Document, problem: Problem, width: int) -> list[str]:
    finding = problem.finding
    about = [finding.rule, f"{finding.severity}, {finding.confidence}"]
    lines = [showable(f"  {FINDING_SIGNS[finding.severity]} {finding.title}  ({' · '.join(about)})")]
    hosts = problem.hosts
    if hosts:
        lines += wrap(names(hosts), width, first="      on:  ")
    for member, most in proofs_of(problem):
        lines += _evidence(document, member, most, name=len(problem.members) > 1)
    hidden = len(problem.members) - HOSTS
    if hidden > 0:
        lines.append(f"      … and the same on {plural(hidden, 'more host')}; --format json has every line")
    lines += block(finding.explanation, width, first="      why: ")
    for other in problem.others:
        lines += block(f"{other.host}: {other.explanation}", width, first="           ")
    for number, fix in enumerate(problem.fixes):
        lead = "      fix: " if not number else "           "
        # What can be pasted stays on one line.
        lines += block(fix, width, first=lead) if "\n" in fix else [lead + showable(fix)]
    return lines


def _evidence(document: Document, finding: FindingEntry, most: int, *, name: bool) -> list[str]:
    host = f"{finding.host}  " if name and finding.host else ""
    shown = [f"      {where(document, proof)}  {host}{proof.text.strip()}" for proof in finding.evidence[:most]]
    more = len(finding.evidence) - most
    if more > 0 and most == 1:
        shown[0] += f"  (and {plural(more, 'more line')})"
    elif more > 0:
        shown.append(f"      … and {plural(more, 'more line')}")
    return [showable(line) for line in shown]


def _also(document: Document, problem: Problem, width: int) -> list[str]:
    finding = problem.finding
    hosts = f" on {names(problem.hosts)}" if problem.hosts else ""
    place = f" ({where(document, finding.evidence[0])})" if finding.evidence else ""
    lines = wrap(f"{finding.title} ({finding.rule}){hosts}{place}", width, first="  · ", rest="    ")
    return [*lines, *(showable(f"      try: {fix}") for fix in advice(finding))]


def _why_not(document: Document, answers: list[WhyNotEntry], width: int) -> list[str]:
    lines = ["", f"  {WHY_NOT}:"] if answers else []
    for group in ruled_out(answers):
        answer = group.answer
        on = f" (on {names(group.hosts, limit=6)})" if group.hosts else ""
        lines += wrap(f"{answer.rule}: {answer.reason}{on}", width, first="  · ", rest="      ")
        lines += [
            showable(f"      {where(document, proof)}  {proof.text.strip()}") for proof in answer.evidence[:PROOFS]
        ]
    return lines


def _chunk(document: Document, chunk: ChunkEntry) -> str:
    path = f"{document.sources[chunk.source].path}:" if len(document.sources) > 1 else ""
    task = f'"{chunk.task}"' if chunk.task is not None else "-"
    words = [f"{path}{chunk.line}", chunk.host or "-", task, str(chunk.stage or "-"), str(chunk.stream)]
    return showable("  ".join([*words, f"state {chunk.state}", ownership(chunk)])) + "\n"
