"""The module does not start: the managed node's Python is too new for this ansible-core.

What you see:
`ModuleNotFoundError: No module named 'ansible.module_utils.six.moves'` in module_stderr or module_stdout, rc 1.

Why it happens:
Python 3.12 took away what the copy of six in ansible-core up to 2.15 needs.

How to be sure:
`ssh USER@HOST python3 --version` shows 3.12 or later; `ansible --version` a core up to 2.15.

Fix:
A newer ansible-core on the control node (`pip install -U ansible-core`), or an older Python for the modules:
`ansible_python_interpreter=/usr/bin/python3.11`.

Not this when:
The same words in a traceback of `ansible` itself: then the control node has a mixture of versions.
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._python import runs_own_command
from parsers.rules._said import find, is_module_json, message_lines, proof, said
from parsers.rules._values import shown, target

_WORDS = "No module named 'ansible.module_utils.six.moves'"


@rule(
    "python-too-new",
    order=970,
    title="The managed node has too new a Python for this ansible-core",
    category=3,
    stages=(Stage.EXEC, Stage.PROBE, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for Python's words in a module's run."""
    if runs_own_command(case) or (case.command is not None and case.command.rc == 0):
        return None
    line = next((row for row in said(case) if not is_module_json(row) and _WORDS in row.text), None)
    line = line or find(message_lines(case), _WORDS)
    if line is None:
        return None
    at = target(case)
    version = case.run.ansible_version
    core = f"ansible-core {shown(version, 20)}" if version else "this ansible-core"
    explanation = f"The Python that runs modules at {at.at} is too new for {core}."
    fixes = (
        at.ssh("python3 --version"),
        "pip install -U ansible-core",
        "ansible_python_interpreter=/usr/bin/python3.11",
    )
    return Match(proof(line), explanation=explanation, fixes=fixes)
