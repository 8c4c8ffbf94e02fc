"""What a launch changes in a command and its environment, and what it refuses: pure, nothing is started here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

VERBOSITY = 4
"""`-vvvv`: ssh's commands and their results (`-vvv`), and the connection's own debug text up to 2.16 (`-vvvv`)."""

# Short options that take a value, so that `-e v=1` and `-ivvv` are not read as v's. From `--help` of ansible-core
# 2.13 to 2.19; `ansible-pull` gives -C, -d, -m, -o, -s and -f other meanings than the rest.
_WITH_VALUE = {
    "ansible": "PBtucTefMaiml",
    "ansible-console": "uTcefMil",
    "ansible-playbook": "uTcefMtil",
    "ansible-pull": "uTceMtildsUCm",
}

_OFF = frozenset({"0", "no", "false", "f", "n", "off", "0.0"})
"""What ansible-core reads as false (`parsing/convert_bool.py`)."""


class RefusedError(Exception):
    """A command that cannot work here; the message says what to use instead."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A command made ready: what is started, with which environment, and what the user should know."""

    argv: tuple[str, ...]
    environ: dict[str, str]
    notes: tuple[str, ...]
    """Sentences on what was changed or could not be."""
    label: str
    """The playbook's name, or the program's: part of the recording's name."""


@dataclass(slots=True)
class _Arguments:
    """What the arguments of an Ansible command say about verbosity, and its playbooks."""

    verbose: int = 0
    positional: list[str] = field(default_factory=list)


def read_arguments(program: str, arguments: Sequence[str]) -> _Arguments:
    """Reads what argparse would of an Ansible command's arguments: clustered and joined short options included."""
    valued = _WITH_VALUE.get(program, _WITH_VALUE["ansible-playbook"])
    found = _Arguments()
    previous = ""
    for position, argument in enumerate(arguments):
        if argument == "--":
            found.positional.extend(arguments[position + 1 :])
            break
        takes_value, previous = previous, ""
        if not argument.startswith("-") or argument == "-":
            if not takes_value:
                found.positional.append(argument)
        elif argument.startswith("--"):
            # argparse takes any prefix that fits one option only.
            found.verbose += len(argument) >= 6 and "--verbose".startswith(argument)
            previous = argument if _takes_value(argument) else ""
        else:
            for place, letter in enumerate(argument[1:], start=1):
                if letter in valued:
                    previous = argument if place == len(argument) - 1 else ""
                    break
                found.verbose += letter == "v"
    return found


# Long options without a value, as `--help` of 2.13 to 2.19 has them; every other one is followed by its value.
_FLAGS = frozenset(
    (
        "--help",
        "--version",
        "--verbose",
        "--become",
        "--check",
        "--diff",
        "--force-handlers",
        "--flush-cache",
        "--list-hosts",
        "--list-tasks",
        "--list-tags",
        "--syntax-check",
        "--step",
        "--one-line",
        "--ask-pass",
        "--ask-become-pass",
        "--ask-vault-pass",
        "--ask-vault-password",
        "--purge",
        "--only-if-changed",
        "--force",
        "--full",
        "--accept-host-key",
        "--verify-commit",
        "--clean",
        "--track-subs",
    )
)


def _takes_value(argument: str) -> bool:
    return "=" not in argument and argument not in _FLAGS


def plan_launch(command: Sequence[str], environ: Mapping[str, str]) -> Plan:
    """Makes `command` show what a reader of its debug output needs, without overriding what was set on purpose.

    RefusedError for a program that talks with the user all the time.

    Ansible wraps what is not debug output at the terminal's width: for a pipe always at 79 columns, COLUMNS or not
    (`Display._set_column_width`, 2.13 to 2.19), so nothing is set for that.
    """
    program = PurePath(command[0]).name
    is_ansible = program in _WITH_VALUE
    env = dict(environ)
    notes: list[str] = []
    argv = list(command)
    label = program
    if is_ansible:
        found = read_arguments(program, command[1:])
        if program == "ansible-console":
            raise RefusedError("ansible-console talks with you on the terminal; launch ansible or ansible-playbook")
        missing = VERBOSITY - found.verbose - _number(env.get("ANSIBLE_VERBOSITY", ""))
        if missing > 0:
            argv.insert(1, "-" + "v" * missing)
        books = [word for word in found.positional if word.endswith((".yml", ".yaml"))]
        label = PurePath(books[0]).stem if books else program
    else:
        notes.append(
            f"{program} is not an Ansible command: it runs all the same, but only what it runs of Ansible shows."
        )
        # Such as `make deploy` or `uv run ansible-playbook`: arguments are not ours to change, variables reach through.
        if not env.get("ANSIBLE_VERBOSITY"):
            env["ANSIBLE_VERBOSITY"] = str(VERBOSITY)
    notes.extend(_set_environment(env))
    return Plan(tuple(argv), env, tuple(notes), re.sub(r"[^A-Za-z0-9._-]+", "_", label)[:40].lstrip(".") or "run")


def _set_environment(env: dict[str, str]) -> list[str]:
    """Sets what the debug output needs where the user has not; returns what the user's own settings will cost."""
    notes = []
    debug = env.get("ANSIBLE_DEBUG", "")
    if not debug:
        env["ANSIBLE_DEBUG"] = "1"
    elif debug.lower() in _OFF:
        notes.append(f"ANSIBLE_DEBUG={debug} is kept as you set it: there will be no chunks and no times.")
    verbosity = env.get("ANSIBLE_SSH_VERBOSITY", "")
    if not verbosity:
        env["ANSIBLE_SSH_VERBOSITY"] = "3"
    elif _number(verbosity) == 0:
        notes.append(
            f"ANSIBLE_SSH_VERBOSITY={verbosity} is kept as you set it: from 2.19 on ssh's own text will be missing."
        )
    # With its output in a pipe Ansible holds back up to 8 KiB (Display flushes no more from 2.14 on): a live view would
    # miss the very command that hangs, and a killed run its last words.
    env.setdefault("PYTHONUNBUFFERED", "1")
    if not env.get("ANSIBLE_FORCE_COLOR") and not env.get("ANSIBLE_NOCOLOR"):
        env["ANSIBLE_NOCOLOR"] = "1"
    return notes


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
