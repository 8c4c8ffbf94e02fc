"""What the rules on privilege escalation share."""

from __future__ import annotations

from parsers.declined import required
from parsers.findings import Case
from parsers.rules._said import ending_line, is_module_json, said
from parsers.transcript import Line


def escalation_lines(case: Case) -> list[Line]:
    """What was said in a command that escalates, without a module's own result; empty where it did not escalate."""
    command = case.command
    if command is not None and (not command.become or command.rc == 0):
        why = "The command ended well" if command.become else "The command does not escalate (no BECOME-SUCCESS in it)"
        required(f"{why}.", ending_line(command))
        return []
    return [row for row in said(case) if not is_module_json(row)]
