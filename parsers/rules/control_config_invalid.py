"""Ansible does not start: its configuration file is not one.

What you see:
`ERROR: Unsupported configuration file extension for /dev/null:` (rc 5), or `ERROR: Error reading config file (…): …`
with the place in the file.

Why it happens:
ANSIBLE_CONFIG names something that is no .cfg or .ini file (/dev/null, a .yml), or ansible.cfg has a line that is
neither a section nor `name = value`.

How to be sure:
`ansible-config dump --only-changed` fails in the same way; `ansible --version` names the file that is taken.

Fix:
Point `ANSIBLE_CONFIG` at a real file (an empty .cfg will do), or correct the line that is named.

Not this when:
`ignoring it as an ansible.cfg source` is a warning about a directory that everybody may write to
(control-config-ignored).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import control_lines
from parsers.rules._said import find, proof
from parsers.rules._values import shown


@rule(
    "control-config-invalid",
    order=50,
    title="Ansible's configuration file cannot be read",
    category=1,
    stages=(Stage.CONTROL,),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(control_lines(case), "Unsupported configuration file extension for", "Error reading config file")
    if line is None:
        return None
    explanation = f"The configuration file cannot be read: {shown(line.text.strip())}"
    return Match(
        proof(line), explanation=explanation, fixes=("ansible-config dump --only-changed", "unset ANSIBLE_CONFIG")
    )
