"""Results that wait at an address where several commands are open."""

from __future__ import annotations

import json

import pytest

from parsers.analysis import Analysis
from parsers.model import Stage
from parsers.workers import held
from tests.parsers.minilog import HOME, Box
from tests.parsers.workers.test_binding import begun


def a_shared_connection(session: int) -> str:
    """ssh's words on a connection that is there, as its tuple has them."""
    return f"debug2: mux_client_hello_exchange\ndebug1: master session id: {session}\ndebug2: exit status 0\n"


@pytest.mark.parametrize("stage", ["cleanup", "raw"])
def test_of_two_names_results_each_is_its_own_as_the_chunks_show(stage: str) -> None:
    """What was said before a command began is not its, though it began first come, first served."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = begun("2.19.14", True, one, other)
    if stage == "cleanup":
        log.module(one, ("home", "tmpdir", "transfer", "chmod", "exec"))
        log.module(other, ("home", "tmpdir", "transfer", "chmod", "exec"))
    texts = {
        box.name: f"/bin/sh -c 'rm -f -r {log.tmp(box)}/ > /dev/null 2>&1 && sleep 0'" if stage == "cleanup" else "id"
        for box in (one, other)
    }
    early, late = (a_shared_connection(session).splitlines(keepends=True) for session in (3, 4))
    log.open(one, texts["api1"])
    for words in early[:2]:
        log.chunk(one, words)
    log.open(other, texts["api2"])
    for words in late:
        log.chunk(other, words)
    log.close(other, 0, "", "".join(late)).chunk(one, early[2]).close(one, 0, "", "".join(early))
    log.result(other).result(one).recap(api1={"ok": 1}, api2={"ok": 1})
    model = log.model()
    assert model.runs[-1].reassembly.differ == 0
    ends = [command.closed.line for command in model.chunks.commands[-2:] if command.closed is not None]
    assert ends == sorted(ends, reverse=True)


def test_a_home_directory_is_not_the_answer_of_who_asked_for_another() -> None:
    """Several delegated tasks ask at one address: each answer goes to one that has asked and can have heard it."""
    boxes = [Box(f"web{number}", "192.0.2.9") for number in range(1, 5)]
    log = begun("2.19.14", True, *boxes)
    for box in boxes[:3]:
        log.open(box, HOME)
    for box in boxes[:3]:
        log.chunk(box, "debug1: x\n").close(box, 0, "/home/deploy\n", "debug1: x\n")
        log.step(box, "tmpdir") if box is boxes[0] else log.open(boxes[3], HOME) if box is boxes[1] else log
    log.step(boxes[1], "tmpdir").step(boxes[2], "tmpdir")
    log.chunk(boxes[3], "debug1: x\n").close(boxes[3], 0, "/home/deploy\n", "debug1: x\n").step(boxes[3], "tmpdir")
    log.raw("")
    model = log.model()
    commands = model.chunks.commands
    assert [command.rc for command in commands] == [0] * 8
    assert all(command.has_tuple for command in commands)


def test_a_result_that_went_to_the_wrong_one_of_two_is_put_right_when_the_other_ones_comes() -> None:
    """The second one's answer came first; the first one's shows by its chunks that it cannot be the second one's."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    early, late = (a_shared_connection(session).splitlines(keepends=True) for session in (3, 4))
    log = begun("2.19.14", True, one, other)
    log.open(one, HOME).chunk(one, early[0]).open(other, HOME).chunk(other, late[0] + late[1])
    log.chunk(one, early[1]).chunk(other, late[2]).close(other, 0, "", "".join(late))
    log.step(other, "tmpdir").chunk(one, early[2]).close(one, 0, "", "".join(early)).step(one, "tmpdir")
    log.result(other).result(one).recap(api1={"ok": 1}, api2={"ok": 1})
    model = log.model()
    assert (model.runs[-1].reassembly.exact, model.runs[-1].reassembly.differ) == (4, 0)
    homes = [command for command in model.chunks.commands if command.stage is Stage.HOME]
    homes.sort(key=lambda command: command.opened)
    assert [len(command.chunks) for command in homes] == [3, 2]
    ends = [command.closed.line for command in homes if command.closed is not None]
    assert ends == sorted(ends, reverse=True)


