"""What the screen and the report ask of a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from tui.sources.questions import Question

BLOCK = 1 << 20
"""Bytes of one read: small enough that the screen's thread gets its turn between two of them."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a run was asked for, before anything was added: enough to start it again."""

    command: tuple[str, ...]
    environ: dict[str, str]
    cwd: Path | None
    stamp: bool


class SourceError(Exception):
    """A source that cannot be read; the message names the file and what to do."""


class Source(Protocol):
    """Bytes of one log, in order, from a plain file that can be read at any offset."""

    @property
    def name(self) -> str:
        """What the user calls it: the path as given, or the command."""

    @property
    def path(self) -> Path:
        """The plain file with the bytes (for compressed logs and standard input, a private copy)."""

    @property
    def live(self) -> bool:
        """Whether more may come: a tailed file, standard input that is open, a run that goes on."""

    @property
    def size(self) -> int | None:
        """Bytes known to be there, for a progress bar; None where that cannot be known."""

    def read(self) -> bytes:
        """The next block, at most `BLOCK` bytes; b"" when there is nothing new now. SourceError if it broke."""

    def close(self) -> None:
        """Gives back what it holds; never touches the run or the log."""


@runtime_checkable
class GrowingSource(Source, Protocol):
    """A source whose file may be truncated or replaced while it is read (`tail`)."""

    @property
    def restarts(self) -> int:
        """How often the log began anew; the block that follows a change is the first of the new log."""


@runtime_checkable
class PromptSource(Source, Protocol):
    """A live source that tells when there is more, so that nobody has to look all the time."""

    def await_more(self, seconds: float) -> None:
        """Returns when more may have come, at the latest after `seconds`."""


@runtime_checkable
class NotedSource(Source, Protocol):
    """A source that may have something to say of the bytes it gave, such as a compressed log that was cut."""

    @property
    def notes(self) -> list[str]:
        """Sentences for the reader; complete once `live` is False and `read` gave b""."""


@runtime_checkable
class RunningSource(Source, Protocol):
    """A source that is a run of this program's own."""

    @property
    def command(self) -> tuple[str, ...]:
        """The command as it was started."""

    @property
    def elapsed(self) -> float:
        """Seconds since the start, up to the end of the command."""

    @property
    def can_be_left(self) -> bool:
        """Whether it can go on when this program has ended."""

    def poll(self) -> int | None:
        """The exit code (negative: ended by that signal), or None while it runs."""

    def stop(self) -> None:
        """Asks the whole process group to end (SIGTERM), and after a grace of 3 s makes it (SIGKILL)."""

    def leave(self) -> None:
        """Lets the run go on by itself, recording into its file."""


@runtime_checkable
class RepeatableSource(RunningSource, Protocol):
    """A run that can be started again."""

    @property
    def given(self) -> Given:
        """What it was asked for."""

    def repeated(self, command: Sequence[str], environ: Mapping[str, str]) -> RepeatableSource:
        """A new run of `command`, started in the same folder. SourceError or RefusedError before anything has run."""


@runtime_checkable
class AskingSource(RunningSource, Protocol):
    """A run with a terminal, on which it may ask something."""

    def question(self) -> Question | None:
        """What it waits for now."""

    def answer(self, text: str) -> None:
        """Sends a line; SourceError when the run takes none."""

    def press(self, text: str) -> None:
        """Sends what a key gives; SourceError when the run takes none."""

    def erase(self) -> None:
        """Sends the key that takes back the last one; SourceError likewise."""

    def end_input(self) -> None:
        """Says that no answer will come (ctrl+d); SourceError likewise."""

    def interrupt(self) -> None:
        """Ctrl-C, as at its own terminal."""

    def resize(self, rows: int, columns: int) -> None:
        """Gives its terminal this size, in characters."""
