"""sudo wants a password, and Ansible has none.

What you see:
FAILED (not UNREACHABLE) with `Missing sudo password`, after `sudo: a password is required` (or
`Sorry, a password is required to run sudo`) in a chunk of state 1. With doas: `doas: Authentication required`.

Why it happens:
`become: true`, and neither `ansible_become_password` nor `-K` gives a password, while the user's rule in sudoers has
no NOPASSWD. By hand it seems to work, since sudo remembers a password of the same terminal for some minutes.

How to be sure:
`ssh USER@HOST 'sudo -k -n true'` prints the same line. On the managed node, `sudo -l -U USER` as root lists the rules:
without `NOPASSWD:` a password is needed.

Fix:
Run the playbook with `-K` (`--ask-become-pass`), set `ansible_become_password` in a vault, or let this user work
without one: a line with NOPASSWD in /etc/sudoers.d, checked with visudo.

Not this when:
`Sorry, try again.`: a password was given and is wrong (become-password-wrong). `Timeout (…) waiting for privilege
escalation prompt`: no known prompt came (become-timeout), except where su asked `Password:` and got none. `you must
have a tty`: become-needs-tty. `is not in the sudoers file`: become-not-allowed. The same words inside a module's JSON
come from a sudo that the module ran.
"""

from __future__ import annotations

from parsers.declined import looked_for, ruled_out
from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Command
from parsers.rules._become import become_program
from parsers.rules._said import SSH_STAGES, is_module_json, message_lines, proof, said
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import USUAL, Line

_WORDS = (
    "sudo: a password is required",
    "Sorry, a password is required to run sudo",
    "doas: Authentication required",
    "doas: Authorization required",
    "sudo: interactive authentication is required",
)
_TIME_OVER = "waiting for privilege escalation prompt:"
_WRONG = ("Sorry, try again.", "incorrect password attempt", "Incorrect sudo password")


@rule(
    "become-password-missing",
    order=860,
    title="Privilege escalation needs a password, and none is set",
    category=3,
    stages=SSH_STAGES[1:],
)
def check(case: Case) -> Match | None:
    """Looks for the escalation's own words, or for Ansible's."""
    lines = [line for line in said(case) if not is_module_json(line)]
    messages = message_lines(case)
    wrong = next((line for line in (*lines, *messages) if any(word in line.text for word in _WRONG)), None)
    if wrong is not None:
        ruled_out("A password was given, and was refused.", wrong)
        return None
    command = case.command
    own = command is None or command.become
    line = next((line for line in lines if own and line.text.strip().startswith(_WORDS)), None)
    message = next((line for line in messages if _missing(line)), None)
    if message is None and line is None and command is not None and command.become:
        line = _unanswered(command, messages)
    looked_for(_WORDS[:2], line or message)
    if line is None and message is None:
        return None
    if message is None and command is not None and command.rc == 0:
        return None
    at = target(case)
    method = (
        _missing(message)
        if message is not None
        else ("doas" if line is not None and "doas" in line.text else _method(command) or "sudo")
    )
    user = shown(at.user) if at.user else "the login user"
    explanation = (
        f"{method} at {at.at} asks {user} for a password, and the run has none (no -K, no ansible_become_password)."
    )
    playbook = quote(case.run.playbook or "", "PLAYBOOK")
    name = quote(at.user or "", "USER")
    fixes: tuple[str, ...] = (
        f"ansible-playbook -K {playbook}",
        at.ssh(f"{method} -n true" if method == "doas" else "sudo -k -n true"),
        f"{name} ALL=(ALL) NOPASSWD: ALL",
    )
    if method == "su":
        fixes = (fixes[0], "ansible_become_method=sudo", at.ssh("su -c true", "-t"))
    confidence = Confidence.CERTAIN if message is not None or command is None or command.become else Confidence.LIKELY
    return Match(proof(line or message, message), confidence, explanation, fixes)


def _method(command: Command | None) -> str:
    return become_program(command) if command is not None else ""


def _unanswered(command: Command, messages: list[Line]) -> Line | None:
    """su's prompt as the last word of a command whose time was over: Ansible answers it where it has a password.

    Ansible quotes it behind its own words (2.0-2.21).
    """
    over = next((row for row in messages if _TIME_OVER in row.text), None)
    if _method(command) != "su" or over is None:
        return None
    rows = [row for row in command.transcript.plain if row.text.strip() and not row.text.startswith(USUAL)]
    last = rows[-1] if rows else over._replace(text=over.text.partition(_TIME_OVER)[2])
    return last if last.text.strip() in ("Password:", "Password for root:") else None


def _missing(line: Line) -> str:
    """`sudo` of `Missing sudo password`; empty for any other line."""
    text = line.text.strip()
    for prefix in ("Task failed: ", "Action failed: "):
        text = text.removeprefix(prefix)
    words = text.rstrip(".").split(" ", 4)
    if len(words) == 3 and words[0] == "Missing" and words[2] == "password":
        return words[1]
    return ""
