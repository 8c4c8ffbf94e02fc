"""The sample logs as they lie there: complete, neutral, and told of in expected.json."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.lab.filters import cut, github
from tests.lab.make_samples import SAMPLES, expected, readme
from tests.lab.neutral import violations
from tests.lab.scenarios import SCENARIOS

LOGS = sorted(path.name for pattern in ("*.log", "*.log.gz") for path in SAMPLES.glob(pattern))
THE_TWENTY = frozenset(
    [
        "name-resolution",
        "connection-refused",
        "connection-timeout",
        "banner-timeout",
        "kex-reset",
        "no-common-kex",
        "no-common-hostkey",
        "hostkey-unknown",
        "hostkey-changed",
        "auth-publickey",
        "auth-password",
        "key-permissions",
        "login-shell",
        "tmpdir-permission",
        "disk-full",
        "sftp-subsystem-missing",
        "python-missing",
        "become-password-missing",
        "module-killed",
        "playbook-syntax",
    ]
)


@pytest.mark.parametrize("name", LOGS)
def test_a_log_names_nothing_of_the_machine_it_was_made_on(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    assert violations(gzip.decompress(data) if name.endswith(".gz") else data) == []


def test_expected_json_and_readme_are_what_the_scenarios_say() -> None:
    assert json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8")) == expected()
    assert (SAMPLES / "README.md").read_text(encoding="utf-8") == readme()


def test_every_log_is_expected_and_every_expected_log_is_there() -> None:
    told = {*expected(), *(log for entry in expected().values() for log in entry["sshd"])}
    assert told == set(LOGS)


def test_every_rule_of_the_first_release_has_a_real_log() -> None:
    found = {rule for scenario in SCENARIOS.values() for _, rule in scenario.findings}
    allowed = {rule for scenario in SCENARIOS.values() for _, rule in scenario.allowed}
    assert found | allowed >= THE_TWENTY


def test_a_finding_names_a_host_that_is_expected_to_have_failed() -> None:
    for scenario in SCENARIOS.values():
        for host, rule in scenario.findings:
            assert host is None or scenario.expected[host].status != "ok", (scenario.name, rule)


def test_the_neutral_check_sees_what_it_forbids() -> None:
    assert violations(b"identity file /home/someone/.ssh/id_ed25519 and /root/.ssh") == ["/home/someone", "/root/.ssh"]
    assert violations(b"kex: curve25519-sha256@libssh.org /home/ops/.ssh /home/deploy/.ansible") == []


def test_the_filters_keep_the_text_of_a_log() -> None:
    log = b"  42 1700000000.00001: first\nplain\n"
    assert [line[29:] for line in github(log).splitlines()] == log.splitlines()
    chunk = b"  42 1700000000.00001: stderr chunk (state=3):\n>>>" + b"text\n" * 200 + b"<<<\n"
    assert chunk.startswith(cut(chunk))
    assert not cut(chunk).endswith(b"\n")
