"""The module ended in an exception of Python.

What you see:
FAILED with `MODULE FAILURE` (2.19 on: `Module result deserialization failed`), rc 1, and
`Traceback (most recent call last):` in module_stdout (with a terminal, stderr comes on stdout). From 2.19 on Ansible
catches what a module raises: `Module failed: MESSAGE`, and the module's JSON has an `exception` and no `msg`.

Why it happens:
A bug of the module, an old or broken library on the node, a Python that is too old or too new for this ansible-core, or
no right to a file. The traceback's last line names it.

How to be sure:
Run the module again with `ANSIBLE_KEEP_REMOTE_FILES=1` and `-vvv`, log in, and start the kept file by hand:
`python3 ~/.ansible/tmp/…/AnsiballZ_….py`.

Fix:
What the last line calls for: `No module named …` means a library for the interpreter that Ansible uses on the node; a
SyntaxError means an interpreter of another age (`ansible_python_interpreter`).

Not this when:
The traceback stands in a module's own JSON (`exception`): the module caught it and tells its own message. A traceback
of Ansible on the control node has no host. `Shared connection to HOST closed.` below it is not the error."""

from __future__ import annotations

import json

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._python import runs_own_command
from parsers.rules._said import better, find, is_module_json, message_lines, module_lines, proof
from parsers.rules._values import shown, target
from parsers.ssh.transcript import Line

_OTHER_CAUSES = (
    "zipimport.ZipImportError: ",
    "zipfile.BadZipFile: ",
    "zipfile.BadZipfile: ",
    "zlib.error: ",
    "SyntaxError: unexpected EOF",
    "EOFError",
    "SyntaxError: future feature annotations is not defined",
    "No module named 'ansible.module_utils.six.moves'",
    "ERROR:root:code for hash ",
    "ValueError: unsupported hash type",
    "No usable temporary directory found in",
    "name 'temp_path' is not defined",
)
"""Exceptions that a rule of their own explains."""


_RAISED = "Task failed: Module failed: "
_EVENT = '{"failed": true, "exception": {"event": {"msg": '
"""How the loader of a module begins its JSON on an exception that nobody caught (_ansiballz/_loader.py)."""

_LIMITS = ("MemoryError", "OSError: [Errno 27] ", "OSError: [Errno 24] ", "OSError: [Errno 12] ")
"""What Python raises where memory, a file's size or open files are limited."""


@rule(
    "module-traceback",
    order=1080,
    title="The module ended in an exception",
    category=3,
    stages=(Stage.EXEC, Stage.PROBE, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for a traceback outside a module's JSON, in a command that failed."""
    command = case.command
    if (command is not None and command.rc in (None, 0, 255)) or runs_own_command(case):
        return None
    said = command.transcript.plain if command is not None else module_lines(case)
    rows = [row for row in said if not is_module_json(row)]
    start = find(rows, "Traceback (most recent call last):")
    if start is None:
        return _caught(case)
    if better(rows, *_OTHER_CAUSES):
        return None
    last = _last(rows[rows.index(start) + 1 :])
    at = target(case)
    explanation = f"The module raised an exception at {at.at}"
    explanation += f": {shown(last.text.strip(), 240)}." if last is not None else "."
    fixes = ("ANSIBLE_KEEP_REMOTE_FILES=1", at.ssh("python3 --version; ls -d ~/.ansible/tmp/*"))
    if last is not None and last.text.startswith(_LIMITS):
        explanation += " The node is out of memory, or a limit of the user (ulimit) is reached."
        fixes = (at.ssh("ulimit -a; free -m"), "grep -rn . /etc/security/limits.d /etc/security/limits.conf")
    return Match(proof(last or start, start), Confidence.LIKELY, explanation, fixes)


def _caught(case: Case) -> Match | None:
    """What the module raised, as Ansible's own JSON about it tells (2.19 and later)."""
    command = case.command
    if command is None:
        line = find(message_lines(case), _RAISED)
        text = line.text.partition(_RAISED)[2] if line is not None else ""
    else:
        line = next((row for row in command.transcript.plain if row.text.startswith(_EVENT)), None)
        text = _string(line.text.removeprefix(_EVENT)) if line is not None else ""
    if line is None or better([line], *_OTHER_CAUSES):
        return None
    at = target(case)
    explanation = f"The module raised an exception at {at.at}: {shown(text.strip(), 240)}."
    fixes = (
        "ANSIBLE_DISPLAY_TRACEBACK=error",
        "ANSIBLE_KEEP_REMOTE_FILES=1",
        at.ssh("python3 --version; ls -d ~/.ansible/tmp/*"),
    )
    return Match(proof(line), Confidence.LIKELY, explanation, fixes)


def _string(text: str) -> str:
    """The JSON string that `text` begins with; as it is where the log cuts it."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return text.strip('"')
    return value if isinstance(value, str) else text


def _last(rows: list[Line]) -> Line | None:
    """The line with the exception's name: the last one that is not indented and not ssh's farewell."""
    found = None
    for row in rows:
        text = row.text
        if (
            text[:1].isspace()
            or not text.strip()
            or text.startswith(("Shared connection to", "Connection to ", "Traceback "))
        ):
            continue
        name = text.partition(":")[0]
        if name.replace(".", "").replace("_", "").isalnum():
            found = row
    return found
