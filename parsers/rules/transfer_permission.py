"""The module could not be written on the managed node.

What you see:
FAILED with `failed to transfer file to SRC DST:` and `remote open "DST": Permission denied`, or
`dest open "DST": No such file or directory`, rc 1.

Why it happens:
The temporary directory is gone again (tmpwatch, systemd-tmpfiles), sftp is chrooted, so that its paths are not those of
the shell, or the directory is not the login user's.

How to be sure:
`sftp USER@HOST` and `pwd` there, beside `ssh USER@HOST pwd`: different paths mean a chroot. `ls -ld` of the directory
that is named.

Fix:
Take the chroot away for this user, send through the shell (`ansible_ssh_transfer_method=piped`), or put
`ansible_remote_tmp` where nothing is cleaned up.

Not this when:
`write remote "…": Failure` or `No space left on device` (disk-full); `Connection closed` alone
(sftp-subsystem-missing)."""

from __future__ import annotations

from parsers.findings import Asked, Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._said import proof, said
from parsers.rules._transfer import cost, failed_lines
from parsers.rules._values import quote, shown, target

_STARTS = (
    "remote open ",
    "remote open(",
    "dest open ",
    "sftp: remote open ",
    "scp: remote open ",
    "scp: dest open ",
    "Couldn't open ",
)
_SHELL = ("scp: ", "dd: ")
_NOT_OPENED = ("debug", "stat remote")
"""What scp says of a file that is not there yet, as it always does before it writes one."""
_PIPED = "ansible_ssh_transfer_method=piped"
_REASONS = ("Permission denied", "No such file or directory")


@rule(
    "transfer-permission",
    order=770,
    title="The module's file could not be written",
    category=3,
    stages=(Stage.TRANSFER,),
    asked=(Asked.BROKEN, Asked.WORKED),
)
def check(case: Case) -> Match | None:
    """Looks for a refused open of the remote file."""
    worked = case.command is not None and case.command.rc == 0
    line = next(
        (
            row
            for row in (failed_lines(case) if worked else said(case))
            if row.text.startswith((*_STARTS, *_SHELL))
            and row.text.rstrip().endswith(_REASONS)
            and not row.text.removeprefix("scp: ").startswith(_NOT_OPENED)
        ),
        None,
    )
    if line is None:
        return None
    at = target(case)
    path = case.command.remote_path or "" if case.command is not None else ""
    folder = path.rpartition("/")[0]
    explanation = f"The file could not be opened for writing at {at.at}: {shown(line.text.strip().rstrip('.'))}."
    if worked:
        explanation += (
            " A command could write there: the sftp server, which scp 9.0 and later speaks to as well, is read-only or "
            f"shows another tree (ChrootDirectory). {cost(case)}"
        )
        config = "grep -riE 'subsystem|chrootdirectory|forcecommand' /etc/ssh/sshd_config /etc/ssh/sshd_config.d"
        return Match(proof(line), Confidence.LIKELY, explanation, (at.ssh(config), _PIPED))
    fixes = (at.ssh(f"ls -ld {quote(folder, '~/.ansible/tmp')}; id"), _PIPED)
    return Match(proof(line), explanation=explanation, fixes=fixes)
