"""scp does not get around a missing sftp: since OpenSSH 9.0 it speaks sftp itself.

What you see:
`scp: Connection closed`, with `ssh_transfer_method=scp`, or after sftp was closed in the same way; or `scp: command
not found` and `lost connection`, where scp is the old kind and the managed node has none.

Why it happens:
scp 9.0 and later uses the sftp subsystem, so both fail together. The old protocol (`scp -O`) starts the program scp
on the managed node.

How to be sure:
`ssh -V` on the control node shows the version; `scp -O FILE USER@HOST:/tmp/` shows whether the old protocol works.

Fix:
`ansible_scp_extra_args=-O`, or `ansible_ssh_transfer_method=piped`, which needs neither; best is to give the node its
sftp back (sftp-subsystem-missing).

Not this when:
Output of a start-up file breaks both as well, with `Received message too long` (profile-noise).
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Confidence, Match, rule
from parsers.model import Stage, Tool
from parsers.rules._said import find, message_lines, proof, worked_before
from parsers.rules._transfer import attempts_before, cost
from parsers.rules._values import target

_CLOSED = ("scp: Connection closed", "Connection closed")
_MISSING = ("scp: command not found", "scp: not found", "lost connection")


@rule(
    "scp-uses-sftp",
    order=760,
    title="scp needs sftp too, or is not on the managed node",
    category=3,
    stages=(Stage.TRANSFER,),
    asked=(Asked.BROKEN, Asked.WORKED),
)
def check(case: Case) -> Match | None:
    """Looks for a scp that ended as sftp did, or that found no scp on the other side."""
    if case.command is None or case.task is None or not worked_before(case):
        return None
    tried = (*attempts_before(case.command), case.command)
    attempts = [command for command in tried if command.tool is Tool.SCP and command.rc != 0]
    rows = [line for command in attempts for line in command.transcript.plain]
    if attempts and not rows and case.command.rc != 0:
        # Its attempt logs no tuple, and from 2.17 on no chunk names its host: only the message is left.
        rows = [row for row in message_lines(case) if row.text.startswith("scp: ")]
    if any("Received message too long" in row.text for row in rows):
        return None
    line = next((row for row in rows if row.text.strip().rstrip(".") in _CLOSED), None) or find(rows, *_MISSING)
    if line is None:
        return None
    at = target(case)
    missing = any(word in line.text for word in _MISSING)
    why = "the managed node has no scp" if missing else "scp 9.0 and later speaks sftp, which this node does not offer"
    explanation = f"scp to {at.at} failed: {why}."
    if case.command.rc == 0:
        explanation = f"{explanation} {cost(case)}"
    fixes = ("ansible_ssh_transfer_method=piped", "ansible_scp_extra_args=-O", at.ssh("command -v scp"))
    return Match(proof(line), Confidence.LIKELY, explanation, fixes)
