"""What a search is told, in the order of the log: `Event`. Each can be sent to another process."""

from __future__ import annotations

from typing import NamedTuple

from parsers.attribution.said import Opened, Piece


class Open(NamedTuple):
    """A command's `SSH: EXEC` line."""

    opened: Opened


class Chunk(NamedTuple):
    """A chunk."""

    piece: Piece


class Mended(NamedTuple):
    """A chunk that was text of the one before it."""

    whole: Piece
    gone: int


class Close(NamedTuple):
    """A command's end."""

    command: int
    stdout: bytes | None
    stderr: bytes | None
    newest: int | None = None
    """The last chunk before it, by index, where it was told apart later than it was seen."""
    crossed: tuple[int, ...] = ()
    """Commands that have ended, whose results may have been its, and its theirs."""
    awaited: bool = False
    """Whether its host's printed result may still tell that it was another's."""


class Changed(NamedTuple):
    """Two commands that changed places, one of which has ended."""

    ended: int
    going_on: int


class Anew(NamedTuple):
    """Another result of a command that has ended, as `Close`."""

    command: int
    stdout: bytes
    stderr: bytes
    newest: int


class Answered(NamedTuple):
    """Two commands that have ended; the second one's result was truly the first one's."""

    command: int
    other: int


class Printed(NamedTuple):
    """The results of all hosts of a task are printed."""


Event = Open | Chunk | Mended | Close | Changed | Anew | Answered | Printed
