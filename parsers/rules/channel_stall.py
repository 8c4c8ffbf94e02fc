"""The login works, and the session that ssh asks for is never confirmed.

What you see:
ssh's debug text ends at `debug3: send packet: type 90` (open a session) and no `receive packet: type 91` (or 92)
follows, until a time limit, `Timeout, server HOST not responding.`, or the end of the log.

Why it happens:
The packet or its answer is lost on the way (a firewall or a VPN that drops packets with another IP_TOS mark, which
ssh sets right there; an MTU that is too small), or the server is busy making the session: PAM, pam_systemd, a home
directory on NFS.

How to be sure:
The managed node's sshd log at LogLevel DEBUG3: with `receive packet: type 90` there, the server is slow; without it,
the network lost the packet. `tcpdump` on both sides shows the same.

Fix:
Network: `-o IPQoS=none` (or `throughput`), and `-o ServerAliveInterval=15` to see it sooner. Server: look at what the
login does there: `journalctl -u systemd-logind`, `time su - USER -c true`.

Not this when:
The channel was confirmed (type 91) and the command itself is slow. A key exchange that stops at
`expecting SSH2_MSG_KEX_ECDH_REPLY` is mtu-stall.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, find, proof, ssh_said
from parsers.rules._values import target

_OPEN, _CONFIRMED, _FAILED = 90, 91, 92


@rule(
    "channel-stall",
    order=590,
    title="The session was asked for and never confirmed",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for a channel that was opened by the client and not answered."""
    if case.command is None or case.command.transcript.session or case.command.rc == 0:
        return None
    transcript = case.command.transcript
    asked = [index for index, packet in enumerate(transcript.packets) if packet == ("send", _OPEN)]
    if not asked or transcript.last_debug is None:
        return None
    after = transcript.packets[asked[-1] :]
    if any(packet in (("receive", _CONFIRMED), ("receive", _FAILED)) for packet in after):
        return None
    at = target(case)
    silent = case.stage.silent if case.stage is not None else None
    time = f" for {silent:.1f} s" if silent is not None else ""
    explanation = f"ssh logged in at {at.at}, asked for a session (packet 90), and got no answer{time}."
    timeout = find(ssh_said(case), "Timeout, server ")
    fixes = (
        at.ssh("true", "-vvv", "-o", "IPQoS=none"),
        "ansible_ssh_common_args='-o IPQoS=none -o ServerAliveInterval=15'",
    )
    return Match(proof(transcript.last_debug, timeout), explanation=explanation, fixes=fixes, phase="channel")
