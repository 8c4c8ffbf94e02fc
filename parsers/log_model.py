"""What is known of one log: its chunks, a column each, and its runs."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parsers.model import Attribution, Command, HostRun, Place, Run, SourceKind, Stream

if TYPE_CHECKING:
    from parsers.sshd.model import SshdLog


@dataclass(slots=True, frozen=True)
class Chunk:
    """One read of an ssh process's pipe: `>>>` text `<<<`."""

    index: int
    place: Place
    """Of its header line."""
    start: int
    """Offset of the first byte after `>>>`."""
    end: int
    """Offset just past the last byte before `<<<`."""
    time: float
    pid: int
    stream: Stream
    state: int
    attribution: Attribution
    command: Command | None
    ambiguous: bool = False
    """Another command that was open could have had it as well: the same text (`inferred` only)."""


_ATTRIBUTIONS = (Attribution.UNKNOWN, Attribution.INFERRED, Attribution.EXACT)


_ABSORBED = 0x80


class ChunkTable:
    """All chunks of a log, a column each: about 55 bytes a chunk."""

    __slots__ = ("_command", "_end", "_flags", "_line", "_lines", "_offset", "_pid", "_start", "_time", "commands")

    def __init__(self) -> None:
        self._offset = array("Q")
        self._line = array("L")
        self._start = array("Q")
        self._end = array("Q")
        self._lines = array("I")
        self._time = array("d")
        self._pid = array("L")
        self._flags = array("B")  # bit 0 stderr, bits 1-3 state, bits 4-5 attribution, bit 6 ambiguous, bit 7 absorbed
        self._command = array("l")
        self.commands: list[Command] = []
        """Every command of the log, in the order of their first lines."""

    def __len__(self) -> int:
        return len(self._offset)

    def append(self, place: Place, start: int, end: int, time: float, pid: int, stream: Stream, state: int) -> int:
        """Adds a chunk that belongs to no command yet; returns its index."""
        self._offset.append(place.offset)
        self._line.append(place.line)
        self._start.append(start)
        self._end.append(end)
        self._lines.append(0)
        self._time.append(time)
        self._pid.append(pid)
        self._flags.append((stream is Stream.STDERR) | (min(state, 7) << 1))
        self._command.append(-1)
        return len(self._offset) - 1

    def set_end(self, index: int, end: int, lines: int) -> None:
        """Says where chunk `index`'s text ends, and how many lines it has: the first is the one behind its header."""
        self._end[index] = end
        self._lines[index] = lines

    def lines(self, indices: Sequence[int]) -> Iterator[int]:
        """How many lines of text each of the chunks has; -1: it turned out to be another's text."""
        lines, flags = self._lines, self._flags
        return (-1 if flags[index] & _ABSORBED else lines[index] for index in indices)

    def attribute(self, index: int, command: Command, how: Attribution, *, ambiguous: bool = False) -> None:
        """Gives chunk `index` to `command`."""
        self._command[index] = command.index
        self._flags[index] = (self._flags[index] & 0x0F) | (_ATTRIBUTIONS.index(how) << 4) | (ambiguous << 6)
        command.chunks.append(index)

    def absorb(self, index: int, other: int) -> None:
        """Says that chunk `other`, header and all, is text at the end of chunk `index`: it is no chunk any more."""
        self._end[index] = self._end[other]
        # The line of `>>>` is text then, whether anything follows it or not.
        self._lines[index] = self._line[other] + max(1, self._lines[other]) - self._line[index]
        self._flags[other] |= _ABSORBED

    def absorbed(self, index: int) -> bool:
        """Whether chunk `index` turned out to be another's text."""
        return bool(self._flags[index] & _ABSORBED)

    def withdraw(self, index: int) -> None:
        """Takes back what `attribute` said of chunk `index`; the command's own list is the caller's."""
        self._command[index] = -1
        self._flags[index] &= 0x0F

    def __getitem__(self, index: int) -> Chunk:
        flags = self._flags[index]
        owner = self._command[index]
        return Chunk(
            index,
            Place(self._offset[index], self._line[index]),
            self._start[index],
            self._end[index],
            self._time[index],
            self._pid[index],
            Stream.STDERR if flags & 1 else Stream.STDOUT,
            (flags >> 1) & 7,
            _ATTRIBUTIONS[(flags >> 4) & 3],
            self.commands[owner] if owner >= 0 else None,
            bool(flags & 0x40),
        )

    def __iter__(self) -> Iterator[Chunk]:
        return (self[index] for index in range(len(self)) if not self.absorbed(index))


@dataclass(slots=True, eq=False)
class LogModel:
    """All that is known of one log."""

    kind: SourceKind = SourceKind.UNKNOWN
    runs: list[Run] = field(default_factory=list)
    chunks: ChunkTable = field(default_factory=ChunkTable)
    bytes: int = 0
    lines: int = 0
    complete: bool = False
    """Whether the end of the input was reached."""
    notes: list[tuple[Place | None, str]] = field(default_factory=list)
    """What a reader should know of the log itself: cut in a record, invalid UTF-8, no Ansible in it."""
    sshd: SshdLog | None = None
    """The other end's model, for a log of sshd (`kind`); such a log has no runs."""

    def hosts(self) -> Iterator[tuple[Run, HostRun]]:
        """Every host of every run."""
        for run in self.runs:
            for host in run.hosts.values():
                yield run, host
