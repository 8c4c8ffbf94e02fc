"""sshpass was started and nothing came of it.

What you see:
The log ends at `SSH: EXEC sshpass -d…` of a host: no chunk follows, although ssh's debug text is on.

Why it happens:
A race in sshpass when the control node is under load: it misses the moment at which ssh is ready for the password.

How to be sure:
`ps -ef | grep sshpass` shows it waiting; its ssh child sits in a read of the terminal.

Fix:
A key in place of the password; fewer forks (`ANSIBLE_FORKS=5`); a newer sshpass; or ansible-core 2.19 and later,
which needs no sshpass.

Not this when:
ssh has said something: then its last line tells where it stands.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Status
from parsers.rules._said import SSH_STAGES, ending
from parsers.rules._values import core_version, target

_SECONDS = 10.0


@rule(
    "sshpass-hang",
    order=1130,
    title="sshpass stands still before ssh says a word",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for an open command with a password, up to 2.18, from which nothing came."""
    command, stage = case.command, case.stage
    if command is None or stage is None or command.rc is not None or stage.status is not Status.STALLED:
        return None
    if not command.password or not case.run.ssh_debug or not case.run.debug:
        return None
    version = core_version(case.run)
    if version is None or version >= (2, 19):  # which gives ssh the password in another way
        return None
    if (
        len(command.chunks)
        or command.transcript.plain
        or command.transcript.last_debug
        or (stage.silent or 0.0) < _SECONDS
    ):
        return None
    at = target(case)
    explanation = (
        f"sshpass for {at.at} was started {stage.silent or 0.0:.1f} s before the log's end, and ssh never spoke."
    )
    fixes = ("ps -ef | grep sshpass", "ANSIBLE_FORKS=5", at.ssh("true"))
    return Match((ending(command),), Confidence.POSSIBLE, explanation, fixes)
