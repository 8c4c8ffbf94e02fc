"""Plays whose hosts do not wait for each other: a task's banner stands where a result is printed."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from functools import cache
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.log_model import LogModel
from parsers.model import HostRun, Place, Stage, Status
from parsers.workers import held
from parsers.workers.free import _matched, is_free
from parsers.workers.worker import Key, Section, Worker
from tests.lab import truth
from tests.lab.truth import Owner, Truth
from tests.parsers.helpers import model_of, sample
from tests.parsers.minilog import DB1, PARENT, WEB1, WEB2, Box, MiniLog

HEAD = ("home", "tmpdir", "transfer")
TAIL = ("chmod", "exec", "cleanup")
BOTH = pytest.mark.parametrize("version", ["2.16.19", "2.17.14", "2.19.14"])
NEW = pytest.mark.parametrize("version", ["2.17.14", "2.19.14"])
ADDRESSES = {box.name: box.address for box in (WEB1, WEB2, DB1)}


class FreeLog(MiniLog):
    """A log of such a play."""

    def goes_on(self, title: str, *boxes: Box) -> Self:
        """These hosts begin their next task: their workers, and no banner."""
        for box in boxes:
            self.time += 0.01
            self.raw(f"{PARENT:6d} {self.time:.5f} [{box.name}]: free host task: TASK: {title}")
            self.header(f"entering _queue_task() for {box.name}/ping")
            self._pid += 1
            self._pids[box.name] = self._pid
            if self._old:
                self.header(f"running TaskExecutor() for {box.name}/TASK: {title}", box)
        return self

    def forks(self, title: str, *boxes: Box) -> Self:
        """As `goes_on`, without ANSIBLE_DEBUG: nothing says it."""
        return self.task(title, *boxes, banner=False)

    def told(self, title: str, *boxes: Box, word: str = "ok", item: str | None = None) -> Self:
        """Results, behind their task's banner."""
        self.raw("", f"TASK [{title}] ****")
        for box in boxes:
            self.result(box, word, item=item)
        return self

    def whole(self, title: str, box: Box) -> Self:
        """A task of one host from its beginning to its result."""
        return self.goes_on(title, box).module(box).told(title, box)


def begun(version: str) -> FreeLog:
    return FreeLog(version).begin()


def tasks(host: HostRun) -> list[tuple[str, int]]:
    """Titles, and how many commands each has."""
    return [(task.name, len(task.commands)) for task in host.tasks]


def all_tasks(log: MiniLog) -> dict[str, list[tuple[str, int]]]:
    model = log.model()
    for host in model.runs[0].hosts.values():
        assert host.address == ADDRESSES[host.name]
    return {name: tasks(host) for name, host in model.runs[0].hosts.items()}


# ---------------------------------------------------------------------------------------------------------------
# By hand.


@BOTH
def test_a_tasks_commands_stand_before_its_banner(version: str) -> None:
    log = begun(version).goes_on("Ping", WEB1, WEB2)
    for stage in HEAD + TAIL:
        for box in (WEB1, WEB2):
            log.step(box, stage)
    log.told("Ping", WEB2, WEB1).goes_on("Id", WEB2, WEB1)
    for stage in HEAD + TAIL:
        for box in (WEB2, WEB1):
            log.step(box, stage)
    log.told("Id", WEB1, WEB2).recap(web1={"ok": 2}, web2={"ok": 2})
    assert all_tasks(log) == {"web1": [("Ping", 6), ("Id", 6)], "web2": [("Ping", 6), ("Id", 6)]}


@BOTH
def test_another_hosts_banner_in_the_middle_of_a_task(version: str) -> None:
    log = begun(version).goes_on("Ping", WEB1, WEB2, DB1)
    log.module(WEB1).module(DB1, HEAD).told("Ping", WEB1).goes_on("Id", WEB1).module(WEB2, HEAD).module(WEB1)
    log.module(DB1, TAIL).told("Id", WEB1).told("Ping", DB1).module(WEB2, TAIL).told("Ping", WEB2)
    log.whole("Id", WEB2).whole("Id", DB1).recap(web1={"ok": 2}, web2={"ok": 2}, db1={"ok": 2})
    assert all_tasks(log) == {name: [("Ping", 6), ("Id", 6)] for name in ("web1", "web2", "db1")}


