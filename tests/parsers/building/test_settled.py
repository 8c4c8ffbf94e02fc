"""What is settled for good is what it would be if it were settled at the end, however often the log was looked at."""

from __future__ import annotations

import pytest

from parsers.analysis import Analysis
from parsers.building.builder import ModelBuilder
from parsers.model import Status
from tests.lab import truth
from tests.parsers.helpers import analyse, differences, dump
from tests.parsers.minilog import DB1, WEB1, MiniLog


def looked_at(builder: ModelBuilder, data: bytes) -> ModelBuilder:
    """Feeds `data` line by line, with a look behind each."""
    for line in data.splitlines(keepends=True):
        builder.feed(line)
        builder.snapshot()
    return builder


def three_tasks(version: str, *, debug: bool = True) -> MiniLog:
    log = MiniLog(version, debug=debug).begin().play("All")
    for name in ("One", "Two", "Three"):
        log.task(name, WEB1, DB1).module(WEB1).result(WEB1).module(DB1).result(DB1)
    return log


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("version", ["2.16.19", "2.19.14"])
def test_tasks_that_are_over_are_the_same_objects_at_the_next_look(version: str, debug: bool) -> None:
    builder = ModelBuilder()
    builder.feed(three_tasks(version, debug=debug).data)
    host = builder.snapshot().runs[0].hosts["web1"]
    before = [id(stage) for task in host.tasks[:2] for stage in task.stages]
    builder.feed(b"META: ran handlers\n")
    host = builder.snapshot().runs[0].hosts["web1"]
    assert [id(stage) for task in host.tasks[:2] for stage in task.stages] == before
    assert [task.name for task in host.tasks] == ["One", "Two", "Three"]


@pytest.mark.parametrize("name", ["three-2.19", "names-2.17", "small-2.16.stamped"])
def test_looking_often_at_many_tasks_gives_what_looking_once_gives(name: str) -> None:
    log = truth.load(name).log
    blocks = [log[at : at + 60_000] for at in range(0, len(log), 60_000)]

    def look(analysis: Analysis) -> None:
        analysis.prepare(provisional=False)
        analysis.snapshot()

    often, once = dump(*analyse(blocks, between=look)), dump(*analyse(log))
    assert often == once, "\n".join(differences(often, once)[:10])


def test_a_failure_said_to_be_ignored_when_the_next_task_has_begun() -> None:
    log = MiniLog("2.16.19").begin().play("All").task("One", DB1).step(DB1, "exec", 1).result(DB1, "failed", msg="no")
    log.task("Two", DB1).raw("...ignoring").module(DB1).result(DB1).recap(db1={"ok": 2, "ignored": 1})
    host = looked_at(ModelBuilder(), log.data).snapshot().runs[0].hosts["db1"]
    assert (host.status, [task.ignored for task in host.tasks]) == (Status.OK, [True, False])


def test_a_failure_that_turns_out_to_be_rescued() -> None:
    log = MiniLog("2.16.19").begin().play("All").task("One", DB1).step(DB1, "exec", 1).result(DB1, "failed", msg="no")
    log.task("Rescue", DB1).module(DB1).result(DB1).task("Two", DB1).module(DB1).result(DB1)
    builder = looked_at(ModelBuilder(), log.data)
    log.recap(db1={"ok": 2, "rescued": 1})
    host = looked_at(builder, log.data[builder.model.bytes :]).snapshot().runs[0].hosts["db1"]
    assert (host.status, [task.rescued for task in host.tasks]) == (Status.OK, [True, False, False])
