"""What the hint pane says of a selection: its findings, what was ruled out, or the log's own notes. No widgets here."""

from __future__ import annotations

from collections.abc import Sequence

from parsers.ends.model import Ends
from parsers.findings import Finding
from parsers.model import NO_RESULT
from parsers.whynot import why_not
from tui.widgets.channelhint import pairing_parts
from tui.widgets.hint import HintRows, Part, control_parts, hint_rows, why_not_parts
from tui.widgets.selection import Selected
from tui.widgets.words import count

NOTHING = Ends()


def hint_of(
    selected: Selected, *, ruled_out: bool = False, ends: Ends = NOTHING, names: Sequence[str] = ()
) -> tuple[HintRows, str]:
    """The pane's rows and title; with `ruled_out`, why other rules are not the cause of what broke.

    `ends` tells the stage's channel, where the managed node's log is open too; `names` are those of the logs.
    """
    line = selected.line
    if ruled_out and line is not None and line.run is not None:
        name = line.host.name if line.host is not None else None
        answers = why_not(line.run, name, control=name is None)
        parts = why_not_parts(answers, name or "the control node", broke=line.bad)
        return HintRows(parts), "Hint · why not another cause (w: back)"
    findings = selected.findings() or _of_the_run(selected)
    notes: list[Part] = []
    if line is not None and line.about == "the log":
        notes = [Part(((text, role),), 0, place) for place, text, role in line.log.notes()]
    elif line is not None and line.about == "control node" and line.run and not findings:
        notes = control_parts(line.run.control_errors)
    if notes:
        return HintRows(notes), hint_title(findings)
    stage = selected.stage()
    pairing = ends.of_command(stage.command) if stage is not None else None
    more = pairing_parts(pairing, ends) if pairing is not None and pairing.server is not None else []
    task = selected.ansible_task()
    result = task.bad_result if task is not None else None
    return hint_rows(findings, stage, names=names, more=more, result=result), hint_title(findings)


def _of_the_run(selected: Selected) -> list[Finding]:
    """What ended the run, for a host that this left without a result."""
    line, stage = selected.line, selected.stage()
    if line is None or line.run is None or stage is None or stage.note != NO_RESULT:
        return []
    return [found for found in line.log.findings if found.run == line.run.index and found.host is None]


def about_of(selected: Selected) -> tuple[object, ...]:
    """What the pane is about: the same while only seconds move."""
    stage = selected.stage()
    rules = [finding.rule.id for finding in selected.findings() or _of_the_run(selected)]
    return (stage.stage, stage.awaited, rules) if stage is not None else (None, None, rules)


def hint_title(findings: Sequence[Finding]) -> str:
    """The pane's title."""
    return f"Hint · {count(len(findings), 'finding')}" if len(findings) > 1 else "Hint"
