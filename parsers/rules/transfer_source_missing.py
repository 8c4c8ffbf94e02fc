"""A file that a task sends is not on the control node.

What you see:
FAILED with `file or module does not exist: PATH`, where PATH is below `~/.ansible/tmp/ansible-local-…` or is the
source of a copy; or with `Could not find or access 'FILE'` and, below `Searched in:`, where Ansible looked.

Why it happens:
Something cleans the control node's temporary directory (systemd-tmpfiles, another run that ends, a job with the same
HOME), or the path of `src` is wrong: a relative one is looked for below the role's or playbook's `files` (copy, script)
or `templates` (template), and beside the playbook. With a file that is on the managed node, `remote_src` is missing.

How to be sure:
`ls -l` of the path in the message, as the user that runs Ansible. For Ansible's own files, `ls -ld ~/.ansible/tmp` and
`systemctl list-timers | grep tmpfiles`.

Fix:
Put the file where the message says that it was looked for, or correct `src`; `remote_src: true` for a file of the
managed node. Against the cleaning, a directory of its own for each run: `ANSIBLE_LOCAL_TEMP=$(mktemp -d)`.

Not this when:
The path is on the managed node: `dest open` or `remote open` (transfer-permission).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import quote, shown

_NEXT = " Could not find file on the Ansible Controller."
_NOT_FOUND = "Could not find or access '"


@rule(
    "transfer-source-missing",
    order=810,
    title="The file to transfer is not on the control node",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(host_or_control_lines(case), "file or module does not exist: ")
    if line is None:
        return _not_found(case)
    # In 2.21 AnsibleFileNotFound says the next sentence on the same line.
    path = line.text.partition("does not exist: ")[2].partition(_NEXT)[0].strip()
    explanation = f"{shown(path)} was not there any more on the control node."
    return Match(
        proof(line), explanation=explanation, fixes=(f"ls -l {quote(path, 'PATH')}", "ANSIBLE_LOCAL_TEMP=$(mktemp -d)")
    )


def _not_found(case: Case) -> Match | None:
    """A `src` that is nowhere where Ansible looks for it."""
    lines = host_or_control_lines(case)
    line = find(lines, _NOT_FOUND)
    if line is None:
        return None
    name = line.text.partition(_NOT_FOUND)[2].partition("'")[0]
    places = [
        place for row in lines if (place := row.text.strip().partition(" on the Ansible Controller")[0])[:1] == "/"
    ]
    explanation = f"{shown(name)} is on the control node in none of the places where Ansible looks for it"
    explanation += f", the first of which is {shown(places[0])}." if places else "."
    fixes = (f"ls -l {quote(places[0] if places else name, 'PATH')}", "remote_src: true")
    return Match(proof(line), explanation=explanation, fixes=fixes)
