"""The key is an RSA key, and the two sides have no signature algorithm for it in common.

What you see:
`sign_and_send_pubkey: no mutual signature supported` and `Permission denied (publickey)`; newer clients say it in
debug text only: `send_pubkey_test: no mutual signature algorithm`, or `Skipping ssh-rsa key KEY - corresponding algo
not in PubkeyAcceptedAlgorithms`.

Why it happens:
OpenSSH 8.8 and later no longer signs RSA keys with SHA-1 (`ssh-rsa`). An old server (OpenSSH before 7.2, many
devices), or an old client with a new server, knows nothing else for RSA. A policy of the control node
(crypto-policies, `PubkeyAcceptedAlgorithms`) can exclude it as well.

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

from parsers.declined import ruled_out
from parsers.findings import Case, Match, rule, seen_from_server
from parsers.rules import _server
from parsers.rules._said import SSH_STAGES, denied, find, proof, ssh_failed, ssh_said
from parsers.rules._values import shown, target
from parsers.sshd.case import ServerCase

_WORDS = "no mutual signature"
_SKIPPED = " - corresponding algo"


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
        line = case.command.transcript.no_signature
    if line is None:
        return None
    refusal = denied(lines)
    at = target(case)
    explanation = f"The RSA key for {at.login} was not used: both sides have no signature algorithm for it in common."
    option = "-o PubkeyAcceptedAlgorithms=+ssh-rsa"
    if _SKIPPED in line.text:
        if case.command is not None and (offered := case.command.transcript.keys_offered):
            ruled_out(f"That key was left out, and ssh offered another: {shown(offered[-1])}.", line)
            return None
        key = line.text.partition(" key ")[2].partition(_SKIPPED)[0]
        explanation = (
            f"ssh left out the key {shown(key)} for {at.login}: the options or the system's policy of the control node "
            "allow no signature of its kind."
        )
        option = "-o PubkeyAcceptedAlgorithms=+rsa-sha2-512,ssh-rsa"
    fixes = (at.ssh("true", "-v", option), at.common_args(option), "ssh-keygen -t ed25519")
    return Match(
        proof(line, refusal.line if refusal is not None else None), explanation=explanation, fixes=fixes, phase="auth"
    )


_REFUSED = ("not in PubkeyAcceptedAlgorithms", "not in PubkeyAcceptedKeyTypes")


@seen_from_server("rsa-sha1-refused")
def check_server(case: ServerCase) -> Match | None:
    """Looks for sshd's line on the signature algorithm (auth2-pubkey.c; …KeyTypes up to 8.4)."""
    one = case.connection
    line = next((line for line in case.all_said(*_REFUSED) if "ssh-rsa" in line.text), None)
    if one is None or line is None:
        return None
    explanation = f"{_server.who(one)} offered an RSA key with a SHA-1 signature (`ssh-rsa`), which sshd refuses."
    fixes = ("ssh-keygen -t ed25519", "PubkeyAcceptedAlgorithms +ssh-rsa")
    return Match(
        _server.proof(line, one.end_said), explanation=explanation, fixes=fixes, phase="auth", mild=not case.refused
    )
