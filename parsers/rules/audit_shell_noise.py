"""The shell prints the command itself, and Ansible takes a part of that for the directory.

What you see:
The name of the temporary directory holds the words of a command or a banner: `… && sleep
0/.ansible/tmp/ansible-tmp-…`.

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

from parsers.findings import Case, Evidence, Match, rule
from parsers.rules._said import SSH_STAGES, find, message_lines, proof
from parsers.rules._values import quote, target

_WORDS = ("sleep 0/.ansible/", "sleep 0'/.ansible/", "sleep 0/ansible-tmp-")


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
    if command is None:
        line = find(message_lines(case), *_WORDS)
        proofs = proof(line)
    else:
        line = find(command.transcript.plain, *_WORDS)
        inside = any(word in text for word in _WORDS for text in (command.text, command.remote_path or ""))
        opening = (Evidence(command.opened, (command.remote_path or command.text)[:400]),) if inside else ()
        proofs = proof(line) or opening
    if not proofs:
        return None
    at = target(case)
    explanation = f"The shell at {at.at} prints Ansible's own command, and it became part of the directory's name."
    user = quote(at.user or "", "USER")
    fixes = (at.ssh("echo ~ && sleep 0"), f"ansible_remote_tmp=/var/tmp/.ansible-{user}")
    return Match(proofs, explanation=explanation, fixes=fixes)
