"""An ansible.cfg in the current directory was not read, because everybody may write to that directory.

What you see:
`[WARNING]: Ansible is being run in a world writable directory (DIRECTORY), ignoring it as an ansible.cfg source.`

Why it happens:
Who can write there could make Ansible run anything. Under WSL every directory of /mnt/c looks so, and so do some
shared folders of virtual machines. The user, key and inventory of that file are then missing, which shows later as a
refused login.

How to be sure:
`ansible --version` prints `config file =` without the expected path.

Fix:
`chmod o-w .` in that directory, or name the file: `export ANSIBLE_CONFIG=$PWD/ansible.cfg`.

Not this when:
The run takes its settings from elsewhere on purpose: then the warning has no effect.
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Match, Severity, rule
from parsers.model import Stage
from parsers.rules._control import run_warning
from parsers.rules._said import proof
from parsers.rules._values import quote, shown


@rule(
    "control-config-ignored",
    order=60,
    title="An ansible.cfg was ignored, as everybody may write to its directory",
    category=1,
    stages=(Stage.CONTROL,),
    severity=Severity.WARNING,
    asked=(Asked.RUN,),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's warning."""
    line = run_warning(case, "being run in a world writable directory")
    if line is None:
        return None
    folder = line.text.partition("writable directory (")[2].partition(")")[0]
    where = f" in {shown(folder)}" if folder else ""
    explanation = f"The ansible.cfg{where} was not read: its user, key and inventory do not count in this run."
    fixes = (f"chmod o-w {quote(folder, '.')}", "export ANSIBLE_CONFIG=$PWD/ansible.cfg")
    return Match(proof(line), explanation=explanation, fixes=fixes)