def test_a_result_does_not_wait_for_ever_for_what_tells_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind many chunks it goes to the first that it can be of: an open command holds all others up."""
    monkeypatch.setattr(held, "_PATIENCE", 6)
    boxes = [Box(f"api{number}", "192.0.2.5") for number in range(1, 4)]
    log = begun("2.19.14", True, *boxes)
    for box in boxes:
        log.open(box, f"/bin/sh -c 'rm -f -r {log.tmp(box)}/ > /dev/null 2>&1 && sleep 0'")
    texts = [a_shared_connection(session) for session in (2, 4, 6)]
    log.chunk(boxes[0], texts[0]).close(boxes[0], 0, "", texts[0])
    before = len(log.data)
    for part in texts[1].splitlines(keepends=True) + texts[2].splitlines(keepends=True):
        log.chunk(boxes[1], part)
    log.close(boxes[1], 0, "", texts[1])
    analysis = Analysis()
    ended = []
    for block in (log.data[:before], log.data[before:]):
        analysis.feed(block)
        commands = analysis.snapshot(now=log.time).chunks.commands
        ended.append([command.closed is not None for command in commands])
    assert ended == [[False, False, False], [True, False, False]]


COPIED = "1+1 records in\n1+1 records out\n119325 bytes copied, 0.0002 s\n"


@pytest.mark.parametrize("version", ["2.17.14", "2.19.14"])
def test_a_piped_transfers_second_result_ends_nobody_elses_command(version: str) -> None:
    """The command logs its result, and so does the transfer around it."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = begun(version, True, one, other)
    log.module(one, ("home", "tmpdir")).module(other, ("home", "tmpdir"))
    words = {box.name: a_shared_connection(session) + COPIED for box, session in ((one, 2), (other, 4))}
    for box in (one, other):
        log.open(box, f"dd of={log.tmp(box)}/AnsiballZ_ping.py bs=65536").chunk(box, words[box.name])
    for box in (other, one):
        log.close(box, 0, "", words[box.name], done=False).close(box, 0, "", words[box.name], done=False)
    log.module(one, ("chmod", "exec", "cleanup")).module(other, ("chmod", "exec", "cleanup"))
    log.result(one).result(other).recap(api1={"ok": 1}, api2={"ok": 1})
    model = log.model()
    reassembly = model.runs[-1].reassembly
    assert (reassembly.exact, reassembly.differ, reassembly.open) == (8, 0, 0)
    assert all(len(command.chunks) == 1 for command in model.chunks.commands if command.method == "piped")


def test_who_announces_its_next_command_has_its_result() -> None:
    """The parent prints `executing: rm DIR` before another worker's result comes, `SSH: EXEC` only behind it."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = begun("2.19.14", True, one, other)
    for box in (one, other):
        log.module(box, ("home", "tmpdir", "transfer", "chmod"))
    early, late = (a_shared_connection(session).splitlines(keepends=True) for session in (3, 4))
    texts = [f"/bin/sh -c '/usr/bin/python3 {log.tmp(box)}/AnsiballZ_ping.py && sleep 0'" for box in (one, other)]
    out = '\n{"ping": "pong"}\n'
    log.open(one, texts[0]).chunk(other, late[0]).open(other, texts[1])
    log.chunk(one, "".join(early)).chunk(other, "".join(late))
    log.chunk(other, out, stream="stdout").close(other, 0, out, "".join(late))
    log.header(f"_low_level_execute_command(): executing: /bin/sh -c 'rm -f -r {log.tmp(other)}/ && sleep 0'", other)
    log.chunk(one, out, stream="stdout").close(one, 0, out, "".join(early))
    log.step(one, "cleanup").step(other, "cleanup")
    log.result(one).result(other).recap(api1={"ok": 1}, api2={"ok": 1})
    ran = [command for command in log.model().chunks.commands if command.stage is Stage.EXEC]
    ends = [command.closed.line for command in ran if command.closed is not None]
    assert ends == sorted(ends, reverse=True)


PROBE = "/bin/sh -c '/usr/bin/python3 && sleep 0'"
FOUND = "FOUND\n/usr/bin/python3\nENDFOUND\n"
PROBED = '{"platform_dist_result": ["debian", "12"]}\n'


def test_workers_that_changed_ways_unseen_are_put_right_where_the_chunks_show_it() -> None:
    """The second one's Python was found first, which shows only when it has its directory's file sent."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = begun("2.17.14", True, one, other)
    log.module(one, ("home", "tmpdir")).module(other, ("home", "tmpdir"))
    find = "/bin/sh -c 'echo FOUND; command -v python3; echo ENDFOUND && sleep 0'"
    words = [a_shared_connection(session) for session in (2, 4)]
    log.open(one, find).open(other, find)
    for box, said in ((one, words[0]), (other, words[1])):
        log.chunk(box, said).chunk(box, FOUND, stream="stdout")
    log.close(other, 0, FOUND, words[1]).open(other, PROBE).chunk(other, words[1])
    log.close(one, 0, FOUND, words[0]).open(one, PROBE).chunk(one, words[0])
    log.chunk(other, PROBED, stream="stdout").close(other, 0, PROBED, words[1]).step(other, "transfer")
    log.chunk(one, PROBED, stream="stdout").close(one, 0, PROBED, words[0]).step(one, "transfer")
    log.result(one).result(other).recap(api1={"ok": 1}, api2={"ok": 1})
    run = log.model().runs[-1]
    assert (run.reassembly.exact, run.reassembly.differ) == (8, 0)
    probed = {name: host.tasks[0].commands[3] for name, host in run.hosts.items()}
    assert {name: command.stage for name, command in probed.items()} == {"api1": Stage.PROBE, "api2": Stage.PROBE}
    assert probed["api2"].opened < probed["api1"].opened


