"""The shell prints the command itself, and Ansible takes a part of that for the directory.

What you see:
The name of the temporary directory holds the words of a command or a banner: `… && sleep
0/.ansible/tmp/ansible-tmp-…`; or the file to send has the mark twice, `ansible-tmp-…=/home/…/ansible-tmp-…`.

Why it happens:
The login shell is one that records the session (tlog, an auditing wrapper, `set -v` or `set -x` in a start-up file),
and it repeats the command on stdout.

How to be sure:
`ssh USER@HOST "echo ~ && sleep 0"` prints more than the home directory.

Fix:
Leave the automation user out of the recording, or give the directory by an absolute path:
`ansible_remote_tmp=/var/tmp/.ansible-USER`.

Not this when:
A greeting of a start-up file in an answer is harmless there; it breaks the transfer (profile-noise).
"""

from __future__ import annotations

import re

from parsers.findings import Case, Evidence, Match, rule
from parsers.model import Stage
from parsers.rules._said import SSH_STAGES, before, find, message_lines, proof
from parsers.rules._values import quote, target
from parsers.ssh.transcript import Line

_WORDS = ("sleep 0/.ansible/", "sleep 0'/.ansible/", "sleep 0/ansible-tmp-")
_TWICE = re.compile(r"ansible-tmp-[\d.\-]{10,60}=/")
_ASKED = ("&& sleep 0", "echo ~", "umask 77 && mkdir")
"""What Ansible sends, at its end (up to 2.20) or beginning: an honest shell does not print it."""


@rule(
    "audit-shell-noise",
    order=650,
    title="An audited shell repeats Ansible's command in its answer",
    category=3,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for a command's words within the path of the temporary directory."""
    command = case.command
    # From 2.21 on nothing follows the command that asks for the home directory.
    words = (*_WORDS, *(f"echo ~{user}'/.ansible/" for user in dict.fromkeys((target(case).user or "", ""))))
    if command is None:
        line = find(message_lines(case), *words)
        proofs = proof(line)
    else:
        line = find(command.transcript.plain, *words)
        path = command.remote_path or ""
        inside = any(word in text for word in words for text in (command.text, path))
        # What is sent goes to a file whose name begins with the answer's own `NAME=`.
        twice = any(_TWICE.search(text) for text in (path, command.text))
        opening = (Evidence(command.opened, (path or command.text)[:400]),) if inside or twice else ()
        repeated = _repeated(case) if twice else None
        proofs = proof(line) or (*proof(repeated), *opening)
    if not proofs:
        return None
    at = target(case)
    explanation = f"The shell at {at.at} prints Ansible's own command, and it became part of the directory's name."
    user = quote(at.user or "", "USER")
    fixes = (at.ssh("echo ~ && sleep 0"), f"ansible_remote_tmp=/var/tmp/.ansible-{user}")
    return Match(proofs, explanation=explanation, fixes=fixes)


def _repeated(case: Case) -> Line | None:
    """The line in which the shell gave back what it was asked, in answer to the first commands."""
    for command in before(case):
        if command.stage in (Stage.HOME, Stage.TMPDIR):
            line = find((row for row in command.transcript.plain if not row.stderr), *_ASKED)
            if line is not None:
                return line
    return None
