"""Logs whose every chunk's owner is known: taking the stamps off a log, and holding an analysis against the truth.

`sample_logs/truth/NAME.log.gz` is what Ansible would have written without the stamp plugin, `NAME.truth.json.gz`
beside it says whose each chunk is. `NAME.stamped.log.gz` is a log with its stamps.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

from parsers.log_model import Chunk, LogModel
from parsers.model import Attribution, Command, Stream
from tui.stamp import PLUGIN

FOLDER = Path(__file__).resolve().parents[2] / "sample_logs" / "truth"

_STAMP = re.compile(rb"( *\d+ \d+\.\d{5}) \[([^\]\n]+)\]: (?:@(\d+)/\d+\.\d{5} )?")
_CHUNK = re.compile(rb"std(?:out|err) chunk \(state=\d\):$")
# What Ansible gives a host itself (2.13-2.19): the discovery of Python in the worker, `strategy: free` in the parent.
_ITS_OWN = (
    b"raw interpreter discovery output: ",
    b"found interpreters: ",
    b"Interpreter discovery traceback:",
    b"free host state: ",
    b"free host task: ",
    b"this host has work to do",
    b"getting variables",
    b"done getting variables",
    b"done templating",
    b"templating failed for some reason",
)


class Owner(NamedTuple):
    """Who wrote a chunk."""

    host: str
    """Inventory name of the task's host; a delegated task's is the one that delegates."""
    pid: int
    """The worker's."""


class TrueChunk(NamedTuple):
    line: int
    """Of its header, from 1."""
    owner: Owner


@dataclass(frozen=True, slots=True)
class Truth:
    """One log and whose its chunks are, in the order of the file."""

    log: bytes
    chunks: tuple[TrueChunk, ...]
    about: dict[str, str | int] = field(default_factory=dict)
    """name, version, hosts, forks."""


def without_stamps(log: bytes, hosts: Collection[str]) -> Truth:
    """The log as Ansible writes it without the plugin, and what the stamps said."""
    return _stamps(log, hosts, keep=False)


def stamps_of(log: bytes, hosts: Collection[str]) -> Truth:
    """The log as it is, and what its stamps say."""
    return _stamps(log, hosts, keep=True)


def _stamps(log: bytes, hosts: Collection[str], *, keep: bool) -> Truth:
    known = {host.encode() for host in hosts}
    # A proxied line (2.17 and later) has the worker's pid and time as well; what has not is the parent's own.
    proxied = any(match[2] in known and match[3] for match in re.finditer(rb"(?m)^" + _STAMP.pattern, log))
    lines: list[bytes] = []
    chunks: list[TrueChunk] = []
    for line in log.split(b"\n"):
        match = _STAMP.match(line)
        if not keep and PLUGIN.encode() in line:
            # The plugin's own loading.
            continue
        # A forged stamp in a module's output names no host of the inventory.
        if match is None or match[2] not in known or (proxied and match[3] is None):
            lines.append(line)
            continue
        message = line[match.end() :]
        its_own = message.startswith(_ITS_OWN)
        lines.append(line if keep else match[1] + (b" [" + match[2] + b"]: " if its_own else b": ") + message)
        if _CHUNK.match(message):
            pid = int(match[3] or match[1].split()[0])
            chunks.append(TrueChunk(len(lines), Owner(match[2].decode(), pid)))
    return Truth(b"\n".join(lines), tuple(chunks))


# ---------------------------------------------------------------------------------------------------------------
# On disk.


def names(*, stamped: bool = False, folder: Path | None = None) -> list[str]:
    """The logs that are there, smallest first; or those with their stamps."""
    paths = sorted((folder or FOLDER).glob("*.log.gz"), key=lambda path: path.stat().st_size)
    found = [path.name.removesuffix(".log.gz") for path in paths]
    return [name for name in found if name.endswith(".stamped") is stamped]


def save(name: str, truth: Truth, *, folder: Path | None = None) -> None:
    """Writes the log and, as compact JSON, the owners and each chunk's (owner, lines since the one before)."""
    folder = folder or FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.log.gz").write_bytes(gzip.compress(truth.log, 9, mtime=0))
    owners = list(dict.fromkeys(chunk.owner for chunk in truth.chunks))
    place = {owner: index for index, owner in enumerate(owners)}
    steps = [new.line - old for new, old in zip(truth.chunks, [0, *(c.line for c in truth.chunks)], strict=False)]
    document = {
        **truth.about,
        "owners": owners,
        "chunks": [place[chunk.owner] for chunk in truth.chunks],
        "lines": steps,
    }
    text = json.dumps(document, separators=(",", ":"))
    (folder / f"{name}.truth.json.gz").write_bytes(gzip.compress(text.encode() + b"\n", 9, mtime=0))


def load(name: str, *, folder: Path | None = None) -> Truth:
    """A log by the name that `names` gives."""
    folder = folder or FOLDER
    log = gzip.decompress((folder / f"{name}.log.gz").read_bytes())
    document = json.loads(gzip.decompress((folder / f"{name}.truth.json.gz").read_bytes()))
    owners = [Owner(host, pid) for host, pid in document.pop("owners")]
    chunks: list[TrueChunk] = []
    line = 0
    for owner, step in zip(document.pop("chunks"), document.pop("lines"), strict=True):
        line += step
        chunks.append(TrueChunk(line, owners[owner]))
    return Truth(log, tuple(chunks), document)


