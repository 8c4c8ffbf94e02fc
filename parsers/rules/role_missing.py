"""A role that the play names is in none of the places where Ansible looks.

What you see:
`the role 'NAME' was not found in PATHS`, from 2.21 on `The role 'NAME' was not found in: PATHS`, rc 1, before any host
is touched.

Why it happens:
The role was never installed (requirements.yml was not read), it lies in another directory than the playbook's
`roles`, or the name has a typing error.

How to be sure:
`ansible-galaxy role list`; the error lists every path that was looked at.

Fix:
`ansible-galaxy install -r requirements.yml`, or set `ANSIBLE_ROLES_PATH` (`roles_path` in ansible.cfg).

Not this when:
The role is found and a file inside it is missing: that error names the file.
"""

from __future__ import annotations

import re

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import host_or_control_lines, origin, where
from parsers.rules._said import proof
from parsers.rules._values import quote, shown

_MISSING = re.compile(r"[Tt]he role '(.{1,200}?)' was not found(?: in:? )?(.*)", re.DOTALL)


@rule("role-missing", order=90, title="A role was not found", category=1, stages=(Stage.CONTROL, Stage.RESULT))
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    rows = host_or_control_lines(case)
    line, words = next(((row, found) for row in rows if (found := _MISSING.search(row.text))), (None, None))
    if line is None or words is None:
        return None
    place = origin(rows)
    spot = f" ({where(place)})" if place is not None else ""
    name, paths = words.groups()
    explanation = f"The role {shown(name)}{spot} is in none of these: {shown(paths.strip(), 240)}."
    fixes = (
        "ansible-galaxy role list",
        f"ansible-galaxy role install {quote(name, 'ROLE')}",
        "ansible-galaxy install -r requirements.yml",
    )
    return Match(proof(line, place.evidence if place is not None else None), explanation=explanation, fixes=fixes)
