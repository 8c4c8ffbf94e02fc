"""The login itself was accepted, and then the account was turned away.

What you see:
ssh's debug text has `Authenticated to HOST`, and then `Connection closed by ADDRESS port 22` or `Connection to HOST
closed by remote host.`; or `Server accepts key`, and then the same. Or words such as `System is booting up.
Unprivileged users are not permitted to log in yet.`, `Your password has expired.`, or what /etc/nologin says. Without
ssh's debug text there may be nothing but `Connection closed by ADDRESS port 22`. For root with `PermitRootLogin no`:
`Server accepts key`, a signature that is sent (packet 50), and `Permission denied (publickey)`.

Why it happens:
PAM's account or session part says no: an expired account or password, /etc/nologin while the machine starts or stops,
a limit of logins (pam_limits), pam_access, or a session module that fails. Or sshd's own PermitRootLogin, which is
asked only once the key's signature is there.

How to be sure:
On the managed node: `chage -l USER; faillock --user USER; journalctl -u ssh -u sshd -n 50` (`fatal: Access denied for
user USER by PAM account configuration`).

Fix:
Renew the account (`chage -E -1 -M -1 USER`, `passwd USER`), wait until the machine is up (module
`wait_for_connection`), or correct the PAM module that the log names. Instead of root, log in as another user and
become root (`ansible_user=NAME`, `ansible_become=true`).

Not this when:
The session had already worked (connection-lost); no key was accepted (auth-publickey).
"""

from __future__ import annotations

from parsers.declined import ruled_out
from parsers.findings import Case, Confidence, Match, rule, seen_from_server
from parsers.rules import _server
from parsers.rules._said import (
    SSH_STAGES,
    Denied,
    denied,
    find,
    has_ssh_debug,
    is_module_json,
    last_that_worked,
    password_used,
    proof,
    said,
    signed_in_vain,
    ssh_said,
    worked_before,
)
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import USUAL, Line, Phase
from parsers.sshd.case import ServerCase
from parsers.sshd.model import Level

_WORDS = (
    "Unprivileged users are not permitted to log in yet",
    "Your password has expired",
    "Password change required but no TTY available",
    "You are required to change your password immediately",
    "Your account has expired",
    "Account expired",
    "There were too many logins for",
    "Too many logins for",
)


_LOG = "journalctl -u ssh -u sshd -n 50"


