"""Reading in a thread: a source's bytes through the analysis, and what came of it as messages in the past tense.

The thread alone feeds the analysis. Feeding only adds to what the model holds; a snapshot makes hosts, tasks and stages
of it, and one that goes down to the newest words lends chunks that the next feeding takes back. So the model is read
under the log's lock (`OpenLog.reading`), which the thread holds while it makes a snapshot or takes one back, and gives
away at once when the screen waits for it. Live, bytes are held back until a message is due, and then fed and concluded
under one hold, unless that takes long: the screen sees no model between two snapshots.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from textual.message import Message

from parsers.analysis import Analysis
from parsers.attribution.lanes import LaneError
from parsers.findings import Finding
from parsers.log_model import LogModel
from parsers.raw import LogReader
from tui.processes import lanes
from tui.sources.base import AskingSource, PromptSource, RunningSource, Source, SourceError
from tui.sources.content import no_ansible

POLL = 0.05
"""Seconds between two looks at a live source that has nothing to say."""

EVERY = 0.08
"""Seconds between two messages while bytes come in; longer where making one takes long."""

CALM = 0.3
"""The same for an old log, once it has shown its first hosts: nobody waits for its newest line."""

HURRY = 0.02
"""Seconds for which the reader gives way to a key: handling it and drawing what it changed take about that long."""

SLICE = 1 << 14
"""Bytes fed at a time: behind each the reader gives way to a key, and quitting is prompt."""

HELD = 1 << 17
"""Bytes of a live log that are held back at most until a message is due."""

QUICK = 0.03
"""Seconds that the screen can wait for the lock and nobody sees it."""

BEHIND = 1 << 20
"""Bytes of a live log that wait at once, from where on catching up comes before the newest words."""

IDLE = 1.0
"""Seconds between two messages while a live source is silent: clocks move, and silence becomes `stalled`."""


@dataclass
class OpenLog:
    """One log on the screen. `source` and `analysis` belong to the thread; the rest is what its messages said."""

    index: int
    source: Source
    analysis: Analysis
    model: LogModel = field(default_factory=LogModel)
    findings: list[Finding] = field(default_factory=list)
    chunks: int = 0
    lines: int = 0
    bytes: int = 0
    finished: bool = False
    error: str | None = None
    trouble: str | None = None
    """What is wrong with the recording, which is read all the same."""
    exit_code: int | None = None
    paused: bool = False
    """Whether the screen is held still: the reader reads no further, whatever comes."""
    lined_up: list[str] = field(default_factory=list)
    """What is to be known of it beside the logs of the other end."""
    generation: int = 0
    """Grows when the log began anew (rotated, truncated): no line or chunk number means what it meant before."""
    asking: AskingSource | None = field(init=False)
    """The source, where it may ask something."""
    asks: bool = False
    """Whether it does, and no dialog is open for it."""
    _reader: LogReader | None = None
    _read_from: Path | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _waiting: int = 0
    _hurry: float = 0.0
    _written: bool = False
    """Whether the reader's thread, which alone looks at this, holds the model."""

    def __post_init__(self) -> None:
        # Kept: to look at a protocol's every attribute takes longer than to ask for the question.
        self.asking = self.source if isinstance(self.source, AskingSource) else None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Holds the model still, for the screen's thread. May be nested."""
        self._waiting += 1
        try:
            with self._lock:
                yield
        finally:
            self._waiting -= 1

    def give_way(self) -> None:
        """Lets the screen's thread have the machine for a moment: somebody pressed a key, or there is much to draw."""
        self._hurry = time.monotonic() + HURRY

    def yield_to_keys(self) -> None:
        """For the reader's thread: waits while a key is being served."""
        left = self._hurry - time.monotonic()
        if left > 0:
            time.sleep(min(left, HURRY))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Holds the model for the reader's thread, after whoever waits to read it. May be nested."""
        nested = self._written
        if not nested:
            self.yield_to_keys()
            while self._waiting:
                # A lock is given to whoever asks first, and the thread that lets it go asks at once.
                time.sleep(0.0005)
        with self._lock:
            # Whoever waits now waits for the outer hold to end.
            self._written = True
            try:
                yield
            finally:
                self._written = nested

    @property
    def running(self) -> RunningSource | None:
        """The source as a run of this program's own that has not ended, else None."""
        if isinstance(self.source, RunningSource) and self.source.poll() is None:
            return self.source
        return None

    def begin_anew(self) -> None:
        """For the reader's thread: forgets the old log. Its file stays open: a screen may be drawing from it."""
        self.analysis.forget()
        self.analysis = Analysis(source=self.index, lanes=lanes())
        self._reader = None
        self.generation += 1

    def notes(self) -> list[tuple[int | None, str, str]]:
        """What a reader should know of the log itself: (line or None, text, role)."""
        notes: list[tuple[int | None, str, str]] = [(None, text, "bad") for text in (self.error, self.trouble) if text]
        if self._strange():
            notes.append((1 if self.lines else None, no_ansible(self.source.name, self.lines), "bad"))
        notes += [(place.line if place else None, text, "warn") for place, text in list(self.model.notes)]
        notes += [(None, text, "text") for text in (*getattr(self.source, "notes", ()), *self.lined_up)]
        return notes

    def warns(self) -> bool:
        """Whether one of the notes is more than information."""
        return bool(self.error or self.trouble or self.model.notes or self._strange())

    def _strange(self) -> bool:
        """Whether all of an old log was read and nothing in it is known."""
        known = bool(self.model.runs) or self.model.sshd is not None
        return self.finished and not known and not self.error and not isinstance(self.source, RunningSource)

    def reader(self) -> LogReader | None:
        """Random access to the log; None where its file cannot be opened (yet)."""
        path = self.source.path
        if self._reader is None or path != self._read_from:
            try:
                self._reader, self._read_from = LogReader(path, self.analysis.index), path
            except OSError:
                return None
        return self._reader