@BOTH
def test_a_host_that_is_ahead_of_all_others(version: str) -> None:
    log = begun(version).goes_on("Ping", WEB1, WEB2).module(WEB2, ("home",)).module(WEB1).told("Ping", WEB1)
    log.whole("Id", WEB1).whole("Last", WEB1).module(WEB2, (*HEAD[1:], *TAIL)).told("Ping", WEB2)
    log.whole("Id", WEB2).whole("Last", WEB2).recap(web1={"ok": 3}, web2={"ok": 3})
    assert all_tasks(log) == {name: [("Ping", 6), ("Id", 6), ("Last", 6)] for name in ("web1", "web2")}


API1, API2 = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")


@NEW
@pytest.mark.parametrize("debug", [True, False])
def test_two_names_of_one_connection_are_kept_apart(version: str, debug: bool) -> None:
    """One is ahead of the other; both have a loop, and what is done on db1 is each one's own."""
    log = FreeLog(version)
    log.debug = debug
    log.begin()
    began = log.goes_on if debug else log.forks
    away = {box.name: Box(box.name, DB1.address) for box in (API1, API2)}
    began("Ping", API1, API2, DB1)
    log.module(API2, HEAD).module(API1).told("Ping", API1)
    began("Id", API1)
    log.module(API1, HEAD).module(DB1).told("Ping", DB1).module(API2, TAIL).told("Ping", API2)
    began("Loop", API2)
    log.module(API2).told("Loop", API2, item="one").module(API1, TAIL).told("Id", API1)
    began("Loop", API1)
    log.module(API1).told("Loop", API1, item="one").module(API2).told("Loop", API2, item="two")
    log.module(API1).told("Loop", API1, item="two")
    for box in (API1, API2):
        began("Tell db1", box)
        log.module(away[box.name]).raw("", "TASK [Tell db1] ****").result(f"{box.name} -> db1({DB1.address})")
    hosts = log.recap(api1={"ok": 4}, api2={"ok": 3}, db1={"ok": 1}).model().runs[0].hosts
    assert tasks(hosts["api1"]) == [("Ping", 6), ("Id", 6), ("Loop", 12), ("Tell db1", 6)]
    assert tasks(hosts["api2"]) == [("Ping", 6), ("Loop", 12), ("Tell db1", 6)]
    assert tasks(hosts["db1"]) == [("Ping", 6)]


@BOTH
def test_a_host_that_fails_has_no_more_tasks(version: str) -> None:
    log = begun(version).goes_on("Ping", WEB1, DB1).module(DB1, HEAD).step(DB1, "exec", 1, "", "no")
    log.told("Ping", DB1, word="failed").module(WEB1).told("Ping", WEB1).whole("Id", WEB1)
    log.recap(web1={"ok": 2}, db1={"failed": 1})
    assert all_tasks(log) == {"web1": [("Ping", 6), ("Id", 6)], "db1": [("Ping", 4)]}
    host = log.host("db1")
    assert (host.status, host.failed_stage) == (Status.FAILED, Stage.EXEC)


@NEW
def test_a_host_whose_task_was_skipped_has_not_the_commands_of_that_task(version: str) -> None:
    """Conditions let one host in, then the other: only the queue and what was skipped tell them apart."""
    log = begun(version).goes_on("First", WEB1, DB1).module(DB1).told("First", WEB1, word="skipped")
    log.goes_on("Second", WEB1).told("First", DB1).goes_on("Second", DB1).told("Second", DB1, word="skipped")
    log.goes_on("Third", DB1).module(WEB1).told("Third", DB1, word="skipped").told("Second", WEB1)
    assert tasks(log.host("db1"))[0] == ("First", 6)
    assert tasks(log.host("web1"))[1] == ("Second", 6)
    assert (log.host("web1").address, log.host("db1").address) == (WEB1.address, DB1.address)


@NEW
def test_a_message_that_quotes_a_connections_words_names_its_host(version: str) -> None:
    """Two refused connections end one behind the other, and their results come the other way round."""
    log = begun(version).goes_on("Ping", WEB1, DB1)
    refused = {box: f"ssh: connect to host {box.address} port 22: Connection refused" for box in (WEB1, DB1)}
    for box in (DB1, WEB1):
        log.step(box, "home", 255, "", refused[box])
    log.raw("", "TASK [Ping] ****")
    for box in (WEB1, DB1):
        log.result(box, "unreachable", msg=f"Failed to connect to the host via ssh: {refused[box]}")
    assert (log.host("web1").address, log.host("db1").address) == (WEB1.address, DB1.address)


