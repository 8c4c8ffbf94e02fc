"""ssh failed, Ansible tried the same command again, and then it worked.

What you see:
rc 255 of a command, `ssh_retry: attempt: N, ssh return code is 255` (with `-vv`), and the same command again, with rc
0.

Why it happens:
The connection or the login fails now and then: MaxStartups while many forks log in at once, a machine that is still
starting, packets that get lost. Without retries the host would be unreachable.

How to be sure:
The words of the failed attempt, which stand beside this; on the managed node `journalctl -u ssh -u sshd` for the same
second.

Fix:
What the words call for; fewer forks (`ANSIBLE_FORKS=5`) where many hosts share a way. `ANSIBLE_SSH_RETRIES=3` keeps
it working meanwhile.

Not this when:
The second attempt of a transfer is another way of sending it (sftp-subsystem-missing, profile-noise). A shared
connection that was gone is mux-broken-pipe.
"""

from __future__ import annotations

from parsers.actions import tries_again
from parsers.declined import ruled_out
from parsers.findings import Asked, Case, Match, Severity, rule
from parsers.model import Command, Stage
from parsers.rules._said import SSH_STAGES, ending, exit_status, find, proof
from parsers.rules._values import shown, target

_SSH_FAILED = 255


@rule(
    "retry-worked",
    order=1210,
    title="A command worked only when it was tried again",
    category=2,
    stages=SSH_STAGES,
    severity=Severity.WARNING,
    asked=(Asked.WORKED,),
)
def check(case: Case) -> Match | None:
    """Looks for attempts with rc 255 before the one that worked, and adds up what they took."""
    command, task = case.command, case.task
    # The loops of these two try until it works, and that is their task.
    if command is None or task is None:
        return None
    if tries_again(task.action):
        ruled_out(f"The task is {task.action}, which tries until it works.")
        return None
    if command.stage is Stage.TRANSFER:
        return None
    same = [other for other in task.commands if other.stage is command.stage and other.text == command.text]
    last = next((other for other in same if other.rc == 0 and other.index >= command.index), None)
    attempts = [other for other in same if last is not None and other.index < last.index and _is_failure(other)]
    if last is None or not attempts:
        return None
    at = target(case)
    first = attempts[0]
    seconds = last.started - first.started if last.started is not None and first.started is not None else None
    digits = 1 if seconds is None or seconds >= 1 else 2
    cost = f", {max(0.0, seconds):.{digits}f} s after the first" if seconds is not None else " (this log has no times)"
    words = next((row for row in reversed(first.transcript.plain) if row.stderr and row.text.strip()), None)
    said = f" The first said: {shown(words.text.strip().rstrip('.'))}." if words is not None else ""
    explanation = f"Attempt {len(attempts) + 1} of a command at {at.at} worked{cost}.{said}"
    fixes = (at.ssh("true", "-v"), "ANSIBLE_FORKS=5", "ANSIBLE_SSH_RETRIES=3")
    return Match((*proof(words), ending(first)), explanation=explanation, fixes=fixes)


def _is_failure(command: Command) -> bool:
    """Whether ssh itself failed, in another way than at a shared connection that was gone."""
    return (
        command.rc == _SSH_FAILED
        and exit_status(command) is None
        and find(command.transcript.plain, "mux_client_hello_exchange: write packet: Broken pipe") is None
    )
