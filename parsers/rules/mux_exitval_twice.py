"""The ssh of a shared connection got two exit statuses for one command and gave up.

What you see:
rc 255 with `mux_client_request_session: exitval sent twice`.

Why it happens:
A fault between the ssh of the command and the master behind its control socket: most often a master of another
(older) OpenSSH that is still running.

How to be sure:
`ps -ef | grep "ssh:.*mux"` shows masters that are older than the client; `ssh -V` shows the client's version.

Fix:
End the old masters: `ssh -O exit -o ControlPath=PATH HOST`, with the ControlPath of the EXEC line, or
`rm ~/.ansible/cp/*`. Where it stays: `ansible_ssh_common_args='-o ControlMaster=no'`.

Not this when:
One exit status came, and it is 255 (remote-rc-255).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, find, proof, said
from parsers.rules._values import target


@rule(
    "mux-exitval-twice",
    order=1100,
    title="The shared connection gave two exit statuses",
    category=4,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's own words."""
    line = find((row for row in said(case) if row.stderr), "mux_client_request_session: exitval sent twice")
    if line is None:
        return None
    if case.command is not None and case.command.rc == 0:
        return None
    at = target(case)
    explanation = f"The shared connection to {at.at} gave two exit statuses for one command."
    return Match(
        proof(line),
        explanation=explanation,
        fixes=(at.end_master(), "rm ~/.ansible/cp/*", at.common_args("-o ControlMaster=no")),
    )
