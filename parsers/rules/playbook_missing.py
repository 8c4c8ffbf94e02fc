"""The playbook's file is not there.

What you see:
`ERROR! the playbook: NAME could not be found` (2.19 on: `[ERROR]: …`), rc 1, and nothing else.

Why it happens:
A typing error, another working directory (CI jobs start elsewhere), or a playbook of a collection without its full
name.

How to be sure:
`ls -l NAME` in the directory where the run started.

Fix:
Give the right path, or `namespace.collection.playbook` for one of a collection.

Not this when:
A file that the playbook includes is missing: that error names the including task.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import control_lines
from parsers.rules._said import find, proof
from parsers.rules._values import quote, shown

_START = "the playbook: "
_END = " could not be found"


@rule("playbook-missing", order=100, title="The playbook's file does not exist", category=1, stages=(Stage.CONTROL,))
def check(case: Case) -> Match | None:
    """Looks for the control node's own error."""
    line = next((row for row in control_lines(case) if _START in row.text and _END in row.text), None)
    if line is None:
        return None
    name = line.text.partition(_START)[2].rpartition(_END)[0]
    explanation = f"There is no playbook {shown(name)} in the directory where the run was started."
    return Match(
        proof(find([line], _START)), explanation=explanation, fixes=(f"ls -l {quote(name, 'PLAYBOOK')}", "pwd; ls")
    )
