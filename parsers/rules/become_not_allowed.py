"""sudoers does not let this user do what Ansible asks for.

What you see:
`USER is not in the sudoers file.`, or `Sorry, user USER is not allowed to execute '/bin/sh -c echo BECOME-SUCCESS-…' as
root on HOST.` The second holds Ansible's own mark, so that Ansible takes the line for the success and away from what it
shows: below ANSIBLE_DEBUG the command just ends with rc 1 and says nothing.

Why it happens:
The user has no rule in sudoers, or one for certain commands only. Ansible always runs `/bin/sh -c …`, so a list of
single commands never fits. Or PAM refuses the account before sudoers is read: it has expired, or su is for the group
wheel alone.

How to be sure:
On the managed node, as root: `sudo -l -U USER`.

Fix:
Give the user a rule for /bin/sh (which means for everything), log in as a user that has one, or leave `become` away.

Not this when:
A password is asked for (become-password-missing) or refused (become-password-wrong).
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._become import escalation_lines
from parsers.rules._python import no_json
from parsers.rules._said import SSH_STAGES, ending, find, proof
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import USUAL

_WORDS = (
    "is not in the sudoers file",
    "is not allowed to execute",
    "is not allowed to run sudo",
    "may not run sudo",
    "doas: Operation not permitted",
)
_PAM = (
    "PAM account management error",
    "account validation failure, is your account locked?",
    "Account expired or PAM config lacks",
    "Account or password is expired",
    "Password expired, contact your system administrator",
    "su: Permission denied",
    "su: Module is unknown",
)
"""What sudo and su say where PAM's account part refuses (an expired account, pam_wheel, pam_access, SSSD's rules)."""


@rule(
    "become-not-allowed", order=900, title="The user may not escalate its privileges", category=3, stages=SSH_STAGES[1:]
)
def check(case: Case) -> Match | None:
    """Looks for sudo's own words."""
    line = find(escalation_lines(case), *_WORDS)
    at = target(case)
    user = quote(at.user or "", "USER")
    fixes = (f"sudo -l -U {user}", f"{user} ALL=(ALL) NOPASSWD: ALL", "ansible_become=false")
    if line is not None:
        words = line.text.partition("] password:")[2] or line.text
        explanation = f"sudoers at {at.at} does not allow it: {shown(words.strip().rstrip('.'))}."
        return Match(proof(line), explanation=explanation, fixes=fixes)
    line = find([row for row in escalation_lines(case) if row.text.startswith(("sudo: ", "su: "))], *_PAM)
    if line is not None:
        explanation = f"PAM at {at.at} does not let {shown(at.user or 'the login user')} escalate: "
        explanation += f"{shown(line.text.strip().rstrip('.'))}."
        pam = (f"chage -l {user}", f"faillock --user {user}", "journalctl -t sudo -t su -n 20")
        return Match(proof(line), explanation=explanation, fixes=pam)
    if not _swallowed(case) or case.command is None:
        return None
    explanation = (
        f"The command that escalates at {at.at} ended with rc 1 without a word, as it does where sudo refuses this "
        "one command: Ansible takes the refusal, which quotes its mark BECOME-SUCCESS, for the success."
    )
    return Match((ending(case.command),), Confidence.LIKELY, explanation, fixes)


def _swallowed(case: Case) -> bool:
    """Whether a module's run with another user's rights ended with 1 and said nothing at all."""
    command = case.command
    if command is None or not command.become or command.rc != 1 or case.stage is None:
        return False
    # A tuple shows all that Ansible left of the output; a module that runs says something in any case.
    said_nothing = not any(
        row.text.strip() and not row.text.startswith(USUAL) and " via ansible, key=" not in row.text
        for row in command.transcript.plain
    )
    return command.has_tuple and said_nothing and case.stage.stage is Stage.EXEC and no_json(case)
