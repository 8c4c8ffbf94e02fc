"""Ansible cannot write to the directory in which ssh keeps its control sockets.

What you see:
FAILED with `Cannot write to ControlPath DIRECTORY`, or `Unable to create local directories(DIRECTORY)` where it is not
there yet. No ssh was started.

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
_NOT_MADE = "Unable to create local directories"


@rule(
    "controlpath-not-writable",
    order=200,
    title="The directory of the control sockets cannot be written",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    lines = host_or_control_lines(case)
    line = find(lines, _START)
    folder = line.text.partition(_START)[2].strip() if line is not None else ""
    if line is None and case.host is not None:
        line = find(lines, _NOT_MADE)
        folder = _path(line.text.partition(_NOT_MADE)[2]) if line is not None else ""
    if line is None:
        return None
    explanation = f"The control node cannot write to {shown(folder) or 'its directory of control sockets'}."
    word = quote(folder, "~/.ansible/cp")
    fixes = (f"ls -ld {word}; df {word}", "ANSIBLE_SSH_CONTROL_PATH_DIR=/tmp/ansible-cp")
    return Match(proof(line), explanation=explanation, fixes=fixes)


def _path(rest: str) -> str:
    """The directory in `(/x): [Errno 13]…` (up to 2.18), ` '/x': [Errno 13]…` or ` b'/x': [Errno 13]…` (2.19 on)."""
    word = rest.strip().partition(": ")[0]
    return word.removeprefix("b" if word.startswith(("b'", 'b"')) else "").strip("()'\"")
