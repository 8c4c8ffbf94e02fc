"""ssh could not start the program that gives it the password.

What you see:
`ssh_askpass: exec(ansible): No such file or directory`, then `Permission denied (…)` with rc 255: it looks exactly like
a wrong password. Ansible-core 2.19 and later.

Why it happens:
From 2.19 on, Ansible hands passwords over through SSH_ASKPASS, which is the `ansible` program beside the one that was
started. A start by `python -m ansible`, from a zipapp, or through a wrapper has none there.

How to be sure:
`command -v ansible` in the environment of the run finds nothing, or another one.

Fix:
Put the virtualenv's `bin` into PATH, or let sshpass give the password: `ansible_ssh_password_mechanism=sshpass` (or
`password_mechanism = sshpass` in the section `[ssh_connection]`).

Not this when:
The line is absent: then the password was given, and refused (auth-password).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, denied, find, proof, ssh_said
from parsers.rules._values import shown, target


@rule(
    "askpass-not-executable",
    order=180,
    title="ssh could not start the program that gives the password",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's failure to start its helper above a refused login."""
    lines = ssh_said(case)
    line = find(lines, "ssh_askpass: exec(")
    refusal = denied(lines)
    if line is None or refusal is None:
        return None
    explanation = f"ssh never got the password for {target(case).login}: {shown(line.text.strip().rstrip('.'))}."
    fixes = ("command -v ansible", "ANSIBLE_SSH_PASSWORD_MECHANISM=sshpass")
    return Match(proof(line, refusal.line), explanation=explanation, fixes=fixes, phase="auth")
