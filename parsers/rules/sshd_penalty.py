"""sshd turns the control node's address away for a while, because of what came from it before.

What you see:
On the control node `kex_exchange_identification: … Connection reset by peer` or `Not allowed at this time`. In sshd's
log (OpenSSH 9.8 and later) `drop connection #0 from [ADDRESS]:PORT on [ADDRESS]:22 penalty: failed authentication`.

Why it happens:
`PerSourcePenalties`, on by default since 9.8, adds up seconds for each failed login, each connection without one and
each crash, and refuses the address while they last. A few wrong passwords, or a port scan by the monitoring from the
same address (or the same NAT), are enough to shut out Ansible.

How to be sure:
The line in sshd's log, and `srclimit_penalise: … new ADDRESS/32 active penalty of N seconds for penalty: …` before it;
on the node `sshd -T | grep -i persource`.

Fix:
Find what failed before, and mend that. Exempt the control node: `PerSourcePenaltyExemptList ADDRESS/32` in
sshd_config, and reload sshd.

Not this when:
The line says `past MaxStartups` (sshd-startups). `fail2ban` blocks in the firewall: then nothing reaches sshd at all.
"""

from __future__ import annotations

from parsers.findings import Match, server_rule
from parsers.rules._server import LOGIN, proof
from parsers.sshd.case import ServerCase


@server_rule(
    "sshd-penalty",
    order=392,
    title="sshd refuses the address for a while (PerSourcePenalties)",
    category=2,
    stages=LOGIN,
)
def check(case: ServerCase) -> Match | None:
    """Looks for connections that were dropped for a penalty."""
    if case.connection is not None:
        return None
    dropped = [line for line in case.all_said("penalty: ") if "drop connection" in line.text]
    if not dropped:
        return None
    given = case.said("penalty of ")
    address = dropped[0].text.partition(" from [")[2].partition("]")[0]
    words = address if address and len(address) < 64 and address.isprintable() else "ADDRESS"
    reason = dropped[0].text.rpartition("penalty: ")[2]
    explanation = f"sshd dropped {len(dropped)} connections from {words}: the address has a penalty for {reason[:80]}."
    fixes = (f"PerSourcePenaltyExemptList {words}", "sshd -T | grep -i persource", "systemctl reload sshd")
    return Match(proof(*dropped[:3], given), explanation=explanation, fixes=fixes, phase="banner")
