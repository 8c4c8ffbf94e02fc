"""The commands of one run: opened, bound to a connection, fed with their chunks, closed."""

from __future__ import annotations

from dataclasses import dataclass

from parsers import addressed
from parsers.addressed import Executed, Floating
from parsers.model import Attribution, ChunkTable, Command, Place, Stage, Stream, Tool
from parsers.reprs import CommandTuple
from parsers.ssh_text import SshReader
from parsers.workers import Worker

_KEPT = 6
"""Plain lines that a command which ended well keeps: a run of thousands must not hold their words."""


@dataclass(slots=True)
class _Awaited:
    """A finished command whose `_low_level_execute_command() done:` line is still to come."""

    command: Command
    worker: Worker
    first: bytes
    lines: int


class Commands:
    """What is open, whose the next chunk is, and what each command has said."""

    def __init__(self, chunks: ChunkTable) -> None:
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
        self._awaited: list[_Awaited] = []
        self._owner: tuple[Command, Worker] | None = None
        self._chunk_time: float | None = None
        self._chunk_stderr = False

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
        worker.current = command
        worker.last = place
        self.open[command.index] = (command, worker)
        return command

    def _stdin_stage(self, worker: Worker) -> Stage:
        """A Python that reads its program: right behind discovery it is the probe (2.8-2.18), else the module."""
        before = worker.commands[-1].stage if worker.commands else None
        gone = self.version is not None and self.version >= (2, 19)
        return Stage.PROBE if before is Stage.DISCOVERY and not gone else Stage.EXEC

    @staticmethod
    def bind(worker: Worker, command: Command, who: str, event: Executed) -> None:
        """Gives a command and its worker what the `SSH: EXEC` line tells of the connection."""
        worker.address = command.address = who
        worker.port = command.port = event.port
        worker.user = command.user = event.user
        command.tool = event.tool
        worker.local = event.tool is Tool.LOCAL

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
        self.open.pop(command.index, None)
        if command.rc == 0:
            del command.transcript.plain[_KEPT:]

    def end(self, command: Command, worker: Worker, decoded: CommandTuple, place: Place, *, censored: bool) -> None:
        """Ends a command with its `<X> (rc, …)` line."""
        command.has_tuple = True
        command.stdout_bytes = None if censored else len(decoded.stdout)
        command.stderr_bytes = None if censored else len(decoded.stderr)
        if not command.chunks:
            reader = SshReader(command.transcript)
            for stderr, text in ((True, decoded.stderr), (False, decoded.stdout)):
                for piece in text.split(b"\n"):
                    reader.feed(piece, place.offset, place.line, None, stderr=stderr, ended=True)
        worker.last = place
        self.close(worker, place, decoded.rc)
        quoted = decoded.stdout + b", stderr=" + decoded.stderr
        lines = quoted.count(b"\n") - (1 if quoted.endswith(b"\n") else 0)
        self._awaited.append(_Awaited(command, worker, quoted.partition(b"\n")[0].rstrip(b"\r"), lines))
        del self._awaited[:-1000]

    def done(self, pid: int, rc: int, head: bytes, place: Place) -> int | None:
        """A `done: rc=N, stdout=HEAD` line: closes what it ends.

        Returns how many lines of quoted remote text follow; None where no finished command has these bytes.
        """
        worker = self.by_pid.get(pid)
        found = next(
            (
                waiting
                for waiting in self._awaited
                if (worker is None or waiting.worker is worker) and waiting.command.rc == rc and waiting.first == head
            ),
            None,
        )
        if worker is not None:
            worker.last = place
            if worker.current is not None:
                self.close(worker, place, rc)
        if found is None:
            return None
        found.worker.last = place
        self._awaited = [waiting for waiting in self._awaited if waiting.worker is not found.worker]
        return found.lines

    def size_of(self, command: Command) -> list[int]:
        """[stdout, stderr] bytes of the command's chunks so far, CR LF counted as one (2.19 prints it as LF)."""
        return self._sizes.get(command.index, [0, 0])

    # ---- chunks

    def chunk_opened(self, place: Place, start: int, time: float, pid: int, stream: Stream, state: int) -> int:
        """A chunk begins: its place in the table, and its owner as far as the log tells it."""
        index = self.table.append(place, start, start, time, pid, stream, state)
        self._owner = self._owner_of(pid)
        self._chunk_time = time
        self._chunk_stderr = stream is Stream.STDERR
        if self._owner is not None:
            command, worker = self._owner
            exact = pid in self.by_pid
            self.table.attribute(index, command, Attribution.EXACT if exact else Attribution.INFERRED)
            command.last_output = time
            if command.started is None:
                command.started = time
            if command.index not in self._readers:
                self._readers[command.index] = SshReader(command.transcript)
                self._sizes[command.index] = [0, 0]
            worker.last = place
        return index

    def _owner_of(self, pid: int) -> tuple[Command, Worker] | None:
        worker = self.by_pid.get(pid)
        if worker is not None:
            if worker.current is None:
                self._adopt(worker)
            return (worker.current, worker) if worker.current is not None else None
        if pid != self.parent_pid:
            return None
        # 2.17 and later: all headers carry the parent's pid. Only where one single command is open is its owner known.
        # A local command has no chunks.
        remote = [pair for pair in self.open.values() if pair[0].tool is not Tool.LOCAL]
        return remote[0] if len(remote) == 1 else None

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
        if self._owner is None:
            return
        command, worker = self._owner
        reader = self._readers.get(command.index)
        if reader is None:
            return
        self._sizes[command.index][self._chunk_stderr] += len(piece) - piece.endswith(b"\r") + ended
        reader.feed(piece, offset, line, self._chunk_time, stderr=self._chunk_stderr, ended=ended)
        command.last_line = line
        if worker.address is None and command.transcript.target is not None:
            self.claim(worker, command, command.transcript.target)

    def claim(self, worker: Worker, command: Command, address: str) -> None:
        """The worker's address became known: an `EXEC` line that waited for its worker may be this command's."""
        for floating in self.floating:
            if floating.address == address and addressed.same(command, floating.event):
                self.floating.remove(floating)
                self.bind(worker, command, address, floating.event)
                return

    def chunk_closed(self, index: int, end: int) -> None:
        """The chunk's end is known."""
        self.table.set_end(index, end)
        self._owner = None
