"""Chunks whose header names nobody (ansible-core 2.17 and later), and the commands that have said them: `Nameless`.

The search decides whose they are, later than the log has them; here its decisions go into the table and the commands,
and what tells more of a result goes to the search: another result (`crossed`), a message that quotes it (`untold`).
"""

from __future__ import annotations

import zlib

from parsers.attribution.beam import Told
from parsers.attribution.lanes import Lanes
from parsers.attribution.said import Piece
from parsers.attribution.search import Search
from parsers.lines.reprs import CommandTuple, comparable
from parsers.log_model import ChunkTable
from parsers.model import Attribution, Command, Place, Reassembly, Stage, Stream
from parsers.ssh.text import SshReader
from parsers.ssh.transcript import Transcript
from parsers.workers.crossed import Crossed, change_beginnings, change_ends
from parsers.workers.lent import Lent
from parsers.workers.untold import Untold
from parsers.workers.worker import Worker

_FEW = 2
"""Commands that were told apart elsewhere and are read at once: a key waits for no more."""

KEPT = 6
"""Plain lines that a command which ended well keeps: a run of thousands must not hold their words."""


class Nameless:
    """The search of one run, what it has decided, and what it is still to be told."""

    def __init__(self, chunks: ChunkTable, reassembly: Reassembly, lanes: Lanes | None) -> None:
        self._table = chunks
        self._reassembly = reassembly
        self._search = Search(lanes)
        self._crossed = Crossed()
        self._untold = Untold()
        self._lent = Lent(chunks)
        self._sums: dict[int, tuple[int, int]] = {}
        """Checksums of what a result holds, by the command's index, until the command's chunks are decided."""

    # ---- a command's life

    def opened(self, command: Command) -> None:
        """Its `SSH: EXEC` line was read."""
        self._search.opened(command)

    def ended(self, command: Command, worker: Worker, decoded: CommandTuple, place: Place, newest: int | None) -> None:
        """It ends with its result; `newest` as of `Commands.end`."""
        if not self._search.heard:
            self._search.closed(command)
            return
        self._sums[command.index] = sums_of(decoded)
        for kept, forged in self._search.mend(command, decoded.stdout, decoded.stderr):
            self._table.absorb(kept, forged)
        crossed = self._crossed.with_others(command, worker, decoded, place)
        # Where the order told whose the answer of a module is, its printed result may tell it otherwise.
        awaited = newest is not None and command.stage is Stage.EXEC
        self._search.closed(command, decoded.stdout, decoded.stderr, newest, tuple(crossed), awaited=awaited)

    def closed(self, command: Command) -> None:
        """It is over; where its result was not there, it may be quoted later."""
        if Untold.may_be(command):
            for given_up in self._untold.wait(command, len(self._table) - 1):
                self._search.closed(given_up)
        else:
            self._search.closed(command)
        self._drain(_FEW)

    def quoted(self, message: str) -> None:
        """A failed result's message, which quotes what a transfer said that has no tuple."""
        found = self._untold.quoted(message)
        if found is None:
            return
        command, decoded, newest = found
        if self._search.heard and self._search.fits(command, decoded.stdout, decoded.stderr, newest):
            self._sums[command.index] = sums_of(decoded)
            self._search.closed(command, decoded.stdout, decoded.stderr, newest)
        else:
            self._search.closed(command)
        self._drain(_FEW)

    def give_up(self) -> None:
        """A task is over: no result of it is to come."""
        for command in self._untold.give_up():
            self._search.closed(command)
        self._search.all_printed()

    def went_on(self, pid: int, place: Place) -> None:
        """A worker, by its pid, announces its next command: its last one has had its result."""
        self._crossed.went_on(pid, place)

    def end_anew(self, command: Command, decoded: CommandTuple, newest: int) -> bool:
        """Another result was truly that of a command that has ended; whether that can still be told."""
        if not self._search.heard:
            return True
        if command.index not in self._sums:
            return False
        self._sums[command.index] = sums_of(decoded)
        self._search.tell_anew(command, decoded.stdout, decoded.stderr, newest)
        return True

    def fits(self, command: Command, decoded: CommandTuple, newest: int) -> bool:
        """Whether the chunks since a command began, up to the one of that index, can make up a result's bytes."""
        return self._search.fits(command, decoded.stdout, decoded.stderr, newest)

    def change_places(self, ended: Command, going_on: Command) -> None:
        """A command that goes on was started when another one was, which has ended, and the other when it was."""
        self._search.change_places(ended, going_on)
        change_beginnings(ended, going_on)

    def answered(self, command: Command, other: Command) -> None:
        """The result that another command is told to have is truly that one's; both have ended."""
        self._search.answered(command, other)

    def undecided(self) -> set[int]:
        """The commands, by index, that ended and may still change: some of their chunks are not decided."""
        return self._search.pending()

    # ---- chunks

    def chunk(self, piece: Piece) -> None:
        """A chunk, whole."""
        self._search.chunk(piece)
        self._drain(_FEW)

    def finish(self) -> None:
        """The log is over: what waits is decided."""
        self._search.finish()
        self._drain()

    def forget(self) -> None:
        """The run is of no more interest."""
        self._search.forget()
        self._crossed.forget()

    def lend(self, last: Piece | None) -> None:
        """For a snapshot: gives out what is not decided as it would be if the log ended here, behind `last`."""
        self._search.catch_up()
        self._drain()
        for told in self._search.provisional(last):
            if told.changed_with is not None:
                continue
            command = self._own(told)
            self._lent.chunks(piece.index for piece in told.pieces)
            if command.closed is None and told.pieces:
                self._lent.command(command)
                command.transcript = self._read(command, told.pieces)

    def take_back(self) -> None:
        """Takes back what `lend` gave out, before the log goes on."""
        self._lent.take_back()

    def _drain(self, most: int | None = None) -> None:
        for told in self._search.take(most):
            if told.changed_with is not None:
                self._exchange(told.command, told.changed_with)
                continue
            command = self._own(told)
            if command.closed is not None:
                self._complete(command, told.pieces)
            elif told.pieces:
                command.transcript = self._read(command, told.pieces)

    def _exchange(self, first: int, second: int) -> None:
        """The result of each of two commands that have ended, by index, was truly the other's.

        Where both say the same words, each began where the other did.
        """
        one, other = self._table.commands[first], self._table.commands[second]
        if one.text == other.text:
            change_beginnings(one, other)
            return
        change_ends(one, other)
        self._sums[first], self._sums[second] = self._sums[second], self._sums[first]

    def _own(self, told: Told) -> Command:
        command = self._table.commands[told.command]
        for piece in told.pieces:
            self._table.attribute(piece.index, command, Attribution.INFERRED, ambiguous=piece.index in told.ambiguous)
        return command

    def _complete(self, command: Command, pieces: list[Piece]) -> None:
        """All chunks of an ended command are decided: they tell its times, and where its lines stand."""
        sums = self._sums.pop(command.index, None)
        if sums is None or not pieces:
            return
        joined = [b"".join(p.text for p in pieces if p.stream is stream) for stream in (Stream.STDOUT, Stream.STDERR)]
        same = (zlib.crc32(joined[0]), zlib.crc32(joined[1])) == sums
        if command.has_tuple:
            count(self._reassembly, same=same)
        if same:
            command.transcript = self._read(command, pieces)
            command.ended = command.last_output
            if command.rc == 0:
                del command.transcript.plain[KEPT:]

    @staticmethod
    def _read(command: Command, pieces: list[Piece]) -> Transcript:
        transcript = Transcript()
        reader = SshReader(transcript)
        for piece in pieces:
            command.last_output = piece.time
            if command.started is None:
                command.started = piece.time
            for text, offset, line, ended in piece.lines:
                reader.feed(text, offset, line, piece.time, stderr=piece.stream is Stream.STDERR, ended=ended)
                command.last_line = max(command.last_line, line)
        reader.finish(command.last_output)
        return transcript


def count(reassembly: Reassembly, *, same: bool) -> None:
    """One more command whose chunks are all known, and whether they make up its result."""
    reassembly.commands += 1
    reassembly.exact += same
    reassembly.differ += not same


def sums_of(decoded: CommandTuple) -> tuple[int, int]:
    """Checksums of a result's stdout and stderr, as `comparable` makes them."""
    return zlib.crc32(comparable(decoded.stdout)), zlib.crc32(comparable(decoded.stderr))
