"""Bytes to model and findings: the one door for both faces."""

from __future__ import annotations

from parsers.attribution.lanes import AHEAD, Lanes
from parsers.building.builder import ModelBuilder
from parsers.conclude import Kept, conclude
from parsers.findings import Finding
from parsers.log_model import LogModel
from parsers.pause import Pause, never
from parsers.raw import LineIndex
from parsers.sshd.builder import SshdBuilder

_UNTOLD = 1 << 16
"""Bytes that both builders read at a time."""


class Analysis:
    """Reads one log, block by block. Any way of cutting the same bytes into blocks gives the same result.

    Whose log it is, Ansible's or sshd's, is told by the first lines that only one of them writes; until then both
    builders read it.
    """

    def __init__(self, *, source: int = 0, lanes: Lanes | None = None) -> None:
        """`source` is the log's place in the report's `sources`.

        With `lanes` other processes tell the chunks of a large log apart: the result is the same. Then `make_room` is
        to be called now and then, and a dead process shows as a LaneError, here or in `feed`, `finish`, `prepare`.
        """
        self._lanes = lanes
        self._control: ModelBuilder | None = ModelBuilder(lanes)
        self._server: SshdBuilder | None = SshdBuilder()
        self._model = self._control.model
        self._source = source
        self._kept = Kept()
        self.index = LineIndex()

    def feed(self, block: bytes) -> None:
        """Adds the next bytes of the log."""
        self.index.feed(block)
        # Where it is not told yet whose log it is, it mostly is soon: the other builder need not read the whole block.
        step = _UNTOLD if self._control is not None and self._server is not None else max(1, len(block))
        for start in range(0, len(block), step):
            part = block[start : start + step] if step < len(block) else block
            if self._control is not None:
                self._control.feed(part)
            if self._server is not None:
                self._server.feed(part)
            self._decide()

    def behind(self, raw: bytes) -> int:
        """Where a line's own text begins, behind what a CI system or a paste puts before each. Safe in any thread."""
        control = self._control
        return control.behind(raw) if control is not None else 0

    def make_room(self, ahead: int = AHEAD) -> None:
        """Waits for the other processes until no more than `ahead` batches of chunks wait for any of them."""
        if self._lanes is not None:
            self._lanes.make_room(ahead)

    def forget(self) -> None:
        """The log is of no more interest: nothing of it stays in the other processes."""
        if self._control is not None:
            self._control.forget()

    def finish(self) -> None:
        """Says that the input is over: a last line without a line feed is read too, and what is open stays open."""
        if self._control is not None:
            self._control.finish()
        if self._server is not None:
            self._server.finish()
        self._decide()
        if self._control is not None:
            self._server = None

    def _decide(self) -> None:
        """Lets go of the builder that the log is not for. By lines, so that a block's borders do not matter."""
        if self._control is None or self._server is None:
            return
        control, server = self._control.sure_line, self._server.sure_line
        if server is not None and (control is None or server < control):
            self._control = None
        elif control is not None:
            self._server = None

    def prepare(self, *, provisional: bool = True, pause: Pause = never) -> None:
        """Does the longest part of the next `snapshot` beforehand; the model may be read meanwhile.

        Without `provisional`, chunks whose command is not decided yet stay unknown in that snapshot: while a log is
        read on, it would take longer to decide them for the moment than for good. `pause` is called every few
        milliseconds.
        """
        if self._control is not None:
            self._control.prepare(provisional=provisional, pause=pause)

    def snapshot(self, *, now: float | None = None) -> LogModel:
        """The model so far, settled: host names, stages, states. It stands until the next `feed`.

        `now` (seconds since the epoch) is given for a run that goes on: a command that is open is then `running`
        until it was silent for longer than its limit. Without it, what is open when the log ends is `stalled`.
        """
        if self._control is not None:
            self._model = self._control.snapshot(now=now)
        elif self._server is not None:
            self._model = self._server.snapshot()
        return self._model

    def findings(self, pause: Pause = never) -> list[Finding]:
        """What the rules conclude from the newest snapshot, errors first, each with its evidence.

        `pause` is called every few milliseconds.
        """
        if self._control is not None:
            self._kept.settled = self._control.settled
        return conclude(self._model, source=self._source, kept=self._kept, pause=pause)
