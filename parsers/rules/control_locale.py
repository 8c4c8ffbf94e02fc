"""Ansible does not start: the locale of the control node is not UTF-8.

What you see:
`ERROR: Ansible requires the locale encoding to be UTF-8; Detected None.` (or `Detected ISO8859-1.`), or `ERROR:
Ansible could not initialize the preferred locale: unsupported locale setting`, and nothing else.

Why it happens:
LANG or LC_ALL is POSIX, or names a locale that this machine does not have: containers, cron, CI jobs and minimal
images. ansible-core checks it from 2.14 on.

How to be sure:
`locale` shows what is set, `locale -a` what exists.

Fix:
`export LC_ALL=C.UTF-8` before the run, or install and generate the locale that is set.

Not this when:
`bash: warning: setlocale: LC_ALL: cannot change locale` comes from the managed node and is harmless.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import control_lines
from parsers.rules._said import find, proof
from parsers.rules._values import shown


@rule(
    "control-locale",
    order=10,
    title="The control node has no UTF-8 locale",
    category=1,
    stages=(Stage.CONTROL,),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(
        control_lines(case),
        "Ansible requires the locale encoding to be UTF-8",
        "Ansible could not initialize the preferred locale",
    )
    if line is None:
        return None
    explanation = f"Ansible did not start: {shown(line.text.strip())}"
    return Match(proof(line), explanation=explanation, fixes=("locale -a", "export LC_ALL=C.UTF-8"))