class LogMessage(Message):
    """Something happened to a log."""

    def __init__(self, log: int) -> None:
        """`log` is the index of the `OpenLog`."""
        super().__init__()
        self.log = log


class LogAdvanced(LogMessage):
    """More of a log was read; a newer message makes an older one that still waits needless."""

    def __init__(
        self, log: int, model: LogModel, findings: list[Finding], chunks: int, lines: int, read: int, finished: bool
    ) -> None:
        super().__init__(log)
        self.model = model
        self.findings = findings
        self.chunks = chunks
        self.lines = lines
        self.read = read
        self.finished = finished

    def can_replace(self, message: Message) -> bool:
        """Whether `message`, which still waits, says less than this one."""
        return isinstance(message, LogAdvanced) and message.log == self.log


class LogRestarted(LogMessage):
    """A followed log was rotated or truncated: what comes now is another log."""


class LogFailed(LogMessage):
    """A log could not be read to its end."""

    def __init__(self, log: int, text: str) -> None:
        super().__init__(log)
        self.text = text


class RecordingBroke(LogMessage):
    """A recording could not be written where it was; the run goes on."""

    def __init__(self, log: int, text: str) -> None:
        super().__init__(log)
        self.text = text


class RunEnded(LogMessage):
    """A run of this program's own ended."""

    def __init__(self, log: int, code: int, path: Path, elapsed: float) -> None:
        super().__init__(log)
        self.code = code
        self.path = path
        self.elapsed = elapsed


