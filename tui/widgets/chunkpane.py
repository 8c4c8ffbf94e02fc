"""The chunks pane as a whole: which rows stand for a stage, the view, and the explanation below it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from parsers.lines.reprs import decode_tuple
from parsers.model import Attribution, Command, Run, StageRun, Stream, Tool
from parsers.showable import showable
from tui.widgets.bars import entitle
from tui.widgets.chunks import FRAME, NO_HOST, ChunkRows, ChunkView, TupleRows, WordRows
from tui.widgets.layout import ChunkLayout
from tui.widgets.rawlog import RangeRows
from tui.widgets.selection import has_unknown, run_chunks
from tui.worker import OpenLog

_MAX_TUPLE = 1 << 21


class ChunkPane(Vertical):
    """Shows the chunks of a stage; of the whole run where that is asked for, or the log names no host."""

    def __init__(self, *, id: str, classes: str) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._shown: tuple[object, ...] = ()
        self._title = ""
        self._explanation: str | None = None
        self._marked: frozenset[int] = frozenset()
        self._last_words: int | None = None
        """The line where it opened for want of evidence."""

    def compose(self) -> ComposeResult:
        """The view, and the explanation."""
        yield ChunkView(id="chunks")
        yield Static("", id="explain", markup=False)

    @property
    def view(self) -> ChunkView:
        """The viewer itself."""
        return self.query_one(ChunkView)

    def show_stage(
        self,
        log: OpenLog | None,
        run: Run | None,
        stage: StageRun | None,
        *,
        whole_run: bool = False,
        marked: Sequence[int] = (),
    ) -> None:
        """Shows what belongs to `stage`, from the first of the `marked` lines on, or where it broke and no line proves
        why, from its last words; the same stage again only takes in what is new."""
        self._marked = frozenset(marked)
        command = stage.command if stage else None
        if log is None:
            self._words("words", "Nothing is selected.")
        elif run is None:
            self._lines(log, "as it is", 1, log.lines)
        elif stage is None and not whole_run:
            self._lines(log, "before any host", run.first.line, max(run.last_line, run.first.line))
        elif whole_run or (stage and not (command and len(command.chunks)) and has_unknown(log, stage)):
            self._whole_run(log, run, stage)
        elif stage is not None and command is not None and len(command.chunks):
            self._command(log, run, stage, command)
        elif stage is not None and command is not None and command.has_tuple and command.closed is not None:
            self._tuple(log, stage, command)
        elif stage is not None and stage.command is None:
            about = "No process of its own belongs to this stage: these are its lines of the log."
            self._lines(log, str(stage.stage), stage.first.line, stage.last_line, about)
        else:
            local = command is not None and command.tool is Tool.LOCAL
            why = "A local command is no ssh process: Ansible logs no chunk of it."
            more = why if local else "ANSIBLE_DEBUG=1 makes Ansible log each read."
            self._words((log.chunks, local), "No output is recorded for it.", more)

    def _words(self, key: object, *lines: str) -> None:
        if self._changes("words", key):
            self._say("Chunks")
            self.view.show(WordRows(*lines))

    def _changes(self, *key: object) -> bool:
        changed = key != self._shown
        self._shown = key
        return changed

    def _say(self, title: str, explanation: str = "") -> None:
        self._title = title
        self.say_following(on=self.view.follow)
        if explanation != self._explanation:
            # Not the same text again: that lays out the whole screen.
            self._explanation = explanation
            explain = self.query_one("#explain", Static)
            explain.update(Content(explanation))
            explain.display = bool(explanation)

    def say_following(self, *, on: bool) -> None:
        """Says in the border that the newest is followed, or else what the frame is."""
        framed = FRAME if self._title.startswith("Chunks ·") else ""
        entitle(self, self._title, "following the newest" if on else framed)

    def _gone(self, log: OpenLog) -> None:
        self._words("gone", showable(f"The file of {log.source.name} cannot be opened any more."))

    def _command(self, log: OpenLog, run: Run, stage: StageRun, command: Command) -> None:
        reader = log.reader()
        if reader is None:
            self._gone(log)
            return
        table = log.model.chunks
        # A copy: a later snapshot may give a chunk to another command.
        chunks = array("L", (index for index in command.chunks if index < log.chunks))
        source = self.view.source
        before = source.layout.chunks if isinstance(source, ChunkRows) else ()
        another = self._changes("command", log.index, log.generation, command.index, stage.stage)
        if not another and before == chunks[: len(before)]:
            self.view.grown(len(chunks), chunks)
        else:
            rows = ChunkRows(ChunkLayout(table, chunks, reader), began=run.started, behind=log.analysis.behind)
            rows.marked = self._marked
            follow = command.open and not log.finished
            at_line = self._inside(rows.layout)
            self._last_words = None
            if at_line is None and stage.status.bad and not follow:
                at_line = self._last_words = _last_words(rows.layout, command)
            self.view.show_chunks(rows, at_line=at_line, follow=follow)
        self._mark()
        kinds = {table[index].attribution for index in (*chunks[:50], *chunks[-50:])}
        worst = next((str(kind) for kind in Attribution if kind in kinds and kind is not Attribution.EXACT), "exact")
        self._say(f"Chunks · {stage.stage} · {len(chunks):,} · {worst}")

    def _whole_run(self, log: OpenLog, run: Run, stage: StageRun | None) -> None:
        reader = log.reader()
        if reader is None:
            self._gone(log)
            return
        chunks = run_chunks(log, run)
        own = (stage.first.line, max(stage.first.line, stage.last_line)) if stage else None
        table = log.model.chunks
        if self._changes("run", log.index, log.generation, run.index):
            layout = ChunkLayout(table, range(chunks.start, 1 << 62), reader)
            layout.limit = len(chunks)
            rows = ChunkRows(layout, began=run.started, own=own, name_of=_named, behind=log.analysis.behind)
            self.view.show_chunks(rows, at_line=own[0] if own else None)
        else:
            self._move_on(len(chunks), own)
        self._mark()
        check = run.reassembly
        joined = f" · {check.exact:,} of {check.commands:,} commands complete" if check.commands else ""
        unknown = stage is not None and has_unknown(log, stage)
        self._say(f"Chunks · all of the run · {len(chunks):,}{joined}", NO_HOST if unknown else "")

    def _inside(self, layout: ChunkLayout) -> int | None:
        """The first line of evidence that the chunks can hold."""
        if not layout.limit:
            return None
        first, last = layout.chunk(0), layout.chunk(layout.limit - 1)
        end = last.place.line + last.end - last.start + 1
        return min((line for line in self._marked if first.place.line < line <= end), default=None)

    def _mark(self) -> None:
        source = self.view.source
        if isinstance(source, ChunkRows) and source.marked != self._marked:
            source.marked = self._marked
            self.view.rows_changed()
            inside = self._inside(source.layout)
            if inside is not None and self._untouched(source) and not self.view.follow:
                # The finding came after the chunks, and nobody has moved yet.
                self.view.to_line(inside)

    def _untouched(self, rows: ChunkRows) -> bool:
        began = rows.row_at_line(self._last_words) if self._last_words is not None else 0
        return self.view.cursor in (0, began)

    def _move_on(self, count: int, own: tuple[int, int] | None) -> None:
        source = self.view.source
        self.view.grown(count)
        if isinstance(source, ChunkRows) and source.own != own:
            moved = source.own is None or own is None or source.own[0] != own[0]
            source.own = own
            self.view.rows_changed()
            if own is not None and moved:
                self.view.to_line(own[0])

    def on_mount(self) -> None:
        """Begins empty."""
        self._say("Chunks")

    def _lines(self, log: OpenLog, what: str, first: int, last: int, about: str = "") -> None:
        """Lines of the log as they are, where there is no process that they were read from."""
        reader = log.reader()
        if reader is None:
            self._gone(log)
        elif self._changes("lines", log.index, log.generation, first, last, self._marked):
            self._say(f"Log · {what}", about)
            self.view.show(
                RangeRows(reader, first, last, self._marked), cursor=max(0, min(self._marked, default=0) - first)
            )

    def _tuple(self, log: OpenLog, stage: StageRun, command: Command) -> None:
        if not self._changes("tuple", log.index, log.generation, command.index, stage.stage) or command.closed is None:
            return
        reader = log.reader()
        raw = reader.read(command.closed.offset, command.closed.offset + _MAX_TUPLE) if reader else b""
        line = raw.split(b"\n", 1)[0]
        try:
            rc, out, err = decode_tuple(line[line.index(b"> (") + 2 :])
        except (ValueError, IndexError):
            self.view.show(WordRows(f"Its output stands on line {command.closed.line}, which cannot be decoded."))
        else:
            parts = ((Stream.STDOUT, out), (Stream.STDERR, err))
            shown = TupleRows(parts, command.closed.line, rc)
            self.view.show(shown, cursor=shown.last_words() if stage.status.bad else 0)
        self._say(f"Output · {stage.stage}", "No chunks here: a command's output stands in its (rc, …) line.")


def _last_words(layout: ChunkLayout, command: Command) -> int | None:
    """The line of the command's last word, where its chunks hold it; else that of its last chunk."""
    if not layout.limit:
        return None
    first, last = layout.chunk(0).place.line, layout.chunk(layout.limit - 1)
    said = command.transcript.last_words
    inside = said is not None and first < said.line <= last.place.line + last.end - last.start + 1
    return said.line if said is not None and inside else last.place.line


def _named(command: Command) -> str:
    """A command by its host and stage."""
    host = command.task.host if command.task is not None else command.address
    return f"{host or ''} {command.stage}".strip()
