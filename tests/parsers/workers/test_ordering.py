"""In which order hosts have their workers forked, where no line tells the queue."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from parsers.model import Place, Result, Status
from parsers.workers.ordering import Order
from parsers.workers.worker import HostResult, Key, Section, Worker
from tests.parsers.minilog import DB1, HOME, WEB1, WEB2, Box, MiniLog

A, B, C = (("192.0.2.1", 22, "deploy"), ("192.0.2.2", 22, "deploy"), ("192.0.2.3", 22, "deploy"))
"""Three connections."""


def a_section(workers: Iterable[tuple[Key, int | None]], *, delegates: bool = False, play: int = 0) -> Section:
    section = Section(0, "Ping", Place(0, 1), play_index=play)
    for (address, port, user), pid in workers:
        section.workers.append(Worker(section, Place(0, 1), pid, address=address, port=port, user=user))
    if delegates:
        section.results.append(HostResult("web1", "db1", None, Result(Place(0, 2), "ok")))
    return section


def test_pids_tell_the_order_whoever_connects_first() -> None:
    order = Order()
    order.add(a_section([(C, 4103), (A, 4101), (B, 4102)]), {})
    assert order.names({"db1": C, "web1": A, "web2": B}) == ("web1", "web2", "db1")


def test_the_task_with_the_most_hosts_tells_it() -> None:
    order = Order()
    order.add(a_section([(B, 4102), (C, 4103)]), {})
    order.add(a_section([(A, 4201), (B, 4202), (C, 4203)]), {})
    order.add(a_section([(C, 4303)]), {})
    assert order.names({"db1": C, "web1": A, "web2": B}) == ("web1", "web2", "db1")
    assert order.odd == frozenset()


@pytest.mark.parametrize(
    "section", [a_section([(B, 4101), (A, 4102)], delegates=True), a_section([(B, None), (A, None)])]
)
def test_delegated_work_and_workers_without_a_pid_tell_nothing(section: Section) -> None:
    order = Order()
    order.add(section, {})
    assert order.names({"web1": A, "web2": B}) == ()


def test_a_play_in_another_order_is_told() -> None:
    """`order: reverse_inventory`."""
    order = Order()
    order.add(a_section([(A, 4101), (B, 4102), (C, 4103)]), {})
    order.add(a_section([(C, 4201), (A, 4203)], play=1), {})
    assert order.odd == {1}


def test_of_two_names_at_one_connection_all_tasks_together_tell_which_comes_first() -> None:
    order = Order()
    for first, scores in ((4101, (3.0, 1.0, 1.0, 3.0)), (4201, (1.0, 2.0, 2.0, 1.0)), (4301, (5.0, 1.0, 1.0, 5.0))):
        pairs = [(0, "api1"), (0, "api2"), (1, "api1"), (1, "api2")]
        order.add(a_section([(A, first), (A, first + 1), (B, first + 2)]), dict(zip(pairs, scores, strict=True)))
    assert order.names({"api2": A, "api1": A, "db1": B}) == ("api1", "api2", "db1")
    assert order.names({"api1": A, "db1": B}) == ("db1",)  # as many names as workers, or it is not known


def test_what_is_added_to_a_copy_is_not_known() -> None:
    order = Order()
    order.add(a_section([(A, 4101)]), {})
    order.copy().add(a_section([(A, 4201), (B, 4202)]), {})
    assert order.names({"web1": A, "web2": B}) == ("web1",)


STAGES = ("home", "tmpdir", "transfer", "chmod", "exec", "cleanup")


@pytest.mark.parametrize("version", ["2.13.13", "2.19.14"])
def test_whose_work_at_one_address_is_whose_is_told_by_the_other_tasks(version: str) -> None:
    """-vvvv alone: three tasks at each one's own address, then one that all have done on db1."""
    log = MiniLog(version, debug=False).begin()
    boxes = (WEB1, WEB2, DB1)
    for name in ("Ping", "Id", "Uptime"):
        log.task(name, *boxes)
        for box in boxes:
            log.module(box).result(box)
    log.task("Tell db1", *boxes)
    there = {box.name: Box(box.name, DB1.address) for box in boxes}
    for box in (WEB2, DB1, WEB1):
        log.open(there[box.name], HOME)
    for box in (DB1, WEB1, WEB2):
        log.close(there[box.name], 0, "/home/deploy\n")
    for stage in STAGES[1:]:
        for box in (WEB2, DB1, WEB1):
            log.step(there[box.name], stage)
    for box in (DB1, WEB1, WEB2):
        log.result(f"{box.name} -> db1({DB1.address})" if box is not DB1 else box)
    hosts = log.recap(web1={"ok": 4}, web2={"ok": 4}, db1={"ok": 4}).model().runs[0].hosts
    for box in boxes:
        last = hosts[box.name].tasks[-1]
        assert (last.name, last.status, len(last.commands)) == ("Tell db1", Status.OK, 6)
        assert {command.tmp for command in last.commands if command.tmp} == {log.tmp(box).rsplit("/", 1)[-1]}
