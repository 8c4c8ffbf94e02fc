"""Section 2 of the reference: each line that looks like a failure, in a real healthy log, which has no cause in it."""

from __future__ import annotations

from functools import cache

import pytest

from parsers.findings import Severity
from tests.parsers.helpers import analyse, expected, sample

SEEN = {
    "1": ["Failed to connect to the host via ssh: "],
    "2": ["mux_client_read_packet: read header failed: Broken pipe"],
    "3": ["Shared connection to ", "Connection to 127.0.0.21 closed."],
    "4": ['Control socket "'],
    "5": ["stat remote: No such file or directory"],
    "6": ["load_hostkeys: fopen /etc/ssh/ssh_known_hosts", "type -1", "no such identity: ", "matched no files"],
    "7": ["receive packet: type 51", "Authentications that can continue: "],
    "8": ["we did not send a packet, disable method"],
    "9": [
        "chan_shutdown_read",
        "input open -> closed",
        "output drain -> closed",
        "is dead",
        "The following connections are open:",
        "Transferred: sent",
    ],
    "10": ["already exists, disabling multiplexing", "Session open refused by peer"],
    "11": ["sftp transfer mechanism failed", "scp transfer mechanism failed"],
    "12": [
        "PTY allocation request failed",
        "Pseudo-terminal will not be allocated because stdin is not a terminal.",
        "X11 forwarding request failed",
        "Warning: Permanently added",
    ],
    "13": ["+1 records in", " copied, "],
    "14": ["chunk (state=2)", ">>><<<"],
    "15": ["done checking for any_errors_fatal", "WORKER PROCESS EXITING", "RUNNING CLEANUP"],
    "16": ["declined parsing", "Skipping callback 'minimal'", "Loading collection ansible.builtin from "],
    "17": ["Python interpreter discovery fallback", "but future installation of another Python"],
    "18": ["...ignoring", "setfacl", "rescued=1"],
    "19": ["Welcome to db1", "Authorised use only."],
    "20": ["Could not chdir to home directory", "warning: setlocale: LC_ALL: cannot change locale"],
    "21": ["SSH: Timeout (7s) waiting for the output"],
    "22": ["unreachable=0", "Traceback (most recent call last):", '\\"failed\\": false'],
    "23": [
        "unable to resolve host",
        "We trust you have received the usual lecture",
        "did not exist and was created with a mode of 0700",
        "Executing: program /usr/bin/ssh host",
    ],
    "24": ["connect to address ::1 port 2222: Connection refused"],
}
"""By the number of the reference's line. GSSAPI's own words (8) need a Kerberos library that is set up."""

HEALTHY = [
    name
    for name, entry in expected().items()
    if entry["run_status"] == "ok" and all(host["status"] == "ok" for host in entry["hosts"].values())
]


@cache
def text(name: str) -> bytes:
    """The log's bytes."""
    return sample(name)


@pytest.mark.parametrize(("number", "needle"), [(n, needle) for n, needles in SEEN.items() for needle in needles])
def test_the_line_stands_in_a_healthy_log(number: str, needle: str) -> None:
    found = [name for name in HEALTHY if needle.encode() in text(name)]
    assert found, f"no healthy log has line {number} of the reference's section 2: {needle}"


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_log_has_no_cause_and_no_warning_but_what_it_tells(name: str) -> None:
    entry = expected()[name]
    allowed = {(host, rule) for host, rule in entry["allowed"]}
    loud = [finding for finding in analyse(text(name))[1] if finding.severity is not Severity.INFO]
    assert [finding.rule.id for finding in loud if finding.severity is Severity.ERROR] == []
    # Where two names share an address, a command may be known by the address alone.
    assert {(f.host, f.rule.id) for f in loud if f.host is None or f.host in entry["hosts"]} <= allowed
