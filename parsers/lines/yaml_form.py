"""Results that a callback wrote as YAML: `stdout_callback = yaml`, or `result_format = yaml` (ansible-core 2.13 on).

Only what a failure's words need: the top keys whose value is a word, a number, a quoted or a block text, and the same
of each module below `failed_modules` (gathering facts, 2.8 on). Other nested values are passed over, and nothing is
ever built of tags or anchors.
"""

from __future__ import annotations

import json
import re

_KEY = re.compile(r"( {1,8})([A-Za-z_][\w\- ]{0,60}):(?: (.*))?", re.DOTALL)
_MODULES = "failed_modules"
_NUMBER = re.compile(r"-?\d{1,9}")


def parse(lines: list[bytes]) -> dict[str, object]:
    """The scalar values of the outermost mapping; empty where the lines hold none."""
    return _mapping([line.decode("utf-8", "replace").rstrip("\r") for line in lines], _MODULES)


def _mapping(rows: list[str], nested: str = "") -> dict[str, object]:
    """`nested` is the key whose value is a mapping of mappings."""
    found: dict[str, object] = {}
    indent: int | None = None
    key = ""
    value: list[str] = []
    for row in rows:
        match = _KEY.fullmatch(row)
        if match is not None and (indent is None or len(match.group(1)) == indent):
            if key:
                found[key] = _value(key, value, nested)
            indent = len(match.group(1))
            key, value = match.group(2), [match.group(3) or ""]
        elif key:
            value.append(row)
    if key:
        found[key] = _value(key, value, nested)
    return found


def _value(key: str, value: list[str], nested: str) -> object:
    if key != nested or value[0].strip():
        return _scalar(value)
    rows = [row for row in value[1:] if row.strip()]
    deep = min((_depth(row) for row in rows), default=0)
    found: dict[str, list[str]] = {}
    name = ""
    for row in value[1:]:
        if row.strip() and _depth(row) == deep:
            name = row.strip().rstrip(":")
        elif name:
            found.setdefault(name, []).append(row)
    return {name: _mapping(_moved(inner)) for name, inner in found.items()}


def _moved(rows: list[str]) -> list[str]:
    """The rows with no more blanks before them than an outermost mapping has."""
    deep = min((_depth(row) for row in rows if row.strip()), default=0)
    return [f"  {row[deep:]}" if row.strip() else row for row in rows]


def _depth(row: str) -> int:
    return len(row) - len(row.lstrip(" "))


def _scalar(value: list[str]) -> object:
    """One value of its first line's text and the lines below it."""
    first, rest = value[0].strip(), value[1:]
    if first[:1] in ("|", ">"):
        deep = min((len(row) - len(row.lstrip(" ")) for row in rest if row.strip()), default=0)
        return "\n".join(row[deep:] for row in rest).rstrip("\n")
    if not rest and _NUMBER.fullmatch(first):
        return int(first)
    if first[:1] == "'":
        return _folded(first, rest).strip().removeprefix("'").removesuffix("'").replace("''", "'")
    if first[:1] == '"':
        return _double_quoted(first, rest)
    return _folded(first, rest).strip() if first else ""


def _folded(first: str, rest: list[str]) -> str:
    """Lines of one flow scalar: a line feed is a blank, an empty line is a line feed (YAML 1.2, 7.3)."""
    text = first
    for row in rest:
        if not row.strip():
            text += "\n"
        else:
            text += row.strip() if text.endswith("\n") else f" {row.strip()}"
    return text


def _double_quoted(first: str, rest: list[str]) -> str:
    """Its text: a backslash at a line's end takes the line feed away, one at the next line's beginning keeps blanks."""
    text = first
    for row in rest:
        piece = row.strip().removeprefix("\\") if row.lstrip().startswith("\\ ") else row.strip()
        text = f"{text[:-1]}{piece}" if text.endswith("\\") else f"{text} {piece}"
    try:
        return str(json.loads(text))
    except ValueError:
        return text.strip('"')
