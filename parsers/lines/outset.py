"""What stands in a log before Ansible has printed a line of its own, and why it never did: `Outset`.

The shell's words on a program that is not there, or Python's traceback before Ansible's own error handling is loaded.
Any other program's log may begin with a traceback: only one that goes through Ansible's files counts.
"""

from __future__ import annotations

import re

from parsers.lines.grammar import text_of
from parsers.model import ControlError, Place

_LINES = 40
_CUT = 400
_PROGRAM = rb"(?:[^\s:'\"]{0,200}/)?ansible(?:-[a-z]{1,20})?"
_NOT_STARTED = re.compile(
    # bash, dash, ksh, busybox, sudo; env with quotes of its locale; a script whose interpreter is gone
    rb"(?:[^\n]{0,200}?(?:[\s:'`]|\xe2\x80\x98))?" + _PROGRAM + rb"(?:'|\xe2\x80\x99)?: {1,3}"
    rb"(?:command not found|not found|No such file or directory|Permission denied|cannot execute"
    rb"|[^\n]{1,200}bad interpreter)"
    rb"|[^\n]{0,60}(?:command not found: |Unknown command: ?'?)" + _PROGRAM + rb"'?\r?$"  # zsh, fish
    rb"|Command '" + _PROGRAM + rb"' not found"  # Debian's and Ubuntu's bash
)
_TRACEBACK = b"Traceback (most recent call last):"
_OURS = re.compile(rb"File \"[^\"\n]{0,400}(?:/bin/ansible|/ansible/)|No module named '?ansible")


class Outset:
    """Fed with the lines that mean nothing else, as long as there is no run."""

    def __init__(self) -> None:
        self._held: list[tuple[Place, str]] = []
        self._ours = False

    def line(self, body: bytes, place: Place) -> ControlError | None:
        """The error that a line ends or is; None while there is none."""
        body = body[:2000].rstrip(b"\r")
        if body.startswith(_TRACEBACK):
            self._held, self._ours = [(place, text_of(body, _CUT))], False
            return None
        if not self._held:
            if _NOT_STARTED.match(body) is None:
                return None
            return ControlError(place, [(place, text_of(body, _CUT))])
        if not body:
            return None  # some put a blank line between two parts
        if len(self._held) < _LINES:
            self._held.append((place, text_of(body, _CUT)))
        self._ours = self._ours or _OURS.search(body) is not None
        if body[:1] == b" ":
            return None
        held, self._held = self._held, []
        # The first line that is not indented names the exception.
        return ControlError(held[0][0], held) if self._ours else None
