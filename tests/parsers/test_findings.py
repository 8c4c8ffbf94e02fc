"""The registry of rules, and what a check may ask of its case."""

from __future__ import annotations

import pytest

from parsers.findings import HEADINGS, Asked, Case, Evidence, Rule, Severity, rules, seen_from_server, words_of
from parsers.model import Command, Place, Result, Stage, TaskRun, Tool
from parsers.ssh.transcript import Line

DOCSTRING = "A rule.\n\n" + "\n\n".join(f"{heading}:\n    About {heading}.\n    More." for heading in HEADINGS)


def case(*, plain: list[str] | None = None, message: str = "", has_tuple: bool = True) -> Case:
    """A case whose command said `plain`."""
    command = Command(1, Stage.TMPDIR, Tool.SSH, Place(10, 2))
    command.has_tuple = has_tuple
    command.transcript.plain = [Line(20, 3, text, True) for text in plain or []]
    task = TaskRun("Ping", Place(0, 1))
    task.commands = [Command(0, Stage.HOME, Tool.SSH, Place(5, 1)), command]
    task.results = [Result(Place(30, 4), "failed", message=message, message_place=Place(35, 5))]
    return Case(run=None, task=task, command=command)  # type: ignore[arg-type]


def test_words_stand_under_their_headings() -> None:
    words = words_of(DOCSTRING, "x")
    for heading, key in HEADINGS.items():
        assert getattr(words, key) == f"About {heading}.\nMore."


@pytest.mark.parametrize("heading", list(HEADINGS))
def test_a_heading_that_is_missing_is_named(heading: str) -> None:
    with pytest.raises(ValueError, match=f"rule x.*{heading}"):
        words_of(DOCSTRING.replace(f"{heading}:", "Something else"), "x")


def test_rules_come_in_the_catalogues_order_and_are_whole() -> None:
    found: list[Rule] = list(rules().values())
    assert len(found) >= 20
    assert [rule.order for rule in found] == sorted(rule.order for rule in found)
    for rule in found:
        assert rule.title
        assert rule.stages
        assert rule.category in (1, 2, 3, 4)
        assert rule.id == rule.id.lower().replace("_", "-").replace(" ", "-")


def test_the_commands_own_words_come_first() -> None:
    assert [line.text for line in case(plain=["own"], message="of the task").lines()] == ["own"]
    assert [line.text for line in case(plain=["own"], message="x", has_tuple=False).lines()] == ["own"]
    assert list(case(plain=[], message="of the task").lines()) == []


def test_a_command_that_left_nothing_is_quoted_by_the_message() -> None:
    asked = case(message="first\r\ndebug1: no\n\nlast", has_tuple=False)
    assert [(line.text, line.line) for line in asked.lines()] == [("first", 5), ("last", 5)]


def test_needles_are_no_patterns() -> None:
    asked = case(plain=["aaa", "No space left (x)", "No space left"])
    found = asked.first_line("space left (x)", "never")
    assert found is not None
    assert found.text == "No space left (x)"
    assert asked.first_line(".*", "a+") is None


def test_the_message() -> None:
    asked = case(message="m")
    assert asked.message() == "m"
    empty = Case(run=None)  # type: ignore[arg-type]
    assert (empty.message(), list(empty.lines())) == ("", [])


def test_evidence_is_a_place_and_its_text() -> None:
    assert Evidence(Place(1, 2), "x") == Evidence(Place(1, 2), "x")


def test_only_what_can_be_beside_a_failure_is_asked_beside_it() -> None:
    asked = {rule.id: rule.asked for rule in rules().values() if rule.server is None or rule.asked}
    assert all(asked.values())
    assert asked["connection-refused"] == (Asked.BROKEN,)
    assert Asked.WORKED in asked["mux-session-refused"]
    assert rules()["no-log"].severity is Severity.INFO


def test_a_rule_that_only_sshds_log_shows_is_asked_of_nothing_else() -> None:
    rule = rules()["sshd-penalty"]
    assert rule.asked == ()
    assert rule.server is not None
    assert rule.module == "parsers.rules.sshd_penalty"
    assert rule.check(Case(run=None)) is None  # type: ignore[arg-type]


def test_a_check_of_the_other_end_stands_with_its_rule() -> None:
    with pytest.raises(ImportError, match="another module"):
        seen_from_server("channel-stall")(lambda _case: None)
