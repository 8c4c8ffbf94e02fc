"""The stages pane."""

from __future__ import annotations

from parsers.model import Stage, Status
from tests.tui.hand import command, ping_model, stage
from tui.widgets.rowsource import plain
from tui.widgets.stages import StageRows


def test_a_stage_has_sign_time_and_note_and_connect_its_phases_with_times() -> None:
    found = ping_model().runs[0].hosts["db1"].tasks[0]
    rows = StageRows(found, found.stages)
    assert [plain(rows.row(at, 70)).rstrip() for at in range(len(rows))] == [
        "✔ connect     1.00 s",
        "    tcp 3 ms · kex 48 ms · auth publickey 149 ms",
        "✔ home        1.00 s  /home/deploy",
        "✖ tmpdir      1.00 s  failed · rc 1 · mkdir: Permission denied",
    ]
    assert [rows.selectable(at) for at in range(4)] == [True, False, True, True]
    assert rows.row_of(found.stages[2]) == 3
    assert rows.line(3) == 4


def test_an_open_stage_counts_up_to_the_newest_time_and_says_its_silence() -> None:
    running = stage(Stage.EXEC, Status.STALLED)
    running.ended, running.elapsed, running.silent = None, 8.0, 7.0
    row = plain(StageRows(None, [running]).row(0, 70))
    assert row.rstrip() == "‖ exec        8.00 s  stalled · silent for 7.00 s"
    running.silent = 0.0
    assert plain(StageRows(None, [running]).row(0, 70)).rstrip() == "‖ exec        8.00 s  stalled"


def test_a_retry_is_counted() -> None:
    again = command(1, Stage.EXEC)
    again.attempt = 2
    assert "try 2" in plain(StageRows(None, [stage(Stage.EXEC, command=again)]).row(0, 70))


def test_a_broken_phase_is_marked() -> None:
    found = ping_model().runs[0].hosts["db1"].tasks[0].stages[0]
    found.status = Status.FAILED
    assert "✖ auth publickey" in plain(StageRows(None, [found]).row(1, 70))
