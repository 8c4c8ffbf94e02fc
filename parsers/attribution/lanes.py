"""Other processes that tell whose chunk it is, so that a large log is searched on every core: `Lanes`.

A lane is an executor with one worker: what is given to it is done in order, and its searches stay in it from one batch
to the next. Chunks travel without their lines, decisions come back as numbers.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Literal

from parsers.attribution.beam import Told
from parsers.attribution.events import Anew, Answered, Changed, Chunk, Close, Event, Mended, Open, Printed
from parsers.attribution.said import Piece
from parsers.attribution.window import BeamSearch

Answer = tuple[int, list[int], list[int], int | None]
"""A decision as numbers: the command, its chunks, those of them that are ambiguous, with whom it changed results."""

Ask = Literal["go on", "look", "finish", "forget"]

AHEAD = 3
"""Batches that may wait for each lane."""


class LaneError(Exception):
    """A process that tells chunks apart has died; what it knew is lost."""

    def __init__(self) -> None:
        super().__init__(
            "a process that tells chunks apart was killed (is memory short?); "
            "with SSHDEBUG_PROCESSES=1 everything is done in one process"
        )


def take(search: BeamSearch, event: Event) -> None:
    """Gives one event to a search."""
    match event:
        case Chunk(piece):
            search.chunk(piece)
        case Open(opened):
            search.opened(opened)
        case Close():
            search.closed(event)
        case Mended(whole, gone):
            search.mended(whole, gone)
        case Changed(ended, going_on):
            search.changed_places(ended, going_on)
        case Anew():
            search.told_anew(*event)
        case Answered(command, other):
            search.answered(command, other)
        case Printed():
            search.all_printed()


Key = tuple[int, int]
"""The numbers of a search and of the lane that it is in."""

_searches: dict[Key, BeamSearch] = {}
"""In a lane's process: the searches that go on there."""


def work(search: Key, events: list[Event], ask: Ask, last: Piece | None = None, *, fresh: bool = False) -> list[Answer]:
    """What a lane does with a batch: what was decided by it, or for `look`, how it would be if the log ended here."""
    if ask == "forget":
        _searches.pop(search, None)
        return []
    if fresh:
        _searches[search] = BeamSearch()
    own = _searches[search]
    for event in events:
        take(own, event)
    if ask == "look":
        return _numbers(own.provisional(last))
    if ask == "finish":
        own.finish()
        del _searches[search]
    return _numbers(own.take_decided())


def _numbers(told: list[Told]) -> list[Answer]:
    return [
        (one.command, [piece.index for piece in one.pieces], sorted(one.ambiguous), one.changed_with) for one in told
    ]


class Lane:
    """One worker."""

    def __init__(self, number: int, executor: Executor) -> None:
        self.number = number
        self.executor = executor
        self._waiting: deque[Future[list[Answer]]] = deque()
        """What it was given and has not done, oldest first."""
        self._lock = threading.Lock()
        """Several logs are read at once, each in a thread of its own."""

    def submit(
        self, search: int, events: list[Event], ask: Ask = "go on", last: Piece | None = None, *, fresh: bool = False
    ) -> Future[list[Answer]]:
        """Gives it a batch; LaneError where its process has died."""
        try:
            future = self.executor.submit(work, (search, self.number), events, ask, last, fresh=fresh)
        except BrokenExecutor as error:
            raise LaneError from error
        with self._lock:
            self._waiting.append(future)
        return future

    def load(self) -> int:
        """How many batches wait for it."""
        with self._lock:
            while self._waiting and self._waiting[0].done():
                self._waiting.popleft()
            return len(self._waiting)

    def behind(self, ahead: int) -> Future[list[Answer]] | None:
        """The oldest batch that waits, if more than `ahead` do."""
        return self._waiting[0] if self.load() > ahead else None


class Lanes:
    """The lanes of a program; any number of logs share them."""

    def __init__(self, start: Callable[[], Sequence[Executor]]) -> None:
        """`start` makes the workers, when they are first needed."""
        self._start = start
        self._lanes: list[Lane] = []
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    @classmethod
    def of_processes(cls, number: int) -> Lanes:
        """Lanes in `number` processes of their own, which end with this one."""

        def start() -> list[Executor]:
            # Here, since most logs never need them and every start of the program would wait for them.
            import multiprocessing.resource_tracker
            from concurrent.futures import ProcessPoolExecutor

            # A fork would copy the locks of whatever threads there are.
            context = multiprocessing.get_context("spawn")
            # The tracker is given stderr's file descriptor, and a screen's stand-in for stderr has none.
            with contextlib.redirect_stderr(sys.__stderr__):
                multiprocessing.resource_tracker.ensure_running()
            return [ProcessPoolExecutor(1, context, initializer=_begin) for _ in range(number)]

        return cls(start)

    def next_number(self) -> int:
        """A number for one more search."""
        return next(self._numbers)

    def idlest(self) -> Lane:
        """The lane with the least to do."""
        with self._lock:
            if not self._lanes:
                self._lanes = [Lane(number, executor) for number, executor in enumerate(self._start())]
        return min(self._lanes, key=Lane.load)

    def make_room(self, ahead: int = AHEAD) -> None:
        """Waits until no more than `ahead` batches wait for any lane: what is read must not pile up before them."""
        for lane in self._lanes:
            while (oldest := lane.behind(ahead)) is not None:
                oldest.exception()

    def close(self) -> None:
        """Ends the workers, once each has done the batch that it is at."""
        for lane in self._lanes:
            lane.executor.shutdown(cancel_futures=True)
        self._lanes = []


def result(future: Future[list[Answer]]) -> list[Answer]:
    """What came of a batch, waited for; LaneError where the lane's process has died."""
    try:
        return future.result()
    except BrokenExecutor as error:
        raise LaneError from error


def _begin() -> None:
    """In a new process: ctrl+c is the parent's to hear, and nothing is left to do when the parent is gone.

    It stands back for the parent, which has a screen to draw, or lines to read that keep all lanes busy.
    """
    import multiprocessing

    os.nice(10)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    import multiprocessing.connection

    multiprocessing.connection.wait([sentinel])
    os._exit(1)
