"""The interpreter that was found is a placeholder of pyenv, asdf or Xcode with nothing behind it.

What you see:
rc 127 with `pyenv: python3.13: command not found` and `The 'python3.13' command exists in these Python versions:`;
the same with asdf (`No version is set for command python3`), or `xcode-select: note: no developer tools were found`.

Why it happens:
The discovery asks `command -v`, which finds the shim. The shim works only in a shell that pyenv or asdf has set up,
or once the tools are installed.

How to be sure:
`ssh USER@HOST python3 --version` fails with the same words.

Fix:
Name a real interpreter: `ansible_python_interpreter=/usr/bin/python3`; or `pyenv global VERSION` for that user; on
macOS `xcode-select --install`.

Not this when:
The shell itself finds no such program (python-missing, python-wrong-path).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.model import Stage
from parsers.rules._python import runs_own_command
from parsers.rules._said import is_module_json, proof, said
from parsers.rules._values import shown, target
from parsers.ssh.transcript import Line

_WORDS = (
    "xcode-select: note: no developer tools were found",
    "command exists in these Python versions:",
    "No version is set for command python",
)


@rule(
    "python-shim",
    order=950,
    title="The Python that was found is only a shim",
    category=3,
    stages=(Stage.EXEC, Stage.PROBE, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for the shim's words in a module's run."""
    if runs_own_command(case) or (case.command is not None and case.command.rc == 0):
        return None
    rows = [row for row in said(case) if not is_module_json(row)]
    line = next((row for row in rows if _is_shim(row)), None)
    if line is None:
        return None
    at = target(case)
    explanation = (
        f"The Python that was found at {at.at} is a shim with no version behind it: {shown(line.text.strip())}"
    )
    fixes = (at.ssh("ls -l /usr/bin/python3*"), "ansible_python_interpreter=/usr/bin/python3")
    return Match(proof(line), explanation=explanation, fixes=fixes)


def _is_shim(line: Line) -> bool:
    text = line.text.strip()
    return (text.startswith(("pyenv: ", "asdf: ")) and "python" in text) or any(word in text for word in _WORDS)
