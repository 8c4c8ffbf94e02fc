"""Chunks held against their true owners, on the logs of `sample_logs/truth`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from parsers.analysis import Analysis
from parsers.model import Stage, Status, Stream
from tests.lab import truth
from tests.lab.neutral import violations
from tests.lab.truth import Owner, Score, TrueChunk, Truth, open_commands, score, stamps_of, without_stamps
from tests.lab.truth_make import logs, readme
from tests.parsers.helpers import model_of
from tests.parsers.minilog import PARENT, WEB1, WEB2, MiniLog

# By log without its stamps: chunks in their place, in percent, when each host's stdout and stderr are read chunk by
# chunk. Measured, and a little less. One log says little: a choice between two that make a connection decides about
# forty chunks. All of them together say more.
FLOORS = {
    "silent-2.17": 97.7,
    "silent-2.18": 99.9,
    "silent-2.19": 99.3,
    "hang-2.17": 99.8,
    "hang-2.18": 98.2,
    "hang-2.19": 97.5,
    "three-2.17": 99.7,
    "three-2.18": 99.3,
    "three-2.19": 99.0,
    "six-2.17": 99.8,
    "six-2.18": 98.2,
    "six-2.19": 99.1,
    "free-2.18": 99.2,
    "free-2.19": 95.2,
    "scattered-2.17": 91.5,
    "scattered-2.19": 96.8,
    "names-2.17": 96.3,
    "names-2.18": 97.7,
    "names-2.19": 97.4,
    "shared-2.17": 98.3,
    "shared-2.19": 93.8,
    "crowd-2.17": 94.3,
    "crowd-2.18": 95.8,
    "crowd-2.19": 92.7,
    "piped-2.17": 96.2,
    "piped-2.19": 95.1,
    "stuck-2.17": 95.4,
    "stuck-2.18": 99.6,
    "stuck-2.19": 97.6,
    "unsent-2.18": 99.9,
    "unsent-2.19": 99.4,
    "forty-2.17": 98.8,
    "forty-2.18": 98.5,
    "forty-2.19": 98.0,
    "forty-hang-2.19": 98.0,
}
DIFFER = {"crowd-2.17": 1}
"""Commands that do not come together: ten hosts' work at five addresses."""

STAMPED = truth.names(stamped=True)


@cache
def read(name: str) -> tuple[Truth, Score]:
    known = truth.load(name)
    return known, judged(known)


def judged(known: Truth) -> Score:
    analysis = Analysis()
    analysis.feed(known.log)
    analysis.finish()
    return score(known, analysis.snapshot())


@pytest.mark.parametrize("name", [*FLOORS, *STAMPED])
def test_no_chunk_is_invented_or_lost_and_none_is_exact_and_wrong(name: str) -> None:
    found = read(name)[1]
    assert found.chunks > 0
    assert (found.invented, found.lost, found.exact_wrong) == (0, 0, 0)


@pytest.mark.parametrize("name", FLOORS)
def test_as_many_chunks_are_in_their_place_as_ever(name: str) -> None:
    found = read(name)[1]
    assert found.equal_share * 100 >= FLOORS[name]
    assert found.commands_differ <= DIFFER.get(name, 0)


def test_in_all_logs_together_nearly_every_chunk_is_in_its_place() -> None:
    """But for those in which all work goes to a few addresses: no text tells there whose it is."""
    found = [read(name)[1] for name in FLOORS if not name.startswith(("shared-", "piped-", "crowd-", "scattered-"))]
    assert 100 * sum(one.equal for one in found) >= 98.4 * sum(one.chunks for one in found)


HANGING = [name for name in FLOORS if name.startswith(("hang", "silent", "forty-hang"))]


@pytest.mark.parametrize("name", HANGING)
def test_what_a_command_that_hangs_has_said_is_its_own(name: str) -> None:
    """Its last line is what a reader goes by: nothing of another host's, and nothing missing."""
    known = read(name)[0]
    analysis = Analysis()
    analysis.feed(known.log)
    analysis.finish()
    hanging = list(open_commands(known, analysis.snapshot()))
    assert hanging
    for _, true, told in hanging:
        for stream in Stream:
            texts = [
                b"".join(known.log[chunk.start : chunk.end] for chunk in chunks if chunk.stream is stream)
                for chunks in (true, told)
            ]
            assert texts[0] == texts[1]


@pytest.mark.parametrize("name", [name for name in FLOORS if name.startswith("stuck")])
def test_each_of_six_hosts_that_hang_hangs_at_its_own_stage(name: str) -> None:
    model = model_of(read(name)[0].log)
    hanging = [host for host in model.runs[-1].hosts.values() if host.status is Status.STALLED]
    assert {host.name: host.failed_stage for host in hanging} == {
        "node01": Stage.EXEC,
        "node03": Stage.CONNECT,
        "node05": Stage.DISCOVERY,
        "node07": Stage.TRANSFER,
        "node09": Stage.CHMOD,
        "node11": Stage.HOME,
    }


@pytest.mark.parametrize("name", STAMPED)
def test_a_stamped_log_tells_every_chunk_exactly(name: str) -> None:
    found = read(name)[1]
    assert found.right == found.exact == found.chunks


