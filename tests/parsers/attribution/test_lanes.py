"""Lanes: real processes, their order, and their death."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from parsers.attribution import search as module
from parsers.attribution.events import Chunk, Close, Open
from parsers.attribution.lanes import Answer, LaneError, Lanes, result
from parsers.attribution.said import Opened
from parsers.attribution.search import Search
from tests.lab import truth
from tests.parsers.attribution.test_said import a_command, a_piece
from tests.parsers.attribution.test_search import facts, read


@pytest.fixture(scope="module")
def processes() -> Iterator[Lanes]:
    found = Lanes.of_processes(2)
    yield found
    found.close()


def test_processes_tell_a_real_log_as_it_is_told_here(processes: Lanes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MUCH", 100_000)
    monkeypatch.setattr(module, "_BATCH", 30_000)
    monkeypatch.setattr(module, "_STAY", 30_000)
    log = truth.load("six-2.19").log
    assert facts(read(log, processes)) == facts(read(log, None))


def test_a_search_stays_in_its_lane_from_batch_to_batch(processes: Lanes) -> None:
    lane, number = processes.idlest(), processes.next_number()
    first = lane.submit(number, [Open(Opened(7)), Chunk(a_piece(b"ab", number=0))], fresh=True)
    second = lane.submit(number, [Chunk(a_piece(b"c", number=1)), Close(7, b"abc", b"")])
    assert (result(first), result(second)) == ([], [(7, [0, 1], [], None)])


def test_processes_start_behind_a_screen() -> None:
    """Textual's stand-in for stderr has no file descriptor, which multiprocessing asks for."""
    code = (
        "import io, sys\n"
        "class Capture(io.StringIO):\n"
        "    def fileno(self): return -1\n"
        "from parsers.attribution.lanes import Lanes\n"
        "if __name__ == '__main__':\n"
        "    sys.stderr = Capture()\n"
        "    lanes = Lanes.of_processes(1)\n"
        "    print(lanes.idlest().executor.submit(int, '3').result())\n"
        "    lanes.close()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("3\n", 0), done.stderr


def test_the_death_of_a_process_is_told() -> None:
    lanes = Lanes.of_processes(1)
    lane = lanes.idlest()
    assert lane.executor.submit(int, "3").result() == 3
    dying: Future[object] = lane.executor.submit(os._exit, 1)
    dying.exception()
    with pytest.raises(LaneError, match="SSHDEBUG_PROCESSES=1"):
        lane.submit(lanes.next_number(), [], fresh=True)
    lanes.close()


def test_a_death_while_a_batch_is_done_is_told_by_its_result(monkeypatch: pytest.MonkeyPatch) -> None:
    lanes = Lanes.of_processes(1)
    lane = lanes.idlest()
    lane.executor.submit(int, "3").result()
    monkeypatch.setattr(module, "_MUCH", 0)
    search = Search(lanes)
    search.opened(a_command(0))
    search.chunk(a_piece(b"x", number=0))
    search.closed(a_command(0), b"x", b"")
    search.opened(a_command(1))
    lane.executor.submit(os._exit, 1)
    with pytest.raises(LaneError):
        search.finish()
    lanes.close()


def test_making_room_waits_until_few_batches_wait() -> None:
    gate = threading.Event()
    executor = ThreadPoolExecutor(1)
    executor.submit(gate.wait)
    lanes = Lanes(lambda: [executor])
    lane, number = lanes.idlest(), lanes.next_number()
    futures: list[Future[list[Answer]]] = [lane.submit(number, [], fresh=True) for _ in range(5)]
    lanes.make_room(5)
    assert lane.load() == 5
    opener = threading.Timer(0.01, gate.set)
    opener.start()
    lanes.make_room(2)
    assert sum(future.done() for future in futures) >= 3
    lanes.close()


def test_no_process_is_started_before_there_is_work() -> None:
    started: list[None] = []

    def start() -> list[ThreadPoolExecutor]:
        started.append(None)
        return [ThreadPoolExecutor(1)]

    lanes = Lanes(start)
    lanes.make_room()
    lanes.close()
    assert not started
    assert lanes.idlest().load() == 0
    assert len(started) == 1
