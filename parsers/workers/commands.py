"""The commands of one run: opened, bound to a connection, fed with their chunks, closed."""

from __future__ import annotations

import zlib
from dataclasses import replace

from parsers.attribution.lanes import Lanes
from parsers.attribution.said import AWAITS_NOTHING, Piece, without_escalation
from parsers.lines import addressed
from parsers.lines.addressed import Executed, Floating
from parsers.lines.reprs import CommandTuple, comparable
from parsers.log_model import ChunkTable
from parsers.model import Attribution, Command, Place, Reassembly, Stage, Stream, Tool
from parsers.ssh.text import SshReader
from parsers.ssh.transcript import Line
from parsers.workers.nameless import KEPT, Nameless, count, sums_of
from parsers.workers.quoted import Dones, Quoted
from parsers.workers.worker import Worker, stderr_sum


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
        self._piece: Piece | None = None
        self.reassembly = Reassembly()
        self.nameless = Nameless(chunks, self.reassembly, lanes)

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
            self.nameless.opened(command)

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
        if worker.pid not in self.by_pid:
            self.nameless.closed(command)
        if command.rc == 0:
            del command.transcript.plain[KEPT:]

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
                count(self.reassembly, same=self.said(command, decoded))
        else:
            reader = SshReader(command.transcript)
            for stderr, text in ((True, decoded.stderr), (False, decoded.stdout)):
                for piece in text.split(b"\n"):
                    reader.feed(piece, place.offset, place.line, None, stderr=stderr, ended=True)
            if not censored:
                self.nameless.ended(command, worker, decoded, place, newest)
        worker.last = max(worker.last, place)
        self.close(worker, place, decoded.rc)
        if command.stage is not Stage.TRANSFER and newest is None:
            # A transfer is not run by `_low_level_execute_command`: no `done:` line follows.
            self._dones.expect(decoded, worker)

    def end_anew(self, command: Command, decoded: CommandTuple, place: Place, newest: int) -> bool:
        """Another result was truly that of a command that has ended; whether that can still be told."""
        if not self.nameless.end_anew(command, decoded, newest):
            return False
        _take_result(command, decoded)
        command.closed, command.rc = place, decoded.rc
        command.last_line = max(command.last_line, place.line)
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

    def unended(self) -> int:
        """How many commands have not ended; a local one has no chunks, and never tells its end."""
        return sum(command.tool is not Tool.LOCAL for command, _ in self.open.values())

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
        return (crcs[0], crcs[1]) == sums_of(decoded)

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
            self.nameless.chunk(self._piece)
            self._piece = None

    # ---- a look

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
        self.nameless.lend(last)


def _take_result(command: Command, decoded: CommandTuple | None) -> None:
    """What a command's result tells of it; None where `no_log` hides it."""
    command.has_tuple = True
    command.stdout_bytes = len(decoded.stdout) if decoded is not None else None
    command.stderr_bytes = len(decoded.stderr) if decoded is not None else None
    command.stderr_sum = stderr_sum(decoded.stderr) if decoded is not None else None
