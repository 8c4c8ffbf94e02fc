"""The way through the jump host or the ProxyCommand broke, and no other rule tells why.

What you see:
`kex_exchange_identification: Connection closed by remote host` and `Connection closed by UNKNOWN port 65535`, alone or
below the proxy's own words, such as `nc: not found`.

Why it happens:
The program that should carry the connection (ssh to the jump host, nc, a cloud vendor's proxy) ended at once: the
jump host refused the login, its name is unknown, nc is not there, or the jump host cannot reach the target. Its own
words are lost where ssh has no debug output: with ControlPersist (Ansible's default) ssh then sends the proxy's
stderr to /dev/null. `-q` in a ProxyCommand hides them too.

How to be sure:
Run the line of `debug1: Executing proxy command: exec …` by hand, without `-q`: it prints the reason.

Fix:
What the proxy command's own words call for: usually the user or the key for the jump host. `-J user@bastion` in
`ansible_ssh_common_args` shows more than a ProxyCommand does.

Not this when:
`stdio forwarding failed` stands above (jump-target-refused), or another `ssh:` line, a refused host key or a
`Permission denied` names the reason: then that rule tells it, and names the jump host.
"""

from __future__ import annotations

from parsers.declined import ruled_out
from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._proxy import jump, proxy_line, proxy_words, unbracketed
from parsers.rules._said import SSH_STAGES, better, denied, find, has_ssh_debug, missing_program, proof, ssh_said
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line, telling

_OTHER_CAUSES = (
    "stdio forwarding failed",
    "Bad stdio forwarding specification",
    "ssh: ",
    "name contains invalid characters",
    "Host key verification failed.",
    "Too many authentication failures",
    "Unable to negotiate with ",
    "during banner exchange",
    "read: Connection reset by peer",
)


@rule("jump-host-failed", order=470, title="The way through the jump host broke", category=2, stages=SSH_STAGES)
def check(case: Case) -> Match | None:
    """Looks for the end of a proxied connection with no reason above it."""
    lines = ssh_said(case)
    line = find(lines, "UNKNOWN port 65535")
    if line is None or better(lines, *_OTHER_CAUSES) or denied(lines) is not None:
        return None
    if (way := case.command) is not None and way.transcript.relayed:
        ruled_out("The jump host let ssh in and reached the host: its channel was confirmed.", line)
        return None
    if (bare := unbracketed(case)) is not None:
        ruled_out("The proxy command itself is wrong: its -W has an IPv6 address without brackets.", bare[0])
        return None
    at = target(case)
    why = telling([row.text for row in lines])
    own = next((row for row in lines if row.text == why), None) if why != line.text else None
    if own is not None:
        return _by_its_words(case, own, line)
    explanation = (
        f"The proxy on the way to {at.at} ended before the server's greeting, and its words are not in the log."
    )
    if " -q" in f" {proxy_words(case)}":
        explanation += " The -q in its command hides them: take it away."
    if not has_ssh_debug(case):
        explanation += (
            " Without debug output and with ControlPersist, ssh throws them away: run with ssh's -vvv to see them. A "
            "host that the jump host reached and that closed the connection at once looks the same."
        )
    fixes = (
        "ANSIBLE_SSH_VERBOSITY=3 ansible-playbook -vvvv " + quote(case.run.playbook or "", "PLAYBOOK"),
        f"{at.ssh('', '-G')} | grep -iE 'proxyjump|proxycommand'",
        (jump(case) or at).ssh("true", "-v"),
    )
    closed = find(lines, "_exchange_identification: Connection closed by remote host")
    sure = Confidence.CERTAIN if has_ssh_debug(case) else Confidence.LIKELY
    return Match(proof(line, closed, proxy_line(case)), sure, explanation, fixes, phase="tcp")


def _by_its_words(case: Case, own: Line, closed: Line) -> Match:
    """The proxy said something that no rule on jump hosts knows: a program that is not there, a script's own error."""
    at = target(case)
    explanation = f"The proxy on the way to {at.at} ended before the server's greeting. It said: {shown(own.text)}."
    program = missing_program(own.text)
    login = jump(case)
    fixes = (
        f"command -v {quote(program, 'PROGRAM')}" if program else (login or at).ssh("true", "-v"),
        f"{at.ssh('', '-G')} | grep -iE 'proxyjump|proxycommand'",
    )
    sure = Confidence.CERTAIN if program else Confidence.LIKELY
    return Match(proof(own, proxy_line(case), closed), sure, explanation, fixes, phase="tcp")
