"""setfacl is there, and the file system of the temporary directory has no ACLs.

What you see:
`setfacl: …: Operation not supported` and then `Failed to set permissions on the temporary files Ansible needs to
create when becoming an unprivileged user`; where the login is root, `Failed to change ownership of the temporary
files Ansible (via chmod nor setfacl) needs to create despite connecting as a privileged user.`

Why it happens:
The home directory is on NFS (with root_squash, root may not chown either), on CIFS, or mounted with `noacl`.

How to be sure:
`ssh USER@HOST "findmnt -T ~/.ansible/tmp"` shows the file system.

Fix:
A directory on a local file system: `ansible_remote_tmp=/var/tmp/.ansible-USER`; or `ansible_pipelining=true`, which
writes no file.

Not this when:
setfacl is not installed at all (acl-missing).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, before, find, message_lines, own_words, proof
from parsers.rules._values import quote, target


@rule(
    "acl-unsupported",
    order=850,
    title="The file system has no ACLs for the become user",
    category=3,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for setfacl's words, or for Ansible's on a root that may not chown."""
    rows = message_lines(case)
    owner = find(rows, "Failed to change ownership of the temporary files Ansible")
    mode = find(rows, "Failed to set permissions on the temporary files Ansible needs to create when becoming")
    if owner is None and mode is None:
        return None
    commands = [command for command in before(case) if command.task is case.task]
    spoken = [row for command in commands for row in command.transcript.plain]
    line = next((row for row in spoken if "setfacl: " in row.text and "not supported" in row.text), None)
    if line is None and owner is None:
        return None
    at = target(case)
    explanation = f"The file system of the temporary directory at {at.at} takes no ACL and no other owner."
    user = quote(at.user or "", "USER")
    fixes = (
        at.ssh("findmnt -T ~/.ansible/tmp"),
        f"ansible_remote_tmp=/var/tmp/.ansible-{user}",
        "ansible_pipelining=true",
    )
    return Match(
        proof(line, *(own_words(row, banner=line is None) for row in (owner, mode))),
        explanation=explanation,
        fixes=fixes,
    )
