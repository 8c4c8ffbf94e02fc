"""One run's events: its banner, sections, results and recap here, its commands in `Commands` and `Binding`."""

from __future__ import annotations

from parsers.attribution.lanes import Lanes
from parsers.building.printed import PrintedResult, say
from parsers.building.settled import Settled
from parsers.lines import addressed, display, grammar
from parsers.lines.records import Record
from parsers.lines.reprs import NotWholeError
from parsers.log_model import ChunkTable
from parsers.model import ControlError, Place, Result, Run
from parsers.workers.binding import Binding
from parsers.workers.commands import Commands
from parsers.workers.naming import Names
from parsers.workers.quoted import NOTHING, Quoted
from parsers.workers.sharing import Given
from parsers.workers.worker import AD_HOC, HostResult, Section

_FORGED_SPAN = 600.0
"""Seconds by which a header's time may differ from its neighbours' before it counts as text."""


class RunBuilder:
    """Collects what the log says of one run; `settle` makes the run's hosts of it."""

    def __init__(self, run: Run, chunks: ChunkTable, lanes: Lanes | None = None) -> None:
        self.run = run
        self.sections: list[Section] = []
        self.recaps: list[tuple[Place, display.RecapLine]] = []
        self.pids: set[int] = set()
        """Every pid that a header outside of remote text showed."""
        self.addresses: set[str] = set()
        self.others: dict[str, dict[str, Place]] = {}
        """By a connection plugin other than ssh and local, whom it reaches, and the line that says so first."""
        self.notes: list[tuple[Place | None, str]] = []
        self.names = Names()
        self.commands = Commands(chunks, lanes)
        self._binding = Binding(self.commands, self.sections, self._here)
        self._play = ""
        self._plays = 0
        self._next_title: dict[str, str] = {}
        self.titles: dict[str, list[Given]] = {}
        self._play_is_free = False
        """Whether the log says of this play that its hosts do not wait for each other."""
        """(line, title) of each task that a host was given while hosts do not wait for each other."""
        self._queued: set[str] = set()
        self.torn = False
        """Whether the log's two streams stand in another order than Ansible wrote them."""
        self.late = False
        """Whether its results stand in one document behind it: they are counted, and tell no command's end."""
        self.over = False
        """Whether Ansible said that it cleans up."""
        self._last_result: Result | None = None
        self._last_section = Section(-1, "", run.first)
        self.settled = Settled()
        self.quotes_log: float | None = None
        """Time of the newest chunk whose text has another run's headers."""

    # ---- the run itself

    @property
    def fresh(self) -> bool:
        """Whether nothing but `starting run` was seen."""
        return not self.sections and self.run.ansible_version is None and not self.addresses

    @property
    def untimed(self) -> bool:
        """Whether only warnings and errors were seen, with no header yet; or what -v says before the first play.

        Where both streams go into one file, stderr is there at once, and stdout's first words come behind it. With
        ANSIBLE_VERBOSE_TO_STDERR what -v says is there before as well.
        """
        if self.run.parent_pid is not None or self.sections or self.addresses or self.recaps:
            return False
        return self.run.ansible_version is None or not self.run.control_errors

    def knows(self, name: str) -> bool:
        """Whether a result of `name` can be Ansible's own: it was queued, where the log has the queue's lines."""
        return not self._queued or name in self._queued

    def plausible(self, parsed: grammar.Header, time: float) -> bool:
        """Whether a header among text is Ansible's own: its pid is known, and its time near `time`."""
        event = grammar.debug_event(parsed.message)
        known = parsed.printed in self.pids
        if isinstance(event, grammar.ExecutorStarted):  # a new worker, of a host that the run has
            known = known or self.knows(event.name)
        return known and abs(parsed.time - time) < _FORGED_SPAN + (3600.0 * 24 if event is None else 0.0)

    def goes_on(self, parsed: grammar.Header, time: float) -> bool:
        """Whether a header behind text goes on with this run, near `time`, or begins another."""
        return (_begins(parsed) and parsed.time >= time) or self.plausible(parsed, time)

    def foreign(self, parsed: grammar.Header) -> bool:
        """Whether a header is another run's, in a log that a module prints: from 2.17 on each has the parent's pid.

        Such a log was written before; the end of its chunks can look like the end of the one that it stands in.
        """
        proxied = self.commands.version is not None and self.commands.version >= (2, 17)
        if not proxied or parsed.printed == self.run.parent_pid or self.run.last_time is None:
            return False
        return parsed.time < self.run.last_time and not _begins(parsed)

    def finish(self) -> None:
        """The run's log is over."""
        self._binding.flush()
        self.commands.nameless.finish()

    def seen(self, record: Record) -> None:
        """A line of this run."""
        self.run.last_line = record.line
        self.run.log_file = self.run.log_file or record.log_pid is not None
        if record.stamp is not None:
            self._clock(record.stamp)

    def _clock(self, time: float) -> None:
        self.commands.now = time
        if self.run.started is None:
            self.run.started = time
        self.run.last_time = time

    def clock(self, parsed: grammar.Header, place: Place) -> None:
        """A debug header: its time, its pid as one of this run's, and in a stamped log its worker."""
        self._clock(parsed.time)
        self.run.debug = True
        if self.run.parent_pid is None:
            self.run.parent_pid = self.commands.parent_pid = parsed.printed
        self.pids.add(parsed.printed)
        if parsed.host is not None and parsed.pid != self.run.parent_pid:
            worker = self.commands.by_pid.get(parsed.pid)
            if worker is None or worker.name != parsed.host:  # a pid can come again in a long run
                self._binding.stamped(place, parsed.pid, parsed.host)

    def banner(self, event: display.Banner) -> None:
        """The first line from -vv on (`display.vv`, 2.0-2.21): what is louder shows later."""
        self.run.ansible_version = event.version
        major, _, rest = event.version.partition(".")
        minor = rest.partition(".")[0]
        self.commands.version = (int(major), int(minor)) if major.isdigit() and minor.isdigit() else None
        self.run.verbosity = max(self.run.verbosity or 0, 2)

    def section(self, record: Record, event: display.Section) -> None:
        """PLAYBOOK, PLAY, TASK, RUNNING HANDLER, PLAY RECAP."""
        place = Place(record.offset, record.line)
        if event.kind in ("TASK", "RUNNING HANDLER") and self._play_is_free:
            self._binding.rest()
        else:
            self._binding.flush()
            self._play_is_free = False
        if event.kind == "PLAYBOOK":
            self.run.playbook = event.name
        elif event.kind == "PLAY":
            self._play = event.name
            self._plays += 1
            # What comes before the play's first banner is nobody's task yet.
            self.sections.append(Section(len(self.sections), "", place, self._play, play_index=self._plays))
        elif event.kind == "PLAY RECAP":
            self.run.recap = place
        elif self._is_late():
            section = self.sections[-1]
            section.name, section.titled = event.name, True
            section.handler = event.kind == "RUNNING HANDLER"
        else:
            handler = event.kind == "RUNNING HANDLER"
            self.sections.append(
                Section(
                    len(self.sections),
                    event.name,
                    place,
                    self._play,
                    handler,
                    play_index=self._plays,
                    last_line=record.line,
                )
            )

    def _is_late(self) -> bool:
        """Whether a banner is of the task whose hosts were queued before it: where results that are ok, or skipped, are
        not shown, it stands before the first one that is."""
        section = self.sections[-1] if self.sections else None
        if section is None or section.announced or section.titled:
            return False
        return bool(section.queued) and not section.drained

    def _here(self, place: Place) -> Section:
        """The section that a line belongs to by its position."""
        if not self.sections:
            self.sections.append(Section(0, "", place, self._play, last_line=place.line, announced=False))
        section = self.sections[-1]
        section.last_line = place.line
        return section

    def _next_unannounced(self, before: Section, place: Place, action: str) -> Section:
        """The next task where no banner says so (callbacks minimal, oneline, json): hosts are queued again."""
        self._binding.flush()
        if before.name in ("", AD_HOC):
            before.name = before.action or AD_HOC
        name = action or AD_HOC
        section = Section(
            len(self.sections),
            name,
            place,
            self._play,
            play_index=self._plays,
            last_line=place.line,
            announced=False,
        )
        self.sections.append(section)
        return section

    def minor(self, event: display.Event) -> None:
        """The lesser lines of the display."""
        if isinstance(event, display.TaskPath) and self.sections:
            self.sections[-1].path = event.path
            self.run.verbosity = max(self.run.verbosity or 0, 2)
        elif isinstance(event, display.Verbosity):
            self.run.verbosity = event.level
        elif isinstance(event, display.Forks):
            self.run.forks = event.forks
        elif isinstance(event, display.Ignoring):
            if self._last_result is not None:
                self._last_result.ignored = True
                self._last_section.changes += 1
        elif isinstance(event, display.ActionSaid) and self.sections:
            self.sections[-1].action = event.action
        elif isinstance(event, display.ModuleFile) and self.sections and self.sections[-1].action is None:
            self.sections[-1].action = event.path.rsplit("/", 1)[-1].removesuffix(".py")

    def warned(self, record: Record) -> None:
        """`[WARNING]: …`."""
        if len(self.run.warnings) < 200:
            self.run.warnings.append((Place(record.offset, record.line), grammar.text_of(record.body, 400)))

    def trouble(self, error: ControlError, record: Record) -> None:
        """`ERROR! …`, `[ERROR]: …` that belongs to no task."""
        if b"User interrupted execution" in record.body[:80]:
            self.notes.append((error.place, "the run was interrupted by whoever ran it"))
        else:
            self.run.control_errors.append(error)

    def recap(self, record: Record, event: display.RecapLine) -> None:
        """A host's line of the recap."""
        self.recaps.append((Place(record.offset, record.line), event))

    def said(self, event: display.Said, record: Record) -> None:
        """The message of the newest result."""
        result = self._last_result
        if result is None or result.message:
            return
        say(result, event.message)
        result.message_place, result.last_line = Place(record.offset, record.line), record.line
        if event.unreachable:
            result.word = "unreachable"
        self.commands.nameless.quoted(result.message)
        self._last_section.changes += 1

    @property
    def wants_result(self) -> bool:
        """Whether what the newest result says tells of others, too."""
        return self._binding.may_have_crossed

    def printed(self, printed: PrintedResult) -> None:
        """The newest result was printed whole."""
        if printed.message:
            self.commands.nameless.quoted(printed.message)
        if printed.document:
            self._binding.printed(printed.document)

    def included(self, record: Record, event: display.Included) -> None:
        """`included: FILE for web1, web2`: the task is done for them."""
        section = self._here(Place(record.offset, record.line))
        for name in event.names:
            result = Result(Place(record.offset, record.line), "ok", last_line=record.line)
            section.results.append(HostResult(name, None, None, result))

    def result(self, record: Record, event: display.ResultLine) -> Result:
        """A host's result."""
        section = self._here(Place(record.offset, record.line))
        if event.adhoc and event.item is None and self._again(section, event.name):
            section = self._told_apart(section, Place(record.offset, record.line))
        if event.adhoc and not section.name:
            section.name = AD_HOC
        result = Result(Place(record.offset, record.line), event.word, event.item, last_line=record.line)
        section.results.append(HostResult(event.name, event.delegate, event.delegate_address, result))
        self._last_result, self._last_section = result, section
        unreachable = event.word == "unreachable"
        self._binding.result(section, event.name, last=event.item is None, unreachable=unreachable)
        for worker in section.workers:
            if worker.name == event.name and worker.current is not None and event.item is None:
                self.commands.close(worker, result.place, None)
        return result

    def _told_apart(self, before: Section, place: Place) -> Section:
        """The next task where only its results tell it: what began behind the last result of the one before is its."""
        shown = before.results[-1].result.place
        section = self._next_unannounced(before, place, "")
        for worker in [worker for worker in before.workers if worker.first > shown]:
            before.drop(worker)
            worker.section = section
            section.begin(worker)
        section.first = min((worker.first for worker in section.workers), default=place)
        return section

    def _again(self, section: Section, name: str) -> bool:
        """Whether a host has its result in a task already, in a log in which nothing but results tells tasks apart."""
        if section.announced or section.titled or section.queued or self.run.debug:
            return False
        return any(entry.name == name for entry in section.results)

    # ---- debug lines

    def debug(self, record: Record, parsed: grammar.Header, event: grammar.DebugEvent) -> Quoted | None:
        """A debug line's event. Returns the quoted remote text that follows; None where that is not known."""
        place = Place(record.offset, record.line)
        if isinstance(event, grammar.Stamping):
            self.run.stamped = event.on
            if not event.on:
                self.notes.append((place, event.reason))
            return NOTHING
        if isinstance(event, grammar.RunOver):
            self.over = True
            return NOTHING
        if isinstance(event, grammar.MarkedFailed):
            self._here(place).marked[event.name] = place
            return NOTHING
        if isinstance(event, grammar.FailedState):
            section = self._here(place)
            if section.marked and not event.rescue:
                section.lost.add(next(reversed(section.marked)))
            return NOTHING
        if isinstance(event, grammar.ResultsIn):
            self._here(place).drained = True
            return NOTHING
        if isinstance(event, grammar.FreeHost):
            self._here(place).free = self._play_is_free = True
            if parsed.host is not None:
                self._next_title[parsed.host] = event.title
            return NOTHING
        if isinstance(event, grammar.Hosted):
            self._here(place).answered.append((event.name, record.line))
            return NOTHING
        if isinstance(event, grammar.ExecutorStarted):
            section = self._here(place)
            if not section.announced and not section.titled and event.title != section.action:
                section.name = event.title
            if parsed.pid != self.run.parent_pid:
                self._binding.started(place, parsed.pid, event.name, event.title)
            else:
                section.begun.setdefault(event.name, record.line)
            return NOTHING
        if isinstance(event, grammar.WorkerEnded) and parsed.pid == self.run.parent_pid:
            self._binding.ended(place, event.name)
            return NOTHING
        if isinstance(event, grammar.TaskQueued):
            section = self._here(place)
            if not section.name and not section.free:
                section.announced = False  # or the banner would have come first
            again = section.drained or event.name in section.queued
            if again and not section.announced and not section.free:
                section = self._next_unannounced(section, place, event.action)
            section.queue(event.name, place)
            section.drained = False
            self._queued.add(event.name)
            if event.name in self._next_title:
                given = Given(record.line, self._next_title[event.name], event.action)
                self.titles.setdefault(event.name, []).append(given)
            section.action = section.action or event.action
            return NOTHING
        if isinstance(event, grammar.Done):
            head = parsed.message.partition(b"stdout=")[2].rstrip(b"\r")
            self._binding.done(parsed.pid, event.rc, head)
            return self.commands.done(parsed.pid, event.rc, head, place)
        if isinstance(event, grammar.FalseSuccess):
            self.commands.escalated(place, event.key, event.text)
            return NOTHING
        worker = self.commands.by_pid.get(parsed.pid)
        if worker is None:
            if isinstance(event, grammar.Initial) and len(self.commands.open) == 1:
                next(iter(self.commands.open.values()))[0].sent_bytes = event.size
            elif isinstance(event, grammar.Announced):
                self._binding.went_on(place, event.text)
            return NOTHING
        worker.last = place
        if isinstance(event, grammar.Announced):
            self._binding.announced(place, worker, event.text)
        elif isinstance(event, grammar.Initial) and worker.current is not None:
            worker.current.sent_bytes = event.size
        elif isinstance(event, grammar.WorkerEnded):
            worker.section.done.append((event.name, record.line))
            self.commands.close(worker, place, None)
        return NOTHING

    # ---- `<X>` lines

    def addressed(self, record: Record, who: str, event: addressed.Event) -> None:
        """A line that begins with `<X> `."""
        self.run.verbosity = max(self.run.verbosity or 0, 3)
        place = Place(record.offset, record.line)
        if isinstance(event, addressed.Discovering):
            self._here(place).discovered.append((who, record.line))
            return
        self.addresses.add(who)
        if isinstance(event, addressed.Established):
            self._binding.established(record.line, who, local=event.kind != "SSH")
            if event.kind not in ("SSH", "LOCAL"):
                self.others.setdefault(event.kind, {}).setdefault(who, place)
        elif isinstance(event, addressed.Executed):
            self.run.ssh_debug = self.run.ssh_debug or event.ssh_verbose
            self._binding.executed(place, who, event)
        elif isinstance(event, addressed.Put):
            self._binding.put(place, who, event)
        elif isinstance(event, addressed.Retrying):
            self._binding.retrying(who)
        else:
            try:
                self._binding.tupled(place, who, event)
            except NotWholeError as error:
                self.notes.append((place, f"the result of a command on line {record.line} is not whole: {error}"))


def _begins(parsed: grammar.Header) -> bool:
    """Whether a header is the first of a run."""
    return isinstance(grammar.debug_event(parsed.message), grammar.RunStarted)
