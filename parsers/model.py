"""The run model: run → host → task → command (a stage) → chunk.

The text stays in the file. The model holds offsets, lines and small facts, so its size follows the number of
commands and not the number of bytes. Offsets are bytes from the start of the log as it is (after decompression);
lines count from 1; times are seconds since the epoch, as the log's debug headers carry them, or None.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from parsers.ssh.transcript import Line, Transcript, telling

if TYPE_CHECKING:
    from parsers.awaited import Awaited


class Stage(StrEnum):
    """What one command of a task is for, in the usual order (contract, "Stages")."""

    CONTROL = "control"
    CONNECT = "connect"
    HOME = "home"
    TMPDIR = "tmpdir"
    DISCOVERY = "discovery"
    PROBE = "probe"
    TRANSFER = "transfer"
    CHMOD = "chmod"
    EXEC = "exec"
    CLEANUP = "cleanup"
    RESULT = "result"


class Status(StrEnum):
    """State of a stage, a task or a host. `UNREACHABLE` is a host's (and its last task's) only."""

    OK = "ok"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    STALLED = "stalled"
    RUNNING = "running"
    SKIPPED = "skipped"

    @property
    def bad(self) -> bool:
        """Whether somebody has to look."""
        return self in (Status.FAILED, Status.UNREACHABLE, Status.STALLED)


class RunStatus(StrEnum):
    """State of a whole run."""

    OK = "ok"
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    CONTROL_ERROR = "control-error"


class SourceKind(StrEnum):
    """What family a log belongs to, told by its content."""

    DEBUG = "ansible-debug"
    VERBOSE = "ansible-verbose"
    LOG = "ansible-log"
    SSHD = "sshd"
    UNKNOWN = "unknown"


class Stream(StrEnum):
    """Which pipe of the ssh process a chunk was read from. Both are output of ssh."""

    STDOUT = "stdout"
    STDERR = "stderr"


class Attribution(StrEnum):
    """How a chunk's command is known."""

    EXACT = "exact"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


class Tool(StrEnum):
    """The program that carried a command."""

    SSH = "ssh"
    SFTP = "sftp"
    SCP = "scp"
    LOCAL = "local"


class Place(NamedTuple):
    """A place in the log: byte offset of a line's start, and its number from 1."""

    offset: int
    line: int


@dataclass(slots=True, eq=False)
class Command:
    """One process that Ansible started for a task: an ssh, sftp or scp, or a local shell."""

    index: int
    stage: Stage
    tool: Tool
    opened: Place
    """The line that shows it first (`SSH: EXEC`, `EXEC`, or the debug line that announces it)."""
    address: str | None = None
    """`<X>` of its lines: ansible_host, not the inventory name."""
    port: int | None = None
    user: str | None = None
    text: str = ""
    """The remote command as the remote shell gets it, cut at 2,000 characters."""
    method: str | None = None
    """For a transfer: sftp, scp or piped."""
    announced_line: int | None = None
    """Line of its `ESTABLISH SSH CONNECTION`, which its worker prints right before it starts the command."""
    pid: int | None = None
    """The worker's pid where the log tells it (headers up to 2.16)."""
    started: float | None = None
    ended: float | None = None
    last_output: float | None = None
    """Time of its last chunk."""
    seen: float | None = None
    """When a live look first found it open, for a log whose lines have no times."""
    closed: Place | None = None
    """Its `<X> (rc, …)` line, or the line that shows that it is over."""
    has_tuple: bool = False
    rc: int | None = None
    stdout_bytes: int | None = None
    stderr_bytes: int | None = None
    sent_bytes: int | None = None
    """N of `Sent initial data (N bytes)`."""
    tmp: str | None = None
    """The `ansible-tmp-…` name that it works in."""
    local_path: str | None = None
    remote_path: str | None = None
    become: bool = False
    password: bool | None = None
    """Whether ssh may use a password: `sshpass`, or no `PasswordAuthentication=no`; None without a `SSH: EXEC` line."""
    identity: str | None = None
    """`IdentityFile` of its `SSH: EXEC` line."""
    tty: bool = False
    """Whether ssh was told to ask for a terminal: `-t` or `RequestTTY` (Ansible's own `-tt` where nothing is sent)."""
    proxy: str | None = None
    """`ProxyCommand` or `ProxyJump` of its `SSH: EXEC` line."""
    options: tuple[tuple[str, ...], ...] = ()
    """What that line gives ssh besides user and port that a login by hand needs as well, each as its words."""
    control_path: str | None = None
    """`ControlPath` of that line."""
    false_success: Line | None = None
    """What Ansible took for the success of the privilege escalation, where it came from stderr: ssh's own words."""
    connect_timeout: int | None = None
    """`ConnectTimeout` of its `SSH: EXEC` line, in seconds."""
    verbose: bool | None = None
    """Whether its ssh was told to say what it does (`-v`); None without a `SSH: EXEC` line."""
    stderr_sum: int | None = None
    """Checksum of its tuple's stderr, white space around it and carriage returns left out."""
    attempt: int = 1
    """Counts from 1; above 1 for a retry of ssh (`ssh_retry`, `ControlPersist broken pipe`)."""
    transcript: Transcript = field(default_factory=Transcript)
    """What ssh and the remote side said: decoded facts and the plain lines."""
    chunks: array[int] = field(default_factory=lambda: array("L"))
    """Indices into the model's `ChunkTable`, in order."""
    task: TaskRun | None = None
    status: Status = Status.RUNNING
    last_line: int = 0

    @property
    def open(self) -> bool:
        """Whether the log has not shown its end."""
        return self.closed is None


