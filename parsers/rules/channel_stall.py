"""The login works, and the session that ssh asks for is never confirmed.

What you see:
ssh's debug text ends at `debug3: send packet: type 90` (open a session) and no `receive packet: type 91` (or 92)
follows, until a time limit, `Timeout, server HOST not responding.`, or the end of the log.

Why it happens:
The packet or its answer is lost on the way (a firewall or a VPN that drops packets with another IP_TOS mark, which
ssh sets right there; an MTU that is too small), or the server is busy making the session: PAM, pam_systemd, a home
directory on NFS.

How to be sure:
The managed node's sshd log at LogLevel DEBUG3 (`sshdebug-tui report SECURE.LOG` reads it). `receive packet: type 90`
and no type 91: sshd's process stood still there, since it answers in the same step. No type 90, and `PAM: opening
session` last: a module of PAM's session hangs, and the client's packet waits unread. No type 90, and `Entering
interactive session` last: the packet was lost on the way. `send packet: type 91`: the answer was lost. `tcpdump` on
both sides shows the same.

Fix:
Network: `-o IPQoS=none` (or `throughput`), and `-o ServerAliveInterval=15` to see it sooner. Server: look at what the
login does there: `journalctl -u systemd-logind`, `time su - USER -c true`.

Not this when:
The channel was confirmed (type 91) and the command itself is slow. A key exchange that stops at
`expecting SSH2_MSG_KEX_ECDH_REPLY` is mtu-stall.
"""

from __future__ import annotations

from parsers.awaited import Wait
from parsers.findings import Case, Confidence, Match, rule, seen_from_server
from parsers.rules._open import silence, stands_at
from parsers.rules._said import SSH_STAGES, find, proof, ssh_said
from parsers.rules._server import at, kept, who
from parsers.rules._values import target
from parsers.sshd.case import ServerCase
from parsers.sshd.model import Connection, End

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
        return _by_master(case)
    after = transcript.packets[asked[-1] :]
    if any(packet in (("receive", _CONFIRMED), ("receive", _FAILED)) for packet in after):
        return None
    at = target(case)
    explanation = f"ssh logged in at {at.at}, asked for a session (packet 90), and got no answer{silence(case)}."
    timeout = find(ssh_said(case), "Timeout, server ")
    fixes = (
        at.ssh("true", "-vvv", "-o", "IPQoS=none"),
        at.common_args("-o IPQoS=none -o ServerAliveInterval=15"),
    )
    return Match(
        proof(transcript.opening or transcript.last_debug, timeout),
        explanation=explanation,
        fixes=fixes,
        phase="channel",
    )


def _by_master(case: Case) -> Match | None:
    """The same through a shared connection: the master's own packets are not in this ssh's text."""
    if case.command is None or not stands_at(case, Wait.MASTER):
        return None
    to = target(case)
    explanation = (
        f"ssh asked the ControlPersist master of {to.at} for a session and has got no answer{silence(case)}: the "
        "server's confirmation (packet 91) does not come, or the master's connection is dead."
    )
    fixes = (
        to.ssh("true", "-vvv", "-o", "ControlPath=none"),
        "ansible_ssh_common_args='-o ServerAliveInterval=15'",
    )
    return Match(proof(case.command.transcript.last_debug), Confidence.LIKELY, explanation, fixes)


@seen_from_server("channel-stall")
def check_server(case: ServerCase) -> Match | None:
    """Looks for an opening that sshd received and never answered, and for a login after which none came."""
    one = case.connection
    if one is None or case.log.mixed:
        return None
    stalled = next((channel for channel in reversed(case.channels) if channel.stalled), None)
    # While the log is still read, the answer may stand in what comes next.
    if stalled is not None and (case.complete or case.went_on or one.end is not None):
        explanation = (
            f"sshd received SSH_MSG_CHANNEL_OPEN (90) of {who(one)} and sent neither CONFIRMATION (91) nor FAILURE "
            "(92). sshd answers in the same step, so its process stood still there: look at what it waits for (PAM and "
            "session modules, a home on a dead mount, the log itself). What was sent before and after it, and never "
            "arrived, is a device on the way."
        )
        sure = case.went_on or one.end is not None
        fixes = (
            "ps -eo pid,stat,wchan:20,args | grep '[s]shd'",
            "grep -v '^#' /etc/pam.d/sshd",
            "findmnt -t nfs,nfs4,cifs",
            "tcpdump -ni any port 22",
        )
        evidence = kept(
            at(stalled.opened, "receive packet: type 90 (SSH_MSG_CHANNEL_OPEN)"),
            at(one.last.place, one.last.text) if one.last is not None else None,
        )
        return Match(
            evidence,
            Confidence.CERTAIN if sure else Confidence.LIKELY,
            explanation,
            fixes,
            phase="channel",
            channel=stalled,
        )
    return _confirmed_in_vain(case, one) or _no_opening(case)


