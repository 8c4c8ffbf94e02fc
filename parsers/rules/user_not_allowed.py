"""sshd lets this user not log in at all, and tells the client nothing of it.

What you see:
On the control node a refused key or password like any other (`Permission denied (publickey)`). In sshd's log `User
NAME from ADDRESS not allowed because not listed in AllowUsers` (or a group, a deny list, a locked account, a login
shell that does not exist), or `Invalid user NAME from ADDRESS`.

Why it happens:
sshd_config names who may log in (AllowUsers, AllowGroups, DenyUsers, DenyGroups), the account is locked or its shell
is not there, or the node has no such user. sshd goes on as if it tried, so that nobody can find out which users exist.

How to be sure:
The line in sshd's log; on the node `sshd -T -C user=NAME,addr=ADDRESS | grep -iE 'allow|deny'`, `getent passwd NAME`,
`passwd -S NAME`.

Fix:
Put the user, or a group of it, on the list in sshd_config and reload sshd (`systemctl reload sshd`); unlock it with
`usermod -U NAME`; give it a shell that exists with `usermod -s /bin/bash NAME`; or set `ansible_user` to one that may.

Not this when:
The log says `Accepted …` and the connection ends after that (account-refused), or the modes of a directory are named
(sshd-key-modes).
"""

from __future__ import annotations

from parsers.findings import Match, server_rule
from parsers.rules._server import LOGIN, proof, who
from parsers.rules._values import quote, shown
from parsers.sshd.case import ServerCase

_WORDS = " not allowed because "
_INVALID = ("Invalid user ", "illegal user ")


@server_rule("user-not-allowed", order=510, title="sshd does not let this user log in", category=2, stages=LOGIN)
def check(case: ServerCase) -> Match | None:
    """Looks for sshd's own reason for refusing a user, in a connection in which nobody was logged in."""
    one = case.connection
    if one is None or not case.refused:
        return None
    line = case.said(_WORDS)
    user = quote(one.user or "", "NAME")
    if line is not None:
        # auth_shadow_acctexpired says so first; the reason that follows it is then another's.
        if case.said(" has expired") is not None:
            return None
        reason = line.text.partition(_WORDS)[2]
        explanation = f"sshd refused {who(one)} because {shown(reason)}; the client is not told."
        fixes = {
            "shell": (f"usermod -s /bin/bash {user}", f"getent passwd {user}"),
            "account": (f"usermod -U {user}", f"passwd -S {user}"),
        }.get(
            reason.partition(" ")[0],
            (f"sshd -T -C user={user} | grep -iE 'allow|deny'", "systemctl reload sshd", "ansible_user=NAME"),
        )
        return Match(proof(line, one.end_said), explanation=explanation, fixes=fixes, phase="auth")
    line = next((one for one in case.lines if one.text.startswith(_INVALID)), None)
    if line is None:
        return None
    explanation = f"The managed node has no user of that name, so sshd refuses {who(one)} whatever the key or password."
    fixes = (f"getent passwd {user}", f"useradd -m -s /bin/bash {user}", "ansible_user=NAME")
    return Match(proof(line, one.end_said), explanation=explanation, fixes=fixes, phase="auth")
