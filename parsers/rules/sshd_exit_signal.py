"""A command on the node was ended by a signal.

What you see:
On the control node rc 255 or a negative rc (or 137, 139, 152 of a command that is no module), often with no output,
and UNREACHABLE; ssh's debug text has `client_input_channel_req: channel N rtype exit-signal reply 0`. In sshd's log
`channel N: request exit-signal confirm 0` where a command that ends by itself has `request exit-status`.

Why it happens:
Something killed it: the kernel, when memory is short (OOM), systemd with `KillUserProcesses`, a limit (`ulimit -t`), a
security agent, or somebody's `kill`. It met the shell that sshd starts, or the whole session: where a module alone is
killed, the shell lives on and ends with rc 137 (module-killed).

How to be sure:
On the node, at the time of that line: `journalctl -k --grep 'killed process|oom'`, `dmesg -T | tail`, and `journalctl
--since` for systemd's own words.

Fix:
For memory: `serial`, fewer `forks` on that host, swap, or a smaller module. For systemd: `KillUserProcesses=no` in
logind.conf, or `loginctl enable-linger NAME`.

Not this when:
The connection was closed by the client first: then sshd itself sends the command a hang-up.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule, seen_from_server
from parsers.model import Stage, Tool
from parsers.rules._said import SSH_STAGES, ending_line, proof
from parsers.rules._server import at, kept, what, who
from parsers.rules._values import target
from parsers.sshd.case import ServerCase

_BEFORE = (Stage.HOME, Stage.TMPDIR, Stage.DISCOVERY, Stage.CHMOD)
"""Where no module runs: those have module-killed."""
_KILLED = (134, 137, 139, 143, 152, 153)
"""128 + SIGABRT, SIGKILL, SIGSEGV, SIGTERM, SIGXCPU, SIGXFSZ: what a shell ends with that lost its program."""


@rule("sshd-exit-signal", order=1042, title="A command was ended by a signal", category=3, stages=SSH_STAGES[1:])
def check(case: Case) -> Match | None:
    """Looks for the same in ssh's debug text, in a command that ended with it."""
    command = case.command
    if command is None or command.tool is Tool.LOCAL:
        return None
    told = command.transcript.exit_signal if command.rc == 255 else None
    before = case.stage is not None and case.stage.stage in _BEFORE
    if told is None and not (before and command.rc in _KILLED):
        return None
    spot = target(case)
    explanation = f"A signal ended this command at {spot.at}, or the shell that ran it; the connection was there."
    fixes = (
        spot.ssh("dmesg -T | grep -iE 'killed process|out of memory' | tail"),
        spot.ssh("grep -nE 'kill|ulimit' ~/.bashrc ~/.profile; ulimit -a"),
        "journalctl -k --grep 'killed process|oom'",
    )
    sure = Confidence.CERTAIN if told is not None else Confidence.LIKELY
    return Match(proof(told, ending_line(command)), sure, explanation, fixes)


@seen_from_server("sshd-exit-signal")
def check_server(case: ServerCase) -> Match | None:
    """Looks for an exit-signal request (RFC 4254 6.10)."""
    one = case.connection
    channel = next((channel for channel in case.channels if channel.exit_signal), None)
    if one is None or channel is None:
        return None
    more = sum(other.exit_signal for other in case.channels) - 1
    also = f" So were {more} more." if more > 1 else " So was another." if more else ""
    explanation = f"{what(channel)} of {who(one)} was ended by a signal.{also}"
    evidence = kept(
        at(channel.status_sent, f"channel {channel.id}: request exit-signal"),
        at(channel.command_place or channel.run_place, channel.command or f"Starting session: {channel.run}"),
    )
    fixes = ("journalctl -k --grep 'killed process|oom'", "dmesg -T | tail")
    return Match(evidence, explanation=explanation[0].upper() + explanation[1:], fixes=fixes, channel=channel)
