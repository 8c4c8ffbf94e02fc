"""What no sample log may name: this machine, its folders, whoever made the log."""

from __future__ import annotations

import re
import socket

FORBIDDEN = (
    rb"/work/",
    rb"/opt/(?:venvs|dev|pypi|wheels)\b",
    rb"/root/\.?\w",
    rb"\.pyenv",
    rb"/home/(?!(?:ops|deploy|app)\b)[a-z]\w*",
    rb"/Users/",
    rb"/tmp/pytest",
    # A mail address, or a user at somebody's host; ssh's algorithms carry the names of their makers.
    rb"[\w.-]+@(?!(?:openssh\.com|ssh\.com|libssh\.org|tartarus\.org|lysator\.liu\.se)\b)[\w-]+\.(?:com|net|org|io)\b",
)


def violations(log: bytes) -> list[str]:
    """Every forbidden thing that stands in the log, once each."""
    patterns = list(FORBIDDEN)
    machine = socket.gethostname()
    # A name of a letter or two is part of ordinary words.
    if len(machine) > 3 and machine != "localhost":
        patterns.append(rb"\b" + re.escape(machine.encode()) + rb"\b")
    found = {match[0] for pattern in patterns for match in re.finditer(pattern, log)}
    return sorted(text.decode(errors="replace") for text in found)
