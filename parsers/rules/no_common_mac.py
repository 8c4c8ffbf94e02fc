"""ssh and the server know no common message authentication code.

What you see:
UNREACHABLE with `Unable to negotiate with ADDRESS port PORT: no matching MAC found. Their offer: hmac-md5,…`.

Why it happens:
The server offers only old MACs, or a hardened ssh_config or sshd_config leaves no common one.

How to be sure:
`ssh -Q MACs` lists what this ssh can do, `ssh -G ADDRESS | grep -i ^macs` what it offers; the line has the server's
own list. On the managed node: `sshd -T | grep -i ^macs`.

Fix:
Update the server or its policy, or allow one of its MACs for this host only: `-o MACs=+hmac-sha1`.

Not this when:
`Corrupted MAC on input`: a MAC was agreed on, and packets were damaged on the way (connection-lost).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule, seen_from_server
from parsers.rules._negotiate import MAC, negotiate, negotiate_server
from parsers.rules._said import SSH_STAGES
from parsers.sshd.case import ServerCase


@rule(
    "no-common-mac",
    order=423,
    title="No MAC in common",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's line on the MAC."""
    return negotiate(case, MAC)


@seen_from_server("no-common-mac")
def check_server(case: ServerCase) -> Match | None:
    """Looks for sshd's own line on it."""
    return negotiate_server(case, MAC)
