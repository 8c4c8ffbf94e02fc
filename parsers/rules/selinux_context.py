"""SELinux forbids what the permissions allow.

What you see:
`Unable to get valid context for USER` at the login, or rc 126 with `/bin/sh: Permission denied`. On the managed node
an AVC line; owners and modes are right.

Why it happens:
Files have the wrong label (a home directory outside /home, files that were moved and not copied), or the user has no
SELinux context.

How to be sure:
`ausearch -m avc -ts recent` on the managed node, as root; `ls -Zd ~ ~/.ssh ~/.ansible`.

Fix:
`restorecon -R ~/.ssh ~/.ansible`; for homes elsewhere `semanage fcontext -a -e /home /srv/home` first.

Not this when:
mkdir names a directory with a wrong owner (tmpdir-permission). rc 126 about a file below `.ansible/tmp` is
noexec-mount.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import SSH_STAGES, find, is_module_json, proof, said
from parsers.rules._values import shown, target

_CONTEXT = "Unable to get valid context for "
_SHELL = ("/bin/sh: Permission denied", "/bin/bash: Permission denied")
_NOT_EXECUTABLE = 126


@rule(
    "selinux-context",
    order=730,
    title="SELinux denies what owner and mode allow",
    category=3,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for pam_selinux's words, or for a shell that may not be started."""
    if case.command is not None and case.command.rc == 0:
        return None
    rows = [row for row in said(case) if not is_module_json(row)]
    line = find(rows, _CONTEXT)
    if line is None and case.command is not None and case.command.rc == _NOT_EXECUTABLE:
        line = next((row for row in rows if row.text.strip().endswith(_SHELL)), None)
    if line is None:
        return None
    at = target(case)
    explanation = f"At {at.at}, most likely SELinux denies it: {shown(line.text.strip().rstrip('.'))}."
    fixes = (
        "ausearch -m avc -ts recent",
        at.ssh("ls -Zd ~ ~/.ssh ~/.ansible"),
        at.ssh("restorecon -R ~/.ssh ~/.ansible"),
    )
    return Match(proof(line), Confidence.LIKELY, explanation, fixes)
