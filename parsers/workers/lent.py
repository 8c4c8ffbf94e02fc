"""What a look at the log gives out before it is decided, and takes back before the log goes on: `Lent`."""

from __future__ import annotations

from collections.abc import Iterable

from parsers.log_model import ChunkTable
from parsers.model import Command
from parsers.ssh.transcript import Transcript

_Had = tuple[Command, Transcript, float | None, float | None, int]


class Lent:
    """Chunks that were attributed, and commands that were read, for one look."""

    def __init__(self, table: ChunkTable) -> None:
        self._table = table
        self._chunks: list[int] = []
        self._commands: list[_Had] = []

    def chunks(self, indexes: Iterable[int]) -> None:
        """These were attributed."""
        self._chunks.extend(indexes)

    def command(self, command: Command) -> None:
        """What it is told to have said is to change."""
        self._commands.append((command, command.transcript, command.started, command.last_output, command.last_line))

    def take_back(self) -> None:
        """All is as it was."""
        for index in self._chunks:
            owner = self._table[index].command
            if owner is not None and owner.chunks and owner.chunks[-1] >= index:
                owner.chunks.remove(index)
            self._table.withdraw(index)
        self._chunks.clear()
        for command, transcript, started, last_output, last_line in self._commands:
            command.transcript, command.started, command.last_output = transcript, started, last_output
            command.last_line = last_line
        self._commands.clear()
