"""TCP was accepted, and then the server's SSH greeting did not come.

What you see:
UNREACHABLE after the connection's time limit, with `Connection timed out during banner exchange`, often followed by
`Connection to ADDRESS port PORT timed out`. ssh's debug text stops after `Connection established.` and
`Local version string`.

Why it happens:
Something accepts the TCP connection, and no sshd speaks: sshd is at its limit of logins in progress (MaxStartups), the
node is out of memory or swaps, a reverse DNS look-up or tcp_wrappers makes it wait, a load balancer accepts with no
node behind it, or the port belongs to a service that waits for the client to speak first. With many forks, the
control node itself may be too slow.

How to be sure:
`nc -w 10 ADDRESS PORT` prints `SSH-2.0-…` from a healthy sshd at once; here it stays silent. On the managed node:
`journalctl -u ssh -u sshd | grep -E 'MaxStartups|drop connection'`, `uptime`, `free -m`, and
`ss -tn state established 'sport = :22'` for the number of logins in progress.

Fix:
Lower `forks` or use `serial` in the play, raise MaxStartups in the node's sshd_config, relieve the node, or set
`UseDNS no` there. For a node that is only slow, raise `timeout` in ansible.cfg.

Not this when:
`ssh: connect to host … Connection timed out`: not even TCP was answered (connection-timeout). A reset or a closed
connection at the greeting is kex-reset or kex-closed. Old clients print this text for any step before authentication
that passes ConnectTimeout, so a slow key exchange may look like it.
"""

from __future__ import annotations

from parsers.awaited import Wait
from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._open import stands_at
from parsers.rules._proxy import jump
from parsers.rules._said import SSH_STAGES, find, proof, ssh_said
from parsers.rules._values import quote, target


@rule(
    "banner-timeout",
    order=370,
    title="The server accepts the connection and then says nothing",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for the time-out of the banner exchange."""
    lines = ssh_said(case)
    line = find(lines, "Connection timed out during banner exchange")
    confidence = Confidence.CERTAIN
    if line is None and case.command is not None and stands_at(case, Wait.BANNER):
        line, confidence = case.command.transcript.last_debug, Confidence.LIKELY
    if line is None:
        return None
    at = target(case)
    explanation = (
        f"{at.at} accepted the TCP connection and sent no SSH greeting in time: sshd is overloaded or at its limit of "
        "logins, or the port is not sshd's."
    )
    look, gate = f"nc -w 10 {quote(at.host, 'HOST')} {at.port or 22}", jump(case)
    fixes = (
        gate.ssh(look) if gate is not None else look,
        "ANSIBLE_FORKS=5 ANSIBLE_TIMEOUT=30",
    )
    ended = next(
        (other for other in lines if other.text.startswith("Connection to ") and " timed out" in other.text), None
    )
    return Match(proof(line, ended), confidence, explanation, fixes, "banner")
