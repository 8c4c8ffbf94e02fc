"""The interpreter discovery met a broken connection, went on with a guess, and the guess is wrong.

What you see:
`Unhandled error in Python interpreter discovery for host HOST: …` as a warning, and later rc 127: `/usr/bin/python:
not found`.

Why it happens:
The command that looks for Python failed for a moment (a connection that was reset, a full MaxStartups). Ansible then
takes a default path instead of stopping there.

How to be sure:
The warning names the error. `ssh USER@HOST command -v python3` finds one.

Fix:
Repair the connection (lower `ANSIBLE_FORKS`, set `ANSIBLE_SSH_RETRIES=3`), or name the interpreter, so that nothing
has to be looked for: `ansible_python_interpreter=/usr/bin/python3`.

Not this when:
The discovery ran and found nothing (python-missing).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._python import broken_discovery, lost_interpreter
from parsers.rules._said import proof
from parsers.rules._values import shown, target


@rule(
    "discovery-on-broken-connection",
    order=980,
    title="The connection broke while the interpreter was looked for",
    category=2,
    stages=(Stage.EXEC, Stage.PROBE, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for an interpreter that is not there, and for Ansible's warning on the discovery of that host."""
    lost = lost_interpreter(case)
    warning = broken_discovery(case)
    if lost is None or warning is None:
        return None
    at = target(case)
    explanation = (
        f"The connection to {at.at} broke while the interpreter was looked for; {shown(lost[1])}, taken as a guess, is "
        "not there."
    )
    fixes = (at.ssh("command -v python3"), "ansible_python_interpreter=/usr/bin/python3", "ANSIBLE_SSH_RETRIES=3")
    return Match(proof(warning, lost[0]), explanation=explanation, fixes=fixes)
