"""sshd took the login and answered that it would not start the command.

What you see:
UNREACHABLE with rc 255 although the login works. `exec request failed on channel 0` without ControlMaster. With it
(the default) ssh says nothing at all, and only its debug text has `receive packet: type 100` (SSH_MSG_CHANNEL_FAILURE)
behind `Sending command: …`.

Why it happens:
sshd could not make a process for the command: the user has as many as its limit allows (`nproc` in
/etc/security/limits.d, `TasksMax` of its systemd slice), or the node is out of memory. Its log says `do_exec_no_pty:
fork: Resource temporarily unavailable`. A server that is no OpenSSH says it where it runs no commands at all: an
appliance with a shell of its own, a file server that speaks sftp alone.

How to be sure:
On the managed node, as root: `journalctl -u ssh -u sshd | grep fork`; `ps --no-headers -Lu USER | wc -l` beside `ulimit
-u` of that user. `ssh USER@HOST true` by hand ends in the same way.

Fix:
End what has piled up (`pkill -u USER NAME`), or raise the limit: `USER - nproc 4096` in a file of
/etc/security/limits.d, `TasksMax` of user-UID.slice. For a device without commands take its own connection plugin
(`ansible_connection: network_cli`).

Not this when:
The command ran and a shell in it could not fork: process-limit. `subsystem request failed` is
sftp-subsystem-missing, `PTY allocation request failed` pty-refused.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule, seen_from_server
from parsers.model import Tool
from parsers.rules import _server
from parsers.rules._said import SSH_STAGES, denied_request, ending_line, exit_status, proof
from parsers.rules._values import quote, shown, target
from parsers.sshd.case import ServerCase

_FORK = ("do_exec_no_pty: fork: ", "do_exec_pty: fork: ")


@rule("exec-refused", order=563, title="sshd refused to start the command", category=3, stages=SSH_STAGES)
def check(case: Case) -> Match | None:
    """Looks for ssh's word on its request for a command, or for the refusal in its debug text."""
    command = case.command
    if command is None or command.tool is not Tool.SSH or command.rc != 255 or exit_status(command) is not None:
        return None
    line = denied_request(command)
    if line is None:
        return None
    at = target(case)
    user = quote(at.user or "", "USER")
    explanation = f"{at.login} was let in, and the server refused to start the command"
    software = command.transcript.server or ""
    if software and not software.startswith("OpenSSH"):
        explanation += f": {shown(software, 80)} may run no commands at all, or was out of processes."
    else:
        explanation += ": sshd could make no process for it, most often as the user has as many as its limit allows."
    fixes = (
        at.ssh("true", "-v"),
        "journalctl -u ssh -u sshd | grep fork",
        f"ps --no-headers -Lu {user} | wc -l; prlimit --nproc --pid $(pgrep -u {user} -o)",
        f"{user} - nproc 4096",
    )
    return Match(proof(line, ending_line(command)), Confidence.LIKELY, explanation, fixes)


@seen_from_server("exec-refused")
def check_server(case: ServerCase) -> Match | None:
    """Looks for sshd's own word on the process that it could not make (session.c, OpenSSH 5.7 and later)."""
    one = case.connection
    line = case.said(*_FORK)
    if one is None or line is None:
        return None
    reason = line.text.rpartition(": ")[2]
    user = quote(one.user or "", "USER")
    explanation = f"sshd could make no process for the command of {_server.who(one)}: {shown(reason)}."
    fixes = (f"ps --no-headers -Lu {user} | wc -l", f"{user} - nproc 4096", "free -m")
    return Match(_server.proof(line), explanation=explanation, fixes=fixes)
