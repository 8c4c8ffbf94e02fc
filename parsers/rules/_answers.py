"""Commands of one host that all had the same answer, whatever they asked for."""

from __future__ import annotations

from parsers.findings import Case
from parsers.model import Command, Tool
from parsers.rules._said import before
from parsers.ssh.transcript import USUAL, Line


def answer(command: Command) -> list[Line]:
    """What came back, without what ssh says of every session."""
    return [row for row in command.transcript.plain if row.text.strip() and not row.text.startswith(USUAL)]


def alike(case: Case) -> list[Command]:
    """Every command of the host up to the end of the failed task, if there are two at least and no two of them differ.

    Different commands, none of which used become, with the same rc and the same lines in answer.
    """
    if case.task is None or case.host is None:
        return []
    commands = {command.index: command for command in (*before(case), *case.task.commands)}
    found = [commands[index] for index in sorted(commands)]
    if len({command.text for command in found}) < 2 or any(not _ended(command) for command in found):
        return []
    first = _heard(found[0])
    return found if all(_heard(command) == first for command in found) else []


def alike_rc(commands: list[Command]) -> int | None:
    """The return code that they share; None where there is none, or where it is ssh's own."""
    rc = commands[0].rc if commands else None
    return rc if rc != 255 else None


def _ended(command: Command) -> bool:
    return command.tool is Tool.SSH and not command.become and command.has_tuple and bool(command.text)


def _heard(command: Command) -> tuple[int | None, tuple[str, ...]]:
    return command.rc, tuple(row.text.strip() for row in answer(command))
