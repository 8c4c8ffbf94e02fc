"""A task that becomes an unprivileged user needs POSIX ACLs, and setfacl is not installed.

What you see:
`Failed to set permissions on the temporary files Ansible needs to create when becoming an unprivileged user (rc: 1,
err: chmod: invalid mode: 'A+user:U:rx:allow' …)`; up to 2.10 the err is `chown: … Operation not permitted`. Above it,
`setfacl: not found` with rc 127.

Why it happens:
The become user has to read the module's file. Ansible tries setfacl, chown and the chmod of macOS and Solaris, one
after the other. The error that it quotes is the last one's, and not the cause.

How to be sure:
`ssh USER@HOST command -v setfacl` prints nothing.

Fix:
Install the package `acl` on the managed node. Or `ansible_pipelining=true` (no file is written), or become root, or
`world_readable_temp` where that is no risk.

Not this when:
setfacl is there and says `Operation not supported` (acl-unsupported).
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import SSH_STAGES, before, find, message_lines, missing_program, own_words, proof
from parsers.rules._values import target

_WORDS = "Failed to set permissions on the temporary files Ansible needs to create when becoming"
_UNSUPPORTED = "not supported"
_NO_USER = ("chown: invalid user", "chown: unknown user", "Invalid argument near character")
"""The become user does not exist: setfacl and chown both say so."""


@rule(
    "acl-missing",
    order=840,
    title="Becoming an unprivileged user needs setfacl, which is not there",
    category=3,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's words on the unprivileged user, and for the shell's on setfacl."""
    line = find(message_lines(case), _WORDS)
    if line is None:
        return None
    rows = [row for command in before(case) if command.task is case.task for row in command.transcript.plain]
    if any("setfacl: " in row.text and _UNSUPPORTED in row.text for row in rows):
        return None
    if any(words in row.text for row in rows for words in _NO_USER):
        return None
    missing = next((row for row in rows if missing_program(row.text) == "setfacl"), None)
    at = target(case)
    explanation = f"The become user cannot be given the module's file at {at.at}"
    explanation += (
        ": setfacl is not installed there." if missing is not None else ", most likely as setfacl is missing."
    )
    fixes = (at.ssh("command -v setfacl"), "apt-get install acl", "dnf install acl", "ansible_pipelining=true")
    confidence = Confidence.CERTAIN if missing is not None else Confidence.LIKELY
    return Match(proof(missing, own_words(line, banner=missing is None)), confidence, explanation, fixes)
