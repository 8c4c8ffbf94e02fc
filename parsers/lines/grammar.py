"""The grammar of the control node's log: one line in, one event out (or None for a line that means nothing here).

Each row names the ansible-core versions whose wording it is; no `if version` stands in the model. Lines that hold
remote text are matched by literal beginnings and bounded patterns only. Here are debug headers and what stands behind
them; `<X> …` lines are `addressed`'s, banners, results and errors `display`'s.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# ---------------------------------------------------------------------------------------------------------------
# Debug headers: `%6d %0.5f: msg` (2.0-2.19), `%6d %0.5f [%s]: msg` where a host is given (2.6-2.19).

_HEADER = re.compile(rb" {0,6}(\d{1,10}) (\d{9,11}\.\d{5})(?: \[([^\]\n]{1,255})\])?: ?(.*)", re.DOTALL)


# What this program's own callback plugin puts before a worker's message from 2.17 on (`tui.stamp`).
_STAMP = re.compile(rb"@(\d{1,10})/(\d{9,11}\.\d{5}) ")


class Header(NamedTuple):
    """A debug line: who wrote it, when, and what."""

    pid: int
    """The writer's process: the worker's up to 2.16 and in a stamped log, the parent's otherwise."""
    time: float
    host: str | None
    message: bytes
    printed: int
    """The pid as the header has it."""


def header(body: bytes) -> Header | None:
    """The debug header of a line, None where it has none."""
    match = _HEADER.match(body)
    if match is None:
        return None
    printed, time, host, message = match.groups()
    pid = printed
    if host is not None and message[:1] == b"@" and (stamp := _STAMP.match(message)) is not None:
        pid, time = stamp.groups()
        message = message[stamp.end() :]
    return Header(int(pid), float(time), text_of(host) if host is not None else None, message, int(printed))


def text_of(raw: bytes, limit: int = 2000) -> str:
    """Bytes of a log as text, what is not UTF-8 kept as surrogates, cut at `limit` characters."""
    return raw[: limit * 4].decode("utf-8", "surrogateescape")[:limit]


CHUNK = re.compile(rb"(stdout|stderr) chunk \(state=(\d)\):\r?")
"""2.0-2.19; the text follows on the next lines, `>>>` … `<<<`."""

# ---------------------------------------------------------------------------------------------------------------
# Messages behind a debug header.


class ExecutorStarted(NamedTuple):
    """`running TaskExecutor() for HOST/TASK: title` (2.0-2.18): the worker's pid is this host's up to 2.16."""

    name: str
    title: str


class TaskQueued(NamedTuple):
    """`entering _queue_task() for HOST/action` (2.0-2.19), written by the parent."""

    name: str
    action: str


class Announced(NamedTuple):
    """`_low_level_execute_command(): executing: CMD` (2.0-2.19)."""

    text: str


class Done(NamedTuple):
    """`_low_level_execute_command() done: rc=N, stdout=…` (2.0-2.19): the remote text follows, on lines of its own."""

    rc: int


class Initial(NamedTuple):
    """`Sent initial data (N bytes)` (2.0-2.19)."""

    size: int


class FalseSuccess(NamedTuple):
    """`become_success: (source=stderr, state=…): '…'` (2.0-2.19): stderr is ssh's own, never the remote command's."""

    key: str
    """`BECOME-SUCCESS-` and its 32 letters."""
    text: str


class RunStarted(NamedTuple):
    """`starting run` (2.0-2.19), the first line with ANSIBLE_DEBUG."""


class RunOver(NamedTuple):
    """`RUNNING CLEANUP` (2.0-2.21), near the last line with ANSIBLE_DEBUG, also of a run that was interrupted."""


class WorkerEnded(NamedTuple):
    """`done running TaskExecutor() for HOST/TASK: …` (2.0-2.18)."""

    name: str


class MarkedFailed(NamedTuple):
    """`marking HOST as failed` (2.0-2.21): the parent has a result of it that failed, and none says to ignore it."""

    name: str


class FailedState(NamedTuple):
    """`^ failed state is now: HOST STATE: …, run_state=3, …` (2.0-2.21), behind the former: what its play does next."""

    rescue: bool
    """Whether that is the rescue of a block, or of one in it: the host may be none the worse for it."""


