"""The hint pane: what the findings say of the selected host and stage, or what the stage does."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from parsers.awaited import limit_of
from parsers.findings import Finding, Severity
from parsers.model import Command, ControlError, Result, Stage, StageRun, Status
from parsers.showable import showable
from parsers.whynot import Answer, Standing
from tui.prose import paragraphs
from tui.widgets.rows import RowView
from tui.widgets.rowsource import Piece, Row, RowSource
from tui.widgets.words import SIGNS, STAGE_WORDS, STATUS_ROLES, seconds, size

_MAX_TEXT = 8_000
_SAID = 12
"""Lines of a failure's own text that are shown; the rest is in the log."""
SEVERITY_SIGNS = {Severity.ERROR: ("✖", "bad"), Severity.WARNING: ("!", "warn"), Severity.INFO: ("i", "run")}


class Part(NamedTuple):
    """A paragraph before it is wrapped."""

    pieces: Sequence[Piece]
    indent: int = 0
    target: int | None = None
    """Line of the log that enter goes to."""
    source: int | None = None
    """The log that the line is of, where it is another than the finding's."""
    hang: int = 0
    """How much further in its second row begins and those below it, so that each reads as what it goes on with."""


def wrapped(part: Part, width: int) -> list[list[Piece]]:
    """A paragraph in rows of at most `width` characters, broken at spaces where there are any."""
    rows: list[list[Piece]] = []
    lead = " " * part.indent
    row: list[Piece] = [(lead, "text")] if lead else []
    room = width = max(8, width - part.indent)
    hang = part.hang if part.hang * 3 < width else 0
    below = width - hang
    for text, role in part.pieces:
        for word in _words(showable(text[:_MAX_TEXT]), below):
            piece = word
            if len(piece.rstrip()) > room and room < width:
                glued = [row.pop()] if row and row[-1][0].endswith("\u00a0") else []
                rows.append(row)
                lead, width = " " * (part.indent + hang), below
                row = [*([(lead, "text")] if lead else []), *glued]
                room = width - sum(len(name) for name, _ in glued)
                piece = piece.lstrip()
            row.append((piece, role))
            room -= len(piece)
    rows.append(row)
    return rows


def _words(text: str, width: int) -> list[str]:
    """Words with the space behind them; one longer than `width` is cut."""
    words: list[str] = []
    for word in text.replace(" ", " \0").split("\0"):
        words.extend(word[start : start + width] for start in range(0, max(1, len(word)), width))
    return words


def finding_parts(finding: Finding, names: Sequence[str] = ()) -> list[Part]:
    """All that a finding says, the most useful first: what, evidence, fix; then why, how to be sure, not this when.

    `names` are those of the logs, for lines of another than the finding's.
    """
    sign, role = SEVERITY_SIGNS[finding.severity]
    words = finding.rule.words
    parts = [
        Part(
            (
                (f"{sign} {finding.rule.id}", role),
                (" · ", "muted"),
                (finding.title, "strong"),
                (f"  {finding.confidence}", "muted"),
            )
        )
    ]
    if finding.explanation:
        parts.append(Part(((finding.explanation, "text"),), 2))
    for evidence in finding.evidence:
        line, source = evidence.place.line, evidence.source
        other = "" if source is None else f"{names[source] if source < len(names) else f'log {source + 1}'} "
        proof = ((f"◆ {other}{line:>6}  ", "accent"), (evidence.text.strip(), "err"))
        parts.append(Part(proof, 2, line, source, hang=len(proof[0][0])))
    if finding.fixes:
        parts.extend(_commands("Fix", finding.fixes))
    else:
        parts.extend(_section("Fix", words.fix))
    if words.why != finding.explanation:
        parts.extend(_section("Why it happens", words.why))
    parts.extend(_section("How to be sure", words.sure))
    parts.extend(_section("Not this when", words.not_when))
    return parts


def _section(heading: str, text: str) -> list[Part]:
    return _paragraphs(heading, paragraphs(text))


