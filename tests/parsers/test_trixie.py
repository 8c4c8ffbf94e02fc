"""Debian 13: OpenSSH 10.0, Python 3.13 and ansible-core 2.21 (`tests.lab.elsewhere` made the logs)."""

from __future__ import annotations

import pytest

from parsers.analysis import Analysis
from parsers.model import Attribution
from tests.lab import truth
from tests.lab.make_samples import expectation
from tests.lab.scenarios import SCENARIOS
from tests.parsers.helpers import SAMPLES, analyse, sample
from tests.parsers.sshd.test_builder import log_of

FOLDER = SAMPLES / "trixie"
LOGS = sorted(path.name for path in FOLDER.glob("*.log.gz") if ".sshd." not in path.name)
VERSION = "2.21"


@pytest.mark.parametrize("name", LOGS)
def test_a_scenario_is_found_to_be_what_it_is_elsewhere(name: str) -> None:
    stem = name.removesuffix(".log.gz")
    want = expectation(f"{stem}.log", SCENARIOS[stem.removesuffix(f"-{VERSION}")], VERSION)
    model, findings = analyse(sample(f"trixie/{name}"))
    (run,) = model.runs
    assert (run.status, run.ansible_version is None or run.ansible_version.startswith(VERSION)) == (
        want["run_status"],
        True,
    )
    hosts = {name: (facts["status"], facts["failed_stage"]) for name, facts in want["hosts"].items()}
    assert {host.name: (host.status, host.failed_stage) for host in run.hosts.values()} == hosts
    found = {(finding.host, finding.rule.id) for finding in findings}
    must, may = ({tuple(pair) for pair in want[key]} for key in ("findings", "allowed"))
    assert must <= found <= must | may
    assert run.reassembly.differ == 0


def test_escalation_is_told_by_how_ssh_says_it_was_called() -> None:
    """Pipelining and become: `debug3: Started with:` quotes the mark that Ansible takes out of other lines."""
    known = truth.load("free-2.21", folder=FOLDER / "truth")
    analysis = Analysis()
    analysis.feed(known.log)
    analysis.finish()
    model = analysis.snapshot()
    score = truth.score(known, model)
    assert (score.invented, score.lost, score.exact_wrong, score.unknown) == (0, 0, 0, 0)
    assert (score.commands, score.commands_differ) == (90, 0)
    assert score.equal_share >= 0.94  # one choice, where two connect, costs 44 chunks here
    quoting = [
        chunk
        for chunk in model.chunks
        if b"debug3: Started with: " in (text := known.log[chunk.start : chunk.end]) and b"BECOME-SUCCESS-" in text
    ]
    assert len(quoting) == 6
    assert all(chunk.attribution is not Attribution.UNKNOWN for chunk in quoting)


def test_sshd_s_own_file_has_the_one_connection_that_there_was() -> None:
    log = log_of(sample("trixie/sftp-missing-2.21.db1.sshd.log.gz"))
    assert not log.mixed
    (connection,) = log.connections
    assert (connection.user, len(connection.channels)) == ("deploy", 5)


def test_the_logs_are_there() -> None:
    assert len(LOGS) == 3
