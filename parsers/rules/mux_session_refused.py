"""More commands went over one shared connection than the server allows, and ssh opened others beside it.

What you see:
`mux_client_request_session: session request failed: Session open refused by peer` and `ControlSocket PATH already
exists, disabling multiplexing`; the task ends well.

Why it happens:
sshd's MaxSessions (10 unless it is set) is lower than the number of commands at once over one control socket: several
inventory names of one address, `delegate_to` of many hosts, async tasks.

How to be sure:
`sshd -T | grep -i maxsessions` on the managed node; its log has `no more sessions`.

Fix:
Raise `MaxSessions` in sshd_config, lower `throttle` of the task or `ANSIBLE_FORKS`, or give each name a socket of its
own: `ansible_control_path=%(directory)s/%%C-{{ inventory_hostname }}`.

Not this when:
`ControlSocket … already exists` alone: two connections of one host began at the same moment, which costs nothing.
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Match, Severity, rule, seen_from_server
from parsers.model import Command
from parsers.rules import _server
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import target
from parsers.ssh.transcript import Line
from parsers.sshd.case import ServerCase


@rule(
    "mux-session-refused",
    order=560,
    title="The shared connection took no more sessions",
    category=2,
    stages=SSH_STAGES,
    severity=Severity.WARNING,
    asked=(Asked.WORKED,),
)
def check(case: Case) -> Match | None:
    """Looks for commands of the host that went on over a connection of their own, and adds up what that took."""
    if case.host is None or case.command is None or _refusal(case.command) is None:
        return None
    refused = [command for task in case.host.tasks for command in task.commands if _refusal(command) is not None]
    seconds = sum(_connecting(command) for command in refused)
    at = target(case)
    count = f"{len(refused)} commands" if len(refused) > 1 else "One command"
    cost = f", which took about {seconds:.1f} s in all" if seconds > 0 else ""
    explanation = f"{count} at {at.at} found the shared connection full and opened another one{cost}."
    lines = [line for command in refused[:4] if (line := _refusal(command)) is not None]
    fixes = (at.ssh("sudo sshd -T | grep -i maxsessions"), "MaxSessions 100", "ANSIBLE_FORKS=5")
    return Match(proof(*lines), explanation=explanation, fixes=fixes)


def _refusal(command: Command) -> Line | None:
    return find(
        (line for line in command.transcript.plain if line.stderr),
        "session request failed: Session open refused by peer",
    )


def _connecting(command: Command) -> float:
    """Seconds from the command's start until its own connection was there, or until its end; 0 without times."""
    ended = max((step.ended for step in command.transcript.steps if step.ended is not None), default=command.ended)
    return max(0.0, ended - command.started) if ended is not None and command.started is not None else 0.0


@seen_from_server("mux-session-refused")
def check_server(case: ServerCase) -> Match | None:
    """Looks for channels that sshd refused since MaxSessions were open."""
    one = case.connection
    refused = [channel for channel in case.channels if "no more sessions" in channel.refusal]
    if one is None or not refused:
        return None
    explanation = (
        f"sshd refused {len(refused)} sessions to {_server.who(one)}: as many as MaxSessions allows were open already. "
        "ssh then makes a connection of its own for each."
    )
    fixes = ("sshd -T | grep -i maxsessions", "MaxSessions 30")
    evidence = _server.kept(*(_server.at(channel.refused, "no more sessions") for channel in refused))
    return Match(evidence[:4], explanation=explanation, fixes=fixes, phase="channel", channel=refused[0])
