"""`sshdebug-tui report`: reads the logs to their ends and writes one report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from parsers.analysis import Analysis
from parsers.attribution.lanes import LaneError
from parsers.log_model import LogModel
from parsers.showable import showable_bytes
from tui.exits import Exit
from tui.processes import lanes
from tui.prose import names, nearest
from tui.report.collect import AnalysedLog, Report, collect
from tui.report.server import is_of
from tui.sources.base import NotedSource, Source, SourceError
from tui.sources.content import no_ansible
from tui.sources.opening import open_log


class Format(StrEnum):
    """What a report can be written as."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """The arguments of `report`."""

    logs: Sequence[str]
    format: Format = Format.TEXT
    chunks: bool = False
    host: str | None = None
    why_not: str | None = None
    """A rule's id, or `NEAR` or `EVERY` of `collect`; None: nobody asks."""
    redact: bool = True
    width: int = 100


class UnknownHostError(Exception):
    """No run has a host of that name; the message names the nearest."""


def analyse(source: Source, *, index: int = 0) -> AnalysedLog:
    """Reads `source` to its end, a block at a time; SourceError if it is no log that this version can report on."""
    analysis = Analysis(source=index, lanes=lanes())
    first = b""
    try:
        # A stream that waits gives b"" at its end only.
        while block := source.read():
            if not first:
                first = _first_line(block)
            analysis.make_room()
            analysis.feed(block)
        notes = list(source.notes) if isinstance(source, NotedSource) else []
        analysis.finish()
    except LaneError as error:
        raise SourceError(f"{source.name}: {error}") from error
    finally:
        source.close()
    model = analysis.snapshot()
    _require_known(source.name, model, first)
    return AnalysedLog(source.name, model, analysis.findings(), notes)


def _first_line(block: bytes) -> bytes:
    return next((line.strip() for line in block[:4096].splitlines() if line.strip()), b"")[:60]


def _require_known(name: str, model: LogModel, first: bytes) -> None:
    if model.runs or model.sshd is not None:
        return
    begins = f', which begins with "{showable_bytes(first)}"' if first else ""
    raise SourceError(no_ansible(name, model.lines, begins))


def write_report(options: ReportOptions, out: Callable[[str], object], say: Callable[[str], object]) -> Exit:
    """Reads every log and writes the report with `out`; what cannot be read is told with `say`.

    A log that cannot be read does not keep the others from being reported; it makes the code USAGE all the same.
    UnknownHostError, before anything is written, if `options.host` is in none of them.
    """
    logs: list[AnalysedLog] = []
    unread = False
    for given in options.logs:
        try:
            logs.append(analyse(open_log(given, wait=True), index=len(logs)))
        except SourceError as error:
            say(str(error))
            unread = True
    if not logs:
        return Exit.USAGE
    if options.host is not None:
        _require_host(options.host, logs)
    report = collect(logs, host=options.host, secrets=not options.redact, ruled_out=options.why_not)
    for piece in _pieces(report, options):
        out(piece)
    if unread:
        return Exit.USAGE
    return Exit.OK if report.well else Exit.HOSTS


def _require_host(host: str, logs: Sequence[AnalysedLog]) -> None:
    known = list(dict.fromkeys(one.name for log in logs for _, one in log.model.hosts()))
    servers = [log.model.sshd for log in logs if log.model.sshd is not None]
    known += sorted({one.host for server in servers for one in server.connections if one.host} - {*known})
    if any(is_of(host, one) for server in servers for one in server.connections):
        return
    if host in known:
        return
    near = nearest(host, known)
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    else:
        hint = f"there are {names(known, limit=12)}" if known else "there is no host in it at all"
    raise UnknownHostError(f"no run has a host {host}; {hint}")


def _pieces(report: Report, options: ReportOptions) -> Iterator[str]:
    if options.format is Format.JSON:
        from tui.report.jsonform import json_form

        return json_form(report, chunks=options.chunks)
    if options.format is Format.MARKDOWN:
        from tui.report.markdownform import markdown_form

        return markdown_form(report, chunks=options.chunks)
    from tui.report.textform import text_form

    return text_form(report, chunks=options.chunks, width=options.width)
