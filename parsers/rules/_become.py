"""What the rules on privilege escalation share."""

from __future__ import annotations

from parsers.declined import required
from parsers.findings import Case
from parsers.model import Command
from parsers.rules._said import ending_line, is_module_json, said
from parsers.ssh.transcript import Line


def escalation_lines(case: Case) -> list[Line]:
    """What was said in a command that escalates, without a module's own result; empty where it did not escalate."""
    command = case.command
    if command is not None and (not command.become or command.rc == 0):
        why = "The command ended well" if command.become else "The command does not escalate (no BECOME-SUCCESS in it)"
        required(f"{why}.", ending_line(command))
        return []
    return [row for row in said(case) if not is_module_json(row)]


def become_program(command: Command) -> str:
    """The name of the program that escalates (`sudo`, `su`, `dzdo`), from the command's text; empty without become."""
    if not command.become:
        return ""
    words = _escalation(command.text).split(None, 1)
    return words[0].rpartition("/")[2].strip("'\"") if words else ""


def _escalation(text: str) -> str:
    """The command that escalates: what the shell gets, where Ansible starts one; `raw` has none around it."""
    _, found, inner = text.partition("-c '")
    return inner if found and text.split(None, 1)[0].endswith("sh") else text


def su_user(command: Command) -> str:
    """The user that Ansible's `su  USER -c …` becomes; empty where the command has none."""
    if become_program(command) != "su":
        return ""
    words = _escalation(command.text).partition(" -c ")[0].split()
    return words[-1] if len(words) > 1 and not words[-1].startswith("-") else ""
