"""What is selected, without a screen."""

from __future__ import annotations

from pathlib import Path

from parsers.analysis import Analysis
from parsers.model import Run, Stage, Status, Stream
from tests.tui.hand import HandSource, chunk_file, command, finding, host, model, ping_model, stage
from tui.widgets.hosts import host_lines
from tui.widgets.selection import Selected, first_row, has_unknown, next_problem, row_of, run_chunks
from tui.worker import OpenLog


def opened(path: Path, found: object) -> OpenLog:
    if not path.exists():
        path.write_bytes(b"")
    return OpenLog(0, HandSource(path), Analysis(), model=found)  # type: ignore[arg-type]


def test_the_stage_that_broke_comes_first_else_the_newest(tmp_path: Path) -> None:
    lines = host_lines([opened(tmp_path / "x", ping_model())])
    assert [str(Selected(line).stage().stage) for line in lines] == ["exec", "tmpdir", "exec"]  # type: ignore[union-attr]
    assert str(Selected(lines[1], stage_index=0).stage().stage) == "connect"  # type: ignore[union-attr]
    assert Selected(lines[1]).place() == (1, 1)
    assert Selected().stage() is None


def test_findings_are_those_of_the_chosen_stage_and_errors_come_first(tmp_path: Path) -> None:
    log = opened(tmp_path / "x", ping_model())
    log.findings = [finding("db1"), finding("web1")]
    line = host_lines([log])[1]
    assert Selected(line).findings() == [log.findings[0]]
    assert Selected(line, stage_index=2).findings() == [log.findings[0]]
    assert Selected(line, stage_index=0).findings() == []


def test_problems_go_around(tmp_path: Path) -> None:
    lines = host_lines([opened(tmp_path / "x", model(host("a", Status.FAILED), host("b"), host("c", Status.STALLED)))])
    assert [next_problem(lines, at, 1) for at in range(3)] == [2, 2, 0]
    assert [next_problem(lines, at, -1) for at in range(3)] == [2, 0, 0]
    assert next_problem([], 0, 1) is None


def test_where_to_stand_until_somebody_chooses(tmp_path: Path) -> None:
    found = model(host("a"), host("b", Status.FAILED))
    found.notes.append((None, "a note"))
    lines = host_lines([opened(tmp_path / "x", found)])
    assert [line.about or line.host.name for line in lines] == ["the log", "a", "b"]  # type: ignore[union-attr]
    assert first_row(lines, 0, finished=False) == 1
    assert first_row(lines, 2, finished=False) == 2
    assert first_row(lines, 1, finished=True) == 2
    assert first_row(lines[:1], None, finished=False) == 0
    assert first_row([], None, finished=True) is None


def test_chunks_belong_to_the_run_that_their_lines_are_in(tmp_path: Path) -> None:
    found = model(host("a"))
    chunk_file(tmp_path / "x", [(Stream.STDOUT, b"a\n")] * 4, found)
    second = Run(1, found.chunks[2].place)
    found.runs.append(second)
    log = opened(tmp_path / "x", found)
    log.chunks = 4
    assert run_chunks(log, found.runs[0]) == range(2)
    assert run_chunks(log, second) == range(2, 4)


def test_unknown_chunks_in_a_stage_s_lines(tmp_path: Path) -> None:
    found = model(host("a"))
    chunk_file(tmp_path / "x", [(Stream.STDOUT, b"a\n")], found)
    log = opened(tmp_path / "x", found)
    log.chunks = 1
    assert has_unknown(log, stage(Stage.HOME, line=1))
    assert not has_unknown(log, stage(Stage.HOME, line=5))
    chunk_file(tmp_path / "y", [(Stream.STDOUT, b"a\n")], known := model(host("a")), command(0, Stage.HOME))
    log = opened(tmp_path / "y", known)
    log.chunks = 1
    assert not has_unknown(log, stage(Stage.HOME, line=1))


def test_a_finding_chooses_its_host_task_and_stage(tmp_path: Path) -> None:
    log = opened(tmp_path / "x", ping_model())
    lines = host_lines([log])
    row = row_of(lines, log, finding("db1"))
    assert row == 1
    chosen = Selected(lines[row])
    chosen.choose(finding("db1", of=Stage.HOME))
    assert (chosen.task_index, chosen.stage_index) == (0, 1)
    chosen.choose(finding("db1", of=Stage.CHMOD))
    assert (chosen.task_index, chosen.stage_index) == (0, 1)
    assert row_of(lines, log, finding("nobody")) is None
    assert row_of(lines, log, finding(None)) is None
