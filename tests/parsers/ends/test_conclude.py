"""One cause a failed host, out of both ends of real runs."""

from __future__ import annotations

import pytest

from parsers.ends.conclude import DECIDES, both_ends
from parsers.ends.lineup import line_up
from parsers.findings import Finding, Severity, rules
from tests.parsers.ends.pairs import Change, bare, data, later, logs_of, names, read, without_audit

CAUSES = {
    "sshd-logins-2.19": {
        "listed": "user-not-allowed",
        "shell": "user-not-allowed",
        "expired": "account-refused",
        "pam": "account-refused",
        "modes": "sshd-key-modes",
        "tries": "auth-too-many",
        "unknown": "auth-publickey",
    },
    "sshd-refusals-2.19": {
        "kex": "no-common-kex",
        "forced": "forced-command",
        "nosftp": "sftp-subsystem-missing",
        "badsftp": "sftp-server-path-wrong",
        "startups": "sshd-startups",
    },
    "sshd-held-2.19": {"db1": "channel-stall"},
    "sshd-slow-2.19": {"db1": "channel-stall"},
    "sshd-long-2.19": {"db1": "open-at-end"},
    "sshd-killed-2.19": {"db1": "connection-lost", "db2": "sshd-exit-signal"},
    "sshd-healthy-2.19": {},
    "sshd-sessions-2.19": {},
}


def concluded(stem: str, change: Change | None = None) -> dict[int, list[Finding]]:
    logs, findings = logs_of(stem, change)
    return both_ends(line_up(logs), {one.source: one.model for one in logs}, findings)


def causes(findings: dict[int, list[Finding]]) -> dict[str | None, str]:
    """By host: the error, or what stands for one while a command is open."""
    own = [one for one in findings[0] if one.severity is Severity.ERROR or one.rule.id == "open-at-end"]
    assert len(own) == len({one.host for one in own}), "more than one cause a host"
    return {one.host: one.rule.id for one in own}


@pytest.mark.parametrize("stem", CAUSES)
@pytest.mark.parametrize("change", [None, later(3333), without_audit], ids=["as it is", "a clock ahead", "no audit"])
def test_the_cause_of_each_host(stem: str, change: Change | None) -> None:
    findings = concluded(stem, change)
    assert causes(findings) == CAUSES[stem]
    # What broke a host is an error once, not at each end.
    assert not [one for source in findings if source for one in findings[source] if one.severity is Severity.ERROR]


def test_a_cause_without_times_and_processes() -> None:
    assert causes(concluded("sshd-killed-2.19", bare)) == CAUSES["sshd-killed-2.19"]


def test_a_cause_shows_lines_of_both_logs() -> None:
    for stem in CAUSES:
        findings = concluded(stem)
        lengths = lines_of(stem)
        for one in findings[0]:
            if one.severity is not Severity.ERROR:
                continue
            # The first line is of the log that the finding is of.
            assert one.evidence[0].source is None
            others = [proof for proof in one.evidence if proof.source is not None]
            assert others
            assert all(1 <= proof.place.line <= lengths[proof.source or 0] for proof in others)


def lines_of(stem: str) -> list[int]:
    control, servers = names(stem)
    return [len(data(name).splitlines()) for name in (control, *servers)]


def test_the_side_is_said() -> None:
    (held,) = (one for one in concluded("sshd-held-2.19")[0] if one.severity is Severity.ERROR)
    assert "Received and never answered" in held.explanation
    (slow,) = (one for one in concluded("sshd-slow-2.19")[0] if one.severity is Severity.ERROR)
    assert "Sent and never received" in slow.explanation
    assert "waits for PAM" in slow.explanation
    (long,) = (one for one in concluded("sshd-long-2.19")[0] if one.rule.id == "open-at-end")
    assert "still at work" in long.explanation


def test_a_cause_that_sshd_tells_takes_the_place_of_what_the_client_sees() -> None:
    (listed,) = (one for one in concluded("sshd-logins-2.19")[0] if one.host == "listed" and one.severity == "error")
    assert (listed.run, listed.task, listed.stage, listed.phase) == (0, "Ping", "connect", "auth")
    assert "AllowUsers" in listed.explanation
    follows = [one for one in concluded("sshd-logins-2.19")[0] if one.host == "listed" and one.severity == "info"]
    assert [one.rule.id for one in follows] == ["auth-publickey"]


def test_without_the_other_end_nothing_changes() -> None:
    logs, findings = logs_of("sshd-killed-2.19")
    alone = both_ends(line_up(logs[:1]), {0: logs[0].model}, {0: findings[0]})
    assert alone == {0: findings[0]}
    model, own = read(data("sshd-killed-2.19.db1.sshd.log"))
    assert both_ends(line_up([]), {0: model}, {0: own}) == {0: own}


def test_the_table_names_rules_that_exist() -> None:
    known = set(rules())
    assert set(DECIDES) <= known
    assert {name for wanted in DECIDES.values() for name in wanted} <= known
    assert not [name for name, wanted in DECIDES.items() if name in wanted]


SCANNER = b"""\
Nov 24 13:34:50 web1 sshd[77]: Connection from 203.0.113.5 port 4001 on 127.0.0.11 port 2222 rdomain ""
Nov 24 13:34:50 web1 sshd[77]: Invalid user admin from 203.0.113.5 port 4001
Nov 24 13:34:51 web1 sshd[77]: Connection closed by invalid user admin 203.0.113.5 port 4001 [preauth]
"""


def scanned(raw: bytes) -> bytes:
    """As a machine on the internet writes it: somebody else was refused meanwhile."""
    return raw if b" web1 " not in raw else raw + SCANNER


def test_what_sshd_refused_to_somebody_else_is_no_error_of_the_run() -> None:
    alone, own = read(scanned(data("sshd-healthy-2.19.web1.sshd.log")))
    assert [one.rule.id for one in own if one.severity is Severity.ERROR] == ["user-not-allowed"]
    findings = concluded("sshd-healthy-2.19", scanned)
    assert not [one for source in findings for one in findings[source] if one.severity is Severity.ERROR]
    assert [one.rule.id for source in (1, 2) for one in findings[source]] == ["user-not-allowed"]
    assert alone.sshd is not None
