"""The chunk viewer's rows: frame, pipe, attribution, search, and a command's tuple in place of chunks."""

from __future__ import annotations

from pathlib import Path

from parsers.log_model import LogModel
from parsers.model import Stage, Stream
from parsers.raw import LineIndex, LogReader
from tests.tui.hand import chunk_file, command
from tui.widgets.chunks import ChunkRows, TupleRows, WordRows
from tui.widgets.layout import ChunkLayout
from tui.widgets.needle import Needle
from tui.widgets.rowsource import plain


def rows_of(path: Path, *, owned: bool = True) -> ChunkRows:
    model = LogModel()
    texts = [
        (Stream.STDERR, b"OpenSSH_9.2p1\ndebug1: Connecting\n"),
        (Stream.STDOUT, b"/home/deploy\n"),
        (Stream.STDOUT, b""),
    ]
    chunk_file(path, texts, model, command(0, Stage.HOME) if owned else None)
    index = LineIndex()
    index.feed(path.read_bytes())
    layout = ChunkLayout(model.chunks, range(3), LogReader(path, index))
    layout.extend(10)
    return ChunkRows(layout, began=0.0, own=None if owned else (6, 7))


def test_each_read_is_framed_with_time_pipe_state_and_attribution(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "log")
    assert [plain(rows.row(at, 80)) for at in range(len(rows))] == [
        " +2.00000 stderr state 3 exact line 1  >>>",
        "err ▏OpenSSH_9.2p1",
        "err ▏debug1: Connecting",
        "<<<",
        " +3.00000 stdout state 3 exact line 5  >>>",
        "out ▏/home/deploy",
        "<<<",
        " +4.00000 stdout state 3 exact line 8  >>> <<<  end of the pipe",
    ]
    assert [rows.line(at) for at in range(len(rows))] == [1, 2, 3, 3, 5, 6, 6, 8]


def test_what_cannot_be_known_is_said(tmp_path: Path) -> None:
    assert "? host unknown" in plain(rows_of(tmp_path / "log", owned=False).row(0, 80))


def test_lines_outside_the_stage_are_muted_and_debug_noise_always(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "log", owned=False)
    roles = [rows.row(at, 80).pieces[1][1] for at in (1, 2, 5)]
    assert roles == ["debug", "debug", "debug"]
    own = rows_of(tmp_path / "log")
    assert [own.row(at, 80).pieces[1][1] for at in (1, 2, 5)] == ["err", "debug", "out"]


def test_search_finds_rows(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "log")
    found = [row for batch in rows.search(Needle("o"), lambda: False) for row in batch]
    assert found == [1, 2, 5]
    assert list(rows.search(Needle("o"), lambda: True)) == [[]]


def test_the_cursor_goes_to_a_line_of_the_log_or_to_the_chunk_below_it(tmp_path: Path) -> None:
    rows = rows_of(tmp_path / "log")
    assert [rows.row_at_line(line) for line in (1, 2, 5, 6, 100)] == [0, 1, 4, 5, 7]


def test_a_chunk_is_copied_as_it_is(tmp_path: Path) -> None:
    assert rows_of(tmp_path / "log").copied(2) == "OpenSSH_9.2p1\ndebug1: Connecting\n"


def test_a_tuple_s_output_stands_for_chunks() -> None:
    rows = TupleRows(((Stream.STDOUT, b"/home/deploy\n"), (Stream.STDERR, b"Warning\n")), 12, 0)
    assert [plain(rows.row(at, 80)) for at in range(len(rows))][1:] == ["out ▏/home/deploy", "err ▏Warning"]
    assert rows.line(1) == 12


def test_words_take_no_cursor() -> None:
    assert not WordRows("nothing").selectable(0)
