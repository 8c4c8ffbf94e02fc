"""The managed node offers no sftp, which is how Ansible sends the module.

What you see:
The stages before work, and the transfer fails: sftp's stderr is only `Connection closed` (over the shared connection,
which is the default), or `subsystem request failed on channel 0` without ControlMaster; scp says
`scp: Connection closed`, since scp 9.0 and later speaks sftp too. With `ssh_transfer_method=smart` Ansible then sends
it through the shell (piped) and goes on with two warnings; with `sftp` or `scp` it is fatal.

Why it happens:
sshd_config has no `Subsystem sftp …` line (minimal images, hardening guides), its program is not installed or lies at
another path (/usr/libexec/openssh on EL, /usr/lib/openssh on Debian), or a Match block or a forced command takes it
away.

How to be sure:
`sftp USER@HOST` fails while `ssh USER@HOST true` works. On the managed node the log of sshd has `subsystem request for
sftp by user USER failed, subsystem not found`, or `subsystem: cannot stat PATH` for a wrong path;
`sshd -T | grep -i subsystem` prints nothing in the first case.

Fix:
On the node: `Subsystem sftp internal-sftp` in sshd_config, and reload sshd. Or tell Ansible to send through the shell:
`ansible_ssh_transfer_method=piped`, or switch pipelining on, which sends no file.

Not this when:
No command of this host had worked before: then `Connection closed` is about the connection. `Received message too
long` is output of a shell start-up file (profile-noise). `remote open "…": Permission denied` means that sftp works.
"""

from __future__ import annotations

from parsers.declined import ruled_out
from parsers.findings import Asked, Case, Confidence, Evidence, Match, rule, seen_from_server
from parsers.model import Command, Stage, Tool
from parsers.rules import _server
from parsers.rules._control import run_warning
from parsers.rules._said import ending, message_lines, proof, worked_before
from parsers.rules._transfer import answers_hold_more, attempts_before, cost, failed_attempts
from parsers.rules._values import target
from parsers.ssh.transcript import Line
from parsers.sshd.case import ServerCase
from parsers.sshd.model import Channel

_CLOSED = ("Connection closed", "scp: Connection closed", "sftp: Connection closed")
_SUBSYSTEM = "subsystem request failed on channel"
_OTHER_CAUSES = (
    "Received message too long",
    "Permission denied",
    "Connection reset",
    "Broken pipe",
    "Host key verification failed",
    "ssh: ",
    "kex_exchange_identification",
    "UNKNOWN port",
    "usage: ",
    "command not found",
)


@rule(
    "sftp-subsystem-missing",
    order=740,
    title="The managed node offers no sftp",
    category=3,
    stages=(Stage.TRANSFER,),
    asked=(Asked.BROKEN, Asked.WORKED),
)
def check(case: Case) -> Match | None:
    """Looks for a transfer that sshd closed at once, over a connection that works."""
    fallback = failed_attempts(case)
    if not worked_before(case):
        ruled_out("No command of this host had worked before, so it is the connection that fails, not sftp alone.")
        return None
    if case.command is not None and case.command.rc == 0 and not fallback:
        return None
    attempts = fallback or _attempts(case)
    if not fallback and attempts and all(attempt.tool is Tool.SCP for attempt in attempts):
        ruled_out("Only scp was tried; what it needs is told by scp-uses-sftp.", ending(attempts[-1]))
        return None
    refusals = [line for attempt in attempts if (line := _refusal(attempt.transcript.plain)) is not None]
    proofs: tuple[Evidence, ...] = ()
    if fallback and not refusals and not any(attempt.transcript.plain for attempt in attempts):
        # Their words are not known to be theirs; what a start-up file prints would have shown before.
        proofs = () if answers_hold_more(case) is not None else _given_up(case, fallback[0])
    elif not refusals and not any(attempt.transcript.plain for attempt in attempts):
        # A transfer's failed attempt logs no tuple, and from 2.17 on no chunk names its host: only the message is left.
        refusals = [line for line in [_refusal(message_lines(case))] if line is not None]
    proofs = proofs or proof(*refusals)
    if not proofs:
        return None
    explicit = any(_SUBSYSTEM in line.text for line in refusals)
    at = target(case)
    explanation = (
        f"sshd at {at.at} closed the file transfer at once, while commands over the same connection work: it has no "
        "sftp subsystem, or its program is not where sshd_config says."
    )
    if fallback and not refusals:
        where = "without ANSIBLE_DEBUG its words are not in the log"
        if case.run.debug:
            # From 2.17 on neither the chunks nor what Ansible prints of them again name a host.
            where = f"its words stand behind line {fallback[0].opened.line}, and nothing says that they are this host's"
        explanation = (
            f"sftp to {at.at} failed; {where}. Most often sshd offers none; one that is read-only, or in a chroot, "
            "looks the same."
        )
    if fallback:
        explanation = f"{explanation} {cost(case)}"
    fixes = (
        at.sftp(),
        at.ssh("grep -ri subsystem /etc/ssh/sshd_config /etc/ssh/sshd_config.d"),
        "ansible_ssh_transfer_method=piped",
        "Subsystem sftp internal-sftp",
    )
    confidence = Confidence.CERTAIN if explicit else Confidence.LIKELY if refusals else Confidence.POSSIBLE
    return Match(proofs, confidence, explanation, fixes)


def _attempts(case: Case) -> list[Command]:
    """The sftp and scp commands of this one transfer: the failed one, and those that it was the fallback of."""
    if case.command is None:
        return []
    tried = (*attempts_before(case.command), case.command)
    return [command for command in tried if command.tool in (Tool.SFTP, Tool.SCP) and command.rc != 0]


def _given_up(case: Case, first: Command) -> tuple[Evidence, ...]:
    """Ansible's warning that the way did not work; where it is not in the log, the attempt."""
    warned = run_warning(case, f"{first.method} transfer mechanism failed on [{first.address}]")
    return proof(warned) if warned is not None else (ending(first),)


def _refusal(lines: list[Line]) -> Line | None:
    """The line that says that the subsystem was refused, where no other line explains the end."""
    if any(cause in line.text for line in lines for cause in _OTHER_CAUSES):
        return None
    explicit = next((line for line in lines if _SUBSYSTEM in line.text), None)
    return explicit or next((line for line in lines if line.text.strip().rstrip(".") in _CLOSED), None)


def piped_later(case: ServerCase, channel: Channel) -> bool:
    """Whether a later session of the connection took a file through the shell (`dd of=`, `scp -t`)."""
    later = case.channels[channel.index + 1 :]
    return any((other.command or "").startswith(("dd of=", "scp ")) for other in later)


@seen_from_server("sftp-subsystem-missing")
def check_server(case: ServerCase) -> Match | None:
    """Looks for sshd's own words on a subsystem that it has not."""
    one = case.connection
    line = next((line for line in case.all_said("subsystem not found") if "subsystem request" in line.text), None)
    if one is None or line is None:
        return None
    channel = next((c for c in case.channels if c.opened.line <= line.place.line <= c.last_line), None)
    explanation = f"sshd has no such subsystem for {_server.who(one)}: sshd_config has no `Subsystem sftp` line for it."
    piped = channel is not None and piped_later(case, channel)
    if piped:
        explanation += " The files were sent through the shell after that."
    fixes = ("Subsystem sftp internal-sftp", "sshd -T | grep -i subsystem", "ansible_ssh_transfer_method=piped")
    return Match(_server.proof(line), explanation=explanation, fixes=fixes, channel=channel, mild=piped)