# ---------------------------------------------------------------------------------------------------------------
# Scoring.


@dataclass(slots=True)
class Wrong:
    """A chunk that is not where it belongs."""

    chunk: Chunk
    true: Owner
    given: str | None
    """The host that has it; None: nobody."""
    misnamed: bool
    """Whether most of what its command has is the chunk's true host's: a wrong name, or two whole texts changed."""


@dataclass(slots=True)
class Score:
    """An analysis held against the truth."""

    chunks: int = 0
    right: int = 0
    equal: int = 0
    """Chunks in their place when each host's stdout and stderr are read chunk by chunk as texts."""
    unknown: int = 0
    invented: int = 0
    lost: int = 0
    exact: int = 0
    exact_wrong: int = 0
    ambiguous_wrong: int = 0
    commands: int = 0
    commands_exact: int = 0
    commands_differ: int = 0
    commands_open: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    unequal: list[Wrong] = field(default_factory=list)
    """Those of `wrong` that no chunk of the same text makes up for."""

    @property
    def right_share(self) -> float:
        return self.right / self.chunks if self.chunks else 1.0

    @property
    def equal_share(self) -> float:
        return self.equal / self.chunks if self.chunks else 1.0


def hosts_of_commands(model: LogModel) -> dict[int, str]:
    """Inventory name by command index; a command that no host was found for is not in it."""
    return {
        command.index: host.name
        for run in model.runs
        for host in run.hosts.values()
        for task in host.tasks
        for command in task.commands
    }


def open_commands(truth: Truth, model: LogModel) -> Iterator[tuple[Command, list[Chunk], list[Chunk]]]:
    """The commands that never ended: what each has truly said, and what it is told to have said."""
    by_line = {chunk.place.line: chunk for chunk in model.chunks}
    hosts = hosts_of_commands(model)
    for command in model.chunks.commands:
        if command.closed is None and command.index in hosts:
            own = [line for line, owner in truth.chunks if owner.host == hosts[command.index]]
            true = [by_line[line] for line in own if line > command.opened.line and line in by_line]
            yield command, true, [chunk for chunk in by_line.values() if chunk.command is command]


def _true_hosts(truth: Truth, by_line: dict[int, Chunk]) -> dict[int, str]:
    """By command index, the host that most of its chunks are truly of."""
    votes: dict[int, Counter[str]] = {}
    for line, owner in truth.chunks:
        chunk = by_line.get(line)
        if chunk is not None and chunk.command is not None:
            votes.setdefault(chunk.command.index, Counter())[owner.host] += 1
    return {index: counted.most_common(1)[0][0] for index, counted in votes.items()}


_Texts = dict[tuple[str, Stream], list[tuple[bytes, int]]]


def _unpaired(true: _Texts, given: _Texts) -> Iterator[int]:
    """Numbers of the true chunks whose text is not in its place on its host and stream."""
    for key, wanted in true.items():
        got = [text for text, _ in given.get(key, [])]
        texts = [text for text, _ in wanted]
        if texts == got:
            continue
        matcher = SequenceMatcher(None, texts, got, autojunk=False)
        paired = {block.a + step for block in matcher.get_matching_blocks() for step in range(block.size)}
        yield from (number for place, (_, number) in enumerate(wanted) if place not in paired)


def score(truth: Truth, model: LogModel) -> Score:
    """How right the model is about the log of `truth`."""
    by_line = {chunk.place.line: chunk for chunk in model.chunks}
    owner_of = hosts_of_commands(model)
    named = _true_hosts(truth, by_line)
    result = Score(chunks=len(truth.chunks))
    result.invented = len(by_line.keys() - {chunk.line for chunk in truth.chunks}) + len(model.chunks) - len(by_line)
    true: _Texts = {}
    given: _Texts = {}
    wrongs: dict[int, Wrong] = {}
    for number, (line, owner) in enumerate(truth.chunks):
        chunk = by_line.get(line)
        if chunk is None:
            result.lost += 1
            continue
        text = truth.log[chunk.start : chunk.end].replace(b"\r", b"")
        host = owner_of.get(chunk.command.index) if chunk.command is not None else None
        true.setdefault((owner.host, chunk.stream), []).append((text, number))
        if host is not None:
            given.setdefault((host, chunk.stream), []).append((text, number))
        exact = chunk.attribution is Attribution.EXACT
        result.unknown += chunk.attribution is Attribution.UNKNOWN
        result.exact += exact
        if host == owner.host:
            result.right += 1
        else:
            result.exact_wrong += exact
            result.ambiguous_wrong += chunk.ambiguous
            misnamed = chunk.command is not None and named[chunk.command.index] == owner.host
            wrongs[number] = Wrong(chunk, owner, host, misnamed)
    unpaired = set(_unpaired(true, given))
    result.equal = result.chunks - result.lost - len(unpaired)
    result.wrong = list(wrongs.values())
    result.unequal = [wrongs[number] for number in sorted(unpaired) if number in wrongs]
    for run in model.runs:
        result.commands += run.reassembly.commands
        result.commands_exact += run.reassembly.exact
        result.commands_differ += run.reassembly.differ
        result.commands_open += run.reassembly.open
    return result
