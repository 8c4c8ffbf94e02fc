"""The task has `no_log: true`, so its output and its error are not in the log.

What you see:
`<error censored due to no log>`, `rc=N, stdout and stderr censored due to no log`, or `the output has been hidden due
to the fact that 'no_log: true' was specified for this result`.

Why it happens:
no_log keeps secrets out of logs. It hides the cause of a failure as well; the chunks of ANSIBLE_DEBUG are not
censored and still hold the secrets.

How to be sure:
The task in the playbook (or its role, or the play) has `no_log: true`.

Fix:
Run that task once with `no_log: false` and throw-away secrets, on one host: `ansible-playbook --limit HOST
--start-at-task NAME -vvv PLAYBOOK`.

Not this when:
The message is short because the module said no more.
"""

from __future__ import annotations

from parsers.findings import Case, Match, Severity, rule
from parsers.rules._rerun import rerun
from parsers.rules._said import SSH_STAGES, ending, find, message_lines, proof
from parsers.rules._values import target


@rule(
    "no-log",
    order=1180,
    title="The output is hidden by no_log",
    category=4,
    stages=SSH_STAGES,
    severity=Severity.INFO,
)
def check(case: Case) -> Match | None:
    """Looks for a censored end of the failed command, or for Ansible's words in the result."""
    command = case.command
    line = find(message_lines(case), "censored due to no log", "the output has been hidden due to the fact that")
    censored = (
        command is not None and command.has_tuple and command.rc not in (None, 0) and command.stdout_bytes is None
    )
    if line is None and not censored:
        return None
    at = target(case)
    explanation = f"no_log hides what the task said at {at.at}: the cause is not in this log."
    fixes = ("no_log: false", rerun(case.run, [case.host.name] if case.host is not None else []))
    ended = (ending(command),) if censored and command is not None else ()
    return Match((*ended, *proof(line)), explanation=explanation, fixes=fixes)