SILENCE = 1.0
"""Seconds of silence from which on it says something: below, the log was just cut there."""


@dataclass(slots=True, eq=False)
class StageRun:
    """One stage of a task as both faces show it."""

    stage: Stage
    status: Status
    first: Place
    last_line: int
    command: Command | None = None
    rc: int | None = None
    started: float | None = None
    ended: float | None = None
    phase: str | None = None
    """`connect` only: the phase that it reached or broke in."""
    note: str = ""
    """A few words for the list: the home directory, the phases, `rc 1`, the first plain line of a failure."""
    elapsed: float | None = None
    """Seconds since it began, up to the log's last time (live: up to now), for a stage that is not over."""
    silent: float | None = None
    """Seconds without output up to the log's last time (live: up to now), for a stage that is not over."""
    awaited: Awaited | None = None
    """What it waits for, for a stage that is not over."""

    @property
    def silence(self) -> float | None:
        """Its silence in seconds, where that is long enough to be said."""
        return self.silent if self.silent is not None and self.silent >= SILENCE else None

    @property
    def seconds(self) -> float | None:
        """How long it took, in seconds."""
        if self.started is None or self.ended is None:
            return None
        return max(0.0, self.ended - self.started)


FAILED_WHEN = "failed_when of the task is true"
NO_RESULT = "no result: the run ended on the control node before it came"


_SSHS = re.compile(r"OpenSSH_\d[^ ]{0,40},? |(?:Shared connection|Connection) to [^ ]{1,255} closed\.\s*$")


@dataclass(slots=True, eq=False)
class Result:
    """A result line of a host (`ok: [web1] => {`, `fatal: [db1]: UNREACHABLE! => {`)."""

    place: Place
    word: str
    """ok, changed, failed, unreachable, skipped."""
    item: str | None = None
    message: str = ""
    """The result's `msg` (cut at 8,000 characters), where the log shows one."""
    message_place: Place | None = None
    module_stdout: str = ""
    module_stderr: str = ""
    stdout_place: Place | None = None
    stderr_place: Place | None = None
    """Where the log holds these; None where that is the result's own line."""
    rc: int | None = None
    """The module's own rc, from its JSON."""
    failed_when: bool = False
    """Whether the task's own `failed_when` made a failure of it."""
    ignored: bool = False
    last_line: int = 0
    quoted: int | None = None
    """Checksum of the stderr that the message quotes whole (`Failed to connect to the host via ssh: …`)."""

    @property
    def said(self) -> tuple[tuple[str, Place, bool], ...]:
        """What the module printed, its stdout first: the text, where the log holds it, and whether it is stderr."""
        return (
            (self.module_stdout, self.stdout_place or self.place, False),
            (self.module_stderr, self.stderr_place or self.place, True),
        )

    @property
    def reason(self) -> str:
        """The message; where there is none, that the playbook itself calls this a failure."""
        return self.message if self.message.strip() or not self.failed_when else FAILED_WHEN

    @property
    def headline(self) -> str:
        """The reason in one line: its first, with the last word of what it quotes where that begins as ssh does."""
        first, *rest = self.reason.strip().splitlines() or [""]
        before, found, quoted = first.partition("OpenSSH_")
        if not found or _SSHS.match(found + quoted) is None:
            return first
        # At -vvvv all that ssh said is quoted; the bracket that closes the quotation stands on a line of its own.
        own = [line for line in rest if line.strip(" )") and _SSHS.match(line) is None]
        return before + (telling(own) or found + quoted).strip()

    @property
    def printed(self) -> str:
        """The module's own words on its failure: stderr, or stdout where that is empty (many scripts use no other)."""
        return self.own_stderr or self.module_stdout

    @property
    def own_stderr(self) -> str:
        """The module's stderr without what ssh says of each session there; empty where nothing else is in it."""
        lines = self.module_stderr.splitlines(keepends=True)
        own = "".join(line for line in lines if _SSHS.match(line) is None)
        return own if own.strip() else ""


