"""The model's tables and its small questions."""

from __future__ import annotations

import pytest

from parsers.log_model import LogModel
from parsers.model import HostRun, Place, Run, Stage, StageRun, Status, TaskRun


@pytest.mark.parametrize(
    ("status", "bad"),
    [
        (Status.OK, False),
        (Status.FAILED, True),
        (Status.UNREACHABLE, True),
        (Status.STALLED, True),
        (Status.RUNNING, False),
        (Status.SKIPPED, False),
    ],
)
def test_which_states_somebody_has_to_look_at(status: Status, bad: bool) -> None:
    assert status.bad is bad


@pytest.mark.parametrize(
    ("started", "ended", "seconds"), [(1.0, 3.5, 2.5), (3.0, 1.0, 0.0), (None, 1.0, None), (1.0, None, None)]
)
def test_how_long_a_stage_took(started: float | None, ended: float | None, seconds: float | None) -> None:
    stage = StageRun(Stage.EXEC, Status.OK, Place(0, 1), 1, started=started, ended=ended)
    assert stage.seconds == seconds


def test_the_stage_that_broke_a_task_is_the_first_bad_one() -> None:
    assert TaskRun("Ping", Place(0, 1)).failed_stage is None
    task = TaskRun("Ping", Place(0, 1))
    task.stages = [
        StageRun(stage, status, Place(0, 1), 1)
        for stage, status in (
            (Stage.HOME, Status.OK),
            (Stage.TMPDIR, Status.FAILED),
            (Stage.EXEC, Status.STALLED),
        )
    ]
    assert task.failed_stage is task.stages[1]


def test_the_task_a_reader_wants_first() -> None:
    assert HostRun("db1").current_task is None
    host = HostRun("db1")
    host.tasks = [TaskRun("a", Place(0, 1)), TaskRun("b", Place(0, 2))]
    assert host.current_task is host.tasks[1]
    host.failed_task = host.tasks[0]
    assert host.current_task is host.tasks[0]


def test_every_host_of_every_run() -> None:
    one, other = Run(0, Place(0, 1)), Run(1, Place(9, 2))
    one.hosts = {"web1": HostRun("web1")}
    other.hosts = {"web1": HostRun("web1"), "db1": HostRun("db1")}
    model = LogModel(runs=[one, other])
    assert [(run.index, host.name) for run, host in model.hosts()] == [(0, "web1"), (1, "web1"), (1, "db1")]
