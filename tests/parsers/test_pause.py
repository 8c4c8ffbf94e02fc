"""A look at a log lets others go first, again and again, and comes to the same."""

from __future__ import annotations

import pytest

from parsers.analysis import Analysis
from parsers.findings import Severity
from parsers.model import Tool
from parsers.pause import never
from tests.parsers.helpers import expected, sample

LOGS = sorted(name for name in expected() if name.endswith(("-2.17.log", "-2.19.log")))


@pytest.mark.parametrize("name", LOGS)
def test_a_look_asks_often_and_finds_the_same(name: str) -> None:
    found = []
    times: list[str] = []
    for preparing, concluding in ((lambda: times.append("prepare"), lambda: times.append("findings")), (never, never)):
        analysis = Analysis()
        analysis.feed(sample(name))
        analysis.finish()
        analysis.prepare(pause=preparing)
        model = analysis.snapshot()
        found.append(analysis.findings(concluding))
    assert found[0] == found[1]
    broken = {finding.host for finding in found[0] if finding.severity is Severity.ERROR}
    assert times.count("findings") >= len(broken)
    remote = any(command.tool is not Tool.LOCAL for command in model.chunks.commands)
    assert not remote or "prepare" in times
