"""The grammar of the control node's log: one line in, one event out (or None for a line that means nothing here).

Each row names the ansible-core versions whose wording it is; no `if version` stands in the model. Lines that hold remote
text are matched by literal beginnings and bounded patterns only.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from parsers.model import Stage, Tool

# ---------------------------------------------------------------------------------------------------------------
# Debug headers: `%6d %0.5f: msg` (2.0-2.19), `%6d %0.5f [%s]: msg` where a host is given (2.6-2.19).

_HEADER = re.compile(rb" {0,6}(\d{1,10}) (\d{9,11}\.\d{5})(?: \[([^\]\n]{1,255})\])?: ?(.*)", re.DOTALL)


class Header(NamedTuple):
    """A debug line: who wrote it, when, and what."""

    pid: int
    time: float
    host: str | None
    message: bytes


def header(body: bytes) -> Header | None:
    """The debug header of a line, None where it has none."""
    match = _HEADER.match(body)
    if match is None:
        return None
    host = match.group(3)
    return Header(
        int(match.group(1)), float(match.group(2)), text_of(host) if host is not None else None, match.group(4)
    )


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


class Transferring(NamedTuple):
    """`transferring module to remote P` (2.2-2.19)."""

    path: str


class Initial(NamedTuple):
    """`Sent initial data (N bytes)` (2.0-2.19)."""

    size: int


class RunStarted(NamedTuple):
    """`starting run` (2.0-2.19), the first line with ANSIBLE_DEBUG."""


class WorkerEnded(NamedTuple):
    """`done running TaskExecutor() for HOST/TASK: …` (2.0-2.18)."""


DebugEvent = (
    ExecutorStarted | TaskQueued | Announced | Done | Transferring | Initial | RunStarted | WorkerEnded
)

_EXECUTOR = re.compile(rb"running TaskExecutor\(\) for ([^/\n]{1,255})/(?:TASK|HANDLER): (.{0,500})")
_QUEUE = re.compile(rb"entering _queue_task\(\) for ([^/\n]{1,255})/(\S{1,255})")
_DONE = re.compile(rb"_low_level_execute_command\(\) done: rc=(-?\d{1,10}), stdout=")
_INITIAL = re.compile(rb"Sent initial data \((\d{1,12}) bytes\)")
_EXECUTING = b"_low_level_execute_command(): executing: "
_TRANSFERRING = b"transferring module to remote "


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
    elif first == b"trans":
        if message.startswith(_TRANSFERRING):
            return Transferring(text_of(message[len(_TRANSFERRING) :].rstrip(b"\r")))
    elif first == b"start":
        if message.rstrip(b"\r") == b"starting run":
            return RunStarted()
    elif first == b"done " and message.startswith(b"done running TaskExecutor() for "):
        return WorkerEnded()
    return None


# ---------------------------------------------------------------------------------------------------------------
# `<X> …` lines: X is ansible_host, except for interpreter discovery, which prints the inventory name.

_ADDRESSED = re.compile(rb"<([^<>\n]{1,255})> (.*)", re.DOTALL)
_PUT = re.compile(rb"(PUT|FETCH) (.{1,1500}) TO (.{1,1500})", re.DOTALL)
_CENSORED = re.compile(rb"rc=(-?\d{1,10}), stdout and stderr censored due to no log")
_ESTABLISH = re.compile(rb"ESTABLISH (SSH|LOCAL) CONNECTION FOR USER: (.{1,255})", re.DOTALL)
_PORT = re.compile(rb"-o '?Port=(\d{1,5})")
_USER = re.compile(rb"-o '?User=\"?([^\"' ]{1,255})")
_CONTROL_PATH = re.compile(rb"-o '?ControlPath=\"?([^\"']{1,255})")
_INNER_QUOTE = b"'\"'\"'"


class Addressed(NamedTuple):
    """A line that begins with `<X> `."""

    who: str
    rest: bytes


class Established(NamedTuple):
    """`ESTABLISH SSH CONNECTION FOR USER: U` (2.0-2.19; not before sftp and scp), `ESTABLISH LOCAL …`."""

    local: bool
    user: str | None


class Executed(NamedTuple):
    """`SSH: EXEC ssh … 'CMD'` (2.0-2.19), or `EXEC CMD` of a local connection."""

    tool: Tool
    port: int | None
    user: str | None
    control_path: str | None
    text: str
    sshpass: bool
    ssh_verbose: bool


class Put(NamedTuple):
    """`PUT L TO R` or `FETCH R TO L`."""

    fetch: bool
    source: str
    target: str


class Tupled(NamedTuple):
    """`(rc, b'…', b'…')` (2.3-2.19), undecoded; with no_log (2.6-2.19) only the rc."""

    raw: bytes
    censored_rc: int | None


class Discovering(NamedTuple):
    """`Attempting python interpreter discovery` (2.8-2.18; with a full stop in 2.19): X is the inventory name."""


class Retrying(NamedTuple):
    """`ssh_retry: attempt: N, …` and `RETRYING BECAUSE OF CONTROLPERSIST BROKEN PIPE` (2.3-2.19)."""


AddressedEvent = Established | Executed | Put | Tupled | Discovering | Retrying


def addressed(body: bytes) -> Addressed | None:
    """`<X> rest`, None for another line."""
    match = _ADDRESSED.match(body)
    return Addressed(text_of(match.group(1)), match.group(2)) if match is not None else None


def addressed_event(rest: bytes) -> AddressedEvent | None:
    """What stands behind `<X> `, None for a line that says nothing about a command."""
    first = rest[:1]
    if first == b"(":
        return Tupled(rest, None)
    if first == b"S" and rest.startswith(b"SSH: EXEC "):
        return _executed(rest[10:].rstrip(b"\r"))
    if first == b"E":
        if (match := _ESTABLISH.match(rest)) is not None:
            user = text_of(match.group(2)).rstrip("\r")
            return Established(match.group(1) == b"LOCAL", None if user == "None" else user)
        if rest.startswith(b"EXEC "):
            return Executed(Tool.LOCAL, None, None, None, text_of(rest[5:].rstrip(b"\r")), sshpass=False, ssh_verbose=False)
    if first in (b"P", b"F") and (match := _PUT.match(rest)) is not None:
        return Put(match.group(1) == b"FETCH", text_of(match.group(2)), text_of(match.group(3)).rstrip("\r"))
    if first == b"r" and (match := _CENSORED.match(rest)) is not None:
        return Tupled(rest, int(match.group(1)))
    if rest.startswith(b"Attempting python interpreter discovery"):
        return Discovering()
    if rest.startswith((b"ssh_retry: attempt: ", b"RETRYING BECAUSE OF CONTROLPERSIST BROKEN PIPE")):
        return Retrying()
    return None


def _executed(line: bytes) -> Executed | None:
    """`ssh -vvv -C -o … HOST 'CMD'`: the arguments were joined with shlex.quote around each."""
    sshpass = False
    if line.startswith(b"sshpass "):
        sshpass = True
        line = line.partition(b" ")[2]
        while line[:1] == b"-" or line[:2] == b"'-":
            line = line.partition(b" ")[2]
    program = line[:400].partition(b" ")[0].strip(b"'").rsplit(b"/", 1)[-1]
    tool = Tool.SFTP if program.startswith(b"sftp") else Tool.SCP if program.startswith(b"scp") else Tool.SSH
    head = line[:4000]
    if b" -O stop" in head or b" -O check" in head:
        return None  # reset_connection: a control command of the master, no work on the host
    port = _PORT.search(head)
    user = _USER.search(head)
    control_path = _CONTROL_PATH.search(head)
    return Executed(
        tool,
        int(port.group(1)) if port is not None else None,
        text_of(user.group(1)) if user is not None else None,
        text_of(control_path.group(1)) if control_path is not None else None,
        last_argument(line),
        sshpass,
        b" -v" in head,
    )


def last_argument(line: bytes) -> str:
    """The last argument of a command line whose arguments were quoted by shlex.quote, unquoted.

    A command of several lines ends on a later line; what stands on this one is given.
    """
    folded = line.replace(_INNER_QUOTE, b"\x00")
    start = folded.rfind(b" '")
    if start >= 0 and (folded.endswith(b"'") or folded.count(b"'") % 2 == 1):
        argument = folded[start + 2 :]
        if folded.count(b"'") % 2 == 0:
            argument = argument[:-1]
    else:
        argument = folded.rpartition(b" ")[2]
    return text_of(argument.replace(b"\x00", b"'"))


# ---------------------------------------------------------------------------------------------------------------
# What one command is for.

_TMP = re.compile(r"ansible-tmp-[0-9.]{1,30}-(?:(\d{1,10})-)?\d{1,20}")
_BECOME = re.compile(r"echo BECOME-SUCCESS-[a-z]{32} ; ")
_PYTHON_STDIN = re.compile(r"/bin/sh -c '[^ ']{1,300} && sleep 0'")


class Purpose(NamedTuple):
    """A command's stage, as its text tells."""

    stage: Stage
    method: str | None
    tmp: str | None
    worker: int | None
    """The worker's pid, which Ansible puts into the temporary directory's name (2.7-2.19)."""
    become: bool
    stdin_python: bool
    """An interpreter that reads its program from standard input: a probe or a pipelined module."""


