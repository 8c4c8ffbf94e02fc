"""sudo (or su) refused the password.

What you see:
FAILED with `Incorrect sudo password` (or `Incorrect su password`), after `Sorry, try again.` or
`su: Authentication failure` in a chunk.

Why it happens:
`ansible_become_password` or the answer to `-K` is wrong. sudo wants the login user's own password (unless `rootpw` or
`targetpw` is set), su wants the other user's. A vault or an inventory of another environment supplies it, or the
account is locked.

How to be sure:
`ssh -t USER@HOST 'sudo -k; sudo true'` by hand with the same password (for su: `su - BECOME_USER -c true`). On the
managed node, `journalctl -t sudo -n 20` and `faillock --user USER`.

Fix:
Correct the password (`-K`, or the variable in the vault), or unlock the account: `faillock --user USER --reset`.

Not this when:
No password was set at all (become-password-missing), or no prompt came (become-timeout).
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._become import become_program, escalation_lines, su_user
from parsers.rules._said import SSH_STAGES, find, message_lines, proof
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line

_WORDS = (
    "Sorry, try again.",
    "incorrect password attempt",
    "su: Authentication failure",
    "doas: Authentication failed",
)


@rule(
    "become-password-wrong",
    order=870,
    title="The password for privilege escalation is wrong",
    category=3,
    stages=SSH_STAGES[1:],
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words, or for those of sudo and su."""
    message = next((row for row in message_lines(case) if _is_message(row.text)), None)
    line = find(escalation_lines(case), *_WORDS)
    if message is None and line is None:
        return None
    at = target(case)
    method = _method(case, message, line)
    user = shown(at.user) if at.user else "the login user"
    # su asks for the password of the user that it becomes, sudo and doas for that of the one who calls.
    becomes = su_user(case.command) if case.command is not None else ""
    whose = (shown(becomes) or "the user that the task becomes") if method == "su" else user
    explanation = f"{shown(method)} at {at.at} refused the password that was given for {whose}."
    playbook = quote(case.run.playbook or "", "PLAYBOOK")
    account = quote(becomes, "BECOME_USER") if method == "su" else quote(at.user or "", "USER")
    fixes = (
        f"ansible-playbook -K {playbook}",
        at.ssh({"su": f"su {account} -c true", "doas": "doas true"}.get(method, "sudo -k; sudo true"), "-t"),
        f"faillock --user {account}",
    )
    confidence = Confidence.CERTAIN if message is not None else Confidence.LIKELY
    return Match(proof(line or message, message), confidence, explanation, fixes)


def _method(case: Case, message: Line | None, line: Line | None) -> str:
    """The program that refused: what Ansible calls it, else the command's, else by its words."""
    if message is not None:
        return message.text.partition("Incorrect ")[2].split(" ", 1)[0]
    own = become_program(case.command) if case.command is not None else ""
    by_words = line.text.partition(":")[0].strip() if line is not None else ""
    return own or (by_words if by_words in ("su", "doas") else "sudo")


def _is_message(text: str) -> bool:
    _, found, rest = text.partition("Incorrect ")
    return bool(found) and rest.strip().rstrip(".").endswith(" password") and len(rest) < 40
