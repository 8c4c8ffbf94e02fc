"""sshd refused to open a channel.

What you see:
On the control node `channel N: open failed: administratively prohibited`, `open failed: connect failed` or `Session
open refused by peer`. In sshd's log `server_input_channel_open: failure TYPE` and `send packet: type 92`
(SSH_MSG_CHANNEL_OPEN_FAILURE), with the reason on a line before.

Why it happens:
The connection is there and sshd does not allow this channel: forwarding is off (`AllowTcpForwarding no`,
`PermitOpen`), which is what a jump host needs, the target of a forwarding does not answer, the key's options forbid
it, or no session at all may be opened (`MaxSessions 0`; a device that is out of sessions).

How to be sure:
The lines before `failure` in sshd's log at `LogLevel DEBUG1`; on the node `sshd -T | grep -iE
'forwarding|permitopen|maxsessions'`.

Fix:
Allow what is needed for this user: `AllowTcpForwarding yes` or `PermitOpen ADDRESS:22` in a `Match User NAME` block,
and reload sshd.

Not this when:
The reason is `no more sessions` and ssh went on over a connection of its own (mux-session-refused), no answer at all
was sent (channel-stall), or `stdio forwarding failed` stands below: the jump host refused (jump-target-refused).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule, seen_from_server
from parsers.model import Status, Tool
from parsers.rules._said import SSH_STAGES, better, exit_status, find, proof
from parsers.rules._server import at, kept, who
from parsers.rules._values import shown, target
from parsers.sshd.case import ServerCase

SESSIONS = "no more sessions"


@rule(
    "sshd-open-refused",
    order=561,
    title="sshd refused to open a channel",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's own words on a session that was refused, in a command that ended with that."""
    command = case.command
    if (
        command is None
        or command.tool is Tool.LOCAL
        or command.rc not in (None, 255)
        or exit_status(command) is not None
    ):
        return None
    lines = [row for row in command.transcript.plain if row.stderr]
    line = find([row for row in lines if row.text.startswith("channel ")], ": open failed: ")
    refused = find(lines, "session request failed: Session open refused by peer")
    if (line is None and refused is None) or better(lines, "stdio forwarding failed", "Permission denied ("):
        return None
    if command.rc is None and case.stage is not None and case.stage.status is Status.STALLED:
        return None
    words = line or refused
    spot = target(case)
    reason = shown(words.text.partition(": ")[2].strip()) if words is not None else ""
    explanation = f"{spot.login} was accepted, and sshd refused to open a session: {reason}."
    fixes = (spot.ssh("true", "-v"), "sshd -T | grep -iE 'forwarding|permitopen|maxsessions'", "MaxSessions 10")
    return Match(proof(line, refused), explanation=explanation, fixes=fixes, phase="channel")


@seen_from_server("sshd-open-refused")
def check_server(case: ServerCase) -> Match | None:
    """Looks for channels that were refused for another reason than MaxSessions."""
    one = case.connection
    refused = [channel for channel in case.channels if channel.refused is not None and SESSIONS not in channel.refusal]
    if one is None or not refused:
        return None
    channel = refused[0]
    kind = shown(channel.type or "session", 60)
    reason = f": {shown(channel.refusal)}" if channel.refusal else ""
    explanation = f"sshd refused a channel of type {kind} to {who(one)}{reason}."
    evidence = kept(
        at(channel.refused, f"SSH_MSG_CHANNEL_OPEN_FAILURE {channel.refusal}".strip()),
        at(channel.opened, f"SSH_MSG_CHANNEL_OPEN {kind}"),
    )
    fixes = ("sshd -T | grep -iE 'forwarding|permitopen|maxsessions'", "AllowTcpForwarding yes")
    return Match(evidence, explanation=explanation, fixes=fixes, phase="channel", channel=channel)
