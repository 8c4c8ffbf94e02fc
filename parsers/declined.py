"""Why a check came to nothing, told to whoever listens.

A rule's check calls `ruled_out` before it returns None where it knows which fact speaks against it, and the helpers
that rules share tell what they looked for and what they require. Nobody listens while a log is analysed, and then
nothing is kept; `parsers.whynot` listens when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple

from parsers.findings import Evidence
from parsers.model import Place
from parsers.ssh.transcript import Line


class Reason(NamedTuple):
    """A fact that speaks against a rule."""

    text: str
    places: tuple[tuple[Place, str], ...]
    """Lines that hold the fact, the text as the log has it."""
    own: bool
    """Whether the rule itself said it, not a helper that many rules share."""


@dataclass(slots=True)
class Heard:
    """What one check told."""

    reasons: list[Reason] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    """What it looked for and did not find, as the log would have it."""
    found: list[Line] = field(default_factory=list)
    """Lines that it looked for and found."""


_heard: ContextVar[Heard | None] = ContextVar("heard", default=None)


@contextmanager
def listening() -> Iterator[Heard]:
    """Hears what a check tells that is called within."""
    heard = Heard()
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def ruled_out(reason: str, *lines: Line | Evidence | None, own: bool = True) -> None:
    """Says which fact speaks against the rule that is asked, and the lines that hold it."""
    heard = _heard.get()
    if heard is not None:
        places = tuple(_placed(line) for line in lines if line is not None)
        heard.reasons.append(Reason(reason, places, own))


def _placed(line: Line | Evidence) -> tuple[Place, str]:
    place = line.place if isinstance(line, Evidence) else Place(line.offset, line.line)
    return place, line.text


def required(reason: str, *lines: Line | Evidence | None) -> None:
    """As `ruled_out`, of a helper that many rules share: what all of them require is not so."""
    ruled_out(reason, *lines, own=False)


def looked_for(needles: tuple[str, ...], found: Line | None) -> None:
    """Says which words were looked for, and the line that holds one of them."""
    heard = _heard.get()
    if heard is None:
        return
    if found is None:
        heard.absent.extend(needle for needle in needles if needle and needle not in heard.absent)
    elif found not in heard.found:
        heard.found.append(found)
