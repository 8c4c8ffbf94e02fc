"""A hint that a file changed, from the system's own notification; without one, a time limit and a sentence."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
import watchfiles

from tui.sources.base import PromptSource
from tui.sources.opening import open_log
from tui.sources.watch import FileWatch

FOR_EVER = 20.0
"""Seconds after which a wait that nothing ends has failed."""


class Counting(FileWatch):
    """Says whether a wait was ended by a change."""

    def woken(self, seconds: float = FOR_EVER) -> bool:
        found = self._changed.wait(seconds)
        self._changed.clear()
        return found


def begun(path: Path) -> Counting:
    """A watch that is known to be there: it has told of something."""
    watch = Counting(path)
    for number in range(200):
        path.with_name(path.name).write_bytes(b"%d" % number)
        if watch.woken(0.1):
            return watch
    pytest.skip(f"no notification on this system: {watch.trouble}")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "run.log"
    path.write_bytes(b"first line\n")
    return path


def test_a_written_file_wakes(log: Path) -> None:
    watch = begun(log)
    with log.open("ab") as file:
        file.write(b"second\n")
    assert watch.woken()
    watch.close()


def test_a_file_put_into_its_place_wakes(log: Path) -> None:
    watch = begun(log)
    new = log.with_name("new.log")
    new.write_bytes(b"another\n")
    new.replace(log)
    assert watch.woken()
    watch.close()


def test_a_close_wakes_whoever_waits(log: Path) -> None:
    watch = begun(log)
    waiting = threading.Thread(target=watch.wait, args=(FOR_EVER * 3,))
    waiting.start()
    watch.close()
    waiting.join(FOR_EVER)
    assert not waiting.is_alive()
    watch._thread.join(FOR_EVER)
    assert not watch.watching


def test_without_a_watch_the_time_limit_is_all(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`fs.inotify.max_user_watches` is used up: the log is looked at all the same, and the reason is told."""

    def refused(*_paths: object, **_options: object) -> None:
        raise OSError("OS file watch limit reached.")

    monkeypatch.setattr(watchfiles, "watch", refused)
    source = open_log(str(log), follow=True)
    assert isinstance(source, PromptSource)
    assert source.read() == b"first line\n"
    source.await_more(0.0)
    watch = source._watch  # type: ignore[attr-defined]
    watch._thread.join(FOR_EVER)
    with log.open("ab") as file:
        file.write(b"second\n")
    source.await_more(0.0)
    assert source.read() == b"second\n"
    source.await_more(0.0)
    (note,) = source.notes  # type: ignore[attr-defined]
    assert "OS file watch limit reached" in note
    source.close()


def test_a_pipe_wakes_when_something_comes() -> None:
    read, write = os.pipe()
    from tui.sources.files import Stream

    source = Stream("pipe", read, wait=False)
    os.write(write, b"a line\n")
    source.await_more(FOR_EVER)
    assert source.read() == b"a line\n"
    os.close(write)
    source.await_more(FOR_EVER)
    assert source.read() == b""
    assert not source.live
    source.await_more(FOR_EVER)
    source.close()
