"""Private places for bytes that may hold secrets: the unlinked copy of a log, and the folder of recordings."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tui.sources.base import SourceError


class PrivateCopy:
    """A file that only this process can reach: it has no name, so nothing stays behind whatever happens.

    `path` still opens it (`/dev/fd/N`, which Linux and macOS both have), so that a reader needs no second way.
    """

    def __init__(self) -> None:
        """Makes it in the folder for temporary files; SourceError where that cannot be written."""
        try:
            self._file = tempfile.TemporaryFile(prefix="sshdebug-tui-", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise SourceError(_no_room(error)) from error
        self.path = Path(f"/dev/fd/{self._file.fileno()}")
        self.size = 0

    def write(self, block: bytes) -> None:
        """Adds bytes at the end; SourceError when the disk is full."""
        view = memoryview(block)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise SourceError(_no_room(error)) from error
        self.size += len(block)

    def close(self) -> None:
        """Gives the space back."""
        self._file.close()


def _no_room(error: OSError) -> str:
    return (
        f"{tempfile.gettempdir()}: cannot hold a copy of the log ({error.strerror}); "
        "set TMPDIR to a folder with room and try again"
    )


def state_folder(environ: Mapping[str, str]) -> Path:
    """Where recordings go: `$XDG_STATE_HOME/sshdebug-tui`, by default under `~/.local/state`.

    A relative XDG_STATE_HOME is ignored, as the XDG Base Directory Specification asks.
    """
    base = environ.get("XDG_STATE_HOME", "")
    if not base.startswith("/"):
        base = str(Path(environ.get("HOME") or Path.home()) / ".local" / "state")
    return Path(base) / "sshdebug-tui"


def new_recording(folder: Path, stem: str) -> tuple[Path, int]:
    """A new empty file `stem.log` in `folder` that only the user can read, and its descriptor (appends, reads).

    A folder that others could enter is closed to them (0700): debug output can hold secrets even where `no_log` is
    set (ansible-core's own documentation of DEFAULT_DEBUG says so). SourceError names the folder and what to do.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
        if state.st_uid != os.geteuid():
            raise SourceError(f"{folder}: belongs to another user; set XDG_STATE_HOME to a folder of your own")
        if stat.S_IMODE(state.st_mode) != 0o700:
            folder.chmod(0o700)
        for number in range(1, 1000):
            path = folder / (f"{stem}.log" if number == 1 else f"{stem}-{number}.log")
            try:
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
                return path, os.open(path, flags, 0o600)
            except FileExistsError:
                continue
    except OSError as error:
        raise SourceError(
            f"{folder}: cannot record there ({error.strerror}); set XDG_STATE_HOME to a folder that you can write"
        ) from error
    raise SourceError(f"{folder}: holds a thousand recordings of this second; remove some")
