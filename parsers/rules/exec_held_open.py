"""The module has given its result, and its command does not end.

What you see:
The last chunk is the module's whole JSON, and then nothing: no `(rc, …)` for a long time, while the process lives.

Why it happens:
A process that the task started in the background (a daemon, a service script) keeps stdout or stderr open: ssh waits
until all of them are closed.

How to be sure:
`ssh USER@HOST "ps -ef --forest"` shows the child; `ls -l /proc/PID/fd` its pipe.

Fix:
Start it as a service (systemd), or detached: `nohup COMMAND >/dev/null 2>&1 </dev/null &`; or `async` with `poll: 0`.

Not this when:
The module is still at work: then there is no JSON yet. The log was cut just there.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage, Status
from parsers.rules._said import is_module_json, proof
from parsers.rules._values import target

_SECONDS = 10.0
_CUT = 400
"""A line that was cut here has no end to look at."""


@rule(
    "exec-held-open",
    order=1110,
    title="The module is done, and something holds its output open",
    category=4,
    stages=(Stage.EXEC,),
)
def check(case: Case) -> Match | None:
    """Looks for an open command whose stdout is a whole JSON object and that has been silent since."""
    command, stage = case.command, case.stage
    if command is None or stage is None or command.rc is not None or stage.status is not Status.STALLED:
        return None
    if stage.silent is None or stage.silent < _SECONDS:
        return None
    rows = [row for row in command.transcript.plain if not row.stderr and is_module_json(row)]
    line = rows[-1] if rows else None
    if line is None or not (line.text.rstrip().endswith("}") or len(line.text) >= _CUT):
        return None
    at = target(case)
    explanation = (
        f"The module at {at.at} has given its result, and its command has been open for {stage.silent:.1f} s since: a "
        "process that it started holds the output."
    )
    fixes = (at.ssh("ps -ef --forest"), "nohup COMMAND >/dev/null 2>&1 </dev/null &")
    return Match(proof(line), Confidence.LIKELY, explanation, fixes)
