"""ssh ignored the private key, since others may read its file.

What you see:
`WARNING: UNPROTECTED PRIVATE KEY FILE!`, `Permissions 0644 for 'KEY' are too open.`, `Load key "KEY": bad permissions`,
and at the end `Permission denied (…)`, which is only the consequence.

Why it happens:
The key's file can be read by its group or by others. Keys that were copied, checked out with git, mounted into a
container, written by a CI system, or kept on a Windows or network drive (/mnt/c in WSL) are like that.

How to be sure:
`stat -c '%a %U' KEY` on the control node shows something else than 600 (or 400), or an owner that is not the account
that runs Ansible.

Fix:
`chmod 600 KEY`. On a file system without modes, mount it with `umask=077`, or copy the key into ~/.ssh first. In a CI
job, write the key with `umask 077`.

Not this when:
The banner is absent: then the key was offered and refused, or none was there (auth-publickey). `Load key "KEY":
invalid format` is a damaged key, `Permission denied` for the file itself an owner that is not yours.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import SSH_STAGES, denied, find, password_used, proof, quoted, ssh_said
from parsers.rules._values import quote, shown, target

_BANNER = "WARNING: UNPROTECTED PRIVATE KEY FILE!"


@rule(
    "key-permissions",
    order=250,
    title="The private key's file is readable by others, so ssh ignored it",
    category=1,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for an ignored key above a refused login."""
    lines = ssh_said(case)
    refusal = denied(lines)
    banner = find(lines, _BANNER)
    mode = next((line for line in lines if line.text.startswith("Permissions ") and "too open" in line.text), None)
    load = next(
        (line for line in lines if line.text.startswith("Load key ") and line.text.endswith("bad permissions")), None
    )
    decisive = load or mode or banner
    if decisive is None or refusal is None:
        return None
    file = next((name for line in (mode, load) if line is not None and (name := quoted(line.text))), "")
    at = target(case)
    bits = mode.text.split(" ", 2)[1][:8] if mode is not None else ""
    explanation = (
        f"ssh ignored the key {shown(file) or 'of this host'}{f', whose mode is {bits},' if bits else ''} because "
        f"others may read it, and had no other way to log in as {at.login}."
    )
    key = quote(file, "KEY")
    if file.endswith(".pub"):
        # ssh looks at the mode first; with another one it would say that this is no private key.
        explanation += " It is the public half: a login needs the private one beside it."
        private = file.removesuffix(".pub")
        fixes = (
            f"ansible_ssh_private_key_file={quote(private, 'KEY')}",
            at.ssh("true", "-v", "-i", quote(private, "KEY")),
        )
        return Match(
            proof(mode or decisive, load, banner, refusal.line), Confidence.CERTAIN, explanation, fixes, "auth"
        )
    confidence = Confidence.LIKELY if password_used(case) else Confidence.CERTAIN
    fixes = (f"chmod 600 {key}", at.ssh("true", "-v", "-i", key))
    return Match(proof(mode or decisive, load, banner, refusal.line), confidence, explanation, fixes, "auth")
