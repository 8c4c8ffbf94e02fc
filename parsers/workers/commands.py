"""The commands of one run: opened, bound to a connection, fed with their chunks, closed."""

from __future__ import annotations

import zlib
from dataclasses import replace

from parsers.attribution.beam import Told
from parsers.attribution.lanes import Lanes
from parsers.attribution.said import AWAITS_NOTHING, Piece, without_escalation
from parsers.attribution.search import Search
from parsers.lines import addressed
from parsers.lines.addressed import Executed, Floating
from parsers.lines.reprs import CommandTuple, comparable
from parsers.log_model import ChunkTable
from parsers.model import Attribution, Command, Place, Reassembly, Stage, Stream, Tool
from parsers.ssh.text import SshReader
from parsers.ssh.transcript import Line, Transcript
from parsers.workers.crossed import Crossed, change_beginnings, change_ends
from parsers.workers.lent import Lent
from parsers.workers.quoted import Dones, Quoted
from parsers.workers.untold import Untold
from parsers.workers.worker import Worker, stderr_sum

_FEW = 2
"""Commands that were told apart elsewhere and are read at once: a key waits for no more."""

_KEPT = 6
"""Plain lines that a command which ended well keeps: a run of thousands must not hold their words."""


class Commands:
    """What is open, whose the next chunk is, and what each command has said."""

    def __init__(self, chunks: ChunkTable, lanes: Lanes | None = None) -> None:
        self.table = chunks
        self.by_pid: dict[int, Worker] = {}
        """Workers that a header names by pid (up to 2.16)."""
        self.open: dict[int, tuple[Command, Worker]] = {}
        """Commands that have not ended, by their index."""
        self.floating: list[Floating] = []
        """`SSH: EXEC` lines whose worker is not known yet."""
        self.version: tuple[int, int] | None = None
        self.parent_pid: int | None = None
        self.now: float | None = None
        self._readers: dict[int, SshReader] = {}
        self._sizes: dict[int, list[int]] = {}
        self._crcs: dict[int, list[int]] = {}
        self._dones = Dones()
        self._owner: tuple[Command, Worker] | None = None
        self._chunk_time: float | None = None
        self._chunk_stderr = False
        self._chunk_examined = False
        self._search = Search(lanes)
        self._crossed = Crossed()
        self._untold = Untold()
        self._piece: Piece | None = None
        self._sums: dict[int, tuple[int, int]] = {}
        """Checksums of what a tuple holds, by the command's index, until the command's chunks are decided."""
        self._lent = Lent(chunks)
        self.reassembly = Reassembly()

    # ---- a command's life

    def start(self, worker: Worker, place: Place, tool: Tool, text: str) -> Command:
        """Opens the worker's next command."""
        about = addressed.purpose(tool, text)
        command = Command(len(self.table.commands), about.stage, tool, place, text=text, method=about.method)
        command.tmp, command.become = about.tmp, about.become
        if about.stdin_python:
            command.stage = self._stdin_stage(worker)
        command.pid = worker.pid if worker.pid in self.by_pid else None
        command.last_line = place.line
        command.started = self.now
        self.table.commands.append(command)
        worker.commands.append(command)
        worker.section.changes += 1
        worker.current = command
        worker.last = place
        self.open[command.index] = (command, worker)
        return command

    def _stdin_stage(self, worker: Worker) -> Stage:
        """A Python that reads its program: right behind discovery it is the probe (2.8-2.18), else the module."""
        before = worker.commands[-1].stage if worker.commands else None
        gone = self.version is not None and self.version >= (2, 19)
        return Stage.PROBE if before is Stage.DISCOVERY and not gone else Stage.EXEC

    def bind(self, worker: Worker, command: Command, who: str, event: Executed) -> None:
        """Gives a command and its worker what the `SSH: EXEC` line tells of the connection."""
        worker.address = command.address = who
        worker.port = command.port = event.port
        worker.user = command.user = event.user
        command.tool = event.tool
        command.password, command.identity = event.password, event.identity
        command.connect_timeout, command.verbose = event.connect_timeout, event.ssh_verbose
        command.tty, command.proxy = event.tty, event.proxy
        command.options, command.control_path = event.options, event.control_path
        worker.local = event.tool is Tool.LOCAL
        if not worker.local and worker.pid not in self.by_pid:
            self._search.opened(command)

    def close(self, worker: Worker, place: Place, rc: int | None) -> None:
        """Ends the worker's command, where it has one; `rc` None where the log does not tell it here."""
        command = worker.current
        if command is None:
            return
        worker.current = None
        command.closed = place
        command.last_line = max(command.last_line, place.line)
        command.rc = rc if rc is not None else command.rc
        command.ended = command.last_output if command.last_output is not None else self.now
        reader = self._readers.pop(command.index, None)
        if reader is not None:
            reader.finish(command.last_output)
        self._sizes.pop(command.index, None)
        self._crcs.pop(command.index, None)
        self.open.pop(command.index, None)
        if worker.pid not in self.by_pid and Untold.may_be(command):
            for given_up in self._untold.wait(command, len(self.table) - 1):
                self._search.closed(given_up, None, None)
        else:
            self._search.closed(command, None, None)
        self._drain(_FEW)
        if command.rc == 0:
            del command.transcript.plain[_KEPT:]

    def end(
        self,
        command: Command,
        worker: Worker,
        decoded: CommandTuple,
        place: Place,
        *,
        censored: bool,
        newest: int | None = None,
    ) -> None:
        """Ends a command with its `<X> (rc, …)` line.

        `newest` is the last chunk before that line, where it was told apart later: its `done:` line was awaited before.
        """
        _take_result(command, None if censored else decoded)
        if command.index in self._readers:
            if not censored:  # what `no_log` hides can't be compared
                self._check(command, decoded)
        else:
            reader = SshReader(command.transcript)
            for stderr, text in ((True, decoded.stderr), (False, decoded.stdout)):
                for piece in text.split(b"\n"):
                    reader.feed(piece, place.offset, place.line, None, stderr=stderr, ended=True)
            if not censored:
                self._sums[command.index] = (_sum(decoded.stdout), _sum(decoded.stderr))
                for kept, forged in self._search.mend(command, decoded.stdout, decoded.stderr):
                    self.table.absorb(kept, forged)
                crossed = self._crossed.with_others(command, worker, decoded, place)
                self._search.closed(command, decoded.stdout, decoded.stderr, newest, tuple(crossed))
        worker.last = max(worker.last, place)
        self.close(worker, place, decoded.rc)
        if command.stage is not Stage.TRANSFER and newest is None:
            # A transfer is not run by `_low_level_execute_command`: no `done:` line follows.
            self._dones.expect(decoded, worker)

    def quoted(self, message: str) -> None:
        """A failed result's message, which quotes what a transfer said that has no tuple."""
        found = self._untold.quoted(message)
        if found is None:
            return
        command, decoded, newest = found
        if self._search.fits(command, decoded.stdout, decoded.stderr, newest):
            self._sums[command.index] = (_sum(decoded.stdout), _sum(decoded.stderr))
            self._search.closed(command, decoded.stdout, decoded.stderr, newest)
        else:
            self._search.closed(command, None, None)
        self._drain(_FEW)

    def give_up(self) -> None:
        """A task is over: no result of it is to come."""
        for command in self._untold.give_up():
            self._search.closed(command, None, None)

    def went_on(self, pid: int, place: Place) -> None:
        """A worker, by its pid, announces its next command: its last one has had its result."""
        self._crossed.went_on(pid, place)

    def end_anew(self, command: Command, decoded: CommandTuple, place: Place, newest: int) -> bool:
        """Another result was truly that of a command that has ended; whether that can still be told."""
        if command.index not in self._sums:
            return False
        _take_result(command, decoded)
        command.closed, command.rc = place, decoded.rc
        command.last_line = max(command.last_line, place.line)
        self._sums[command.index] = (_sum(decoded.stdout), _sum(decoded.stderr))
        self._search.tell_anew(command, decoded.stdout, decoded.stderr, newest)
        return True

    def expect_untold(self, decoded: CommandTuple) -> None:
        """A `done:` line will quote a result of which it is not told yet whose command it ends."""
        self._dones.expect(decoded, None)

    def done(self, pid: int, rc: int, head: bytes, place: Place) -> Quoted | None:
        """A `done: rc=N, stdout=HEAD` line: closes what it ends.

        Returns the quoted remote text that follows; None where no finished command has these bytes.
        """
        worker = self.by_pid.get(pid)
        if worker is not None:
            worker.last = place
            if worker.current is not None:
                self.close(worker, place, rc)
        return self._dones.done(worker, rc, head, place)

    def fits(self, command: Command, decoded: CommandTuple, newest: int) -> bool:
        """Whether the chunks since a command began, up to the one of that index, can make up a result's bytes."""
        return self._search.fits(command, decoded.stdout, decoded.stderr, newest)

    def change_places(self, ended: Command, going_on: Command) -> None:
        """A command that goes on was started when another one was, which has ended, and the other when it was."""
        self._search.change_places(ended, going_on)
        change_beginnings(ended, going_on)

    def unended(self) -> int:
        """How many commands have not ended; a local one has no chunks, and never tells its end."""
        return sum(command.tool is not Tool.LOCAL for command, _ in self.open.values())

    def undecided(self) -> set[int]:
        """The commands, by index, that ended and may still change: some of their chunks are not decided."""
        return self._search.pending()

    def escalated(self, place: Place, key: str, text: str) -> None:
        """Ansible saw the success of a privilege escalation on stderr, by the key that only one command has."""
        for command, _ in self.open.values():
            if key in command.text:
                command.false_success = Line(place.offset, place.line, text, True)

    def size_of(self, command: Command) -> list[int]:
        """[stdout, stderr] bytes of the command's chunks so far, as `comparable` leaves them."""
        return self._sizes.get(command.index, [0, 0])

    def said(self, command: Command, decoded: CommandTuple) -> bool:
        """Whether the chunks so far of a command whose worker's pid they have are a result, byte for byte."""
        crcs = self._crcs.get(command.index, [0, 0])
        return (crcs[0], crcs[1]) == (_sum(decoded.stdout), _sum(decoded.stderr))

    # ---- chunks

    def chunk_opened(
        self, place: Place, start: int, time: float, pid: int, stream: Stream, state: int, header: bytes
    ) -> int:
        """A chunk begins: its place in the table, and its owner as far as the log tells it."""
        index = self.table.append(place, start, start, time, pid, stream, state)
        self._owner = self._owner_of(pid)
        self._chunk_time = time
        self._chunk_stderr = stream is Stream.STDERR
        self._chunk_examined = state < AWAITS_NOTHING
        self._piece = None
        if self._owner is None and pid == self.parent_pid and not self.by_pid:
            self._piece = Piece(index, stream, state, time, header=header, place=place)
        if self._owner is not None:
            command, worker = self._owner
            self.table.attribute(index, command, Attribution.EXACT)
            command.last_output = time
            if command.started is None:
                command.started = time
            if command.index not in self._readers:
                self._readers[command.index] = SshReader(command.transcript)
                self._sizes[command.index] = [0, 0]
                self._crcs[command.index] = [0, 0]
            worker.last = place
        return index

    def _owner_of(self, pid: int) -> tuple[Command, Worker] | None:
        worker = self.by_pid.get(pid)
        if worker is None:
            return None
        if worker.current is None:
            self._adopt(worker)
        return (worker.current, worker) if worker.current is not None else None

    def _adopt(self, worker: Worker) -> None:
        """A worker's output with no command announced: a transfer, whose `EXEC` line waits for its worker."""
        waiting = [
            floating
            for floating in self.floating
            if floating.event.tool in (Tool.SFTP, Tool.SCP) and worker.address in (None, floating.address)
        ]
        if len(waiting) == 1:
            floating = waiting[0]
            self.floating.remove(floating)
            command = self.start(worker, floating.place, floating.event.tool, floating.event.text)
            self.bind(worker, command, floating.address, floating.event)

    def chunk_text(self, piece: bytes, offset: int, line: int, *, ended: bool) -> None:
        """A line (or the last piece of one) of the open chunk."""
        if self._piece is not None:
            self._piece.lines.append((piece, offset, line, ended))
        if self._owner is None:
            return
        command, worker = self._owner
        reader = self._readers.get(command.index)
        if reader is None:
            return
        text = comparable(piece + (b"\n" if ended else b""))
        if self._chunk_examined:
            text = without_escalation(text)
        self._sizes[command.index][self._chunk_stderr] += len(text)
        crcs = self._crcs[command.index]
        crcs[self._chunk_stderr] = zlib.crc32(text, crcs[self._chunk_stderr])
        reader.feed(piece, offset, line, self._chunk_time, stderr=self._chunk_stderr, ended=ended)
        command.last_line = line
        if command.address is None and command.transcript.target is not None:
            self.claim(worker, command, command.transcript.target)

    def claim(self, worker: Worker, command: Command, address: str) -> None:
        """The worker's address became known: an `EXEC` line that waited for its worker may be this command's."""
        for floating in self.floating:
            if floating.address == address and addressed.same(command, floating.event):
                self.floating.remove(floating)
                self.bind(worker, command, address, floating.event)
                return

    def chunk_closed(self, index: int, end: int, lines: int) -> None:
        """The chunk's end is known, and how many lines it has."""
        self.table.set_end(index, end, lines)
        self._owner = None
        if self._piece is not None:
            self._search.chunk(self._piece)
            self._piece = None
            self._drain(_FEW)

    # ---- chunks whose header names nobody (2.17 and later)

    def finish(self) -> None:
        """The log is over: what waits is decided."""
        self._search.finish()
        self._drain()

    def forget(self) -> None:
        """The run is of no more interest."""
        self._search.forget()
        self._crossed.forget()

    def lend(self, tail: tuple[bytes, int, int] | None = None) -> None:
        """For a snapshot: gives out what is not decided as it would be if the log ended here.

        `tail` is the last line (bytes, offset, line) of a chunk whose `<<<` no record has confirmed yet: the newest
        words of a run that hangs.
        """
        last = None
        if tail is not None and self._piece is not None:
            lines = [*self._piece.lines, (*tail, False)] if tail[0] else list(self._piece.lines)
            last = replace(self._piece, lines=lines)
            last.join()
        self._search.catch_up()
        self._drain()
        for told in self._search.provisional(last):
            if told.changed_with is not None:
                continue
            command = self._own(told)
            self._lent.chunks(piece.index for piece in told.pieces)
            if command.index in self.open and told.pieces:
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
        one, other = self.table.commands[first], self.table.commands[second]
        if one.text == other.text:
            change_beginnings(one, other)
            return
        change_ends(one, other)
        self._sums[first], self._sums[second] = self._sums[second], self._sums[first]

    def _own(self, told: Told) -> Command:
        command = self.table.commands[told.command]
        for piece in told.pieces:
            self.table.attribute(piece.index, command, Attribution.INFERRED, ambiguous=piece.index in told.ambiguous)
        return command

    def _complete(self, command: Command, pieces: list[Piece]) -> None:
        """All chunks of an ended command are decided: they tell its times, and where its lines stand."""
        sums = self._sums.pop(command.index, None)
        if sums is None or not pieces:
            return
        joined = [b"".join(p.text for p in pieces if p.stream is stream) for stream in (Stream.STDOUT, Stream.STDERR)]
        same = (zlib.crc32(joined[0]), zlib.crc32(joined[1])) == sums
        if command.has_tuple:
            self._count(same=same)
        if same:
            command.transcript = self._read(command, pieces)
            command.ended = command.last_output
            if command.rc == 0:
                del command.transcript.plain[_KEPT:]

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

    def _check(self, command: Command, decoded: CommandTuple) -> None:
        self._count(same=self.said(command, decoded))

    def _count(self, *, same: bool) -> None:
        self.reassembly.commands += 1
        self.reassembly.exact += same
        self.reassembly.differ += not same


def _take_result(command: Command, decoded: CommandTuple | None) -> None:
    """What a command's result tells of it; None where `no_log` hides it."""
    command.has_tuple = True
    command.stdout_bytes = len(decoded.stdout) if decoded is not None else None
    command.stderr_bytes = len(decoded.stderr) if decoded is not None else None
    command.stderr_sum = stderr_sum(decoded.stderr) if decoded is not None else None


def _sum(text: bytes) -> int:
    return zlib.crc32(comparable(text))
