"""ssh tries Kerberos first, and that takes longer than the whole connection may.

What you see:
Some 10 to 30 seconds of silence after `Next authentication method: gssapi-with-mic` in ssh's debug text, and then
`Connection timed out` and UNREACHABLE; by hand it works, slowly.

Why it happens:
The client asks a KDC or DNS that does not answer. By hand nobody limits it; Ansible sets ConnectTimeout (10 s) for
all of it.

How to be sure:
`ssh -v USER@HOST true` shows the pause at the same line; with `-o GSSAPIAuthentication=no` there is none.

Fix:
`ansible_ssh_common_args='-o GSSAPIAuthentication=no'`, or a higher `ANSIBLE_TIMEOUT`, or repair DNS and krb5.conf.

Not this when:
`Unspecified GSS failure` alone is harmless: ssh goes on with the next method at once.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import SSH_STAGES, find, proof, ssh_failed, ssh_said
from parsers.rules._values import shown, target


@rule(
    "gssapi-slow",
    order=380,
    title="The login stood still at gssapi",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for a login whose last method was gssapi and that ended in a time limit or still stands there."""
    command = case.command
    if command is None or command.rc == 0 or not ssh_failed(case):
        return None
    transcript = command.transcript
    if not transcript.auth_tried or not transcript.auth_tried[-1].startswith("gssapi") or transcript.auth_method:
        return None
    line = find(ssh_said(case), "timed out", "Timeout, server ")
    if line is None and command.rc is not None:
        return None
    at = target(case)
    explanation = (
        f"The login at {at.at} stood still at {shown(transcript.auth_tried[-1])}, which asks Kerberos and DNS."
    )
    fixes = (
        at.ssh("true", "-v", "-o", "GSSAPIAuthentication=no"),
        at.common_args("-o GSSAPIAuthentication=no"),
        "ANSIBLE_TIMEOUT=60",
    )
    return Match(proof(line, transcript.last_debug), Confidence.LIKELY, explanation, fixes, "auth")
