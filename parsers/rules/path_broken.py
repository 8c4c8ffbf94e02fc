"""The login user's PATH has none of the ordinary programs in it.

What you see:
`/bin/sh: 1: mkdir: not found`, `sleep: not found`, `chmod: command not found` or `rm: …` with rc 127, in the first
commands that Ansible runs. It then says `Failed to create temporary directory. In some cases …`, and UNREACHABLE.

Why it happens:
A start-up file that a non-interactive shell reads (~/.bashrc with bash, ~/.zshenv, /etc/environment) sets PATH without
what it was before: `PATH=/opt/app/bin` instead of `PATH=/opt/app/bin:$PATH`. Or the account lives in a chroot, or a
container, that has no such programs.

How to be sure:
`ssh USER@HOST 'echo $PATH'`: /usr/bin and /bin are not in it. `ssh USER@HOST '/bin/ls /bin/mkdir /usr/bin/mkdir'`.

Fix:
Correct the line, with `:$PATH` at its end (`grep -n PATH= ~/.bashrc ~/.zshenv ~/.ssh/environment /etc/environment`).

Not this when:
One program alone is missing: chmod-failed, acl-missing, python-missing, become-program-missing. All commands end with
the same words of the login shell: login-shell.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._said import missing_program, proof, said
from parsers.rules._values import shown, target
from parsers.ssh.transcript import Line

_ORDINARY = ("mkdir", "sleep")
"""What Ansible's first two commands run that is no built-in of a shell; every system has both beside each other."""


@rule(
    "path-broken",
    order=655,
    title="The login user's PATH lacks the ordinary programs",
    category=3,
    stages=(Stage.HOME, Stage.TMPDIR, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for a shell that misses mkdir or sleep in Ansible's first commands."""
    command = case.command
    if command is not None and command.rc == 0:
        return None
    line = next((row for row in said(case) if _missing(row)), None)
    if line is None:
        return None
    at = target(case)
    user = shown(at.user) if at.user else "the login user"
    words = line.text.strip().rpartition("stderr output: ")[2]
    explanation = (
        f"The shell of {user} at {at.at} does not find an ordinary program: {shown(words)}. Its PATH does not have "
        "/usr/bin and /bin, most often as a start-up file sets it anew."
    )
    files = "~/.bashrc ~/.zshenv ~/.ssh/environment /etc/environment"
    fixes = (at.ssh("echo $PATH"), at.ssh(f"PATH=/usr/bin:/bin; grep -n PATH= {files}"))
    return Match(proof(line), explanation=explanation, fixes=fixes)


def _missing(line: Line) -> bool:
    return (missing_program(line.text) or "") in _ORDINARY
