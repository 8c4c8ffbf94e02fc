"""The private key that the inventory names is not there.

What you see:
`no such identity: KEY: No such file or directory` as a line of its own (not `debug3: no such identity`, which is about
ssh's default names and harmless), and then `Permission denied (…)`.

Why it happens:
`ansible_ssh_private_key_file` (or `--private-key`) has a typing error, a path of another machine or user, or a relative
path, which counts from where Ansible was started.

How to be sure:
`ls -l KEY` on the control node, as the account that runs Ansible and in the same directory.

Fix:
Give the absolute path of the private key (not of the `.pub` file).

Not this when:
The key is there and others may read it (key-permissions), or it is damaged (key-invalid).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, better, denied, password_used, proof, ssh_said
from parsers.rules._values import quote, shown, target

_START = "no such identity: "


@rule("key-missing", order=260, title="The private key's file does not exist", category=1, stages=SSH_STAGES)
def check(case: Case) -> Match | None:
    """Looks for a missing key above a refused login."""
    lines = ssh_said(case)
    refusal = denied(lines)
    line = next((row for row in lines if row.text.startswith(_START)), None)
    if line is None or refusal is None or password_used(case):
        return None
    if better(lines, "to avoid man-in-the-middle attacks"):
        return None
    file = line.text.removeprefix(_START).rpartition(": ")[0]
    at = target(case)
    explanation = f"The key {shown(file)} that is set for this host does not exist, so ssh had none for {at.login}."
    fixes = (f"ls -l {quote(file, 'KEY')}", "ansible_ssh_private_key_file=~/.ssh/id_ed25519", at.ssh("true", "-v"))
    return Match(proof(line, refusal.line), explanation=explanation, fixes=fixes, phase="auth")
