"""The log was made without ANSIBLE_DEBUG, or is the file of ANSIBLE_LOG_PATH.

What you see:
No `stderr chunk (state=N):` lines: what a command printed is known only from its end, and of a command that hangs
nothing is known.

Why it happens:
Chunks are printed with `ANSIBLE_DEBUG=1` only, and to the screen only: from 2.6 on the file of ANSIBLE_LOG_PATH never
holds them.

How to be sure:
`grep -c "chunk (state=" LOG` prints 0 for such a log.

Fix:
Keep what the screen gets: `PYTHONUNBUFFERED=1 ANSIBLE_DEBUG=1 ANSIBLE_SSH_VERBOSITY=3 ansible-playbook -vvvv PLAYBOOK
2>&1 | tee ansible.log`. Unbuffered, or the last 8 kB before a hang are missing.

Not this when:
The cause is clear without them: then there is no need to run again.
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Match, Severity, rule
from parsers.model import Stage
from parsers.rules._rerun import broken_hosts, rerun
from parsers.rules._said import lost_connection


@rule(
    "ansible-debug-off",
    order=1200,
    title="The log has no chunks, so no times within a command",
    category=1,
    stages=(Stage.CONTROL,),
    severity=Severity.INFO,
    asked=(Asked.RUN,),
)
def check(case: Case) -> Match | None:
    """Looks for a host that could not be reached, or whose command never ended, in a run without debug lines."""
    run = case.run
    if case.control is not None or run.debug:
        return None
    ended = lost_connection(case)
    if ended is None:
        return None
    explanation = "The run was made without ANSIBLE_DEBUG: its log has no chunks."
    if run.log_file:
        explanation = (
            "This is the file of ANSIBLE_LOG_PATH (log_path), which never holds the chunks, whatever is switched on: "
            "record the output instead."
        )
    return Match((ended,), explanation=explanation, fixes=(rerun(run, broken_hosts(case)),))
