"""`open-at-end`: asked last, of a command that stands still and that no rule explains."""

from __future__ import annotations

import pytest

from parsers.findings import Asked, Case, rules
from parsers.model import Stage, Status
from parsers.ssh.transcript import Line
from tests.parsers.rules.cases import case, transcript

RULE = rules()["open-at-end"]


def standing(status: Status, silent: float | None = 12.5) -> Case:
    """A command of db1 in a state, its last debug line known."""
    said = transcript()
    said.last_debug = Line(700, 8, "debug2: channel 0: request exec confirm 1", True)
    made = case(Stage.EXEC, None, said=said)
    assert made.stage is not None
    made.stage.status, made.stage.silent = status, silent
    return made


def test_it_is_asked_where_no_rule_has_a_cause() -> None:
    assert RULE.asked == (Asked.UNEXPLAINED,)
    assert set(RULE.stages) == set(Stage)


def test_it_says_what_is_open_since_when_and_the_last_word() -> None:
    match = RULE.check(standing(Status.STALLED))
    assert match is not None
    assert "exec command" in match.explanation
    assert "silent for 12.5 s" in match.explanation
    assert "request exec confirm 1" in match.explanation
    assert match.evidence[-1].place.line == 8
    assert "--limit" in match.fixes[0]


@pytest.mark.parametrize("silent", [None, 0.0, 0.04, 0.99])
def test_without_times_or_silence_it_does_not_say_since_when(silent: float | None) -> None:
    """A log that was cut right behind the last word shows no silence."""
    match = RULE.check(standing(Status.STALLED, silent))
    assert match is not None
    assert "silent for" not in match.explanation


@pytest.mark.parametrize("status", [Status.FAILED, Status.RUNNING, Status.OK])
def test_a_command_that_ended_or_simply_runs_is_not_meant(status: Status) -> None:
    assert RULE.check(standing(status)) is None
