"""What is selected, said so that it holds from one snapshot to the next, and what belongs to it. No widgets here."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from parsers.findings import Finding, Severity
from parsers.model import Attribution, Command, Run, StageRun, TaskRun
from tui.widgets.hosts import HostLine
from tui.worker import OpenLog

_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)


@dataclass(slots=True)
class Selected:
    """A host line, and a task and stage of it; without `task_index` and `stage_index` those that matter most."""

    line: HostLine | None = None
    task_index: int | None = None
    stage_index: int | None = None

    def tasks(self) -> list[TaskRun]:
        """The host's tasks."""
        return list(self.line.host.tasks) if self.line and self.line.host else []

    def ansible_task(self) -> TaskRun | None:
        """The chosen task, else the failed one, else the newest."""
        tasks = self.tasks()
        if self.task_index is not None and self.task_index < len(tasks):
            return tasks[self.task_index]
        return self.line.host.current_task if self.line and self.line.host else None

    def place(self) -> tuple[int, int]:
        """(number of the task from 1, how many there are); (0, 0) without."""
        tasks = self.tasks()
        current = self.ansible_task()
        return next((at + 1 for at, found in enumerate(tasks) if found is current), 0), len(tasks)

    def stages(self) -> list[StageRun]:
        """The task's stages."""
        current = self.ansible_task()
        return list(current.stages) if current else []

    def stage(self) -> StageRun | None:
        """The chosen stage, else the one that broke, else the newest."""
        stages = self.stages()
        if not stages:
            return None
        if self.stage_index is not None:
            return stages[min(self.stage_index, len(stages) - 1)]
        return next((stage for stage in stages if stage.status.bad), stages[-1])

    def findings(self) -> list[Finding]:
        """The findings of the selected stage; of the whole host where no stage was chosen; errors first."""
        line = self.line
        if line is None or line.run is None:
            return []
        name = line.host.name if line.host else None
        found = [item for item in line.log.findings if item.run == line.run.index and item.host == name]
        if self.stage_index is not None or self.task_index is not None:
            found = [item for item in found if self._of_stage(item)]
        return sorted(found, key=lambda item: _ORDER.index(item.severity))

    def choose(self, finding: Finding) -> None:
        """Chooses the task and the stage that `finding` is about, where the host has them."""
        for at, owner in enumerate(self.tasks()):
            for number, stage in enumerate(owner.stages):
                if finding.command is not None:
                    found = stage.command is finding.command and stage.stage is finding.stage
                else:
                    found = finding.task == owner.name and stage.stage is finding.stage
                if found:
                    self.task_index, self.stage_index = at, number
                    return

    def choose_command(self, command: Command) -> None:
        """Chooses the task and the stage that `command` is of; where it connected as well, what it was for."""
        for at, owner in enumerate(self.tasks()):
            mine = [number for number, stage in enumerate(owner.stages) if stage.command is command]
            if mine:
                own = (number for number in mine if owner.stages[number].stage is command.stage)
                self.task_index, self.stage_index = at, next(own, mine[-1])
                return

    def _of_stage(self, finding: Finding) -> bool:
        stage, current = self.stage(), self.ansible_task()
        if stage is None or current is None:
            return False
        if finding.command is not None and stage.command is not None:
            return finding.command is stage.command
        return finding.stage is stage.stage and finding.task in (None, current.name)


def run_chunks(log: OpenLog, run: Run) -> range:
    """The indices of all chunks of a run; those of the newest run end where the settled ones end."""
    table = log.model.chunks
    settled = range(log.chunks)
    runs = list(log.model.runs)
    first = bisect_left(settled, run.first.line, key=lambda index: table[index].place.line)
    following = next((other for other in runs if other.first.line > run.first.line), None)
    if following is None:
        return range(first, log.chunks)
    return range(first, bisect_left(settled, following.first.line, key=lambda index: table[index].place.line))


def has_unknown(log: OpenLog, stage: StageRun, sample: int = 200) -> bool:
    """Whether chunks between the stage's lines are there of which the log does not tell the host."""
    table = log.model.chunks
    first = bisect_left(range(log.chunks), stage.first.line, key=lambda index: table[index].place.line)
    last = stage.last_line if stage.ended is not None or stage.last_line > stage.first.line else 1 << 62
    for index in range(first, min(first + sample, log.chunks)):
        chunk = table[index]
        if chunk.place.line > last:
            return False
        if chunk.attribution is Attribution.UNKNOWN and not table.absorbed(index):
            return True
    return False


def next_problem(lines: Sequence[HostLine], current: int, step: int) -> int | None:
    """The row of the next (1) or previous (-1) problem, around the ends; None without any."""
    bad = [index for index, line in enumerate(lines) if line.bad]
    if not bad:
        return None
    if step > 0:
        return next((index for index in bad if index > current), bad[0])
    return next((index for index in reversed(bad) if index < current), bad[-1])


def row_of(lines: Sequence[HostLine], log: OpenLog, finding: Finding) -> int | None:
    """The row of the host that `finding` is about, or of the control node; None where it is about neither."""
    for index, line in enumerate(lines):
        if line.log is log and line.run is not None and line.run.index == finding.run and not line.heading:
            name = line.host.name if line.host is not None else None
            if name == finding.host:
                return index
    return None


def first_row(lines: Sequence[HostLine], current: int | None, *, finished: bool) -> int | None:
    """The row to stand on while nobody has chosen: in a finished log its first problem, else the first host.

    `current` is where the cursor stands; None without any row to stand on.
    """
    problem = next_problem(lines, -1, 1) if finished else None
    if problem is not None:
        return problem
    if current is not None and lines[current].host:
        return current
    host = next((at for at, line in enumerate(lines) if line.host), None)
    return host if host is not None else next((at for at, line in enumerate(lines) if line.about), None)
