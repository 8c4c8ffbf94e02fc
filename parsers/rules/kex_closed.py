"""The server closed the connection at its greeting.

What you see:
UNREACHABLE with `kex_exchange_identification: Connection closed by remote host` and `Connection closed by ADDRESS port
PORT`; clients before 8.x say `ssh_exchange_identification`.

Why it happens:
sshd, or something before it, ends this connection on purpose or dies: too many logins in progress (MaxStartups),
penalties (PerSourcePenalties, OpenSSH 9.8 and later), tcp_wrappers, a load balancer or a NAT with no node behind it,
an sshd without readable host keys.

How to be sure:
On the managed node, at that time: `journalctl -u ssh -u sshd | grep -E 'MaxStartups|penalty|refused connect|fatal'`,
and `sshd -t`. No line at all there: something before sshd closed it.

Fix:
Lower `forks` or set `serial`, raise MaxStartups, exempt the control node from penalties, repair what stands before
sshd. Let Ansible try again with `ANSIBLE_SSH_RETRIES=3`.

Not this when:
`stdio forwarding failed` stands above: the jump host could not reach the target (jump-target-refused).
`Connection closed by UNKNOWN port 65535`: the way through a jump host or a ProxyCommand broke (jump-host-failed, or
what its own line says), unless ssh's debug text shows that the jump host had passed the connection on. `Connection
reset by peer` is kex-reset.
"""

from __future__ import annotations

from parsers.declined import ruled_out
from parsers.findings import Case, Match, rule
from parsers.rules._greeting import other_protocol, said_first, turned_away
from parsers.rules._said import SSH_STAGES, better, find, proof, ssh_said
from parsers.rules._values import target
from parsers.ssh.transcript import Phase

_CLOSED = "_exchange_identification: Connection closed by remote host"
_OTHER_CAUSES = ("stdio forwarding failed", "ssh: ", "Host key verification failed.")


@rule(
    "kex-closed",
    order=400,
    title="The server closed the connection at its greeting",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for a greeting that ended, with no jump host on the way."""
    lines = ssh_said(case)
    line = find(lines, _CLOSED)
    closed = next((row for row in lines if row.text.startswith("Connection closed by ")), None)
    if line is None and case.command is not None and case.command.transcript.phase is Phase.KEX:
        line = closed
    relayed = case.command is not None and case.command.transcript.relayed
    if line is None or better(lines, *_OTHER_CAUSES) or (not relayed and better(lines, "UNKNOWN port 65535")):
        return None
    other = other_protocol(case)
    if other is not None:
        ruled_out(f"Line {other.line} is the greeting of another protocol.", other)
        return None
    at = target(case)
    explanation = (
        f"{at.at} accepted the TCP connection and closed it before the key exchange was done: sshd's limit of logins "
        "(MaxStartups), a penalty, tcp_wrappers, or nothing behind a load balancer."
    )
    if relayed:
        explanation = f"The jump host passed the connection on, and {explanation}"
    fixes = (at.ssh("true", "-v"), "ANSIBLE_SSH_RETRIES=3 ANSIBLE_FORKS=5")
    told = turned_away(case)
    if told is not None:
        explanation = f"{at.at} accepted the TCP connection and turned it away: {said_first(told)}."
    phase = "banner" if relayed or told is not None else "kex"
    return Match(proof(told or line, line, closed), explanation=explanation, fixes=fixes, phase=phase)