def _paragraphs(heading: str, texts: Sequence[str]) -> list[Part]:
    if not texts:
        return []
    first, *rest = texts
    return [
        Part(((f"{heading}: ", "heading"), *_with_code(first)), 2),
        *(Part(_with_code(more), 4) for more in rest),
    ]


def _commands(heading: str, commands: Sequence[str]) -> list[Part]:
    """Fixes of this very case, each on a row of its own, so that it can be marked and copied."""
    wide = len(heading) + 2
    return [
        Part(((f"{heading}: " if at == 0 else " " * wide, "heading"), (command, "out")), 2, hang=wide + 2)
        for at, command in enumerate(commands)
    ]


def _with_code(text: str) -> list[Piece]:
    """A rule's own words: what stands in backticks is code."""
    return [(piece, "out" if at % 2 else "text") for at, piece in enumerate(text.split("`")) if piece]


def why_not_parts(answers: Sequence[Answer], host: str, *, broke: bool = True) -> list[Part]:
    """What was ruled out on a failure (`broke`), each with what speaks against it."""
    if not answers and broke:
        text = "No other rule comes near: nothing of what they look for is there. report --why-not all names each."
        return [Part(((text, "muted"),))]
    if not answers:
        return [Part(((f"Nothing broke on {host}, so there is nothing to rule out.", "muted"),))]
    parts = [Part((("Why not another cause? ", "strong"), ("What was asked, and what speaks against it.", "muted")))]
    for answer in answers:
        about = (
            (f"· {answer.rule.id}: ", "run" if answer.standing is Standing.ABSENT else "warn"),
            *_with_code(answer.reason),
        )
        parts.append(Part(about))
        for evidence in answer.evidence:
            line = evidence.place.line
            parts.append(Part(((f"◆ {line:>6}  ", "accent"), (evidence.text.strip(), "err")), 2, line, hang=10))
    return parts


def control_parts(errors: Sequence[ControlError]) -> list[Part]:
    """The control node's own words, each line leading to its place."""
    parts = [Part((("✖ control node", "bad"), (" · The run ended before it reached a host.", "strong")))]
    for error in errors:
        parts.extend(
            Part(((f"◆ {place.line:>6}  ", "accent"), (text, "err")), 2, place.line)
            for place, text in list(error.lines)
        )
    return parts


def awaited_parts(stage: StageRun | None) -> list[Part]:
    """What an open command waits for, since when, ssh's last word, what may be the cause, and what to run next."""
    if stage is None or stage.awaited is None or stage.status not in (Status.STALLED, Status.RUNNING):
        return []
    awaited, role = stage.awaited, STATUS_ROLES[stage.status]
    limit = limit_of(stage)
    head: list[Piece] = [(f"{SIGNS[stage.status]} {stage.status}", role), (" · waits for ", "muted")]
    parts = [Part((*head, *_with_code(awaited.what), (f", from {awaited.whom}", "text")))]
    times: list[Piece] = []
    if stage.elapsed is not None:
        times.append((f"began {seconds(stage.elapsed)} ago · ", "text"))
    if stage.silence is not None:
        times.append((f"silent for {seconds(stage.silence)} · ", role))
    allowed = "no limit: it may work for as long as it needs" if limit == inf else f"stalled above {seconds(limit)}"
    times.append((allowed, "muted"))
    parts.append(Part(times, 2))
    last = stage.command.transcript.last_debug if stage.command is not None else None
    if last is not None:
        word = ((f"◆ {last.line:>6}  ", "accent"), ("ssh's last word  ", "muted"), (last.text, "err"))
        parts.append(Part(word, 2, last.line))
    for cause in awaited.causes:
        name = f"{cause.rule}: " if cause.rule else "else: "
        parts.append(Part(((f"perhaps {name}", "heading"), *_with_code(cause.tell)), 2))
    return [*parts, *_commands("Try", awaited.commands)]