def test_with_workers_pids_each_has_the_result_that_its_chunks_are() -> None:
    """Up to 2.16: both answers are as long and begin alike, and the `done:` lines come the other way round."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = begun("2.16.19", True, one, other)
    words = {box: a_shared_connection(session) for box, session in ((one, 3), (other, 4))}
    for box in (one, other):
        log.open(box, f"/bin/sh -c 'rm -f -r {log.tmp(box)}/ > /dev/null 2>&1 && sleep 0'").chunk(box, words[box])
    for box in (one, other):
        log.close(box, 0, "", words[box], done=False)
    for box in (other, one):
        log.header(f"_low_level_execute_command() done: rc=0, stdout=, stderr={words[box]}", box)
    model = log.result(one).result(other).recap(api1={"ok": 1}, api2={"ok": 1}).model()
    assert (model.runs[-1].reassembly.exact, model.runs[-1].reassembly.differ) == (2, 0)
    ends = {command.pid: command.closed.line for command in model.chunks.commands if command.closed is not None}
    assert sorted(ends, key=lambda pid: ends[pid]) == sorted(ends, key=lambda pid: pid or 0)


def test_a_result_that_went_to_a_third_one_is_put_right_where_the_chunks_show_it() -> None:
    """The third one's Python was looked at first, and the first one's answer came first."""
    boxes = [Box(f"api{number}", "192.0.2.5") for number in (1, 2, 3)]
    log = begun("2.17.14", True, *boxes)
    find = "/bin/sh -c 'echo FOUND; command -v python3; echo ENDFOUND && sleep 0'"
    for box in boxes:
        log.module(box, ("home", "tmpdir"))
    for box in boxes:
        words = a_shared_connection(2)
        log.open(box, find).chunk(box, words).chunk(box, FOUND, stream="stdout").close(box, 0, FOUND, words)
    said = {box: a_shared_connection(session) for box, session in zip(boxes, (5, 6, 4), strict=True)}
    first, second, third = boxes
    log.open(third, PROBE).chunk(third, said[third])
    for box in (first, second):
        log.open(box, PROBE).chunk(box, said[box])
    for box in (first, third, second):
        log.chunk(box, PROBED, stream="stdout").close(box, 0, PROBED, said[box]).step(box, "transfer")
    log.result(first).result(second).result(third).recap(**{box.name: {"ok": 1} for box in boxes})
    run = log.model().runs[-1]
    assert (run.reassembly.exact, run.reassembly.differ) == (12, 0)
    probed = {name: host.tasks[0].commands[3] for name, host in run.hosts.items()}
    assert [name for name, _ in sorted(probed.items(), key=lambda item: item[1].opened)] == ["api3", "api1", "api2"]


def test_a_result_that_another_modules_command_has_is_had_back() -> None:
    """A third one's command could have the result that is left, until its own one comes."""
    first, second, third = (Box(f"api{number}", "192.0.2.5") for number in (1, 2, 3))
    log = begun("2.19.14", True, first, second, third)
    for box in (first, second, third):
        log.module(box, ("home", "tmpdir", "transfer", "chmod"))
    said = {box: a_shared_connection(session) for box, session in ((first, 3), (second, 4), (third, 5))}
    out = '\n{"ping": "pong"}\n'
    for box in (third, first, second):
        log.open(box, f"/bin/sh -c '/usr/bin/python3 {log.tmp(box)}/AnsiballZ_ping.py && sleep 0'")
        if box is not third:
            log.chunk(box, said[box])
    for box in (second, first):
        log.chunk(box, out, stream="stdout").close(box, 0, out, said[box])
    log.step(first, "cleanup").step(second, "cleanup").chunk(third, said[third])
    log.chunk(third, out, stream="stdout").close(third, 0, out, said[third]).step(third, "cleanup")
    log.result(first).result(second).result(third).recap(api1={"ok": 1}, api2={"ok": 1}, api3={"ok": 1})
    run = log.model().runs[-1]
    assert run.reassembly.differ == 0
    ran = {host.name: host.tasks[0].commands[4] for host in run.hosts.values()}
    ends = {name: command.closed.line for name, command in ran.items() if command.closed is not None}
    assert sorted(ends, key=lambda name: ends[name]) == ["api2", "api1", "api3"]


