"""A task names a module that this Ansible does not have.

What you see:
`couldn't resolve module/action 'NAME'. This often indicates a misspelling, missing collection, or incorrect module
path.`, rc 4, before any host is touched.

Why it happens:
A typing error, or a collection that is not installed for the account (or the virtualenv) that runs Ansible.
`ansible-core` alone has only `ansible.builtin`.

How to be sure:
`ansible-doc -l | grep NAME`, `ansible-galaxy collection list`.

Fix:
`ansible-galaxy collection install NAMESPACE.COLLECTION`, or `pip install ansible` for the whole set; write the full
name `namespace.collection.module`.

Not this when:
The module is found and its Python library is missing on the managed node (python-library-missing).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import host_or_control_lines, origin, where
from parsers.rules._said import find, proof
from parsers.rules._values import quote, shown

_WORDS = "couldn't resolve module/action '"


@rule(
    "module-unresolved",
    order=80,
    title="A task names a module that is not installed",
    category=1,
    stages=(Stage.CONTROL, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    rows = host_or_control_lines(case)
    line = find(rows, _WORDS)
    if line is None:
        return None
    name = line.text.partition(_WORDS)[2].partition("'")[0]
    place = origin(rows)
    spot = f" ({where(place)})" if place is not None else ""
    explanation = f"No installed collection has the module {shown(name)}{spot}."
    collection = name.rpartition(".")[0]
    install = quote(collection, "NAMESPACE.COLLECTION") if collection.count(".") == 1 else "NAMESPACE.COLLECTION"
    fixes = (
        f"ansible-doc {quote(name, 'MODULE')}",
        "ansible-galaxy collection list",
        f"ansible-galaxy collection install {install}",
    )
    return Match(proof(line, place.evidence if place is not None else None), explanation=explanation, fixes=fixes)
