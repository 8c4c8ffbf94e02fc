"""sftp (or scp) got an option that only ssh has, and printed how it is used.

What you see:
`usage: sftp [-46AaCfNpqrv] …` (or `usage: scp …`) as the answer of the transfer, often after `unknown option`.

Why it happens:
Options in `ansible_ssh_common_args` go to ssh, sftp and scp alike; some of them (`-A` before OpenSSH 8.4, `-t`, `-L`,
`-X`) are ssh's only. A `user@host` in the inventory name has the same effect.

How to be sure:
Start the line of `SSH: EXEC sftp …` by hand: the message stands above the usage.

Fix:
Move it to `ansible_ssh_extra_args`, which only ssh gets, or write it as `-o Name=value`, which all three know.

Not this when:
sftp started and was closed by the server (sftp-subsystem-missing).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._said import find, message_lines, proof, said


@rule(
    "sftp-bad-arguments",
    order=780,
    title="sftp or scp does not know an option that it was given",
    category=1,
    stages=(Stage.TRANSFER, Stage.RESULT, Stage.CONTROL),
)
def check(case: Case) -> Match | None:
    """Looks for the usage of the program in the answer of a transfer."""
    rows = said(case) if case.stage is not None and case.stage.stage is Stage.TRANSFER else message_lines(case)
    line = next((row for row in rows if row.text.lstrip().startswith(("usage: sftp", "usage: scp"))), None)
    if line is None or (case.command is not None and case.command.rc == 0):
        return None
    option = find(rows, "unknown option", "illegal option", "invalid option")
    program = "scp" if "usage: scp" in line.text else "sftp"
    explanation = f"{program} was started with an option that it does not have."
    fixes = ("ansible_ssh_extra_args=OPTIONS", "ansible-config dump --only-changed | grep -i -E 'ssh|sftp|scp'")
    return Match(proof(option, line), explanation=explanation, fixes=fixes)
