"""Running again: on the hosts that broke, or with more debug output. Pure: nothing is started here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from parsers.rules._values import quote
from tui.sources.base import SourceError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")
"""Inventory names that mean one host in a `--limit`: everything else that a pattern knows (`:`, `,`, `*`, `[`, `~`,
`!`, `&`, `@`, a leading `-`) could mean others (ansible-core 2.13-2.19, `InventoryManager.list_hosts`)."""

_GROUPS = frozenset(("all", "ungrouped", "localhost"))
"""Patterns that mean more, or another, than the host of that name in a log."""

_LIMITED = ("ansible", "ansible-playbook")
_LONGEST = 100_000
"""Bytes of one argument (Linux: 128 KiB)."""

_MORE = {"ANSIBLE_DEBUG": "1", "ANSIBLE_SSH_VERBOSITY": "3"}
_VERBOSE = "-vvvvv"
"""One v above the usual: 2.19 then says of each silent command that it is silent; more adds nothing to ssh."""


class RerunError(SourceError):
    """A run that cannot be repeated in that way; the message says why."""


@dataclass(frozen=True, slots=True)
class Again:
    """A command to be started, and its environment."""

    command: tuple[str, ...]
    environ: dict[str, str]


def sound_names(hosts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Host names of a log, as (those that a `--limit` may hold, those that may mean something else)."""
    sound = [name for name in hosts if _NAME.fullmatch(name) and name.lower() not in _GROUPS]
    return sound, [name for name in hosts if name not in sound]


def again(
    command: Sequence[str], environ: Mapping[str, str], *, hosts: Sequence[str] | None = None, more_debug: bool = False
) -> Again:
    """`command` limited to `hosts` (None: not limited), and with all debug output switched on where `more_debug`.

    RerunError where a name comes from a log and may mean something else, or the command has no `--limit`.
    """
    words = list(command)
    program = PurePath(words[0]).name if words else ""
    env = dict(environ)
    added: list[str] = []
    if hosts is not None:
        if program not in _LIMITED:
            raise RerunError(f"{program or 'the command'} has no --limit that is known: run it again on all hosts")
        added += ["--limit", limit_of(hosts)]
    if more_debug:
        env |= _MORE
        env.pop("ANSIBLE_VERBOSITY", None)
        if program.startswith("ansible"):
            added.append(_VERBOSE)
    # Behind all options of the user's, whose own --limit is then the earlier one and loses; before what ends options.
    at = words.index("--") if "--" in words else len(words)
    return Again((*words[:at], *added, *words[at:]), env)


def limit_of(hosts: Sequence[str]) -> str:
    """The value of `--limit`; RerunError names what may not stand there."""
    sound, odd = sound_names(hosts)
    if odd:
        raise RerunError(
            f"the host name {odd[0]!r} could mean other hosts in a --limit, so nothing was started: give it by hand"
        )
    if not sound:
        raise RerunError("no host broke: there is nothing to limit the run to")
    value = ",".join(sound)
    if len(value) > _LONGEST:
        raise RerunError(f"{len(sound):,} hosts are too many for one --limit: put them into a file, --limit @FILE")
    return value


def by_hand(playbook: str | None, hosts: Sequence[str]) -> str:
    """The command for a shell, for a log whose own command is not known; nothing in it can be more than a word."""
    sound, _ = sound_names(hosts)
    limit = f" --limit {shlex.quote(','.join(sound))}" if sound else ""
    book = quote(playbook, "PLAYBOOK") if playbook else "PLAYBOOK"
    if book.startswith("-"):
        book = f"-- {book}"
    return f"ANSIBLE_DEBUG=1 ANSIBLE_SSH_VERBOSITY=3 ansible-playbook -vvvv{limit} {book}"
