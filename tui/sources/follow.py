"""A log that still grows."""

from __future__ import annotations

import os
from pathlib import Path

from tui.sources.base import BLOCK, SourceError
from tui.sources.files import refuse_binary
from tui.sources.watch import FileWatch

_FINGERPRINT = 256
"""Bytes from the log's beginning that tell one log from the next in the same file."""


class FollowedFile:
    """A plain file, read again as it grows: whenever `await_more` returns.

    Truncation (`copytruncate`) and replacement (`logrotate`, an editor) start it again from the beginning of the new
    log: `restarts` grows, and the next block is the first of the new one. A file that was truncated and has already
    grown to the old place again is told by its first bytes, as lnav does.
    """

    live = True

    def __init__(self, name: str, path: Path) -> None:
        """`path` is an existing file; OSError as `os.open` raises it."""
        self.name = name
        self.path = path
        self.notes: list[str] = []
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._offset = 0
        self._fingerprint = b""
        self._restarts = 0
        self._watch: FileWatch | None = None

    @property
    def restarts(self) -> int:
        """How often the log began anew."""
        return self._restarts

    @property
    def size(self) -> int:
        """Bytes in the file now; once closed, those that were read."""
        if self._fd < 0:
            return self._offset
        return os.fstat(self._fd).st_size

    def read(self) -> bytes:
        """The bytes that were added since, at most `BLOCK`; b"" when there are none."""
        try:
            if self._truncated():
                self._restart()
            block = os.pread(self._fd, BLOCK, self._offset)
            if not block and self._replaced():
                block = os.pread(self._fd, BLOCK, 0)
        except OSError as error:
            raise SourceError(f"{self.name}: cannot be read any further ({error.strerror}); open it again") from error
        if block and not self._offset:
            refuse_binary(self.name, block)
        if len(self._fingerprint) < _FINGERPRINT:
            self._fingerprint += block[: _FINGERPRINT - len(self._fingerprint)]
        self._offset += len(block)
        return block

    def await_more(self, seconds: float) -> None:
        """Returns when more may have come, at the latest after `seconds`."""
        if self._watch is None:
            self._watch = FileWatch(self.path)
        self._watch.wait(seconds)
        if self._watch.trouble and self._watch.trouble not in self.notes:
            self.notes.append(self._watch.trouble)

    def _truncated(self) -> bool:
        if os.fstat(self._fd).st_size < self._offset:
            return True
        return os.pread(self._fd, len(self._fingerprint), 0) != self._fingerprint

    def _replaced(self) -> bool:
        """Goes over to the file that now has the name, once the old one is read to its end."""
        try:
            new = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False  # moved away; its successor is not there yet
        if os.path.samestat(os.fstat(new), os.fstat(self._fd)):
            os.close(new)
            return False
        os.close(self._fd)
        self._fd = new
        self._restart()
        return True

    def _restart(self) -> None:
        self._offset = 0
        self._fingerprint = b""
        self._restarts += 1

    def close(self) -> None:
        """Closes the file."""
        if self._watch is not None:
            self._watch.close()
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
