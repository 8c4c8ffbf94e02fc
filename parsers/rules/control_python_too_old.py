"""Ansible does not start: it needs a newer Python on the control node.

What you see:
`ERROR: Ansible requires Python 3.11 or newer on the controller. Current version: …`; the number depends on the
ansible-core.

Why it happens:
Every ansible-core has an oldest Python for the control node: 3.9 for 2.15, 3.10 for 2.16 and 2.17, 3.11 for 2.18 and
2.19, 3.12 for 2.20 and 2.21.

How to be sure:
`ansible --version` or the first line of the script that is started shows the Python; `python3 --version` the default
one.

Fix:
Make a virtual environment with a newer Python: `python3.12 -m venv ~/ansible`, then `~/ansible/bin/pip install
ansible-core`.

Not this when:
`ansible-core requires a minimum of Python version` in a result of a host is about the managed node (python-too-old).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import control_lines
from parsers.rules._said import proof
from parsers.rules._values import shown

_MIDDLE = "Ansible requires Python "


@rule(
    "control-python-too-old",
    order=20,
    title="The control node has too old a Python for this ansible-core",
    category=1,
    stages=(Stage.CONTROL,),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = next((row for row in control_lines(case) if _MIDDLE in row.text and "on the controller" in row.text), None)
    if line is None:
        return None
    explanation = f"Ansible did not start: {shown(line.text.strip())}"
    fixes = ("python3 --version", "python3.12 -m venv ~/ansible && ~/ansible/bin/pip install ansible-core")
    return Match(proof(line), explanation=explanation, fixes=fixes)
