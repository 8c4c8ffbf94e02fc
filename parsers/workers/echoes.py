"""What a module answers is printed again below its host's name, a little later: `facts_of`, `answer_of`, `repeats`.

Most of an answer's top level stands unchanged in the printed result (ansible-core 2.0-2.21): `rc`, `start`, `delta`,
`stdout`, `dest`, `checksum`. Whether it failed, what it changed and its message may be told otherwise by the task
(`changed_when`, `failed_when`; 2.19 on words messages anew), and what begins with `_` or `ansible_` is taken out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable

Facts = dict[str, str]
"""By key, a value of the top level as JSON."""

_OTHERWISE = frozenset({"changed", "deprecations", "exception", "failed", "invocation", "msg", "warnings"})
_INNER = ("_", "ansible_")

_MOST = 1 << 20
"""Bytes of an answer that is read for this."""


def facts_of(document: dict[str, object]) -> Facts:
    """What of an answer, or of a printed result, the other repeats."""
    return {
        key: value
        for key, inner in document.items()
        if key not in _OTHERWISE and not key.startswith(_INNER) and _flat(inner)
        # How bytes that are no UTF-8 are written differs between the two.
        if (value := json.dumps(inner)).isascii() and "\\u" not in value
    }


def _flat(value: object) -> bool:
    return not isinstance(value, list | dict) or (
        isinstance(value, list) and not any(isinstance(inner, list | dict) for inner in value)
    )


def answer_of(stdout: bytes) -> Facts:
    """Of a module's stdout, which may have lines of a login shell before and behind; nothing where it is not JSON."""
    begin, end = stdout.find(b"{"), stdout.rfind(b"}") + 1
    if begin < 0 or end - begin > _MOST:
        return {}
    try:
        document = json.loads(stdout[begin:end])
    except (ValueError, RecursionError):
        return {}
    return facts_of(document) if isinstance(document, dict) else {}


def names_of(answers: Iterable[tuple[int, Facts]], printed: Iterable[tuple[str, Facts]]) -> dict[int, str]:
    """The name below which an answer is printed, by the answer's line: where one result alone repeats it, and it alone.

    `answers` have the line of the command's result; `printed` are a task's results with their host's name.
    """
    lines: dict[tuple[str, str], list[tuple[int, Facts]]] = defaultdict(list)
    for answer in answers:
        for fact in answer[1].items():
            lines[fact].append(answer)
    found: dict[int, set[str]] = defaultdict(set)
    for name, facts in printed:
        # What the fewest have: a time, mostly.
        few = min((lines[fact] for fact in facts.items() if fact in lines), key=len, default=[])
        able = [line for line, answer in few if repeats(facts, answer)]
        if len(able) == 1:
            found[able[0]].add(name)
    return {line: names.pop() for line, names in found.items() if len(names) == 1}


def repeats(printed: Facts, answer: Facts) -> bool:
    """Whether a printed result can be of an answer: nothing that both tell is different."""
    common = printed.keys() & answer.keys()
    return bool(common) and all(printed[key] == answer[key] for key in common)