def _confirmed_in_vain(case: ServerCase, one: Connection) -> Match | None:
    """sshd confirmed a session, and nothing was asked of it until the connection ended."""
    channel = case.channels[-1] if case.channels else None
    if channel is None or channel.confirmed is None or channel.requests or channel.run or channel.over:
        return None
    if channel.type not in (None, "session") or not (case.went_on or one.end in (End.CLOSED, End.RESET, End.TIMEOUT)):
        return None
    explanation = (
        f"sshd confirmed a session to {who(one)} with SSH_MSG_CHANNEL_OPEN_CONFIRMATION (91), and no request (98) "
        "followed: its answer, or what the client sent next, was lost on the way. Compare the client's debug text: "
        "without `receive packet: type 91` there, a device between the two (firewall, VPN) drops packets."
    )
    fixes = ("tcpdump -ni any port 22", "ansible_ssh_common_args='-o IPQoS=none -o ServerAliveInterval=15'")
    evidence = kept(
        at(channel.confirmed, "send packet: type 91 (SSH_MSG_CHANNEL_OPEN_CONFIRMATION)"),
        at(one.end_said.place, one.end_said.text) if one.end_said is not None else None,
    )
    return Match(evidence, Confidence.LIKELY, explanation, fixes, phase="channel", channel=channel)


_PAM_OPENS = ("PAM: opening session", "do_pam_session")


def _no_opening(case: ServerCase) -> Match | None:
    """A login that worked and no channel after it."""
    one = case.connection
    quiet = (None, End.CLOSED, End.RESET, End.TIMEOUT)
    # Below DEBUG1 no channel is ever logged; a connection that the client ended in good order wanted none.
    if one is not None and case.channels:
        return _slow(one)
    if (
        one is None
        or one.accepted is None
        or (one.end is None and not case.complete)
        or case.log.levels < 1
        or one.end not in quiet
    ):
        return None
    opening = next((line for line in reversed(one.lines) if line.text.startswith(_PAM_OPENS)), None)
    if opening is not None and one.last is not None and not one.messages_after(opening.place.line, case.log):
        explanation = (
            f"The login of {who(one)} worked, and sshd still waits for PAM to open the session: a module of the "
            "`session` lines hangs. The client's SSH_MSG_CHANNEL_OPEN (90) waits unread."
        )
        modules = ("grep session /etc/pam.d/sshd", "journalctl -u systemd-logind", "findmnt -t nfs,nfs4,cifs")
        return Match(
            kept(at(opening.place, opening.text), at(one.accepted.place, "Accepted")),
            Confidence.LIKELY,
            explanation,
            modules,
            phase="channel",
        )
    explanation = (
        f"The login of {who(one)} worked, and no SSH_MSG_CHANNEL_OPEN (90) arrived after it. If the client sent one, a "
        "device on the way (firewall, VPN) dropped it."
    )
    fixes = ("ansible_ssh_common_args='-o IPQoS=none -o ServerAliveInterval=15'", "tcpdump -ni any port 22")
    last = at(one.last.place, one.last.text) if one.last is not None else None
    return Match(
        kept(last, at(one.accepted.place, "Accepted")), Confidence.POSSIBLE, explanation, fixes, phase="channel"
    )


_SLOW = 10.0
"""Seconds between PAM's opening of a session and the first channel from which on it is told."""


def _slow(one: Connection) -> Match | None:
    """PAM took long, and the session came in the end."""
    opening = next((line for line in one.lines if line.text.startswith(_PAM_OPENS)), None)
    begun = one.channels[0].started
    if opening is None or opening.time is None or begun is None or begun - opening.time < _SLOW:
        return None
    explanation = (
        f"PAM took {begun - opening.time:.0f} s to open the session of {who(one)}; the client's "
        "SSH_MSG_CHANNEL_OPEN (90) waited unread until then. Ansible's own limit may be shorter."
    )
    fixes = ("grep session /etc/pam.d/sshd", "journalctl -u systemd-logind", "findmnt -t nfs,nfs4,cifs")
    evidence = kept(at(opening.place, opening.text), at(one.channels[0].opened, "receive packet: type 90"))
    return Match(evidence, Confidence.LIKELY, explanation, fixes, phase="channel", mild=True)
