"""The key is an RSA key, and the two sides have no signature algorithm for it in common.

What you see:
`sign_and_send_pubkey: no mutual signature supported` and `Permission denied (publickey)`; newer clients say it in
debug text only: `send_pubkey_test: no mutual signature algorithm`.

Why it happens:
OpenSSH 8.8 and later no longer signs RSA keys with SHA-1 (`ssh-rsa`). An old server (OpenSSH before 7.2, many
devices), or an old client with a new server, knows nothing else for RSA.

How to be sure:
The sshd log of the managed node: `userauth_pubkey: signature algorithm ssh-rsa not in PubkeyAcceptedAlgorithms`. `ssh
-v USER@HOST true` shows the client's line.

Fix:
An Ed25519 or ECDSA key: `ssh-keygen -t ed25519`. Until then `ansible_ssh_common_args='-o
PubkeyAcceptedAlgorithms=+ssh-rsa'`.

Not this when:
`no matching host key type found. Their offer: ssh-rsa` is about the server's key (no-common-hostkey).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, denied, find, proof, ssh_failed, ssh_said
from parsers.rules._values import quote, target

_WORDS = "no mutual signature"


@rule(
    "rsa-sha1-refused",
    order=430,
    title="The RSA key could only sign with SHA-1, which is refused",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's own words on signatures in a refused login."""
    lines = ssh_said(case)
    line = find(lines, _WORDS)
    if line is None and case.command is not None and ssh_failed(case):
        last = case.command.transcript.last_debug
        line = last if last is not None and _WORDS in last.text else None
    if line is None:
        return None
    refusal = denied(lines)
    at = target(case)
    explanation = f"The RSA key for {at.login} was not used: both sides have no signature algorithm for it in common."
    option = "-o PubkeyAcceptedAlgorithms=+ssh-rsa"
    fixes = (at.ssh("true", "-v", option), f"ansible_ssh_common_args={quote(option)}", "ssh-keygen -t ed25519")
    return Match(
        proof(line, refusal.line if refusal is not None else None), explanation=explanation, fixes=fixes, phase="auth"
    )
