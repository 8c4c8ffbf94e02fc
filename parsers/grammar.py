"""The grammar of the control node's log: one line in, one event out (or None for a line that means nothing here).

Each row names the ansible-core versions whose wording it is; no `if version` stands in the model. Lines that hold
remote text are matched by literal beginnings and bounded patterns only. The `<X> …` lines are `addressed`'s.
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


# ---------------------------------------------------------------------------------------------------------------
# Lines of the display: banners, results, errors.

_BANNER = re.compile(
    rb"(ansible(?:-[a-z]{1,20})?) (?:\[core (\d{1,2}\.\d{1,2}[^\]\s]{0,20})\]|(\d\.\d{1,2}\.\d{1,2}\S{0,10}))"
)
# community.general.counter_enabled counts tasks and hosts (`TASK 1/9 [x]`, `ok: 2/40 [web1]`), its timestamp callback
# puts a time behind the asterisks.
_SECTION = re.compile(
    rb"(PLAY RECAP|PLAYBOOK:?|PLAY|TASK|RUNNING HANDLER|CLEANUP TASK)"
    rb"(?:(?: \d{1,9}/\d{1,9})? \[(.{0,1000})\]| ([^*\s].{0,400}?))? ?\*{3,}(?: [^*\n]{1,60})?\r?",
    re.DOTALL,
)
_RESULT = re.compile(
    rb"(ok|changed|fatal|failed|skipping|unreachable): (?:\d{1,9}/\d{1,9} )?"
    rb"\[([^\]\n]{1,600})\](?:: (FAILED|UNREACHABLE)! ?)?"
    rb"(?:(?: =>)? \(item=(.{0,2000}?)\) ?)?( => .*)?\r?",
    re.DOTALL,
)
# `ansible` ad hoc (callback minimal, 2.0-2.21): `web1 | UNREACHABLE! => {`; with `-o` (callback oneline, the same
# versions) `web1 | UNREACHABLE!: MESSAGE`, `web1 | CHANGED | rc=0 | (stdout) TEXT`, `web1 | SKIPPED`.
_ADHOC = re.compile(
    rb"(\S{1,255}) \| (?:(SUCCESS|CHANGED|FAILED!?|UNREACHABLE!?|SKIPPED)"
    rb"(?: \| rc=-?\d{1,10} (?:(>>)|\| \(stdout\) .*)| => (.*))|(UNREACHABLE!): (.*)|(SKIPPED))\r?",
    re.DOTALL,
)
_RECAP = re.compile(rb"(\S.{0,254}?) {1,255}: ((?:[a-z]{2,11}=\d{1,9} {0,12}){4,8})\r?")
_RECAP_PAIR = re.compile(rb"([a-z]{2,11})=(\d{1,9})")
_SGR = re.compile(rb"\x1b\[[0-9;]{0,20}m")
_INCLUDED = re.compile(rb"included: (.{1,1000}) for (.{1,4000})", re.DOTALL)


class Banner(NamedTuple):
    """`ansible-playbook [core 2.16.19]` (2.11-2.19), `ansible-playbook 2.9.27`: the first line at -v and above."""

    program: str
    version: str


class Section(NamedTuple):
    """A banner with asterisks: PLAYBOOK, PLAY, TASK, RUNNING HANDLER, PLAY RECAP."""

    kind: str
    name: str


class ResultLine(NamedTuple):
    """`fatal: [web1 -> db1(192.0.2.7)]: UNREACHABLE! => (item=x) => {`."""

    word: str
    """ok, changed, failed, unreachable, skipped."""
    name: str
    delegate: str | None
    delegate_address: str | None
    item: str | None
    json: bytes
    """What follows ` => `: whole for one line, `{`, a blank or `changed=false` where the rest stands below."""
    adhoc: bool = False
    text: bool = False
    """Whether the host's own output follows below, as it is."""
    message: bytes = b""
    """The message itself, where it stands on the line without JSON; its first line."""


class RecapLine(NamedTuple):
    """A host's line of the PLAY RECAP."""

    name: str
    counts: dict[str, int]


class Included(NamedTuple):
    """`included: FILE for web1, web2`."""

    names: tuple[str, ...]


class Ignoring(NamedTuple):
    """`...ignoring`: the result before it does not count."""


class Trouble(NamedTuple):
    """`ERROR! …` (up to 2.18), `[ERROR]: …` (2.19), `ERROR: …` before anything was loaded."""


class Warned(NamedTuple):
    """`[WARNING]: …`."""


class TaskPath(NamedTuple):
    """`task path: FILE:LINE`."""

    path: str


class Verbosity(NamedTuple):
    """`verbosity: 4`, one of the settings under PLAYBOOK at -vvvv."""

    level: int


class Forks(NamedTuple):
    """`forks: 5`."""

    forks: int


class ActionSaid(NamedTuple):
    """`wait_for_connection: attempting ping module test`, `reboot: …` (2.4-2.19, from -vvv on): the task's action."""

    action: str


