"""A wrapper that is set in place of ssh, sftp or scp may not be executed on the control node.

What you see:
`exec: PATH/sftpwrapper.py: Permission denied` and `Connection closed` in a transfer, or FAILED with `Unable to
execute ssh command line on a controller due to: [Errno 13] Permission denied`.

Why it happens:
`ansible_ssh_executable`, `ansible_sftp_executable` or `ansible_scp_executable` names a file without the x bit (a
checkout without modes, a zip, a mount with noexec).

How to be sure:
`ls -l PATH` on the control node, and `findmnt -T PATH` for noexec.

Fix:
`chmod +x PATH`, or take the setting away.

Not this when:
`[Errno 2] No such file` is about a program that is not there (ssh-client-missing).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import host_or_control_lines
from parsers.rules._said import SSH_STAGES, proof, quoted, said
from parsers.rules._values import quote, shown

_START = "Unable to execute ssh command line on a controller"


@rule(
    "ssh-wrapper-not-executable",
    order=790,
    title="The program that is set in place of ssh or sftp may not be run",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for the shell's or Ansible's words on a program that may not be run."""
    message = host_or_control_lines(case)
    line = next((row for row in message if _START in row.text and "[Errno 13]" in row.text), None)
    if line is None and case.stage is not None and case.stage.stage in (Stage.TRANSFER, Stage.CONNECT):
        line = next(
            (
                row
                for row in said(case)
                if row.stderr and "exec: " in row.text and row.text.endswith(": Permission denied")
            ),
            None,
        )
    if line is None:
        return None
    path = line.text.partition("exec: ")[2].rpartition(": Permission denied")[0] or quoted(line.text) or ""
    explanation = f"The program {shown(path)} may not be run on the control node."
    fixes = (f"ls -l {quote(path, 'PATH')}", f"chmod +x {quote(path, 'PATH')}")
    return Match(proof(line), explanation=explanation, fixes=fixes)
