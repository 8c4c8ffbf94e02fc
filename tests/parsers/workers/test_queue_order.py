"""Whose work it is by the order of the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.model import Command, Place, Stage, Tool
from parsers.workers.queue_order import Queue, by_queue
from parsers.workers.sharing import END, Window
from parsers.workers.worker import Section, Worker

SECTION = Section(0, "", Place(0, 1))


def window(first: int, last: int, title: str = "Ping", action: str = "ping", *, well: bool | None = True) -> Window:
    return Window(first, last, False, well, title, action)


def worker(first: int, last: int, pid: int | None, address: str, module: str = "ping") -> Worker:
    text = f"/usr/bin/python3 /home/x/.ansible/tmp/ansible-tmp-1.5-{pid}-99/AnsiballZ_{module}.py"
    command = Command(0, Stage.EXEC, Tool.SSH, Place(first, first), closed=Place(last, last), text=text)
    whole = Worker(SECTION, Place(first, first), pid, address=address, commands=[command])
    whole.last = Place(last, last)
    return whole


def names_of(workers: Sequence[Worker], queue: Queue) -> list[str | None]:
    return [queue.places[id(one)][1] if id(one) in queue.places else None for one in workers]


WINDOWS: Mapping[str, Sequence[Window]] = {"web1": [window(10, 90)], "web2": [window(20, 80)]}


def test_ids_rise_with_the_queue_on_whatever_connection() -> None:
    workers = [worker(30, 79, 4101, "192.0.2.1"), worker(25, 70, 4102, "192.0.2.2"), worker(26, 60, None, "192.0.2.3")]
    queue = by_queue(workers, WINDOWS, {}, {})
    assert names_of(workers, queue) == ["web1", "web2", None]
    assert {name: key[0] for name, key in queue.keys.items()} == {"web1": "192.0.2.1", "web2": "192.0.2.2"}
    assert queue.share("web1", workers[0].key) == 1.0
    assert queue.share("web1", workers[1].key) == queue.share("db1", workers[0].key) == 0.0


@pytest.mark.parametrize("action", ["ansible.builtin.raw", "set_fact"])
def test_what_makes_no_directory_has_no_worker(action: str) -> None:
    windows = {"web1": [window(10, 90, "Another", action)], "web2": [window(20, 80)]}
    workers = [worker(15, 79, 4101, "192.0.2.2")]
    assert names_of(workers, by_queue(workers, windows, {}, {})) == [None]


def test_another_module_is_another_tasks() -> None:
    windows = {"web1": [window(10, 90), window(91, 180, "Id", "command")], "web2": [window(20, 190, "Id", "command")]}
    workers = [
        worker(30, 88, 4101, "192.0.2.1"),
        worker(95, 189, 4102, "192.0.2.2", "command"),
        worker(96, 180, 4103, "192.0.2.1", "command"),
    ]
    assert names_of(workers, by_queue(workers, windows, {}, {})) == ["web1", "web2", "web1"]


def test_the_name_below_which_an_answer_is_printed_is_its_workers() -> None:
    workers = [worker(30, 79, 4101, "192.0.2.9")]
    assert names_of(workers, by_queue(workers, WINDOWS, {}, {79: "web1"})) == ["web1"]
    assert names_of(workers, by_queue(workers, WINDOWS, {}, {79: "web2"})) == ["web2"]


def test_a_delegated_task_without_a_result_may_be_where_the_others_went() -> None:
    windows = {
        "db1": [window(5, 50), window(60, 158, "Tell")],
        "web1": [window(10, 55), window(61, 160, "Tell")],
        "web2": [window(12, 56), window(62, END, "Tell", well=None)],
    }
    workers = [
        worker(6, 49, 4101, "192.0.2.21"),
        worker(11, 54, 4102, "192.0.2.1"),
        worker(13, 55, 4103, "192.0.2.2"),
        worker(65, 140, 4104, "192.0.2.21"),
        worker(64, 150, 4105, "192.0.2.21"),
        worker(63, 170, 4106, "192.0.2.21"),
    ]
    queue = by_queue(workers, windows, {158: "db1", 160: "db1"}, {})
    assert names_of(workers, queue) == ["db1", "web1", "web2", "db1", "web1", "web2"]
    assert queue.keys["web2"][0] == "192.0.2.2"


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 30)), min_size=3, max_size=3), min_size=2, max_size=6)
)
def test_every_host_of_a_play_has_its_own_work_also_that_on_the_first_one(hosts: list[list[tuple[int, int]]]) -> None:
    """The second task of each goes to the first host, and who has a result is given its next task at once."""
    names = [f"web{number}" for number in range(len(hosts))]
    windows: dict[str, list[Window]] = {name: [] for name in names}
    away, workers, true = {}, [], []
    ready = [(1 + number, number, 0) for number in range(len(hosts))]
    pid = 4100
    while ready:
        line, number, task = min(ready)
        ready.remove((line, number, task))
        pause, work = hosts[number][task]
        pid += 1
        # No two results stand on one line.
        last = (line + pause + work) // 10 * 10 + 10 + number
        windows[names[number]].append(window(line, last, f"Task {task}"))
        workers.append(
            worker(line + pause, line + pause + work, pid, "192.0.2.0" if task == 1 else f"192.0.2.{number}")
        )
        true.append(names[number])
        if task == 1:
            away[last] = names[0]
        if task < 2:
            ready.append((last + 1, number, task + 1))
    assert names_of(workers, by_queue(workers, windows, away, {})) == true
