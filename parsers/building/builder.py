"""Records to the run model: `ModelBuilder`.

It keeps the little state that the log's framing needs (in a chunk, in a result's JSON, in remote text that a debug
line quotes) and hands every event to the run it belongs to. It decides line by line, so a block's borders can not
matter.
"""

from __future__ import annotations

import re

from parsers.attribution.lanes import Lanes
from parsers.building.frames import OpenChunk
from parsers.building.printed import PrintedBelow, PrintedBlocks, PrintedResult, printed_line, say
from parsers.building.remarks import remarks
from parsers.building.run_builder import RunBuilder
from parsers.building.settle import Weighed, settle, weigh
from parsers.building.settled import Settled
from parsers.lines import addressed, display, grammar
from parsers.lines.callbacks import RECAP, Callbacks
from parsers.lines.outset import Outset
from parsers.lines.records import Record, RecordReader
from parsers.log_model import LogModel
from parsers.model import ControlError, Place, Run, SourceKind, Stream
from parsers.pause import Pause, never
from parsers.workers.quoted import NOTHING

_FENCE = re.compile(rb"`{3}[a-z]{0,20}\r?")
"""What a form on the web wants around a log; somebody also puts it into the middle."""


class ModelBuilder:
    """Feeds on blocks of one log; `model` is settled by `snapshot`."""

    def __init__(self, lanes: Lanes | None = None) -> None:
        """`lanes` are other processes that tell chunks apart where there are many."""
        self.model = LogModel()
        self._lanes = lanes
        self._records = RecordReader()
        self._runs: list[RunBuilder] = []
        self._weighed: Weighed | None = None
        """Where `prepare` was called, and nothing was fed since."""
        self._settled = 0
        """Runs that are settled for good."""
        self._chunk: OpenChunk | None = None
        self._json: PrintedResult | None = None
        self._quoted = NOTHING
        """Remote text, quoted by a debug line, that is still to come."""
        self._skip_until_header = False
        self._text_below = False
        """Whether a host's own output is printed as it is (callback minimal), up to the next line of Ansible's."""
        self._below: PrintedBelow | None = None
        self._blocks: PrintedBlocks | None = None
        self._error: ControlError | None = None
        self._outset = Outset()
        self._callbacks = Callbacks()
        self._in_recap = False
        self._headers = False
        self._addressed = False
        self._displayed = False
        self._nul = False

    # ---- feeding

    def behind(self, raw: bytes) -> int:
        """As `RecordReader.behind`."""
        return self._records.behind(raw)

    def feed(self, block: bytes) -> None:
        """Adds the next bytes of the log."""
        if b"\x00" in block:
            self._nul = True
        self._take_back()
        for record in self._records.feed(block):
            self._line(record)
        self.model.bytes += len(block)

    def finish(self) -> None:
        """The input is over."""
        self._take_back()
        for record in self._records.finish():
            self._line(record)
        if self._chunk is not None:
            self._chunk.close(cut=self._chunk.end is None, behind=(self._records.offset, self._records.line + 1))
            self._chunk_over()
        self._close_json()
        if not self.model.complete:
            for builder in self._runs:
                builder.finish()
            for command in self.model.chunks.commands:
                command.seen = None  # a whole log is the same, whoever looked at it before
        self.model.complete = True

    def forget(self) -> None:
        """The log is of no more interest."""
        if self._runs:
            self._runs[-1].commands.nameless.forget()

    def _take_back(self) -> None:
        self._weighed = None
        if self._runs:
            self._runs[-1].commands.nameless.take_back()

    def prepare(self, *, provisional: bool = True, pause: Pause = never) -> None:
        """Does the longest part of the next `snapshot`, which needs no stillness of the model.

        Without `provisional`, chunks that are not decided yet stay nobody's.
        """
        if provisional:
            self._lend()
        else:
            self._take_back()
        if self._runs:
            self._weighed = weigh(self._runs[-1], pause)

    def _lend(self) -> None:
        self._take_back()
        if self._runs and not self.model.complete:
            chunk = self._chunk
            ended = chunk.end or chunk.passed if chunk is not None and chunk.index >= 0 else None
            if chunk is not None and ended is not None:
                self.model.chunks.set_end(chunk.index, ended[0], chunk.lines_to(ended))
            self._runs[-1].commands.lend(ended[1:] if ended is not None else None)

    @property
    def settled(self) -> Settled:
        """What of the newest run is settled for good."""
        return self._runs[-1].settled if self._runs else Settled()

    def snapshot(self, *, now: float | None = None) -> LogModel:
        """Settles names, stages and states of what was read so far."""
        model = self.model
        model.lines = self._records.line
        model.kind = self._kind()
        model.runs = [builder.run for builder in self._runs]
        if self._weighed is None:
            self._lend()
        for builder in self._runs[self._settled :]:
            newest = builder is self._runs[-1]
            settle(builder, now=now if newest else None, weighed=self._weighed if newest else None)
        self._weighed = None
        # A run that has another one behind it changes no more.
        self._settled = max(0, len(self._runs) - 1)
        model.notes = self._notes()
        return model

    def _kind(self) -> SourceKind:
        if self._records.log_file:
            return SourceKind.LOG
        if self._headers:
            return SourceKind.DEBUG
        if self._displayed or self._addressed:
            return SourceKind.VERBOSE
        return SourceKind.UNKNOWN

    @property
    def sure_line(self) -> int | None:
        """The line of the first thing that only Ansible writes; None so far."""
        return self._runs[0].run.first.line if self._runs else None

    def _notes(self) -> list[tuple[Place | None, str]]:
        notes: list[tuple[Place | None, str]] = []
        for line, size in self._records.overlong:
            notes.append((None, f"line {line} has {size:,} bytes; what follows its first 64 MiB was not read"))
        if self.model.complete and self._records.cut:
            notes.append((None, f"the log ends in the middle of line {self._records.line} (no line feed)"))
        if self._nul:
            notes.append((None, "the log holds NUL bytes: it is, or was overwritten by, something that is not text"))
        for builder in self._runs:
            notes.extend(remarks(builder, complete=self.model.complete))
        return notes

    # ---- one line

    def _chunk_over(self) -> None:
        """What was read behind the chunk's end, before it was known to be the end, is Ansible's own."""
        behind = self._chunk.behind if self._chunk is not None else []
        self._chunk = None
        for record in behind:
            self._line(record)

    def _line(self, record: Record) -> None:
        body = record.body
        if self._chunk is not None:
            if self._chunk.line(record):
                return
            self._chunk_over()
        if self._quoted.left and self._quoted.takes(body):
            return
        first = body[:1]
        # Header lines begin with up to six blanks or a digit: one look at the first byte spares most lines the pattern.
        if first == b" " or first.isdigit():
            parsed = grammar.header(body)
            if parsed is not None:
                if self._text_below and not self._goes_on(parsed):
                    return
                if self._runs and self._runs[-1].foreign(parsed):
                    return
                self._text_below = False
                self._header(record, parsed)
                return
        if self._text_below and self._is_text(record):
            if self._below is not None:
                self._below.line(body, Place(record.offset, record.line))
            return
        if self._skip_until_header:
            if first != b"<" or not self._known_address(body):
                return
            self._skip_until_header = False
        if self._json is not None:
            if first in (b" ", b"}", b"]") or not first:
                self._json_line(body, record)
                return
            if _FENCE.fullmatch(body) is not None:
                return
            if self._is_stray(body):
                self._json_line(body, record)
                return
            self._close_json()
        if first == b"<":
            who = addressed.split(body)
            if who is not None:
                event = addressed.event_of(who.rest)
                self._error = None
                if event is not None:
                    self._addressed = True
                    self._run_for(record).addressed(record, who.who, event)
                return
        self._display(record)

    def _is_stray(self, body: bytes) -> bool:
        """Whether a line in a result that does not begin as its lines do is nothing of Ansible's own."""
        if self._json is None or not self._json.stray() or self._known_address(body):
            return False
        return display.event(body) is None and display.adhoc_result(body) is None

    def _goes_on(self, parsed: grammar.Header) -> bool:
        builder = self._runs[-1]
        return builder.goes_on(parsed, builder.run.last_time or parsed.time)

    def _is_text(self, record: Record) -> bool:
        """Whether a line behind `web1 | CHANGED | rc=0 >>` is of that host's own output."""
        body = record.body
        if record.log_pid is not None:
            self._text_below = False  # in the file of ANSIBLE_LOG_PATH a result is one record, output and all
        elif body[:1] == b"<":
            self._text_below = not self._known_address(body)
        elif b" | " in body[:270] and (found := display.adhoc_result(body)) is not None:
            self._text_below = not self._runs[-1].knows(found.name)
        elif isinstance(event := display.event(body), display.Banner | display.Section):
            # Another run begins.
            self._text_below = isinstance(event, display.Section) and event.kind not in ("PLAYBOOK", "PLAY")
        return self._text_below

    def _known_address(self, body: bytes) -> bool:
        who = addressed.split(body)
        return who is not None and bool(self._runs) and who.who in self._runs[-1].addresses

    def _run_for(self, record: Record) -> RunBuilder:
        if not self._runs:
            return self._new_run(record)
        builder = self._runs[-1]
        builder.seen(record)
        return builder

    def _new_run(self, record: Record) -> RunBuilder:
        if self._runs:
            self._runs[-1].finish()
        run = Run(len(self._runs), Place(record.offset, record.line))
        builder = RunBuilder(run, self.model.chunks, self._lanes)
        self._runs.append(builder)
        builder.seen(record)
        self._in_recap = False
        self._error = None
        return builder

    # ---- debug headers

    def _header(self, record: Record, parsed: grammar.Header) -> None:
        self._headers = True
        self._skip_until_header = False
        self._close_json()
        self._error = None
        self._in_recap = False
        event = grammar.debug_event(parsed.message)
        if event is None and parsed.host is not None and parsed.message.startswith(b"found interpreters: "):
            event = grammar.Hosted(parsed.host)
        starts = isinstance(event, grammar.RunStarted) and not (self._runs and self._runs[-1].untimed)
        builder = self._new_run(record) if starts else self._run_for(record)
        if isinstance(event, grammar.RunStarted) and builder.run.ansible_version is not None:
            builder.torn = True  # it is the first that Ansible says, at -v the version comes behind it
        builder.clock(parsed, Place(record.offset, record.line))
        if event is None:
            chunk = grammar.CHUNK.fullmatch(parsed.message)
            if chunk is not None:
                stream = Stream.STDERR if chunk.group(1) == b"stderr" else Stream.STDOUT
                self._chunk = OpenChunk(
                    builder,
                    Place(record.offset, record.line),
                    parsed.pid,
                    parsed.time,
                    stream,
                    int(chunk.group(2)),
                    record.body,
                )
            return
        quoted = builder.debug(record, parsed, event)
        self._quoted = quoted or NOTHING
        self._skip_until_header = quoted is None

    # ---- Ansible's own display

    def _display(self, record: Record) -> None:
        body = record.body
        event = display.event(body)
        if event is None and self._blocks is not None and self._blocks.line(body, Place(record.offset, record.line)):
            return
        self._blocks = None
        if event is None and (told := self._callbacks.events(body)):
            if self._callbacks.behind and self._runs and self._runs[-1].addresses:
                self._runs[-1].late = True
                told = [one for one in told if isinstance(one, display.RecapLine) or one == RECAP]
            for one in told:
                self._shown(record, one)
            return
        if event is None:
            if self._in_recap and (recap := display.recap_line(body)) is not None:
                self._run_for(record).recap(record, recap)
            elif body[:10] == b"included: " and (names := display.included(body)) is not None:
                self._run_for(record).included(record, names)
            elif b" | " in body[:270] and (adhoc := display.adhoc_result(body)) is not None:
                self._displayed = True
                self._result(record, self._run_for(record), adhoc)
            elif self._error is not None:
                self._error_line(record)
            elif not self._runs and (torn := display.torn_result(body)) is not None:
                self._displayed = True
                self._result(record, self._run_for(record), torn)
            elif not self._runs and (error := self._outset.line(body, Place(record.offset, record.line))) is not None:
                # Nothing of Ansible's own was printed, and it is what the log is about: a run that never began.
                self._displayed = True
                run = self._new_run(record).run
                run.first = error.place
                run.control_errors.append(error)
                self._error = error
            return
        self._callbacks.seen(event)
        self._shown(record, event)

    def _shown(self, record: Record, event: display.Event) -> None:
        self._displayed = True
        if not isinstance(event, display.Warned):
            self._error = None
        if isinstance(event, display.Banner):
            builder = self._runs[-1] if self._runs and self._runs[-1].fresh else self._new_run(record)
            builder.seen(record)
            builder.banner(event)
            return
        if isinstance(event, display.Section):
            self._section(record, event)
            return
        builder = self._run_for(record)
        if isinstance(event, display.ResultLine):
            self._result(record, builder, event)
        elif isinstance(event, display.RecapLine):
            builder.recap(record, event)
        elif isinstance(event, display.Said):
            builder.said(event, record)
        elif isinstance(event, display.Trouble):
            self._trouble(record, builder)
        elif isinstance(event, display.Warned):
            builder.warned(record)
        else:
            builder.minor(event)

    def _section(self, record: Record, event: display.Section) -> None:
        starts = event.kind in ("PLAYBOOK", "PLAY")
        if self._runs and starts and self._runs[-1].run.recap is not None:
            self._new_run(record)
        builder = self._run_for(record)
        self._in_recap = event.kind == "PLAY RECAP"
        builder.section(record, event)

    def _result(self, record: Record, builder: RunBuilder, event: display.ResultLine) -> None:
        result = builder.result(record, event)
        self._text_below = event.text
        self._below = PrintedBelow(result) if event.text else None
        result.rc = event.rc
        if event.output and event.word == "failed":
            printed_line(result, event.output)
        if event.message:
            say(result, event.message)
        if not event.json:
            return
        broke = event.word in ("failed", "unreachable")
        self._json = PrintedResult(result, broke, keep=builder.wants_result)
        self._json_line(event.json, record)

    def _json_line(self, body: bytes, record: Record) -> None:
        if self._json is not None and self._json.line(body, Place(record.offset, record.line)):
            self._close_json()

    def _close_json(self) -> None:
        if self._json is not None:
            self._json.close()
            if self._runs:
                self._runs[-1].printed(self._json)
            self._blocks = PrintedBlocks(self._json.result) if self._json.broke and self._json.in_lines else None
        self._json = None

    def _trouble(self, record: Record, builder: RunBuilder) -> None:
        if b"Task failed: " in record.body[:40]:
            return  # 2.19 says it before the host's own result line
        self._error = ControlError(Place(record.offset, record.line))
        builder.trouble(self._error, record)
        self._error_line(record)

    def _error_line(self, record: Record) -> None:
        if self._error is not None and len(self._error.lines) < 40:
            text = grammar.text_of(record.body.rstrip(b"\r"), 400)
            self._error.lines.append((Place(record.offset, record.line), text))
