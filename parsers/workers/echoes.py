"""What a module answers is printed again below its host's name, a little later: `facts_of`, `answer_of`, `repeats`.

Most of an answer's top level stands unchanged in the printed result (ansible-core 2.0-2.21): `rc`, `start`, `delta`,
`stdout`, `dest`, `checksum`. Whether it failed, what it changed and its message may be told otherwise by the task
(`changed_when`, `failed_when`; 2.19 on words messages anew), and what begins with `_` or `ansible_` is taken out.
"""

from __future__ import annotations

import json

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
        if key not in _OTHERWISE and not key.startswith(_INNER) and not isinstance(inner, dict)
        # How bytes that are no UTF-8 are written differs between the two.
        if (value := json.dumps(inner)).isascii() and "\\u" not in value
    }


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


def repeats(printed: Facts, answer: Facts) -> bool:
    """Whether a printed result can be of an answer: nothing that both tell is different."""
    common = printed.keys() & answer.keys()
    return bool(common) and all(printed[key] == answer[key] for key in common)
