"""A worker process of Ansible ended before it had given its result.

What you see:
`A worker was found in a dead state`, `WORKER HARD EXIT: …`, `WORKER EXCEPTION: …`; from 2.17 on `failed to send task
result (…), sending surrogate result`.

Why it happens:
An exception in a plugin, a result that cannot be sent between processes (a filter or plugin that returns an object of
its own), or a signal: the kernel for want of memory, an administrator, a container that ends.

How to be sure:
The traceback below the line; `dmesg -T | grep -i oom` on the control node.

Fix:
Repair the plugin that the traceback names; fewer forks (`ANSIBLE_FORKS=5`); more memory.

Not this when:
The module on the managed node was killed: rc 137 (module-killed).
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import shown

_WORDS = (
    "WORKER HARD EXIT: ",
    "WORKER EXCEPTION: ",
    "WORKER TRACEBACK: ",
    "sending surrogate result",
    "A worker was found in a dead state",
)


@rule(
    "worker-died",
    order=1170,
    title="A worker of Ansible ended on its own",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    if case.command is not None and case.command.rc is not None:
        return None
    line = find(host_or_control_lines(case), *_WORDS)
    if line is None:
        return None
    explanation = f"A worker of Ansible ended before it had given its result: {shown(line.text.strip())}"
    dead = "found in a dead state" in line.text
    confidence = Confidence.POSSIBLE if dead else Confidence.CERTAIN
    fixes = ("dmesg -T | grep -i -E 'oom|killed process'", "ANSIBLE_FORKS=1")
    return Match(proof(line), confidence, explanation, fixes)
