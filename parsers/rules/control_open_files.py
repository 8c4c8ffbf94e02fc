"""Ansible has more files and pipes open than its limit allows.

What you see:
`OSError: [Errno 24] Too many open files` or `filedescriptor out of range in select()` in an error of the run or in
the result of a host whose command was never started.

Why it happens:
Every fork has several pipes. Many forks meet a low limit (256 on macOS, 1024 on most systems).

How to be sure:
`ulimit -n` in the same shell, beside `forks` of the run.

Fix:
`ulimit -n 4096` before the run, or fewer forks: `ANSIBLE_FORKS=20`. For `select()`, which cannot go beyond 1023, only
fewer forks help.

Not this when:
The words stand in the output of a module: then the managed node is meant.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import shown


@rule(
    "control-open-files",
    order=300,
    title="The control node has no open file left",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for the system's words where no remote command said them."""
    if case.command is not None and case.command.rc is not None:
        return None
    line = find(
        host_or_control_lines(case), "[Errno 24] Too many open files", "filedescriptor out of range in select()"
    )
    if line is None:
        return None
    explanation = f"The control node ran out of open files: {shown(line.text.strip())}"
    return Match(proof(line), explanation=explanation, fixes=("ulimit -n", "ulimit -n 4096", "ANSIBLE_FORKS=20"))
