"""The user that a task should become does not exist on the managed node.

What you see:
`chown: invalid user: 'postgres'` after `setfacl: Option -m: Invalid argument near character 3`, at the end of it
`Failed to set permissions on the temporary files Ansible needs to create when becoming an unprivileged user`. With
pipelining, or as root, `sudo: unknown user postgres` or `su: user postgres does not exist`.

Why it happens:
`become_user` names an account that an earlier step should have made (a package that is not installed on this host, a
directory service that does not answer), or its name is misspelt.

How to be sure:
On the managed node, `getent passwd NAME` prints nothing.

Fix:
Make the account first (module `user`, or the package that brings it), or correct `become_user`. With SSSD or LDAP,
`getent passwd NAME` and `systemctl status sssd` on the node.

Not this when:
setfacl itself is missing (acl-missing). `Invalid user` in sshd's log is the login user (user-not-allowed).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._said import SSH_STAGES, before, is_module_json, message_lines, proof, quoted, said
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line

_STARTS = (
    "chown: invalid user: ",
    "chown: unknown user",
    "chown: invalid user name",
    "sudo: unknown user",
    "doas: unknown user",
    "su: user ",
    "su: unknown login",
    "su: Unknown id",
)


@rule(
    "become-user-missing",
    order=835,
    title="The user to become does not exist on the managed node",
    category=3,
    stages=SSH_STAGES[1:],
)
def check(case: Case) -> Match | None:
    """Looks for the words of chown, sudo and su, where Ansible ran them itself."""
    line = next((row for row in _rows(case) if _says_so(row)), None)
    if line is None:
        return None
    at = target(case)
    name = _name(line.text)
    explanation = f"There is no user {shown(name, 60) or 'of that name'} at {at.at}, whom the task should become."
    user = quote(name, "NAME")
    return Match(proof(line), explanation=explanation, fixes=(at.ssh(f"getent passwd {user}"), f"useradd {user}"))


def _rows(case: Case) -> list[Line]:
    """What the commands said that prepare the escalation, or the one that escalates."""
    rows: list[Line] = []
    if case.task is not None:
        done = [command for command in before(case) if command.task is case.task and command.stage is Stage.CHMOD]
        rows += [row for command in done for row in command.transcript.plain]
    command = case.command
    if command is None or command.become or command.stage is Stage.CHMOD:
        rows += said(case)
    if command is None or command.stage is Stage.CHMOD:
        rows += [row for row in message_lines(case) if "becoming an unprivileged user" in row.text or _says_so(row)]
    return [row for row in rows if not is_module_json(row)]


def _says_so(line: Line) -> bool:
    text = line.text.strip()
    if text.startswith("su: user "):
        return "does not exist" in text
    return text.startswith(_STARTS)


def _name(text: str) -> str:
    """The name that the words quote, or that stands last."""
    inner = quoted(text)
    if inner:
        return inner
    if "does not exist" in text:
        return text.partition("su: user ")[2].partition(" does not exist")[0].strip()
    return text.replace(":", " ").split()[-1] if text.split() else ""
