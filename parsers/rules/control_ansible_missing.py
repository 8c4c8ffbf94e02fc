"""Ansible itself could not be started on the control node: it is not installed, not whole, or not in PATH.

What you see:
The shell's own words, and nothing of Ansible: `ansible-playbook: command not found` (exit code 127), `bad interpreter:
No such file or directory`, `Permission denied`. Or Python's traceback through `bin/ansible-playbook` that ends with
`ModuleNotFoundError: No module named 'ansible'` or `No module named 'ansible.module_utils.six.moves'`.

Why it happens:
ansible-core is installed for another user or in a virtual environment that is not active (cron, sudo and CI jobs have a
PATH of their own); an upgrade of Python took its packages away; leftovers of `ansible`, `ansible-base` and
`ansible-core` overlap; or the Python is too new for an old ansible-core (3.12 and later have no `six.moves` loader for
2.9 to 2.16).

How to be sure:
`command -v ansible-playbook; head -n 1 "$(command -v ansible-playbook)"` shows which program it is and its Python;
`python3 -m pip list | grep -i ansible` what is installed there.

Fix:
Install it into an environment of its own: `pipx install ansible-core`, or `python3 -m venv ~/ansible &&
~/ansible/bin/pip install ansible-core`. With leftovers: `pip uninstall ansible ansible-base ansible-core`, then
install again.

Not this when:
The same ModuleNotFoundError stands in `module_stderr` of a host's result: that is the managed node's Python
(python-too-new).
"""

from __future__ import annotations

from parsers.declined import looked_for
from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._control import control_lines
from parsers.rules._said import missing_program, proof
from parsers.rules._values import quote, shown
from parsers.ssh.transcript import Line

_MODULE = "No module named 'ansible"
_WORDS = ("command not found", ": not found", "bad interpreter", _MODULE)
_INSTALL = ("python3 -m pip list | grep -i ansible", "pipx install ansible-core")
_LEFTOVERS = "python3 -m pip uninstall ansible ansible-base ansible-core"


@rule(
    "control-ansible-missing",
    order=30,
    title="Ansible could not be started on the control node",
    category=1,
    stages=(Stage.CONTROL,),
)
def check(case: Case) -> Match | None:
    """Looks for the shell's or Python's own words, before Ansible's first line."""
    lines = control_lines(case)
    found = next((match for line in lines if (match := _shell(line) or _module(line)) is not None), None)
    looked_for(
        _WORDS, None if found is None else next(line for line in lines if line.line == found.evidence[0].place.line)
    )
    return found


def _shell(line: Line) -> Match | None:
    text = line.text.strip()
    program = missing_program(text)
    for words, why in (
        (": Permission denied", "is there, and this user may not run it or its Python"),
        ("bad interpreter", "is there, and the Python that its first line names is not"),
        ("cannot execute: required file not found", "is there, and the Python that its first line names is not"),
    ):
        if words in text and "ansible" in text:
            return _match(line, f"The program {why}: {shown(text)}.", (_which(text), *_INSTALL))
    if program and program.rpartition("/")[2].startswith("ansible"):
        return _match(line, f"The shell found no {shown(program)} in its PATH.", (_which(program), *_INSTALL))
    if text.startswith("Command 'ansible") and "' not found" in text:
        return _match(line, "The shell found no such program in its PATH.", _INSTALL)
    return None


def _module(line: Line) -> Match | None:
    if not line.text.startswith(("ModuleNotFoundError: ", "ImportError: ")) or _MODULE not in line.text:
        return None
    name = line.text.partition("No module named '")[2].partition("'")[0]
    if name.startswith("ansible.module_utils.six"):
        why = f"This Python is too new for this ansible-core, or two installations overlap: it has no {shown(name)}."
    else:
        why = f"The Python that runs the program has no module {shown(name)}: it was installed for another Python."
    return _match(line, why, (_INSTALL[0], _LEFTOVERS, _INSTALL[1]))


def _match(line: Line, explanation: str, fixes: tuple[str, ...]) -> Match:
    return Match(proof(line), explanation=explanation, fixes=fixes)


def _which(text: str) -> str:
    name = next(
        (word for word in ("ansible-playbook", "ansible-galaxy", "ansible") if word in text), "ansible-playbook"
    )
    return f'command -v {quote(name)}; echo "$PATH"'
