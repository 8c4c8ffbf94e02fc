"""What answers on the port does not speak SSH.

What you see:
UNREACHABLE with `kex_exchange_identification: banner line contains invalid characters`,
`banner exchange: Connection to ADDRESS port PORT: invalid format`, `Bad packet length N`, or `Protocol mismatch`.

Why it happens:
The port belongs to a web server, a TLS proxy, a database, a telnet or a management service: `ansible_port` is wrong, or
a proxy or a port forward leads elsewhere.

How to be sure:
`nc -w 5 ADDRESS PORT` prints `SSH-2.0-…` for sshd, and something else or nothing here. On the managed node,
`ss -ltnp 'sport = :PORT'` names the program.

Fix:
Correct `ansible_port` or `ansible_host`, or the forward on the way.

Not this when:
The connection is closed without a word (kex-closed), or nothing is said until the time is over (banner-timeout).
`Bad packet length` in a session that had worked is damage on the way (connection-lost).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._greeting import other_protocol, said_first
from parsers.rules._said import SSH_STAGES, find, proof, ssh_said
from parsers.rules._values import quote, shown, target

_WORDS = (
    "banner line contains invalid characters",
    "Protocol mismatch",
    "Bad packet length ",
    "Protocol major versions differ",
    "Bad remote protocol version identification",
    "client sent invalid protocol identifier",
)


@rule("not-ssh", order=410, title="The port does not speak SSH", category=2, stages=SSH_STAGES)
def check(case: Case) -> Match | None:
    """Looks for ssh's words on a greeting that is none."""
    lines = ssh_said(case)
    line = find(lines, *_WORDS) or next(
        (row for row in lines if row.text.startswith("banner exchange: ") and row.text.endswith("invalid format")), None
    )
    greeting = other_protocol(case) if line is None else None
    line = line or greeting
    if line is None:
        return None
    at = target(case)
    told = f'it said "{shown(said_first(greeting))}"' if greeting is not None else shown(line.text.rstrip("."))
    explanation = f"What answers at {at.at} is not an SSH server: {told}."
    fixes = (f"nc -w 5 {quote(at.host, 'HOST')} {at.port or 22}", "ansible_port=22")
    return Match(proof(line), explanation=explanation, fixes=fixes, phase="banner")
