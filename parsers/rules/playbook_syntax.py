"""The playbook (or a file that it includes) is not valid, so nothing was run.

What you see:
Up to 2.18 `ERROR! We were unable to read either as JSON nor YAML` and `Syntax Error while loading YAML.`, from 2.19
on `[ERROR]: YAML parsing failed: …` with `Origin: FILE:LINE:COLUMN`; or an error of structure: `'x' is not a valid
attribute for a Play`, `conflicting action statements`, `no module/action detected in task`, `A playbook must be a list
of plays`. rc 4, and no host was touched.

Why it happens:
Wrong indentation, a tab, a colon in a text without quotes, a template that begins a value without quotes
(`{{ x }}`), or a misspelt keyword of a play or task.

How to be sure:
`ansible-playbook --syntax-check PLAYBOOK` fails in the same way at once.

Fix:
Correct the line that is named; the cause may stand just above it. Quote texts that contain `: ` or begin with `{{`.
`ansible-lint` and `yamllint` find it before the run.

Not this when:
It is a warning on an inventory source (`Failed to parse … with yaml plugin`): the inventory was then read by another
plugin, or not at all. `couldn't resolve module/action` is module-unresolved.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import control_lines, origin, where
from parsers.rules._said import find, proof
from parsers.rules._values import quote, shown

_YAML = ("We were unable to read either as JSON nor YAML", "Syntax Error while loading YAML", "YAML parsing failed")
_STRUCTURE = (
    "is not a valid attribute for a ",
    "conflicting action statements",
    "no module/action detected in task",
    "A playbook must be a list of plays",
    "playbook entries must be either valid plays or 'import_playbook'",
    "A malformed block was encountered",
    "Invalid data passed to 'loop'",
    "the field 'hosts' is required but was not set",
    "Hosts list cannot be empty",
)


@rule(
    "playbook-syntax",
    order=70,
    title="The playbook is not valid",
    category=1,
    stages=(Stage.CONTROL,),
)
def check(case: Case) -> Match | None:
    """Looks for the control node's own error on YAML or on the structure of a play."""
    lines = control_lines(case)
    line = find(lines, *_YAML) or find(lines, *_STRUCTURE)
    if line is None:
        return None
    place = origin(lines)
    file = place.file if place is not None else case.run.playbook or ""
    spot = where(place) if place is not None else shown(file) or "the playbook"
    reason = _reason(lines.index(line), [other.text for other in lines])
    explanation = f"{spot} cannot be read: {shown(reason, 240)}"
    if not explanation.endswith("."):
        explanation += "."
    fixes = [f"ansible-playbook --syntax-check {quote(case.run.playbook or file, 'PLAYBOOK')}"]
    if place is not None:
        fixes.append(f'"${{EDITOR:-vi}}" +{place.line} {quote(place.file, "FILE")}')
    return Match(
        proof(line, place.evidence if place is not None else None), explanation=explanation, fixes=tuple(fixes)
    )


def _reason(at: int, texts: list[str]) -> str:
    """The words that name the mistake: up to 2.18 they stand on the line below `Syntax Error while loading YAML.`"""
    for index, text in enumerate(texts):
        if "Syntax Error while loading YAML" in text and index + 1 < len(texts) and texts[index + 1].strip():
            return texts[index + 1].strip()
    text = texts[at].strip()
    for prefix in ("ERROR! ", "[ERROR]: ", "YAML parsing failed: "):
        text = text.removeprefix(prefix)
    return text
