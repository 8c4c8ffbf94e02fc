"""The report as Markdown, to paste into a ticket.

Text of the log stands in fences that are longer than any run of backticks in it, in code spans made the same way, or
escaped: it can end neither, nor become a heading, a link, HTML, or a mention of somebody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import UnsetType

from parsers.findings import Severity
from parsers.model import NO_RESULT
from parsers.showable import showable
from tui.prose import paragraphs
from tui.report.bothends import pairing_words, shown_pairings
from tui.report.collect import Report
from tui.report.document import Document, FindingEntry, HostEntry, RunEntry, WhyNotEntry
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

_BACKTICKS = re.compile("`+")
_MARKUP = re.compile(r"[\\*_\[\]<>&~|#$]")
_LEADING = re.compile(r"^(?:[-+=]|\d{1,9}(?=[.)]))")
_LINKED = ("@", "://", "www.")


def _longest(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


def code(text: str) -> str:
    """`text` as a code span."""
    text = showable(text).strip()
    if not text:
        return "(nothing)"
    if "`" not in text:
        return f"`{text}`"
    fence = "`" * (_longest(text) + 1)
    return f"{fence} {text} {fence}"


def fenced(lines: Iterable[str]) -> list[str]:
    """Lines of a log as a code block."""
    shown = [showable(line) for line in lines]
    fence = "`" * max(3, max(map(_longest, shown), default=0) + 1)
    return [f"{fence}text", *shown, fence]


def prose(text: str) -> str:
    """One paragraph with nothing in it that Markdown acts on, but for code spans (`…`)."""
    pieces = " ".join(showable(text).split()).split("`")
    if len(pieces) % 2 == 0:  # a backtick without a partner is one
        pieces[-2:] = [f"{pieces[-2]}'{pieces[-1]}"]
    out = []
    for number, piece in enumerate(pieces):
        if number % 2:
            out.append(code(piece))
        else:
            out.append(" ".join(map(_word, piece.split(" "))))
    return _LEADING.sub(lambda match: "\\" + match[0] if match[0] in "-+=" else match[0] + "\\", "".join(out))


def _word(word: str) -> str:
    # Hosting sites link these after Markdown is done, so an escape would not hold.
    if any(sign in word for sign in _LINKED):
        return code(word)
    return _MARKUP.sub(lambda match: "\\" + match[0], word)


def markdown_form(report: Report, *, chunks: bool) -> Iterator[str]:
    """The report in pieces that end with a line feed."""
    document = report.document
    lines = ["## sshdebug-tui report", ""]
    for source in document.sources:
        facts = f"{source.kind}, {plural(source.lines, 'line')}, {source.bytes:,} bytes, {plural(source.runs, 'run')}"
        lines.append(f"- {code(source.path)}: {facts}")
    for note in document.notes:
        at = document.sources[note.source].path + (f":{note.line}" if note.line else "")
        lines.append(f"- note on {code(at)}: {prose(note.text)}")
    yield _lines(lines)
    for run in document.runs:
        hosts = [host for host in document.hosts if host.run == run.index]
        if report.host is None or hosts:
            yield "\n" + _lines(_run(document, run, hosts))
    for side in server_sides(document):
        yield "\n" + _lines(_server(document, side))
    if chunks:
        fence = "`" * 3  # nothing but names and numbers follows, and names are shown without backticks
        yield f"\n### Chunks\n\n{fence}text\nline host task stage stream state attribution\n"
        for chunk in report.chunks():
            words = [str(chunk.line), chunk.host or "-", chunk.task or "-", str(chunk.stage or "-")]
            row = "  ".join([*words, str(chunk.stream), str(chunk.state), ownership(chunk)])
            yield showable(row).replace("`", "'") + "\n"
        yield f"{fence}\n"


def _lines(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


def _run(document: Document, run: RunEntry, hosts: list[HostEntry]) -> list[str]:
    facts = [*run_facts(run), f"lines {run.first_line:,} to {run.last_line:,}"]
    if len(document.sources) > 1:
        facts.append(document.sources[run.source].path)
    lines = [f"### Run {run.index + 1}: {run.status}", "", ", ".join(code(fact) for fact in facts), ""]
    if hosts:
        lines += [f"**{count_line(hosts)}**", ""]
    findings = [finding for finding in document.findings if finding.run == run.index]
    for group in broken_alike(hosts, findings):
        host = group.hosts[0]
        if group.rule is None:
            lines.append(_host(document, host, known=explained(host, findings)))
        else:
            who = ", ".join(code(one.name) for one in group.hosts)
            many = f"{plural(len(group.hosts), 'host')}: {code(group.rule)}, {verdict(host)}"
            lines.append(f"- {SIGNS[host.status]} {many}: {who}")
    well = [code(host.name) for host in hosts if ended_well(host)]
    if well:
        lines.append(f"- ✔ ended well: {', '.join(well)}")
    lines += _findings(document, findings)
    if not isinstance(document.why_not, UnsetType):
        answers = [answer for answer in document.why_not if answer.run == run.index]
        lines += ["", f"#### {WHY_NOT}", ""]
        lines += _why_not(document, answers) or [f"{nothing_ruled_out(hosts, run).capitalize()}."]
    return lines


def _findings(document: Document, findings: list[FindingEntry]) -> list[str]:
    lines: list[str] = []
    groups = problems(findings)
    for problem in groups:
        if problem.finding.severity is not Severity.INFO:
            lines += ["", *_problem(document, problem)]
    also = [problem.finding for problem in groups if problem.finding.severity is Severity.INFO]
    if also:
        lines += ["", "Also seen, not the cause:", ""]
        for finding in also:
            lines.append(f"- {prose(finding.title)} ({code(finding.rule)})")
            lines += [f"  - try: {code(fix)}" for fix in advice(finding)]
    return lines


def _server(document: Document, side: ServerSide) -> list[str]:
    lines = [f"### {prose(side.title)}", "", code(side.source.path), ""]
    shown = side.shown()
    for one in shown:
        lines.append(f"- {side.sign(one)} {code(connection_words(one))}")
        chosen = channels_shown(one)
        lines += [f"  - {code(channel_words(channel))}" for channel in chosen]
        if more := hidden(len(chosen), len(one.channels), "channel"):
            lines.append(f"  - {more}")
    if more := hidden(len(shown), len(side.connections), "connection"):
        lines.append(f"- {more}")
    return lines + _findings(document, side.findings)


def _why_not(document: Document, answers: list[WhyNotEntry]) -> list[str]:
    lines = []
    for group in ruled_out(answers):
        answer = group.answer
        on = f" (on {', '.join(code(host) for host in group.hosts[:HOSTS])})" if group.hosts else ""
        lines.append(f"- {code(answer.rule)}: {prose(answer.reason)}{on}")
        shown = [f"{where(document, proof)}  {proof.text.strip()}" for proof in answer.evidence[:PROOFS]]
        lines += [f"  - {code(line)}" for line in shown]
    return lines


def _host(document: Document, host: HostEntry, *, known: bool) -> str:
    line = f"- {SIGNS[host.status]} {code(host.name)}: {verdict(host)}"
    if host.failed_task:
        line += f", task {code(host.failed_task)}"
    if at := where_of(host):
        line += f", {code(at)}"
    task = first_task(host)
    if task is None:
        return line
    stages = " › ".join(stage_words(stage) for stage in task.stages)
    line += f"; stages: {stages}" if stages else ""
    pairs = [f"  - {code(pairing_words(document, one))}" for one in shown_pairings(document, host)]
    lines = [line, *pairs, *_awaited(host)]
    lines += [f"  - {NO_RESULT}"] if cut_off(task) else []
    return "\n".join(lines if known else [*lines, *(f"  - said: {code(text)}" for text in said(task))])


def _awaited(host: HostEntry) -> list[str]:
    stage = open_stage(host)
    if stage is None or stage.awaited is None:
        return []
    awaited = stage.awaited
    lines = [f"  - waits for {prose(f'{awaited.what}, from {awaited.whom}')}"]
    for cause in awaited.causes:
        name = f" ({code(cause.rule)})" if cause.rule else ""
        lines.append(f"    - perhaps: {prose(cause.tell)}{name}")
    return lines + [f"    - try: {code(command)}" for command in awaited.commands]


def _problem(document: Document, problem: Problem) -> list[str]:
    finding = problem.finding
    about = f"({code(finding.rule)}, {finding.severity}, {finding.confidence})"
    lines = [f"#### {FINDING_SIGNS[finding.severity]} {prose(finding.title)} {about}", ""]
    if problem.hosts:
        lines += [f"On {', '.join(code(host) for host in problem.hosts)}.", ""]
    for paragraph in paragraphs(finding.explanation):
        lines += [prose(paragraph), ""]
    for other in problem.others:
        lines += [f"- {code(other.host or '')}: {prose(' '.join(other.explanation.split()))}"]
    lines += [""] if problem.others else []
    evidence = []
    for member, most in proofs_of(problem):
        name = f"{member.host}  " if len(problem.members) > 1 and member.host else ""
        evidence += [f"{where(document, proof)}  {name}{proof.text.strip()}" for proof in member.evidence[:most]]
    lines += ["Evidence:", "", *fenced(evidence), ""]
    fixes = [line for fix in problem.fixes for line in fix.splitlines()]
    return [*lines, "Fix:", "", *fenced(fixes)]
