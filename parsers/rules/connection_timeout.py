"""No answer at all to the TCP connection.

What you see:
UNREACHABLE after about ten seconds (`timeout` in ansible.cfg, ConnectTimeout of ssh), and
`ssh: connect to host ADDRESS port PORT: Connection timed out`, on macOS and BSD `Operation timed out`.

Why it happens:
The packets get lost: a firewall or a cloud security group drops them, the machine is off, the address is wrong or
belongs to a private network that the control node has no route into, a VPN is down, or a host on the way is overloaded.

How to be sure:
`nc -vz -w 5 ADDRESS PORT` from the control node hangs too. `ip route get ADDRESS` shows the way out. On the managed
node, `tcpdump -ni any tcp port 22` while it is tried again: no SYN arrives means that something on the way drops it; a
SYN without an answer means that the node's own firewall does (`nft list ruleset`, `iptables -S`).

Fix:
Open the port on the way (security group, firewall), correct `ansible_host` or `ansible_port`, bring the VPN up, or go
through a jump host: `ansible_ssh_common_args='-J user@bastion'`. For a link that is only slow, raise `timeout`.

Not this when:
`Connection timed out during banner exchange`: TCP was accepted and sshd did not answer (banner-timeout).
`No route to host` and `Network is unreachable` are answers of a router or of the control node itself (no-route).
"""

from __future__ import annotations

from parsers.awaited import Wait
from parsers.declined import ruled_out
from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._open import silence, stands_at
from parsers.rules._said import SSH_STAGES, connect_error, foreign, proof, ssh_said, through_jump
from parsers.rules._values import Target, endpoint, quote, shown, target

_REASONS = ("Connection timed out", "Operation timed out")


@rule(
    "connection-timeout",
    order=360,
    title="No answer to the TCP connection",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's last word on the TCP connection."""
    error = connect_error(ssh_said(case))
    if error is None:
        return _still_waits(case)
    if foreign(case, error.host):
        return None
    if error.reason not in _REASONS:
        ruled_out(f"ssh's last word on the TCP connection is another: {shown(error.reason)}.", error.line)
        return None
    at = target(case, host=error.host, port=error.port)
    if through_jump(case, error.host):
        explanation = (
            f"The jump host {endpoint(error.host, error.port)} did not answer; the host itself was never tried."
        )
    else:
        explanation = f"{at.at} did not answer the TCP connection in time: the packets are dropped, or nobody is there."
    return Match(proof(error.line), explanation=explanation, fixes=_fixes(at), phase="tcp")


def _fixes(at: Target) -> tuple[str, ...]:
    host = quote(at.host, "HOST")
    return f"nc -vz -w 5 {host} {at.port or 22}", f"ip route get {host}", "ANSIBLE_TIMEOUT=30"


def _still_waits(case: Case) -> Match | None:
    """The same before ssh's time is over."""
    if case.command is None or not stands_at(case, Wait.TCP):
        return None
    transcript = case.command.transcript
    at = target(case, host=transcript.connected, port=transcript.connected_port)
    explanation = (
        f"{at.at} has not answered the TCP connection{silence(case)}: packets are dropped, or nobody is there."
    )
    return Match(proof(transcript.last_debug), Confidence.LIKELY, explanation, _fixes(at), "tcp")
