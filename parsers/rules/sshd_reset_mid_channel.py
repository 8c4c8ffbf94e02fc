"""The connection ended while a command was under way.

What you see:
On the control node an unreachable host in the middle of a task (`Connection reset by peer`, `closed by remote host`,
`Broken pipe`). In sshd's log `Starting session: …`, then `Connection reset by`, `Connection closed by`, `Read error
from remote host` or `Timeout, client not responding` with no `request exit-status` for that session between them.

Why it happens:
`Connection reset` and a time-out: the network between the two (a firewall, a VPN, a NAT that forgot the connection).
`Connection closed by` with nothing before it: the client's ssh ended: Ansible was interrupted, ran into a time limit,
or was killed.

How to be sure:
Compare the time with the control node's log: who ended first. `tcpdump -ni any port 22` on both sides shows which of
the two saw the reset, and from whom.

Fix:
For the network `ansible_ssh_common_args='-o ServerAliveInterval=15 -o ServerAliveCountMax=4'`. For a limit a longer
`timeout` on the task, or `async`.

Not this when:
`Received disconnect from …: disconnected by user` follows the end of the command: that is how every connection ends.
"""

from __future__ import annotations

from parsers.findings import Confidence, Match, server_rule
from parsers.model import Stage
from parsers.rules._server import at, kept, what, who
from parsers.sshd.case import ServerCase
from parsers.sshd.model import Channel, End

_BROKEN = (End.RESET, End.TIMEOUT, End.CLOSED, End.FATAL, End.DISCONNECTED)
_HOW = {
    End.RESET: "was reset",
    End.TIMEOUT: "was given up, since the client no longer answered,",
    End.CLOSED: "was closed by the client",
    End.FATAL: "ended with sshd's own process (an error, or it was killed)",
    End.DISCONNECTED: "was ended by the client",
}


def under_way(channel: Channel) -> bool:
    """Whether the channel's command was started and had not ended when the log or the connection did."""
    return (
        channel.run is not None and channel.status_sent is None and channel.close_received is None and not channel.over
    )


@server_rule(
    "sshd-reset-mid-channel",
    order=611,
    title="The connection ended while a command was under way",
    category=2,
    stages=(Stage.EXEC,),
)
def check(case: ServerCase) -> Match | None:
    """Looks for an end of the connection before that of its command."""
    one = case.connection
    if one is None or case.log.mixed or one.end not in _BROKEN or one.end_said is None:
        return None
    # Without DEBUG lines the end of a command is never told.
    busy = [c for c in case.channels if under_way(c)] if case.log.levels else []
    if not busy:
        return None
    channel = busy[-1]
    explanation = f"The connection of {who(one)} {_HOW[one.end]} while {what(channel)} was under way."
    evidence = kept(
        at(one.end_said.place, one.end_said.text),
        at(channel.run_place, f"Starting session: {channel.run}"),
    )
    fixes = (
        "ansible_ssh_common_args='-o ServerAliveInterval=15 -o ServerAliveCountMax=4'",
        "tcpdump -ni any port 22",
    )
    gone = one.end in (End.RESET, End.TIMEOUT)
    confidence = Confidence.CERTAIN if gone else Confidence.LIKELY
    return Match(evidence, confidence, explanation, fixes, channel=channel)