def test_who_is_done_has_no_home_directory_for_the_removal_of_its_files() -> None:
    """It has its own result, with which another one's removal seemed to have ended; that one has the one before."""
    first, second, sender, *asking = boxes = [Box(f"api{number}", "192.0.2.5") for number in range(1, 6)]
    log = begun("2.17.14", True, *boxes)
    for box in (first, second):
        log.module(box, ("home", "tmpdir", "transfer", "chmod", "exec"))
    log.module(sender, ("home", "tmpdir", "transfer"))
    said = {box: a_shared_connection(session) for session, box in enumerate(boxes, 3)}
    removes = {box: f"/bin/sh -c 'rm -f -r {log.tmp(box)}/ > /dev/null 2>&1 && sleep 0'" for box in (first, second)}
    log.open(first, removes[first]).open(asking[0], HOME).open(asking[1], HOME)
    log.open(sender, f"/bin/sh -c 'chmod u+rwx {log.tmp(sender)}/ {log.tmp(sender)}/AnsiballZ_ping.py && sleep 0'")
    log.chunk(first, said[first])
    ends = [log.line]
    log.close(first, 0, "", said[first]).open(second, removes[second])
    log.chunk(asking[0], said[asking[0]]).chunk(asking[0], "/home/deploy\n", stream="stdout")
    log.close(asking[0], 0, "/home/deploy\n", said[asking[0]])
    log.chunk(second, said[second])
    ends.append(log.line)
    log.close(second, 0, "", said[second])
    for box in (first, second):
        log.header(f"done running TaskExecutor() for {box.name}/TASK: Ping [0242ac11-0002]")
    removed = [command for command in log.model().chunks.commands if command.stage is Stage.CLEANUP]
    assert [command.closed.line for command in removed if command.closed is not None] == ends


