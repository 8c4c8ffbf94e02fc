"""A chunk as the log frames it: `>>>`, text, `<<<`, where the text can hold `<<<` and whole records itself.

`<<<` at a line's end is the chunk's end where a record of Ansible's own follows. A record inside the text is Ansible's
own, and cuts a chunk that was never closed, where its pid is known to the run and its time is near. Where the text
has another run's headers, a module prints that run's log, and only such a record is Ansible's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from parsers.building.run_builder import RunBuilder
from parsers.lines import addressed, display, grammar
from parsers.lines.records import Record
from parsers.model import Place, Stream

_SECONDS = 10.0
"""For as long, text that goes on in the next chunk is the same log."""


@dataclass(slots=True)
class OpenChunk:
    """A chunk whose end has not been read, or not been seen to be its end."""

    run: RunBuilder
    place: Place
    pid: int
    time: float
    stream: Stream
    state: int
    header: bytes
    """Its header's line."""
    index: int = -1
    """In the chunk table, once `>>>` was seen."""
    end: tuple[int, bytes, int, int] | None = None
    """(end offset, piece, its offset, its line) of a line that ends with `<<<`: the end, if a record follows."""
    blanks: list[Record] = field(default_factory=list)
    """Blank lines behind such a line: Ansible's before a banner, or more of the text."""
    passed: tuple[int, bytes, int, int] | None = None
    """As `end`, of a `<<<` that a line of no known form followed: the end after all, where no other comes."""
    behind: list[Record] = field(default_factory=list)
    """What stands behind that one: text of the chunk where another end comes, and else Ansible's own."""

    def lines_to(self, end: tuple[int, bytes, int, int]) -> int:
        """How many lines of text it has if `end` is its end. The first one, behind `>>>`, follows its header."""
        _, piece, _, line = end
        return line - self.place.line - 1 + bool(piece)

    def line(self, record: Record) -> bool:
        """Takes the next line; False where it is not the chunk's: then the chunk is over."""
        commands = self.run.commands
        body, offset = record.body, record.start
        if self.index < 0:
            if body[:3] != b">>>":
                if body[:1] == b"\r" and body[1:4] == b">>>":
                    body, offset = body[1:], offset + 1
                else:
                    return False
            start = offset + 3
            self.index = commands.chunk_opened(
                self.place, start, self.time, self.pid, self.stream, self.state, self.header
            )
            body, offset = body[3:], start
        elif self.end is not None:
            if body in (b"", b"\r"):
                self.blanks.append(record)
                return True
            if self._record_follows(record):
                self.close(cut=False, behind=(record.offset, record.line))
                return False
            # It was not the end, as far as one can see: the line that closed with `<<<` is text.
            self._go_past()
            self.passed, self.end = self.end, None
            self.behind, self.blanks = self.blanks, []
        elif self._cut_by(record):
            self.close(cut=True, behind=(record.offset, record.line))
            return False
        stripped = body[:-1] if body.endswith(b"\r") else body
        if stripped.endswith(b"<<<"):
            piece = stripped[:-3]
            self.end = (offset + len(piece), piece, offset, record.line)
            return True
        if self.passed is not None:
            self.behind.append(record)
        else:
            commands.chunk_text(body, offset, record.line, ended=True)
        return True

    def _go_past(self) -> None:
        """Another end has come: what was passed is text."""
        if self.passed is not None:
            _, piece, offset, line = self.passed
            self.run.commands.chunk_text(piece + b"<<<", offset, line, ended=True)
            for record in self.behind:
                self.run.commands.chunk_text(record.body, record.start, record.line, ended=True)
            self.passed, self.behind = None, []

    def _record_follows(self, record: Record) -> bool:
        body = record.body
        first = body[:1]
        if first == b" " or first.isdigit():
            parsed = grammar.header(body)
            return parsed is not None and self.run.goes_on(parsed, self.time)
        if self._quotes_log():
            return False
        if first == b"<":
            return addressed.split(body) is not None
        if record.log_pid is not None:
            return True
        event = display.event(body)
        if event is None and b" | " in body[:270]:
            event = display.adhoc_result(body)
        if isinstance(event, display.ResultLine):
            return self.run.knows(event.name)
        return event is not None or body.startswith(_UNMARKED)

    def _cut_by(self, record: Record) -> bool:
        """Whether a line inside a chunk shows that the chunk was never closed (a log cut and joined, mixed writes).

        Or that it was where something unknown followed `<<<`.
        """
        if self.passed is not None and record.body[:1] == b"<" and not self._quotes_log():
            who = addressed.split(record.body)
            return who is not None and who.who in self.run.addresses and addressed.event_of(who.rest) is not None
        if record.body[:1] != b" " and not record.body[:1].isdigit():
            return False
        parsed = grammar.header(record.body)
        if parsed is None:
            return False
        begins = self.passed is not None and self.run.goes_on(parsed, self.time)
        if not begins and not self.run.plausible(parsed, self.time):
            self.run.quotes_log = self.time
            return False
        # Behind what may be the end, the header may be of another worker, by its own clock reading.
        return parsed.time >= self.time - (_SECONDS if self.passed is not None else 0.0)

    def _quotes_log(self) -> bool:
        """Whether the text is, or goes on with, the log of another run: its `<<<` and results look like this one's."""
        quotes = self.run.quotes_log
        return quotes is not None and abs(self.time - quotes) < _SECONDS

    def close(self, *, cut: bool, behind: tuple[int, int]) -> None:
        """The chunk is over; `behind` are offset and number of the first line that is not the chunk's any more."""
        if self.index < 0:
            return
        commands = self.run.commands
        if self.end is not None:
            self._go_past()
        ended = self.end or self.passed
        if ended is not None:
            end, piece, offset, line = ended
            if piece:
                commands.chunk_text(piece, offset, line, ended=False)
            commands.chunk_closed(self.index, end, self.lines_to(ended))
        else:
            commands.chunk_closed(self.index, behind[0], behind[1] - self.place.line - 1)
        if cut and ended is None:
            self.run.notes.append((self.place, f"the chunk of line {self.place.line} has no end (`<<<`)"))


_UNMARKED = (
    b"Using module",
    b"Including module_utils file ",
    b"Pipelining is enabled",
    b"Escalation ",
    b"META: ",
    b"PLAYBOOK: ",
    b"included: ",
    b"NO MORE HOSTS",
    b"Loading ",
    b"redirecting ",
    b"Set default localhost",
    b"Read vars_file",
    b"Read `vars_file`",
    b"skipping vars_file ",
    b'looking for "',
    b"ssh_retry: ",
    b"forks: ",
    b"NOTIFIED HANDLER ",
    b"Notification for handler ",
    b"skipping: no hosts matched",
    b"creating host via 'add_host'",
    b"Running ansible.",
    b"Interpreter discovery ",
    b"Python interpreter discovery ",
    b"File lookup using ",
    b"wait_for_connection: ",
    b"reboot: ",
    b"CONNECTION: pid ",
    b"sending connection ",
    b"Exception during async poll",
    b"FAILED - RETRYING: ",
    b"ASYNC POLL on ",
    b"ASYNC OK on ",
    b"ASYNC FAILED on ",
)
"""Beginnings of what Ansible displays with neither a header nor a host (-v to -vvvvv, ansible-core 2.13 to 2.19): a
chunk may end before them."""
