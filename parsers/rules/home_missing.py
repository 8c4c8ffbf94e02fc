"""The login user has no home directory.

What you see:
`Could not chdir to home directory /home/USER: No such file or directory` on stderr, and then
`mkdir: cannot create directory '/home/USER': Permission denied` with rc 1.

Why it happens:
The user was made without a home (`useradd -M`), it comes from LDAP or AD and nothing makes homes (pam_mkhomedir,
oddjob), or the home lies on NFS and is not mounted.

How to be sure:
`ssh USER@HOST 'getent passwd USER; ls -ld ~'`.

Fix:
Make it, as root: `mkhomedir_helper USER`, or `install -d -o USER -m 700 /home/USER`. Or use a place that needs no home:
`ansible_remote_tmp=/tmp/.ansible-USER`.

Not this when:
Only the first line is there and the rc is 0: it is a mere warning. A home that is there, with an `.ansible` that is
not the user's, is tmpdir-permission.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._said import find, proof, said
from parsers.rules._tmpdir import no_home
from parsers.rules._values import quote, shown, target


@rule(
    "home-missing",
    order=670,
    title="The login user has no home directory",
    category=3,
    stages=(Stage.HOME, Stage.TMPDIR, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for a home that is missing and a mkdir that failed at it."""
    if case.command is not None and case.command.rc == 0:
        return None
    rows = said(case)
    line = no_home(rows)
    if line is None:
        return None
    at = target(case)
    home = line.text.removeprefix("Could not chdir to home directory ").partition(": ")[0].strip()
    user = quote(at.user or "", "USER")
    make = f"install -d -o {user} -m 700 {quote(home, 'HOME')}"
    explanation = f"{shown(home)} does not exist at {at.at}, and the login user may not create it."
    if line.text.rstrip().endswith(": Permission denied"):
        explanation = f"{shown(home)}, the login user's home, may not be entered by the user itself at {at.at}."
        make = f"chown {user}: {quote(home, 'HOME')}; chmod u+rwx {quote(home, 'HOME')}"
    elif line.text.rstrip().endswith(": Not a directory"):
        explanation = f"{shown(home)}, the login user's home, is no directory at {at.at}."
        make = f"mv {quote(home, 'HOME')} {quote(f'{home}.old', 'HOME.old')}; {make}"
    fixes = (
        at.ssh("ls -ld ~; id"),
        make,
        f"ansible_remote_tmp=/tmp/.ansible-{user}",
    )
    return Match(proof(line, find(rows, "mkdir: ")), explanation=explanation, fixes=fixes)