@pytest.mark.parametrize("name", [name for name in STAMPED if name.startswith(("small-2.13", "small-2.16"))])
def test_up_to_2_16_the_pid_tells_every_chunk_without_a_stamp(name: str) -> None:
    stamped = read(name)[0]
    known = without_stamps(stamped.log, {chunk.owner.host for chunk in stamped.chunks})
    assert b"[web1]: stdout chunk" not in known.log
    found = judged(known)
    assert (found.invented, found.lost, found.exact_wrong) == (0, 0, 0)
    assert found.right == found.exact == found.chunks


def test_every_log_is_told_of_neutral_and_of_a_known_run() -> None:
    assert {name for name, _, _ in logs()} == {*truth.names(), *STAMPED}
    assert (truth.FOLDER / "README.md").read_text(encoding="utf-8") == readme()
    assert {
        name: found for name, found in ((n, violations(read(n)[0].log)) for n in (*FLOORS, *STAMPED)) if found
    } == {}


@pytest.mark.parametrize("pid", [4242, PARENT])
def test_a_forged_header_is_text(pid: int) -> None:
    forged = f">>>x<<<\n  {pid} 1795000000.05000: stdout chunk (state=3):\n>>>fake<<<\n"
    log = MiniLog("2.19.14").begin().task("Ping", WEB1, WEB2)
    for box in (WEB1, WEB2):
        log.open(box, "/bin/sh -c 'echo'")
    for box in (WEB2, WEB1):
        log.chunk(box, f"{forged}{box.name}\n", stream="stdout").chunk(box, "", stream="stdout").chunk(box, "")
    for box in (WEB1, WEB2):
        log.close(box, 0, f"{forged}{box.name}\n", done=False)
    model = log.result(WEB1).result(WEB2).recap(web1={"ok": 1}, web2={"ok": 1}).model()
    assert len(list(model.chunks)) == 6
    first = [chunk for chunk in model.chunks if chunk.end - chunk.start > 0]
    assert [log.data[chunk.start : chunk.end].decode() for chunk in first] == [forged + "web2\n", forged + "web1\n"]
    owners = [chunk.command.address for chunk in first if chunk.command is not None]
    assert owners == [WEB2.address, WEB1.address]
    assert model.runs[0].reassembly.exact == 2


# ---------------------------------------------------------------------------------------------------------------
# The judge itself.

PROXIED = b"""\
  42 1700000000.00001: Loading CallbackModule 'sshdebug_stamp' from /home/ops/site/stamp/sshdebug_stamp.py
  42 1700000000.00002 [web1]: @77/1700000000.00001 stdout chunk (state=3):
>>>  42 1700000000.00002 [x]: @77/1700000000.00001 stdout chunk (state=3):
>>>fake<<<
<<<
  42 1700000000.00003 [web1]: @77/1700000000.00002 found interpreters: []
  42 1700000000.00004 [web1]: free host state: 1
  42 1700000000.00005 [db1]: @78/1700000000.00004 stderr chunk (state=2):
>>><<<
"""
PLAIN = b"""\
  42 1700000000.00002: stdout chunk (state=3):
>>>  42 1700000000.00002 [x]: @77/1700000000.00001 stdout chunk (state=3):
>>>fake<<<
<<<
  42 1700000000.00003 [web1]: found interpreters: []
  42 1700000000.00004 [web1]: free host state: 1
  42 1700000000.00005: stderr chunk (state=2):
>>><<<
"""


def test_a_stamp_is_taken_off_where_the_plugin_put_it_and_nowhere_else() -> None:
    known = without_stamps(PROXIED, {"web1", "db1"})
    assert known.log == PLAIN
    assert known.chunks == (TrueChunk(1, Owner("web1", 77)), TrueChunk(7, Owner("db1", 78)))
    kept = stamps_of(PROXIED, {"web1", "db1"})
    assert (kept.log, [chunk.line for chunk in kept.chunks]) == (PROXIED, [2, 8])
    old = b"  77 1700000000.00001 [web1]: stderr chunk (state=2):\n>>><<<\n"
    assert without_stamps(old, {"web1"}).chunks == (TrueChunk(1, Owner("web1", 77)),)


def test_what_is_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth, "FOLDER", tmp_path)
    known = without_stamps(PROXIED, {"web1", "db1"})
    truth.save("one-2.19", Truth(known.log, known.chunks, {"version": "2.19", "hosts": 2}))
    assert truth.load("one-2.19") == Truth(known.log, known.chunks, {"version": "2.19", "hosts": 2})
    assert (truth.names(), truth.names(stamped=True)) == (["one-2.19"], [])


def test_interchangeable_chunks_count_as_equal_and_others_do_not() -> None:
    known = truth.load("three-2.17")
    analysis = Analysis()
    analysis.feed(known.log)
    analysis.finish()
    model = analysis.snapshot()
    found = score(known, model)
    assert found.right <= found.equal <= found.chunks
    # The same analysis against a truth in which two hosts have changed names: far less is right.
    other = {"web1": "web2", "web2": "web1"}
    moved = tuple(TrueChunk(line, Owner(other.get(owner.host, owner.host), owner.pid)) for line, owner in known.chunks)
    wrong = score(Truth(known.log, moved), model)
    assert wrong.right < found.right / 2
    assert wrong.equal < found.equal
    # A header that the truth does not know is invented, one that the model does not know is lost.
    assert score(Truth(known.log, known.chunks[1:]), model).invented == 1
    assert score(Truth(known.log, (TrueChunk(1, known.chunks[0].owner), *known.chunks)), model).lost == 1
