"""sshd refused to open a channel.

What you see:
On the control node `channel N: open failed: administratively prohibited`, `open failed: connect failed` or `Session
open refused by peer`. In sshd's log `server_input_channel_open: failure TYPE` and `send packet: type 92`
(SSH_MSG_CHANNEL_OPEN_FAILURE), with the reason on a line before.

Why it happens:
The connection is there and sshd does not allow this channel: forwarding is off (`AllowTcpForwarding no`,
`PermitOpen`), which is what a jump host needs, the target of a forwarding does not answer, or the key's options forbid
it.

How to be sure:
The lines before `failure` in sshd's log at `LogLevel DEBUG1`; on the node `sshd -T | grep -iE
'forwarding|permitopen|maxsessions'`.

Fix:
Allow what is needed for this user: `AllowTcpForwarding yes` or `PermitOpen ADDRESS:22` in a `Match User NAME` block,
and reload sshd.

Not this when:
The reason is `no more sessions` (mux-session-refused), or no answer at all was sent (channel-stall).
"""

from __future__ import annotations

from parsers.findings import Match, server_rule
from parsers.model import Stage
from parsers.rules._server import at, kept, who
from parsers.rules._values import shown
from parsers.sshd.case import ServerCase

SESSIONS = "no more sessions"


@server_rule(
    "sshd-open-refused",
    order=561,
    title="sshd refused to open a channel",
    category=2,
    stages=(Stage.CONNECT,),
)
def check(case: ServerCase) -> Match | None:
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
