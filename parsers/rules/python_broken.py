"""Python starts on the managed node and fails at a library of its own.

What you see:
`ERROR:root:code for hash md5 was not found`, `ValueError: unsupported hash type`, `error while loading shared
libraries: libpython…`, or `Fatal Python error: …`.

Why it happens:
An OpenSSL that does not fit (an upgrade, a Python built by hand), FIPS mode, LD_LIBRARY_PATH or PYTHONHOME of the
login user, half an upgrade.

How to be sure:
`ssh USER@HOST "python3 -c 'import hashlib, ssl; print(hashlib.md5())'"` fails in the same way.

Fix:
Another interpreter (`ansible_python_interpreter=/usr/bin/python3`), or reinstall Python and OpenSSL from packages;
take PYTHONHOME and LD_LIBRARY_PATH out of the start-up files.

Not this when:
A library of a module is missing (python-library-missing).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._python import runs_own_command
from parsers.rules._said import is_module_json, proof, said
from parsers.rules._values import shown, target

_WORDS = (
    "ERROR:root:code for hash ",
    "ValueError: unsupported hash type",
    "error while loading shared libraries: libpython",
    "Fatal Python error: ",
)

_ENCODING = "Fatal Python error: init_"


@rule(
    "python-broken",
    order=1010,
    title="The managed node's Python is damaged",
    category=3,
    stages=(Stage.EXEC, Stage.PROBE, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for Python's own words in a module's run that failed."""
    if runs_own_command(case) or (case.command is not None and case.command.rc == 0):
        return None
    line = next(
        (row for row in said(case) if not is_module_json(row) and any(word in row.text for word in _WORDS)), None
    )
    if line is None:
        return None
    at = target(case)
    explanation = f"Python at {at.at} is damaged: {shown(line.text.strip())}"
    fixes = (at.ssh("python3 -c 'import hashlib, ssl'"), "ansible_python_interpreter=/usr/bin/python3")
    if _ENCODING in line.text and " codec " in line.text:
        explanation = (
            f"Python at {at.at} cannot start: {shown(line.text.strip())}. Its own library is not found, or an encoding "
            "is set that there is none of: most often a start-up file of the user sets PYTHONHOME or PYTHONIOENCODING."
        )
        files = "~/.bashrc ~/.profile ~/.zshenv /etc/environment"
        fixes = (at.ssh("env | grep -E '^(PYTHON|LC_|LANG)'"), at.ssh(f"grep -n PYTHON {files}"))
    return Match(proof(line), explanation=explanation, fixes=fixes)
