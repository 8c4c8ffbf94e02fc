"""The stages pane: what one task of one host went through, with the connection's phases on a line of their own."""

from __future__ import annotations

from collections.abc import Sequence

from parsers.model import Stage, StageRun, Status, TaskRun
from parsers.ssh.transcript import Transcript
from tui.widgets.rows import RowView
from tui.widgets.rowsource import Piece, Row, RowSource, fit
from tui.widgets.words import SIGNS, STATUS_ROLES, seconds


def phase_pieces(transcript: Transcript, broken: bool) -> list[Piece]:
    """The phases that ssh's text shows, each with its time: `tcp 3 ms · kex 48 ms · auth publickey`."""
    pieces: list[Piece] = []
    steps = list(transcript.steps)
    for position, step in enumerate(steps):
        failed = broken and position == len(steps) - 1
        word = str(step.phase)
        if step.phase == "auth" and transcript.auth_method:
            word += f" {transcript.auth_method}"
        if step.started is not None and step.ended is not None:
            spent = max(0.0, step.ended - step.started)
            word += f" {spent * 1000:.0f} ms" if spent < 1 else f" {spent:.1f} s"
        if pieces:
            pieces.append((" · ", "muted"))
        pieces.append((f"✖ {word}" if failed else word, "bad" if failed else "muted"))
    return pieces


def _timed(stage: StageRun) -> bool:
    """Whether the connection's phases are worth a row: some of them have a time that the note does not tell."""
    steps = list(stage.command.transcript.steps) if stage.stage is Stage.CONNECT and stage.command else []
    return any(step.started is not None and step.ended is not None for step in steps)


class StageRows(RowSource):
    """Rows of the stages pane: a stage each, and under `connect` its phases."""

    def __init__(self, ansible_task: TaskRun | None, stages: Sequence[StageRun] = ()) -> None:
        self.ansible_task = ansible_task
        self.stages = stages
        self._rows: list[tuple[StageRun, bool]] = []
        for stage in stages:
            self._rows.append((stage, False))
            if _timed(stage):
                self._rows.append((stage, True))

    def __len__(self) -> int:
        return len(self._rows)

    def selectable(self, index: int) -> bool:
        return not self._rows[index][1]

    def stage(self, index: int) -> StageRun | None:
        """The stage of a row."""
        return self._rows[index][0] if index < len(self._rows) else None

    def row_of(self, stage: StageRun | None) -> int:
        """The row of a stage; 0 where it has none."""
        for index, (owner, _) in enumerate(self._rows):
            if owner is stage:
                return index
        return 0

    def row(self, index: int, width: int) -> Row:
        stage, phases = self._rows[index]
        if phases and stage.command:
            return Row((("    ", "muted"), *phase_pieces(stage.command.transcript, stage.status.bad)))
        role = STATUS_ROLES[stage.status]
        sign = SIGNS[stage.status]
        if stage.stage is Stage.RESULT and stage.status is Status.OK and self._task_is_bad():
            sign, role = "·", "muted"  # The result was read well, but it says "failed": no tick beside that word.
        note_role = role if stage.status.bad else "muted"
        if _timed(stage) and not stage.status.bad and stage.awaited is None and stage.command:
            note = stage.command.transcript.server or ""
        else:
            note = self._note(stage)
        attempt = f"try {stage.command.attempt} · " if stage.command and stage.command.attempt > 1 else ""
        return Row(
            (
                (f"{sign} ", role),
                (f"{stage.stage:<10}", "strong" if stage.status.bad else "text"),
                (f"{self._time(stage):>8}  ", "muted"),
                (fit(attempt + note, max(0, width - 22)), note_role),
            )
        )

    def _task_is_bad(self) -> bool:
        return self.ansible_task is not None and self.ansible_task.status.bad

    def _time(self, stage: StageRun) -> str:
        return seconds(stage.seconds if stage.elapsed is None else stage.elapsed)

    @staticmethod
    def _note(stage: StageRun) -> str:
        words = [] if stage.status is Status.OK or str(stage.status) in stage.note else [str(stage.status)]
        if stage.rc and f"rc {stage.rc}" not in stage.note:
            words.append(f"rc {stage.rc}")
        if stage.silence is not None:
            words.append(f"silent for {seconds(stage.silence)}")
        if stage.awaited is not None and stage.status in (Status.STALLED, Status.RUNNING):
            words.append(f"waits for {stage.awaited.what}")
        if stage.note:
            words.append(stage.note.splitlines()[0])
        return " · ".join(words)

    def line(self, index: int) -> int | None:
        return self._rows[index][0].first.line

    def copied(self, index: int) -> str:
        stage = self._rows[index][0]
        head = f"{stage.stage} {stage.status} {self._note(stage)}".strip()
        return f"{head}\n{stage.command.text}" if stage.command and stage.command.text else head


class StageList(RowView):
    """The stages pane."""

    ROW_WORD = "stage"
    ALLOW_SELECT = False
    ENTER_WORD = "chunks"
