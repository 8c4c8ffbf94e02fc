"""The list of findings, without a screen: order, groups that open, search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parsers.analysis import Analysis
from parsers.findings import Finding, Severity
from parsers.model import Stage
from tests.tui.hand import HandSource, finding, host, model, rule
from tui.widgets.findinglist import FindingRows, grouped
from tui.widgets.needle import Needle
from tui.widgets.rowsource import plain
from tui.worker import OpenLog

NAMES = [f"h{number}" for number in range(40)]


def made(name: str | None, severity: Severity = Severity.ERROR, rule_id: str = "tmpdir-permission") -> Finding:
    return replace(finding(name), severity=severity, rule=rule(rule_id, "A title"))


@pytest.fixture
def log(tmp_path: Path) -> OpenLog:
    path = tmp_path / "x"
    path.write_bytes(b"")
    found = OpenLog(0, HandSource(path), Analysis(), model=model(*(host(name) for name in NAMES)))
    found.findings = [
        made("h1", Severity.INFO, "no-log"),
        made("h9", Severity.WARNING, "retry-worked"),
        made(None, Severity.WARNING, "inventory-empty"),
        made("h7", Severity.ERROR, "login-shell"),
        *(made(name) for name in NAMES[2:39]),
    ]
    return found


def texts(rows: FindingRows) -> list[str]:
    return [" ".join(plain(rows.row(index, 120)).split()) for index in range(len(rows))]


def test_by_severity_then_by_the_order_of_hosts_and_alike_in_one(log: OpenLog) -> None:
    assert [(len(group.members), group.members[0].finding.rule.id) for group in grouped([log])] == [
        (37, "tmpdir-permission"),
        (1, "login-shell"),
        (1, "inventory-empty"),
        (1, "retry-worked"),
        (1, "no-log"),
    ]
    first, second, third, *_ = texts(FindingRows([log], set()))
    assert first.startswith("✖ ▸ 37 hosts tmpdir tmpdir-permission · A title certain")
    assert second.startswith("✖ h7 tmpdir login-shell")
    assert third.startswith("! the run")


def test_a_group_opens_to_its_hosts_each_with_its_proof(log: OpenLog) -> None:
    key = grouped([log])[0].key
    rows = FindingRows([log], {key})
    assert len(rows) == 5 + 37
    assert texts(rows)[0].startswith("✖ ▾ 37 hosts")
    assert texts(rows)[1] == "h2 tmpdir ◆ 4 mkdir: Permission denied"
    assert rows.group(0) is not None
    assert rows.group(1) is None
    assert rows.group(38) is None
    assert (rows.found(1).finding.host, rows.found(37).finding.host) == ("h2", "h38")
    assert rows.line(1) == 4
    assert len({rows.key(index) for index in range(len(rows))}) == len(rows)


def test_another_stage_is_another_group(log: OpenLog) -> None:
    log.findings = [finding("h1"), finding("h2", of=Stage.HOME)]
    assert len(grouped([log])) == 2


def test_two_runs_are_told_apart(log: OpenLog) -> None:
    again = replace(log.model.runs[0], index=1)
    log.model.runs.append(again)
    log.findings = [finding("h1"), replace(finding("h1"), run=1)]
    assert [text.endswith("ping.yml") for text in texts(FindingRows([log], set()))] == [True, True]


def test_a_search_finds_hosts_within_a_closed_group(log: OpenLog) -> None:
    rows = FindingRows([log], set())
    assert list(rows.search(Needle("h38"), lambda: False)) == [[0]]
    assert list(rows.search(Needle("login-shell"), lambda: False)) == [[1]]
    assert list(rows.search(Needle("x"), lambda: True)) == []


def test_without_findings_there_is_no_row(log: OpenLog) -> None:
    log.findings = []
    assert len(FindingRows([log], set())) == 0
