"""From what the user wrote to a source, or to a sentence on why there is none."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tui.sources.base import Source, SourceError
from tui.sources.content import MAGIC, packing_of
from tui.sources.files import PackedFile, PlainFile, Stream
from tui.sources.follow import FollowedFile


def open_log(given: str, *, follow: bool = False, wait: bool = False) -> Source:
    """The source for a LOG of the command line; `-` is standard input.

    `follow`: the log still grows. `wait`: a stream's `read` waits for bytes (the report has nothing else to do).
    SourceError names the file and what to do.
    """
    if given == "-":
        return Stream("standard input", os.dup(0), wait=wait)
    try:
        return _open(given, follow=follow, wait=wait)
    except FileNotFoundError as error:
        raise SourceError(f"{given}: there is no such file; look at the name and the folder") from error
    except PermissionError as error:
        raise SourceError(f"{given}: permission denied; read it as its owner, or make it readable") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise SourceError(f"{given}: cannot be opened ({getattr(error, 'strerror', None) or error})") from error


def _open(given: str, *, follow: bool, wait: bool) -> Source:
    path = Path(given)
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise SourceError(f"{given} is a directory; give a log file in it")
    if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
        return Stream(given, os.open(path, os.O_RDONLY | os.O_CLOEXEC), wait=wait)
    if not stat.S_ISREG(mode):
        raise SourceError(f"{given} is neither a file nor a pipe; give a log file")
    with path.open("rb") as file:
        head = file.read(MAGIC)
    packing = packing_of(head)
    if packing is not None:
        if follow:
            raise SourceError(f"{given} is compressed, so it does not grow; use open")
        return PackedFile(given, path.open("rb"), packing)
    if follow:
        return FollowedFile(given, path)
    if not head:
        raise SourceError(f"{given} is empty; look at what should have written it, or use tail to wait for it")
    return PlainFile(given, path)
