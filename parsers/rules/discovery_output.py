"""Something prints before the interpreter discovery's own words, so Ansible used a default that is not there.

What you see:
`[WARNING]: Unhandled error in Python interpreter discovery for host HOST: unexpected output from Python interpreter
discovery`, then rc 127 and `/bin/sh: 1: /usr/bin/python: not found`, although the discovery's output lists a Python.

Why it happens:
A start-up file of the shell (`~/.bashrc`, /etc/profile.d), a banner program or an audit wrapper prints in
non-interactive sessions. Ansible wants `PLATFORM` (2.19 on: `FOUND`) as the first line.

How to be sure:
`ssh USER@HOST true` prints something; it has to print nothing.

Fix:
Let the file print in interactive shells only: `case $- in *i*) ;; *) return ;; esac` at its top. Until then name the
interpreter: `ansible_python_interpreter=/usr/bin/python3`.

Not this when:
The discovery's answer holds nothing between `FOUND` and `ENDFOUND` (python-missing). One and the same answer to every
command is a forced command.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._python import lost_interpreter
from parsers.rules._said import before, proof
from parsers.rules._values import shown, target
from parsers.ssh.transcript import Line


@rule(
    "discovery-output",
    order=990,
    title="Output of a start-up file spoiled the interpreter discovery",
    category=3,
    stages=(Stage.PROBE, Stage.EXEC, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for noise before the discovery's own words, and for an interpreter that is then not found."""
    lost = lost_interpreter(case)
    noise = _noise(case)
    if lost is None or noise is None:
        return None
    line, program = lost
    first, found = noise
    at = target(case)
    explanation = (
        f"At {at.at}, {shown(first.text.strip(), 80)!r} was printed before the discovery's answer, so Ansible did not "
        f"use it and tried {shown(program)}, which is not there."
    )
    interpreter = found.text.strip() if found is not None else "/usr/bin/python3"
    fixes = (
        at.ssh("true"),
        f"ansible_python_interpreter={shown(interpreter)}",
        at.ssh("grep -n echo ~/.bashrc ~/.profile"),
    )
    return Match(proof(first, line, found), explanation=explanation, fixes=fixes)


def _noise(case: Case) -> tuple[Line, Line | None] | None:
    """The first line that is not the discovery's own, and the first interpreter that it found."""
    for command in before(case):
        if command.stage is not Stage.DISCOVERY:
            continue
        rows = [row for row in command.transcript.plain if not row.stderr and row.text.strip()]
        words = [row.text.strip() for row in rows]
        if not rows or words[0] in ("PLATFORM", "FOUND") or "FOUND" not in words:
            return None
        rest = rows[words.index("FOUND") + 1 :]
        found = next((row for row in rest if row.text.startswith("/") and row.text.strip().isprintable()), None)
        return rows[0], found
    return None
