"""The become method that is set is not one that Ansible has.

What you see:
`Invalid become method specified, could not find matching plugin: 'x'. Use "ansible-doc -t become -l" to list
available plugins.`

Why it happens:
A typing error in `become_method`, or the collection with that plugin (dzdo, pfexec, doas and others live in
community.general) is not installed.

How to be sure:
`ansible-doc -t become -l` lists the methods that are there.

Fix:
Correct `become_method`, or install its collection: `ansible-galaxy collection install community.general`.

Not this when:
`sudo: command not found` comes from the managed node (become-program-missing).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof, quoted
from parsers.rules._values import shown


@rule(
    "become-plugin-missing",
    order=150,
    title="The become method does not exist",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(host_or_control_lines(case), "Invalid become method specified, could not find matching plugin")
    if line is None:
        return None
    name = quoted(line.text.partition("matching plugin: ")[2]) or ""
    explanation = f"There is no become plugin {shown(name)} on the control node."
    return Match(
        proof(line),
        explanation=explanation,
        fixes=("ansible-doc -t become -l", "ansible-galaxy collection install community.general"),
    )
