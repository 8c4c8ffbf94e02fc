"""The raw log's rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.raw import MAX_SHOWN, LineIndex, LogReader
from tui.widgets.needle import Needle
from tui.widgets.rawlog import FileRows, role_of
from tui.widgets.rowsource import plain


def rows_of(path: Path, raw: bytes, marked: frozenset[int] = frozenset()) -> FileRows:
    path.write_bytes(raw)
    index = LineIndex()
    index.feed(raw)
    return FileRows(LogReader(path, index), marked)


def test_lines_have_numbers_and_evidence_its_mark(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "log", b"one\r\ntwo\nthree", frozenset({2}))
    assert [plain(rows.row(at, 80)) for at in range(len(rows))] == ["   1  one", "   2  two", "   3  three"]
    assert [rows.row(at, 80).mark for at in range(3)] == [False, True, False]


def test_any_of_many_lines_is_there_at_once(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "log", b"".join(b"line %d\n" % at for at in range(100_000)))
    for at in (0, 255, 256, 99_999, 50_000):
        assert rows.raw(at) == b"line %d" % at


def test_a_line_of_many_megabytes_is_cut_and_said_to_be(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "log", b"x" * 5_000_000 + b"\nend\n")
    assert plain(rows.row(0, 80)).endswith(f"… cut at {MAX_SHOWN:,} bytes")
    assert rows.raw(1) == b"end"


def test_growth_is_taken_in_and_a_half_line_is_read_again(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "log", b"one\nhal")
    assert rows.raw(1) == b"hal"
    with (tmp_path / "log").open("ab") as file:
        file.write(b"f\nthree\n")
    rows.reader.index.feed(b"f\nthree\n")
    rows.grown(3)
    assert [rows.raw(at) for at in range(3)] == [b"one", b"half", b"three"]


def test_search_runs_over_the_file(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "log", b"Permission denied\nok\npermission denied\n")
    found = [row for batch in rows.search(Needle("permission"), lambda: False) for row in batch]
    assert found == [0, 2]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("  7231 1795515002.84857: Loaded config", "debug"),
        ("debug1: Connecting", "debug"),
        (">>>debug2: fd 3", "debug"),
        ("fatal: [db1]: FAILED!", "bad"),
        ("[WARNING]: x", "warn"),
        ("TASK [ping] ***", "accent"),
        ("Permission denied", "text"),
    ],
)
def test_noise_is_muted_and_what_matters_stands_out(text: str, role: str) -> None:
    assert role_of(text) == role
