"""Compressed bytes to plain ones, a bounded piece at a time."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol, cast

from tui.sources.base import BLOCK
from tui.sources.content import Packing

# A zstd block of 4 bytes can stand for 128 KiB (RFC 8878, 3.1.1.2), and the binding has no bound on its output:
# 1 KiB of input at a time keeps a hostile file below 32 MiB.
_ZSTD_INPUT = 1 << 10


class _Pieces(Protocol):
    """What the stdlib's compressed files share."""

    def read1(self, size: int, /) -> bytes:
        """Some of the plain bytes; EOFError where the compressed stream is cut."""


class _Zstd:
    """`zstandard` behind the same method; it has no way to bound output, nor to notice a cut frame, in one object."""

    def __init__(self, file: BinaryIO) -> None:
        import zstandard

        self._new: Callable[[], Any] = lambda: zstandard.ZstdDecompressor().decompressobj()
        self._file = file
        self._frame: Any = None

    def read1(self, _size: int, /) -> bytes:
        while True:
            piece = self._file.read(_ZSTD_INPUT)
            if not piece:
                if self._frame is not None:
                    raise EOFError
                return b""
            out = []
            while piece:
                if self._frame is None:
                    self._frame = self._new()
                out.append(self._frame.decompress(piece))
                piece = b""
                if self._frame.eof:
                    piece = self._frame.unused_data
                    self._frame = None
            if plain := b"".join(out):
                return plain


def _opened(packing: Packing, file: BinaryIO) -> _Pieces:
    if packing is Packing.GZIP:
        return gzip.GzipFile(fileobj=file, mode="rb")
    if packing is Packing.XZ:
        return cast(_Pieces, lzma.LZMAFile(file))
    if packing is Packing.BZIP2:
        return cast(_Pieces, bz2.BZ2File(file))
    if sys.version_info >= (3, 14):
        from compression import zstd

        return cast(_Pieces, zstd.ZstdFile(file))
    return _Zstd(file)


class Unpacker:
    """Gives the plain bytes of a compressed stream; a cut or damaged one gives what could be read, and a reason."""

    def __init__(self, packing: Packing, file: BinaryIO) -> None:
        self._packing = packing
        self._pieces = _opened(packing, file)
        self._rest = b""
        self.broken: str | None = None
        """Why it ended too early, in words that follow the file's name."""

    def read(self) -> bytes:
        """Up to `BLOCK` plain bytes, b"" at the end."""
        parts = [self._rest]
        size = len(self._rest)
        while size < BLOCK and self.broken is None:
            # `read1`, since `read` loses what it had when the stream turns out to be cut.
            try:
                part = self._pieces.read1(BLOCK - size)
            except EOFError:
                self.broken = f"is cut: the {self._packing.label} stream has no end, so the last part is missing"
                break
            except (OSError, zlib.error, lzma.LZMAError) as error:
                self._damaged(error)
                break
            except Exception as error:
                # zstandard's own error has no base but Exception.
                if type(error).__name__ != "ZstdError":
                    raise
                self._damaged(error)
                break
            if not part:
                break
            parts.append(part)
            size += len(part)
        block = b"".join(parts)
        block, self._rest = block[:BLOCK], block[BLOCK:]
        return block

    def _damaged(self, error: Exception) -> None:
        self.broken = f"is damaged: not all of it is {self._packing.label} ({error}), so what follows is missing"
