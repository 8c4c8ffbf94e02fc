"""A template of the task uses a variable that this host does not have.

What you see:
`fatal: [HOST]: FAILED!` although no ssh was started for the task: `The task includes an option with an undefined
variable. The error was: 'x' is undefined` (up to 2.18), or `Finalization of task args for 'MODULE' failed: … 'x' is
undefined` (2.19 on).

Why it happens:
The variable is set for other hosts or groups only, its name has a typing error, facts were not gathered
(`gather_facts: false`), or a task that registers it was skipped.

How to be sure:
`ansible-inventory --host HOST` shows what the inventory sets; `ansible HOST -m debug -a var=NAME` the value at a task.

Fix:
Set it (group_vars, host_vars, role defaults), or give a default: `{{ x | default('') }}`.

Not this when:
The word `undefined` stands in a module's own output.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import find, proof
from parsers.rules._values import quote, shown

_OLD = "The task includes an option with an undefined variable"
_NEW = "Finalization of task args for "
_KEYWORD = "Task failed: '"
"""From 2.19 on, of a variable in a keyword of the task (`delegate_to`, `when`): nothing stands before its name."""
_ENDS = (" is undefined", " has no attribute ", "object of type ")


@rule(
    "variable-undefined",
    order=110,
    title="A variable is not defined for this host",
    category=1,
    stages=(Stage.CONTROL, Stage.RESULT, Stage.EXEC),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words on a template, in a task that started no command."""
    if case.command is not None:
        return None
    rows = host_or_control_lines(case)
    line = find(rows, _OLD) or next(
        (
            row
            for row in rows
            if (_NEW in row.text and any(end in row.text for end in _ENDS))
            or (row.text.startswith(_KEYWORD) and row.text.rstrip().endswith("' is undefined"))
        ),
        None,
    )
    if line is None:
        return None
    name = _name(line.text)
    host = quote(case.host.name if case.host is not None else "", "HOST")
    who = f" for {shown(case.host.name)}" if case.host is not None else ""
    explanation = f"The variable {shown(name)!r} is not defined{who}." if name else f"A variable is not defined{who}."
    fixes = (f"ansible-inventory --host {host}", f"ansible {host} -m debug -a var={quote(name, 'NAME')}")
    return Match(proof(line), explanation=explanation, fixes=fixes)


def _name(text: str) -> str:
    """x of `'x' is undefined`."""
    head, found, _ = text.partition("' is undefined")
    return head.rpartition("'")[2] if found else ""
