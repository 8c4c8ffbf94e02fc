"""Where the rows of chunks are, against a plain count over the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from parsers.log_model import LogModel
from parsers.model import Stream
from parsers.raw import MAX_SHOWN, LineIndex, LogReader
from tests.tui.hand import chunk_file
from tui.widgets import layout as layout_module
from tui.widgets.layout import ChunkLayout


def laid_out(path: Path, texts: list[bytes]) -> ChunkLayout:
    model = LogModel()
    chunk_file(path, [(Stream.STDERR, text) for text in texts], model)
    index = LineIndex()
    index.feed(path.read_bytes())
    layout = ChunkLayout(model.chunks, range(len(texts)), LogReader(path, index))
    while not layout.complete:
        layout.extend(0)
    return layout


def expected(texts: list[bytes]) -> list[bytes]:
    rows = []
    for text in texts:
        lines = text.split(b"\n")
        if not lines[-1]:
            lines.pop()
        rows += [b"header", *lines, b"<<<"] if lines else [b"header"]
    return rows


def shown(layout: ChunkLayout) -> list[bytes]:
    rows = []
    for row in range(layout.rows):
        position, inner = layout.locate(row)
        if inner == 0:
            rows.append(b"header")
        elif inner == layout.height(position) - 1:
            rows.append(b"<<<")
        else:
            rows.append(layout.text(position, inner - 1))
    return rows


TEXTS = st.lists(st.lists(st.sampled_from([b"a", b"\n", b"bc", b"<<<", b">>>"]), max_size=8).map(b"".join), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(TEXTS, st.sampled_from([1 << 18, 3]))
@example([b"\n<<<\n"], 3)
def test_every_row_shows_its_line(tmp_path_factory: pytest.TempPathFactory, texts: list[bytes], whole: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # 3 bytes: nearly every chunk is then read through the index of lines, as one of many megabytes is.
        patch.setattr(layout_module, "WHOLE", whole)
        layout = laid_out(tmp_path_factory.mktemp("chunks") / "log", texts)
        assert shown(layout) == expected(texts)


def test_one_line_of_many_megabytes_is_cut(tmp_path: Path) -> None:
    layout = laid_out(tmp_path / "log", [b"x" * 5_000_000 + b"\nlast\n"])
    assert layout.rows == 4
    assert len(layout.text(0, 0)) == MAX_SHOWN
    assert layout.text(0, 1) == b"last"


def test_a_file_that_became_shorter_gives_less_and_no_error(tmp_path: Path) -> None:
    layout = laid_out(tmp_path / "log", [b"one\ntwo\n"])
    (tmp_path / "log").write_bytes(b"")
    assert layout.text(0, 1) == b""


def test_a_record_that_turned_out_to_be_text_has_no_rows_of_its_own(tmp_path: Path) -> None:
    path, model = tmp_path / "log", LogModel()
    chunk_file(path, [(Stream.STDOUT, text) for text in (b"one\n", b"fake\n", b"two\n")], model)
    model.chunks.absorb(0, 1)
    index = LineIndex()
    index.feed(path.read_bytes())
    layout = ChunkLayout(model.chunks, range(3), LogReader(path, index))
    layout.extend(1)
    rows = shown(layout)
    assert [layout.locate(row)[0] for row in range(layout.rows)].count(1) == 0
    assert (rows[0], rows[1], rows[-3:]) == (b"header", b"one", [b"header", b"two", b"<<<"])
    assert b">>>fake" in rows