@NEW
def test_who_failed_has_the_commands_that_failed(version: str) -> None:
    log = begun(version).goes_on("Ping", WEB1, DB1).module(DB1, HEAD).module(WEB1, HEAD)
    log.step(DB1, "exec", 1, "", "no").step(WEB1, "exec")
    log.raw("", "TASK [Ping] ****").result(WEB1).result(DB1, "failed", msg="non-zero return code")
    assert (log.host("web1").address, log.host("db1").address) == (WEB1.address, DB1.address)


@given(st.integers(2, 7), st.randoms(use_true_random=False))
def test_what_fits_together_best_is_matched(number: int, rng: random.Random) -> None:
    """Every connection has a name of its own, and no two would fare better with each other's."""
    keys: list[Key] = [(f"192.0.2.{at}", 22, "deploy") for at in range(number)]
    scores = {key: {f"web{at}": rng.uniform(-1, 3) for at in range(number)} for key in keys}
    found = _matched(scores)
    assert sorted(found.values()) == sorted(f"web{at}" for at in range(number))
    for one, other in itertools.combinations(keys, 2):
        swapped = scores[one][found[other]] + scores[other][found[one]]
        assert swapped <= scores[one][found[one]] + scores[other][found[other]] + 1e-6


def hanging(version: str) -> FreeLog:
    """db1's first module never ends; the others go on."""
    log = begun(version).goes_on("Ping", WEB1, DB1).module(DB1, HEAD).open(DB1, "/bin/sh -c 'sleep 900'")
    return log.module(WEB1).told("Ping", WEB1).whole("Id", WEB1)


@BOTH
def test_a_host_that_hangs_keeps_its_commands_and_its_address(version: str) -> None:
    host = hanging(version).host("db1")
    assert (host.status, host.address) == (Status.STALLED, DB1.address)
    assert [len(task.commands) for task in host.tasks] == [4]
    assert tasks(hanging(version).host("web1")) == [("Ping", 6), ("Id", 6)]


@pytest.mark.parametrize(
    "version",
    [
        "2.16.19",
        "2.19.14",
    ],
)
def test_a_host_that_hangs_does_so_in_its_own_task(version: str) -> None:
    assert tasks(hanging(version).host("db1")) == [("Ping", 4)]


@NEW
def test_a_loops_commands_are_its_own(version: str) -> None:
    log = begun(version).whole("Ping", WEB1).goes_on("Loop", WEB1)
    log.module(WEB1).told("Loop", WEB1, word="changed", item="a").module(WEB1).result(WEB1, "changed", item="b")
    log.whole("Id", WEB1).recap(web1={"ok": 3})
    assert all_tasks(log) == {"web1": [("Ping", 6), ("Loop", 12), ("Id", 6)]}


@BOTH
def test_a_play_without_waiting_and_then_one_with(version: str) -> None:
    log = begun(version).goes_on("Ping", WEB1, DB1).module(DB1).told("Ping", DB1).module(WEB1).told("Ping", WEB1)
    log.play("web").task("Facts", WEB1, DB1).module(WEB1, HEAD).module(DB1).module(WEB1, TAIL)
    log.result(DB1).result(WEB1).recap(web1={"ok": 2}, db1={"ok": 2})
    assert all_tasks(log) == {name: [("Ping", 6), ("Facts", 6)] for name in ("web1", "db1")}
    assert [task.play for task in log.host("db1").tasks] == ["all", "web"]


@BOTH
def test_a_play_with_waiting_and_then_one_without(version: str) -> None:
    log = begun(version).task("Facts", WEB1, DB1).module(WEB1).module(DB1).result(WEB1).result(DB1).play("all")
    log.goes_on("Ping", DB1, WEB1).module(WEB1).told("Ping", WEB1).module(DB1).told("Ping", DB1)
    log.recap(web1={"ok": 2}, db1={"ok": 2})
    assert all_tasks(log) == {name: [("Facts", 6), ("Ping", 6)] for name in ("web1", "db1")}


