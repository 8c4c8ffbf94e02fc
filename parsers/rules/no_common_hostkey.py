"""ssh and the server know no common host key algorithm.

What you see:
UNREACHABLE with `Unable to negotiate with ADDRESS port PORT: no matching host key type found. Their offer: ssh-rsa`
(or `ssh-dss`).

Why it happens:
The server can only prove itself with an RSA key and SHA-1 (`ssh-rsa`), or with DSA. OpenSSH 8.8 and later refuses
SHA-1 signatures by itself, and 10.0 has no DSA any more. Old appliances, switches, and sshd before 7.2 are like that.

How to be sure:
The line has the server's list. `ssh -G ADDRESS | grep -i ^hostkeyalgorithms` shows what this ssh accepts. On the
managed node: `ls -l /etc/ssh/ssh_host_*_key.pub` and `sshd -T | grep -i ^hostkeyalgorithms`.

Fix:
Make a modern host key on the server (`ssh-keygen -A`, then restart sshd), or allow the old one for this host only:
`-o HostKeyAlgorithms=+ssh-rsa`. PubkeyAcceptedAlgorithms alone does not help: it is about the login key, and is
needed besides when that key is RSA too.

Not this when:
`Host key verification failed`: the key could be checked and was not trusted (hostkey-unknown, hostkey-changed).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule, seen_from_server
from parsers.rules._negotiate import HOST_KEY, negotiate, negotiate_server
from parsers.rules._said import SSH_STAGES
from parsers.sshd.case import ServerCase


@rule(
    "no-common-hostkey",
    order=421,
    title="No host key algorithm in common",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's line on the host key type."""
    return negotiate(case, HOST_KEY)


@seen_from_server("no-common-hostkey")
def check_server(case: ServerCase) -> Match | None:
    """Looks for sshd's own line on it."""
    return negotiate_server(case, HOST_KEY)
