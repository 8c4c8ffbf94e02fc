"""The run had no host: the inventory is empty or was not read, or the pattern fits none of its hosts.

What you see:
Warnings such as `Unable to parse PATH as an inventory source`, `No inventory was parsed, only implicit localhost is
available`, `provided hosts list is empty` or `Could not match supplied host pattern, ignoring: web`, then `skipping:
no hosts matched`, and rc 0: it looks like a success. With `--limit` it is an error: `Specified inventory, host
pattern and/or --limit leaves us with no hosts to target.`

Why it happens:
A wrong path after `-i`, an inventory plugin that is not enabled or not installed, a typing error in `hosts:` or in
`--limit`, or an ansible.cfg that was not read.

How to be sure:
`ansible-inventory --graph` shows the groups and hosts as Ansible sees them.

Fix:
Give the right inventory with `-i`, or correct `hosts:` of the play; `ansible-playbook --list-hosts` shows what fits
before a run.

Not this when:
Hosts are in the run all the same: the warning is then about one of several patterns. A play of localhost needs no
inventory.
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import control_lines, run_warning
from parsers.rules._said import find, proof
from parsers.rules._values import quote, shown
from parsers.ssh.transcript import Line

_WARNINGS = (
    "Could not match supplied host pattern",
    "No inventory was parsed",
    "provided hosts list is empty",
    "Unable to parse ",
    "No hosts matched",
)
_ERRORS = ("no hosts to target", "does not match any hosts")


@rule(
    "inventory-empty",
    order=120,
    title="No host of the inventory was meant",
    category=1,
    stages=(Stage.CONTROL,),
    asked=(Asked.BROKEN, Asked.RUN),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's warnings in a run that is over and had no host, and for its error."""
    warned: Line | None = None
    if case.control is not None:
        line = find(control_lines(case), *_ERRORS)
        # The error names no pattern and no file; the warning before it does.
        warned = run_warning(case, *_WARNINGS)
    elif case.host is None and not case.run.hosts:
        # Without a recap the run may still go on; only this warning, of `ansible` itself, is its last word.
        line = run_warning(case, *(_WARNINGS if case.run.recap is not None else ("No hosts matched, nothing to do",)))
    else:
        return None
    if line is None:
        return None
    explanation = f"The run had no host, so nothing was done: {shown(line.text.strip().removeprefix('[WARNING]: '))}"
    if warned is not None:
        explanation += f" Ansible warned: {shown(warned.text.strip().removeprefix('[WARNING]: '))}"
    fixes = ("ansible-inventory --graph", f"ansible-playbook --list-hosts {quote(case.run.playbook or '', 'PLAYBOOK')}")
    return Match(proof(line, warned), explanation=explanation, fixes=fixes)
