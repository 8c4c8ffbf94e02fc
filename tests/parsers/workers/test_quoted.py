"""How much remote text stands below a `done:` line."""

from __future__ import annotations

import pytest

from parsers.lines.reprs import CommandTuple
from parsers.model import Place
from parsers.workers.quoted import NOTHING, Dones, Quoted
from parsers.workers.worker import Section, Worker
from tests.parsers.minilog import FORGED, HOME, WEB1, WEB2, MiniLog

LINES = ["debug1: one", "debug1: two", "debug1: three"]


def result(*lines: str, out: str = "") -> CommandTuple:
    return CommandTuple(0, out.encode(), "".join(f"{line}\r\n" for line in lines).encode())


def test_all_lines_but_the_first_one_stand_below() -> None:
    """The first stands in the debug line itself."""
    quoted = Quoted.of(result(*LINES))
    assert [quoted.takes(line.encode()) for line in [*LINES[1:], "TASK [x] ***"]] == [True, True, False]
    assert [NOTHING.takes(b"debug1: x"), Quoted.of(result(LINES[0])).takes(b"debug1: x")] == [False, False]


@pytest.mark.parametrize("own", ["  4000 1795000000.12345: stderr chunk (state=3):", "<192.0.2.1> (0, b'', b'')"])
def test_a_line_of_ansibles_own_ends_it_where_the_text_has_none(own: str) -> None:
    quoted = Quoted.of(result(*LINES))
    assert [quoted.takes(line.encode()) for line in (LINES[1], own, LINES[2])] == [True, False, False]


@pytest.mark.parametrize("end", ["", "\r"])
def test_a_forged_line_is_text(end: str) -> None:
    quoted = Quoted.of(result("debug1: one", f"  {FORGED}", "<x> \xfc", "debug1: two"))
    assert [quoted.takes(f"{line}{end}".encode()) for line in (f"  {FORGED}", "<x> \xfc", "debug1: two")] == [True] * 3


def test_each_result_is_quoted_once_the_oldest_first() -> None:
    dones = Dones()
    worker = Worker(Section(0, "", Place(0, 1)), Place(0, 1))
    short, long = result(*LINES[:2]), result(*LINES)
    dones.expect(short, worker)
    dones.expect(long, None)
    head = short.quoted_head
    found = [dones.done(None, 0, head, Place(0, line)) for line in (2, 3, 4)]
    assert [quoted and quoted.left for quoted in found] == [1, 2, None]
    assert worker.last.line == 2
    dones.expect(short, worker)
    assert dones.done(None, 1, head, Place(0, 5)) is None


def test_a_chunk_below_a_shorter_text_than_thought_is_not_lost() -> None:
    """Two workers' answers have the same first line; the second's `done:` comes first, with fewer lines below it."""
    log = MiniLog("2.17.14").begin().task("Ping", WEB1, WEB2).open(WEB1, HOME).open(WEB2, HOME)
    texts = {WEB1: "".join(f"debug1: {number}\n" for number in range(9)), WEB2: "debug1: 0\n"}
    for box, text in texts.items():
        log.chunk(box, text).chunk(box, "/home/deploy\n", stream="stdout")
        log.close(box, 0, "/home/deploy\n", text, done=False)
    log.header(f"_low_level_execute_command() done: rc=0, stdout=/home/deploy\n, stderr={texts[WEB2]}")
    log.step(WEB2, "tmpdir").step(WEB1, "tmpdir").result(WEB1).result(WEB2).recap(web1={"ok": 1}, web2={"ok": 1})
    model = log.model()
    assert (len(model.chunks), model.runs[0].reassembly.exact, model.runs[0].reassembly.differ) == (6, 4, 0)
