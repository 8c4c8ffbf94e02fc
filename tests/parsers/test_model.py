"""The model's tables and its small questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.model import (
    Attribution,
    Chunk,
    ChunkTable,
    Command,
    HostRun,
    LogModel,
    Place,
    Run,
    Stage,
    StageRun,
    Status,
    Stream,
    TaskRun,
    Tool,
)

CHUNKS = st.lists(
    st.tuples(
        st.integers(0, 2**40),
        st.integers(1, 2**31),
        st.integers(0, 2**40),
        st.floats(0, 2e9),
        st.integers(1, 2**31),
        st.sampled_from(Stream),
        st.integers(0, 7),
        st.sampled_from(Attribution),
        st.booleans(),
    )
)


@given(CHUNKS)
def test_a_chunk_table_keeps_what_it_is_given(
    rows: list[tuple[int, int, int, float, int, Stream, int, Attribution, bool]],
) -> None:
    table = ChunkTable()
    command = Command(0, Stage.EXEC, Tool.SSH, Place(0, 1))
    table.commands.append(command)
    want = []
    for index, (offset, line, start, time, pid, stream, state, how, owned) in enumerate(rows):
        assert table.append(Place(offset, line), start, start, time, pid, stream, state) == index
        table.set_end(index, start + 5, index)
        if owned:
            table.attribute(index, command, how)
        given_to = (how, command) if owned else (Attribution.UNKNOWN, None)
        want.append(Chunk(index, Place(offset, line), start, start + 5, time, pid, stream, state, *given_to))
    assert list(table) == want
    assert len(table) == len(rows)
    assert list(table.lines(range(len(rows)))) == list(range(len(rows)))
    assert list(command.chunks) == [index for index, row in enumerate(rows) if row[8]]


def test_a_state_of_more_than_three_bits_is_cut() -> None:
    table = ChunkTable()
    table.append(Place(0, 1), 0, 0, 1.0, 1, Stream.STDERR, 9)
    assert table[0].state == 7
    assert table[0].stream is Stream.STDERR


@pytest.mark.parametrize("index", [0, 1, -2])
def test_a_chunk_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        ChunkTable()[index]


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
