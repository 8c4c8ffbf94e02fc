"""A start-up file of the shell prints something, which breaks sftp and scp.

What you see:
`Received message too long 1466264675` (the number is the first four characters of what was printed) and
`Ensure the remote shell produces no output for non-interactive sessions.`; with scp, the same after `scp: `.

Why it happens:
`~/.bashrc`, `~/.profile`, /etc/profile.d or a banner program prints in non-interactive sessions. sftp takes these bytes
for its protocol. Where Ansible may choose the way (`smart`), it then sends the file through the shell, and the task
goes on: that is a warning.

How to be sure:
`ssh USER@HOST true` prints something; it has to print nothing.

Fix:
Let the file print in interactive shells only: `case $- in *i*) ;; *) return ;; esac` at its top. Until then
`ansible_ssh_transfer_method=piped`.

Not this when:
Only `Connection closed` stands there (sftp-subsystem-missing).
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._said import find, message_lines, number, proof, said
from parsers.rules._transfer import answers_hold_more, cost, failed_attempts, failed_lines
from parsers.rules._values import shown, target


@rule(
    "profile-noise",
    order=660,
    title="Output of a start-up file breaks the file transfer",
    category=3,
    stages=(Stage.TRANSFER, Stage.RESULT),
    asked=(Asked.BROKEN, Asked.WORKED),
)
def check(case: Case) -> Match | None:
    """Looks for sftp's word on bytes that are not its protocol."""
    attempts = failed_attempts(case)
    if case.command is not None and case.command.rc == 0 and not attempts:
        return None
    if attempts:
        rows = failed_lines(case)
        if not rows:
            return _without_words(case)
    else:
        rows = said(case) if case.stage is not None and case.stage.stage is Stage.TRANSFER else message_lines(case)
    line = find(rows, "Received message too long ")
    if line is None:
        return None
    value = number(line.text.partition("Received message too long ")[2].strip()) or 0
    value = value or _large(line.text)
    printed = value.to_bytes(4, "big").decode("ascii", "replace") if 0 < value < 2**32 else ""
    at = target(case)
    starts = f", which begins with {printed!r}" if printed.isprintable() and printed else ""
    explanation = f"A start-up file at {at.at} prints text{starts}, and sftp took it for its protocol."
    fixes = (at.ssh("true"), at.ssh("grep -n echo ~/.bashrc ~/.profile"), "ansible_ssh_transfer_method=piped")
    if attempts:
        explanation = f"{explanation} {cost(case)}"
    ensure = find(rows, "Ensure the remote shell produces no output")
    return Match(proof(line, ensure), explanation=shown(explanation, 400), fixes=fixes)


def _without_words(case: Case) -> Match | None:
    """The attempts' words are not known to be theirs; what stands before the home directory tells it as well."""
    line = answers_hold_more(case)
    if line is None:
        return None
    at = target(case)
    explanation = (
        f"A start-up file at {at.at} prints {shown(line.text.strip(), 80)!r}, and sftp most likely took it for its "
        f"protocol. {cost(case)}"
    )
    fixes = (at.ssh("true"), at.ssh("grep -n echo ~/.bashrc ~/.profile"), "ansible_ssh_transfer_method=piped")
    return Match(proof(line), Confidence.LIKELY, explanation, fixes)


def _large(text: str) -> int:
    """The number, which has ten digits."""
    digits = text.partition("Received message too long ")[2].strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else 0