class LogWorker:
    """Reads one log to its end, or, live, until it is told to stop."""

    def __init__(
        self, log: OpenLog, post: Callable[[Message], object], cancelled: Callable[[], bool], stop: threading.Event
    ) -> None:
        """`post` must be safe to call from any thread; `stop` ends a wait at once."""
        self._log = log
        self._post = post
        self._cancelled = cancelled
        self._stop = stop
        self._due = 0.0
        self._told = 0.0
        self._model = LogModel()
        self._took = QUICK
        """Seconds that the last message took to make; the first may take any."""
        self._lent = False
        """Whether the model has what the next bytes take back."""
        self._shown = False
        """Whether the screen has hosts."""
        self._restarts = getattr(log.source, "restarts", 0)
        self._trouble = ""

    def run(self) -> None:
        """Reads; ends when the source has. Never raises for a source that breaks: it says so in a message."""
        source = self._log.source
        try:
            self._read_all(source)
        except LaneError as error:
            # What the dead process knew is lost; the screen keeps what was there.
            self._post(LogFailed(self._log.index, f"{source.name}: {error}"))
        if self._over():
            return
        if isinstance(source, RunningSource) and (code := source.poll()) is not None:
            self._post(RunEnded(self._log.index, code, source.path, source.elapsed))

    def _read_all(self, source: Source) -> None:
        try:
            self._read(source)
        except (SourceError, OSError) as error:
            self._post(
                LogFailed(self._log.index, f"{source.name}: {error}" if source.name not in str(error) else str(error))
            )
        if self._over():
            return
        self._log.analysis.make_room(0)
        with self._as_needed():
            self._log.analysis.finish()
        self._tell(live=False, finished=True)

    def _over(self) -> bool:
        return self._stop.is_set() or self._cancelled()

    def _read(self, source: Source) -> None:
        held = b""
        while not self._over():
            if self._log.paused:
                if getattr(source, "must_be_read", False):
                    held += source.read()
                self._stop.wait(POLL)
                continue
            # Asked before the read: what came between the last read and the end is then read too.
            live = source.live
            block = source.read()
            if getattr(source, "restarts", 0) != self._restarts:
                self._restarts = getattr(source, "restarts", 0)
                held = b""
                with self._log.writing():
                    self._log.begin_anew()
                self._post(LogRestarted(self._log.index))
            if (trouble := getattr(source, "trouble", "")) != self._trouble:
                self._trouble = trouble
                self._post(RecordingBroke(self._log.index, trouble))
            held += block
            if len(held) >= HELD or not live:
                held = self._feed(held, live=live)
            now = time.monotonic()
            if live and ((held and now >= self._due) or now >= self._told + IDLE):
                self._show_newest(held, behind=len(block) >= BEHIND)
                held = b""
            if block:
                continue
            if not live:
                return
            if held:
                self._stop.wait(max(0.01, min(POLL, self._due - now)))
            elif isinstance(source, PromptSource):
                source.await_more(POLL)
            else:
                self._stop.wait(POLL)

    def _feed(self, data: bytes, *, live: bool) -> bytes:
        """Feeds `data` in slices, with a message whenever one is due; live, what is no whole slice is left over."""
        end = len(data) - len(data) % SLICE if live else len(data)
        for start in range(0, end, SLICE):
            self._log.analysis.make_room()
            with self._as_needed():
                self._log.analysis.feed(data[start : min(start + SLICE, end)])
            if time.monotonic() >= self._due:
                self._tell(live=live, finished=False)
            if self._over():
                break
        return data[end:]

    def _reached(self) -> float | None:
        """The time up to which an old log was read, if it has times: what is open there goes on, it does not hang."""
        runs = self._model.runs
        return runs[-1].last_time if runs else None

    def _show_newest(self, held: bytes, *, behind: bool) -> None:
        """Feeds what was held back of a live log and says how it stands; `behind`: more is there already."""
        if not behind and self._took < QUICK:
            with self._log.writing():
                self._log.analysis.feed(held)
                self._tell(live=True, finished=False, newest=True)
            return
        rest = self._feed(held, live=True)
        with self._as_needed():
            self._log.analysis.feed(rest)
        self._tell(live=True, finished=False, newest=not behind)

    @contextmanager
    def _as_needed(self) -> Iterator[None]:
        """For feeding: holds the model only where that takes back what the last snapshot lent."""
        self._log.yield_to_keys()
        with self._log.writing() if self._lent else nullcontext():
            yield
        self._lent = False

    def _tell(self, *, live: bool, finished: bool, newest: bool = False) -> None:
        """Says how the log stands. `newest`: down to the last words, of commands that go on too."""
        began = time.monotonic()
        analysis = self._log.analysis
        # The longest part of a look changes nothing that the screen reads, so the screen need not wait for it; nor for
        # the rules, which only read.
        analysis.prepare(provisional=newest or finished, pause=self._log.yield_to_keys)
        with self._log.writing():
            model = analysis.snapshot(now=time.time() if live else None if finished else self._reached())
        self._model = model
        first = not self._shown and not finished
        self._shown = self._shown or any(run.hosts for run in model.runs)
        message = LogAdvanced(
            self._log.index,
            model,
            # The first hosts do not wait until the rules are loaded.
            [] if first else analysis.findings(self._log.yield_to_keys),
            len(model.chunks),
            analysis.index.lines,
            analysis.index.bytes,
            finished,
        )
        self._post(message)
        self._lent = newest
        self._told = time.monotonic()
        self._took = self._told - began
        # Telling takes a sixth of the time at most, however large the model has grown.
        every = EVERY if live or not self._shown else CALM
        # Until the first hosts are there a quick look is always due.
        self._due = self._told + (0.0 if first and self._took < QUICK else max(every, 5 * self._took))
