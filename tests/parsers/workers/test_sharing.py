"""Names that share a connection in plays whose hosts do not wait for each other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.model import Command, Place, Stage, Tool
from parsers.workers.sharing import END, Window, apart, by_connection, in_order, shared
from parsers.workers.worker import Section, Worker

SECTION = Section(0, "", Place(0, 1))
BOTH = pytest.mark.parametrize("queued", [True, False])


def window(first: int, last: int, *, idle: bool = False) -> Window:
    return Window(first, last, idle, None if idle else True)


def worker(
    first: int, last: int, pid: int | None = None, name: str | None = None, address: str = "192.0.2.5"
) -> Worker:
    command = Command(0, Stage.EXEC, Tool.SSH, Place(first, first), closed=Place(last, last))
    whole = Worker(SECTION, Place(first, first), pid, name=name, address=address, commands=[command])
    whole.last = Place(last, last)
    return whole


def names_of(workers: Sequence[Worker], found: dict[int, str]) -> list[str | None]:
    return [found.get(id(one)) for one in workers]


@BOTH
def test_each_has_the_work_that_was_within_its_own_task(queued: bool) -> None:
    windows = {"api1": [window(10, 40), window(50, 90)], "api2": [window(20, 60), window(70, 99)]}
    workers = [worker(12, 35, 4101), worker(25, 58, 4102), worker(55, 88, 4103), worker(72, 95, 4104)]
    assert names_of(workers, apart(workers, windows, queued=queued)) == ["api1", "api2", "api1", "api2"]


@BOTH
def test_work_within_both_is_told_by_the_queue_or_by_what_is_near(queued: bool) -> None:
    """Workers are forked in the queue's order. Without it the one that ends right before a result is its host's."""
    windows = {"api1": [window(10, 90)], "api2": [window(20, 80)]}
    workers = [worker(30, 79, 4101), worker(25, 70, 4102)]
    told = names_of(workers, apart(workers, windows, queued=queued))
    assert told == (["api1", "api2"] if queued else ["api2", "api1"])


@BOTH
def test_what_has_no_process_id_is_a_part_of_the_nearest(queued: bool) -> None:
    windows = {"api1": [window(10, 40)], "api2": [window(30, 90)]}
    workers = [worker(12, 35, 4101), worker(32, 89, 4102), worker(85, 88), worker(95, 97)]
    assert names_of(workers, apart(workers, windows, queued=queued)) == ["api1", "api2", "api2", None]


@BOTH
def test_a_task_that_was_skipped_has_no_work_and_one_without_a_result_may(queued: bool) -> None:
    windows = {"api1": [window(10, 99, idle=True)], "api2": [window(20, END)]}
    workers = [worker(30, 80, 4101)]
    assert names_of(workers, apart(workers, windows, queued=queued)) == ["api2"]


@BOTH
def test_an_answer_behind_its_tasks_result_may_be_the_other_ones(queued: bool) -> None:
    windows = {"api1": [window(10, 90)], "api2": [window(20, 80)]}
    workers = [worker(15, 79, 4101), worker(25, 89, 4102)]
    assert names_of(workers, apart(workers, windows, queued=queued)) == ["api1", "api2"]


def test_who_shares_is_told_by_the_work_that_one_host_cannot_have_done() -> None:
    own, other, idle = [window(10, 40)], [window(20, 60)], [window(10, 99, idle=True)]
    both = [worker(12, 35, 4101), worker(25, 58, 4102)]
    windows = {"api1": own, "api2": other, "db1": idle}
    assert shared(both, "api1", {"api2": other, "db1": idle}, windows) == ["api2"]
    assert shared(both[:1], "api1", {"api2": other, "db1": idle}, windows) == []
    assert shared(both, "api1", {"db1": idle}, windows) == []


def test_a_connection_is_address_port_and_user() -> None:
    one, two, named, other = (
        worker(1, 2),
        worker(3, 4),
        worker(5, 6, name="api1"),
        worker(7, 8, address="192.0.2.6"),
    )
    two.port = 2222
    found = by_connection([one, two, named, other])
    assert sorted(found.values(), key=lambda own: own[0].first) == [[one], [two], [other]]


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 30), st.integers(0, 9)), max_size=12), st.randoms())
def test_each_worker_of_a_queue_has_its_own_task_however_long_each_takes(
    steps: list[tuple[int, int, int]], shuffled: object
) -> None:
    windows, workers, line = [], [], 0
    for number, (pause, work, rest) in enumerate(steps):
        line += pause
        windows.append(window(line, line + 1 + work + rest))
        workers.append(worker(line + 1, line + 1 + work, 4000 + number))
    mixed = list(workers)
    shuffled.shuffle(mixed)  # type: ignore[attr-defined]
    found = in_order(mixed, windows)
    assert sorted((one.pid, place) for one, place in found) == [(4000 + place, place) for place in range(len(windows))]
