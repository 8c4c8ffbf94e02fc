"""Bytes to model and findings: the one door for both faces."""

from __future__ import annotations

from parsers.builder import ModelBuilder
from parsers.conclude import conclude
from parsers.findings import Finding
from parsers.model import LogModel
from parsers.raw import LineIndex


class Analysis:
    """Reads one log, block by block. Any way of cutting the same bytes into blocks gives the same result."""

    def __init__(self, *, source: int = 0) -> None:
        """`source` is the log's place in the report's `sources`."""
        self._builder = ModelBuilder()
        self._source = source
        self.index = LineIndex()

    def feed(self, block: bytes) -> None:
        """Adds the next bytes of the log."""
        self.index.feed(block)
        self._builder.feed(block)

    def finish(self) -> None:
        """Says that the input is over: a last line without a line feed is read too, and what is open stays open."""
        self._builder.finish()

    def snapshot(self, *, now: float | None = None) -> LogModel:
        """The model so far, settled: host names, stages, states. It stands until the next `feed`.

        `now` (seconds since the epoch) is given for a run that goes on: a command that is open is then `running`
        until it was silent for longer than its limit. Without it, what is open when the log ends is `stalled`.
        """
        return self._builder.snapshot(now=now)

    def findings(self) -> list[Finding]:
        """What the rules conclude from the newest snapshot, errors first, each with its evidence."""
        return conclude(self._builder.model, source=self._source)
