"""The managed node's file system can only be read.

What you see:
`Read-only file system`: from mkdir when the temporary directory is made (then UNREACHABLE with `Failed to create
temporary directory`), while the module is sent, or from the module.

Why it happens:
The kernel mounted the file system read-only after errors of the disk, a snapshot or rescue system is running, an
immutable system (ostree, a container with a read-only root), or `ro` in fstab.

How to be sure:
`ssh USER@HOST 'findmnt -T ~; dmesg | tail'`: `ro` among the options, and in dmesg `Remounting filesystem read-only`.

Fix:
With disk errors: save the data, check the disk, fsck. Otherwise `mount -o remount,rw …`, or point
`ansible_remote_tmp` at a place that can be written (`/run/user/UID`, /tmp).

Not this when:
`Permission denied` (tmpdir-permission) or `No space left on device` (disk-full).
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import SSH_STAGES, find, is_module_json, message_lines, proof, said
from parsers.rules._values import shown, target

_WORDS = "Read-only file system"
_SAYERS = ("mkdir: ", "dd: ", "scp: ", "chmod: ", "OSError: ", "/bin/sh: ")


@rule(
    "filesystem-readonly",
    order=700,
    title="The managed node's file system is read-only",
    category=3,
    stages=SSH_STAGES[1:],
)
def check(case: Case) -> Match | None:
    """Looks for the system's own words in the line of the program that met them."""
    if case.command is not None and case.command.rc == 0:
        return None
    rows = [row for row in said(case) if not is_module_json(row) and row.text.lstrip().startswith(_SAYERS)]
    line = find(rows, _WORDS) or find(message_lines(case), _WORDS)
    if line is None:
        return None
    at = target(case)
    explanation = f"A file system at {at.at} is mounted read-only: {shown(line.text.strip().rstrip('.'))}."
    fixes = (at.ssh("findmnt -T ~; findmnt -T /tmp; dmesg | tail -n 20"), "ansible_remote_tmp=/var/tmp/.ansible")
    confidence = Confidence.CERTAIN if line in rows else Confidence.LIKELY
    return Match(proof(line), confidence, explanation, fixes)
