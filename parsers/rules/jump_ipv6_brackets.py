"""The way through the jump host breaks as the IPv6 address of the target has no brackets.

What you see:
`Bad stdio forwarding specification '2001:db8::1:22'` and `Connection closed by UNKNOWN port 65535`; in ssh's debug
text `Executing proxy command: exec ssh -W 2001:db8::1:22 …`.

Why it happens:
The ProxyCommand is written with `-W %h:%p`: for an IPv6 address nobody can tell where the port begins.

How to be sure:
`ssh -G HOST | grep -i proxycommand` shows `%h:%p`.

Fix:
`-W [%h]:%p` in the ProxyCommand, or ProxyJump, which does it by itself: `ansible_ssh_common_args='-o
ProxyJump=USER@BASTION'`.

Not this when:
The jump host was reached and could not reach the target (jump-target-refused).
"""

from __future__ import annotations

from parsers.declined import looked_for
from parsers.findings import Case, Match, rule
from parsers.rules._proxy import COLONS, unbracketed
from parsers.rules._said import SSH_STAGES, find, proof, quoted, ssh_said
from parsers.rules._values import shown, target

_WORDS = "Bad stdio forwarding specification"


@rule(
    "jump-ipv6-brackets",
    order=480,
    title="The ProxyCommand names an IPv6 address without brackets",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for the inner ssh's words on what it should forward."""
    lines = ssh_said(case)
    line = next((row for row in lines if _WORDS in row.text and row.text.count(":") >= COLONS), None)
    name = (quoted(line.text) or line.text.partition(_WORDS)[2].strip()) if line is not None else ""
    if line is None and (executed := unbracketed(case)) is not None:
        line, name = executed  # with `-q` the inner ssh's own words are lost
    looked_for((_WORDS, "-W ADDRESS:PORT without brackets"), line)
    if line is None:
        return None
    at = target(case)
    explanation = f"The ProxyCommand hands {shown(name)} to ssh -W: an IPv6 address needs brackets there."
    fixes = (f"{at.ssh('', '-G')} | grep -i proxycommand", "ansible_ssh_common_args='-o ProxyJump=USER@BASTION'")
    return Match(proof(line, find(lines, "UNKNOWN port 65535")), explanation=explanation, fixes=fixes, phase="tcp")