def test_what_shows_that_a_play_does_not_wait() -> None:
    unnamed, named = Section(0, "", Place(0, 1)), Section(1, "Ping", Place(9, 9))
    assert not is_free([])
    assert not is_free([unnamed, named])
    assert is_free([unnamed, Section(1, "Ping", Place(9, 9), free=True)])
    assert is_free([Section(0, "", Place(0, 1), queued={"web1": Place(1, 2)}), named])
    worked = Section(0, "", Place(0, 1), workers=[Worker(unnamed, Place(1, 2))])
    assert is_free([worked, named])
    assert not is_free([named, worked])


# ---------------------------------------------------------------------------------------------------------------
# Real runs.

TRUTHS = pytest.mark.parametrize("name", ["free-2.18", "free-2.19"])
TITLES = ["Ping", "Id", "Bring a file", "Speak twice", "Speak without Python", "Facts", "Who is root"]


@cache
def read(name: str) -> tuple[Truth, LogModel]:
    known = truth.load(name)
    return known, model_of(known.log)


LAB_ADDRESSES = {
    host: f"127.0.0.{number}"
    for host, number in {"web1": 11, "web2": 12, "web3": 13, "db1": 21, "db2": 22, "cache1": 31}.items()
}


def true_owners(name: str) -> dict[int, Owner]:
    """By command, the worker of most of its chunks that are of the host at its address."""
    known, model = read(name)
    votes: dict[int, Counter[Owner]] = defaultdict(Counter)
    by_line = {chunk.place.line: chunk for chunk in model.chunks}
    for line, owner in known.chunks:
        command = by_line[line].command
        # Chunks of two that connect at once may have changed places; whose address it is does not depend on that.
        if command is not None and LAB_ADDRESSES[owner.host] == command.address:
            votes[command.index][owner] += 1
    return {index: counted.most_common(1)[0][0] for index, counted in votes.items()}


@TRUTHS
def test_every_host_of_a_real_run_has_its_address_and_its_commands(name: str) -> None:
    hosts, owners = read(name)[1].runs[0].hosts, true_owners(name)
    addresses = {host.name: host.address for host in hosts.values()}
    assert addresses == LAB_ADDRESSES
    for host in hosts.values():
        commands = [command for task in host.tasks for command in task.commands]
        assert {owners[command.index].host for command in commands if command.index in owners} == {host.name}


@TRUTHS
def test_every_command_of_a_real_run_is_in_its_workers_task(name: str) -> None:
    owners = true_owners(name)
    for host in read(name)[1].runs[0].hosts.values():
        titles: dict[int, set[str]] = defaultdict(set)
        for task in host.tasks:
            for command in task.commands:
                titles[owners[command.index].pid].add(task.name)
        assert [title for _, own in sorted(titles.items()) for title in own] == TITLES


@TRUTHS
def test_a_loop_between_others_banners_is_one_task(name: str) -> None:
    for host in read(name)[1].runs[0].hosts.values():
        assert [task.name for task in host.tasks] == TITLES


@pytest.mark.parametrize("version", ["2.16", "2.19"])
def test_a_refused_and_a_failing_host_of_a_real_run(version: str) -> None:
    hosts = model_of(sample(f"free-broken-{version}.log")).runs[0].hosts
    # The probe of the found interpreter is gone in 2.19.
    ping, rest = ("Ping", 8 if version == "2.16" else 7), (("Read the release", 6), ("Id", 6))
    assert tasks(hosts["web1"]) == tasks(hosts["web2"]) == [ping, *rest]
    assert tasks(hosts["db2"]) == [ping, rest[0]]
    assert tasks(hosts["db1"]) == [("Ping", 1)]


@pytest.mark.parametrize("version", ["2.13.13", "2.19.14"])
def test_banners_that_come_with_the_first_result_that_is_shown(version: str) -> None:
    """`display_skipped_hosts = no` without ANSIBLE_DEBUG, in a play that begins with an included file."""
    log = MiniLog(version, debug=False).begin().play("all").raw("", "TASK [More to do] ****")
    log.raw("task path: /site/ping.yml:9", "included: /site/more.yml for web1, web2")
    for title in ("One", "Two"):
        log.task(title, WEB1, WEB2, banner=False).module(WEB1).module(WEB2)
        log.raw("", f"TASK [{title}] ****", "task path: /site/ping.yml:4").result(WEB1).result(WEB2)
    log.recap(web1={"ok": 3}, web2={"ok": 3})
    for name, host in log.model().runs[0].hosts.items():
        assert [(task.name, len(task.commands)) for task in host.tasks] == [("More to do", 0), ("One", 6), ("Two", 6)]
        assert host.address == ADDRESSES[name]


