"""Results that may have gone to each other's command."""

from __future__ import annotations

import pytest

from parsers.lines.reprs import CommandTuple
from parsers.model import Command, Place, Stage, Tool
from parsers.workers.crossed import Crossed, change_beginnings, change_ends
from parsers.workers.worker import Section, Worker

SECTION = Section(0, "Ping", Place(0, 1))
SILENT = CommandTuple(0, b"", b"")
HOME = CommandTuple(0, b"/home/deploy\n", b"")


def at(line: int) -> Place:
    return Place(line * 100, line)


def a_command(
    index: int, stage: Stage, *, line: int, text: str | None = None, user: str = "deploy"
) -> tuple[Command, Worker]:
    """One that began on a line, and its worker, which has done nothing else."""
    words = text or f"{stage.value} {index}"
    command = Command(index, stage, Tool.SSH, at(line), address="192.0.2.1", port=22, user=user, text=words)
    return command, Worker(SECTION, at(line), commands=[command])


def crossed(first: tuple[Command, Worker], second: tuple[Command, Worker], *lines: int, **results: object) -> bool:
    """Whether the first one's result, on a line, and the second one's on the next may have crossed."""
    told = [results.get("one", SILENT), results.get("other", SILENT)]
    found: list[int] = []
    both = Crossed()
    for (command, worker), decoded, line in zip((first, second), told, lines, strict=True):
        assert isinstance(decoded, CommandTuple)
        found = both.with_others(command, worker, decoded, at(line))
    return found == [first[0].index]


def test_two_that_were_open_at_once_and_say_nothing_may_have_crossed() -> None:
    assert crossed(a_command(0, Stage.CHMOD, line=1), a_command(1, Stage.CLEANUP, line=2), 3, 4)


@pytest.mark.parametrize("lines", [(2, 4), (5, 4)])
def test_the_later_result_may_be_told_first_and_none_came_before_its_command(lines: tuple[int, int]) -> None:
    first, second = a_command(0, Stage.CHMOD, line=1), a_command(1, Stage.CLEANUP, line=3)
    assert crossed(first, second, *lines) is (lines == (5, 4))


def test_whose_worker_has_gone_on_had_its_result_before() -> None:
    first, second = a_command(0, Stage.CHMOD, line=1), a_command(1, Stage.CLEANUP, line=2)
    behind, _ = a_command(2, Stage.EXEC, line=4)
    first[1].commands.append(behind)
    assert not crossed(first, second, 3, 5)
    behind.opened = at(6)
    assert crossed(first, second, 3, 5)


def test_whose_worker_has_announced_its_next_command_had_its_result_too() -> None:
    both, first, second = Crossed(), a_command(0, Stage.CHMOD, line=1), a_command(1, Stage.CLEANUP, line=2)
    first[1].pid = 4211
    both.with_others(*first, SILENT, at(3))
    both.went_on(4212, at(4))
    both.went_on(4211, at(5))
    assert both.with_others(*second, SILENT, at(4)) == [0]
    assert both.with_others(*second, SILENT, at(6)) == []


def test_of_the_same_words_it_is_no_matter_who_went_on() -> None:
    """Then it shows only which of them began where."""
    first, second = (a_command(index, Stage.HOME, line=index + 1, text="echo ~") for index in range(2))
    first[1].commands.append(a_command(2, Stage.TMPDIR, line=4)[0])
    assert crossed(first, second, 3, 5, one=HOME, other=HOME)


@pytest.mark.parametrize(
    ("stage", "user", "other"),
    [
        (Stage.HOME, "deploy", HOME),  # the first one's command answers nothing of the kind
        (Stage.CLEANUP, "app", SILENT),
        (Stage.CLEANUP, "deploy", CommandTuple(1, b"", b"")),
    ],
)
def test_a_result_that_only_one_can_have_has_not_crossed(stage: Stage, user: str, other: CommandTuple) -> None:
    second = a_command(1, stage, line=2, user=user)
    assert not crossed(a_command(0, Stage.CHMOD, line=1), second, 3, 4, other=other)


def test_a_run_of_no_more_interest_is_forgotten() -> None:
    both, first, second = Crossed(), a_command(0, Stage.CHMOD, line=1), a_command(1, Stage.CLEANUP, line=2)
    both.with_others(*first, SILENT, at(3))
    both.forget()
    assert both.with_others(*second, SILENT, at(4)) == []


def test_changed_beginnings_leave_the_results() -> None:
    (one, _), (other, _) = a_command(0, Stage.HOME, line=1), a_command(1, Stage.HOME, line=2)
    one.closed, other.closed = at(3), at(4)
    change_beginnings(one, other)
    assert (one.opened, one.closed, other.opened, other.closed) == (at(2), at(3), at(1), at(4))


def test_changed_results_reach_as_far_as_they_stand() -> None:
    (one, _), (other, _) = a_command(0, Stage.CHMOD, line=1), a_command(1, Stage.CLEANUP, line=2)
    one.closed, other.closed = at(3), at(4)
    one.stderr_bytes, other.stderr_bytes = 30, 40
    one.last_line, other.last_line = 3, 4
    change_ends(one, other)
    assert (one.closed, one.stderr_bytes, one.last_line) == (at(4), 40, 4)
    assert (other.closed, other.stderr_bytes) == (at(3), 30)
