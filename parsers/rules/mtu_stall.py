"""The connection is there, and the key exchange stands still: large packets do not come through.

What you see:
ssh's debug text ends at `debug1: expecting SSH2_MSG_KEX_ECDH_REPLY` (or right after `SSH2_MSG_KEXINIT sent`) until a
time limit or the end of the log.

Why it happens:
A tunnel or VPN on the way has a smaller MTU, and the ICMP message that would tell so is filtered. Since OpenSSH 9.0
and 10.0 the packet with the hybrid key (sntrup761, mlkem768) is larger than before.

How to be sure:
`ping -M do -s 1472 HOST` gets no answer while `ping -M do -s 1200 HOST` does.

Fix:
Lower the MTU of the interface or clamp the MSS on the router; for a test, a smaller key exchange: `-o
KexAlgorithms=curve25519-sha256`.

Not this when:
The same line in a healthy log is followed by `receive packet: type 31` within milliseconds. A server that never
greets is banner-timeout.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import SSH_STAGES, find, proof, ssh_said
from parsers.rules._values import quote, target

_WAITS = ("expecting SSH2_MSG_KEX_", "SSH2_MSG_KEXINIT sent")


@rule(
    "mtu-stall",
    order=600,
    title="The key exchange got no answer to its large packets",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for a key exchange that was asked for and never answered."""
    command = case.command
    if command is None or command.transcript.session or command.rc not in (None, 255):
        return None
    last = command.transcript.last_debug
    if last is None or not any(word in last.text for word in _WAITS):
        return None
    lines = ssh_said(case)
    ended = find(lines, "timed out", "Timeout, server ")
    if (command.rc is not None and ended is None) or find(lines, "banner exchange"):
        return None
    at = target(case)
    explanation = f"{at.at} never answered the key exchange: a packet that is too large for the way is lost."
    fixes = (
        f"ping -M do -c 3 -s 1472 {quote(at.host, 'HOST')}",
        at.ssh("true", "-v", "-o", "KexAlgorithms=curve25519-sha256"),
        at.common_args("-o KexAlgorithms=curve25519-sha256"),
    )
    return Match(proof(last, ended), Confidence.LIKELY, explanation, fixes, "kex")
