"""What the rules on the control node share: its error's lines, and the file and line that it names."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.declined import required
from parsers.findings import Case
from parsers.rules._said import message_lines, number
from parsers.rules._values import shown
from parsers.ssh.transcript import Line


@dataclass(slots=True, frozen=True)
class Origin:
    """The file, line and column that an error is about."""

    evidence: Line
    file: str
    line: int
    column: int | None


def control_lines(case: Case) -> list[Line]:
    """The lines of the control node's error; empty for a host's case."""
    if case.control is None:
        required("It is a host that failed; this rule is about an error of the control node before any host.")
        return []
    return [Line(place.offset, place.line, text, True) for place, text in case.control.lines]


def origin(lines: list[Line]) -> Origin | None:
    """`Origin: FILE:LINE:COLUMN` (2.19 on) or `The error appears to be in 'FILE': line L, column C` (up to 2.18)."""
    for line in lines:
        text = line.text.strip()
        if text.startswith("Origin: "):
            head, _, last = text.removeprefix("Origin: ").rpartition(":")
            file, _, middle = head.rpartition(":")
            row, column = number(middle), number(last)
            if file and row is not None:
                return Origin(line, file, row, column)
            row = number(last)
            if head and row is not None:
                return Origin(line, head, row, None)
        elif text.startswith("The error appears to be in '"):
            file, _, rest = text.removeprefix("The error appears to be in '").rpartition("': line ")
            row = number(rest.partition(",")[0])
            column = number(rest.partition("column ")[2].partition(",")[0])
            if file and row is not None:
                return Origin(line, file, row, column)
    return None


def where(place: Origin) -> str:
    """`FILE, line 4, column 14`."""
    column = f", column {place.column}" if place.column is not None else ""
    return f"{shown(place.file)}, line {place.line}{column}"


def host_or_control_lines(case: Case) -> list[Line]:
    """The control node's own words: its error's lines, or the message of a host's result."""
    return control_lines(case) if case.control is not None else message_lines(case)


def run_warning(case: Case, *needles: str) -> Line | None:
    """The first warning of the run that holds one of `needles`.

    Up to 2.18 a long warning is wrapped at the terminal's width, and only its first line is kept: needles are short.
    """
    found = next((item for item in case.run.warnings if any(needle in item[1] for needle in needles)), None)
    return Line(found[0].offset, found[0].line, found[1], True) if found is not None else None
