"""sshd wrote into a connection that was gone.

What you see:
On the control node a time-out, `Connection to ADDRESS closed by remote host` or `client_loop: send disconnect: Broken
pipe`. In sshd's log `fatal: Write failed: Broken pipe`, `ssh_dispatch_run_fatal: … Broken pipe` or `Connection reset
by peer` on writing.

Why it happens:
The client's side of the TCP connection no longer exists: a firewall or NAT forgot it while it was quiet, the control
node's ssh was killed, or the route changed (a VPN that was set up anew).

How to be sure:
The time between the connection's last message and that line: minutes without any are an idle time-out on the way.
`tcpdump -ni any port 22` on both sides shows who resets.

Fix:
`ansible_ssh_common_args='-o ServerAliveInterval=15'`, or `ClientAliveInterval 15` in sshd_config, so that it is never
quiet; `async` for tasks that take long.

Not this when:
sshd's log says who closed it first: `Received disconnect` and `Connection closed by` are the client's own doing.
"""

from __future__ import annotations

from parsers.findings import Match, server_rule
from parsers.model import Stage
from parsers.rules._server import at, kept, what, who
from parsers.sshd.case import ServerCase

_WORDS = ("Write failed", "Broken pipe", "packet_write_wait")


@server_rule(
    "sshd-write-failed",
    order=612,
    title="sshd's answer could not be sent: the connection was gone",
    category=2,
    stages=(Stage.EXEC,),
)
def check(case: ServerCase) -> Match | None:
    """Looks for an end by a failed write."""
    one = case.connection
    if one is None or one.end_said is None or not any(word in one.end_said.text for word in _WORDS):
        return None
    busy = next((c for c in reversed(case.channels) if not c.over and c.refused is None), None)
    doing = f" while {what(busy)} was under way" if busy is not None else ", with no command under way"
    explanation = f"The connection of {who(one)} was gone when sshd wrote to it{doing}."
    evidence = kept(
        at(one.end_said.place, one.end_said.text),
        at(busy.run_place or busy.opened, f"Starting session: {busy.run}") if busy is not None else None,
    )
    fixes = ("ansible_ssh_common_args='-o ServerAliveInterval=15'", "ClientAliveInterval 15", "tcpdump -ni any port 22")
    return Match(evidence, explanation=explanation, fixes=fixes, channel=busy, mild=busy is None)
