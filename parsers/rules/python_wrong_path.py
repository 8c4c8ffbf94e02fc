"""The interpreter that the inventory names is not on the managed node.

What you see:
The module ends with rc 127 and `/bin/sh: 1: /opt/app/bin/python3: not found` (or `No such file or directory`), and no
interpreter discovery ran before. The message is `The module failed to execute correctly, you probably need to set the
interpreter.` up to 2.18, `The module interpreter '…' was not found.` from 2.19 on.

Why it happens:
`ansible_python_interpreter` (in the inventory, group_vars, ansible.cfg, or `-e`) has the path of another machine: the
control node's virtualenv, an old release's /usr/bin/python, a path for other hosts of the group. A value with
arguments (`/usr/bin/env python3`) is no program either from 2.17 on.

How to be sure:
`ansible-inventory --host HOST` shows the value; `ssh USER@HOST 'ls -l PATH; command -v python3'` what is there.

Fix:
Remove the variable, so that Ansible looks for itself (`ansible_python_interpreter=auto_silent`), or set it to what is
there for this host only.

Not this when:
A discovery ran and found nothing: python-missing. `pyenv: python3.13: command not found` comes from a shim that is
there. `sudo: command not found` is become-program-missing.
"""

from __future__ import annotations

from parsers.declined import ruled_out
from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._python import broken_discovery, empty_discovery, is_default, looked_for, lost_interpreter
from parsers.rules._said import proof
from parsers.rules._values import quote, shown, target


@rule(
    "python-wrong-path",
    order=940,
    title="The interpreter that is set for this host is not there",
    category=3,
    stages=(Stage.PROBE, Stage.EXEC, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for an interpreter that the shell did not find and that no discovery had chosen."""
    lost = lost_interpreter(case)
    if lost is None or looked_for(case) or empty_discovery(case) is not None or broken_discovery(case) is not None:
        return None
    line, program = lost
    if case.command is not None and case.command.text.startswith(f"{program} -c "):
        ruled_out(f"{program} is the shell that Ansible runs its commands with, and no Python.", line)
        return None
    if is_default(case, program):
        ruled_out(f"{program} is what Ansible takes by itself: nobody has to have set it.", line)
        return None
    at = target(case)
    explanation = f"{shown(program)} is not at {at.at}. No discovery ran, so ansible_python_interpreter names it."
    if case.command is None:
        explanation = f"{shown(program)} is not at {at.at}; whether it was set or guessed, this log does not tell."
    name = quote(case.host.name if case.host is not None else "", "HOST")
    fixes = (
        f"ansible-inventory --host {name}",
        at.ssh(f"ls -l {quote(program, 'PYTHON')}; command -v python3"),
        "ansible_python_interpreter=auto_silent",
    )
    confidence = Confidence.CERTAIN if case.command is not None else Confidence.LIKELY
    return Match(proof(line), confidence, explanation, fixes)
