"""What the rules on jump hosts share: the proxy command that ssh ran."""

from __future__ import annotations

import shlex
from itertools import pairwise

from parsers.findings import Case
from parsers.lines.ssh_options import letters_of
from parsers.rules._said import ssh_failed
from parsers.rules._values import Target
from parsers.ssh.transcript import Line

COLONS = 3
"""Fewer than these are in no IPv6 address with a port."""


def proxy_line(case: Case) -> Line | None:
    """ssh's debug line on the proxy command, where ssh itself failed."""
    return case.command.transcript.proxy if case.command is not None and ssh_failed(case) else None


def proxy_words(case: Case) -> str:
    """The proxy command, from ssh's debug text or from the options of Ansible's own command; empty without one."""
    executed = proxy_line(case)
    if executed is not None:
        return executed.text.partition("command: exec ")[2]
    return (case.command.proxy or "") if case.command is not None else ""


def jump(case: Case) -> Target | None:
    """The jump host that the proxy command logs in to; None where it is no ssh, or cannot be read."""
    try:
        words = shlex.split(proxy_words(case))
    except ValueError:
        return None
    if not words or words[0].rpartition("/")[2] != "ssh":
        return None
    given: dict[str, str] = {}
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith("-"):
            user, found, host = word.rpartition("@")
            port = given.get("p", "")
            return Target(
                host,
                host,
                port=int(port) if port.isdecimal() and len(port) < 6 else None,
                user=(user if found else given.get("l")) or None,
            )
        given.update(letters_of(word, rest))
    return None


def unbracketed(case: Case) -> tuple[Line, str] | None:
    """The line of a proxy command whose `-W` has an IPv6 address without brackets, and what it has."""
    executed = proxy_line(case)
    if executed is None:
        return None
    name = next((after for word, after in pairwise(executed.text.split()) if word == "-W"), "")
    return (executed, name) if name.count(":") >= COLONS and "[" not in name else None
