"""A result's JSON that is not as Ansible wrote it: a paste wrapped, cut or adorned it.

A terminal or a mail breaks a long line anywhere; a form on a web page takes blanks away at a line's beginning; a person
cuts the end and writes three dots, or puts a backtick behind it. JSON itself has no line feed within a string, so each
one in a string is the paste's.
"""

from __future__ import annotations

import json
import re

MOST_ROWS = 200
"""Lines that do not begin as a result's do, and are taken for parts of it."""
MOST_BYTES = 1 << 18
"""And bytes of a result that goes over the end of its line, which are looked through for its last bracket."""

_ROW = re.compile(r"(?:debug[123]: |OpenSSH_|ssh: |Warning: |kex_exchange_identification: |Permission denied)")
"""What begins a line of its own in what ssh said: the line feed before it was there."""

_VALUE = re.compile(
    r'(?<!\\)"(msg|module_stdout|module_stderr|stdout|stderr|rc|unreachable)": '
    r'(?:"((?:[^"\\]|\\.){0,100000})("|$)|(-?\d{1,9}|true|false))',
    re.DOTALL,
)


def begins_broken(first: bytes) -> bool:
    """Whether the first line of a result is JSON that goes on below although it is not printed in lines."""
    return first[:1] == b"{" and len(first) > 1 and not first.endswith(b"}")


def parse(lines: list[bytes]) -> dict[str, object]:
    """What can be read of a result that is no whole JSON; empty where it is none at all."""
    rows = [line.decode("utf-8", "replace") for line in lines]
    text = _joined(rows)
    if not text.lstrip().startswith("{"):
        return {}
    try:
        document, _ = json.JSONDecoder(strict=False).raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        # Behind what was cut off anything may stand: there a line's end is one.
        return {**_salvaged("\n".join(rows), cut=True), **_salvaged(text, cut=False)}
    return document if isinstance(document, dict) else {}


def _joined(rows: list[str]) -> str:
    """The lines as one: a word-wrapped line lost a blank at its end."""
    parts: list[str] = []
    for row in rows:
        piece = row.strip()
        if piece:
            parts += [("\n" if _ROW.match(piece) else " ") if parts else "", piece]
    return "".join(parts)


def _salvaged(text: str, *, cut: bool) -> dict[str, object]:
    """The values that say why something failed, each for itself; the first one of a name counts.

    `cut`: the one whose end is not there, and no other.
    """
    found: dict[str, object] = {}
    for match in _VALUE.finditer(text):
        name, string, end, bare = match.groups()
        if name not in found and (end == "") is cut:
            found[name] = _string(string) if string is not None else json.loads(bare)
    return found


def _string(inner: str) -> str:
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        return inner
