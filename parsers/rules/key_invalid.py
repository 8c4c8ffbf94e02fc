"""The private key's file cannot be read as a key.

What you see:
`Load key "KEY": invalid format` or `Load key "KEY": error in libcrypto`, and then `Permission denied (…)`.

Why it happens:
The file lost its last line feed or got CR LF line ends (a secret of a CI system, a copy through a browser), it is a
PuTTY key (.ppk), the public key, or in a form that this ssh does not read.

How to be sure:
`ssh-keygen -y -f KEY` fails in the same way. `file KEY` shows CRLF, `tail -c 1 KEY | xxd` whether it ends in 0a.

Fix:
`sed -i 's/\\r$//' KEY` for CR LF, a line feed at the end, `puttygen KEY.ppk -O private-openssh` for PuTTY's form.

Not this when:
`bad permissions` stands in the line (key-permissions), or `incorrect passphrase supplied` (key-passphrase).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, denied, password_used, proof, quoted, ssh_said
from parsers.rules._values import quote, shown, target

_ENDS = ("invalid format", "error in libcrypto", "invalid key length", "unsupported cipher")


@rule("key-invalid", order=270, title="The private key's file is damaged", category=1, stages=SSH_STAGES)
def check(case: Case) -> Match | None:
    """Looks for a key that could not be read above a refused login."""
    lines = ssh_said(case)
    refusal = denied(lines)
    line = next((row for row in lines if row.text.startswith("Load key ") and row.text.endswith(_ENDS)), None)
    if line is None or refusal is None or password_used(case):
        return None
    file = quoted(line.text) or ""
    at = target(case)
    reason = shown(line.text.rpartition(": ")[2])
    explanation = f"ssh cannot read the key {shown(file)} ({reason}), and had no other for {at.login}."
    key = quote(file, "KEY")
    fixes = (f"ssh-keygen -y -f {key}", f"file {key}", f"sed -i 's/\\r$//' {key}")
    return Match(proof(line, refusal.line), explanation=explanation, fixes=fixes, phase="auth")
