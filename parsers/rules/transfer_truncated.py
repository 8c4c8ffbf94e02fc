"""The file transfer ended well, and what arrived is not the whole module.

What you see:
The transfer has rc 0, and Python then says `zipimport.ZipImportError: bad local header`, `zipfile.BadZipFile`,
`zlib.error: …`, `SyntaxError: unexpected EOF while parsing` or `SyntaxError: unterminated string literal` with a line
of `AnsiballZ_….py` above it.

Why it happens:
The disk filled up while it was written, a virus scanner or an EDR replaced the file, or the sftp server is faulty.

How to be sure:
Compare `Sent initial data (N bytes)` or `N bytes copied` with the size of the file there: run with
`ANSIBLE_KEEP_REMOTE_FILES=1` and `ls -l ~/.ansible/tmp/*/`.

Fix:
Make room (`df -h ~`), make an exception for `~/.ansible/tmp` in the scanner, or send it another way:
`ansible_ssh_transfer_method=piped`.

Not this when:
A SyntaxError with a whole line of code shown is about the age of Python (python-too-old).
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._python import runs_own_command
from parsers.rules._said import is_module_json, proof, said
from parsers.rules._values import shown, target

_STARTS = (
    "zipimport.ZipImportError: ",
    "zipfile.BadZipFile: ",
    "zipfile.BadZipfile: ",
    "zlib.error: ",
    "SyntaxError: unexpected EOF",
    "SyntaxError: unterminated ",
    "SyntaxError: EOL while scanning ",
    "SyntaxError: '(' was never closed",
    "EOFError",
)


@rule(
    "transfer-truncated",
    order=800,
    title="The module arrived damaged",
    category=4,
    stages=(Stage.EXEC, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for Python's words on a damaged archive, in a module's run that failed."""
    if runs_own_command(case) or (case.command is not None and case.command.rc == 0):
        return None
    rows = [row for row in said(case) if not is_module_json(row)]
    line = next((row for row in rows if row.text.startswith(_STARTS)), None)
    if line is None:
        return None
    at = target(case)
    explanation = f"The module that arrived at {at.at} is damaged: {shown(line.text.strip())}."
    fixes = (
        at.ssh("df -h ~ /tmp; ls -l ~/.ansible/tmp"),
        "ANSIBLE_KEEP_REMOTE_FILES=1",
        "ansible_ssh_transfer_method=piped",
    )
    return Match(proof(line), Confidence.LIKELY, explanation, fixes)
