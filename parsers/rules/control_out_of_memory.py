"""A worker of Ansible could not be started or was killed: the control node has no memory left.

What you see:
`OSError: [Errno 12] Cannot allocate memory`, or `A worker was found in a dead state` without a result of the host
that it worked for.

Why it happens:
Every fork is a process of 50 MB and more; with many hosts and facts the kernel ends one. On macOS a worker also dies
of its fork protection.

How to be sure:
`dmesg -T | grep -i -E "oom|killed process"` on the control node; on macOS `export
OBJC_DISABLE_INITIALIZE_FORK_SAFETY=YES` helps where it is that.

Fix:
Fewer forks (`ANSIBLE_FORKS=5`), `gather_subset`, or more memory.

Not this when:
rc 137 of a module is about the managed node (module-killed). A worker that says why it ended is worker-died.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof


@rule(
    "control-out-of-memory",
    order=310,
    title="The control node ran out of memory",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for the system's words, or for a worker that ended without any."""
    if case.command is not None and case.command.rc is not None:
        return None
    lines = host_or_control_lines(case)
    line = find(lines, "[Errno 12] Cannot allocate memory")
    dead = find(lines, "A worker was found in a dead state")
    if line is None and dead is None:
        return None
    confidence = Confidence.CERTAIN if line is not None else Confidence.POSSIBLE
    explanation = "The control node had no memory for a worker."
    if line is None:
        explanation = "A worker of Ansible ended without a word; most often the kernel ended it for want of memory."
    fixes = ("dmesg -T | grep -i -E 'oom|killed process'", "ANSIBLE_FORKS=5")
    return Match(proof(line, dead), confidence, explanation, fixes)
