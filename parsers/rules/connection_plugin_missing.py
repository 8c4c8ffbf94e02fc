"""The connection that is set for the host is of a kind that Ansible does not have.

What you see:
`the connection plugin 'x' was not found`, as the result of every task of the host. No ssh was started.

Why it happens:
A typing error in `ansible_connection` (or `-c`), or the collection with that plugin is not installed on the control
node.

How to be sure:
`ansible-doc -t connection -l` lists the plugins that are there.

Fix:
Correct `ansible_connection` (`ssh` is the usual one), or install the collection: `ansible-galaxy collection install
NAMESPACE.NAME`.

Not this when:
`couldn't resolve module/action` is about a module (module-unresolved), `Invalid become method` about escalation.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, proof
from parsers.rules._values import quote, shown

_START = "the connection plugin '"


@rule(
    "connection-plugin-missing",
    order=140,
    title="The connection plugin does not exist",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = next(
        (row for row in host_or_control_lines(case) if _START in row.text and "was not found" in row.text), None
    )
    if line is None:
        return None
    name = line.text.partition(_START)[2].partition("'")[0]
    explanation = f"There is no connection plugin {shown(name)} on the control node; ansible_connection names it."
    host = quote(case.host.name if case.host is not None else "", "HOST")
    fixes = ("ansible-doc -t connection -l", f"ansible-inventory --host {host}", "ansible_connection=ssh")
    return Match(proof(line), explanation=explanation, fixes=fixes)
