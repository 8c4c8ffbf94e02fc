"""A script's first line names a program that is not there; most often there is a carriage return behind its name.

What you see:
The task `script` (or a `command`, `shell` or `raw` that runs a script) ends with rc 127, or 126, and one of
`/usr/bin/env: 'bash\\r': No such file or directory`, `/bin/bash^M: bad interpreter` (bash up to 5.1), `…/run.sh: cannot
execute: required file not found` (bash from 5.2 on), or, of `script`, `…/run.sh: not found` (dash), although Ansible
has just copied it there. Ansible's own message is `non-zero return code`. The module command says `[Errno 2] No such
file or directory` of the script itself (from 2.20 on `Error executing command.` alone).

Why it happens:
The script was written or checked out on Windows: its lines end in CR LF, and the kernel takes the CR for a part of the
program's name. Or the program of its first line is not installed on the managed node (`#!/bin/bash` on Alpine,
`#!/usr/bin/python`).

How to be sure:
`head -n 1 FILE | od -c` shows `\\r \\n` at the end. Otherwise `head -n 1 FILE` names the program, and `ls -l` of that
says on the node whether it is there.

Fix:
`sed -i 's/\\r$//' FILE` where the script lies (for the module script that is the control node); in git `*.sh text
eol=lf` in .gitattributes keeps it so. Or install the program, or name another one (`executable:` of the module script).

Not this when:
The program that is not found is the module's Python: python-wrong-path, python-missing. A file that the task itself
names and that is not there says the same in dash, where the module is not script.
"""

from __future__ import annotations

import re

from parsers.declined import looked_for
from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._said import is_module_json, missing_program, proof
from parsers.rules._values import quote, shown, target
from parsers.ssh.transcript import Line

_SCRIPT = ("script", "ansible.builtin.script", "ansible.legacy.script")
_NAMESPACES = ("", "ansible.builtin.", "ansible.legacy.")
_RUNS_SCRIPTS = (*_SCRIPT, *(f"{where}{name}" for where in _NAMESPACES for name in ("command", "shell", "raw")))
# coreutils escapes the CR (8.25 and later); older ones, busybox and bash write it as it is, or as ^M.
_CR = r"(?:\r|\\r|\^M)"
_RETURN = re.compile(
    rf"(?:env: (?:can't execute )?['\"‘“]?(?P<env>[^'\"‘“\r]{{1,80}}?){_CR}['\"’”]?: No such file or directory"
    rf"|: (?P<bad>/[^:\r]{{1,200}}?){_CR}: bad interpreter)"
)
_REQUIRED = ": cannot execute: required file not found"
_BAD = ": bad interpreter"
_WORDS = ("'bash\\r': No such file or directory", _BAD, _REQUIRED)
_ROWS, _CUT = 40, 400


@rule(
    "script-interpreter",
    order=1035,
    title="The first line of a script names a program that is not there",
    category=3,
    stages=(Stage.EXEC, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for the words of env and of the shells on the program of a script's first line."""
    action = (case.task.action or "") if case.task is not None else ""
    # Without debug output, and without a module's file, a log does not tell the action.
    if action not in ("", *_RUNS_SCRIPTS) or (case.command is not None and case.command.rc == 0):
        return None
    rows = _rows(case)
    returned = next(((row, found) for row in rows if (found := _RETURN.search(row.text)) is not None), None)
    if returned is not None:
        line, found = returned
        program = found["env"] or found["bad"]
        explanation = (
            f"The first line of the script ends in CR LF, as Windows writes it, so that a program {shown(program, 80)} "
            f"with a carriage return behind its name was looked for{_where(case)}."
        )
        return Match(proof(line), Confidence.CERTAIN, explanation, _fixes(case, _script(case, rows)))
    bad = next((row for row in rows if _REQUIRED in row.text or _BAD in row.text), None)
    lost = bad or _copied(action, rows)
    looked_for(_WORDS, lost)
    if lost is None:
        return None
    path = _script(case, rows)
    explanation = (
        f"{shown(path or 'The script')} is there{_where(case)}, and the program that its first line (#!) names is not. "
        "Most often that line ends in CR LF, as Windows writes it; or the program is not installed."
    )
    return Match(proof(lost), Confidence.LIKELY, explanation, _fixes(case, path))


def _rows(case: Case) -> list[Line]:
    """What the shell said, or what a module says that the program said which it ran."""
    rows = list(case.command.transcript.plain) if case.command is not None else []
    rows = [row for row in rows if not is_module_json(row)]
    for result in case.task.results if case.task is not None else ():
        if result.ignored:
            continue
        for text, place, stderr in result.said:
            lines = text.split("\n")[:_ROWS]
            rows.extend(Line(place.offset, place.line, row[:_CUT], stderr) for row in lines if row)
    return rows


def _copied(action: str, rows: list[Line]) -> Line | None:
    """The script that Ansible copied there itself, and that the shell calls absent all the same."""
    if action not in ("", *_SCRIPT):
        return None
    return next((row for row in rows if _is_copy(missing_program(row.text) or "")), None)


def _is_copy(path: str) -> bool:
    return "/ansible-tmp-" in path and "AnsiballZ_" not in path


def _script(case: Case, rows: list[Line]) -> str | None:
    """The script, where the words or the command of the module script name it."""
    for row in rows:
        text = row.text.strip()
        if text.endswith(_REQUIRED):
            return text.removesuffix(_REQUIRED).rpartition(": ")[2]
        if _BAD in text:
            return text.partition(_BAD)[0].rpartition(": ")[0].rpartition(": ")[2] or None
        missing = missing_program(text) or ""
        if _is_copy(missing):
            return missing
    words = case.command.text.split() if case.command is not None else []
    return next((word for word in words if _is_copy(word)), None)


def _where(case: Case) -> str:
    at = target(case).at
    return f" at {at}" if at else ""


def _fixes(case: Case, path: str | None) -> tuple[str, ...]:
    """On the control node where the module script brought it; else where it lies."""
    name = quote((path or "").rpartition("/")[2], "SCRIPT")
    if (case.task is not None and (case.task.action or "") in _SCRIPT) or _is_copy(path or ""):
        return f"head -n 1 {name} | od -c", f"sed -i 's/\\r$//' {name}", "*.sh text eol=lf"
    at = target(case)
    there = quote(path or "", "SCRIPT")
    return at.ssh(f"head -n 1 {there} | od -c"), at.ssh(f"sed -i 's/\\r$//' {there}"), "*.sh text eol=lf"
