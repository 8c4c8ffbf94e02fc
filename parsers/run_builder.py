"""One run's events to its workers, commands and chunks: `RunBuilder`.

Two ways lead from a line to its worker. Up to 2.16 a debug header's pid is the worker's: a command is born at
`_low_level_execute_command(): executing:` and its `<X>` lines are bound to it. From 2.17 on, and without
ANSIBLE_DEBUG, a command is born at `<X> SSH: EXEC`, and its worker is found by the temporary directory's name or by
the address.
"""

from __future__ import annotations

from dataclasses import dataclass

from parsers import grammar
from parsers.model import Attribution, ChunkTable, Command, ControlError, Place, Result, Run, Stage, Status, Stream, Tool
from parsers.records import Record
from parsers.reprs import CommandTuple, decode_tuple
from parsers.ssh_text import SshReader
from parsers.workers import HostResult, Section, Worker


@dataclass(slots=True)
class _Floating:
    """A `SSH: EXEC` line whose worker is not known yet."""

    address: str
    event: grammar.Executed
    place: Place


@dataclass(slots=True)
class _Awaited:
    """A finished command whose `_low_level_execute_command() done:` line is still to come."""

    command: Command
    worker: Worker
    first: bytes
    lines: int


class RunBuilder:
    """Collects what the log says of one run; `settle` makes the run's hosts of it."""

    def __init__(self, run: Run, chunks: ChunkTable) -> None:
        self.run = run
        self.chunks = chunks
        self.sections: list[Section] = []
        self.recaps: list[tuple[Place, grammar.RecapLine]] = []
        self.pids: set[int] = set()
        """Every pid that a header outside of remote text showed."""
        self.addresses: set[str] = set()
        self.notes: list[tuple[Place | None, str]] = []
        self.interrupted = False
        self.by_pid: dict[int, Worker] = {}
        self.open: dict[int, tuple[Command, Worker]] = {}
        """Commands that have not ended, by their index."""
        self._readers: dict[int, SshReader] = {}
        self._sizes: dict[int, list[int]] = {}
        self._floating: list[_Floating] = []
        self._awaited: list[_Awaited] = []
        self._puts: dict[str, list[grammar.Put]] = {}
        self._local: set[str] = set()
        self._now: float | None = None
        self._play = ""
        self._last_results: list[Result] = []
        self._retry: set[str] = set()
        self._last_address_worker: dict[str, Worker] = {}
        self._chunk_owner: dict[int, tuple[Command, Worker] | None] = {}
        self._chunk_time: float | None = None
        self._chunk_stderr = False

    # ---- the run itself

    @property
    def fresh(self) -> bool:
        """Whether nothing but `starting run` was seen."""
        return not self.sections and self.run.ansible_version is None and not self.addresses

    def seen(self, record: Record) -> None:
        """A line of this run."""
        self.run.last_line = record.line
        if record.stamp is not None:
            self._clock(record.stamp)

    def _clock(self, time: float) -> None:
        self._now = time
        if self.run.started is None:
            self.run.started = time
        self.run.last_time = time

    def clock(self, parsed: grammar.Header) -> None:
        """A debug header: its time, and its pid as one of this run's."""
        self._clock(parsed.time)
        self.run.debug = True
        if self.run.parent_pid is None:
            self.run.parent_pid = parsed.pid
        self.pids.add(parsed.pid)

    def banner(self, event: grammar.Banner) -> None:
        """The first line at -v and above."""
        self.run.ansible_version = event.version
        if self.run.verbosity is None:
            self.run.verbosity = 1

    def section(self, record: Record, event: grammar.Section) -> None:
        """PLAYBOOK, PLAY, TASK, RUNNING HANDLER, PLAY RECAP."""
        place = Place(record.offset, record.line)
        if event.kind == "PLAYBOOK":
            self.run.playbook = event.name
        elif event.kind == "PLAY":
            self._play = event.name
        elif event.kind == "PLAY RECAP":
            self.run.recap = place
        else:
            handler = event.kind == "RUNNING HANDLER"
            self.sections.append(Section(len(self.sections), event.name, place, self._play, handler, last_line=record.line))

    def here(self, record: Record) -> Section:
        """The section that a line belongs to by its position."""
        if not self.sections:
            self.sections.append(Section(0, "", Place(record.offset, record.line), self._play, last_line=record.line))
        section = self.sections[-1]
        section.last_line = record.line
        return section

    def display(self, record: Record, event: grammar.DisplayEvent) -> None:
        """The lesser lines of the display."""
        if isinstance(event, grammar.TaskPath) and self.sections:
            self.sections[-1].path = event.path
            self.run.verbosity = max(self.run.verbosity or 0, 2)
        elif isinstance(event, grammar.Verbosity):
            self.run.verbosity = event.level
        elif isinstance(event, grammar.Forks):
            self.run.forks = event.count
        elif isinstance(event, grammar.Ignoring):
            for result in self._last_results[-1:]:
                result.ignored = True
        elif isinstance(event, grammar.ModuleFile) and self.sections and self.sections[-1].action is None:
            self.sections[-1].action = event.path.rsplit("/", 1)[-1].removesuffix(".py")

    def warned(self, record: Record) -> None:
        """`[WARNING]: …`."""
        if len(self.run.warnings) < 200:
            self.run.warnings.append((Place(record.offset, record.line), grammar.text_of(record.body, 400)))

    def trouble(self, error: ControlError, record: Record) -> None:
        """`ERROR! …`, `[ERROR]: …` that belongs to no task."""
        if b"User interrupted execution" in record.body[:80]:
            self.interrupted = True
        else:
            self.run.control_errors.append(error)

    def recap(self, record: Record, event: grammar.RecapLine) -> None:
        """A host's line of the recap."""
        self.recaps.append((Place(record.offset, record.line), event))

    def included(self, record: Record, event: grammar.Included) -> None:
        """`included: FILE for web1, web2`: the task is done for them."""
        section = self.here(record)
        for name in event.names:
            result = Result(Place(record.offset, record.line), "ok", last_line=record.line)
            section.results.append(HostResult(name, None, None, result))

    def result(self, record: Record, event: grammar.ResultLine) -> Result:
        """A host's result."""
        section = self.here(record)
        if event.adhoc and not section.name:
            section.name = "ad hoc"
        result = Result(Place(record.offset, record.line), event.word, event.item, last_line=record.line)
        section.results.append(HostResult(event.name, event.delegate, event.delegate_address, result))
        self._last_results = [result]
        for worker in section.workers:
            if worker.name == event.name and worker.current is not None and event.item is None:
                self._close(worker, Place(record.offset, record.line), None)
        return result

    # ---- debug lines

    def debug(self, record: Record, parsed: grammar.Header, event: grammar.DebugEvent) -> int | None:
        """A debug line's event. Returns how many lines of quoted remote text follow; None where that is not known."""
        if isinstance(event, grammar.ExecutorStarted):
            if parsed.pid != self.run.parent_pid:
                self._started(record, parsed.pid, event)
            return 0
        if isinstance(event, grammar.TaskQueued):
            section = self.here(record)
            section.queued.setdefault(event.name, Place(record.offset, record.line))
            section.action = section.action or event.action
            return 0
        worker = self.by_pid.get(parsed.pid)
        if isinstance(event, grammar.Done):
            return self._done(record, parsed, event, worker)
        if worker is None:
            if isinstance(event, grammar.Initial) and len(self.open) == 1:
                next(iter(self.open.values()))[0].sent_bytes = event.size
            return 0
        worker.last = Place(record.offset, record.line)
        if isinstance(event, grammar.Announced):
            self._announced(record, worker, event)
        elif isinstance(event, grammar.Initial) and worker.current is not None:
            worker.current.sent_bytes = event.size
        elif isinstance(event, grammar.WorkerEnded) and worker.current is not None:
            self._close(worker, worker.last, None)
        return 0

    def _started(self, record: Record, pid: int, event: grammar.ExecutorStarted) -> None:
        section = next((s for s in reversed(self.sections[-200:]) if s.name == event.title), None)
        section = section or next(
            (s for s in reversed(self.sections[-200:]) if s.name.endswith(event.title)), self.here(record)
        )
        place = Place(record.offset, record.line)
        worker = Worker(section, place, pid, event.name, last=place)
        section.workers.append(worker)
        self.by_pid[pid] = worker

    def _announced(self, record: Record, worker: Worker, event: grammar.Announced) -> None:
        if worker.current is not None:
            self._close(worker, Place(record.offset, record.line), None)
        tool = Tool.LOCAL if worker.local else Tool.SSH
        command = self._command(worker, record, tool, event.text)
        command.started = self._now
        self._bind_floating(worker)

    def _done(self, record: Record, parsed: grammar.Header, event: grammar.Done, worker: Worker | None) -> int | None:
        place = Place(record.offset, record.line)
        head = parsed.message.partition(b"stdout=")[2].rstrip(b"\r")
        found = None
        for waiting in self._awaited:
            if (worker is None or waiting.worker is worker) and waiting.command.rc == event.rc and waiting.first == head:
                found = waiting
                break
        if worker is None and self.run.parent_pid == parsed.pid and found is not None:
            worker = found.worker
        if worker is not None:
            worker.last = place
            if worker.current is not None and (found is None or worker.current is found.command):
                self._close(worker, place, event.rc)
        if found is None:
            return None
        self._awaited = [waiting for waiting in self._awaited if waiting.worker is not found.worker]
        return found.lines

    # ---- `<X>` lines

    def addressed(self, record: Record, who: str, event: grammar.AddressedEvent) -> None:
        """A line that begins with `<X> `."""
        self.run.verbosity = max(self.run.verbosity or 0, 3)
        place = Place(record.offset, record.line)
        if isinstance(event, grammar.Discovering):
            self.here(record).discovered.append((who, record.line))
            return
        self.addresses.add(who)
        if isinstance(event, grammar.Established):
            if event.local:
                self._local.add(who)
        elif isinstance(event, grammar.Executed):
            if event.ssh_verbose:
                self.run.ssh_debug = True
            self._executed(record, who, event, place)
        elif isinstance(event, grammar.Put):
            self._put(record, who, event, place)
        elif isinstance(event, grammar.Tupled):
            self._tupled(record, who, event, place)
        elif isinstance(event, grammar.Retrying):
            self._retry.add(who)

    def _put(self, record: Record, who: str, event: grammar.Put, place: Place) -> None:
        if who in self._local:
            about = grammar.purpose(Tool.LOCAL, event.target + " " + event.source)
            worker = self._by_tmp(about.worker) or self._worker_at(record, who, None, about)
            if worker is not None:
                if worker.current is not None:
                    self._close(worker, place, None)
                command = self._command(worker, record, Tool.LOCAL, f"PUT {event.source} TO {event.target}")
                command.stage, command.method = Stage.TRANSFER, "local"
                command.remote_path, command.local_path = event.target, event.source
                self._close(worker, place, None)
            return
        self._puts.setdefault(who, []).append(event)
        del self._puts[who][:-50]

    def _executed(self, record: Record, who: str, event: grammar.Executed, place: Place) -> None:
        if event.tool is Tool.LOCAL:
            self._local.add(who)
        text = event.text
        put = None
        if event.tool is Tool.SFTP and self._puts.get(who):
            put = self._puts[who].pop(0)
            text = f"{put.source} {put.target}"
        about = grammar.purpose(event.tool, text)
        worker = self._by_tmp(about.worker)
        if worker is None and self.by_pid:
            worker = self._announcer(who, event)
            if worker is None:
                self._floating.append(_Floating(who, event, place))
                del self._floating[:-500]
                return
        if worker is None or (worker.pid not in self.by_pid and worker.address not in (None, who)):
            worker = self._worker_at(record, who, event, about)
        current = worker.current
        announced = current is not None and current.tool is not Tool.SFTP and not current.address and self._same(current, event)
        if announced and current is not None:
            self._bind(worker, current, who, event)
        else:
            if current is not None:
                self._close(worker, place, None)
            command = self._command(worker, record, event.tool, text)
            self._bind(worker, command, who, event)
            command.started = self._now
        command = worker.current
        if command is not None and put is not None:
            command.local_path, command.remote_path = (put.target, put.source) if put.fetch else (put.source, put.target)
        if worker.pid is None and about.worker is not None:
            worker.pid = about.worker

    @staticmethod
    def _same(command: Command, event: grammar.Executed) -> bool:
        return command.text == event.text or command.text.startswith(event.text) or event.text.startswith(command.text)

    def _by_tmp(self, pid: int | None) -> Worker | None:
        if pid is None:
            return None
        known = self.by_pid.get(pid)
        if known is not None:
            return known
        for section in reversed(self.sections[-20:]):
            for worker in section.workers:
                if worker.pid == pid:
                    return worker
        return None

    def _announcer(self, who: str, event: grammar.Executed) -> Worker | None:
        """The worker that announced this very command (headers with the worker's pid), if only one can have."""
        if event.tool in (Tool.SFTP, Tool.SCP):
            here = [w for w in self.by_pid.values() if w.address == who and w.current is None and w.section is self.sections[-1]]
            return here[0] if len(here) == 1 else None
        waiting = [
            worker
            for command, worker in self.open.values()
            if not command.address and worker.address in (None, who) and self._same(command, event)
        ]
        sure = [worker for worker in waiting if worker.address == who]
        if sure:
            return sure[0]
        return waiting[0] if len(waiting) == 1 else None

    def _bind_floating(self, worker: Worker) -> None:
        """A worker's address became known, or it announced a command: an `EXEC` line that waited may be its."""
        if worker.address is None or worker.current is None or worker.current.address:
            return
        for floating in self._floating:
            if floating.address == worker.address and self._same(worker.current, floating.event):
                self._floating.remove(floating)
                self._bind(worker, worker.current, floating.address, floating.event)
                return

    def _worker_at(
        self, record: Record, who: str, event: grammar.Executed | None, about: grammar.Purpose
    ) -> Worker:
        """The worker of this section at an address, where no pid tells it; a new one where none can have the command."""
        section = self.here(record)
        retry = who in self._retry
        self._retry.discard(who)
        best: Worker | None = None
        for worker in section.workers:
            if worker.address != who or (worker.name is not None and worker.pid in self.by_pid):
                continue
            if event is not None and (worker.user, worker.port) != (event.user, event.port) and event.tool is not Tool.LOCAL:
                continue
            if about.worker is not None and worker.pid is not None and worker.pid != about.worker:
                # A loop's items share the worker; another pid is another worker.
                continue
            if worker.current is not None and not (retry or self._gives_way(worker, about, event)):
                continue
            if best is None or worker.last > best.last:
                best = worker
        if best is None:
            best = Worker(section, Place(record.offset, record.line), about.worker, None, who)
            section.workers.append(best)
        best.last = Place(record.offset, record.line)
        return best

    @staticmethod
    def _gives_way(worker: Worker, about: grammar.Purpose, event: grammar.Executed | None) -> bool:
        """Whether an open command may have ended unsaid: a smart transfer's failed attempt logs no tuple (2.2-2.19)."""
        current = worker.current
        if current is None or event is None:
            return True
        if current.tool is Tool.LOCAL:
            return True
        return current.stage is Stage.TRANSFER and about.stage is Stage.TRANSFER and current.tool is not event.tool

    def _tupled(self, record: Record, who: str, event: grammar.Tupled, place: Place) -> None:
        try:
            decoded = (
                CommandTuple(event.censored_rc, b"", b"") if event.censored_rc is not None else decode_tuple(event.raw)
            )
        except ValueError as error:
            self.notes.append((place, f"the result of a command on line {record.line} is not whole: {error}"))
            return
        owner = self._tuple_owner(who, decoded, record)
        if owner is None:
            return
        command, worker = owner
        if command.address is None:
            floating = next((f for f in self._floating if f.address == who and self._same(command, f.event)), None)
            if floating is not None:
                self._floating.remove(floating)
                self._bind(worker, command, who, floating.event)
            else:
                command.address = worker.address = who
        command.has_tuple = True
        command.rc = decoded.rc
        censored = event.censored_rc is not None
        command.stdout_bytes = None if censored else len(decoded.stdout)
        command.stderr_bytes = None if censored else len(decoded.stderr)
        if not command.chunks:
            self._read_tuple(command, decoded, place)
        worker.last = place
        self._close(worker, place, decoded.rc)
        command.last_line = record.line
        quoted = decoded.stdout + b", stderr=" + decoded.stderr
        lines = quoted.count(b"\n") - (1 if quoted.endswith(b"\n") else 0)
        self._awaited.append(_Awaited(command, worker, quoted.partition(b"\n")[0].rstrip(b"\r"), lines))
        del self._awaited[:-1000]

    def _read_tuple(self, command: Command, decoded: CommandTuple, place: Place) -> None:
        reader = self._readers.get(command.index) or SshReader(command.transcript)
        for stderr, text in ((True, decoded.stderr), (False, decoded.stdout)):
            for piece in text.split(b"\n"):
                reader.feed(piece, place.offset, place.line, None, stderr=stderr, ended=True)

    def _tuple_owner(self, who: str, decoded: CommandTuple, record: Record) -> tuple[Command, Worker] | None:
        candidates = [
            (command, worker)
            for command, worker in self.open.values()
            if not command.has_tuple
            and (command.address == who or (command.address is None and worker.address in (None, who)))
        ]
        if len(candidates) == 1:
            return candidates[0]
        if not candidates:
            return None  # a piped transfer logs its tuple twice (2.3-2.19)
        size = [len(decoded.stdout), len(decoded.stderr)]
        by_size = [pair for pair in candidates if self._sizes.get(pair[0].index) == size]
        if len(by_size) >= 1:
            return by_size[0]
        here = [pair for pair in candidates if pair[0].address == who]
        fitting = [pair for pair in here if _answers(pair[0], decoded.stdout)]
        if fitting:
            return fitting[0]
        return here[0] if here else None

    # ---- commands

    def _command(self, worker: Worker, record: Record, tool: Tool, text: str) -> Command:
        about = grammar.purpose(tool, text)
        place = Place(record.offset, record.line)
        command = Command(len(self.chunks.commands), about.stage, tool, place, text=text, method=about.method)
        command.tmp, command.become = about.tmp, about.become
        if about.stdin_python:
            command.stage = self._stdin_stage(worker)
        command.pid = worker.pid if worker.pid in self.by_pid else None
        command.last_line = record.line
        self.chunks.commands.append(command)
        worker.commands.append(command)
        worker.current = command
        worker.last = place
        self.open[command.index] = (command, worker)
        return command

    def _stdin_stage(self, worker: Worker) -> Stage:
        """A Python that reads its program: right behind discovery it is the probe (2.8-2.18), else the module."""
        version = self.run.ansible_version or ""
        gone = version.startswith("2.") and version.split(".")[1].isdigit() and int(version.split(".")[1]) >= 19
        before = worker.commands[-1].stage if worker.commands else None
        return Stage.PROBE if before is Stage.DISCOVERY and not gone else Stage.EXEC

    def _bind(self, worker: Worker, command: Command, who: str, event: grammar.Executed) -> None:
        worker.address = command.address = who
        worker.port = command.port = event.port
        worker.user = command.user = event.user
        worker.control_path = event.control_path
        command.tool = event.tool
        if event.tool is Tool.LOCAL:
            worker.local = True
        if event.sshpass:
            command.text = command.text or event.text

    def _close(self, worker: Worker, place: Place, rc: int | None) -> None:
        command = worker.current
        if command is None:
            return
        worker.current = None
        command.closed = place
        command.last_line = max(command.last_line, place.line)
        command.rc = rc if rc is not None else command.rc
        command.ended = command.last_output if command.last_output is not None else self._now
        reader = self._readers.pop(command.index, None)
        if reader is not None:
            reader.finish(command.last_output)
        self._sizes.pop(command.index, None)
        self.open.pop(command.index, None)
        if command.rc == 0:
            # A healthy command's words prove nothing; a run of thousands must not keep them.
            del command.transcript.plain[6:]

    # ---- chunks

    def chunk_opened(self, place: Place, start: int, time: float, pid: int, stream: Stream, state: int) -> int:
        """A chunk begins: its owner, as far as the log tells it, and its place in the table."""
        index = self.chunks.append(place, start, start, time, pid, stream, state)
        owner = self._owner(pid)
        self._chunk_owner = {index: owner}
        self._chunk_time = time
        self._chunk_stderr = stream is Stream.STDERR
        if owner is not None:
            command, worker = owner
            exact = pid in self.by_pid
            self.chunks.attribute(index, command, Attribution.EXACT if exact else Attribution.INFERRED)
            command.last_output = time
            if command.started is None:
                command.started = time
            if command.index not in self._readers:
                self._readers[command.index] = SshReader(command.transcript)
                self._sizes[command.index] = [0, 0]
            worker.last = place
        return index

    def _owner(self, pid: int) -> tuple[Command, Worker] | None:
        worker = self.by_pid.get(pid)
        if worker is not None:
            if worker.current is None:
                self._adopt(worker)
            return (worker.current, worker) if worker.current is not None else None
        if pid != self.run.parent_pid:
            return None
        # 2.17 and later: all headers carry the parent's pid. Only where one single command is open is its owner known.
        return next(iter(self.open.values())) if len(self.open) == 1 else None

    def _adopt(self, worker: Worker) -> None:
        """A worker's output with no command announced: a transfer, whose `EXEC` line waits for its worker."""
        waiting = [
            floating
            for floating in self._floating
            if floating.event.tool in (Tool.SFTP, Tool.SCP) and worker.address in (None, floating.address)
        ]
        if len(waiting) == 1:
            floating = waiting[0]
            self._floating.remove(floating)
            record = Record(floating.place.offset, floating.place.line, floating.place.offset, b"", None, None)
            command = self._command(worker, record, floating.event.tool, floating.event.text)
            self._bind(worker, command, floating.address, floating.event)

    def chunk_text(self, index: int, piece: bytes, offset: int, line: int, *, ended: bool) -> None:
        """A line (or the last piece of one) of the open chunk."""
        owner = self._chunk_owner.get(index)
        if owner is None:
            return
        command, worker = owner
        reader = self._readers.get(command.index)
        if reader is None:
            return
        self._sizes[command.index][self._chunk_stderr] += len(piece) + ended
        reader.feed(piece, offset, line, self._chunk_time, stderr=self._chunk_stderr, ended=ended)
        command.last_line = line
        if worker.address is None and command.transcript.target is not None:
            self._found_address(worker, command)

    def _found_address(self, worker: Worker, command: Command) -> None:
        """ssh's own text names the host: an `EXEC` line that waited for its worker is this one's."""
        target = command.transcript.target
        for floating in self._floating:
            if floating.address == target and self._same(command, floating.event):
                self._floating.remove(floating)
                self._bind(worker, command, floating.address, floating.event)
                return

    def chunk_closed(self, index: int, end: int) -> None:
        """The chunk's end is known."""
        self.chunks.set_end(index, end)
        self._chunk_owner.clear()


def _answers(command: Command, stdout: bytes) -> bool:
    """Whether `stdout` is what the stage's command answers when it works."""
    if command.stage is Stage.TMPDIR:
        return command.tmp is not None and command.tmp.encode() in stdout
    if command.stage is Stage.DISCOVERY:
        return b"FOUND" in stdout
    if command.stage is Stage.HOME:
        return stdout.startswith((b"/", b"~")) and stdout.count(b"\n") <= 1
    if command.tool is Tool.SFTP:
        return stdout.startswith(b"sftp> ") and (command.remote_path or "").encode("utf-8", "surrogateescape") in stdout
    if command.stage is Stage.EXEC:
        return b"{" in stdout
    return not stdout
