"""ssh and the server know no common cipher.

What you see:
UNREACHABLE with `Unable to negotiate with ADDRESS port PORT: no matching cipher found. Their offer: aes128-cbc,…`.

Why it happens:
The server offers only CBC or older ciphers, which ssh no longer offers by itself, or a crypto policy on one side
removed what the other has.

How to be sure:
`ssh -Q Ciphers` lists what this ssh can do, `ssh -G ADDRESS | grep -i ^ciphers` what it offers; the line has the
server's own list. On the managed node: `sshd -T | grep -i ^ciphers`.

Fix:
Update the server or its policy, or allow one of its ciphers for this host only: `-o Ciphers=+aes256-cbc`.

Not this when:
The line names a key exchange method, a host key type or a MAC.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule, seen_from_server
from parsers.rules._negotiate import CIPHER, negotiate, negotiate_server
from parsers.rules._said import SSH_STAGES
from parsers.sshd.case import ServerCase


@rule(
    "no-common-cipher",
    order=422,
    title="No cipher in common",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's line on the cipher."""
    return negotiate(case, CIPHER)


@seen_from_server("no-common-cipher")
def check_server(case: ServerCase) -> Match | None:
    """Looks for sshd's own line on it."""
    return negotiate_server(case, CIPHER)
