"""The catalogue over every real log in sample_logs/: exactly the expected causes, and none on a healthy host."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from parsers.analysis import Analysis
from parsers.findings import Finding, Severity

FOLDER = Path(__file__).parents[3] / "sample_logs"


@cache
def expected() -> dict[str, dict[str, Any]]:
    """What each log must be found to say; empty where the logs are not there (an sdist has none)."""
    file = FOLDER / "expected.json"
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}


def read(name: str) -> bytes:
    """The bytes of one sample log, as they were before it was packed."""
    data = (FOLDER / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def findings(name: str) -> list[Finding]:
    """The findings of one sample log."""
    analysis = Analysis()
    analysis.feed(read(name))
    analysis.finish()
    analysis.snapshot()
    return analysis.findings()


@pytest.mark.parametrize("name", list(expected()))
def test_each_log_has_exactly_its_causes(name: str) -> None:
    entry = expected()[name]
    found = findings(name)
    causes = {(finding.host, finding.rule.id) for finding in found if finding.severity is Severity.ERROR}
    wanted = {(host, rule) for host, rule in entry["findings"]}
    allowed = {(host, rule) for host, rule in entry["allowed"]}
    assert causes - allowed == wanted
    healthy = {host for host, facts in entry["hosts"].items() if facts["status"] == "ok"}
    loud = [finding for finding in found if finding.host in healthy and finding.severity is not Severity.INFO]
    # What worked at a cost is a warning, and the log's entry knows it.
    assert not [f.rule.id for f in loud if f.severity is Severity.ERROR or (f.host, f.rule.id) not in allowed]


@pytest.mark.parametrize("name", [name for name, entry in expected().items() if entry["findings"]])
def test_the_evidence_stands_in_the_log(name: str) -> None:
    rows = read(name).split(b"\n")
    for finding in findings(name):
        assert finding.evidence
        assert finding.explanation
        assert finding.fixes
        for item in finding.evidence:
            assert 1 <= item.place.line <= len(rows)
        first = finding.evidence[0]
        # A chunk may end in the middle of the line, and a tuple escapes its quotes: the first word is enough.
        assert first.text.split()[0].encode() in rows[first.place.line - 1], (finding.rule.id, first)
