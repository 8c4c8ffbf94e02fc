"""What the tests of the parsers share: sample logs, a canonical dump of a whole model, and cuts of bytes."""

from __future__ import annotations

import gzip
import json
import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from parsers.analysis import Analysis
from parsers.findings import Finding, Rule
from parsers.log_model import ChunkTable, LogModel
from parsers.model import Command, HostRun, TaskRun
from parsers.sshd.model import MessageTable

SAMPLES = Path(__file__).parents[2] / "sample_logs"


@cache
def sample(name: str) -> bytes:
    """A sample log, decompressed; larger ones are kept as `NAME.gz`."""
    path = SAMPLES / name
    if not path.exists() and not name.endswith(".gz"):
        path = SAMPLES / f"{name}.gz"
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


@cache
def excerpt(name: str, first: int, lines: int) -> bytes:
    """Some lines of a sample log, as they are; `first` counts from 1."""
    return b"".join(sample(name).splitlines(keepends=True)[first - 1 : first - 1 + lines])


@cache
def expected() -> dict[str, Any]:
    """What each sample log must be found to say."""
    document: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    return document


# ---------------------------------------------------------------------------------------------------------------
# Feeding.


def analyse(
    blocks: bytes | Iterable[bytes], *, now: float | None = None, between: Callable[[Analysis], object] | None = None
) -> tuple[LogModel, list[Finding]]:
    """The settled model and the findings of a log; `between` is called after each block but the last."""
    analysis = Analysis()
    for index, block in enumerate([blocks] if isinstance(blocks, bytes) else blocks):
        if index and between is not None:
            between(analysis)
        analysis.feed(block)
    analysis.finish()
    return analysis.snapshot(now=now), analysis.findings()


def model_of(data: bytes, *, now: float | None = None) -> LogModel:
    """The settled model of a whole log."""
    return analyse(data, now=now)[0]


def host_of(data: bytes, name: str, *, now: float | None = None) -> HostRun:
    """A host of the log's last run."""
    return model_of(data, now=now).runs[-1].hosts[name]


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """`data` cut at the given offsets (any order, any number)."""
    places = sorted({min(max(cut, 0), len(data)) for cut in cuts} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(places)]


# Where a cut can hurt: chunk frames, headers, tuples, escapes, line ends, result lines, bytes beyond ASCII.
_TENDER = re.compile(
    rb">>>|<<<|\r\n|\n\r?\n|\x1b\[|[\x80-\xff]|\\x?|chunk \(state|, b['\"]"
    rb"|\n *\d+ \d+\.\d|\nfatal|\n<|=> \{|\n\}\n|\[0m"
)


@cache
def tender_spots(data: bytes) -> Sequence[int]:
    """Offsets near which cuts are most likely to do harm."""
    return [match.start() for match in _TENDER.finditer(data)] or [0]


@st.composite
def cuts_of(draw: st.DrawFn, data: bytes, most: int = 14) -> list[int]:
    """Offsets to cut `data` at, half of them near tender spots."""
    near = st.builds(lambda spot, by: spot + by, st.sampled_from(tender_spots(data)), st.integers(0, 4))
    anywhere = st.integers(0, len(data))
    return draw(st.lists(near | anywhere, max_size=most))


# ---------------------------------------------------------------------------------------------------------------
# The canonical dump.


def _plain(value: object, *, top: bool = False) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Command) and not top:
        return ("command", value.index)
    if isinstance(value, Rule):
        return value.id
    if isinstance(value, array):
        return list(value)
    if isinstance(value, MessageTable):
        return [_plain(message) for message in value]
    if isinstance(value, ChunkTable):
        return {
            "chunks": [_plain(chunk) for chunk in value],
            "commands": [_plain(command, top=True) for command in value.commands],
        }
    if is_dataclass(value):
        return {
            one.name: _reference(getattr(value, one.name))
            if one.name in ("failed_task", "task") and not isinstance(value, Finding)
            else _plain(getattr(value, one.name))
            for one in fields(value)
        }
    if isinstance(value, dict):
        return [(key, _plain(inner)) for key, inner in value.items()]
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    assert value is None or isinstance(value, str | int | float | bytes)
    return value


def _reference(task: object) -> object:
    return (task.name, task.first) if isinstance(task, TaskRun) else task


def dump(model: LogModel, findings: Sequence[Finding] = ()) -> object:
    """Everything that a model and its findings hold, comparable with `==`."""
    return {"model": _plain(model), "findings": _plain(list(findings))}


def differences(one: object, other: object, path: str = "") -> list[str]:
    """Where two dumps differ, for a failure's message."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [line for key in one for line in differences(one[key], other[key], f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for index, (a, b) in pairs for line in differences(a, b, f"{path}[{index}]")]
    return [] if one == other else [f"{path}: {str(one)[:200]} | {str(other)[:200]}"]
