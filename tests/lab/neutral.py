"""What a sample log may name: the lab's own paths, users and host names, and nothing of the machine that made it."""

from __future__ import annotations

import re
import socket

# An absolute path's first two parts; not what follows a word or a URL, nor base64, which has no such short words.
_PATH = re.compile(rb"(?<![\w./~%+=@)\]}*-])/([a-z]{2,12})(?=[/\s'\":,;]|$)(?:/([\w.-]+))?")
_ALLOWED = {
    b"home": {b"ops", b"deploy", b"app"},
    b"srv": {b"lab"},
    b"opt": {b"app"},
    b"no": {b"such"},
    b"var": {b"tmp", b"mail"},
    b"usr": {b"bin", b"sbin", b"lib", b"libexec", b"local", b"share", b"games", b"tmp"},
    b"etc": {b"ssh", b"ansible", b"os-release"},
    b"dev": {b"pts", b"null", b"tty"},
    b"proc": {b"self"},
    b"bin": {b"sh", b"bash"},
    b"run": {b"sshd"},
    b"nonexistent": {b".ansible"},
}
_FORBIDDEN = (
    rb"/tmp/pytest",
    # A mail address, or a user at somebody's host; ssh's algorithms carry the names of their makers.
    (
        rb"(?<![\w.-])[\w.-]{1,64}@(?!(?:openssh\.com|ssh\.com|libssh\.org|tartarus\.org|lysator\.liu\.se)\b)"
        rb"[\w-]+\.(?:com|net|org|io)\b"
    ),
)
# Escaped line ends of a result would otherwise hide the path that follows.
_ESCAPED = re.compile(rb"\\+[rnt]")


def violations(log: bytes) -> list[str]:
    """Everything in the log that it may not name, once each."""
    patterns = list(_FORBIDDEN)
    machine = socket.gethostname()
    # A name of a letter or two is part of ordinary words.
    if len(machine) > 3 and machine not in ("localhost", "control1"):
        patterns.append(rb"\b" + re.escape(machine.encode()) + rb"\b")
    text = _ESCAPED.sub(b" ", log)
    found = {match[0] for pattern in patterns for match in re.finditer(pattern, text)}
    for first, second in set(_PATH.findall(text)):
        if second and second not in _ALLOWED.get(first, ()) and first != b"tmp":
            found.add(b"/" + first + b"/" + second)
    return sorted(item.decode(errors="replace") for item in found)
