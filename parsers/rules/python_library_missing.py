"""The module ran and lacks a library of the managed node's Python.

What you see:
`Failed to import the required Python library (X) on HOST's Python /usr/bin/python3`, `Could not import the dnf python
module using /usr/bin/python3.x (…). Please install python3-dnf`, `Aborting, target uses selinux but python bindings
(libselinux-python) aren't installed!` or `python3-apt must be installed`.

Why it happens:
Some modules use libraries that are packages of their own, and these exist for the distribution's own Python only:
another interpreter (pyenv, python3.12 beside the system's) does not see them.

How to be sure:
`ssh USER@HOST PYTHON -c "import X"` with the interpreter that the message names.

Fix:
Install the package that is named (`python3-dnf`, `python3-libselinux`, `python3-apt`), or use the interpreter that
has it: `ansible_python_interpreter=/usr/bin/python3`.

Not this when:
A traceback with `No module named` is module-traceback; a Python that is not there at all has rc 127.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._python import runs_own_command
from parsers.rules._said import message_lines, proof
from parsers.rules._values import shown, target

_WORDS = (
    "Failed to import the required Python library",
    "Could not import the dnf python module",
    "Could not import the libdnf5 python module",
    "(libselinux-python) aren't installed",
    "python3-apt must be installed",
    "python-apt must be installed",
    "No module named 'apt'",
)


@rule(
    "python-library-missing",
    order=1000,
    title="A Python library for the module is missing",
    category=3,
    stages=(Stage.EXEC, Stage.RESULT, Stage.CONTROL),
)
def check(case: Case) -> Match | None:
    """Looks for the words with which modules ask for a library."""
    if runs_own_command(case):
        return None
    line = next((row for row in message_lines(case) if any(word in row.text for word in _WORDS)), None)
    if line is None:
        return None
    at = target(case)
    explanation = f"A library is missing at {at.at}: {shown(line.text.strip(), 300)}"
    fixes = (at.ssh("ls /usr/bin/python3*; python3 --version"), "ansible_python_interpreter=/usr/bin/python3")
    return Match(proof(line), explanation=explanation, fixes=fixes)
