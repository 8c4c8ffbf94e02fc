"""A log that grows, is truncated, rotated or edited: what is read is what is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.sources.base import GrowingSource, SourceError
from tui.sources.opening import open_log


def follow(path: Path) -> GrowingSource:
    source = open_log(str(path), follow=True)
    assert isinstance(source, GrowingSource)
    return source


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "run.log"
    path.write_bytes(b"first line\n")
    return path


def test_grows(log: Path) -> None:
    """What is added comes, once."""
    source = follow(log)
    assert source.live
    assert source.read() == b"first line\n"
    assert source.read() == b""
    with log.open("ab") as file:
        file.write(b"second ")
    assert source.read() == b"second "
    with log.open("ab") as file:
        file.write(b"line\n")
    assert source.read() == b"line\n"
    assert (source.restarts, source.size) == (0, log.stat().st_size)
    source.close()


def test_empty_at_first(tmp_path: Path) -> None:
    """A run that has not written anything yet is waited for."""
    path = tmp_path / "run.log"
    path.touch()
    source = follow(path)
    assert source.read() == b""
    path.write_bytes(b"text\n")
    assert (source.read(), source.restarts) == (b"text\n", 0)


def test_truncated(log: Path) -> None:
    """`> run.log` and copytruncate: a fresh log."""
    source = follow(log)
    source.read()
    os.truncate(log, 0)
    assert (source.read(), source.restarts) == (b"", 1)
    with log.open("ab") as file:
        file.write(b"new\n")
    assert (source.read(), source.restarts) == (b"new\n", 1)


def test_truncated_and_grown_past_the_place(log: Path) -> None:
    """A second run into the same file between two looks: its size alone does not tell."""
    source = follow(log)
    source.read()
    log.write_bytes(b"another run, and a longer one\n")
    assert (source.read(), source.restarts) == (b"another run, and a longer one\n", 1)


def test_truncated_and_grown_to_the_very_place(log: Path) -> None:
    """The same size, other bytes."""
    source = follow(log)
    source.read()
    log.write_bytes(b"FIRST LINE\n")
    assert (source.read(), source.restarts) == (b"FIRST LINE\n", 1)


def test_replaced(log: Path) -> None:
    """logrotate: the old one is read to its end, then the new one from its beginning."""
    source = follow(log)
    source.read()
    with log.open("ab") as file:
        log.rename(log.with_suffix(".1"))
        file.write(b"last words\n")
    assert (source.read(), source.restarts) == (b"last words\n", 0)
    assert (source.read(), source.restarts) == (b"", 0)  # gone, and no successor yet
    log.write_bytes(b"new\n")
    assert (source.read(), source.restarts) == (b"new\n", 1)
    assert (source.read(), source.restarts) == (b"", 1)


def test_a_binary_is_refused(log: Path) -> None:
    """Also when it takes the log's place."""
    source = follow(log)
    source.read()
    log.write_bytes(bytes(range(256)) * 10)
    with pytest.raises(SourceError, match="is binary"):
        source.read()


PIECES = st.lists(st.binary(min_size=1, max_size=40).map(lambda raw: raw.hex().encode() + b"\n"), max_size=8)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(runs=st.lists(PIECES, min_size=1, max_size=4))
def test_what_was_read_since_the_restart_is_the_file(runs: list[list[bytes]], tmp_path: Path) -> None:
    """A reader that begins anew when `restarts` changes always ends with the file's bytes."""
    path = tmp_path / "run.log"
    path.write_bytes(b"")
    source = follow(path)
    seen, restarts = b"", 0
    for run in runs:
        path.write_bytes(b"")
        for piece in [*run, b""]:
            with path.open("ab") as file:
                file.write(piece)
            block = source.read()
            if source.restarts != restarts:
                seen, restarts = b"", source.restarts
            seen += block
    assert seen == path.read_bytes()
    source.close()
