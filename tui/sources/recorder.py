"""Writes what a run says into its recording: a program of its own, so that the end of the screen loses nothing.

`python -I -S recorder.py RECORDING CONTROL FOLDER…`: standard input is the run's output, RECORDING the descriptor of
the file, CONTROL the reading end of a pipe that the launcher closes when the command has ended. On standard output it
says, a line each:

    drained         the command has ended and all that it wrote is in the file
    moved N PATH    writing failed with errno N: the whole recording is in PATH now, and goes on there
    lost N          writing failed, and no FOLDER had room: what comes now is thrown away

A run that writes into a file itself would break when the disk is full. The price: writers that fill the pipe faster
than it is emptied (measured: none at 80 MB/s, some at 500 MB/s) may cut into each other's long lines.

The recorder goes on as long as anybody holds the other end of its input open: a process that the run leaves behind can
still write. Nothing but the standard library's `os`, `select` and `sys` is imported: it starts with each run.
"""

from __future__ import annotations

import os
import select
import sys

BLOCK = 1 << 20


def tell(text: str) -> None:
    """One line for the launcher, where there still is one."""
    try:  # noqa: SIM105 (contextlib takes longer to import than all of this)
        os.write(1, os.fsencode(text) + b"\n")
    except OSError:
        pass  # the screen has gone; the recording goes on without it


class Sink:
    """The file that is written, and where to go when it cannot be written any more."""

    def __init__(self, recording: int, folders: list[str]) -> None:
        """`folders` are tried in their order, each once."""
        self.file: int | None = recording
        self.folders = folders

    def write(self, block: bytes) -> None:
        """Adds bytes; moves house where that fails."""
        rest = memoryview(block)
        while rest and self.file is not None:
            try:
                rest = rest[os.write(self.file, rest) :]
            except OSError as error:
                self.file = self._moved(self.file, error.errno or 0)

    def _moved(self, old: int, reason: int) -> int | None:
        while self.folders:
            folder = self.folders.pop(0)
            try:
                new, path = new_file(folder, os.getpid())
            except OSError:
                continue
            try:
                copy(old, new)
            except OSError:
                os.close(new)
                os.unlink(path)  # noqa: PTH108 (pathlib takes longer to import than all of this)
                os.rmdir(path.rpartition("/")[0])  # noqa: PTH106
                continue
            os.close(old)
            tell(f"moved {reason} {path}")
            return new
        tell(f"lost {reason}")
        return None


def new_file(folder: str, number: int) -> tuple[int, str]:
    """A new file in a new folder below `folder`, both for the user alone; its descriptor and its path."""
    home = f"{folder}/sshdebug-tui-{number}"
    os.mkdir(home, 0o700)  # noqa: PTH102
    path = f"{home}/run.log"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600), path


def copy(old: int, new: int) -> None:
    """All of one file into another; OSError where that has no room either."""
    offset = 0
    while block := os.pread(old, BLOCK, offset):
        offset += len(block)
        while block:
            block = block[os.write(new, block) :]


def main() -> None:
    """Records until nobody holds the other end of standard input open."""
    control: int | None = int(sys.argv[2])
    sink = Sink(int(sys.argv[1]), sys.argv[3:])
    while True:
        ready, _, _ = select.select([0] if control is None else [0, control], [], [])
        if 0 in ready:
            block = os.read(0, BLOCK)
            if not block:
                break
            sink.write(block)
        elif control is not None:
            # The command has ended, and nothing of it is left in the pipe.
            os.close(control)
            control = None
            tell("drained")
    tell("drained")


if __name__ == "__main__":
    main()
