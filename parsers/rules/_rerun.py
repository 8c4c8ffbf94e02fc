"""What the advice on the log itself shares: a command that makes a log with more in it."""

from __future__ import annotations

import shlex

from parsers.findings import Case
from parsers.model import Run
from parsers.rules._values import quote

_NAMED = 5
"""Hosts that `--limit` spells out; with more, the run is made again as a whole."""


def rerun(run: Run, names: list[str], *, debug: bool = True) -> str:
    """The run again, for these hosts, with all that this program reads; into a file that is sure to hold it."""
    variables = "ANSIBLE_DEBUG=1 ANSIBLE_SSH_VERBOSITY=3 " if debug else "ANSIBLE_SSH_VERBOSITY=3 "
    sound = 0 < len(names) <= _NAMED and all(name.isprintable() and "," not in name for name in names)
    limit = f" --limit {shlex.quote(','.join(names))}" if sound else ""
    return f"{variables}ansible-playbook -vvvv{limit} {quote(run.playbook or '', 'PLAYBOOK')} 2>&1 | tee ansible.log"


def broken_hosts(case: Case) -> list[str]:
    """The inventory names of the hosts that did not end well."""
    return [host.name for host in case.run.hosts.values() if host.status.bad]
