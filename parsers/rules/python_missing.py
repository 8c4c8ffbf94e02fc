"""The managed node has no Python that Ansible could find.

What you see:
The discovery prints `FOUND` and `ENDFOUND` with nothing in between, Ansible warns `No python interpreters found for
host`, and the module then ends with rc 127 and `/bin/sh: 1: /usr/bin/python3: not found` (or `No such file or
directory`). The message is `The module failed to execute correctly, you probably need to set the interpreter.` up to
2.18, `The module interpreter '/usr/bin/python3' was not found.` from 2.19 on.

Why it happens:
Minimal images (Alpine, cloud images, containers, appliances) have no Python. Or it lies outside the PATH of a
non-interactive shell (/opt, pyenv, a Software Collection).

How to be sure:
`ssh USER@HOST 'command -v python3; ls /usr/bin/python* /usr/local/bin/python* /usr/libexec/platform-python'`.

Fix:
Install it with the raw module, which needs none: `ansible HOST -m raw -a 'apt-get install -y python3' --become` (dnf,
apk add, pkg install …). If one is there, name it: `ansible_python_interpreter=/path/to/python3`.

Not this when:
Another word stands before `not found`: `sudo: command not found` is become-program-missing. No discovery ran and
`ansible_python_interpreter` names a file that is not there: python-wrong-path. `pyenv: python3: command not found` is
a shim. A `python: not found` in a module's own output is about what that module ran.
"""

from __future__ import annotations

from parsers.declined import ruled_out
from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._python import broken_discovery, empty_discovery, is_default, lost_interpreter
from parsers.rules._said import proof
from parsers.rules._values import quote, shown, target


@rule(
    "python-missing",
    order=930,
    title="The managed node has no Python",
    category=3,
    stages=(Stage.DISCOVERY, Stage.PROBE, Stage.EXEC, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for an interpreter that the shell did not find, after a discovery that found none."""
    discovered = empty_discovery(case)
    lost = lost_interpreter(case)
    broken = broken_discovery(case)
    if broken is not None:
        ruled_out("The discovery met an error, so it tells nothing of the node.", broken)
        return None
    if lost is not None and discovered is None and is_default(case, lost[1]):
        at = target(case)
        explanation = f"There is no {lost[1]} at {at.at}, which is what Ansible takes where it finds no other Python."
        name = quote(case.host.name if case.host is not None else "", "HOST")
        fixes = (
            at.ssh("command -v python3; ls /usr/bin/python* /usr/local/bin/python*"),
            f"ansible {name} -m raw -a 'apt-get install -y python3' --become",
            f"ansible {name} -m raw -a 'dnf install -y python3' --become",
            "ansible_python_interpreter=/usr/bin/python3",
        )
        return Match(proof(lost[0]), Confidence.LIKELY, explanation, fixes)
    if lost is not None and discovered is None:
        ruled_out("No discovery that found nothing: the interpreter that is missing was set, or was found.", lost[0])
        return None
    if discovered is None or (lost is None and (case.stage is None or case.stage.stage is not Stage.DISCOVERY)):
        return None
    at = target(case)
    program = lost[1] if lost is not None else "python"
    explanation = (
        f"The interpreter discovery found no Python at {at.at}, and {shown(program)}, tried instead, is not there."
    )
    name = quote(case.host.name if case.host is not None else "", "HOST")
    fixes = (
        at.ssh("command -v python3; ls /usr/bin/python* /usr/local/bin/python*"),
        f"ansible {name} -m raw -a 'apt-get install -y python3' --become",
        f"ansible {name} -m raw -a 'dnf install -y python3' --become",
        "ansible_python_interpreter=/path/to/python3",
    )
    return Match(proof(lost[0] if lost is not None else None, *discovered), explanation=explanation, fixes=fixes)
