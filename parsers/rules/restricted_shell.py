"""The login shell is a restricted one, or the command line of a device.

What you see:
`restricted: cannot specify '/' in command names` (rbash), `*** forbidden …` (lshell), `% Invalid input detected`,
`Error: Command not recognized` or `shell: Invalid credentials` in answer to Ansible's first commands.

Why it happens:
Ansible runs `/bin/sh -c …` through the login shell. A restricted shell forbids it, and a switch or a management board
has no shell at all.

How to be sure:
`ssh USER@HOST /bin/sh -c true` prints the same words.

Fix:
Another login shell for the automation user (`usermod -s /bin/sh USER`); for a network device
`ansible_connection=ansible.netcommon.network_cli`, or the module raw.

Not this when:
`This account is currently not available` is a shell that lets nobody in (login-shell). The same answer to everything
is forced-command.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._python import runs_own_command
from parsers.rules._said import SSH_STAGES, find, is_module_json, proof, said
from parsers.rules._values import quote, shown, target

_WORDS = (
    "restricted: cannot specify",
    "restricted: cannot redirect output",
    "*** forbidden ",
    "% Invalid input detected",
    "Error: Command not recognized",
    "shell: Invalid credentials",
    "% Unknown command",
)


@rule(
    "restricted-shell",
    order=640,
    title="The login shell does not run Ansible's commands",
    category=3,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for the words of restricted shells and of devices."""
    if runs_own_command(case):
        return None
    rows = [row for row in said(case) if not is_module_json(row)]
    line = find(rows, *_WORDS)
    if line is None:
        return None
    at = target(case)
    explanation = f"The login shell at {at.at} does not run /bin/sh: {shown(line.text.strip())}"
    user = quote(at.user or "", "USER")
    fixes = (
        at.ssh("/bin/sh -c true"),
        f"usermod -s /bin/sh {user}",
        "ansible_connection=ansible.netcommon.network_cli",
    )
    return Match(proof(line), explanation=explanation, fixes=fixes)
