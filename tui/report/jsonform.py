"""The report as JSON: one document, safe to print on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from parsers.showable import showable
from tui.report.collect import Report

_BATCH = 2_000
"""Chunks encoded between two writes."""

_UNUSUAL = re.compile("[^\x00-\x7e]")


@lru_cache(maxsize=4096)
def _escape(character: str) -> str:
    """A character that a terminal would act on, or nobody would see, as JSON's own escape; any other as it is."""
    if showable(character) == character:
        return character
    pairs = character.encode("utf-16-be").hex()
    return "".join(f"\\u{pairs[start : start + 4]}" for start in range(0, len(pairs), 4))


def _safe(encoded: bytes) -> str:
    # Outside of strings JSON is ASCII, so what is replaced stands in a string; C0 is escaped already.
    return _UNUSUAL.sub(lambda match: _escape(match.group()), encoded.decode("utf-8"))


def json_form(report: Report, *, chunks: bool) -> Iterator[str]:
    """The document, piece by piece; the chunks come last and one a line."""
    encoder = msgspec.json.Encoder()
    head = _safe(msgspec.json.format(encoder.encode(report.document), indent=2))
    if not chunks:
        yield head + "\n"
        return
    yield head.removesuffix("\n}") + ',\n  "chunks": ['
    batch: list[str] = []
    separator = "\n    "
    for chunk in report.chunks():
        batch.append(separator + _safe(encoder.encode(chunk)))
        separator = ",\n    "
        if len(batch) >= _BATCH:
            yield "".join(batch)
            batch.clear()
    yield "".join(batch) + "\n  ]\n}\n"
