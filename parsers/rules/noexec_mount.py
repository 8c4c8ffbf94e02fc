"""The module's file is a program, and its file system is mounted with noexec.

What you see:
rc 126 with `/bin/sh: …/AnsiballZ_x: Permission denied` (or the path of a script), for a module that is no Python, or
for the module script.

Why it happens:
The home directory or /tmp is mounted with `noexec`. Python's modules do not mind: the interpreter is started, and it
reads the file.

How to be sure:
`ssh USER@HOST "findmnt -T ~/.ansible/tmp"` shows `noexec`.

Fix:
A directory elsewhere that the login user may make: `ansible_remote_tmp=/var/tmp/.ansible`; or mount it without noexec;
for a script, `executable: /bin/sh`.

Not this when:
The path is that of a shell (selinux-context), or the rc is 127.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._said import is_module_json, proof
from parsers.rules._values import quote, shown, target

_NOT_EXECUTABLE = 126


@rule(
    "noexec-mount",
    order=1030,
    title="Programs may not be run where the module lies",
    category=3,
    stages=(Stage.EXEC, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for rc 126 at a file below Ansible's directory."""
    command = case.command
    if command is None or command.rc != _NOT_EXECUTABLE:
        return None
    line = next(
        (
            row
            for row in command.transcript.plain
            if not is_module_json(row) and row.text.strip().endswith(": Permission denied") and _ours(row.text)
        ),
        None,
    )
    if line is None:
        return None
    at = target(case)
    path = line.text.strip().removesuffix(": Permission denied").rpartition(": ")[2]
    explanation = (
        f"{shown(path)} may not be executed at {at.at}, most likely as its file system is mounted with noexec."
    )
    folder = path.partition("/ansible-tmp-")[0] if "/ansible-tmp-" in path else ""
    usual = not folder or folder.endswith("/.ansible/tmp")
    look = "findmnt -T ~/.ansible/tmp" if usual else f"findmnt -T {quote(folder, 'DIRECTORY')}"
    fixes = (
        at.ssh(look),
        "ansible_remote_tmp=/var/tmp/.ansible" if usual else "ansible_remote_tmp=~/.ansible/tmp",
        "executable: /bin/sh",
    )
    return Match(proof(line), Confidence.LIKELY, explanation, fixes)


def _ours(text: str) -> bool:
    return "ansible-tmp-" in text or "/.ansible/" in text or "AnsiballZ_" in text
