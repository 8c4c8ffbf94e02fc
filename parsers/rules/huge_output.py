"""A command gave megabytes of output, which the control node keeps in memory several times.

What you see:
Chunks by the thousand for one command, a long pause after it, and an Ansible process that grows.

Why it happens:
A `command` or `shell` task prints a whole file or log; `slurp` of a large file; `setup` on a machine with thousands
of interfaces or mounts.

How to be sure:
The byte count of the command's stdout; `register` and `| length` in the playbook.

Fix:
Write it to a file there and use `fetch`; `gather_subset` for facts; `no_log` does not make it smaller.

Not this when:
The transfer of a large file: that goes from the control node to the host and is no output.
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Match, Severity, rule
from parsers.model import Stage
from parsers.rules._said import ending
from parsers.rules._values import target

_LARGE = 5_000_000


@rule(
    "huge-output",
    order=1150,
    title="A command's output is very large",
    category=4,
    stages=(Stage.EXEC, Stage.TRANSFER, Stage.HOME, Stage.TMPDIR, Stage.DISCOVERY),
    severity=Severity.INFO,
    asked=(Asked.BROKEN, Asked.WORKED),
)
def check(case: Case) -> Match | None:
    """Looks at the bytes of a command's stdout."""
    command = case.command
    if command is None or (command.stdout_bytes or 0) < _LARGE:
        return None
    at = target(case)
    size = (command.stdout_bytes or 0) / 1e6
    explanation = f"A command at {at.at} printed {size:.1f} MB, which Ansible keeps in memory and in the log."
    return Match((ending(command),), explanation=explanation, fixes=("gather_subset: '!all'", "ansible.builtin.fetch"))
