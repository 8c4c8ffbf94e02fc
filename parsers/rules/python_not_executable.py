"""The interpreter is there, and the shell may not execute it.

What you see:
The module ends with rc 126 and the shell's words on the interpreter itself: `/bin/sh: 1: /opt/app/venv: Permission
denied` (dash), `/bin/bash: line 1: /opt/app/venv: Is a directory` or `… Not a directory` or `… cannot execute binary
file: Exec format error` (bash). Ansible says `MODULE FAILURE` up to 2.18, `Module result deserialization failed: No
start of json char found` from 2.19 on; neither names the interpreter.

Why it happens:
`ansible_python_interpreter` names the folder of a virtualenv instead of its `bin/python`, a file without execute
permission, a path below a folder that the login user (or the user that the task becomes) may not enter such as
`/root/venv`, a file system mounted with noexec, or a Python of another machine's architecture. dash says `Permission
denied` of a folder, too.

How to be sure:
`ssh USER@HOST 'namei -l PATH'` shows each folder of the path with its owner and mode; `ansible-inventory --host HOST`
shows the variable. With become, look at it as that user.

Fix:
Name the program itself (`ansible_python_interpreter=/opt/app/venv/bin/python`), give what is missing (`chmod a+x`, on
folders too), or remove the variable so that Ansible looks for itself (`ansible_python_interpreter=auto_silent`).

Not this when:
The path is not there at all, with rc 127: python-wrong-path. It is the module's own file or a script (noexec-mount),
or the shell (selinux-context).
"""

from __future__ import annotations

from parsers.declined import required
from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._python import barred_interpreter, looked_for, runs_own_command
from parsers.rules._said import ending_line, proof
from parsers.rules._values import quote, shown, target

_NOT_EXECUTABLE = 126
"""What a POSIX shell ends with where a command was found and could not be executed (Shell Command Language, 2.8.2)."""

_FOLDER = "Is a directory"
_FORMAT = "Exec format error"


@rule(
    "python-not-executable",
    order=945,
    title="The interpreter of this host cannot be executed",
    category=3,
    stages=(Stage.PROBE, Stage.EXEC, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for rc 126 at the interpreter itself."""
    command = case.command
    if runs_own_command(case):
        return None
    if command is not None and command.rc != _NOT_EXECUTABLE:
        required(f"rc {command.rc}: a shell that may not execute a program ends with 126.", ending_line(command))
        return None
    barred = barred_interpreter(case)
    if barred is None:
        return None
    line, program, reason = barred
    at = target(case)
    become = command is not None and command.become
    user = "the user that the task becomes" if become else (shown(at.user) if at.user else "the login user")
    explanation = f"The shell at {at.at} could not execute {shown(program)}, the interpreter of this task: {reason}."
    inside = quote(f"{program}/bin/python3", "PYTHON")
    if reason == _FOLDER:
        explanation += " The program lies below it, in bin/ where it is a virtualenv."
    elif reason == _FORMAT:
        explanation += " It was built for another architecture, or is no program."
    else:
        explanation += (
            f" It is a folder, a file without execute permission, on a file system mounted with noexec, or {user} may "
            "not enter a folder on the way to it."
        )
    explanation += (
        " The interpreter discovery had found it." if looked_for(case) else " ansible_python_interpreter names it."
    )
    name = quote(case.host.name if case.host is not None else "", "HOST")
    look = f"namei -l {quote(program, 'PYTHON')}"
    fixes = [
        at.ssh(f"sudo {look}" if become else look),
        f"ansible-inventory --host {name}",
        "ansible_python_interpreter=auto_silent",
    ]
    if reason == _FOLDER:
        fixes.insert(2, f"ansible_python_interpreter={inside}")
    confidence = Confidence.CERTAIN if command is not None else Confidence.LIKELY
    return Match(proof(line), confidence, explanation, tuple(fixes))
