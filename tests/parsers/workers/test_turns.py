"""Whose worker it is when a host's result is printed."""

from __future__ import annotations

import pytest

from parsers.model import Command, Place, Stage, Tool
from parsers.workers.turns import more_to_come, turned_away, workers_of
from parsers.workers.worker import Section, Worker
from tests.parsers.minilog import Box, MiniLog
from tests.parsers.workers.test_binding import begun
from tests.parsers.workers.test_held import a_shared_connection

NAMES = ("web1", "web2", "web3")


def a_section(*pids: int | None, queued: tuple[str, ...] = NAMES) -> Section:
    """A task of three hosts, whose workers began one after the other."""
    section = Section(0, "Ping", Place(0, 1))
    for index, name in enumerate(queued, 1):
        section.queue(name, Place(index, index))
    for line, pid in enumerate(pids, 10):
        section.begin(Worker(section, Place(line, line), pid))
    return section


def shows(section: Section, name: str, item: str | None = None) -> list[int | None]:
    """A result is printed: the ids of the workers that it is told to be of."""
    found = workers_of(section, name)
    if item is None:
        section.finish(name, found)
    section.looped = section.looped or item is not None
    return [worker.pid for worker in found]


def test_ids_go_up_in_the_queues_order() -> None:
    section = a_section(4203, 4201, 4202)
    assert [shows(section, name) for name in ("web2", "web1", "web3")] == [[4202], [4201], [4203]]
    assert shows(section, "web1") == [], "it had its result"


def test_a_loops_item_leaves_the_worker_at_work() -> None:
    section = a_section(4201, 4202, 4203)
    assert shows(section, "web1", "one") == shows(section, "web1", "two") == [4201]
    assert shows(section, "web2") == [4202]


def test_a_worker_that_is_at_several_addresses_is_one() -> None:
    section = a_section(4201, 4201, 4202)
    assert (shows(section, "web1"), shows(section, "web2")) == ([4201, 4201], [4202])


@pytest.mark.parametrize("line", [9, 30])
def test_one_that_began_before_and_has_no_directory_makes_it_unsure(line: int) -> None:
    section = a_section(4202, 4203)
    section.begin(Worker(section, Place(line, line)))
    assert shows(section, "web1") == ([4202] if line == 30 else [])


def test_one_that_found_no_connection_has_had_its_turn() -> None:
    section = a_section(4202, 4203)
    refused = Worker(section, Place(9, 9))
    refused.commands.append(Command(0, Stage.HOME, Tool.SSH, Place(9, 9), rc=255))
    section.begin(refused)
    assert workers_of(section, "web1") == [], "its id may be any"
    assert turned_away(section) == [refused]
    section.finish("web1", [refused])
    assert shows(section, "web2") == [4202]


def test_where_the_queue_does_not_tell_it_nobody_is_told() -> None:
    assert shows(a_section(4201, queued=()), "web1") == []
    free = a_section(4201)
    free.free = True
    assert shows(free, "web1") == []
    assert shows(a_section(4201), "web2") == [], "its worker is not known yet"


def test_a_host_that_was_queued_and_has_no_worker_is_to_come() -> None:
    section = a_section(4201, 4202)
    assert more_to_come(section)
    assert not more_to_come(a_section(4201, 4202, 4203))
    shows(section, "web1", "an item")
    assert not more_to_come(section), "a loop's next item asks as another host would"


def removing(version: str, count: int) -> tuple[MiniLog, list[Box], str]:
    """A log in which hosts of one address remove their files, and what each of them is to say."""
    boxes = [Box(f"web{number}", "192.0.2.5") for number in range(1, count + 1)]
    log = begun(version, True, *boxes)
    for box in boxes:
        log.module(box, ("home", "tmpdir", "transfer", "chmod", "exec"))
    for box in boxes:
        log.open(box, f"/bin/sh -c 'rm -f -r {log.tmp(box)}/ > /dev/null 2>&1 && sleep 0'")
    return log, boxes, a_shared_connection(3)


def ends(log: MiniLog) -> list[int]:
    """The lines of the results of the commands that remove files, in the order in which they began."""
    commands = [command for command in log.model().chunks.commands if command.stage is Stage.CLEANUP]
    return [command.closed.line for command in commands if command.closed is not None]


@pytest.mark.parametrize("version", ["2.17.14", "2.19.14"])
def test_a_hosts_result_ends_what_its_worker_was_at(version: str) -> None:
    """Both remove their files; the one that ended last was queued first, and its result is shown first."""
    log, boxes, words = removing(version, 2)
    log.chunk(boxes[1], words).chunk(boxes[0], words)
    log.close(boxes[1], 0, "", words).result(boxes[1]).close(boxes[0], 0, "", words).result(boxes[0])
    first, second = ends(log.recap(web1={"ok": 1}, web2={"ok": 1}))
    assert second < first


def test_a_worker_that_says_that_it_is_done_ends_what_it_was_at() -> None:
    """2.17 and 2.18 tell it by name; the result is shown later, when others have ended too."""
    log, boxes, words = removing("2.18.12", 2)
    for box in reversed(boxes):
        log.chunk(box, words).close(box, 0, "", words)
        log.header(f"done running TaskExecutor() for {box.name}/TASK: Ping [0242ac11]")
    for box in reversed(boxes):
        log.result(box)
    first, second = ends(log)
    assert second < first


def test_hosts_results_are_shown_in_the_order_in_which_their_commands_ended() -> None:
    """From 2.19 on nothing else is said of the end of a worker's last command, and several may wait for it."""
    log, boxes, words = removing("2.19.14", 3)
    order = (2, 0, 1)
    for at in order:
        log.chunk(boxes[at], words).close(boxes[at], 0, "", words)
    for at in order:
        log.result(boxes[at])
    found = ends(log)
    assert len(found) == 3
    assert [found[at] for at in order] == sorted(found)