@pytest.mark.parametrize("stage", ["cleanup", "home"])
def test_results_that_crossed_unseen_are_put_right_where_a_chunk_finds_nobody(stage: str) -> None:
    """Others that say the same at their addresses make each result seem possible for either command."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    near, late = Box("web1", "192.0.2.6"), Box("web2", "192.0.2.7")
    log = begun("2.19.14", True, one, other, near, late)
    three, four = (a_shared_connection(session) for session in (3, 4))
    out = "/home/deploy\n" if stage == "home" else ""
    texts = {
        box.name: HOME if stage == "home" else f"/bin/sh -c 'rm -f -r {log.tmp(box)}/ > /dev/null 2>&1 && sleep 0'"
        for box in (one, other, near, late)
    }
    words = {"api1": three, "api2": four, "web1": four, "web2": three}

    def says(box: Box, *lines: int) -> None:
        for line in lines:
            log.chunk(box, words[box.name].splitlines(keepends=True)[line])

    def ends(box: Box) -> None:
        log.chunk(box, out, stream="stdout").close(box, 0, out, words[box.name])

    log.open(one, texts["api1"]).open(near, texts["web1"])
    says(one, 0, 1)
    log.open(other, texts["api2"])
    says(near, 0, 1, 2)
    ends(near)
    log.open(late, texts["web2"])
    says(late, 0, 1, 2)
    says(other, 0, 1, 2)
    ends(late)
    ends(other)
    says(one, 2)
    ends(one)
    model = log.recap(api1={"ok": 1}, api2={"ok": 1}, web1={"ok": 1}, web2={"ok": 1}).model()
    assert (model.runs[-1].reassembly.exact, model.runs[-1].reassembly.differ) == (4, 0)
    both = sorted(
        (command for command in model.chunks.commands if command.address == one.address),
        key=lambda command: command.opened,
    )
    assert [command.chunks[0] for command in both] == [0, 9]
    last = [command.closed.line for command in both if command.closed is not None]
    assert last == sorted(last, reverse=True)


def test_who_goes_on_had_the_newest_of_the_results_that_may_be_its() -> None:
    """One removes its files while the other makes its own readable: both say the same, and the first ends unseen."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = begun("2.19.14", True, one, other)
    log.module(one, ("home", "tmpdir", "transfer", "chmod", "exec")).module(other, ("home", "tmpdir", "transfer"))
    words = a_shared_connection(3)
    log.open(one, f"/bin/sh -c 'rm -f -r {log.tmp(one)}/ > /dev/null 2>&1 && sleep 0'")
    log.open(other, f"/bin/sh -c 'chmod u+rwx {log.tmp(other)}/ {log.tmp(other)}/AnsiballZ_ping.py && sleep 0'")
    log.chunk(one, words).chunk(other, words).close(one, 0, "", words).close(other, 0, "", words)
    model = log.step(other, "exec").step(other, "cleanup").result(one).result(other).recap().model()
    first = next(command for command in model.chunks.commands if command.stage is Stage.CLEANUP)
    chmod = [command for command in model.chunks.commands if command.stage is Stage.CHMOD][-1]
    assert first.closed is not None
    assert chmod.closed is not None
    assert first.closed < chmod.closed


@pytest.mark.parametrize("names", [("api1", "api2"), ("api1", "api2", "api3")])
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("debug", [True, False])
def test_results_that_crossed_are_put_right_where_the_printed_ones_repeat_them(
    names: tuple[str, ...], told: bool, debug: bool
) -> None:
    """All go on when all have ended, the first one first, so each is told to have had another's result."""
    boxes = [Box(name, "192.0.2.5") for name in names]
    log = begun("2.19.14", debug, *boxes)
    for box in boxes:
        log.module(box, ("home", "tmpdir", "transfer", "chmod"))
        log.open(box, f"/bin/sh -c '/usr/bin/python3 {log.tmp(box)}/AnsiballZ_command.py && sleep 0'")
    answers = [{"rc": index, **({"start": f"09:00:0{index}"} if told else {})} for index, _ in enumerate(boxes)]
    if not told:
        answers = [{"ping": "pong"} for _ in boxes]
    words = [a_shared_connection(3).replace("3", f"3 {box.name}") for box in boxes]
    for box, said in zip(boxes, words, strict=True):
        for line in said.splitlines(keepends=True):
            log.chunk(box, line)
    for rc, (box, answer, said) in enumerate(zip(boxes, answers, words, strict=True)):
        log.chunk(box, json.dumps(answer), stream="stdout").close(box, rc, json.dumps(answer), said)
    for box in boxes:
        log.step(box, "cleanup")
    for box, answer in zip(boxes, answers, strict=True):
        log.header("_execute() done").raw(f"ok: [{box.name}] => {json.dumps({'changed': False, **answer}, indent=4)}")
    run = log.recap().model().runs[-1]
    rcs = [host.tasks[-1].commands[4].rc for host in run.hosts.values()]
    assert (rcs == list(range(len(boxes)))) is told, "else the order alone tells it"
    assert run.reassembly.differ == 0
    closed = [host.tasks[-1].commands[4].closed for host in run.hosts.values()]
    assert None not in closed
