"""The log has no line of ssh's own debug text, which would show where a connection or login broke.

What you see:
No `debug1:` line anywhere, although the run has `-vvvv`. A refused key and a key whose passphrase nobody entered look
the same then.

Why it happens:
From ansible-core 2.19 on, `-vvvv` no longer passes `-v` to ssh.

How to be sure:
`grep -c debug1: LOG` prints 0 for a log of such a run.

Fix:
Run again with `ANSIBLE_SSH_VERBOSITY=3` (or `ansible_ssh_verbosity=3` for one host).

Not this when:
All hosts were reached, and a module failed: ssh has nothing to say about that.
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Match, Severity, rule
from parsers.model import Stage
from parsers.rules._rerun import broken_hosts, rerun
from parsers.rules._said import lost_connection

_VERBOSE = 4
"""What a run needs before somebody can expect ssh to speak."""


@rule(
    "ssh-debug-off",
    order=1190,
    title="ssh's own debug text is not in this log",
    category=1,
    stages=(Stage.CONTROL,),
    severity=Severity.INFO,
    asked=(Asked.RUN,),
)
def check(case: Case) -> Match | None:
    """Looks for a host that could not be reached in a run whose ssh had no -v."""
    run = case.run
    if case.control is not None or run.ssh_debug or (run.verbosity or 0) < _VERBOSE:
        return None
    ended = lost_connection(case)
    if ended is None:
        return None
    explanation = "ssh ran without its debug text, so how far it came with a host that it did not reach is not known."
    return Match((ended,), explanation=explanation, fixes=(rerun(run, broken_hosts(case)),))
