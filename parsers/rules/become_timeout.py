"""Ansible waited for sudo's prompt or for its success, and neither came.

What you see:
`Timeout (12s) waiting for privilege escalation prompt:` (FAILED up to 2.18, UNREACHABLE from 2.19 on). In the debug
log, only chunks of state 0 or 1.

Why it happens:
The prompt has other words than Ansible looks for (PAM's own, where sudoers has `!passprompt_override`; a second
factor, dzdo), or sudo is slow: DNS or LDAP look-ups, a host name that does not resolve (`sudo: unable to resolve
host`), PAM, a loaded machine.

How to be sure:
`time ssh USER@HOST 'sudo -n true'` takes seconds. `ssh -t USER@HOST sudo -k true` shows the prompt's words.

Fix:
Put the node's own name into its /etc/hosts, raise the limit (`timeout = 30` in ansible.cfg, `ANSIBLE_TIMEOUT=30`), or
let the prompt that Ansible gives (`sudo -p`) win over PAM's for this user: `Defaults:USER passprompt_override`.

Not this when:
A password is asked for and none is set (become-password-missing), or it was refused (become-password-wrong).
"""

from __future__ import annotations

from parsers.awaited import Wait
from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._become import become_program
from parsers.rules._open import silence, stands_at
from parsers.rules._said import SSH_STAGES, ending, find, message_lines, proof, said
from parsers.rules._values import shown, target

_WORDS = "waiting for privilege escalation prompt"


@rule(
    "become-timeout",
    order=880,
    title="The prompt for privilege escalation never came",
    category=3,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words on the time that is over."""
    line = find(message_lines(case), _WORDS)
    if line is None:
        return _still_waits(case)
    at = target(case)
    seconds = line.text.partition("Timeout (")[2].partition("s)")[0]
    time = f" within {seconds} s" if seconds.isdigit() and len(seconds) < 6 else ""
    explanation = (
        f"The privilege escalation at {at.at} neither asked for a password in known words nor succeeded{time}."
    )
    resolve = find(said(case), "sudo: unable to resolve host")
    if resolve is not None:
        explanation += " sudo could not resolve the node's own name, which makes it slow."
    elif (asked := line.text.partition(f"{_WORDS}:")[2].strip()).endswith((":", "?")):
        explanation += (
            f" It asked: {shown(asked, 80)} Ansible does not know these words for a prompt, or had no password."
        )
    return Match(proof(line, resolve), explanation=explanation, fixes=_fixes(case))


def _fixes(case: Case) -> tuple[str, ...]:
    at = target(case)
    program = become_program(case.command) if case.command is not None else ""
    if program not in ("", "sudo"):
        return at.ssh(f"{program} -c true" if program == "su" else f"{program} true", "-t"), "ANSIBLE_TIMEOUT=30"
    return at.ssh("time sudo -n true"), at.ssh("sudo -k true", "-t"), "ANSIBLE_TIMEOUT=30"


def _still_waits(case: Case) -> Match | None:
    """The same before Ansible's time is over."""
    if case.command is None or not stands_at(case, Wait.PROMPT, Wait.ESCALATION):
        return None
    resolve = find(said(case), "sudo: unable to resolve host")
    explanation = (
        f"The privilege escalation at {target(case).at} has neither asked for a password in known words nor succeeded"
        f"{silence(case)}."
    )
    evidence = (*proof(case.command.transcript.last_debug, resolve), ending(case.command))
    return Match(evidence, Confidence.LIKELY, explanation, _fixes(case))
