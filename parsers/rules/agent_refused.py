"""The agent holds the key and refuses to sign with it.

What you see:
`sign_and_send_pubkey: signing failed for ED25519 "KEY" from agent: agent refused operation`, then
`Permission denied (…)`.

Why it happens:
The agent asks for a confirmation that nobody gives (`ssh-add -c`, a hardware token that wants to be touched, a locked
password manager), the token is not plugged in, or the agent's forwarded socket belongs to a session that is gone.

How to be sure:
`ssh-add -T KEY.pub` signs a test and fails in the same way; `ssh-add -l` lists the key.

Fix:
Unlock the agent or the token, touch it, or remove and add the key again: `ssh-add -d KEY; ssh-add KEY`.

Not this when:
ssh read the key from its file and could not ask for the passphrase (key-passphrase).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, denied, find, proof, quoted, ssh_said
from parsers.rules._values import shown, target


@rule("agent-refused", order=290, title="The agent refused to sign", category=1, stages=SSH_STAGES)
def check(case: Case) -> Match | None:
    """Looks for a failed signature above a refused login."""
    lines = ssh_said(case)
    refusal = denied(lines)
    line = find(lines, "sign_and_send_pubkey: signing failed")
    if line is None or refusal is None:
        return None
    key = quoted(line.text) or "the key"
    reason = shown(line.text.rpartition(": ")[2])
    explanation = f"The agent did not sign with {shown(key)} for {target(case).login}: {reason}."
    fixes = ("ssh-add -l", "ssh-add -T KEY.pub", 'echo "$SSH_AUTH_SOCK"')
    return Match(proof(line, refusal.line), explanation=explanation, fixes=fixes, phase="auth")
