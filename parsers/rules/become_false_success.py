"""Ansible took a line of ssh's own output for the success of the privilege escalation.

What you see:
`become_success: (source=stderr, state=…): '… echo BECOME-SUCCESS-…'` in the debug log. What follows goes wrong in
some other way: the task waits for ever, as sudo's prompt for the password is no longer answered, or the data for the
module goes to the prompt.

Why it happens:
The sign of success is a line that the escalated shell prints, which comes over stdout. A wrapper around ssh
(`ansible_ssh_executable`), or a `ProxyCommand` that logs the command which it is to run, prints the same words on
stderr before sudo was even started. Ansible from 2.13 on leaves out ssh's own `debugN:` lines only.

How to be sure:
Run the same play with `ansible_ssh_executable=ssh`, or with the wrapper's log switched off. It works when nothing
prints the command.

Fix:
Let the wrapper log into a file, or not at all: no line with the command may reach stderr. Or log in as the user that is
needed, without become.

Not this when:
`source=stdout`: that is the real sign. A password that is refused or missing says so (become-password-wrong,
become-password-missing).
"""

from __future__ import annotations

from parsers.declined import looked_for, ruled_out
from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import SSH_STAGES, proof
from parsers.rules._values import shown, target

_PROMPT = "via ansible, key="
"""In the prompt that Ansible gives to sudo and su where it has a password."""


@rule(
    "become-false-success",
    order=920,
    title="A line of ssh's own was taken for the success of become",
    category=4,
    stages=SSH_STAGES[1:],
)
def check(case: Case) -> Match | None:
    """Looks for a success that came over stderr, in a command that did not work."""
    command = case.command
    if command is None:
        return None
    looked_for(("become_success: (source=stderr",), command.false_success)
    if command.false_success is None:
        return None
    if command.open and _PROMPT not in command.text:
        ruled_out("It came over stderr, and no password is asked for, so nothing waits for it.", command.false_success)
        return None
    at = target(case)
    explanation = (
        f"Ansible took a line on ssh's stderr for the success of the escalation at {at.at}, before sudo had answered: "
        f"{shown(command.false_success.text.strip(), 100)}. So a prompt that came later was not answered."
    )
    fixes = (
        "ansible_ssh_executable=ssh",
        at.ssh("true", "-v") + " 2>&1 >/dev/null | grep -v '^debug'",
        "ansible_become=false",
    )
    return Match(proof(command.false_success), Confidence.LIKELY, explanation, fixes)
