"""A router, a firewall or the control node itself says that there is no way to the address.

What you see:
UNREACHABLE, often at once or after three seconds, and `ssh: connect to host ADDRESS port PORT: No route to host` or
`Network is unreachable`.

Why it happens:
`Network is unreachable`: the control node has no route at all (a VPN that is down, IPv6 without an uplink).
`No route to host`: the last router found nobody at that address (the machine is off, a wrong address), or a firewall
rejects with an ICMP message (`admin prohibited`), as firewalld does by default.

How to be sure:
`ip route get ADDRESS` on the control node. `ping ADDRESS` answers `Destination Host Unreachable` (nobody there) or
`Packet filtered` (a firewall). In the same network, `ip neigh show ADDRESS` shows `FAILED`.

Fix:
Start the machine, correct `ansible_host`, bring the VPN or the route up, or open the port
(`firewall-cmd --add-service=ssh` on the node).

Not this when:
Nothing answers at all (connection-timeout), or a reset comes (connection-refused).
"""

from __future__ import annotations

from parsers.declined import ruled_out
from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, connect_error, foreign, proof, ssh_said, through_jump
from parsers.rules._values import endpoint, quote, shown, target

_REASONS = ("No route to host", "Network is unreachable", "Host is down")


@rule("no-route", order=350, title="No route to the host", category=2, stages=SSH_STAGES)
def check(case: Case) -> Match | None:
    """Looks for ssh's last word on the TCP connection."""
    error = connect_error(ssh_said(case))
    if error is None or foreign(case, error.host):
        return None
    if error.reason not in _REASONS:
        ruled_out(f"ssh's last word on the TCP connection is another: {shown(error.reason)}.", error.line)
        return None
    at = target(case, host=error.host, port=error.port)
    hop = "The jump host " if through_jump(case, error.host) else ""
    explanation = (
        f"{hop}{endpoint(error.host, error.port)} cannot be reached from the control node: {shown(error.reason)}."
    )
    host = quote(at.host, "HOST")
    fixes = (f"ip route get {host}", f"ping -c 3 {host}", f"nc -vz -w 5 {host} {at.port or 22}")
    return Match(proof(error.line), explanation=explanation, fixes=fixes, phase="tcp")
