"""The module ended with rc 0 and printed nothing that is a result.

What you see:
FAILED with `No start of json char found` (2.19: `Module result deserialization failed`) or `MODULE FAILURE`, while rc
is 0 and stdout is empty.

Why it happens:
A module of one's own that prints no JSON, a wrong first line (`#!`) with pipelining, a logout trap that closes
stdout, or a child process that took stdout along.

How to be sure:
Run it by hand there: `ANSIBLE_KEEP_REMOTE_FILES=1`, then `python3 ~/.ansible/tmp/…/AnsiballZ_….py`.

Fix:
Let the module end with `module.exit_json(…)`; correct its first line; try `ansible_pipelining=false`.

Not this when:
stdout has text in it (result-noise), or the same text for every command (forced-command).
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._python import NO_JSON, no_json, runs_own_command
from parsers.rules._said import ending, find, message_lines, proof
from parsers.rules._values import target


@rule(
    "result-not-json",
    order=1070,
    title="The module ended well and gave no result",
    category=4,
    stages=(Stage.EXEC, Stage.RESULT, Stage.CONTROL),
)
def check(case: Case) -> Match | None:
    """Looks for a module that ended well with an empty stdout."""
    command = case.command
    if not no_json(case) or command is None or command.rc != 0 or runs_own_command(case):
        return None
    if any(not row.stderr and row.text.strip() for row in command.transcript.plain) or command.stdout_bytes not in (
        None,
        0,
    ):
        return None
    at = target(case)
    explanation = f"The module at {at.at} ended with rc 0 and printed no result."
    fixes = ("ANSIBLE_KEEP_REMOTE_FILES=1", "ansible_pipelining=false")
    return Match((ending(command), *proof(find(message_lines(case), *NO_JSON))), Confidence.LIKELY, explanation, fixes)
