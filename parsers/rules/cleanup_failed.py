"""Ansible could not remove its temporary directory on the managed node.

What you see:
`[WARNING]: Error deleting remote temporary files (rc: 1, stderr: …)`; the task itself is ok. The command throws its
own stderr away, so only the rc is left.

Why it happens:
A file belongs to another user (a become that wrote there), is immutable, is held open on NFS, or the disk is full or
read-only.

How to be sure:
`ssh USER@HOST "ls -la ~/.ansible/tmp"` shows what is left.

Fix:
Remove it as root: `rm -rf ~USER/.ansible/tmp/ansible-tmp-*`; use a local directory:
`ansible_remote_tmp=/var/tmp/.ansible-USER`.

Not this when:
The connection was gone before the cleanup (connection-lost).
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Match, Severity, rule
from parsers.model import Stage, Status
from parsers.rules._control import run_warning
from parsers.rules._said import ending, own_words, proof
from parsers.rules._values import quote, shown, target


@rule(
    "cleanup-failed",
    order=1160,
    title="The temporary directory could not be removed",
    category=4,
    stages=(Stage.CLEANUP,),
    severity=Severity.WARNING,
    asked=(Asked.WORKED, Asked.RUN),
)
def check(case: Case) -> Match | None:
    """Looks for a cleanup with a rc other than 0, or for Ansible's warning."""
    line = run_warning(case, "Error deleting remote temporary files")
    command = case.command
    if command is None:
        if line is None or case.task is not None or _is_told(case):
            return None
        explanation = "A temporary directory on a managed node could not be removed."
        return Match(proof(own_words(line, banner=True)), explanation=explanation, fixes=("ls -la ~/.ansible/tmp",))
    worked = case.stage is not None and case.stage.status is Status.OK
    if command.rc in (None, 0, 255) or (line is None and not worked):
        return None
    at = target(case)
    explanation = (
        f"The temporary directory {shown(command.tmp or '')} at {at.at} could not be removed (rc {command.rc})."
    )
    fixes = (at.ssh("ls -la ~/.ansible/tmp"), f"ansible_remote_tmp=/var/tmp/.ansible-{quote(at.user or '', 'USER')}")
    return Match((ending(command), *proof(own_words(line, banner=True))), explanation=explanation, fixes=fixes)


def _is_told(case: Case) -> bool:
    """Whether a host's own cleanup shows it: then the warning is that host's."""
    return any(
        command.stage is Stage.CLEANUP and command.rc not in (None, 0, 255)
        for host in case.run.hosts.values()
        for task in host.tasks
        for command in task.commands
    )