@rule(
    "account-refused",
    order=550,
    title="The account may not log in, although its key is right",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for PAM's words, or for a connection that ended between login and session."""
    refused = denied(ssh_said(case)) if signed_in_vain(case) is not None else None
    if refused is not None and not password_used(case):
        return _signed(case, refused)
    lines = said(case) if case.command is None or case.command.rc != 0 else []
    line = next((row for row in lines if not is_module_json(row) and any(word in row.text for word in _WORDS)), None)
    closed, sure = (None, Confidence.CERTAIN) if line is not None else _closed(case)
    if line is None and closed is None:
        return None
    if worked_before(case):
        ruled_out("The account was let in earlier in this run.", last_that_worked(case))
        return None
    at = target(case)
    if line is not None:
        explanation = f"{at.login} was accepted and then turned away: {shown(line.text.strip().rstrip('.'))}."
    elif sure is Confidence.POSSIBLE:
        explanation = (
            f"The server closed the connection of {at.login} after its greeting and before there was a session, and "
            "refused no key or password: most often the account is not let in (PAM, an access list, /etc/nologin). Its "
            "log has the reason."
        )
    else:
        explanation = f"{at.login} was accepted, and the server closed the connection before there was a session."
    notice = _notice(case, closed)
    if notice is not None:
        explanation += f" It said: {shown(notice.text.strip())}"
    told = line or notice
    fixes = (*_next(told.text if told is not None else "", quote(at.user or "", "USER")), _LOG)
    return Match(proof(line, closed, notice), sure, explanation, fixes, "auth")


def _signed(case: Case, refused: Denied) -> Match:
    """The key and its signature were right: sshd itself does not let the account in with it."""
    at = target(case)
    key = shown(signed_in_vain(case) or "", 120)
    explanation = (
        f"sshd at {at.at} knows the key {key} for {shown(refused.user)} and got its signature, and refused the login "
        "all the same: "
    )
    root = refused.user == "root"
    explanation += "root may not log in (PermitRootLogin)." if root else "its configuration or PAM does not let it in."
    user = quote(refused.user, "USER")
    look = f"sshd -T -C user={user} | grep -iE 'permitrootlogin|allowusers|denyusers|allowgroups|authenticationmethods'"
    ways = ("ansible_user=NAME", "ansible_become=true") if root else ()
    return Match(proof(refused.line), Confidence.LIKELY, explanation, (look, *ways, _LOG), "auth")


def _next(words: str, user: str) -> tuple[str, ...]:
    """What to run on the managed node, where the words tell which part of PAM refused."""
    if "not permitted to log in yet" in words:
        return "ls -l /run/nologin /etc/nologin", "systemctl is-system-running"
    if "oo many logins" in words:
        return "grep -rn maxlogins /etc/security/limits.conf /etc/security/limits.d", f"ps -u {user} -f"
    if "assword" in words:
        return f"chage -l {user}", f"passwd {user}"
    if "ccount" in words and "expired" in words:
        return f"chage -l {user}", f"chage -E -1 {user}"
    return f"chage -l {user}", f"faillock --user {user}"


def _closed(case: Case) -> tuple[Line | None, Confidence]:
    """The end of a connection that was neither refused nor lost, and how sure it is that the account is the cause."""
    lines = ssh_said(case)
    closed = next((row for row in lines if _is_end(row)), None)
    command = case.command
    if closed is None or find(lines, "_exchange_identification: ", "Permission denied", "verification"):
        return None, Confidence.POSSIBLE
    if command is None:
        return closed, Confidence.POSSIBLE
    transcript = command.transcript
    answered = transcript.phase is Phase.AUTH and (transcript.keys_accepted or password_used(case))
    if transcript.auth_method or answered:
        return closed, Confidence.LIKELY
    return (None if has_ssh_debug(case) else closed), Confidence.POSSIBLE


def _notice(case: Case, closed: Line | None) -> Line | None:
    """What the server said right before it closed the connection."""
    rows = [row for row in ssh_said(case) if row.text.strip() and not row.text.startswith((*USUAL, "Warning: "))]
    if closed is None or closed not in rows or rows.index(closed) == 0:
        return None
    return rows[rows.index(closed) - 1]


def _is_end(line: Line) -> bool:
    text = line.text.strip()
    if text.startswith("Connection to "):
        return text.endswith("closed by remote host.")
    return text.startswith("Connection closed by ") and "UNKNOWN" not in text


_REASONS = (
    "account has expired",
    " has expired",
    "expired password",
    "password expired",
    "(sshd:account): ",
    "(sshd:session): ",
    "pam_nologin",
    "pam_access",
    "pam_open_session()",
    "Too many logins",
)
_REFUSED = ("by PAM account configuration", "PAM: pam_open_session()", "PAM: pam_setcred()")


@seen_from_server("account-refused")
def check_server(case: ServerCase) -> Match | None:
    """Looks for sshd's and PAM's words on an account that may not log in."""
    one = case.connection
    if one is None or case.channels:
        return None
    # What PAM says of a session that was opened is no refusal; nor is what a login under way has not ended with.
    told = [line for line in case.all_said(*_REASONS) if "session opened" not in line.text]
    reason = next((line for line in told if "session closed" not in line.text), None)
    refused = next((line for line in case.all_said(*_REFUSED) if line.level is not Level.DEBUG), None)
    expired = reason is not None and "has expired" in reason.text and one.accepted is None
    if refused is None and not expired:
        return None
    words = f": {shown(reason.text)}" if reason is not None else ""
    explanation = f"sshd refused {_server.who(one)} for the account's sake, whatever the key or password{words}."
    user = quote(one.user or "", "NAME")
    fixes = (f"chage -l {user}", f"faillock --user {user}", "ls -l /etc/nologin /run/nologin", f"passwd -S {user}")
    return Match(
        _server.proof(reason or refused, refused, one.end_said), explanation=explanation, fixes=fixes, phase="auth"
    )
