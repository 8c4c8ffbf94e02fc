"""No directory for temporary files can be written on the managed node.

What you see:
`FileNotFoundError: No usable temporary directory found in ['/tmp', '/var/tmp', …]`; up to Ansible 2.3 `NameError:
name 'temp_path' is not defined`.

Why it happens:
/tmp has a wrong mode (it has to be 1777), is full or read-only, or TMPDIR names a directory that is not there.

How to be sure:
`ssh USER@HOST "ls -ld /tmp /var/tmp; df /tmp; touch /tmp/x"` as the become user.

Fix:
`chmod 1777 /tmp`, make room, or take TMPDIR out of the start-up files.

Not this when:
`No space left on device` says it more exactly (disk-full).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._python import runs_own_command
from parsers.rules._said import find, is_module_json, message_lines, proof, said
from parsers.rules._values import shown, target


@rule(
    "target-tmp-not-writable",
    order=1020,
    title="The module finds no directory for temporary files",
    category=3,
    stages=(Stage.EXEC, Stage.PROBE, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for Python's words in a module's run that failed."""
    if runs_own_command(case) or (case.command is not None and case.command.rc == 0):
        return None
    rows = [row for row in said(case) if not is_module_json(row)]
    line = find(
        [*rows, *message_lines(case)], "No usable temporary directory found in", "name 'temp_path' is not defined"
    )
    if line is None or find(rows, "No space left on device"):
        return None
    at = target(case)
    explanation = f"No directory for temporary files can be written at {at.at}: {shown(line.text.strip())}"
    fixes = (at.ssh("ls -ld /tmp /var/tmp; df /tmp"), "chmod 1777 /tmp")
    return Match(proof(line), explanation=explanation, fixes=fixes)
