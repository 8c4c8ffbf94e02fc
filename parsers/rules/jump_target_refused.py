"""The jump host works, and it cannot reach the target.

What you see:
In this order: `channel 0: open failed: connect failed: Connection refused` (or `Name or service not known`, `No route
to host`, or `administratively prohibited: open failed`), `stdio forwarding failed`, `kex_exchange_identification:
Connection closed by remote host`, `Connection closed by UNKNOWN port 65535`.

Why it happens:
The login on the jump host succeeded; from there, the target refuses, has no name, or lies behind a firewall.
`administratively prohibited` means that the jump host forbids forwarding (`AllowTcpForwarding no`, `PermitOpen`).

How to be sure:
On the jump host: `nc -vz TARGET PORT`, `getent hosts TARGET`. For `prohibited`: `sshd -T | grep -iE
'allowtcpforwarding|permitopen'` there.

Fix:
Use the address that the jump host knows the target by (`ansible_host`), start sshd on the target, open the firewall
between the two, or allow the forwarding on the jump host.

Not this when:
No `stdio forwarding failed` stands there: the way to the jump host itself broke (jump-host-failed).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._proxy import jump
from parsers.rules._said import SSH_STAGES, find, proof, ssh_said
from parsers.rules._values import quote, shown, target


@rule("jump-target-refused", order=460, title="The jump host cannot reach the target", category=2, stages=SSH_STAGES)
def check(case: Case) -> Match | None:
    """Looks for the refused channel of the jump host's forwarding."""
    lines = ssh_said(case)
    forwarding = find(lines, "stdio forwarding failed")
    opened = next((row for row in lines if row.text.startswith("channel ") and "open failed: " in row.text), None)
    if forwarding is None:
        return None
    at = target(case)
    reason = opened.text.partition("open failed: ")[2].strip() if opened is not None else "the channel was refused"
    if reason == "open failed" or "administratively prohibited" in (opened.text if opened is not None else ""):
        explanation = f"The jump host forbids forwarding to {at.at} (AllowTcpForwarding or PermitOpen)."
    else:
        explanation = f"The jump host let ssh in, and could not connect to {at.at}: {shown(reason)}."
    there = f"nc -vz {quote(at.host, 'HOST')} {at.port or 22}"
    gate = jump(case)
    fixes = (
        gate.ssh(there) if gate is not None else f"ssh JUMPHOST {there}",
        f"{at.ssh('', '-G')} | grep -iE 'proxyjump|proxycommand'",
    )
    return Match(proof(opened or forwarding, forwarding), explanation=explanation, fixes=fixes, phase="tcp")
