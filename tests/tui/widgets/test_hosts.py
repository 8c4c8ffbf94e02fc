"""The hosts pane: order, words, headings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parsers.analysis import Analysis
from parsers.findings import Severity
from parsers.model import ControlError, Place, RunStatus, Stage, Status
from tests.tui.hand import HandSource, finding, host, model, stage
from tui.widgets.hosts import HostRows, host_lines, state_words
from tui.widgets.needle import Needle
from tui.widgets.rowsource import plain
from tui.worker import OpenLog


def opened(path: Path, *models: object) -> list[OpenLog]:
    path.write_bytes(b"")
    return [OpenLog(at, HandSource(path), Analysis(), model=found) for at, found in enumerate(models)]  # type: ignore[arg-type]


def shown(logs: list[OpenLog], width: int = 44) -> list[str]:
    rows = HostRows(host_lines(logs))
    return [plain(rows.row(at, width)).rstrip() for at in range(len(rows))]


def test_one_row_a_host_in_the_order_of_the_log_with_its_state_as_a_word(tmp_path: Path) -> None:
    away = host("db2", Status.UNREACHABLE, [stage(Stage.CONNECT, Status.FAILED)])
    away.phase = "tcp"
    stuck = stage(Stage.EXEC, Status.STALLED)
    stuck.silent = 34.0
    logs = opened(
        tmp_path / "x",
        model(
            host("web1"),
            host("db1", Status.FAILED),
            away,
            host("web2", Status.STALLED, [stuck]),
            host("a", Status.SKIPPED),
        ),
    )
    assert shown(logs) == [
        "✔ web1 ok",
        "✖ db1  failed exec",
        "✖ db2  unreachable tcp",
        "‖ web2 stalled exec 34.0 s",
        "⊘ a    skipped",
    ]


def test_a_wide_pane_names_the_rule(tmp_path: Path) -> None:
    logs = opened(tmp_path / "x", model(host("db1", Status.FAILED)))
    logs[0].findings = [finding("db1")]
    assert shown(logs, 80) == ["✖ db1  failed exec             tmpdir-permission"]


@pytest.mark.parametrize(
    ("status", "of", "named"), [("failed", "home", False), ("failed", "exec", True), ("ok", "home", True)]
)
def test_a_warning_about_another_stage_is_not_why_a_host_broke(
    tmp_path: Path, status: str, of: str, named: bool
) -> None:
    logs = opened(tmp_path / "x", model(host("db1", Status(status))))
    logs[0].findings = [replace(finding("db1", of=Stage(of)), severity=Severity.WARNING)]
    assert ("tmpdir-permission" in shown(logs, 80)[0]) is named


def test_a_long_state_does_not_run_into_the_rules_name(tmp_path: Path) -> None:
    stuck = stage(Stage.DISCOVERY, Status.STALLED)
    stuck.silent = 1.57
    logs = opened(tmp_path / "x", model(host("node05", Status.STALLED, [stuck])))
    logs[0].findings = [finding("node05")]
    assert shown(logs, 60) == ["‖ node05 stalled discovery 1.57… tmpdir-permission"]
    stuck.silent = 0.0  # the log was cut right there
    assert shown(logs, 60) == ["‖ node05 stalled discovery       tmpdir-permission"]


def test_several_runs_and_logs_stand_under_headings_that_take_no_cursor(tmp_path: Path) -> None:
    logs = opened(tmp_path / "x", model(host("web1")), model(host("web1"), playbook="site.yml"))
    assert shown(logs) == ["── ping.yml · hand.log", "✔ web1 ok", "── site.yml · hand.log", "✔ web1 ok"]
    assert [HostRows(host_lines(logs)).selectable(at) for at in range(4)] == [False, True, False, True]
    assert len({line.key for line in host_lines(logs)}) == 4


def test_what_is_no_host_has_a_row_too(tmp_path: Path) -> None:
    found = model()
    found.notes.append((None, "cut in a record"))
    found.runs[0].status = RunStatus.CONTROL_ERROR
    found.runs[0].control_errors.append(ControlError(Place(0, 1), [(Place(0, 1), "ERROR! no playbook")]))
    logs = opened(tmp_path / "x", found)
    assert shown(logs) == ["! the log 1 note", "✖ control node failed"]
    logs[0].findings = [finding(None)]
    assert shown(logs) == ["! the log 1 note", "✖ control node failed  tmpdir-permission"]
    assert shown(logs, 24) == ["! the log 1 note", "✖ control node failed"]


def test_a_running_host_says_what_it_is_at(tmp_path: Path) -> None:
    running = stage(Stage.EXEC, Status.RUNNING)
    running.ended, running.elapsed = None, 8.0
    logs = opened(tmp_path / "x", model(host("web2", Status.RUNNING, [running])))
    assert state_words(host_lines(logs)[0]) == "exec 8.00 s"


def test_long_names_are_cut_and_searched_whole(tmp_path: Path) -> None:
    name = "a-very-long-name-of-a-host." + "example.org"
    logs = opened(tmp_path / "x", model(host(name)))
    assert shown(logs, 30) == ["✔ a-very-long-na… ok"]
    rows = HostRows(host_lines(logs))
    assert list(rows.search(Needle("example.org"), lambda: False)) == [[0]]
    assert rows.copied(0) == name


def test_of_several_logs_a_note_names_its_own(tmp_path: Path) -> None:
    found, sound = model(host("a")), model(host("b"))
    found.notes.append((None, "sshd wrote no times"))
    logs = opened(tmp_path / "x", found, sound)
    logs[0].source = HandSource(tmp_path / "x", name="/var/log/db1.sshd.log")
    assert shown(logs)[0] == "! db1.sshd.log 1 note"
    assert shown(logs, 20)[0] == "! db1.sshd.l… 1 note"
    assert shown(logs[:1])[0] == "! the log 1 note"


def test_long_names_with_the_same_beginning_stay_apart(tmp_path: Path) -> None:
    logs = opened(
        tmp_path / "x",
        model(host("web-frontend-europe-1"), host("web-frontend-europe-2")),
        model(host("web-frontend-europe-1")),
    )
    logs[0].source = HandSource(tmp_path / "x", name="/srv/monday/nightly-deployment-2026-11-01.log")
    logs[1].source = HandSource(tmp_path / "x", name="/srv/monday/nightly-deployment-2026-11-02.log")
    assert shown(logs, 28) == [
        "── ping.ym…t-2026-11-01.log",
        "✔ web…-europe-1 ok",
        "✔ web…-europe-2 ok",
        "── ping.ym…t-2026-11-02.log",
        "✔ web…-europe-1 ok",
    ]
    for log in logs:
        log.model.notes.append((None, "cut in a record"))
    assert [row for row in shown(logs, 28) if "note" in row] == [
        "! night…026-11-01.log 1 note",
        "! night…026-11-02.log 1 note",
    ]


def test_files_of_the_same_name_are_told_by_their_folders(tmp_path: Path) -> None:
    logs = opened(tmp_path / "x", model(host("a")), model(host("b")))
    for log, name in zip(logs, ("web1/run.log", "web2/run.log"), strict=True):
        log.source = HandSource(tmp_path / "x", name=f"/srv/{name}")
        log.model.notes.append((None, "cut in a record"))
    assert [row for row in shown(logs) if "log" in row] == [
        "! web1/run.log 1 note",
        "── ping.yml · web1/run.log",
        "! web2/run.log 1 note",
        "── ping.yml · web2/run.log",
    ]
