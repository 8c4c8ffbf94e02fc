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

from parsers.declined import ruled_out
from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import (
    SSH_STAGES,
    ending,
    ending_line,
    exit_status,
    find,
    has_ssh_debug,
    message_lines,
    proof,
    ssh_failed,
)
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line


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
    if command is None:
        return _by_message(case)
    if command.rc != 255:
        return None  # nobody would take it for ssh's own
    rows = command.transcript.plain
    said = next((row for row in rows if not row.stderr and row.text.strip()), None)
    sure = exit_status(command) == 255
    if not sure and (said is None or has_ssh_debug(case) or not all(_farewell(row) for row in rows if row.stderr)):
        ruled_out("rc 255 is ssh's own: no exit status of the remote command came back.", ending_line(command))
        return None
    at = target(case)
    explanation = f"The command at {at.at} ran and ended with 255 by itself; the connection was fine."
    if said is not None:
        explanation += f" It said: {shown(said.text.strip().rstrip('.'))}."
    fixes = (at.ssh("exit 255") + "; echo $?", 'raw: "COMMAND || exit 1"')
    confidence = Confidence.CERTAIN if sure else Confidence.LIKELY
    return Match((ending(command), *proof(said)), confidence, explanation, fixes)


def _by_message(case: Case) -> Match | None:
    """Below -vvv only the message is there: the usual end of a session, and not one complaint."""
    rows = message_lines(case)
    line = find(rows, "Shared connection to ", "Connection to ")
    if not ssh_failed(case) or line is None or not all(_farewell(row) for row in rows):
        return None
    at = target(case)
    explanation = (
        f"A session with {at.at} was there and ended in the usual way, with rc 255: the remote command ended with 255 "
        "by itself, or the connection broke. A log of -vvvv tells which."
    )
    playbook = quote(case.run.playbook or "", "PLAYBOOK")
    fixes = (f"ANSIBLE_SSH_VERBOSITY=3 ansible-playbook -vvvv {playbook}", 'raw: "COMMAND || exit 1"')
    return Match(proof(line), Confidence.POSSIBLE, explanation, fixes)


def _farewell(line: Line) -> bool:
    """Whether the line is ssh's usual end of a session, and no complaint."""
    text = line.text.strip()
    return (
        not text
        or text.startswith("OpenSSH_")
        or (text.startswith(("Shared connection to ", "Connection to ")) and text.endswith(" closed."))
    )
