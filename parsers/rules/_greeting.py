"""What the rules on a server's greeting share: the line that it sent in place of its version."""

from __future__ import annotations

from parsers.findings import Case
from parsers.rules._said import find, ssh_said
from parsers.ssh.transcript import Line

_PROTOCOLS = ("HTTP/", "<!DOCTYPE", "<html", "220 ", "+OK", "* OK", "-ERR", "RFB ", "AMQP", "\\026\\003", "\\025\\003")
"""How HTTP, SMTP or FTP, POP3, IMAP, Redis, VNC, AMQP and TLS begin (ssh writes control characters in octal)."""

_TURNED_AWAY = ("Exceeded MaxStartups", "Not allowed at this time")
"""sshd's own last words to whom it will not serve: MaxStartups (7.4 on), PerSourcePenalties (9.8 on)."""


def said_first(greeting: Line) -> str:
    """What the other end said, out of ssh's debug line on it."""
    return greeting.text.partition("banner line 0: ")[2]


def _greeting(case: Case, beginnings: tuple[str, ...]) -> Line | None:
    line = case.command.transcript.greeting if case.command is not None else None
    if line is None or find(ssh_said(case), "_exchange_identification: ") is None:
        return None
    return line if said_first(line).startswith(beginnings) else None


def other_protocol(case: Case) -> Line | None:
    """The first line of a server that speaks another protocol, where ssh then found the connection closed.

    RFC 4253 section 4.2 lets a server send other lines before its version: only known words of others count.
    """
    return _greeting(case, _PROTOCOLS)


def turned_away(case: Case) -> Line | None:
    """sshd's line to a client that it turns away before any version."""
    return _greeting(case, _TURNED_AWAY)
