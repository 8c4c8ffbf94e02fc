"""What the rules on jump hosts share: the proxy command that ssh ran."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from itertools import pairwise

from parsers.findings import Case
from parsers.lines.ssh_options import letters_of, login_option
from parsers.rules._said import ssh_failed
from parsers.rules._values import Target
from parsers.ssh.transcript import Line

COLONS = 3
"""Fewer than these are in no IPv6 address with a port."""

_SETTING = "proxycommand="
_HAS_PORT = re.compile(r"(?:^[^:]+|\]):\d{1,5}$", re.ASCII)
_PORT_OR_USER = re.compile(r"\s*(port|user)\s*[=\s]\s*(\S{1,255})", re.IGNORECASE)


def proxy_line(case: Case) -> Line | None:
    """ssh's debug line on the proxy command, where ssh itself failed."""
    return case.command.transcript.proxy if case.command is not None and ssh_failed(case) else None


def proxy_words(case: Case) -> str:
    """The proxy command, from ssh's debug text or from the options of Ansible's own command; empty without one."""
    executed = proxy_line(case)
    if executed is not None:
        return executed.text.partition("command: exec ")[2]
    command = case.command
    if command is None:
        return ""
    for name, *values in command.options:
        value = values[0] if values else ""
        if name == "-o" and value.lower().startswith(_SETTING):
            # Here it has the quotes that it is written with.
            return value[len(_SETTING) :]
        if name == "-J":
            return _implicit(value, [word for option in command.options if option[0] == "-F" for word in option])
    return command.proxy or ""


def _implicit(jumps: str, config: list[str]) -> str:
    """The proxy command that ssh makes of ProxyJump (ssh.c): to the last of `jumps`, by way of those before it."""
    *before, last = jumps.removeprefix("ssh://").split(",")
    user, _, at = last.rpartition("@")
    host, _, port = at.rpartition(":") if _HAS_PORT.search(at) else (at, "", "")
    words = ["ssh", *config, *(["-J", ",".join(before)] if before else [])]
    words += [*(["-l", user] if user else []), *(["-p", port] if port else [])]
    return shlex.join([*words, host.strip("[]")])


def jump(case: Case) -> Target | None:
    """The jump host that the proxy command logs in to, with its key; None where it is no ssh, or cannot be read."""
    try:
        words = shlex.split(proxy_words(case))
    except ValueError:
        return None
    if not words or words[0].rpartition("/")[2] != "ssh":
        return None
    given: dict[str, str] = {}
    options: dict[tuple[str, ...], None] = {}
    login = ""
    rest = iter(words[1:])
    for word in rest:
        # ssh takes options behind the host too; the next word that is none begins the remote command.
        if not word.startswith("-"):
            if login:
                break
            login = word
            continue
        for letter, value in letters_of(word, rest):
            named = _PORT_OR_USER.fullmatch(value) if letter == "o" else None
            # The first value wins, as it does for ssh.
            given.setdefault(named[1].lower()[0] if named is not None else letter, named[2] if named else value)
            if (option := login_option(letter, value)) is not None:
                options.setdefault(option)
    if not login:
        return None
    user, found, host = login.rpartition("@")
    port = given.get("p", "")
    return Target(
        host,
        host,
        port=int(port) if port.isdecimal() and len(port) < 6 else None,
        user=(user if found else given.get("l") or given.get("u")) or None,
        options=tuple(options),
    )


def gate(case: Case, host: str, *, port: int | None = None, user: str | None = None) -> Target:
    """The jump host that a line of ssh's calls `host`, with what the proxy command gives to log in there."""
    way = jump(case)
    if way is None or way.host != host:
        return Target(host, host, port=port, user=user)
    return replace(way, port=port or way.port, user=user or way.user)


def unbracketed(case: Case) -> tuple[Line, str] | None:
    """The line of a proxy command whose `-W` has an IPv6 address without brackets, and what it has."""
    executed = proxy_line(case)
    if executed is None:
        return None
    name = next((after for word, after in pairwise(executed.text.split()) if word == "-W"), "")
    return (executed, name) if name.count(":") >= COLONS and "[" not in name else None
