"""The server accepts the key, and ssh cannot sign with it: nobody could enter its passphrase.

What you see:
`Permission denied (…)` and nothing else. Only ssh's debug text shows it: `Server accepts key: KEY`, then
`read_passphrase: can't open /dev/tty`, then `we did not send a packet, disable method`.

Why it happens:
The private key has a passphrase and is not in an agent that this process reaches (SSH_AUTH_SOCK is missing in cron, in
sudo, in tmux, in a container). Ansible gives ssh no terminal, so ssh cannot ask.

How to be sure:
`ssh-keygen -y -P '' -f KEY` fails with `incorrect passphrase supplied`; `ssh-add -l` does not list the key.

Fix:
`ssh-add KEY` before the run, in the same session; or a key without a passphrase, kept for Ansible; or the agent of
Ansible itself (`ssh_agent`, 2.19 and later).

Not this when:
The server never accepted the key (auth-publickey), or the agent said that it refuses to sign (agent-refused). Without
ssh's debug text this cannot be told from a key that was refused. `partial success` means that a second factor is asked.
"""

from __future__ import annotations

from parsers.declined import ruled_out
from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import (
    SSH_STAGES,
    better,
    denied,
    has_ssh_debug,
    password_used,
    proof,
    signed_in_vain,
    ssh_said,
)
from parsers.rules._values import key_path, quote, shown, target

_OTHER_CAUSES = (
    "signing failed",
    "partial success",
    "Too many authentication failures",
    "bad permissions",
    ": invalid format",
    ": error in libcrypto",
)


@rule("key-passphrase", order=280, title="The key's passphrase could not be asked", category=1, stages=SSH_STAGES)
def check(case: Case) -> Match | None:
    """Looks for a key that the server accepts in a login that it refuses all the same."""
    lines = ssh_said(case)
    refusal = denied(lines)
    accepted = case.command.transcript.keys_accepted if case.command is not None else []
    if refusal is None or better(lines, *_OTHER_CAUSES):
        return None
    if not accepted:
        shows = "no `Server accepts key` is there" if has_ssh_debug(case) else "ssh's debug text is not in this log"
        ruled_out(f"Nothing shows that the server would accept a key: {shows}.", refusal.line)
        return None
    if signed_in_vain(case) is not None:
        ruled_out("ssh signed with the key, and the server refused the login all the same.", refusal.line)
        return None
    if password_used(case):
        ruled_out("A password was tried as well, after the keys.", refusal.line)
        return None
    at = target(case)
    explanation = (
        f"The server accepts the key {shown(accepted[-1])} for {at.login}, and ssh did not sign with it: it most "
        "likely has a passphrase that nobody could enter."
    )
    key = quote(key_path(accepted[-1]) or "", "KEY")
    fixes = (f"ssh-add {key}", "ssh-add -l", f"ssh-keygen -y -P '' -f {key}")
    return Match(proof(refusal.line), Confidence.LIKELY, explanation, fixes, "auth")
