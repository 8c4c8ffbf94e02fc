"""The user that the task becomes may not write to the directory for temporary files of modules.

What you see:
`Failed to create remote module tmp path at dir DIRECTORY with prefix ansible-moduletmp-…: [Errno 13] Permission
denied`; up to 2.18 also the warning `Module remote_tmp DIRECTORY did not exist and was created with a mode of 0700`.

Why it happens:
The directory is `remote_tmp` of the become user. It belongs to another user, or HOME of the become user does not
exist or is not writable.

How to be sure:
`sudo -u BECOME_USER ls -ld ~BECOME_USER/.ansible/tmp` on the managed node.

Fix:
Make it beforehand, for all: `mkdir -m 1777 /var/tmp/.ansible` and `ansible_remote_tmp=/var/tmp/.ansible`; or give the
become user a home directory.

Not this when:
The login user's own directory could not be made (tmpdir-permission): that stops the task before any module starts.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, find, message_lines, proof, quoted, said
from parsers.rules._values import quote, shown, target

_WORDS = "Failed to create remote module tmp path at dir"


@rule(
    "module-tmpdir-permission",
    order=720,
    title="The module cannot make its own temporary directory",
    category=3,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for the module's words."""
    rows = [*said(case), *message_lines(case)]
    line = find(rows, _WORDS)
    if line is None:
        return None
    folder = (
        quoted(line.text.partition(_WORDS)[2]) or line.text.partition(_WORDS)[2].partition(" with prefix")[0].strip()
    )
    at = target(case)
    where = f" in {shown(folder)}" if folder else ""
    explanation = f"A module at {at.at} cannot make its temporary directory{where}."
    word = quote(folder, "/root/.ansible/tmp")
    fixes = (at.ssh(f"ls -ld {word}; id"), "mkdir -m 1777 /var/tmp/.ansible", "ansible_remote_tmp=/var/tmp/.ansible")
    return Match(proof(line), explanation=explanation, fixes=fixes)