class ResultsIn(NamedTuple):
    """`no more pending results, returning what we have` (2.0-2.21; handlers up to 2.13): all that were queued have
    their result."""


class Hosted(NamedTuple):
    """`[HOST]: found interpreters: …` (2.6-2.19): discovery's answer, under the inventory name."""

    name: str


class FreeHost(NamedTuple):
    """`[HOST]: free host task: TASK: title`: the free strategy looks at a host's next task (2.13-2.19)."""

    title: str


class Stamping(NamedTuple):
    """What this program's callback plugin says when it is loaded."""

    on: bool
    reason: str


DebugEvent = (
    FreeHost
    | Stamping
    | Hosted
    | MarkedFailed
    | FailedState
    | ResultsIn
    | ExecutorStarted
    | TaskQueued
    | Announced
    | Done
    | Initial
    | FalseSuccess
    | RunStarted
    | RunOver
    | WorkerEnded
)

_EXECUTOR = re.compile(rb"running TaskExecutor\(\) for ([^/\n]{1,255})/(?:TASK|HANDLER): (.{0,500})")
_QUEUE = re.compile(rb"entering _queue_task\(\) for ([^/\n]{1,255})/(\S{1,255})")
_DONE = re.compile(rb"_low_level_execute_command\(\) done: rc=(-?\d{1,10}), stdout=")
_INITIAL = re.compile(rb"Sent initial data \((\d{1,12}) bytes\)")
_FALSE_SUCCESS = re.compile(rb"become_success: \(source=stderr, state=[a-z_]{1,30}\): '(.{0,4000})", re.DOTALL)
_SUCCESS_KEY = re.compile(rb"BECOME-SUCCESS-[a-z]{32}")
_MARKED = re.compile(rb"marking (.{1,255}) as failed\r?")
_RESCUE = re.compile(rb"\brun_state=2\b")
_EXECUTING = b"_low_level_execute_command(): executing: "


def debug_event(message: bytes) -> DebugEvent | None:
    """What a debug line's message says, None for one that says nothing about a host's work."""
    first = message[:5]
    if first == b"_low_":
        if message.startswith(_EXECUTING):
            return Announced(text_of(message[len(_EXECUTING) :].rstrip(b"\r")))
        if (match := _DONE.match(message)) is not None:
            return Done(int(match.group(1)))
    elif first == b"runni":
        if (match := _EXECUTOR.match(message)) is not None:
            return ExecutorStarted(text_of(match.group(1)), text_of(match.group(2)).rstrip("\r"))
    elif first == b"enter":
        if (match := _QUEUE.match(message)) is not None:
            return TaskQueued(text_of(match.group(1)), text_of(match.group(2)))
    elif first == b"Sent ":
        if (match := _INITIAL.match(message)) is not None:
            return Initial(int(match.group(1)))
    elif first == b"becom":
        if (match := _FALSE_SUCCESS.match(message)) is not None and (key := _SUCCESS_KEY.search(match.group(1))):
            return FalseSuccess(text_of(key.group()), text_of(match.group(1).rstrip(b"\r'"), 400))
    elif first == b"start":
        if message.rstrip(b"\r") == b"starting run":
            return RunStarted()
    elif first == b"RUNNI":
        if message.rstrip(b"\r") == b"RUNNING CLEANUP":
            return RunOver()
    elif first == b"marki":
        if (match := _MARKED.fullmatch(message)) is not None:
            return MarkedFailed(text_of(match.group(1)))
    elif first == b"^ fai":
        if message.startswith(b"^ failed state is now: "):
            return FailedState(_RESCUE.search(message, 0, 20_000) is not None)
    elif first == b"no mo":
        if message.startswith((b"no more pending results", b"no more pending handlers")):
            return ResultsIn()
    elif first == b"free " and message.startswith(b"free host task: "):
        return FreeHost(text_of(message[16:]).removeprefix("TASK: ").rstrip("\r"))
    elif first == b"sshde" and message.startswith(b"sshdebug_stamp: "):
        return Stamping(b"stay unstamped" not in message[:60], text_of(message[16:]).rstrip("\r"))
    elif first == b"done " and (match := _EXECUTOR.match(message, 5)) is not None:
        return WorkerEnded(text_of(match.group(1)))
    return None