class ModuleFile(NamedTuple):
    """`Using module file P` (2.2-2.19)."""

    path: str


DisplayEvent = (
    Banner
    | Section
    | ResultLine
    | RecapLine
    | Included
    | Ignoring
    | Trouble
    | Warned
    | TaskPath
    | Verbosity
    | Forks
    | ActionSaid
    | ModuleFile
)

_ACTION = re.compile(
    rb"((?:ansible\.builtin\.)?(?:wait_for_connection|reboot)): (?:attempting|rebooting|waiting|validating) "
)
_DELEGATE = re.compile(r"(.{1,255}?) -> ([^()]{1,255}?)(?:\(([^()]{1,255})\))?")
_WORDS = {b"ok": "ok", b"changed": "changed", b"skipping": "skipped", b"unreachable": "unreachable"}
_ADHOC_WORDS = {b"SUCCESS": "ok", b"CHANGED": "changed", b"SKIPPED": "skipped"}


def display_event(body: bytes) -> DisplayEvent | None:
    """What a line of Ansible's own display says, None for any other text."""
    first = body[:1]
    if first == b"\x1b":
        body = _SGR.sub(b"", body[:6000]) + body[6000:]
        first = body[:1]
    if first in b"ocfsu" and first:
        return _result(body)
    if first in b"PTRC" and first:
        match = _SECTION.fullmatch(body[:2000])
        if match is not None:
            return Section(match.group(1).decode("ascii").rstrip(":"), text_of(match.group(2) or match.group(3) or b""))
    if first == b"[":
        if body.startswith(b"[WARNING]: "):
            return Warned()
        return Trouble() if body.startswith(b"[ERROR]: ") else None
    if first == b"E":
        return Trouble() if body.startswith((b"ERROR! ", b"ERROR: ")) else None
    if first == b"t":
        return TaskPath(text_of(body[11:]).rstrip("\r")) if body.startswith(b"task path: ") else None
    if first == b"v":
        return Verbosity(int(body[11:])) if body.startswith(b"verbosity: ") and body[11:].strip().isdigit() else None
    if (first in b"awr" and first) and (match := _ACTION.match(body)) is not None:
        return ActionSaid(text_of(match.group(1)))
    if first == b"U":
        return ModuleFile(text_of(body[18:]).rstrip("\r")) if body.startswith(b"Using module file ") else None
    if first == b".":
        return Ignoring() if body.startswith(b"...ignoring") else None
    if first == b"a" and (match := _BANNER.match(body)) is not None:
        return Banner(match.group(1).decode("ascii"), text_of(match.group(2) or match.group(3)))
    return None


def _result(body: bytes) -> DisplayEvent | None:
    if body.startswith(b"forks: "):
        return Forks(int(body[7:])) if body[7:].strip().isdigit() else None
    match = _RESULT.fullmatch(body) if body[:12].find(b": ") > 0 else None
    if match is None:
        return None
    word, who, bang, item, json = match.groups()
    if (word == b"fatal" and bang is None) or (word == b"failed" and item is None):
        return None  # `fatal: [x]` alone is somebody's text
    kind = _WORDS.get(word, "failed")
    if bang == b"UNREACHABLE":
        kind = "unreachable"
    name, delegate, address = text_of(who), None, None
    hop = _DELEGATE.fullmatch(name)
    if hop is not None:
        name, delegate, address = hop.group(1), hop.group(2), hop.group(3)
    return ResultLine(
        kind,
        name,
        delegate,
        address,
        text_of(item) if item is not None else None,
        (json or b"")[4:] or (json or b"")[:1],
    )


def adhoc_result(body: bytes) -> ResultLine | None:
    """A result line of `ansible` ad hoc, None for another line."""
    match = _ADHOC.fullmatch(body)
    if match is None:
        return None
    who, word, below, json, unreached, message, skipped = match.groups()
    word = (word or unreached or skipped).rstrip(b"!")
    kind = _ADHOC_WORDS.get(word, "unreachable" if word == b"UNREACHABLE" else "failed")
    return ResultLine(
        kind,
        text_of(who),
        None,
        None,
        None,
        json or b"",
        adhoc=True,
        text=below is not None,
        message=message or b"",
    )


def included(body: bytes) -> Included | None:
    """The hosts of an `included:` line."""
    match = _INCLUDED.match(body)
    return (
        Included(tuple(text_of(name).strip() for name in match.group(2).rstrip(b"\r").split(b", "))) if match else None
    )


def recap_line(body: bytes) -> RecapLine | None:
    """A host's counts, None for another line."""
    match = _RECAP.fullmatch(_SGR.sub(b"", body[:2000]))
    if match is None:
        return None
    counts = {pair.group(1).decode("ascii"): int(pair.group(2)) for pair in _RECAP_PAIR.finditer(match.group(2))}
    return RecapLine(text_of(match.group(1)), counts)
