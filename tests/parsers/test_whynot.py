"""Why not another rule: the fact that speaks against it, on real logs and on cases made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parsers import whynot as module
from parsers.findings import Severity, rules
from parsers.model import Stage
from parsers.whynot import Answer, Standing, why_not
from tests.parsers.helpers import analyse, expected, sample
from tests.parsers.minilog import DB1, HOME, WEB1, MiniLog
from tests.parsers.rules.cases import case


def answers(name: str, host: str | None = None, rule_id: str | None = None) -> dict[tuple[str | None, str], Answer]:
    """The answers on a sample log's last run, by host and rule."""
    run = analyse(sample(name))[0].runs[-1]
    return {(answer.host, answer.rule.id): answer for answer in why_not(run, host, rule_id=rule_id)}


@pytest.mark.parametrize(
    ("name", "rule_id", "standing", "words", "shows"),
    [
        ("key-permissions-2.16.log", "auth-publickey", Standing.AGAINST, "says what it was", "UNPROTECTED PRIVATE KEY"),
        (
            "key-permissions-2.16.log",
            "auth-password",
            Standing.AGAINST,
            "PasswordAuthentication=no",
            "Permission denied",
        ),
        ("key-permissions-2.16.log", "key-permissions", Standing.CAUSE, "It is the cause", "0644"),
        ("password-wrong-2.19.log", "auth-publickey", Standing.AGAINST, "password was tried", "Permission denied"),
        ("refused-unresolved-2.19.log", "connection-timeout", Standing.AGAINST, "Connection refused", "port 2222"),
        ("refused-unresolved-2.19.log", "remote-rc-255", Standing.AGAINST, "no exit status", "(255, "),
        ("tmpdir-permission-2.19.log", "connection-refused", Standing.AGAINST, "ssh itself worked", "(1, "),
        ("tmpdir-permission-2.19.log", "disk-full", Standing.ABSENT, "No space left on device", ""),
        ("tmpdir-permission-2.19.log", "sftp-subsystem-missing", Standing.ELSEWHERE, "db1 broke in tmpdir", ""),
        ("tmpdir-permission-2.19.log", "retry-worked", Standing.ELSEWHERE, "never a cause", ""),
        ("tmpdir-permission-2.19.log", "playbook-syntax", Standing.ELSEWHERE, "this rule is about control", ""),
        ("playbook-syntax-2.19.log", "connection-refused", Standing.AGAINST, "control node", ""),
    ],
)
def test_a_rule_that_is_not_the_cause_says_which_fact_is_against_it(
    name: str, rule_id: str, standing: Standing, words: str, shows: str
) -> None:
    found = answers(name, rule_id=rule_id)
    assert found
    answer = next(iter(found.values()))
    assert answer.standing is standing
    assert words in answer.reason
    assert shows in " ".join(evidence.text for evidence in answer.evidence)


def test_evidence_is_in_the_log_where_it_is_said_to_be() -> None:
    for name in ("key-permissions-2.16.log", "password-wrong-2.18.log", "python-missing-2.16.log"):
        lines = sample(name).splitlines()
        for answer in answers(name).values():
            for evidence in answer.evidence:
                held = lines[evidence.place.line - 1].decode("utf-8", "replace")
                assert evidence.text[:30] in held or evidence.text.startswith("<")


def test_without_a_rule_those_that_look_like_the_cause_are_answered() -> None:
    found = answers("key-permissions-2.16.log", "db1")
    named = set(module._ID.findall(rules()["key-permissions"].words.not_when)) & set(rules())
    assert named <= {rule_id for _, rule_id in found}
    assert ("db1", "key-permissions") not in found
    assert all(answer.near for answer in found.values())
    assert len(found) < 20


def test_with_every_rule_each_is_answered_once() -> None:
    run = analyse(sample("tmpdir-permission-2.19.log"))[0].runs[0]
    found = why_not(run, "db1", every=True)
    assert sorted(answer.rule.id for answer in found) == sorted(rules())
    assert all(answer.reason for answer in found)


def test_a_rule_that_matched_as_well_follows_from_the_cause() -> None:
    refused = "ssh: connect to host 192.0.2.7 port 22: Connection refused\r\n"
    log = MiniLog().begin().task("Ping", WEB1, DB1).command(DB1, HOME, 255, "", refused)
    run = analyse(log.result(DB1, "unreachable", msg=refused).recap(db1={"unreachable": 1}).data)[0].runs[0]
    cause = rules()["connection-refused"]
    later = replace(cause, id="made-up", order=9999)
    asked = case(Stage.CONNECT, 255, refused)
    match = cause.check(asked)
    assert match is not None
    answer = module._matched(asked, later, match, (cause, match))
    assert (answer.standing, answer.near) == (Standing.FOLLOWS, True)
    assert "connection-refused" in answer.reason
    assert why_not(run, "db1", rule_id="connection-refused")[0].standing is Standing.CAUSE


def test_a_host_that_ended_well_and_a_name_that_is_no_rule() -> None:
    run = analyse(sample("tmpdir-permission-2.19.log"))[0].runs[0]
    assert why_not(run, "no-such-host") == []
    with pytest.raises(KeyError):
        why_not(run, rule_id="no-such-rule")


def test_a_check_that_raises_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(_case: object) -> None:
        raise ValueError("x")

    broken = replace(rules()["disk-full"], check=check)
    monkeypatch.setattr(module, "rules", lambda: {"disk-full": broken})
    run = analyse(sample("tmpdir-permission-2.19.log"))[0].runs[0]
    assert "ValueError" in why_not(run, "db1", rule_id="disk-full")[0].reason


@pytest.mark.parametrize("name", sorted(expected()))
def test_the_cause_of_every_sample_is_the_one_that_is_found(name: str) -> None:
    model, found = analyse(sample(name))
    causes = {(f.run, f.host, f.rule.id) for f in found if f.severity is Severity.ERROR}
    for run in model.runs:
        answers = why_not(run, every=True)
        said = {(run.index, a.host, a.rule.id) for a in answers if a.standing is Standing.CAUSE}
        assert said == {cause for cause in causes if cause[0] == run.index}


def test_what_a_rule_s_own_words_quote_is_told_whole() -> None:
    """Also where a quotation goes on in the next line."""
    for rule in rules().values():
        for span in module._spans(rule):
            assert span == " ".join(span.split())
            assert not span.startswith((",", ";", ". "))


def test_what_a_helper_of_many_rules_requires_makes_none_of_them_look_like_the_cause() -> None:
    found = answers("command-failed-2.16.log")
    assert not [rule_id for _, rule_id in found if rule_id.startswith("python")]
