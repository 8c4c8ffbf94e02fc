"""sshd does not read the user's authorized_keys, because others could write there.

What you see:
On the control node a refused key (`Permission denied (publickey)`). In sshd's log `Authentication refused: bad
ownership or modes for directory /home/NAME` (or for the file itself).

Why it happens:
With `StrictModes yes`, which is the default, sshd takes no key from a file that somebody else than the user or root
owns, or that a group or everybody may write, and the same holds for each directory above it up to the home.

How to be sure:
The line in sshd's log names the directory or file; on the node `namei -l /home/NAME/.ssh/authorized_keys` shows owners
and modes of all of them.

Fix:
`chmod go-w /home/NAME`, `chmod 700 /home/NAME/.ssh`, `chmod 600 /home/NAME/.ssh/authorized_keys`, and `chown -R NAME:
/home/NAME/.ssh`. On SELinux systems `restorecon -R /home/NAME/.ssh` as well.

Not this when:
The line is ssh's own `UNPROTECTED PRIVATE KEY FILE`: that is the control node's file (key-permissions).
"""

from __future__ import annotations

from parsers.findings import Match, server_rule
from parsers.rules._server import LOGIN, proof, who
from parsers.rules._values import quote
from parsers.sshd.case import ServerCase

_WORDS = "bad ownership or modes for "


@server_rule(
    "sshd-key-modes", order=501, title="sshd trusts neither the key file nor its directories", category=3, stages=LOGIN
)
def check(case: ServerCase) -> Match | None:
    """Looks for sshd's line on ownership and modes."""
    one = case.connection
    line = case.said(_WORDS)
    if one is None or line is None or "chroot" in line.text:
        return None
    path = quote(line.text.partition(_WORDS)[2].partition(" ")[2], "PATH")
    explanation = f"Others may write to {path}, so sshd took no key from there for {who(one)}."
    fixes = (f"chmod go-w {path}", f"namei -l {path}", f"chown {quote(one.user or '', 'NAME')}: {path}")
    return Match(proof(line, one.end_said), explanation=explanation, fixes=fixes, phase="auth", mild=not case.refused)
