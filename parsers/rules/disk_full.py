"""No space (or no inode, or no quota) is left where the managed node has to write.

What you see:
`No space left on device` or `Disk quota exceeded`: from mkdir when the temporary directory is made (then UNREACHABLE,
and the message may be only that text), from dd or scp while the module is sent, or from the module. sftp says no more
than `write remote "…": Failure`.

Why it happens:
The file system of the home directory, of /tmp or of `remote_tmp` is full: of blocks, of inodes, or of the user's
quota; root's reserved five percent let root go on, which hides it.

How to be sure:
`ssh USER@HOST 'df -h ~ /tmp; df -i ~ /tmp; quota'`: 100 % in either table. Deleted files that are still open count
too: `lsof +L1` as root.

Fix:
Make room (`journalctl --vacuum-size=200M`, old packages, `~/.ansible/tmp/ansible-tmp-*` of broken runs), or point
`ansible_remote_tmp` at a file system with room.

Not this when:
`Permission denied` (tmpdir-permission) or `Read-only file system` (filesystem-readonly). A command that only prints
the words while another thing failed is not this.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._python import runs_own_command
from parsers.rules._said import SSH_STAGES, is_module_json, message_lines, proof, said
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line

_SPACE = "No space left on device"
_QUOTA = "Disk quota exceeded"
_WORDS = (_SPACE, _QUOTA)
_SFTP = ('write remote "', 'sftp: write remote "', 'scp: write remote "', "Couldn't write to remote file ")
"""sftp's protocol has no word for a full disk: the answer to a write is a mere `Failure`."""
_SAYERS = (
    "mkdir: ",
    "dd: ",
    "scp: ",
    "chmod: ",
    "cat: ",
    "sftp: ",
    "/bin/sh: ",
    "sh: ",
    "bash: ",
    "OSError: ",
    "IOError: ",
)
_PYTHONS = ("OSError: [Errno 28]", "IOError: [Errno 28]")


@rule(
    "disk-full",
    order=690,
    title="No space is left on the managed node",
    category=3,
    stages=SSH_STAGES[1:],
)
def check(case: Case) -> Match | None:
    """Looks for the system's own words on a full disk, in the line of the program that met it."""
    if (
        case.command is not None
        and case.command.rc == 0
        and case.stage is not None
        and case.stage.stage is not Stage.RESULT
    ):
        return None
    line = _line(case)
    if line is None:
        return None
    at = target(case)
    what = "the user's disk quota is used up" if _QUOTA in line.text else "no space (or no inode) is left"
    path = _path(line)
    where = f" for {shown(path)}" if path else ""
    explanation = f"On {at.at}, {what}{where}."
    if line.text.rstrip().endswith(": Failure"):
        explanation = (
            f"sftp could open the file at {at.at} and not write to it{where}: a full disk, or a used-up quota."
        )
    clear = _says(line) and any(word in line.text for word in _WORDS)
    confidence = Confidence.CERTAIN if clear else Confidence.LIKELY
    fixes: tuple[str, ...] = (
        at.ssh("df -h ~ /tmp; df -i ~ /tmp"),
        at.ssh("rm -rf ~/.ansible/tmp/ansible-tmp-*"),
        "ansible_remote_tmp=/var/tmp/.ansible",
    )
    folder = path.partition("/ansible-tmp-")[0] if "/ansible-tmp-" in path else ""
    if folder and not folder.endswith("/.ansible/tmp"):
        # remote_tmp lies elsewhere: a file system of its own, which another directory may help out of.
        there = quote(folder, "DIRECTORY")
        fixes = (
            at.ssh(f"df -h {there}; df -i {there}"),
            at.ssh(f"rm -rf {there}/ansible-tmp-*"),
            "ansible_remote_tmp=~/.ansible/tmp",
        )
    elif line.text.startswith(_PYTHONS) and not path and _unpacks(case):
        explanation += " Python unpacks the module in the directory for temporary files, /tmp or what TMPDIR names."
        fixes = (at.ssh("df -h /tmp /var/tmp; df -i /tmp /var/tmp"), "environment: {TMPDIR: /var/tmp}")
    return Match(proof(line), confidence, explanation, fixes)


def _unpacks(case: Case) -> bool:
    """Whether the traceback is that of the module's own wrapper, which needs room before the module runs (2.0-2.21)."""
    return any("_ansiballz_main" in row.text or "AnsiballZ_" in row.text or "<stdin>" in row.text for row in said(case))


def _line(case: Case) -> Line | None:
    own = runs_own_command(case)
    for line in said(case):
        if is_module_json(line):
            continue
        if any(word in line.text for word in _WORDS) and (_says(line) or (not own and "[Errno 28]" in line.text)):
            return line
        if line.text.startswith(_SFTP) and line.text.rstrip().endswith(": Failure"):
            return line
    return next((line for line in message_lines(case) if any(word in line.text for word in _WORDS)), None)


def _says(line: Line) -> bool:
    """Whether the line is that of a program of Ansible's own steps (or of Python) that met the full disk."""
    return line.text.lstrip().startswith(_SAYERS)


def _path(line: Line) -> str:
    """The first absolute path between quotes."""
    for opening, closing in (("'", "'"), ('"', '"'), ("‘", "’")):
        inner = line.text.partition(opening)[2].partition(closing)[0]
        if inner.startswith("/"):
            return inner
    return ""
