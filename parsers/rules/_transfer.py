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
    """`The next way worked; 3 transfers of this host took 1.2 s longer.`, or how many, where the log has no times."""
    seconds, count, timed = 0.0, 0, False
    tasks = case.host.tasks if case.host is not None else []
    for last in (command for task in tasks for command in task.commands):
        attempts = _attempts(last) if last.stage is Stage.TRANSFER and last.rc == 0 else []
        if attempts:
            count += 1
            if attempts[0].started is not None and last.started is not None:
                timed = True
                seconds += max(0.0, last.started - attempts[0].started)
    what = "1 transfer" if count == 1 else f"{count} transfers"
    if not timed:
        return f"The next way worked, for {what} of this host; how much longer it took, this log does not tell."
    return f"The next way worked; {what} of this host took {seconds:.2f} s longer."


def answers_hold_more(case: Case) -> Line | None:
    """A line that stands before the home directory in the answer to Ansible's first command: a start-up file's."""
    for command in before(case):
        if command.stage is Stage.HOME and command.rc == 0:
            rows = [row for row in command.transcript.plain if not row.stderr and row.text.strip()]
            if len(rows) > 1:
                return rows[0]
    return None


def attempts_before(last: Command) -> list[Command]:
    """The failed attempts of the transfer that `last` is an attempt of, the first one first.

    Only the first has a path: Ansible prints `PUT` once and then goes through its ways (2.2-2.21).
    """
    found: list[Command] = []
    path = last.remote_path
    earlier = last.task.commands if last.task is not None else []
    for command in sorted(earlier, key=lambda one: one.index, reverse=True):
        if command.index >= last.index:
            continue
        other = path is not None and command.remote_path not in (None, path)
        if command.stage is not Stage.TRANSFER or command.rc == 0 or other:
            break
        found.insert(0, command)
        path = path or command.remote_path
    return found


def _attempts(last: Command) -> list[Command]:
    return [command for command in attempts_before(last) if command.tool is not last.tool]
