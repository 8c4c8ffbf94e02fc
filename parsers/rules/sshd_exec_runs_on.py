"""A command was started on the node, and the log ends before the command does.

What you see:
On the control node a task that stands still in `exec`. In sshd's log `Starting session: command` and `send packet:
type 99`, and nothing more of that channel: no `Received SIGCHLD`, no `request exit-status`.

Why it happens:
The command runs: a long module, a package manager that waits for a lock or for an answer, a mount that hangs. Or it
is over, and a process that it left behind keeps its output open.

How to be sure:
On the node `ps -o pid,etime,stat,wchan:20,args --forest -u NAME` shows what runs and what it waits for (state `D` is
a disk or a network file system).

Fix:
Give it time: `async: 3600` and `poll: 15` on the task, so that no connection has to stay. Or end it: `timeout: 300` on
the task. A daemon needs `nohup … >/dev/null 2>&1 </dev/null &`.

Not this when:
The connection broke while it ran (sshd-reset-mid-channel). The log was copied while all was well: then its end says
nothing.
"""

from __future__ import annotations

from parsers.findings import Confidence, Match, Severity, server_rule
from parsers.model import Stage
from parsers.rules._server import at, kept, what, who
from parsers.sshd.case import ServerCase


@server_rule(
    "sshd-exec-runs-on",
    order=1041,
    title="A command runs on at the end of sshd's log",
    category=3,
    stages=(Stage.EXEC,),
    severity=Severity.WARNING,
)
def check(case: ServerCase) -> Match | None:
    """Looks for a session that was started and has not ended, in a connection that has not either."""
    one = case.connection
    if one is None or case.log.mixed or one.end is not None or not case.complete:
        return None
    channel = next((c for c in reversed(case.channels) if c.run is not None and c.status_sent is None), None)
    if channel is None or channel.over or channel.close_received is not None:
        return None
    last = case.log.last_time
    since = channel.run_time
    ago = f" {last - since:.0f} s before the log's end" if last is not None and since is not None else ""
    silent = " The process of that connection says nothing more, while the log goes on." if case.went_on else ""
    explanation = f"{what(channel)} of {who(one)} was started{ago} and had not ended.{silent}"
    evidence = kept(
        at(channel.run_place, f"Starting session: {channel.run}"),
        at(one.last.place, one.last.text) if one.last is not None else None,
    )
    fixes: tuple[str, ...] = (f"ps -o pid,etime,stat,wchan:20,args --forest -p {channel.pid}",) if channel.pid else ()
    fixes += ("ps -eo pid,etime,stat,wchan:20,args --forest", "async: 3600", "poll: 15")
    confidence = Confidence.LIKELY if case.went_on or ago else Confidence.POSSIBLE
    return Match(evidence, confidence, explanation[0].upper() + explanation[1:], fixes, channel=channel)