def said_parts(result: Result) -> list[Part]:
    """What a failure that no rule knows said for itself: its message, and what the module printed."""
    message = [line for line in result.reason.splitlines() if line.strip()]
    printed = [line for line in result.printed.splitlines() if line.strip() and line not in message]
    place = (result.message_place or result.place).line
    left = len(printed) - _SAID
    name = "stderr" if result.own_stderr else "stdout"
    rc = f"  rc {result.rc}" if result.rc and len(message) == 1 and f"rc {result.rc}" not in message[0] else ""
    parts = [
        Part(((f"◆ {place:>6}  ", "accent"), (line, "err"), (rc, "muted")), 2, place, hang=10)
        for line in message[:_SAID]
    ]
    if printed:
        more = f"  the last {_SAID} of {len(printed)} lines" if left > 0 else ""
        parts.append(Part(((f"{name} of the module", "heading"), (more, "muted")), 2))
        parts.extend(Part(((line, "err"),), 4, place) for line in printed[-_SAID:])
    return parts


def stage_parts(stage: StageRun | None, result: Result | None = None) -> list[Part]:
    """What a stage without a finding does, the text of its failure (`result`), and the facts of its command."""
    if stage is None:
        return [Part((("Nothing was found, and no stage is selected.", "muted"),))]
    parts = [Part(((f"{stage.stage}", "strong"), (f" · {STAGE_WORDS[stage.stage]}", "text")))]
    said = said_parts(result) if stage.status.bad and result is not None else []
    if said:
        parts.append(Part((("No rule knows this failure. What it said:", "text"),), 2))
        parts.extend(said)
    elif stage.note:
        parts.append(Part(((stage.note, "text" if stage.status.bad else "muted"),), 2))
    command = stage.command
    if command is not None:
        parts.extend(_facts(stage, command))
    last = max(stage.first.line, stage.last_line)
    parts.append(
        Part(
            ((f"◆ {stage.first.line:>6}  ", "accent"), (f"lines {stage.first.line} to {last} of the log", "muted")),
            2,
            stage.first.line,
        )
    )
    return parts


# Of the server's proposal, what a failed negotiation is about; its MACs and compressions follow from the ciphers.
_OFFERS = ("KEX algorithms", "host key algorithms", "ciphers ctos")


def _facts(stage: StageRun, command: Command) -> list[Part]:
    transcript = command.transcript
    parts = []
    if command.text and stage.stage is not Stage.CONNECT:
        parts.append(Part((("command  ", "heading"), (command.text, "out")), 2))
    facts: list[tuple[str, str | None]] = [
        ("ssh", transcript.client),
        ("server", transcript.server),
        ("to", f"{transcript.connected} port {transcript.connected_port}" if transcript.connected else None),
        ("mux", transcript.mux),
        ("kex", " · ".join(transcript.kex.values()) or None),
        ("host key", transcript.host_key),
        ("auth", transcript.auth_method or " → ".join(transcript.auth_tried) or None),
        ("server allows", ", ".join(transcript.auth_offered) or None),
        *((f"server's {label}", offer) for label, offer in transcript.kex_offered.items() if label in _OFFERS),
    ]
    if stage.stage is not Stage.CONNECT:
        facts = facts[3:4]
    if command.sent_bytes is not None:
        facts.append(("sent", size(command.sent_bytes)))
    if transcript.sftp is not None:
        done = transcript.sftp
        total = f" of {done.total:,}" if done.total is not None else ""
        facts.append(("sftp", f"{done.written:,} bytes written, {done.acknowledged:,} acknowledged{total}"))
    if command.stdout_bytes is not None:
        facts.append(("output", f"stdout {size(command.stdout_bytes)}, stderr {size(command.stderr_bytes or 0)}"))
    pieces: list[Piece] = []
    for name, value in facts:
        if value:
            # A no-break space: a name stays with the beginning of its value.
            pieces.extend(((f"{name}\u00a0", "heading"), (f"{value}   ", "text")))
    if pieces:
        parts.append(Part(pieces, 2))
    return parts


