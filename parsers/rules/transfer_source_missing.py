"""Ansible's own temporary file was gone before it could be sent.

What you see:
FAILED with `file or module does not exist: PATH`, where PATH is below `~/.ansible/tmp/ansible-local-…` or is the
source of a copy.

Why it happens:
Something cleans the control node's temporary directory (systemd-tmpfiles, another run that ends, a job with the same
HOME), or the path of `src` is wrong.

How to be sure:
`ls -ld ~/.ansible/tmp`; `systemctl list-timers | grep tmpfiles`.

Fix:
A directory of its own for each run: `ANSIBLE_LOCAL_TEMP=$(mktemp -d)`.

Not this when:
The path is on the managed node: `dest open` or `remote open` (transfer-permission).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import quote, shown


@rule(
    "transfer-source-missing",
    order=810,
    title="The file to transfer is gone on the control node",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(host_or_control_lines(case), "file or module does not exist: ")
    if line is None:
        return None
    path = line.text.partition("does not exist: ")[2].strip()
    explanation = f"{shown(path)} was not there any more on the control node."
    return Match(
        proof(line), explanation=explanation, fixes=(f"ls -l {quote(path, 'PATH')}", "ANSIBLE_LOCAL_TEMP=$(mktemp -d)")
    )
