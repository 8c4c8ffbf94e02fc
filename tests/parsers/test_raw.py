"""Any line of a log can be had by its number, whatever the blocks it came in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import raw
from parsers.raw import STRIDE, LineIndex, LogReader
from tests.parsers.helpers import pieces

# Lines enough to pass several marks, without a file of megabytes.
DATA = st.lists(
    st.sampled_from([b"\n", b"x\n", b"\n" * (STRIDE - 1), b"ab\r\n" * STRIDE, b"\n" * (2 * STRIDE), b"tail"])
    | st.binary(max_size=12),
    max_size=12,
).map(b"".join)


def truth(data: bytes) -> list[bytes]:
    """The lines of `data`: a last one without a line feed counts."""
    lines = data.split(b"\n")
    return lines[:-1] if not lines[-1] else lines


def index_of(blocks: list[bytes]) -> LineIndex:
    """An index fed with the blocks."""
    index = LineIndex()
    for block in blocks:
        index.feed(block)
    return index


@given(DATA, st.lists(st.integers(0, 3000), max_size=12))
def test_the_index_does_not_depend_on_the_blocks(data: bytes, cuts: list[int]) -> None:
    cut, whole = index_of([*pieces(data, cuts), b""]), index_of([data])
    lines = truth(data)
    assert (cut.bytes, cut.lines) == (whole.bytes, whole.lines) == (len(data), len(lines))
    for line in (0, 1, 2, STRIDE, STRIDE + 1, STRIDE * 2 + 1, len(lines), len(lines) + STRIDE):
        offset, number = cut.start(line)
        assert (offset, number) == whole.start(line)
        assert number <= max(line, 1)
        assert data[:offset].count(b"\n") == number - 1
        assert offset == 0 or data[offset - 1 : offset] == b"\n"


@settings(max_examples=60)
@given(DATA, st.integers(0, 1400), st.integers(0, 700))
def test_any_lines_are_what_the_file_holds(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, first: int, count: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.log"
    path.write_bytes(data)
    with LogReader(path, index_of([data])) as reader:
        start = max(first, 1) - 1
        assert reader.lines(first, count) == truth(data)[start : start + count]


def test_lines_across_read_blocks(tmp_path: Path) -> None:
    lines = [bytes([65 + number % 26]) * (number * 37 % 9000) for number in range(600)]
    data = b"\n".join(lines) + b"\n"
    (tmp_path / "a.log").write_bytes(data)
    with LogReader(tmp_path / "a.log", index_of([data])) as reader:
        for first in (1, 2, 200, 256, 257, 300, 599, 600, 601):
            assert reader.lines(first, 7) == lines[first - 1 : first + 6]


@given(st.binary(max_size=60), st.integers(0, 70), st.integers(0, 70))
def test_bytes_are_read_as_they_are(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: int, end: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.log"
    path.write_bytes(data)
    with LogReader(path, index_of([data])) as reader:
        assert reader.read(start, end) == data[start:end]


def test_a_huge_line_is_cut_and_the_next_one_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "MAX_SHOWN", 100)
    data = b"a" * 200_000 + b"\nnext\n" + b"b" * 150 + b"\nlast" + b"c" * 200
    (tmp_path / "a.log").write_bytes(data)
    with LogReader(tmp_path / "a.log", index_of([data])) as reader:
        assert reader.lines(1, 10) == [b"a" * 100, b"next", b"b" * 100, (b"last" + b"c" * 200)[:100]]
        assert reader.lines(2, 1) == [b"next"]


def test_a_file_that_was_truncated_gives_less(tmp_path: Path) -> None:
    data = b"line\n" * 1000
    path = tmp_path / "a.log"
    path.write_bytes(data)
    with LogReader(path, index_of([data])) as reader:
        path.write_bytes(data[:52])
        assert reader.lines(1, 100) == [b"line"] * 10 + [b"li"]
        assert reader.lines(600, 10) == []
        assert reader.read(0, 5000) == data[:52]
        path.write_bytes(b"")
        assert reader.lines(1, 100) == []


def test_a_file_that_grew_after_the_index_gives_what_is_known(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo\nthree\n")
    with LogReader(path, index_of([b"one\ntw"])) as reader:
        assert reader.lines(1, 9) == [b"one", b"tw"]
        reader.index.feed(b"o\nthree\n")
        assert reader.lines(1, 9) == [b"one", b"two", b"three"]


def test_a_file_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LogReader(tmp_path / "none.log", LineIndex())
