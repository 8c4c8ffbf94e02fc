"""The command that makes the temporary directory ended well and printed nothing.

What you see:
UNREACHABLE or FAILED with `failed to resolve remote temporary directory from ansible-tmp-…… returned empty string`.

Why it happens:
Something swallows the command's stdout: a forced command, a login shell that prints to stderr, a start-up file with
`exec >/dev/null`, or a wrapper around ssh.

How to be sure:
`ssh USER@HOST "echo one"` prints nothing.

Fix:
Repair the start-up file or the wrapper; look for `command=` in authorized_keys and for ForceCommand in sshd_config.

Not this when:
mkdir said why it failed (tmpdir-permission, disk-full). The same text in answer to everything is forced-command.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, find, message_lines, proof
from parsers.rules._values import target


@rule(
    "tmpdir-unresolved",
    order=710,
    title="The managed node did not name its temporary directory",
    category=3,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(message_lines(case), "failed to resolve remote temporary directory from")
    if line is None:
        return None
    at = target(case)
    explanation = f"{at.at} printed nothing in answer to the command that makes the temporary directory."
    return Match(
        proof(line),
        explanation=explanation,
        fixes=(at.ssh("echo one"), at.ssh("grep -n command= ~/.ssh/authorized_keys")),
    )
