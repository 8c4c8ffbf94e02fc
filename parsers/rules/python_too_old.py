"""The module does not start: the managed node's Python is too old for this ansible-core.

What you see:
`SyntaxError: future feature annotations is not defined` (from 2.17 on, a Python below 3.7), or `ansible-core requires
a minimum of Python version 3.8. Current version: …`; in 2.9 `Ansible requires a minimum of Python2 version 2.6 or
Python3 version 3.5.`, from 2.20 on `Ansible requires Python 3.9 or newer on the target. Current version: …`

Why it happens:
Every ansible-core has an oldest Python for managed nodes: 3.5 for 2.13 to 2.15 (beside 2.7), 3.6 for 2.16 (beside
2.7), 3.7 for 2.17, 3.8 for 2.18 and 2.19, 3.9 for 2.20 and 2.21. EL 8 and its kin come with 3.6.

How to be sure:
`ssh USER@HOST python3 --version`, or the path that `ansible_python_interpreter` names.

Fix:
Install a newer one there (`dnf install python3.12`) and set `ansible_python_interpreter=/usr/bin/python3.12`; or use
an ansible-core that fits: `pip install "ansible-core<2.17"`.

Not this when:
`requires Python … or newer on the controller` is about the control node (control-python-too-old).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._python import runs_own_command
from parsers.rules._said import is_module_json, message_lines, proof, said
from parsers.rules._values import shown, target
from parsers.ssh.transcript import Line

_WORDS = (
    "SyntaxError: future feature annotations is not defined",
    "ansible-core requires a minimum of Python",
    "ansible-base requires a minimum of Python",
    "Ansible requires a minimum of Python",
    " or newer on the target. Current version: ",
)


@rule(
    "python-too-old",
    order=960,
    title="The managed node has too old a Python for this ansible-core",
    category=3,
    stages=(Stage.EXEC, Stage.PROBE, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for the words of Python or of the module."""
    if runs_own_command(case):
        return None
    rows = [row for row in said(case) if not is_module_json(row)]
    line = next((row for row in [*rows, *message_lines(case)] if _says(row)), None) or _inside(case)
    if line is None:
        return None
    at = target(case)
    version = case.run.ansible_version
    core = f"ansible-core {shown(version, 20)}" if version else "this ansible-core"
    explanation = f"The Python that runs modules at {at.at} is too old for {core}."
    fixes = (
        at.ssh("ls /usr/bin/python3*; python3 --version"),
        "dnf install python3.12",
        "ansible_python_interpreter=/usr/bin/python3.12",
        "pip install 'ansible-core<2.17'",
    )
    return Match(proof(line), explanation=explanation, fixes=fixes)


def _says(line: Line) -> bool:
    return any(word in line.text for word in _WORDS)


def _inside(case: Case) -> Line | None:
    """The module's own result, which holds nothing but that refusal."""
    if case.command is None or case.command.rc == 0:
        return None
    rows = [row for row in case.command.transcript.plain if is_module_json(row)]
    return next((row for row in rows if any(word in row.text for word in _WORDS[1:])), None)
