"""The program for privilege escalation is not on the managed node.

What you see:
rc 127 and `/bin/sh: 1: sudo: not found` (or `sudo: command not found`, `dzdo: not found`). Ansible may say that the
interpreter has to be set, which is wrong here.

Why it happens:
Minimal images have no sudo; a login as root needs none; `ansible_become_method` names a program of another system.

How to be sure:
`ssh USER@HOST 'command -v sudo su doas'`.

Fix:
Install it (`apt-get install sudo`, `dnf install sudo`), use another `ansible_become_method` (su, doas), or leave
`become` away where the login is root already.

Not this when:
The word before `not found` is an interpreter (python-missing, python-wrong-path).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._become import become_program
from parsers.rules._python import runs_own_command
from parsers.rules._said import SSH_STAGES, is_module_json, missing_program, proof
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line

_PROGRAMS = ("sudo", "su", "doas", "dzdo", "pbrun", "pfexec", "ksu", "pmrun", "sesu", "machinectl", "runas")


@rule(
    "become-program-missing",
    order=910,
    title="The program for privilege escalation is not there",
    category=3,
    stages=SSH_STAGES[1:],
)
def check(case: Case) -> Match | None:
    """Looks for a shell that did not find the program."""
    command = case.command
    if command is None or command.rc != 127 or (runs_own_command(case) and not command.become):
        return None
    own = become_program(command)
    found: Line | None = None
    name = ""
    for row in command.transcript.plain:
        program = (missing_program(row.text) or "").rpartition("/")[2] if not is_module_json(row) else ""
        if program and (program in _PROGRAMS or program == own):
            found, name = row, program
            break
    if found is None:
        return None
    at = target(case)
    missing = missing_program(found.text) or ""
    if "/" in missing:
        explanation = (
            f"{shown(missing)} is not at {at.at}, so the command could not escalate. ansible_become_exe (or "
            "become_exe) names it."
        )
        given = (at.ssh("command -v sudo su doas"), f"ansible_become_exe={quote(name, 'PROGRAM')}")
        return Match(proof(found), explanation=explanation, fixes=given)
    explanation = f"{shown(name)} is not at {at.at}, so the command could not escalate."
    other = "sudo" if name == "su" else "su"
    fixes = (at.ssh("command -v sudo su doas"), f"ansible_become_method={other}", "ansible_become=false")
    return Match(proof(found), explanation=explanation, fixes=fixes)
