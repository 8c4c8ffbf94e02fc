"""The module's result has bytes that are no UTF-8.

What you see:
`Module "m" returned non UTF-8 data in the JSON response.` (2.18 and later, an error), `Refusing to deserialize an
invalid UTF8 string value` (2.19 on), or up to 2.18 the warning `We were unable to decode all characters in the module
return data.`

Why it happens:
The module passes on the output of a program in another encoding (Latin-1, Shift JIS, binary), or LANG is not set on
the node.

How to be sure:
`ssh USER@HOST locale`; run the program of the task there and look at its output with `xxd`.

Fix:
Set `environment: {LC_ALL: C.UTF-8}` at the task, or convert with `iconv -t UTF-8` in it.

Not this when:
Odd characters on the screen only: then the control node's terminal is meant (control-locale).
"""

from __future__ import annotations

from parsers.findings import Case, Match, rule
from parsers.rules._said import SSH_STAGES, find, message_lines, proof
from parsers.rules._values import shown

_WORDS = ("returned non UTF-8 data in the JSON response", "Refusing to deserialize an invalid UTF8 string value")


@rule(
    "result-not-utf8",
    order=1060,
    title="The module's result is not UTF-8",
    category=4,
    stages=SSH_STAGES,
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words."""
    line = find(message_lines(case), *_WORDS)
    if line is None:
        return None
    explanation = f"The result has bytes that are not UTF-8: {shown(line.text.strip())}"
    return Match(proof(line), explanation=explanation, fixes=("LC_ALL: C.UTF-8",))
