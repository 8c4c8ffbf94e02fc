"""What the rules on the managed node's Python share."""

from __future__ import annotations

from itertools import pairwise

from parsers.declined import required
from parsers.findings import Case
from parsers.model import Command, Stage
from parsers.rules._said import before, ending_line, is_module_json, message_lines, missing_program, module_lines
from parsers.ssh.transcript import Line

_OWN_COMMANDS = ("raw", "script", "ansible.builtin.raw", "ansible.builtin.script")
"""Actions that run what the playbook says: a program that they miss is not Ansible's interpreter."""

_MESSAGE = "The module interpreter "
_NONE_FOUND = "No python interpreters found for host"
_BROKEN = "Unhandled error in Python interpreter discovery for host"
_SHIMS = ("pyenv: ", "asdf: ", "rbenv: ")


def runs_own_command(case: Case) -> bool:
    """Whether the task runs the playbook's own shell command, not a module."""
    return case.task is not None and (case.task.action or "") in _OWN_COMMANDS


def lost_interpreter(case: Case) -> tuple[Line, str] | None:
    """The line that says that the module's interpreter is not there, and its name; rc 127 where the log has a rc."""
    if runs_own_command(case):
        return None
    command = case.command
    if command is not None and command.rc not in (None, 127):
        required(f"rc {command.rc}: a shell that does not find the interpreter ends with 127.", ending_line(command))
        return None
    if command is not None:
        for line in command.transcript.plain:
            if is_module_json(line) or line.text.startswith(_SHIMS):
                continue
            program = missing_program(line.text)
            if program and _is_interpreter(program, command.text):
                return line, program
    for line in module_lines(case):
        program = missing_program(line.text)
        if program and not is_module_json(line) and not line.text.startswith(_SHIMS) and _is_interpreter(program, ""):
            return line, program
    for line in message_lines(case):
        start = line.text.find(_MESSAGE)
        if start >= 0 and "was not found" in line.text:
            return line, line.text[start:].partition("'")[2].partition("'")[0]
    return None


_BARRED = ("Permission denied", "Is a directory", "Not a directory", "Exec format error")
"""What dash, bash, ksh, zsh and busybox say of a program that is there and cannot be executed."""


def barred_interpreter(case: Case) -> tuple[Line, str, str] | None:
    """The shell's line on an interpreter that it could not execute, the interpreter, and the reason."""
    command = case.command
    rows = command.transcript.plain if command is not None else module_lines(case)
    for line in rows:
        head, _, reason = line.text.strip().rpartition(": ")
        if reason not in _BARRED or is_module_json(line):
            continue
        program = head.removesuffix(": cannot execute binary file").rpartition(": ")[2].strip(" '\"‘’")
        # The module's own file stands in the command, too: noexec-mount.
        if "/ansible-tmp-" in program or "AnsiballZ_" in program:
            continue
        if _is_interpreter(program, command.text if command is not None else f"{program} "):
            return line, program, reason
    return None


def is_default(case: Case, program: str) -> bool:
    """Whether a log below -vvv names the path that Ansible takes by itself, so that nobody has to have set it."""
    return case.command is None and program in ("/usr/bin/python", "/usr/bin/python3")


def empty_discovery(case: Case) -> list[Line] | None:
    """What shows that the discovery ran and found nothing: its lines, or Ansible's warning; None otherwise."""
    commands = list(before(case))
    if case.command is not None:
        commands.append(case.command)
    for command in reversed(commands):
        if command.stage is not Stage.DISCOVERY:
            continue
        lines = [line for line in command.transcript.plain if line.text.strip() and not line.stderr]
        for first, second in pairwise(lines):
            if first.text.strip() == "FOUND" and second.text.strip() == "ENDFOUND":
                return [first, second]
        return None
    for place, text in case.run.warnings:
        name = case.host.name if case.host is not None else ""
        if any(f"{_NONE_FOUND} {spelt} " in text for spelt in (name, f"'{name}'")):
            return [Line(place.offset, place.line, text, True)]
    return None


def looked_for(case: Case) -> bool:
    """Whether this host's interpreter was looked for at all."""
    commands = list(before(case))
    return any(command.stage is Stage.DISCOVERY for command in commands)


def _is_interpreter(program: str, command: str) -> bool:
    name = program.rpartition("/")[2]
    if "/ansible-tmp-" in program and "AnsiballZ_" not in program:
        return False  # what the module script copied there
    # With pipelining, ansible-core 2.20 and later put nothing behind it (`&& sleep 0` up to 2.19).
    words = command.rstrip("'\" ") + " "
    return "python" in name or "pypy" in name or (program.startswith("/") and f"{program} " in words)


def broken_discovery(case: Case) -> Line | None:
    """Ansible's warning that the interpreter discovery of this host met an error; None where the node answered it."""
    if any(command.stage is Stage.DISCOVERY and command.rc == 0 for command in before(case)):
        return None
    name = case.host.name if case.host is not None else ""
    for place, text in case.run.warnings:
        if any(f"{_BROKEN} {spelt}:" in text for spelt in (name, f"'{name}'")):
            return Line(place.offset, place.line, text, True)
    return None


NO_JSON = (
    "No start of json char found",
    "No end of json char found",
    "Module result deserialization failed",
    "MODULE FAILURE",
)
"""Ansible's words on a module without a result, in the versions 2.0 to 2.19."""


def printed(command: Command) -> list[Line]:
    """What the module, or what stands around it, printed on stdout."""
    return [row for row in command.transcript.plain if not row.stderr and row.text.strip()]


def is_noise(rows: list[Line]) -> bool:
    """Whether a result may stand in `rows` with other text around it: a line begins with a brace, and is not alone."""
    return len(rows) > 1 and any(is_module_json(row) for row in rows)


def always(case: Case, command: Command) -> bool:
    """Whether another command had the same answer: then no module ran at all (forced-command)."""
    own = [row.text for row in printed(command)]
    return bool(own) and any(
        own == [row.text for row in printed(other)] for other in before(case) if other is not command
    )


def no_json(case: Case) -> bool:
    """Whether Ansible says that it found no result in what a module printed."""
    return any(word in line.text for line in message_lines(case) for word in NO_JSON)
