"""The module ended with rc 0 and printed nothing that is a result.

What you see:
FAILED with `No start of json char found` (2.19 on: `Module result deserialization failed`) or `MODULE FAILURE`, while
rc is 0 and stdout is empty, or holds no line that begins with a brace.

Why it happens:
A module of one's own that prints something else than JSON, or half of it, a wrong first line (`#!`) with pipelining,
a logout trap that closes stdout, or a child process that took stdout along.

How to be sure:
Run it by hand there: `ANSIBLE_KEEP_REMOTE_FILES=1`, then `python3 ~/.ansible/tmp/…/AnsiballZ_….py`.

Fix:
Let the module end with `module.exit_json(…)`; correct its first line; try `ansible_pipelining=false`.

Not this when:
stdout has other text beside JSON (result-noise), or the same text for every command (forced-command).
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._python import NO_JSON, always, is_noise, no_json, printed, runs_own_command
from parsers.rules._said import ending, find, message_lines, module_run, proof
from parsers.rules._values import shown, target


@rule(
    "result-not-json",
    order=1070,
    title="The module ended well and gave no result",
    category=4,
    stages=(Stage.EXEC, Stage.RESULT, Stage.CONTROL),
)
def check(case: Case) -> Match | None:
    """Looks for a module that ended well and printed nothing, or nothing that is a result."""
    command = module_run(case)
    if not no_json(case) or command is None or command.rc != 0 or runs_own_command(case):
        return None
    rows = printed(command)
    if (not rows and command.stdout_bytes) or is_noise(rows) or always(case, command):
        return None
    at = target(case, command=command)
    what = f"printed no JSON, but {shown(rows[0].text.strip(), 160)!r}" if rows else "printed no result"
    explanation = f"The module at {at.at} ended with rc 0 and {what}."
    fixes = ("ANSIBLE_KEEP_REMOTE_FILES=1", "ansible_pipelining=false")
    proofs = (ending(command), *proof(*rows[:1], find(message_lines(case), *NO_JSON)))
    return Match(proofs, Confidence.LIKELY, explanation, fixes)
