"""Lines of Ansible's own display: banners, results, the recap, errors. One line in, one event out, as in `grammar`."""

from __future__ import annotations

import re
from typing import NamedTuple

from parsers.lines.grammar import text_of

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
    rb"(?:(?: =>)? \(item=(.{0,2000}?)\) ?)?( =>(?: .*)?)?\r?",
    re.DOTALL,
)
# An inventory name is anybody's (a template that was not filled in, `[groups['db'][0]]`): what stands behind a bracket
# tells whether it ends the name.
_ODD_NAME = re.compile(
    rb"(fatal): \[([^\n]{1,255}?)\]: (FAILED|UNREACHABLE)! ?(?:(?: =>)? \(item=(.{0,2000}?)\) ?)?( => .*)?\r?",
    re.DOTALL,
)
_OLD_RESULT = re.compile(
    rb"fatal: \[([^\]\n]{1,255})\] => ([^\n]{1,8000})|failed: \[([^\]\n]{1,255})\] => (\{\"[^\n]*)", re.DOTALL
)
# A log whose first line a paste began too late.
_TORN = re.compile(
    rb"(?:f?a?t?a?l?:? ?\[([^\n]{1,255}?)\]: |(\S{1,255}) \| |\| )?(FAILED|UNREACHABLE)! => (\{.*)\r?", re.DOTALL
)
# `ansible` ad hoc (callback minimal, 2.0-2.21): `web1 | UNREACHABLE! => {`; with `-o` (callback oneline, the same
# versions) `web1 | UNREACHABLE!: MESSAGE`, `web1 | CHANGED | rc=0 | (stdout) TEXT`, `web1 | SKIPPED`.
_ADHOC = re.compile(
    rb"`{0,3}(\S{1,255}) \| (?:(SUCCESS|CHANGED|FAILED!?|UNREACHABLE!?|SKIPPED)"
    rb"(?: \| rc=(-?\d{1,10}) (?:(>>)|\| (\(stdout\) .*))| => (.*))|(UNREACHABLE!): (.*)|(SKIPPED))\r?",
    re.DOTALL,
)
_RECAP = re.compile(rb"(\S.{0,254}?) {1,255}: ((?:[a-z]{2,11}=\d{1,9} {0,12}){4,8})\r?")
_RECAP_PAIR = re.compile(rb"([a-z]{2,11})=(\d{1,9})")
_SGR = re.compile(rb"\x1b\[[0-9;]{0,20}m")
_INCLUDED = re.compile(rb"included: .{1,1000} for (.+)", re.DOTALL)


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
    rc: int | None = None
    output: bytes = b""
    """`(stdout) TEXT (stderr) TEXT` of the callback oneline, line feeds as `\\n` and CRs gone."""


class Said(NamedTuple):
    """The message of the result before it, where it stands on a line of its own."""

    message: bytes
    unreachable: bool
    """Whether these are Ansible's words on a host that is unreachable, where the result did not say it."""


class RecapLine(NamedTuple):
    """A host's line of the PLAY RECAP."""

    name: str
    counts: dict[str, int]


class Included(NamedTuple):
    """`included: FILE for web1, web2`, with ` => (item=LABEL)` behind it in a loop."""

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


Event = (
    Banner
    | Section
    | ResultLine
    | Said
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


def event(body: bytes) -> Event | None:
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
            return Section(
                match.group(1).decode("ascii").rstrip(":"), text_of(match.group(2) or match.group(3) or b"").rstrip()
            )
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
    if first == b"i":  # up to 1.9, below the result: what the module printed
        return Said(body[20:], unreachable=False) if body.startswith(b"invalid output was: ") else None
    if first == b"U":
        return ModuleFile(text_of(body[18:]).rstrip("\r")) if body.startswith(b"Using module file ") else None
    if first == b".":
        return Ignoring() if body.startswith(b"...ignoring") else None
    if first == b"a" and (match := _BANNER.match(body)) is not None:
        return Banner(match.group(1).decode("ascii"), text_of(match.group(2) or match.group(3)))
    return None


def _result(body: bytes) -> Event | None:
    if body.startswith(b"forks: "):
        return Forks(int(body[7:])) if body[7:].strip().isdigit() else None
    match = _RESULT.fullmatch(body) if body[:12].find(b": ") > 0 else None
    if match is None:
        match = _ODD_NAME.fullmatch(body) if body.startswith(b"fatal: [") else None
    if match is None:
        return None
    word, who, bang, item, json = match.groups()
    if (word == b"fatal" and bang is None) or (word == b"failed" and item is None):
        return _before_2(body)  # `fatal: [x]` alone is somebody's text
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


def _before_2(body: bytes) -> ResultLine | None:
    """`fatal: [web1] => MESSAGE` (not reached) and `failed: [web1] => {"failed": true, …}` of 1.2-1.9."""
    match = _OLD_RESULT.fullmatch(body)
    if match is None:
        return None
    who, message, other, json = match.groups()
    if who is not None:
        return ResultLine("unreachable", text_of(who), None, None, None, b"", message=message)
    return ResultLine("failed", text_of(other), None, None, None, json)


def torn_result(body: bytes) -> ResultLine | None:
    """A failure whose line lost its beginning (`atal: [web1]: FAILED! => {`, `| UNREACHABLE! => {`); None for another
    line. A host that is not named is `HOST`."""
    match = _TORN.fullmatch(body)
    if match is None:
        return None
    who, adhoc, bang, json = match.groups()
    kind = "unreachable" if bang == b"UNREACHABLE" else "failed"
    name, _, hop = text_of(who or adhoc or b"HOST").partition(" -> ")
    return ResultLine(kind, name, hop or None, None, None, json, adhoc=who is None and json == b"{")


def adhoc_result(body: bytes) -> ResultLine | None:
    """A result line of `ansible` ad hoc, None for another line."""
    match = _ADHOC.fullmatch(body)
    if match is None:
        return None
    who, word, rc, below, output, json, unreached, message, skipped = match.groups()
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
        rc=int(rc) if rc is not None else None,
        output=output or b"",
    )


def included(body: bytes) -> Included | None:
    """The hosts of an `included:` line."""
    # What a loop's label says is anybody's words: it may hold a comma, or ` for `.
    match = _INCLUDED.match(body.partition(b" => (item=")[0])
    return (
        Included(tuple(text_of(name).strip() for name in match.group(1).rstrip(b"\r").split(b", "))) if match else None
    )


def recap_line(body: bytes) -> RecapLine | None:
    """A host's counts, None for another line."""
    match = _RECAP.fullmatch(_SGR.sub(b"", body[:2000]))
    if match is None:
        return None
    counts = {pair.group(1).decode("ascii"): int(pair.group(2)) for pair in _RECAP_PAIR.finditer(match.group(2))}
    return RecapLine(text_of(match.group(1)), counts)
