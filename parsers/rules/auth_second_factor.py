"""The key is right, and the server asks for a second factor that Ansible cannot give.

What you see:
`Authenticated using "publickey" with partial success.`, then `Permission denied (keyboard-interactive)` (or
`password`).

Why it happens:
sshd's `AuthenticationMethods publickey,keyboard-interactive` asks for more than the key: a one-time code, a push to a
telephone, a password. Ansible switches keyboard-interactive off where no password is set.

How to be sure:
`ssh -v USER@HOST` by hand asks for the code. On the managed node: `sshd -T -C user=USER | grep -i
authenticationmethods`.

Fix:
Exempt the account of Ansible there, with a Match block (`Match User USER Address 192.0.2.0/24` and
`AuthenticationMethods publickey`), or go through a master connection that a person has opened (`ssh -M`).

Not this when:
There is no partial success: then the first factor was refused (auth-publickey, auth-password).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, denied, find, proof, ssh_said
from parsers.rules._values import quote, shown, target


@rule("auth-second-factor", order=530, title="The server asks for a second factor", category=2, stages=SSH_STAGES)
def check(case: Case) -> Match | None:
    """Looks for a login that was half done when it was refused."""
    lines = ssh_said(case)
    partial = find(lines, "with partial success")
    refusal = denied(lines)
    if partial is None or refusal is None:
        return None
    at = target(case)
    methods = shown(", ".join(refusal.methods)) or "more"
    explanation = f"{at.login} was accepted with one factor, and the server asks for another: {methods}."
    user = quote(at.user or "", "USER")
    fixes = (at.ssh("true", "-v"), f"sshd -T -C user={user} | grep -i authenticationmethods")
    return Match(proof(partial, refusal.line), explanation=explanation, fixes=fixes, phase="auth")
