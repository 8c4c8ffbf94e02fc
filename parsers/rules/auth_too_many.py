"""ssh offered more keys than the server lets one connection try.

What you see:
UNREACHABLE with `Received disconnect from ADDRESS port PORT:2: Too many authentication failures`, although the right
key exists.

Why it happens:
The agent holds many keys, ssh offers all of them in its own order, and sshd counts each against MaxAuthTries (6). The
right one did not come soon enough.

How to be sure:
`ssh-add -l | wc -l` on the control node; `ssh -v` shows one `Offering public key` after the other.

Fix:
Offer only the key that is meant: `ansible_ssh_private_key_file=KEY` together with `-o IdentitiesOnly=yes`.

Not this when:
The server refuses by `Permission denied`: it had heard all keys (auth-publickey), or the password (auth-password).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule, seen_from_server
from parsers.rules import _server
from parsers.rules._said import SSH_STAGES, find, proof, ssh_said
from parsers.rules._values import target
from parsers.sshd.case import ServerCase
from parsers.sshd.model import AuthResult


@rule(
    "auth-too-many", order=540, title="Too many keys were offered before the right one", category=2, stages=SSH_STAGES
)
def check(case: Case) -> Match | None:
    """Looks for the server's own reason for the disconnect."""
    lines = ssh_said(case)
    line = find(lines, "Too many authentication failures")
    if line is None:
        return None
    at = target(case)
    offered = len(case.command.transcript.keys_offered) if case.command is not None else 0
    count = f" after {offered} keys" if offered else ""
    explanation = f"The server at {at.at} ended the login{count}: more were offered than its MaxAuthTries allows."
    fixes = (
        "ssh-add -l",
        at.common_args("-o IdentitiesOnly=yes"),
        "ansible_ssh_private_key_file=~/.ssh/id_ed25519",
    )
    return Match(proof(line), explanation=explanation, fixes=fixes, phase="auth")


_SERVER_WORDS = ("maximum authentication attempts exceeded", "Too many authentication failures")


@seen_from_server("auth-too-many")
def check_server(case: ServerCase) -> Match | None:
    """Looks for MaxAuthTries in sshd's own words."""
    one = case.connection
    line = case.said(*_SERVER_WORDS)
    if one is None or line is None or not case.refused:
        return None
    tries = sum(attempt.repeated for attempt in one.attempts if attempt.result is AuthResult.FAILED)
    explanation = f"sshd ended the login of {_server.who(one)} after {tries} failed attempts (MaxAuthTries)."
    fixes = ("ansible_ssh_common_args='-o IdentitiesOnly=yes'", "sshd -T | grep -i maxauthtries")
    return Match(_server.proof(line, one.end_said), explanation=explanation, fixes=fixes, phase="auth")
