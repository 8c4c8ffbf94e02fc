"""chmod of the module's files failed on the managed node.

What you see:
`Failed to set execute bit on remote files (rc: N, err: …)` (up to 2.16) or `Failed to set permissions on remote files
(…)` (2.17 and later).

Why it happens:
The files belong to another user, the file system has no modes (vfat, some NFS and CIFS mounts), or chmod is not what
Ansible expects (AIX: `A flag or octal number is not correct`).

How to be sure:
`ssh USER@HOST "ls -ld ~/.ansible/tmp; findmnt -T ~/.ansible/tmp"`, and the err that stands in the message.

Fix:
A directory on a local file system: `ansible_remote_tmp=/var/tmp/.ansible-USER`; or pipelining, which needs no file:
`ansible_pipelining=true`.

Not this when:
The message says `needs to create when becoming an unprivileged user` (acl-missing).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, find, message_lines, own_words, proof
from parsers.rules._values import shown, target
from parsers.ssh.transcript import USUAL


@rule(
    "chmod-failed",
    order=830,
    title="The module's file could not be made executable",
    category=3,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(
        message_lines(case), "Failed to set execute bit on remote files", "Failed to set permissions on remote files"
    )
    if line is None:
        return None
    at = target(case)
    # At -vvvv the message quotes all of ssh's debug text before chmod's own words.
    plain = case.command.transcript.plain if case.command is not None else []
    own = next((row for row in reversed(plain) if row.text.strip() and not row.text.startswith(USUAL)), None)
    explanation = f"chmod failed at {at.at}: {shown((own or line).text.strip())}"
    return Match(
        proof(own, own_words(line, banner=own is None)),
        explanation=explanation,
        fixes=(at.ssh("ls -ld ~/.ansible/tmp; findmnt -T ~/.ansible/tmp"), "ansible_pipelining=true"),
    )
