"""Ansible cannot write to the directory in which ssh keeps its control sockets.

What you see:
FAILED with `Cannot write to ControlPath DIRECTORY`. No ssh was started.

Why it happens:
The directory (`~/.ansible/cp` unless it is set) belongs to root after a run with sudo, is on a file system that is
full or read-only, or HOME is not writable, as in many containers.

How to be sure:
`ls -ld ~/.ansible ~/.ansible/cp` and `df ~/.ansible/cp`, as the account that runs Ansible.

Fix:
Give the directory back, or set another one: `ANSIBLE_SSH_CONTROL_PATH_DIR=/tmp/ansible-cp`.

Not this when:
ssh itself complains about a path that is too long (controlpath-too-long), or about sockets (controlpath-no-sockets).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import quote, shown

_START = "Cannot write to ControlPath "


@rule(
    "controlpath-not-writable",
    order=200,
    title="The directory of the control sockets cannot be written",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(host_or_control_lines(case), _START)
    if line is None:
        return None
    folder = line.text.partition(_START)[2].strip()
    explanation = f"The control node cannot write to {shown(folder) or 'its directory of control sockets'}."
    word = quote(folder, "~/.ansible/cp")
    fixes = (f"ls -ld {word}; df {word}", "ANSIBLE_SSH_CONTROL_PATH_DIR=/tmp/ansible-cp")
    return Match(proof(line), explanation=explanation, fixes=fixes)