class HintRows(RowSource):
    """Rows of the hint pane, wrapped for one width at a time."""

    def __init__(self, parts: Sequence[Part], copied: str = "") -> None:
        self.parts = parts
        self._copied = copied
        self._width = -1
        self._rows: list[tuple[list[Piece], int | None, int | None]] = []
        self.wrap(80)

    def wrap(self, width: int) -> None:
        """Wraps for `width` cells."""
        if width == self._width:
            return
        self._width = width
        self._rows = []
        for part in self.parts:
            self._rows.extend((row, part.target, part.source) for row in wrapped(part, width))

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, index: int, width: int) -> Row:  # noqa: ARG002
        return Row(self._rows[index][0])

    def line(self, index: int) -> int | None:
        return self._rows[index][1] if index < len(self._rows) else None

    def first_target(self) -> int:
        """The first row that leads into the log; 0 without one."""
        return next((index for index, (_, target, _) in enumerate(self._rows) if target is not None), 0)

    def log_of(self, index: int) -> int | None:
        """The log that the row's line is of, where it is another than that of the selection."""
        return self._rows[index][2] if index < len(self._rows) else None

    def copied(self, index: int) -> str:  # noqa: ARG002
        text = self._copied or "\n".join("".join(text for text, _ in part.pieces) for part in self.parts)
        return text.replace("\u00a0", " ")


def hint_rows(
    findings: Sequence[Finding],
    stage: StageRun | None,
    notes: Sequence[str] = (),
    *,
    names: Sequence[str] = (),
    more: Sequence[Part] = (),
    result: Result | None = None,
) -> HintRows:
    """The rows for findings (the worst first), or for a stage without any; `more` follows the stage's own.

    `result` is that of the task's failure. A failure that no finding is about comes before findings on something else.
    """
    parts = [Part(((note, "warn"),)) for note in notes]
    parts.extend(awaited_parts(stage))
    unexplained = bool(findings) and not parts and _unexplained(findings, stage, result)
    if unexplained:
        parts.extend(stage_parts(stage, result))
    for finding in findings:
        if parts:
            parts.append(Part(()))
        parts.extend(finding_parts(finding, names))
    if not findings and not notes:
        if parts:
            parts.append(Part(()))
        parts.extend(stage_parts(stage, result))
    parts.extend(more)
    return HintRows(parts)


def _unexplained(findings: Sequence[Finding], stage: StageRun | None, result: Result | None) -> bool:
    """Whether the stage broke, and the findings are on something else."""
    if stage is None or result is None or not stage.status.bad:
        return False
    return not any(found.severity is Severity.ERROR or found.stage is stage.stage for found in findings)


class HintView(RowView):
    """The hint pane; a click on evidence goes to its line."""

    ROW_WORD = "line"
    ENTER_WORD = "evidence"

    _shown: tuple[object, Sequence[Part]] | None = None

    def on_resize(self) -> None:
        """Wraps for the new width."""
        rows = self.source
        if isinstance(rows, HintRows):
            untouched = self.cursor == rows.first_target()
            rows.wrap(max(20, self.scrollable_content_region.width - 2))
            if untouched:
                self.cursor = rows.first_target()
            self.rows_changed()
        super().on_resize()

    def show_rows(self, rows: HintRows) -> None:
        """Shows other rows, the cursor on the first evidence."""
        rows.wrap(max(20, self.scrollable_content_region.width - 2))
        self.show(rows)
        self.refresh_line(self.cursor)
        self.cursor = rows.first_target()
        self.refresh_line(self.cursor)

    def bring(self, rows: HintRows, about: object) -> None:
        """Shows rows `about` something; where only numbers in them moved, whoever reads keeps the place."""
        before = self._shown
        self._shown = (about, rows.parts)
        if before is None or before[0] != about:
            self.show_rows(rows)
        elif before[1] != rows.parts:
            rows.wrap(max(20, self.scrollable_content_region.width - 2))
            untouched = isinstance(self.source, HintRows) and self.cursor == self.source.first_target()
            self.source = rows
            self.rows_changed()
            if untouched:
                self.move_cursor(rows.first_target(), quiet=True)

    def activates_on_click(self, row: int) -> bool:
        """Evidence does."""
        return self.source.line(row) is not None
