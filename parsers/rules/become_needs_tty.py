"""sudo insists on a terminal.

What you see:
`sudo: sorry, you must have a tty to run sudo`, or `sudo: no tty present and no askpass program specified`, rc 1, and
`MODULE FAILURE`.

Why it happens:
`Defaults requiretty` in sudoers, together with pipelining (which has no terminal); or a password is needed and sudo has
no way to ask.

How to be sure:
On the managed node: `grep -rn requiretty /etc/sudoers /etc/sudoers.d`.

Fix:
`Defaults:USER !requiretty` with visudo, or switch pipelining off for this host: `ansible_pipelining=false`.

Not this when:
`sudo: a password is required` (become-password-missing).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._become import escalation_lines
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import quote, shown, target


@rule("become-needs-tty", order=890, title="sudo insists on a terminal", category=3, stages=SSH_STAGES[1:])
def check(case: Case) -> Match | None:
    """Looks for sudo's own words."""
    line = find(escalation_lines(case), "you must have a tty to run sudo", "no tty present and no askpass program")
    if line is None:
        return None
    at = target(case)
    explanation = f"sudo at {at.at} does not run without a terminal: {shown(line.text.strip().rstrip('.'))}."
    fixes = ("ansible_pipelining=false", f"Defaults:{quote(at.user or '', 'USER')} !requiretty", at.ssh("sudo -n true"))
    return Match(proof(line), explanation=explanation, fixes=fixes)
