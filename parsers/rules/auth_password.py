"""The server refused the password.

What you see:
Up to ansible-core 2.18, sshpass ends with rc 5 and Ansible says `Invalid/incorrect password: … Permission denied`
(with retries on: `Invalid/incorrect username/password. Skipping remaining N retries to prevent account lockout`). From
2.19 on, ssh asks Ansible by itself (ssh_askpass): rc 255 and `USER@HOST: Permission denied (publickey,password).`, and
retries are not held back.

Why it happens:
`ansible_password` (or the answer to `-k`) is wrong or empty, it belongs to another user than `ansible_user`, it has
expired, the account is locked, or a vault or inventory of another environment supplies it. A prompt that does not
contain "assword" (translated, or a second factor) is never answered.

How to be sure:
`ssh -o PubkeyAuthentication=no USER@HOST` by hand with the same password. On the managed node,
`journalctl -u ssh -u sshd -n 50` shows `Failed password for USER` or `Invalid user`, `faillock --user USER` a lock,
`chage -l USER` an expired password.

Fix:
Correct the password (`-k`, or the variable in the vault) or the user. Before trying again, see that no lock-out
counts on: `ansible_ssh_retries` repeats a wrong password from 2.19 on. Better, use a key.

Not this when:
No password was tried: a list like `(publickey,password)` only says what the server would take (auth-publickey).
`ssh_askpass: exec(ansible): No such file or directory` means that ssh never got the password (askpass-not-executable).
rc 5 from the remote command itself has no `Permission denied` of ssh.
"""

from __future__ import annotations

from parsers.declined import ruled_out
from parsers.findings import Case, Confidence, Match, rule, seen_from_server
from parsers.rules._said import (
    SSH_STAGES,
    better,
    denied,
    exit_status,
    find,
    has_ssh_debug,
    message_lines,
    password_used,
    proof,
    said,
    ssh_said,
)
from parsers.rules._server import login_failed
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line
from parsers.sshd.case import ServerCase

_AGAIN = "Permission denied, please try again."
_SSHPASS = ("Invalid/incorrect password", "Invalid/incorrect username/password")
_OTHER_CAUSES = ("to avoid man-in-the-middle attacks", "ssh_askpass: exec(", "Too many authentication failures")


@rule(
    "auth-password",
    order=520,
    title="The server refused the password",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for sshpass's rc 5, or for a refused login in which a password was tried."""
    found = _by_sshpass(case) or _by_askpass(case)
    if found is None:
        return None
    line, message, confidence = found
    at = target(case)
    refusal = denied([line])
    explanation = f"The server refused the password for {at.login}."
    others = [name for name in refusal.methods if name != "password"] if refusal is not None else []
    if others:
        explanation += f" Besides a password, it would take: {shown(', '.join(others))}."
    fixes = (
        at.ssh("true", "-o", "PubkeyAuthentication=no"),
        f"ansible-playbook -k {quote(case.run.playbook or '', 'PLAYBOOK')}",
    )
    return Match(proof(line, message), confidence, explanation, fixes, "auth")


def _by_sshpass(case: Case) -> tuple[Line, Line | None, Confidence] | None:
    """sshpass saw the prompt twice: rc 5, with ssh's `Permission denied` on stderr."""
    message = _raw_message(case)
    if case.command is None or case.command.rc is None:
        return (message, None, Confidence.CERTAIN) if message is not None else None
    if case.command.rc != 5 or exit_status(case.command) is not None:
        return None
    line = find((line for line in said(case) if line.stderr), _AGAIN, "Permission denied (")
    if line is not None:
        return line, message, Confidence.CERTAIN
    return (message, None, Confidence.CERTAIN) if message is not None else None


def _by_askpass(case: Case) -> tuple[Line, Line | None, Confidence] | None:
    """ssh itself asked: rc 255, and a method with a password was among those that it tried."""
    lines = ssh_said(case)
    refusal = denied(lines)
    if refusal is None or better(lines, *_OTHER_CAUSES):
        return None
    again = next((line for line in lines if _AGAIN in line.text), None)
    if again is None and not password_used(case):
        ruled_out(_untried(case), refusal.line)
        return None
    if again is None and not {"password", "keyboard-interactive"} & set(refusal.methods):
        ruled_out(f"The server takes no password: it allows {shown(', '.join(refusal.methods))}.", refusal.line)
        return None
    confidence = Confidence.CERTAIN if again is not None or has_ssh_debug(case) else Confidence.LIKELY
    return refusal.line, again, confidence


def _untried(case: Case) -> str:
    """Why the log shows no password that was tried."""
    command = case.command
    if command is not None and command.password is False:
        return "ssh never tried a password: its command has PasswordAuthentication=no, as Ansible had none to give."
    if command is not None and has_ssh_debug(case):
        tried = ", ".join(command.transcript.auth_tried) or "nothing"
        return f"ssh never tried a password: it tried {shown(tried)}."
    return "Nothing shows that a password was tried; ssh's debug text, which would, is not in this log."


def _raw_message(case: Case) -> Line | None:
    """Ansible's own line on a wrong password."""
    if case.task is None:
        return None
    for result in case.task.results:
        if any(words in result.message for words in _SSHPASS):
            place = result.message_place or result.place
            return Line(place.offset, place.line, result.message.strip().splitlines()[0], stderr=True)
    return find(message_lines(case), *_SSHPASS)


@seen_from_server("auth-password")
def check_server(case: ServerCase) -> Match | None:
    """Looks for a login that ended with nothing but failed attempts."""
    return login_failed(case, ("password", "keyboard-interactive/pam"))
