"""sudoers does not let this user do what Ansible asks for.

What you see:
`USER is not in the sudoers file.`, or `Sorry, user USER is not allowed to execute '/bin/sh -c echo BECOME-SUCCESS-…' as
root on HOST.`

Why it happens:
The user has no rule in sudoers, or one for certain commands only. Ansible always runs `/bin/sh -c …`, so a list of
single commands never fits.

How to be sure:
On the managed node, as root: `sudo -l -U USER`.

Fix:
Give the user a rule for /bin/sh (which means for everything), log in as a user that has one, or leave `become` away.

Not this when:
A password is asked for (become-password-missing) or refused (become-password-wrong).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._become import escalation_lines
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import quote, shown, target

_WORDS = (
    "is not in the sudoers file",
    "is not allowed to execute",
    "is not allowed to run sudo",
    "may not run sudo",
    "doas: Operation not permitted",
)


@rule(
    "become-not-allowed", order=900, title="The user may not escalate its privileges", category=3, stages=SSH_STAGES[1:]
)
def check(case: Case) -> Match | None:
    """Looks for sudo's own words."""
    line = find(escalation_lines(case), *_WORDS)
    if line is None:
        return None
    at = target(case)
    user = quote(at.user or "", "USER")
    explanation = f"sudoers at {at.at} does not allow it: {shown(line.text.strip().rstrip('.'))}."
    fixes = (f"sudo -l -U {user}", f"{user} ALL=(ALL) NOPASSWD: ALL", "ansible_become=false")
    return Match(proof(line), explanation=explanation, fixes=fixes)
