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
    # Whoever's machine: a mail address or a host outside the reserved names.
    rb"[\w.-]+@[\w-]+\.(?:com|net|org|io)\b(?<!@openssh\.com)(?<!@libssh\.org)",
)
# Names that ssh's own algorithms carry, and the ones of an ordinary log.
_ALGORITHM = re.compile(rb"@(?:openssh\.com|libssh\.org|tartarus\.org|lysator\.liu\.se)$")


def violations(log: bytes) -> list[str]:
    """Every forbidden thing that stands in the log, once each."""
    patterns = list(FORBIDDEN)
    machine = socket.gethostname()
    # A name of a letter or two ("vm") is part of ordinary words.
    if len(machine) > 3 and machine != "localhost":
        patterns.append(rb"\b" + re.escape(machine.encode()) + rb"\b")
    found = {match[0] for pattern in patterns for match in re.finditer(pattern, log) if not _ALGORITHM.search(match[0])}
    return sorted(text.decode(errors="replace") for text in found)