def purpose(tool: Tool, text: str) -> Purpose:
    """What a command is for, from its text (the wordings of 2.0-2.19, oldest first)."""
    found = _TMP.search(text)
    tmp = found.group() if found is not None else None
    worker = int(found.group(1)) if found is not None and found.group(1) else None
    become = _BECOME.search(text) is not None
    if tool in (Tool.SFTP, Tool.SCP):
        return Purpose(Stage.TRANSFER, tool.value, tmp, worker, False, False)
    inner = text
    if become:
        inner = text[_BECOME.search(text).end() :]  # type: ignore[union-attr]
    elif text.startswith("/bin/sh -c '"):
        inner = text[12:]
    stage, method = _stage(inner, tmp)
    stdin_python = stage is Stage.EXEC and tmp is None and _is_interpreter(inner)
    return Purpose(stage, method, tmp, worker, become, stdin_python)


def _is_interpreter(inner: str) -> bool:
    word, _, rest = inner.lstrip().partition(" ")
    return "python" in word.rsplit("/", 1)[-1] and rest.lstrip().startswith(("&& sleep 0", "'"))


def _stage(inner: str, tmp: str | None) -> tuple[Stage, str | None]:
    if inner.startswith("echo ~"):
        return Stage.HOME, None
    if "umask 77 &&" in inner[:40] or "umask 22 &&" in inner[:40]:
        return Stage.TMPDIR, None
    if inner.startswith(("echo PLATFORM; uname; echo FOUND", "echo FOUND; ")):
        return Stage.DISCOVERY, None
    if inner.startswith("dd ") and ("of=" in inner[:400] or "if=" in inner[:400]):
        return Stage.TRANSFER, "piped"
    if inner.startswith(("chmod ", "setfacl ", "chown ", "chgrp ")) and (tmp is not None or "ansible" in inner[:600]):
        return Stage.CHMOD, None
    if inner.startswith("rm -f -r ") and "ansible" in inner[:600]:
        return Stage.CLEANUP, None
    return Stage.EXEC, None


