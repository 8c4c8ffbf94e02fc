"""The recorder as a process: what goes in stands in the file, and where a disk is full it says so and moves."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.conftest import need
from tui.sources import recorder


class Recording:
    """A recorder with the test at its other ends."""

    def __init__(self, path: Path, *folders: Path) -> None:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        source, self.output = os.pipe()
        control, self.control = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", recorder.__file__, str(file), str(control), *map(str, folders)],
            stdin=source,
            stdout=subprocess.PIPE,
            pass_fds=(file, control),
        )
        for descriptor in (file, source, control):
            os.close(descriptor)

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.output, data) :]

    def line(self) -> str:
        """The next thing that it says."""
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], 20)[0], "it says nothing"
        return self.process.stdout.readline().decode().strip()

    def end(self) -> None:
        os.close(self.output)
        assert self.process.wait(20) == 0


def test_bytes_are_kept_as_they_are(tmp_path: Path) -> None:
    """And it ends when nobody can write any more."""
    recording = Recording(tmp_path / "log")
    data = bytes(range(256)) * 5000
    recording.write(data)
    recording.end()
    assert (tmp_path / "log").read_bytes() == data
    assert recording.line() == "drained"


def test_the_end_of_the_command_is_told_while_others_hold_the_pipe(tmp_path: Path) -> None:
    """What comes from them afterwards is recorded all the same."""
    recording = Recording(tmp_path / "log")
    recording.write(b"x" * 50_000)
    os.close(recording.control)
    assert recording.line() == "drained"
    assert (tmp_path / "log").stat().st_size == 50_000
    recording.write(b"late")
    recording.end()
    assert (tmp_path / "log").read_bytes().endswith(b"xlate")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 200 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)], check=False)
    need("mount" if done.returncode == 0 else None, "a tmpfs (mount, as root)")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(small: Path, tmp_path: Path) -> None:
    """The whole recording goes on in the first folder with room, for the user alone."""
    other = tmp_path / "other"
    other.mkdir()
    recording = Recording(small / "log", tmp_path / "missing", small, other)
    data = b"".join(b"%06d\n" % number for number in range(60_000))
    recording.write(data)
    word, reason, path = recording.line().split(" ", 2)
    assert (word, os.strerror(int(reason))) == ("moved", "No space left on device")
    recording.end()
    assert Path(path).read_bytes() == data
    assert Path(path).is_relative_to(other)
    assert (Path(path).stat().st_mode & 0o777, Path(path).parent.stat().st_mode & 0o777) == (0o600, 0o700)
    kept = (small / "log").read_bytes()
    assert data.startswith(kept)
    assert len(kept) > 100_000
    assert list(small.iterdir()) == [small / "log"], "the try in the same full place is taken back"


def test_no_room_anywhere(small: Path, tmp_path: Path) -> None:
    """The command goes on, and it is said that its words are lost."""
    recording = Recording(small / "log", tmp_path / "missing")
    recording.write(b"x" * 1_000_000)
    assert recording.line().startswith("lost ")
    recording.write(b"x" * 1_000_000)
    recording.end()
    assert 100_000 < (small / "log").stat().st_size < 210_000
