"""Whose home directory was asked for."""

from __future__ import annotations

import pytest

from parsers.model import Command, Place, Stage, Tool
from parsers.workers.homes import asking, change, elder, take
from parsers.workers.worker import Section, Worker

KEY = ("192.0.2.5", 22, "deploy")


def a_worker(section: Section, *commands: Command) -> Worker:
    worker = Worker(section, Place(0, 1), address=KEY[0], port=KEY[1], user=KEY[2], commands=list(commands))
    worker.current = next((command for command in commands if command.open), None)
    section.workers.append(worker)
    return worker


def a_command(stage: Stage, first: int, last: int | None = None, rc: int = 0) -> Command:
    closed = Place(last, last) if last is not None else None
    return Command(0, stage, Tool.SSH, Place(first, first), closed=closed, rc=rc if last is not None else None)


@pytest.fixture
def section() -> Section:
    return Section(0, "", Place(0, 1))


def test_the_first_answered_goes_to_who_goes_on_first(section: Section) -> None:
    home = a_command(Stage.HOME, 10, 20)
    before = a_command(Stage.CLEANUP, 5, 8)
    other = a_worker(section, before, home)
    worker = Worker(section, Place(30, 30))
    assert take(worker, KEY, section.workers)
    assert (worker.commands, other.commands) == ([home], [before])
    assert (worker.first, other.last) == (home.opened, before.closed)


def test_who_had_nothing_else_is_none(section: Section) -> None:
    a_worker(section, a_command(Stage.HOME, 10, 20))
    worker = Worker(section, Place(30, 30))
    assert take(worker, KEY, section.workers)
    assert section.workers == []


def test_two_that_have_each_others_change_them(section: Section) -> None:
    early, late = a_command(Stage.HOME, 12, 20), a_command(Stage.HOME, 10, 25)
    other, worker = a_worker(section, early), a_worker(section, late)
    assert take(worker, KEY, section.workers)
    assert (worker.commands, other.commands) == ([early], [late])
    assert take(worker, KEY, section.workers)
    assert (worker.commands, other.commands) == ([early], [late])


@pytest.mark.parametrize(
    "last",
    [a_command(Stage.HOME, 10), a_command(Stage.HOME, 10, 20, rc=255), a_command(Stage.TMPDIR, 10, 20)],
    ids=["no answer yet", "refused", "went on"],
)
def test_who_has_no_answer_or_went_on_keeps_what_it_has(section: Section, last: Command) -> None:
    other = a_worker(section, last)
    assert not take(Worker(section, Place(30, 30)), KEY, section.workers)
    assert other.commands == [last]


def test_of_those_who_ask_the_first_comes_first(section: Section) -> None:
    late, early = (a_worker(section, a_command(Stage.HOME, line)) for line in (30, 10))
    a_worker(section, a_command(Stage.HOME, 5, 8))
    elsewhere = a_worker(section, a_command(Stage.HOME, 1))
    elsewhere.port = 2222
    assert asking(KEY, section.workers) == [early, late]


def test_who_seemed_to_go_on_with_a_loop_asked_when_the_new_one_did(section: Section) -> None:
    cleanup, first, second = a_command(Stage.CLEANUP, 5, 8), a_command(Stage.HOME, 10), a_command(Stage.HOME, 12)
    other, worker = a_worker(section, cleanup, first), a_worker(section, second)
    assert elder(worker, section.workers) is None, "no process id tells that the other one had files before"
    other.pid = 4101
    assert elder(worker, section.workers) is other
    change(other, worker)
    assert (other.commands, worker.commands) == ([cleanup, second], [first])
    assert (other.current, worker.current) == (second, first)
    assert elder(worker, section.workers) is None, "it asked first"
    worker.pid = 4102
    assert elder(other, section.workers) is None, "it is no new one"
