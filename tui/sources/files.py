"""Old logs: plain files, compressed ones, and streams (standard input, a FIFO, process substitution)."""

from __future__ import annotations

import io
import os
import select
from pathlib import Path
from typing import BinaryIO

from tui.sources.base import BLOCK, SourceError
from tui.sources.content import HEAD, MAGIC, Packing, binary_reason, packing_of
from tui.sources.private import PrivateCopy
from tui.sources.unpack import Unpacker


def refuse_binary(name: str, head: bytes) -> None:
    """SourceError if a log that begins with `head` is no text."""
    reason = binary_reason(head[:HEAD])
    if reason is not None:
        raise SourceError(f"{name} {reason}")


class PlainFile:
    """A log as it is, read once from its beginning to where it ends now."""

    live = False

    def __init__(self, name: str, path: Path) -> None:
        """`path` is an existing file; OSError as `open` raises it."""
        self.name = name
        self.path = path
        self.notes: list[str] = []
        self._file = path.open("rb", buffering=0)
        self._offset = 0

    @property
    def size(self) -> int:
        """Bytes in the file now; once closed, those that were read."""
        return self._offset if self._file.closed else os.fstat(self._file.fileno()).st_size

    def read(self) -> bytes:
        """The next block; SourceError for a binary, or when the disk fails."""
        try:
            block = self._file.read(BLOCK) or b""
        except OSError as error:
            raise SourceError(f"{self.name}: cannot be read any further ({error.strerror})") from error
        if not self._offset:
            refuse_binary(self.name, block)
        self._offset += len(block)
        return block

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


class PackedFile:
    """A compressed log: unpacked block by block as it is read, into a private copy that can be read at any offset."""

    def __init__(self, name: str, file: BinaryIO, packing: Packing) -> None:
        """Takes over `file`, which stands at its first byte."""
        self.name = name
        self.notes: list[str] = []
        self._file = file
        self._unpacker = Unpacker(packing, file)
        self._copy = PrivateCopy()
        self.live = False

    @property
    def path(self) -> Path:
        """The private copy."""
        return self._copy.path

    @property
    def size(self) -> int | None:
        """Unknown: a compressed file does not say how large it is (gzip's own field is modulo 4 GiB)."""
        return None

    def read(self) -> bytes:
        """The next block of plain bytes; SourceError if nothing could be unpacked, or what came out is binary."""
        block = self._unpacker.read()
        broken = self._unpacker.broken
        if not block and broken is not None and not self._copy.size:
            raise SourceError(f"{self.name} {broken}; nothing in it could be read, so fetch it again")
        if not block and broken is not None and not self.notes:
            self.notes.append(f"{self.name} {broken}.")
        if not block and not self._copy.size:
            raise SourceError(f"{self.name} is empty once unpacked; look at what made it")
        if not self._copy.size:
            refuse_binary(self.name, block)
        self._copy.write(block)
        return block

    def close(self) -> None:
        """Closes the file and drops the copy."""
        self._file.close()
        self._copy.close()


class _Rest(io.RawIOBase):
    """A descriptor from which the first bytes were already taken."""

    def __init__(self, head: bytes, fd: int) -> None:
        super().__init__()
        self._head = head
        self._fd = fd

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._head:
            part, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            part = os.read(self._fd, len(buffer))
        buffer[: len(part)] = part
        return len(part)


class Stream:
    """Bytes that come once: recorded as they come, so that any offset can be read later."""

    must_be_read = True
    """Whoever writes waits while nobody reads."""

    def __init__(self, name: str, fd: int, *, wait: bool) -> None:
        """Takes over `fd`. With `wait`, `read` waits for bytes; without, b"" says that none are there now."""
        self.name = name
        self.notes: list[str] = []
        self.live = True
        self._fd = fd
        self._wait = wait
        self._copy = PrivateCopy()
        self._head = b""
        self._unpacker: Unpacker | None = None
        self._begun = False

    @property
    def path(self) -> Path:
        """The recording."""
        return self._copy.path

    @property
    def size(self) -> int | None:
        """Unknown."""
        return None

    def read(self) -> bytes:
        """What has come since; SourceError for an empty or binary stream."""
        if not self.live:
            return b""
        if not self._begun and not self._begin():
            return b""
        try:
            block = self._unpacker.read() if self._unpacker is not None else self._take()
        except OSError as error:
            raise SourceError(f"{self.name}: cannot be read any further ({error.strerror})") from error
        if block is None:
            return b""
        if not block:
            self._end()
        elif not self._copy.size:
            refuse_binary(self.name, block)
        self._copy.write(block)
        return block

    def await_more(self, seconds: float) -> None:
        """Returns when more may have come, at the latest after `seconds`."""
        if self._fd >= 0:
            select.select([self._fd], [], [], seconds)

    def _begin(self) -> bool:
        """Whether enough has come to tell how the stream is packed."""
        while len(self._head) < MAGIC:
            part = self._take(MAGIC - len(self._head))
            if part is None:
                return False
            if not part:
                break
            self._head += part
            if not any(packing.value.startswith(self._head[: len(packing.value)]) for packing in Packing):
                break
        self._begun = True
        packing = packing_of(self._head)
        if packing is not None:
            self._unpacker = Unpacker(packing, io.BufferedReader(_Rest(self._head, self._fd)))
            self._head = b""
        return True

    def _take(self, size: int = BLOCK) -> bytes | None:
        """Bytes from the descriptor, b"" at its end, None if it has none now."""
        if self._begun and self._head:
            head, self._head = self._head, b""
            return head
        if not self._wait and not select.select([self._fd], [], [], 0)[0]:
            return None
        return os.read(self._fd, size)

    def _end(self) -> None:
        self.live = False
        broken = self._unpacker.broken if self._unpacker is not None else None
        if not self._copy.size:
            raise SourceError(f"{self.name} {broken or 'is empty'}; nothing came that could be read")
        if broken is not None:
            self.notes.append(f"{self.name} {broken}.")

    def close(self) -> None:
        """Closes the descriptor and drops the recording."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        self._copy.close()
