"""The report's document, schema 1. Scripts read it: fields are added freely, never renamed or taken away.

Lines count from 1 in the log as it is (after decompression). Times are seconds since the epoch, null where the log has
none. Text of the log is as it was, but for secrets and bytes that are not UTF-8.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from parsers.awaited import Wait
from parsers.ends.model import Side, Sure
from parsers.findings import Confidence, Severity
from parsers.model import Attribution, RunStatus, SourceKind, Stage, Status, Stream
from parsers.sshd.life import State
from parsers.sshd.model import AuthResult, End
from parsers.whynot import Standing

Line = Annotated[int, Meta(ge=1)]
Count = Annotated[int, Meta(ge=0)]
Index = Annotated[int, Meta(ge=0)]


class SourceEntry(Struct, frozen=True):
    """One LOG of the command line."""

    path: str
    """As it was given; `standard input` for `-`."""
    kind: SourceKind
    bytes: Count
    lines: Count
    runs: Count


class ReassemblyEntry(Struct, frozen=True):
    """The self-check of attribution: do a command's chunks, joined, equal the bytes of its result?"""

    commands: Count
    exact: Count
    differ: Count
    open: Count
    """Commands without a result, which cannot be checked."""


class RunEntry(Struct, frozen=True):
    """One ansible or ansible-playbook run, counted across all sources."""

    index: Index
    source: Index
    """Which of `sources` it stands in."""
    ansible_version: str | None
    verbosity: int | None
    debug: bool
    ssh_debug: bool
    playbook: str | None
    status: RunStatus
    started: float | None
    last_time: float | None
    """The newest time in the run's part of the log."""
    first_line: Line
    last_line: Count
    reassembly: ReassemblyEntry
    stamped: bool | None
    """Whether the run was launched by this program with each debug line naming its host."""


class CauseEntry(Struct, frozen=True):
    """Why an open command may wait for ever."""

    rule: str | None
    """The rule that is about it, if one is."""
    tell: str
    """What tells it from the others."""


class AwaitedEntry(Struct, frozen=True):
    """What a command that has not ended waits for."""

    wait: Wait
    what: str
    whom: str
    causes: list[CauseEntry]
    commands: list[str]
    """What to run next."""


class StageEntry(Struct, frozen=True):
    """One stage of a task. A stage that the run did not need is absent."""

    stage: Stage
    status: Status
    phase: str | None
    rc: int | None
    started: float | None
    ended: float | None
    silent: float | None
    """Seconds without output up to the log's last time, for a stage that is not over."""
    first_line: Line
    last_line: Count
    command: str | None
    stdout_bytes: int | None
    stderr_bytes: int | None
    chunks: Count
    method: str | None
    note: str
    elapsed: float | None
    """Seconds since it began up to the log's last time, for a stage that is not over."""
    awaited: AwaitedEntry | None
    """For a stage that is not over."""


class TaskEntry(Struct, frozen=True):
    """One task of one host."""

    name: str
    action: str | None
    status: Status
    ignored: bool
    rescued: bool
    message: str | None
    """What the module or Ansible said of a failure (`msg`), cut at 2,000 characters."""
    stderr: str | None
    """The module's own stderr of a failure (`stderr`, `module_stderr`), cut likewise."""
    stdout: str | None
    """The module's own stdout of a failure that has no stderr, its last 2,000 characters."""
    first_line: Line
    last_line: Count
    stages: list[StageEntry]
    delegated_to: str | None = None
    """The host where the stages are, where that is not the task's own."""


class HostEntry(Struct, frozen=True):
    """One inventory host in one run."""

    run: Index
    name: str
    """The inventory name where the log tells it, else the address."""
    address: str | None
    port: int | None
    user: str | None
    connection: str
    status: Status
    failed_stage: Stage | None
    phase: str | None
    """ssh's own: resolve, tcp, banner, kex, hostkey, auth or channel."""
    failed_task: str | None
    tasks: list[TaskEntry]


class EvidenceEntry(Struct, frozen=True):
    """One line of a log that proves a finding."""

    source: Index
    line: Line
    text: str


class FindingEntry(Struct, frozen=True):
    """What a rule concluded. At most one with severity `error` a host is its cause."""

    rule: str
    severity: Severity
    confidence: Confidence
    run: Index | None
    """None for a finding in a log of sshd, which has connections and no runs."""
    host: str | None
    task: str | None
    stage: Stage
    phase: str | None
    category: Annotated[int, Meta(ge=1, le=4)]
    title: str
    explanation: str
    fixes: list[str]
    evidence: list[EvidenceEntry]
    connection: Index | None = None
    """Of `connections`, by its `index` in that source; None also for what the listening process says."""
    channel: Index | None = None


class AttemptEntry(Struct, frozen=True):
    """One attempt to log in, as sshd tells it."""

    method: str
    user: str
    result: AuthResult
    invalid_user: bool
    repeated: Count
    line: Line


class RequestEntry(Struct, frozen=True):
    """One SSH_MSG_CHANNEL_REQUEST of a channel (RFC 4254 5.4)."""

    kind: str
    received: bool
    """True: client to server."""
    reply: bool
    answer: bool | None
    """True: SSH_MSG_CHANNEL_SUCCESS, false: SSH_MSG_CHANNEL_FAILURE."""
    detail: str
    line: Line


