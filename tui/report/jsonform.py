"""The report as JSON: one document, safe to print on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec
from msgspec import UnsetType

from parsers.showable import showable
from tui.report.collect import Report

_BATCH = 1_000
"""Strings joined for one write."""

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
    """The document, piece by piece: an element of its lists at a time, and a chunk a line.

    The whole text of a large report would weigh several times what the model does.
    """
    encoder = msgspec.json.Encoder()
    document = report.document
    opening = "{"
    for field in document.__struct_fields__:
        value = getattr(document, field)
        if isinstance(value, UnsetType):
            continue
        yield f'{opening}\n  "{field}": '
        opening = ","
        if isinstance(value, list):
            yield from _listed(_indented(encoder.encode(one)) for one in value)
        else:
            yield _safe(encoder.encode(value))
    if chunks:
        yield ',\n  "chunks": '
        yield from _listed(_safe(encoder.encode(chunk)) for chunk in report.chunks())
        yield ',\n  "messages": '
        yield from _listed(_safe(encoder.encode(message)) for message in report.messages())
    yield "\n}\n"


def _indented(encoded: bytes) -> str:
    # A line feed within a string is escaped, so each of these is between two tokens.
    return _safe(msgspec.json.format(encoded, indent=2)).replace("\n", "\n    ")


def _listed(elements: Iterable[str]) -> Iterator[str]:
    batch: list[str] = []
    separator, end = "[\n    ", "[]"
    for element in elements:
        batch += [separator, element]
        separator, end = ",\n    ", "\n  ]"
        if len(batch) >= _BATCH:
            yield "".join(batch)
            batch.clear()
    yield "".join(batch) + end