# ---------------------------------------------------------------------------------------------------------------
# Lines of the display: banners, results, errors.

_BANNER = re.compile(rb"(ansible(?:-[a-z]{1,20})?) (?:\[core (\d{1,2}\.\d{1,2}[^\]\s]{0,20})\]|(\d\.\d{1,2}\.\d{1,2}\S{0,10}))")
_SECTION = re.compile(rb"(PLAY RECAP|PLAYBOOK:?|PLAY|TASK|RUNNING HANDLER|CLEANUP TASK)(?: \[(.{0,1000})\]| (\S.{0,400}?))? ?\*{3,}\r?", re.DOTALL)
_RESULT = re.compile(
    rb"(ok|changed|fatal|failed|skipping|unreachable): \[([^\]\n]{1,600})\](?:: (FAILED|UNREACHABLE)! ?)?(?:(?: =>)? \(item=(.{0,2000}?)\))?( => .*)?\r?",
    re.DOTALL,
)
# `ansible` ad hoc (callback minimal, 2.0-2.19): `web1 | UNREACHABLE! => {`
_ADHOC = re.compile(rb"(\S{1,255}) \| (SUCCESS|CHANGED|FAILED!?|UNREACHABLE!?|SKIPPED)(?: \| rc=(-?\d{1,10}) >>| => (.*))\r?", re.DOTALL)
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
    """What follows ` => `: whole for one line, `{` where the rest is pretty-printed below."""
    adhoc: bool = False


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

    count: int


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
    | ModuleFile
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
    match = _RESULT.fullmatch(body) if body[:12].find(b": [") > 0 else None
    if match is None:
        return None
    word, who, bang, item, json = match.groups()
    kind = _WORDS.get(word, "failed")
    if bang == b"UNREACHABLE":
        kind = "unreachable"
    name, delegate, address = text_of(who), None, None
    hop = _DELEGATE.fullmatch(name)
    if hop is not None:
        name, delegate, address = hop.group(1), hop.group(2), hop.group(3)
    return ResultLine(kind, name, delegate, address, text_of(item) if item is not None else None, (json or b"")[4:])


def adhoc_result(body: bytes) -> ResultLine | None:
    """A result line of `ansible` ad hoc, None for another line."""
    match = _ADHOC.fullmatch(body)
    if match is None:
        return None
    word = match.group(2).rstrip(b"!")
    kind = _ADHOC_WORDS.get(word, "unreachable" if word == b"UNREACHABLE" else "failed")
    return ResultLine(kind, text_of(match.group(1)), None, None, None, match.group(4) or b"", adhoc=True)


def included(body: bytes) -> Included | None:
    """The hosts of an `included:` line."""
    match = _INCLUDED.match(body)
    return Included(tuple(text_of(name).strip() for name in match.group(2).rstrip(b"\r").split(b", "))) if match else None


def recap_line(body: bytes) -> RecapLine | None:
    """A host's counts, None for another line."""
    match = _RECAP.fullmatch(_SGR.sub(b"", body[:2000]))
    if match is None:
        return None
    counts = {pair.group(1).decode("ascii"): int(pair.group(2)) for pair in _RECAP_PAIR.finditer(match.group(2))}
    return RecapLine(text_of(match.group(1)), counts)
