"""The sample logs as they lie there: complete, neutral, and told of in expected.json."""

from __future__ import annotations

import gzip
import json

import pytest

from parsers.findings import Severity, rules
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


STRINGS_ONLY = {
    "control-python-too-old": "needs an old Python for the control node",
    "sshpass-too-old": "needs an old sshpass",
    "controlpath-no-sockets": "needs a file system without sockets",
    "control-out-of-memory": "needs a kernel that refuses memory; a worker that was killed is worker-died",
    "gssapi-slow": "needs a ticket and a KDC that does not answer",
    "rsa-sha1-refused": "needs a server that offers SHA-1 signatures alone; today's OpenSSH lists all it knows",
    "mux-broken-pipe": "OpenSSH 9 goes on with a connection of its own",
    "mux-stale": "needs a master that hangs",
    "mux-exitval-twice": "a mistake of old OpenSSH",
    "selinux-context": "needs SELinux",
    "data-not-sent": "where it was made, connection-refused or auth-publickey says why",
    "python-too-new": "needs an Ansible before ansible-core 2.11",
    "exec-held-open": "needs a child that outlives its module",
    "sshpass-hang": "a race of sshpass",
    "huge-output": "its log is 24 MB and more",
}
"""Rules on the control node's log that no sample has: their tests use the strings of the reference."""


def test_every_rule_has_a_real_log_or_a_reason() -> None:
    told = [pair for scenario in SCENARIOS.values() for pair in (*scenario.findings, *scenario.allowed)]
    real = {rule for _, rule in told} | {"open-at-end"}
    catalogue = {
        name for name, rule in rules().items() if rule.severity is not Severity.INFO and not name.startswith("sshd-")
    }
    # The other end's log has scenarios of its own.
    server = {"user-not-allowed", "sftp-server-path-wrong"}
    assert catalogue - server - real <= set(STRINGS_ONLY)
    assert not real & set(STRINGS_ONLY)


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
