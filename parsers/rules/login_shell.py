"""The login works, and the user's shell lets nobody in.

What you see:
UNREACHABLE with `Failed to create temporary directory. In some cases …` although ssh logged in. The first commands end
with rc 1 and `This account is currently not available.` on stdout (nologin), or with rc 1 and no output at all
(/bin/false).

Why it happens:
The login shell in /etc/passwd (or in the directory service) is /usr/sbin/nologin or /bin/false, as service accounts
have it. sshd runs every command through that shell, so not even `echo ~` works.

How to be sure:
On the managed node: `getent passwd USER` ends in `nologin` or `false`. From the control node, `ssh USER@HOST true`
prints the same line. sftp works all the same, which misleads.

Fix:
On the node, as root: `usermod -s /bin/sh USER`. Or log in as a user that has a shell and become the service account:
`become_user: USER`.

Not this when:
The line stands inside a module's JSON, or the command used become: then it is the become_user's shell that refuses
(su starts it; `become_flags` with `-s /bin/sh`, or become_method sudo, goes round it). A constant text with rc 0 is
a forced command (forced-command).
"""

from __future__ import annotations

from parsers.declined import looked_for, ruled_out
from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._said import is_module_json, proof, said
from parsers.rules._values import quote, shown, target

_SAYS = "This account is currently not available"


@rule(
    "login-shell",
    order=620,
    title="The user's login shell refuses every command",
    category=3,
    stages=(Stage.CONNECT, Stage.HOME, Stage.TMPDIR, Stage.DISCOVERY, Stage.PROBE, Stage.EXEC),
)
def check(case: Case) -> Match | None:
    """Looks for nologin's own words as the whole answer of a command."""
    command = case.command
    if command is not None and (command.become or command.rc == 0):
        if (line := next((row for row in said(case) if _SAYS in row.text), None)) is not None:
            ruled_out("It is the shell of the user that the task becomes, not the login user's.", line)
        return None
    line = next((line for line in said(case) if _SAYS in line.text and not is_module_json(line)), None)
    looked_for((_SAYS,), line)
    if line is None or not line.text.strip().startswith(_SAYS):
        return None
    at = target(case)
    user = shown(at.user) if at.user else "the login user"
    explanation = (
        f"ssh logged in at {at.at}, and the login shell of {user} is nologin: it answers every command with this."
    )
    name = quote(at.user or "", "USER")
    fixes = (
        at.ssh("true"),
        f"usermod -s /bin/sh {name}",
    )
    return Match(proof(line), explanation=explanation, fixes=fixes)
