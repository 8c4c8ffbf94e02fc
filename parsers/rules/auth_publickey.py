"""The server let none of the keys in.

What you see:
UNREACHABLE with `USER@HOST: Permission denied (publickey).` What stands in the parentheses is what the server would
still take: `(publickey,password)` allows both, and a list without `publickey` means that keys are switched off there.

Why it happens:
Three cases, told apart by ssh's debug text. No `Offering public key`: ssh had no key (a wrong
`ansible_ssh_private_key_file`, an empty agent, another account than by hand, sudo). Offered, but never `Server accepts
key`: the key is not in the user's authorized_keys, the user is the wrong one, or sshd ignores the file because of its
owner or mode, or the key's own entry (`from=`, `expiry-time=`). Accepted and still denied: the key could not sign
(key-passphrase, agent-refused), or sshd takes no login of this user (account-refused).

How to be sure:
On the managed node, `journalctl -u ssh -u sshd -n 50` names it: `Authentication refused: bad ownership or modes for
directory /home/USER`, `Invalid user`, `not allowed because not listed in AllowUsers`, `account is locked`, or nothing
but `Failed publickey`. On the control node, `ssh -v` with the same user shows the keys that are offered.

Fix:
Set `ansible_user` and `ansible_ssh_private_key_file` to what works by hand; add the public key with ssh-copy-id;
on the node `chmod go-w ~USER; chmod 700 ~USER/.ssh; chmod 600 ~USER/.ssh/authorized_keys` (and
`restorecon -R ~USER/.ssh` with SELinux).

Not this when:
`UNPROTECTED PRIVATE KEY FILE` stands above (key-permissions), a password was tried and refused (auth-password), or
`Too many authentication failures` ended it (auth-too-many). A `Permission denied (publickey)` from git or another ssh
inside a module is that module's failure. A mere `Permission denied` about a path has nothing to do with the login.
"""

from __future__ import annotations

from parsers.declined import ruled_out
from parsers.findings import Case, Confidence, Match, rule, seen_from_server
from parsers.rules._proxy import gate
from parsers.rules._said import (
    SSH_STAGES,
    Denied,
    better,
    denied,
    foreign,
    has_ssh_debug,
    password_used,
    proof,
    ssh_said,
    through_jump,
)
from parsers.rules._server import login_failed
from parsers.rules._values import Target, key_path, quote, shown, target
from parsers.sshd.case import ServerCase

_OTHER_CAUSES = (
    "UNPROTECTED PRIVATE KEY FILE",
    "bad permissions",
    "to avoid man-in-the-middle attacks",
    "Too many authentication failures",
    "Host key verification failed.",
    "Permission denied, please try again.",
    "ssh_askpass: exec(",
    "sign_and_send_pubkey: signing failed",
    "with partial success",
    "no mutual signature",
    "no such identity: ",
    ": invalid format",
    ": error in libcrypto",
)
"""Lines above the refusal that explain it better."""

_LOG = "journalctl -u ssh -u sshd -n 200 | grep -iE 'refused|not allowed|correct key but|expired'"
"""On the node: modes (StrictModes), AllowUsers, `from=` of the key's entry, its expiry; ssh sees one answer for all."""


@rule(
    "auth-publickey",
    order=500,
    title="The server accepted none of the keys",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for a refused login in which no password was tried and nothing else explains the refusal."""
    lines = ssh_said(case)
    refusal = denied(lines)
    if refusal is None or foreign(case, refusal.host) or better(lines, *_OTHER_CAUSES):
        return None
    if case.command is not None and (accepted := case.command.transcript.keys_accepted):
        ruled_out(f"The server accepts a key: {shown(accepted[-1])}.", refusal.line)
        return None
    if password_used(case):
        ruled_out("A password was tried as well, after the keys.", refusal.line)
        return None
    at_jump = bool(refusal.host) and through_jump(case, refusal.host)
    at = gate(case, refusal.host, user=refusal.user) if at_jump else target(case, host=refusal.host)
    explanation, confidence = _why(case, refusal, at, at_jump=at_jump)
    if at_jump:
        explanation = f"{explanation} This is the jump host; the host itself was never tried."
    fixes = (
        at.ssh("true", "-v"),
        *_fixes(case, refusal, at),
        # Another one: that of this run was refused.
        "ansible_user=NAME",
    )
    return Match(proof(refusal.line), confidence, explanation, fixes, "auth")


def _fixes(case: Case, refusal: Denied, at: Target) -> list[str]:
    if "publickey" not in refusal.methods:
        return [f"ansible-playbook -k {quote(case.run.playbook or '', 'PLAYBOOK')}"]
    offered = case.command.transcript.keys_offered if case.command is not None else []
    file = next((path for key in offered if (path := key_path(key))), None)
    copy = at.copy_id(file)
    return [copy, _LOG] if offered else [copy, "ssh-add -l", "ansible_ssh_private_key_file=~/.ssh/id_ed25519"]


def _why(case: Case, refusal: Denied, at: Target, *, at_jump: bool) -> tuple[str, Confidence]:
    who = f"{shown(refusal.user or at.user or 'the login user')} at {at.at}"
    if "publickey" not in refusal.methods:
        methods = shown(", ".join(refusal.methods)) or "nothing"
        return f"The server takes no keys from {who}; it asks for {methods}.", Confidence.CERTAIN
    # A jump host's ssh has debug text of its own only where its command has -v (ProxyJump passes it on).
    silent = at_jump and case.command is not None and not case.command.transcript.auth_tried
    if not has_ssh_debug(case) or case.command is None or silent:
        text = (
            f"The server refused the login as {who}. ssh's own debug text is not in this log, so whether a key was "
            "offered is not known (a key whose passphrase could not be asked looks the same); ANSIBLE_SSH_VERBOSITY=3 "
            "shows it"
        )
        if "password" in refusal.methods or "keyboard-interactive" in refusal.methods:
            return f"{text}. If a password is set for this host, it was refused as well.", Confidence.LIKELY
        return f"{text}.", Confidence.CERTAIN
    transcript = case.command.transcript
    if transcript.keys_offered:
        keys = shown(", ".join(transcript.keys_offered), 240)
        return f"None of the keys that ssh offered is accepted for {who}: {keys}.", Confidence.CERTAIN
    return f"ssh had no key to offer for {who}.", Confidence.CERTAIN


@seen_from_server("auth-publickey")
def check_server(case: ServerCase) -> Match | None:
    """Looks for a login that ended with nothing but failed attempts."""
    return login_failed(case, ("publickey", "hostbased"))