class ChannelEntry(Struct, frozen=True):
    """One channel of an SSH connection: one command, or one sftp session."""

    index: Index
    id: int | None
    """sshd's own number, used again by later channels."""
    remote_id: int | None
    type: str | None
    status: State
    run: str | None
    """command, shell, subsystem or forced-command."""
    command: str | None
    """Where sshd tells it: audit builds (Debian, Red Hat) at DEBUG3."""
    command_cut: bool
    subsystem: str | None
    forced: str | None
    refusal: str | None
    pid: int | None
    exit: Literal["status", "signal"] | None
    """What was sent of its end; sshd never logs the value."""
    requests: list[RequestEntry]
    bytes_in: int | None
    """At least: what the windows tell."""
    bytes_out: int | None
    started: float | None
    ended: float | None
    seconds: float | None
    first_line: Line
    last_line: Count
    life: str


class ConnectionEntry(Struct, frozen=True):
    """One connection of an sshd log. Times are null where the stamps name no year; `seconds` is not."""

    source: Index
    index: Index
    """In its source."""
    host: str | None
    """The managed node, as syslog names it."""
    address: str | None
    """The client's."""
    port: int | None
    server_address: str | None
    server_port: int | None
    user: str | None
    client: str | None
    server: str | None
    method: str | None
    """Of the login that worked."""
    attempts: list[AttemptEntry]
    kex: dict[str, str]
    pids: list[int]
    whole: bool
    """Whether the log holds its beginning."""
    end: End | None
    reason: str | None
    started: float | None
    ended: float | None
    seconds: float | None
    first_line: Line
    last_line: Count
    bytes_sent: int | None
    bytes_received: int | None
    life: str
    channels: list[ChannelEntry]


class MessageEntry(Struct, frozen=True):
    """One message of SSH that sshd received or sent (LogLevel DEBUG3; 93, 94 and 95 are never logged)."""

    source: Index
    line: Line
    time: float | None
    connection: Index
    channel: Index | None
    received: bool
    """True: client to server."""
    number: Annotated[int, Meta(ge=0, le=255)]
    name: str
    reference: str
    """RFC and section."""
    preauth: bool


class PairingEntry(Struct, frozen=True):
    """One command of the control node, and the channel of the managed node's sshd that carried it."""

    source: Index
    """Of the control node's log."""
    run: Index
    host: str
    task: str
    stage: Stage
    line: Line
    """Where the control node's log shows the command first."""
    server: int | None
    """Source of the managed node's log; null where no log is this host's."""
    connection: int | None
    """Of `connections`, by its `index` in that source."""
    channel: int | None
    """Of that connection's `channels`."""
    channel_line: int | None
    sure: Sure | None
    """Null without a connection."""
    why: str
    """What speaks for the pair, or why there is none."""
    side: Side
    """How far the command came: `both` is well; `not-received`, `not-answered` and `not-seen` say where it broke."""
    said: str
    life: str | None
    """The channel's, in one line."""
    refused: Count
    """Channels that sshd refused for it before (MaxSessions)."""


class ServerEntry(Struct, frozen=True):
    """One log of sshd beside the control node's."""

    source: Index
    hosts: list[str]
    """The inventory names that it is the log of."""
    channels: Count
    paired: Count
    clock_difference: float | None
    """Seconds to add to the control node's time to get this log's; the zone of stamps without one is in it."""
    clock_spread: float | None
    """Seconds around it."""
    clock_pairs: Count


class WhyNotEntry(Struct, frozen=True):
    """Why a rule is, or is not, the cause of one failure."""

    rule: str
    standing: Standing
    """`follows`: it matched, and the cause explains it. `against`: a fact speaks against it. `partly`: some of what
    it looks for is there. `absent`: none of it is. `elsewhere`: it is about another stage. `cause`: it is the cause."""
    run: Index
    host: str | None
    reason: str
    evidence: list[EvidenceEntry]


class ChunkEntry(Struct, frozen=True):
    """One read of an ssh process's pipe, by the line of its header."""

    source: Index
    line: Line
    host: str | None
    task: str | None
    stage: Stage | None
    stream: Stream
    state: int
    attribution: Attribution
    ambiguous: bool
    """Another open command could have had it as well: the same text (`inferred` only)."""


class NoteEntry(Struct, frozen=True):
    """What a reader should know of a log itself: cut, damaged, of another kind."""

    source: Index
    line: int | None
    text: str


class Document(Struct, frozen=True):
    """The whole report."""

    schema: Literal[1]
    redacted: bool
    sources: list[SourceEntry]
    runs: list[RunEntry]
    hosts: list[HostEntry]
    findings: list[FindingEntry]
    notes: list[NoteEntry]
    reassembly: ReassemblyEntry
    """Of all runs."""
    connections: list[ConnectionEntry] = []
    """Of the logs of sshd."""
    pairings: list[PairingEntry] = []
    """One for each command over ssh, where logs of both ends were given."""
    servers: list[ServerEntry] = []
    """Of the logs of sshd, where logs of both ends were given."""
    chunks: list[ChunkEntry] | UnsetType = UNSET
    """Only with --chunks."""
    messages: list[MessageEntry] | UnsetType = UNSET
    """Of the logs of sshd; only with --chunks."""
    why_not: list[WhyNotEntry] | UnsetType = UNSET
    """Only with --why-not."""
