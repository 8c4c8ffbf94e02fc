"""From a model to findings: one cause a host, each with its evidence, and a rule that raises harms nobody."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from parsers import conclude as module
from parsers.findings import Asked, Case, Confidence, Evidence, Finding, Match, Rule, Severity, rules
from parsers.model import Place, Stage
from tests.parsers.helpers import analyse, expected, sample
from tests.parsers.minilog import DB1, HOME, WEB1, MiniLog

REFUSED = "ssh: connect to host 192.0.2.7 port 22: Connection refused\r\n"


def refused() -> MiniLog:
    """db1 refuses, web1 is sound."""
    log = MiniLog().begin().task("Ping", WEB1, DB1).module(WEB1).result(WEB1).command(DB1, HOME, 255, "", REFUSED)
    return log.result(DB1, "unreachable", msg=REFUSED).recap(web1={"ok": 1}, db1={"unreachable": 1})


def findings(log: MiniLog) -> list[Finding]:
    """What is concluded."""
    return analyse(log.data)[1]


def with_rules(monkeypatch: pytest.MonkeyPatch, *made: Rule) -> None:
    """Only these rules are asked."""
    monkeypatch.setattr(module, "rules", lambda: MappingProxyType({rule.id: rule for rule in made}))


def rule(rule_id: str, order: int, match: Match | Exception | None, severity: Severity = Severity.ERROR) -> Rule:
    """A rule for ssh's work whose check gives `match`."""

    def check(_case: Case) -> Match | None:
        if isinstance(match, Exception):
            raise match
        return match

    base = rules()["connection-refused"]
    return replace(base, id=rule_id, order=order, check=check, severity=severity, stages=(Stage.CONNECT,))


def match(confidence: Confidence = Confidence.CERTAIN, *, line: int = 1) -> Match:
    """A match with one line of evidence."""
    return Match((Evidence(Place(line * 10, line), "x"),), confidence)


def test_a_finding_says_whose_it_is_and_where() -> None:
    log = refused()
    (finding,) = findings(log)
    assert (finding.rule.id, finding.host, finding.task) == ("connection-refused", "db1", "Ping")
    assert (finding.stage, finding.phase, finding.severity) == (Stage.CONNECT, "tcp", Severity.ERROR)
    assert finding.title == finding.rule.title
    assert finding.explanation
    assert finding.fixes
    lines = log.data.split(b"\n")
    assert any(b"Connection refused" in lines[evidence.place.line - 1] for evidence in finding.evidence)


def test_a_sound_run_has_none() -> None:
    assert findings(MiniLog().begin().task("Ping", WEB1).module(WEB1).result(WEB1).recap(web1={"ok": 1})) == []


def test_only_one_error_is_the_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    with_rules(
        monkeypatch,
        rule("b-likely", 1, match(Confidence.LIKELY)),
        rule("c-possible", 2, match(Confidence.POSSIBLE)),
        rule("a-certain", 3, match(Confidence.CERTAIN)),
        rule("d-hint", 4, match(), Severity.WARNING),
        rule("e-nothing", 5, None),
        rule("f-no-evidence", 6, Match(())),
    )
    found = [(finding.rule.id, finding.severity) for finding in findings(refused())]
    assert found[0] == ("a-certain", Severity.ERROR)
    assert dict(found) == {
        "a-certain": Severity.ERROR,
        "b-likely": Severity.INFO,
        "c-possible": Severity.INFO,
        "d-hint": Severity.WARNING,
    }


