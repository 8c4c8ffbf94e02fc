"""The remote command itself ended with 255, and Ansible takes that for a broken connection.

What you see:
UNREACHABLE, or `Failed to connect to the host via ssh`, with real output of the command on stdout. ssh's debug text has
`Received exit status from master 255` or `rtype exit-status`: the session worked to its end.

Why it happens:
ssh passes the remote command's rc on, and 255 is also its own sign of failure. Perl's die, some appliances' shells, an
inner ssh, and programs that return -1 end so. Ansible cannot tell the two apart.

How to be sure:
`ssh USER@HOST 'exit 255'; echo $?` prints the same 255. The debug text's exit status is proof.

Fix:
Give the command another rc: `raw: "your command || exit 1"`, or repair the program.

Not this when:
No exit status came back: then ssh failed (its own last line says why).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, ending, proof
from parsers.rules._values import shown, target


@rule(
    "remote-rc-255",
    order=1090,
    title="The remote command ended with 255, which looks like a broken connection",
    category=4,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for an rc of 255 that came from the remote side."""
    command = case.command
    if command is None or command.rc != 255 or command.transcript.exit_status != 255:
        return None
    said = next((row for row in command.transcript.plain if not row.stderr and row.text.strip()), None)
    at = target(case)
    explanation = f"The command at {at.at} ran and ended with 255 by itself; the connection was fine."
    if said is not None:
        explanation += f" It said: {shown(said.text.strip())}."
    fixes = (at.ssh("exit 255") + "; echo $?", 'raw: "COMMAND || exit 1"')
    return Match((ending(command), *proof(said)), explanation=explanation, fixes=fixes)
