"""There is no ssh program on the control node, or not where `ansible_ssh_executable` says.

What you see:
FAILED with `Unable to execute ssh command line on a controller due to: [Errno 2] No such file or directory: b'ssh'`
(2.10 and later).

Why it happens:
A minimal container image without an OpenSSH client, a PATH without it, or a wrong `ansible_ssh_executable`.

How to be sure:
`command -v ssh` on the control node, in the same environment as Ansible, finds nothing.

Fix:
Install it (`apt-get install openssh-client`, `dnf install openssh-clients`), or correct `ansible_ssh_executable`.

Not this when:
`[Errno 13] Permission denied` in the same sentence: the program is there and may not be run
(ssh-wrapper-not-executable).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import shown


@rule(
    "ssh-client-missing",
    order=160,
    title="ssh is not installed on the control node",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words on a program that is not there."""
    line = find(host_or_control_lines(case), "Unable to execute ssh command line on a controller")
    if line is None:
        return None
    if not any(reason in line.text for reason in ("[Errno 2]", "No such file")) and "[Errno " in line.text:
        return None  # it is there: another reason, which another rule knows
    explanation = f"ssh could not be started on the control node: {shown(line.text.strip())}"
    return Match(
        proof(line),
        explanation=explanation,
        fixes=("command -v ssh", "apt-get install openssh-client", "dnf install openssh-clients"),
    )
