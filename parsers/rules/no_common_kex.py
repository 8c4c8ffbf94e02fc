"""ssh and the server know no common key exchange method.

What you see:
UNREACHABLE with `Unable to negotiate with ADDRESS port PORT: no matching key exchange method found. Their offer: …`.

Why it happens:
One side is much older than the other, or one is hardened. An old appliance or an EL6 sshd offers only
`diffie-hellman-group1-sha1` or `group14-sha1`, which ssh no longer offers by itself; or a crypto policy (FIPS,
`update-crypto-policies`, a hardened ssh_config) removed what the server has.

How to be sure:
`ssh -Q KexAlgorithms` lists what this ssh can do, `ssh -G ADDRESS | grep -i ^kexalgorithms` what it offers. The line
above has the server's own list. On the managed node: `sshd -T | grep -i ^kexalgorithms`.

Fix:
Allow one of the server's methods for this host only, with `ansible_ssh_common_args`, or in the control node's
ssh_config; better, update or unharden the server. On EL, look at `update-crypto-policies --show` on both sides.

Not this when:
The line names a host key type, a cipher or a MAC: those have rules of their own. `kex-strict-s-v00@openssh.com` and
`ext-info-s` in an offer are signals, not methods.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule, seen_from_server
from parsers.rules._negotiate import KEX, negotiate, negotiate_server
from parsers.rules._said import SSH_STAGES
from parsers.sshd.case import ServerCase


@rule(
    "no-common-kex",
    order=420,
    title="No key exchange method in common",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's line on the key exchange method."""
    return negotiate(case, KEX)


@seen_from_server("no-common-kex")
def check_server(case: ServerCase) -> Match | None:
    """Looks for sshd's own line on it."""
    return negotiate_server(case, KEX)
