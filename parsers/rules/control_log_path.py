"""ANSIBLE_LOG_PATH names a file that cannot be written: the run goes on without a log.

What you see:
`[WARNING]: log file at 'PATH' is not writeable and we cannot create it, aborting`; in spite of its last word the run
goes on.

Why it happens:
The directory does not exist, or the file belongs to another account (root, after a run with sudo).

How to be sure:
`ls -l PATH; touch PATH` as the account that runs Ansible.

Fix:
Correct `log_path` in ansible.cfg or `ANSIBLE_LOG_PATH`, or give the file back with chown.

Not this when:
The log is there and holds no chunks: that is so by design (ansible-debug-off).
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Match, Severity, rule
from parsers.model import Stage
from parsers.rules._control import run_warning
from parsers.rules._said import proof, quoted
from parsers.rules._values import quote, shown


@rule(
    "control-log-path",
    order=320,
    title="Ansible's log file cannot be written",
    category=1,
    stages=(Stage.CONTROL,),
    severity=Severity.WARNING,
    asked=(Asked.RUN,),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's warning."""
    line = run_warning(case, "log file at ")
    if line is None or "writeable" not in line.text:
        return None
    path = quoted(line.text) or line.text.partition("log file at ")[2].partition(" is not")[0]
    explanation = f"The log file {shown(path)} could not be written; this run left none."
    fixes = (f"ls -l {quote(path, 'PATH')}", "ANSIBLE_LOG_PATH=~/ansible.log")
    return Match(proof(line), explanation=explanation, fixes=fixes)
