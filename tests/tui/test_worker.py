"""The reader's thread, run here on the test's own thread: what it posts, and what it survives."""

from __future__ import annotations

import threading
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest
from textual.message import Message

from parsers.analysis import Analysis
from parsers.attribution import search
from parsers.attribution.lanes import Lanes
from parsers.model import Status
from tests.tui.hand import SAMPLES, HandRun, HandSource
from tui import worker
from tui.sources.base import SourceError
from tui.worker import LogAdvanced, LogFailed, LogWorker, OpenLog, RunEnded


def read(source: HandSource, lanes: Lanes | None = None) -> list[Message]:
    """Reads `source` to its end, and gives what was posted."""
    posted: list[Message] = []
    log = OpenLog(0, source, Analysis(lanes=lanes))
    LogWorker(log, posted.append, lambda: False, threading.Event()).run()
    return posted


def test_an_old_log_ends_with_one_finished_message() -> None:
    path = SAMPLES / "ping-ok-2.16.log"
    last = read(HandSource(path))[-1]
    assert isinstance(last, LogAdvanced)
    assert last.finished
    assert last.read == path.stat().st_size
    assert last.lines == path.read_bytes().count(b"\n")
    assert len(last.model.runs) == 1


def test_what_is_open_while_an_old_log_is_read_is_no_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "CALM", 0.0)
    monkeypatch.setattr(worker, "EVERY", 0.0)
    seen: list[tuple[bool, set[Status]]] = []

    def post(message: Message) -> None:
        assert isinstance(message, LogAdvanced)
        seen.append((message.finished, {host.status for _, host in message.model.hosts()}))

    log = OpenLog(0, HandSource(SAMPLES / "open-module-2.19.log"), Analysis())
    LogWorker(log, post, lambda: False, threading.Event()).run()
    assert len(seen) > 3
    assert not any(Status.STALLED in found for finished, found in seen if not finished)
    assert Status.STALLED in seen[-1][1]


def test_a_source_that_breaks_is_said_with_its_name_and_keeps_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes((SAMPLES / "ping-ok-2.16.log").read_bytes()[:20_000])

    class Breaks(HandSource):
        def read(self) -> bytes:
            block = super().read()
            if not block:
                raise SourceError("the disk went away")
            return block

    failed, last = read(Breaks(path, name="x.log"))[-2:]
    assert isinstance(failed, LogFailed)
    assert failed.text == "x.log: the disk went away"
    assert isinstance(last, LogAdvanced)
    assert last.read == 20_000


def dead() -> Lanes:
    """Lanes whose process has died."""
    executor = ThreadPoolExecutor(1)

    def broken(*given: object, **named: object) -> NoReturn:
        raise BrokenExecutor

    executor.submit = broken  # type: ignore[method-assign]
    return Lanes(lambda: [executor])


def test_the_death_of_another_process_is_said_and_what_was_shown_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_MUCH", 0)
    monkeypatch.setattr(worker, "CALM", 0.0)
    monkeypatch.setattr(worker, "EVERY", 0.0)
    shown, failed = read(HandSource(SAMPLES / "ping-ok-2.19.log"), dead())[-2:]
    assert isinstance(shown, LogAdvanced)
    assert not shown.finished
    assert isinstance(failed, LogFailed)
    assert failed.text.startswith("hand.log: a process that tells chunks apart was killed")


def test_lanes_change_nothing_of_what_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_MUCH", 0)
    lanes = Lanes(lambda: [ThreadPoolExecutor(1), ThreadPoolExecutor(1)])
    path = SAMPLES / "ping-ok-2.19.log"
    there, here = read(HandSource(path), lanes)[-1], read(HandSource(path))[-1]
    assert isinstance(there, LogAdvanced)
    assert isinstance(here, LogAdvanced)
    told = [[(chunk.place, chunk.command and chunk.command.index) for chunk in m.model.chunks] for m in (there, here)]
    assert told[0] == told[1]
    assert there.findings == here.findings
    lanes.close()


def test_a_run_that_ended_says_its_code_and_where_the_recording_is(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_bytes(b"")
    source = HandRun(path)
    source.end(2)
    ended = read(source)[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.code, ended.path) == (2, path)


def test_a_live_source_that_is_told_to_stop_is_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_bytes(b"PLAY [all] ****\n")
    stop, posted = threading.Event(), list[Message]()

    def post(message: Message) -> None:
        posted.append(message)
        stop.set()

    LogWorker(OpenLog(0, HandSource(path, live=True), Analysis()), post, lambda: False, stop).run()
    assert len(posted) == 1
    assert isinstance(posted[0], LogAdvanced)
    assert not posted[0].finished


def test_a_newer_message_replaces_only_one_of_the_same_log() -> None:
    first, other = (read(HandSource(SAMPLES / "ping-ok-2.16.log"))[-1] for _ in range(2))
    assert isinstance(first, LogAdvanced)
    assert isinstance(other, LogAdvanced)
    assert first.can_replace(other)
    other.log = 1
    assert not first.can_replace(other)


def test_notes_carry_the_source_s_own(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"")
    source = HandSource(path)
    log = OpenLog(0, source, Analysis())
    assert log.notes() == []
    source.notes = ["cut short"]  # type: ignore[attr-defined]
    log.error = "broken"
    assert log.notes() == [(None, "broken", "bad"), (None, "cut short", "text")]
    assert log.warns()


def test_a_hold_within_a_hold_does_not_wait_for_who_waits_for_the_outer_one(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"")
    log = OpenLog(0, HandSource(path), Analysis())
    held, wanted, done = threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        with log.writing():
            held.set()
            wanted.wait()
            while not log._waiting:
                pass
            with log.writing():
                done.set()

    def look() -> None:
        held.wait()
        wanted.set()
        with log.reading():
            pass

    threads = [threading.Thread(target=write, daemon=True), threading.Thread(target=look, daemon=True)]
    for thread in threads:
        thread.start()
    assert done.wait(30.0)
    for thread in threads:
        thread.join(30.0)
        assert not thread.is_alive()


def test_an_old_log_without_ansible_says_so_and_what_to_give(tmp_path: Path) -> None:
    """The screen would be empty, with no word why."""
    path = tmp_path / "x.log"
    path.write_bytes(b"Dear diary\nnothing happened\n")
    log = OpenLog(0, HandSource(path), Analysis(), lines=2)
    assert log.notes() == []
    log.finished = True
    ((line, words, _),) = log.notes()
    assert (line, words.startswith("hand.log has no Ansible in it: 2 lines of text; give the output of")) == (1, True)
    assert log.warns()
