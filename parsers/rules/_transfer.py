"""What the rules on file transfers share: attempts that failed before one that worked, and what they cost."""

from __future__ import annotations

from parsers.findings import Case
from parsers.model import Command, Stage
from parsers.rules._said import before
from parsers.ssh.transcript import Line


def failed_attempts(case: Case) -> list[Command]:
    """The attempts of this one transfer before the command that worked; empty where it did not work, or at once."""
    last = case.command
    if last is None or last.rc != 0 or last.stage is not Stage.TRANSFER:
        return []
    return _attempts(last)


def failed_lines(case: Case) -> list[Line]:
    """What the failed attempts of a transfer that worked in the end said."""
    return [line for command in failed_attempts(case) for line in command.transcript.plain]


def cost(case: Case) -> str:
    """`The next way worked; 3 transfers of this host took 1.2 s longer.`"""
    seconds, count = 0.0, 0
    tasks = case.host.tasks if case.host is not None else []
    for last in (command for task in tasks for command in task.commands):
        attempts = _attempts(last) if last.stage is Stage.TRANSFER and last.rc == 0 else []
        if attempts:
            count += 1
            if attempts[0].started is not None and last.started is not None:
                seconds += max(0.0, last.started - attempts[0].started)
    what = "1 transfer" if count == 1 else f"{count} transfers"
    return f"The next way worked; {what} of this host took {seconds:.2f} s longer."


def answers_hold_more(case: Case) -> Line | None:
    """A line that stands before the home directory in the answer to Ansible's first command: a start-up file's."""
    for command in before(case):
        if command.stage is Stage.HOME and command.rc == 0:
            rows = [row for row in command.transcript.plain if not row.stderr and row.text.strip()]
            if len(rows) > 1:
                return rows[0]
    return None


def _attempts(last: Command) -> list[Command]:
    if last.task is None:
        return []
    return [
        command
        for command in last.task.commands
        if command.stage is Stage.TRANSFER
        and command.index < last.index
        and command.remote_path == last.remote_path
        and command.tool is not last.tool
        and command.rc != 0
    ]
