"""A log by offset, with lines that are not counted yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.raw import LineIndex, LogReader
from tui.widgets.needle import Needle
from tui.widgets.offsets import BEFORE, OffsetRows, line_at, place_of
from tui.widgets.rowsource import plain

LINES = [b"line %d of the log, with some more text behind it" % at for at in range(1, 40_001)]
DATA = b"\n".join(LINES) + b"\n"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("offsets") / "log"
    found.write_bytes(DATA)
    return found


def reader(path: Path, read: int) -> LogReader:
    """A reader whose index has got `read` bytes far."""
    index = LineIndex()
    index.feed(DATA[:read])
    return LogReader(path, index)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("50%", (500, None)),
        (" 12.5 % ", (125, None)),
        ("100%", (1000, None)),
        ("900%", (1000, None)),
        ("1,234", (None, 1234)),
        ("0", (None, 1)),
        ("", None),
        ("x", None),
        ("1.5", None),
        ("-3%", None),
        ("١%", None),
    ],
)
def test_what_can_be_typed(text: str, place: tuple[int | None, int | None] | None) -> None:
    assert place_of(text, 1000) == place


@given(offset=st.integers(0, len(DATA) - 1))
def test_the_line_of_an_offset(path: Path, offset: int) -> None:
    with reader(path, len(DATA)) as opened:
        assert line_at(opened, offset) == DATA[:offset].count(b"\n") + 1
    with reader(path, 1000) as opened:
        assert (line_at(opened, offset) is None) is (offset >= 1000)


@pytest.mark.parametrize("offset", [0, 100, BEFORE + 7, len(DATA) // 2, len(DATA) - 1, len(DATA)])
def test_the_row_at_an_offset_is_the_line_that_holds_it(path: Path, offset: int) -> None:
    with reader(path, 1000) as opened:
        rows = OffsetRows(opened, offset)
        expected = min(DATA[:offset].count(b"\n"), len(LINES) - 1)
        assert rows.copied(rows.at).encode() == LINES[expected]
        assert plain(rows.row(rows.at, 80)).startswith("~")
        around = LINES[expected + 1].decode() if expected + 1 < len(LINES) else ""
        assert not around or rows.copied(rows.at + 1) == around


def test_search_looks_through_what_is_there(path: Path) -> None:
    with reader(path, 1000) as opened:
        rows = OffsetRows(opened, len(DATA) // 2)
        hits = [at for found in rows.search(Needle(rows.copied(rows.at)), lambda: False) for at in found]
        assert hits == [rows.at]
