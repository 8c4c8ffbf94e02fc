"""What the advice on the log itself shares: a command that makes a log with more in it."""

from __future__ import annotations

import shlex

from parsers.findings import Case
from parsers.model import Run
from parsers.rules._values import quote

_NAMED = 5
"""Hosts that `--limit` spells out; with more, the run is made again as a whole."""


_VARIABLES = "PYTHONUNBUFFERED=1 ANSIBLE_DEBUG=1 ANSIBLE_SSH_VERBOSITY=3"
"""Unbuffered: into a pipe Ansible writes by 8 kB, and what a hang said last would stay in its memory."""


def rerun(run: Run, names: list[str]) -> str:
    """The run again, for these hosts, with all that this program reads; into a file that is sure to hold it."""
    sound = 0 < len(names) <= _NAMED and all(name.isprintable() and "," not in name for name in names)
    limit = f" --limit {shlex.quote(','.join(names))}" if sound else ""
    return f"{_VARIABLES} ansible-playbook -vvvv{limit} {quote(run.playbook or '', 'PLAYBOOK')} 2>&1 | tee ansible.log"


def broken_hosts(case: Case) -> list[str]:
    """The inventory names of the hosts that did not end well."""
    return [host.name for host in case.run.hosts.values() if host.status.bad]
