"""The server tore the connection down before or during the key exchange.

What you see:
UNREACHABLE with `kex_exchange_identification: read: Connection reset by peer` and
`Connection reset by ADDRESS port PORT`; clients before 8.x say `ssh_exchange_identification`. Often only some hosts
of a large run, or only the second and later attempts.

Why it happens:
sshd (or something before it) refuses this client for now: too many logins in progress (MaxStartups), penalties for
earlier failures (PerSourcePenalties, OpenSSH 9.8 and later), fail2ban or another intrusion blocker, tcp_wrappers
(/etc/hosts.deny), a firewall that resets, or an sshd that dies at once (missing host keys, no memory).

How to be sure:
On the managed node, at that time: `journalctl -u ssh -u sshd | grep -E 'MaxStartups|penalty|refused connect|fatal'`
shows `drop connection #N from [A]:P … past MaxStartups`, or `penalty:`. `fail2ban-client status sshd` lists blocked
addresses. From the control node, `ssh -v` by hand some minutes later works if it was a limit.

Fix:
Lower `forks` or set `serial`; raise MaxStartups, or PerSourcePenaltyExemptList for the control node's address;
unban the control node (`fail2ban-client set sshd unbanip ADDRESS`). Let Ansible try again with
`ANSIBLE_SSH_RETRIES=3`.

Not this when:
`Connection closed by remote host` instead of a reset: kex-closed, or the end of a jump host's channel. A reset after
the login had worked is connection-lost. A module that reports a reset of its own connection is not ssh.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import SSH_STAGES, find, has_ssh_debug, proof, ssh_said, worked_before
from parsers.rules._values import target
from parsers.ssh.transcript import Phase

_AT_GREETING = "_exchange_identification: read: Connection reset by peer"
_EARLY = (Phase.TCP, Phase.BANNER, Phase.KEX)


@rule(
    "kex-reset",
    order=390,
    title="The server reset the connection before the key exchange was done",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for a reset at the greeting, or at the key exchange where ssh's debug text shows that."""
    lines = ssh_said(case)
    reset = find([line for line in lines if line.text.startswith("Connection reset by ")], "")
    line = find(lines, _AT_GREETING)
    phase = case.command.transcript.phase if case.command is not None else None
    confidence = Confidence.CERTAIN
    if line is None and phase in _EARLY:
        line = find(lines, "Connection reset by ")
    elif line is None and reset is not None and not has_ssh_debug(case) and not worked_before(case):
        line, confidence = reset, Confidence.LIKELY
    if line is None:
        return None
    at = target(case)
    when = "at its greeting" if _AT_GREETING in line.text else "during the key exchange"
    if confidence is not Confidence.CERTAIN:
        when = "before there was a session; at which step, ssh's debug text would tell"
    explanation = (
        f"{at.at} accepted the TCP connection and reset it {when}: sshd's limit of logins (MaxStartups), a penalty, "
        "fail2ban, or a firewall."
    )
    fixes = (at.ssh("true", "-v"), "ANSIBLE_SSH_RETRIES=3 ANSIBLE_FORKS=5")
    return Match(proof(line, reset), confidence, explanation, fixes, "kex")
