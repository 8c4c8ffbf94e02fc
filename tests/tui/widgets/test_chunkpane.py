"""Which rows stand for a stage, and what becomes of them when the log goes on."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from parsers.analysis import Analysis
from parsers.log_model import LogModel
from parsers.model import Stage, Status, Stream
from parsers.ssh.transcript import Line
from tests.tui.hand import SAMPLES, HandSource, chunk_file, command, host, model, opened, screen_text, settled, stage
from tui.screens.main import MainScreen
from tui.widgets.chunks import ChunkRows, TupleRows, WordRows
from tui.widgets.rowsource import plain
from tui.worker import OpenLog


def log_with(path: Path, texts: list[tuple[Stream, bytes]]) -> tuple[OpenLog, LogModel]:
    found = model(host("web1", stages=[stage(Stage.HOME, command=command(0, Stage.HOME))]))
    owner = found.runs[0].hosts["web1"].tasks[0].stages[0].command
    chunk_file(path, texts, found, owner)
    log = OpenLog(0, HandSource(path), Analysis(), model=found)
    log.analysis.index.feed(path.read_bytes())
    log.chunks = len(texts)
    return log, found


def rows_of(pane: object) -> list[str]:
    source = pane.view.source  # type: ignore[attr-defined]
    return [plain(source.row(at, 80)) for at in range(len(source))]


async def test_growth_keeps_the_place_and_a_chunk_that_changes_hands_makes_new_rows(tmp_path: Path) -> None:
    path = tmp_path / "hand.log"
    log, found = log_with(path, [(Stream.STDOUT, b"one\n"), (Stream.STDOUT, b"two\n"), (Stream.STDOUT, b"three\n")])
    run = found.runs[0]
    first = run.hosts["web1"].tasks[0].stages[0]
    assert first.command is not None
    async with opened(HandSource(path)) as (app, pilot):
        assert isinstance(app.screen, MainScreen)
        pane = app.screen.chunk_pane
        log.chunks = 2
        pane.show_stage(log, run, first)
        await settled(pilot)
        assert [row for row in rows_of(pane) if "▏" in row] == ["out ▏one", "out ▏two"]
        shown = pane.view.source
        pane.view.move_cursor(4)
        log.chunks = 3
        pane.show_stage(log, run, first)
        await settled(pilot)
        assert pane.view.source is shown
        assert pane.view.cursor == 4
        assert rows_of(pane)[-2] == "out ▏three"
        first.command.chunks = array("L", [0, 2])
        pane.show_stage(log, run, first)
        await settled(pilot)
        assert [row for row in rows_of(pane) if "▏" in row] == ["out ▏one", "out ▏three"]


async def test_it_opens_at_the_evidence_and_marks_it(tmp_path: Path) -> None:
    path = tmp_path / "hand.log"
    log, found = log_with(path, [(Stream.STDERR, b"debug1: x\nPermission denied\n"), (Stream.STDOUT, b"")])
    run = found.runs[0]
    async with opened(HandSource(path)) as (app, pilot):
        assert isinstance(app.screen, MainScreen)
        pane = app.screen.chunk_pane
        pane.show_stage(log, run, run.hosts["web1"].tasks[0].stages[0], marked=[3, 90])
        await settled(pilot)
        assert isinstance(pane.view.source, ChunkRows)
        assert pane.view.cursor == 2
        assert [pane.view.source.row(at, 80).mark for at in range(4)] == [False, False, True, False]
        assert "◆err ▏Permission denied" in screen_text(app)


async def test_without_evidence_a_failure_opens_at_its_last_words(tmp_path: Path) -> None:
    """Those are what is looked for, and not ssh's first lines nor the closed connection; evidence that comes later
    is gone to, where nobody has moved."""
    path = tmp_path / "hand.log"
    texts = [(Stream.STDERR, b"debug1: x\n"), (Stream.STDOUT, b"no such user\n"), (Stream.STDERR, b"debug1: y\n")]
    log, found = log_with(path, texts)
    run = found.runs[0]
    bad = run.hosts["web1"].tasks[0].stages[0]
    bad.status = Status.FAILED
    assert bad.command is not None
    bad.command.transcript.plain = [
        Line(0, 5, "no such user", False),
        Line(0, 8, "Shared connection to 192.0.2.7 closed.", True),
    ]
    async with opened(HandSource(path)) as (app, pilot):
        assert isinstance(app.screen, MainScreen)
        pane = app.screen.chunk_pane
        pane.show_stage(log, run, bad)
        await settled(pilot)
        assert rows_of(pane)[pane.view.cursor] == "out ▏no such user"
        pane.show_stage(log, run, bad, marked=[2])
        await settled(pilot)
        assert rows_of(pane)[pane.view.cursor] == "err ▏debug1: x"


async def test_without_words_it_opens_at_the_last_chunk(tmp_path: Path) -> None:
    path = tmp_path / "hand.log"
    log, found = log_with(path, [(Stream.STDERR, b"debug1: x\n"), (Stream.STDERR, b"debug3: send packet: type 90\n")])
    run = found.runs[0]
    bad = run.hosts["web1"].tasks[0].stages[0]
    bad.status = Status.STALLED
    async with opened(HandSource(path)) as (app, pilot):
        assert isinstance(app.screen, MainScreen)
        pane = app.screen.chunk_pane
        pane.show_stage(log, run, bad)
        await settled(pilot)
        assert pane.view.cursor == 3


def test_where_the_log_has_no_chunks_the_last_words_are_looked_for_in_the_output() -> None:
    err = b"OpenSSH_9.2p1 x\ndebug1: x\nAuthenticated to x\nShared connection to 192.0.2.7 closed.\n"
    assert TupleRows(((Stream.STDOUT, b"one\ntwo\n"), (Stream.STDERR, err)), 9, 1).last_words() == 2
    assert TupleRows(((Stream.STDERR, err + b"Permission denied\ndebug1: y\n"),), 9, 255).last_words() == 5
    assert TupleRows(((Stream.STDERR, err),), 9, 255).last_words() == 4


async def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    path = tmp_path / "hand.log"
    log, found = log_with(path, [(Stream.STDOUT, b"one\n")])
    run = found.runs[0]
    async with opened(HandSource(path)) as (app, pilot):
        assert isinstance(app.screen, MainScreen)
        pane = app.screen.chunk_pane
        path.unlink()
        pane.show_stage(log, run, run.hosts["web1"].tasks[0].stages[0])
        await settled(pilot)
        assert isinstance(pane.view.source, WordRows)
        assert "cannot be opened any more" in screen_text(app)


@pytest.mark.parametrize("before", [b"", b"ansible-1  | ", b"2026-11-24T10:26:15.178Z "])
async def test_what_stands_before_each_line_of_the_log_is_no_text_of_a_chunk(tmp_path: Path, before: bytes) -> None:
    path = tmp_path / "run.log"
    raw = (SAMPLES / "tmpdir-permission-2.19.log").read_bytes()
    path.write_bytes(b"".join(before + line for line in raw.splitlines(keepends=True)))
    async with opened(HandSource(path)) as (app, pilot):
        assert isinstance(app.screen, MainScreen)
        await settled(pilot)
        rows = rows_of(app.screen.chunk_pane)
        assert "err ▏debug2: Received exit status from master 1" in rows
        assert not any("ansible-1" in row or "2026-11-24T" in row for row in rows)
