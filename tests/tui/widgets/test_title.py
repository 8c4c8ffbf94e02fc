"""What the title says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from parsers.analysis import Analysis
from parsers.findings import Severity
from parsers.log_model import LogModel
from parsers.model import RunStatus, Status
from tests.tui.hand import HandRun, HandSource, finding, host, model
from tui.widgets.hosts import host_lines
from tui.widgets.title import title_pieces
from tui.worker import OpenLog


def said(log: OpenLog, heading: str = "") -> tuple[str, str]:
    left, right = title_pieces([log], host_lines([log]), heading, 12.0)
    return "".join(text for text, _ in left), "".join(text for text, _ in right)


def test_what_is_open_and_how_many_problems(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * 1000)
    found = model(host("a", Status.FAILED), host("b", Status.STALLED), host("c"))
    log = OpenLog(0, HandSource(path), Analysis(), model=found, finished=True)
    assert said(log) == ("ping.yml · ansible-core 2.19.14 · complete", "1 host stuck · 2 problems")
    found.runs[0].status = RunStatus.INCOMPLETE
    assert "the log ends early" in said(log)[0]
    log.finished, log.bytes = False, 340
    assert said(log)[0].endswith("reading 34 % of 1 kB · 28 B/s · 00:23 left")
    assert "".join(text for text, _ in title_pieces([log], [], "", 0.5)[0]).endswith("reading 34 % of 1 kB")
    log.error = "x"
    assert said(log)[0].endswith("not read to its end")
    assert said(log, "my run")[0].startswith("my run ·")
    assert said(OpenLog(0, HandSource(path), Analysis(), model=model(host("a")), finished=True))[1] == "no problem"
    empty = OpenLog(0, HandSource(path), Analysis(), model=LogModel(), finished=True)
    assert said(empty)[0].endswith("nothing of Ansible in it")


def test_without_a_problem_the_warnings_are_counted_and_nothing_is_said_too_early(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    log = OpenLog(0, HandSource(path), Analysis(), model=model(host("a")))
    log.model.runs[0].status = RunStatus.INCOMPLETE
    assert said(log)[1] == "no problem yet"
    log.model.runs[0].status = RunStatus.OK
    assert said(log)[1] == "no problem"
    log.finished = True
    log.findings = [replace(finding("a"), severity=Severity.WARNING), replace(finding("a"), severity=Severity.INFO)]
    assert said(log)[1] == "no problem · 1 warning (f)"


def test_a_log_that_grows_says_why_its_screen_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    log = OpenLog(0, HandSource(path, live=True), Analysis(), model=LogModel())
    assert said(log)[0].endswith("live 00:12 · nothing has come yet")
    log.lines = 3
    assert said(log)[0].endswith("live 00:12 · no Ansible in it so far")
    log.model = model(host("a"))
    assert said(log)[0].endswith("live 00:12")


def test_a_run_of_our_own_counts_and_ends_with_its_code(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    log = OpenLog(0, HandRun(path), Analysis(), model=model(host("a")))
    assert said(log)[0].endswith("live 00:12")
    log.exit_code = 2
    assert said(log)[0].endswith("exit 2 after 00:12")
    log.exit_code = -9
    assert said(log)[0].endswith("signal 9 after 00:12")