@pytest.mark.parametrize("version", ["2.13.13", "2.19.14"])
def test_a_loop_whose_banner_comes_with_its_first_item(version: str) -> None:
    log = MiniLog(version, debug=False).begin().play("all")
    log.task("Each", WEB1, banner=False).module(WEB1).raw("", "TASK [Each] ****").result(WEB1, item="a")
    log.module(WEB1).result(WEB1, item="b")
    log.task("Last", WEB1, banner=False).module(WEB1).raw("", "TASK [Last] ****").result(WEB1)
    host = log.recap(web1={"ok": 2}).host("web1")
    assert [(task.name, len(task.commands)) for task in host.tasks] == [("Each", 12), ("Last", 6)]


@NEW
def test_work_that_was_delegated_is_its_own_hosts(version: str) -> None:
    """The host it goes to is of the play as well, and has work of its own before and after."""
    log = begun(version).whole("Ping", DB1).whole("Ping", WEB1)
    log.goes_on("Tell", WEB1).module(Box("web1", DB1.address)).raw(
        "", "TASK [Tell] ****", f"changed: [web1 -> db1({DB1.address})] => {{}}"
    )
    log.whole("Last", DB1).whole("Last", WEB1)
    hosts = log.recap(web1={"ok": 3}, db1={"ok": 2}).model().runs[0].hosts
    told = {name: [(task.name, len(task.commands)) for task in hosts[name].tasks] for name in ("web1", "db1")}
    assert told == {"web1": [("Ping", 6), ("Tell", 6), ("Last", 6)], "db1": [("Ping", 6), ("Last", 6)]}
    assert [hosts[name].address for name in ("web1", "db1")] == [WEB1.address, DB1.address]


@NEW
def test_a_name_of_another_play_takes_no_connection(version: str) -> None:
    """Two plays: a delegation to a host outside the first one, and a host that only the second one has."""
    log = begun(version).play("web").goes_on("Tell", WEB1).goes_on("Tell", WEB2)
    for box in (WEB1, WEB2):
        log.module(Box(box.name, DB1.address))
        log.raw("", "TASK [Tell] ****", f"changed: [{box.name} -> db1({DB1.address})] => {{}}")
    log.whole("Last", WEB1).whole("Last", WEB2).play("others").task("Ping", Box("other", "192.0.2.9"))
    log.module(Box("other", "192.0.2.9")).result("other")
    hosts = log.recap(web1={"ok": 2}, web2={"ok": 2}, other={"ok": 1}).model().runs[0].hosts
    assert {name: host.address for name, host in hosts.items()} == {
        "web1": WEB1.address,
        "web2": WEB2.address,
        "other": "192.0.2.9",
    }
    assert {name: [len(task.commands) for task in host.tasks] for name, host in hosts.items()} == {
        "web1": [6, 6],
        "web2": [6, 6],
        "other": [6],
    }


@pytest.mark.parametrize("kept", [1, 512])
def test_whose_an_answer_is_shows_below_which_name_it_is_printed(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One was queued and has not begun; of the others at its address, which came behind it, the answers are known."""
    monkeypatch.setattr(held, "_KEPT", kept)
    boxes = late, first, second = [Box(f"api{number}", "192.0.2.5") for number in (1, 2, 3)]
    log = begun("2.19.14").whole("Before", WEB1).goes_on("Ping", *boxes).goes_on("Ping", WEB1, WEB2)
    answers = {box: f'{{"start": "09:00:0{number}"}}' for number, box in enumerate(boxes)}
    for box in (first, second):
        log.module(box, (*HEAD, "chmod"))
        log.open(box, f"/bin/sh -c '/usr/bin/python3 {log.tmp(box)}/AnsiballZ_ping.py && sleep 0'")
    for box in (first, second):
        log.close(box, 0, answers[box]).step(box, "cleanup")
    log.module(WEB1).told("Ping", WEB1)
    for box in (first, second):
        log.raw("", "TASK [Ping] ****", f"ok: [{box.name}] => {answers[box]}")
        log.whole("Other", WEB2)
    hosts = log.model().runs[0].hosts
    assert late.name not in hosts or not any(task.commands for task in hosts[late.name].tasks)
    for box in (first, second):
        assert tasks(hosts[box.name]) == [("Ping", 6)]
