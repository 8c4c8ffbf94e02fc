"""The client took longer for its login than sshd waits.

What you see:
On the control node `Connection closed by ADDRESS port 22` after two minutes, or a host that stalls in `connect`. In
sshd's log `fatal: Timeout before authentication for ADDRESS port N`.

Why it happens:
sshd waits `LoginGraceTime` seconds, 120 by default, for a login. The client waits for a password or a passphrase that
nobody types, a packet of the key exchange is lost on the way (an MTU that is too small), or a slow back end (LDAP,
DNS) holds the login up.

How to be sure:
What sshd's log has last of that connection: nothing after `SSH2_MSG_KEXINIT sent` is the way between the two, a
method of authentication is a question that nobody answers. On the node `sshd -T | grep -i logingracetime`.

Fix:
`ansible_ssh_common_args='-o BatchMode=yes'` makes ssh fail at once where it would ask; a key without a passphrase, or
an agent. For lost packets compare `ip link show` on both sides.

Not this when:
The client hung up itself (`Connection closed by … [preauth]`): its own limit was the shorter one.
"""

from __future__ import annotations

from parsers.findings import Match, server_rule
from parsers.rules._server import LOGIN, proof, who
from parsers.sshd.case import ServerCase

_WORDS = "Timeout before authentication"


@server_rule("sshd-login-timeout", order=411, title="The login took longer than sshd waits", category=2, stages=LOGIN)
def check(case: ServerCase) -> Match | None:
    """Looks for the end of LoginGraceTime."""
    one = case.connection
    line = case.said(_WORDS)
    if one is None or line is None or one.accepted is not None:
        return None
    reached = "in the key exchange" if one.kex_done is None else "after the key exchange, in the login itself"
    explanation = f"sshd gave up on {who(one)} {reached}: LoginGraceTime was over."
    return Match(
        proof(line, one.last),
        explanation=explanation,
        phase="kex" if one.kex_done is None else "auth",
        fixes=("ansible_ssh_common_args='-o BatchMode=yes'", "sshd -T | grep -i logingracetime"),
    )