def test_the_catalogues_order_decides_between_equals(monkeypatch: pytest.MonkeyPatch) -> None:
    with_rules(monkeypatch, rule("second", 2, match()), rule("first", 1, match()))
    assert [finding.rule.id for finding in findings(refused()) if finding.severity is Severity.ERROR] == ["first"]


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), RecursionError(), AssertionError()])
def test_a_rule_that_raises_is_told_and_the_others_are_asked(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    with_rules(monkeypatch, rule("broken", 1, error), rule("sound", 2, match()))
    by_id = {finding.rule.id: finding for finding in findings(refused())}
    assert set(by_id) == {"internal", "sound"}
    assert by_id["sound"].severity is Severity.ERROR
    assert by_id["internal"].severity is Severity.INFO
    assert "broken" in by_id["internal"].explanation
    assert by_id["internal"].evidence


def test_a_rule_is_asked_about_its_own_stages_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = replace(rule("elsewhere", 1, match()), stages=(Stage.EXEC, Stage.TMPDIR))
    with_rules(monkeypatch, asked)
    assert findings(refused()) == []


def test_errors_come_first_then_the_order_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    with_rules(monkeypatch, rule("hint", 1, match(line=1), Severity.WARNING), rule("cause", 2, match(line=9)))
    assert [finding.rule.id for finding in findings(refused())] == ["cause", "hint"]


def test_a_log_that_ends_in_a_command_has_a_finding() -> None:
    log = MiniLog().begin().task("Ping", DB1).step(DB1, "home").open(DB1, "/bin/sh -c 'umask 77 && mkdir -p x'")
    log.chunk(DB1, "debug1: pledge: network\n")
    (finding,) = findings(log)
    assert (finding.rule.id, finding.host, finding.stage, finding.severity) == (
        "open-at-end",
        "db1",
        Stage.TMPDIR,
        Severity.WARNING,  # it may be the log that was cut, and not the run
    )
    assert [evidence.text for evidence in finding.evidence][1] == "debug1: pledge: network"
    assert "has not ended" in finding.explanation


def test_a_live_run_that_goes_on_has_none() -> None:
    log = MiniLog().begin().task("Ping", DB1).open(DB1, HOME)
    assert analyse(log.data, now=log.time + 1)[1] == []


def test_an_ignored_or_rescued_failure_has_none() -> None:
    log = MiniLog().begin().task("Ping", DB1).command(DB1, HOME, 255, "", REFUSED)
    log.result(DB1, "failed", msg=REFUSED).raw("...ignoring").task("Next", DB1).result(DB1)
    assert [f for f in findings(log.recap(db1={"ok": 2, "ignored": 1})) if f.severity is Severity.ERROR] == []


def test_the_same_failure_in_two_runs_is_found_in_both() -> None:
    both = refused().data + refused().data
    assert [finding.run for finding in analyse(both)[1]] == [0, 1]


@pytest.mark.parametrize("name", sorted(expected()))
def test_at_most_one_error_a_host_and_always_evidence(name: str) -> None:
    found = analyse(sample(name))[1]
    errors = [(finding.run, finding.host) for finding in found if finding.severity is Severity.ERROR and finding.host]
    assert len(errors) == len(set(errors))
    assert all(finding.evidence for finding in found)
    assert "internal" not in {finding.rule.id for finding in found}


def test_an_old_rule_is_asked_about_nothing_but_what_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    every = replace(rule("broken-only", 1, match()), stages=tuple(Stage))
    with_rules(monkeypatch, every)
    sound = MiniLog().begin().task("Ping", WEB1).command(WEB1, HOME, 0, "/home/deploy", "odd words\r\n").result(WEB1)
    assert findings(sound.recap(web1={"ok": 1})) == []


def test_what_worked_is_a_warning_once_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    cost = replace(rule("cost", 1, match()), stages=tuple(Stage), asked=(Asked.WORKED,))
    with_rules(monkeypatch, cost)
    log = MiniLog().begin()
    for task in ("One", "Two"):
        log.task(task, WEB1, DB1).command(WEB1, HOME, 0, "/home/deploy", "odd words\r\n").result(WEB1)
        log.command(DB1, HOME, 0, "/home/deploy", "").result(DB1)
    found = findings(log.recap(web1={"ok": 2}, db1={"ok": 2}))
    assert [(finding.host, finding.rule.id, finding.severity) for finding in found] == [
        ("web1", "cost", Severity.WARNING)  # db1 said nothing unusual
    ]


def test_the_run_is_asked_once_and_never_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with_rules(monkeypatch, replace(rule("of-the-run", 1, match()), asked=(Asked.RUN,)))
    (finding,) = findings(refused())
    assert (finding.host, finding.task, finding.severity) == (None, None, Severity.WARNING)
    hint = replace(rule("advice", 1, match(), Severity.INFO), asked=(Asked.RUN,))
    with_rules(monkeypatch, hint)
    assert [finding.severity for finding in findings(refused())] == [Severity.INFO]


def test_a_rule_that_raises_beside_a_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with_rules(monkeypatch, replace(rule("of-the-run", 1, ValueError("x")), asked=(Asked.RUN,)))
    (finding,) = findings(refused())
    assert (finding.rule.id, finding.severity) == ("internal", Severity.INFO)


def test_a_retry_that_worked_is_a_warning_with_its_cost() -> None:
    log = MiniLog().begin().task("Ping", WEB1).command(WEB1, HOME, 255, "", REFUSED)
    log.command(WEB1, HOME, 0, "/home/deploy\n", "").result(WEB1)
    (finding,) = findings(log.recap(web1={"ok": 1}))
    assert (finding.host, finding.rule.id, finding.severity) == ("web1", "retry-worked", Severity.WARNING)
    assert "Connection refused" in finding.explanation
