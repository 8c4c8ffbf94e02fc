"""What the rules on privilege escalation share."""

from __future__ import annotations

from parsers.findings import Case
from parsers.rules._said import is_module_json, said
from parsers.transcript import Line


def escalation_lines(case: Case) -> list[Line]:
    """What was said in a command that escalates, without a module's own result; empty where it did not escalate."""
    if case.command is not None and (not case.command.become or case.command.rc == 0):
        return []
    return [row for row in said(case) if not is_module_json(row)]
