"""sudo, su or doas is there and cannot work.

What you see:
rc 1 and the program's own words: `sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set`, `effective
uid is not 0, is /usr/bin/sudo on a file system with the 'nosuid' option set …?`, `The "no new privileges" flag is set`,
`/etc/sudoers is world writable`, `syntax error near line 12`, `no valid sudoers sources found, quitting`. Or sudo's
usage, where `become_flags` has an option that it does not know.

Why it happens:
The program lost its setuid bit (a `chmod -R`, a package half unpacked), lies on a file system mounted with nosuid, or
runs in a container or a service that forbids new privileges. Or sudo refuses its own configuration: a file in
/etc/sudoers.d with an error or with the wrong owner or mode, often written by an earlier task.

How to be sure:
On the managed node, as root by another way (console, `su -`): `ls -l $(command -v sudo)` begins with `-rwsr-xr-x`, and
`visudo -c` names the file and the line.

Fix:
`chown root:root /usr/bin/sudo; chmod 4755 /usr/bin/sudo`; `visudo -c` and correct the file, whose mode is 0440. Let a
task that writes one check it first: `validate: visudo -cf %s` of copy and template. In containers,
`--security-opt no-new-privileges=false`.

Not this when:
The program is not there at all (become-program-missing), or it works and does not let this user in
(become-not-allowed).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._become import escalation_lines
from parsers.rules._said import SSH_STAGES, find, proof
from parsers.rules._values import quote, shown, target

_SETUID = (
    "must be owned by uid 0 and have the setuid bit set",
    "effective uid is not 0, is ",
    'The "no new privileges" flag is set',
    "must be setuid root",
    "must be suid to work properly",
    "doas: not installed setuid",
)
_CONFIGURATION = (
    "no valid sudoers sources found",
    "parse error in /etc/sudoers",
    ": syntax error",
    " is world writable",
    " is group writable",
    "should be 0",
    "unable to initialize policy plugin",
    "unable to load plugins",
    "unable to open /etc/sudoers",
)


_OPTIONS = ("sudo: invalid option -- ", "sudo: unrecognized option ", "usage: sudo ", "su: invalid option -- ")


@rule(
    "become-program-broken",
    order=855,
    title="The program for privilege escalation cannot work",
    category=3,
    stages=SSH_STAGES[1:],
)
def check(case: Case) -> Match | None:
    """Looks for the program's own words on its setuid bit or on its configuration."""
    rows = [row for row in escalation_lines(case) if "sudo" in row.text or row.text.startswith(("su: ", "doas: "))]
    setuid = find(rows, *_SETUID)
    line = setuid or find(rows, *_CONFIGURATION)
    at = target(case)
    if line is None and (refused := find(rows, *_OPTIONS)) is not None:
        explanation = (
            f"The program that should escalate at {at.at} does not take the options that it is given: "
            f"{shown(refused.text.strip())}. They come from ansible_become_flags."
        )
        name = quote(case.host.name if case.host is not None else "", "HOST")
        fixes: tuple[str, ...] = ("ansible_become_flags='-H -S -n'", f"ansible-inventory --host {name}")
        return Match(proof(refused), explanation=explanation, fixes=fixes)
    if line is None:
        return None
    explanation = f"The program that should escalate at {at.at} cannot work: {shown(line.text.strip().rstrip('.'))}."
    if setuid is not None:
        fixes = (
            at.ssh("ls -l $(command -v sudo); findmnt -T /usr/bin/sudo; grep NoNewPrivs /proc/self/status"),
            "chown root:root /usr/bin/sudo; chmod 4755 /usr/bin/sudo",
        )
    else:
        fixes = ("visudo -c", "ls -l /etc/sudoers /etc/sudoers.d", "chmod 0440 /etc/sudoers /etc/sudoers.d/*")
    return Match(proof(line), explanation=explanation, fixes=fixes)