@dataclass(slots=True, eq=False)
class TaskRun:
    """One task of one host."""

    name: str
    first: Place
    host: str = ""
    """The inventory name."""
    action: str | None = None
    play: str = ""
    path: str | None = None
    """`task path:` of the playbook, FILE:LINE."""
    delegate: str | None = None
    """The host that the task is delegated to, by its inventory name: its result says so, or where it is at work."""
    handler: bool = False
    commands: list[Command] = field(default_factory=list)
    stages: list[StageRun] = field(default_factory=list)
    """Settled by the builder at every snapshot."""
    results: list[Result] = field(default_factory=list)
    status: Status = Status.RUNNING
    ignored: bool = False
    rescued: bool = False
    lost: bool = False
    """Whether the log says that no rescue follows its failure: only what is always done does."""
    last_line: int = 0

    @property
    def bad_result(self) -> Result | None:
        """The newest result that says that it failed."""
        return next((result for result in reversed(self.results) if result.word in ("failed", "unreachable")), None)

    @property
    def failed_stage(self) -> StageRun | None:
        """The stage that broke the task: the first one that failed or stands still."""
        for stage in self.stages:
            if stage.status.bad:
                return stage
        return None


@dataclass(slots=True, eq=False)
class HostRun:
    """One inventory host in one run."""

    name: str
    address: str | None = None
    port: int | None = None
    user: str | None = None
    connection: str = "ssh"
    tasks: list[TaskRun] = field(default_factory=list)
    status: Status = Status.RUNNING
    failed_stage: Stage | None = None
    phase: str | None = None
    failed_task: TaskRun | None = None
    recap: dict[str, int] | None = None
    recap_place: Place | None = None

    @property
    def current_task(self) -> TaskRun | None:
        """The task that a reader wants first: the failed one, else the newest."""
        return self.failed_task or (self.tasks[-1] if self.tasks else None)


@dataclass(slots=True, eq=False)
class ControlError:
    """An error of the control node itself: its lines before any host."""

    place: Place
    lines: list[tuple[Place, str]] = field(default_factory=list)
    """The text, line by line, cut at 40 lines of 400 characters."""


@dataclass(slots=True)
class Reassembly:
    """The self-check of attribution: a command's joined chunks against the bytes of its tuple."""

    commands: int = 0
    exact: int = 0
    differ: int = 0
    open: int = 0


@dataclass(slots=True, eq=False)
class Run:
    """One ansible-playbook (or ansible) run."""

    index: int
    first: Place
    last_line: int = 0
    ansible_version: str | None = None
    verbosity: int | None = None
    playbook: str | None = None
    debug: bool = False
    ssh_debug: bool = False
    log_file: bool = False
    """Whether it is the file of `ANSIBLE_LOG_PATH`: each record with date, pid and user."""
    forks: int | None = None
    parent_pid: int | None = None
    status: RunStatus = RunStatus.INCOMPLETE
    started: float | None = None
    last_time: float | None = None
    hosts: dict[str, HostRun] = field(default_factory=dict)
    """By inventory name, in the order of their first appearance."""
    control_errors: list[ControlError] = field(default_factory=list)
    warnings: list[tuple[Place, str]] = field(default_factory=list)
    """`[WARNING]:` lines, cut at 400 characters, the first 200."""
    recap: Place | None = None
    stamped: bool | None = None
    """Whether this program's callback plugin named the host of each debug line; None where it was not loaded."""
    reassembly: Reassembly = field(default_factory=Reassembly)
    """Counted where the log has chunks."""
