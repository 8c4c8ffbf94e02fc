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

from parsers.findings import Case, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import quote, shown

_WORDS = (
    "WORKER HARD EXIT: ",
    "WORKER EXCEPTION: ",
    "WORKER TRACEBACK: ",
    "sending surrogate result",
    "A worker was found in a dead state",
)

_NAMED = 8


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
    explanation = f"A worker of Ansible ended before it had given its result: {shown(line.text.strip())}."
    waiting = [host.name for host in case.run.hosts.values() if host.tasks and not host.tasks[-1].results]
    if case.control is not None and waiting:
        more = f" and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
        listed = shown(", ".join(waiting[:_NAMED]))
        one = len(waiting) == 1
        whose = f"{listed}, which has no result" if one else f"one of those without a result: {listed}{more}"
        explanation += f" It was the worker of {whose}."
    playbook = quote(case.run.playbook or "", "PLAYBOOK")
    fixes = ("dmesg -T | grep -i -E 'oom|killed process|segfault'", f"ANSIBLE_FORKS=1 ansible-playbook {playbook}")
    return Match(proof(line), explanation=explanation, fixes=fixes)
