"""The host's or the user's name has a character that ssh does not take.

What you see:
UNREACHABLE at once with `hostname contains invalid characters`, or `remote username contains invalid characters`; rc
255 and nothing before it. OpenSSH says so from 9.6 on, and distributions have brought it back to older ones (Debian's
9.2p1-2+deb12u2); before, the name was looked up and not found (name-resolution).

Why it happens:
Since CVE-2023-51385 ssh refuses host names that a shell could take for more: with blanks, control characters, quotes,
a backslash, or one of `$ ; & < > | ( ) { }`. What lets them in is a blank at the end of `ansible_host` (a quoted value,
a column of a spreadsheet, a file with CR LF), two hosts in one value, a template that was not resolved (`{{ … }}` in a
place where none is), a variable of the shell that nobody set (`$HOST`).

How to be sure:
`ansible-inventory --host HOST` shows `ansible_host` and `ansible_user` in quotes; without `ansible_host` the
inventory's own name is what ssh gets.

Fix:
Correct the value in the inventory: `ansible_host=ADDRESS`, `ansible_user=NAME`. One that comes from elsewhere:
`ansible_host="{{ value | trim }}"`.

Not this when:
The name has ordinary letters and is not found: name-resolution. `banner line contains invalid characters` is what a
server said: not-ssh.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.rules._said import SSH_STAGES, find, proof, ssh_said
from parsers.rules._values import address, quote, target

_HOST = "hostname contains invalid characters"
_USER = "remote username contains invalid characters"
_FORBIDDEN = "'`\"$\\;&<>|(){}"
"""In a host name, beside blanks and control characters (valid_hostname in ssh.c, OpenSSH 9.6)."""


@rule(
    "hostname-invalid",
    order=335,
    title="The host's or user's name has a character that ssh does not take",
    category=2,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for ssh's own words on the name, and for the character in it."""
    lines = [row for row in ssh_said(case) if row.text.strip() in (_HOST, _USER)]
    line = find(lines, _HOST, _USER)
    if line is None:
        return None
    at = target(case)
    user = _USER in line.text
    value = (at.user or "") if user else address(case)
    behind = find(ssh_said(case), "UNKNOWN port 65535") is not None
    name = quote(case.host.name if case.host is not None else "", "HOST")
    fixes = [f"ansible-inventory --host {name}"]
    if behind:
        explanation = (
            f"ssh takes no such {'user' if user else 'host'} name, that of the jump host on the way to {at.at}."
        )
        fixes.append(f"{at.ssh('', '-G')} | grep -iE 'proxyjump|proxycommand'")
        return Match(proof(line), Confidence.LIKELY, explanation, tuple(fixes), "resolve")
    what = "user name" if user else "host name"
    explanation = f"ssh takes no {what} with {_named(value)}, and made no connection."
    if not user and case.host is not None and case.host.name == value:
        explanation += " It is the inventory's own name for the host: ansible_host is not set."
    mended = value.strip()
    setting = "ansible_user" if user else "ansible_host"
    usable = mended and mended != value and not any(_wrong(character) for character in mended)
    fixes.append(f"{setting}={quote(mended) if usable else 'NAME' if user else 'ADDRESS'}")
    return Match(proof(line), explanation=explanation, fixes=tuple(fixes), phase="resolve")


def _wrong(character: str) -> bool:
    return character in _FORBIDDEN or character.isspace() or not character.isprintable()


def _named(value: str) -> str:
    """What is wrong in `value`, in words; the value itself stands in quotes."""
    found = list(dict.fromkeys(character for character in value if _wrong(character)))
    if not found:
        return "such a character"
    blanks = any(character.isspace() or not character.isprintable() for character in found)
    signs = " ".join(character for character in found if character in _FORBIDDEN)
    where = " at its beginning" if value[:1].isspace() else " at its end" if value[-1:].isspace() else ""
    told = (f"a blank or a control character{where}" if blanks else "") + (" and " if blanks and signs else "")
    return f"{told}{signs} in it ({quote(value)})" if signs else f"{told} ({quote(value)})"
