"""The chunks pane as a whole: which rows stand for a stage, the view, and the explanation below it."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from parsers.model import Command, LogModel, Run, StageRun, Stream
from parsers.reprs import decode_tuple
from parsers.showable import showable
from tui.screens.selection import has_unknown, run_chunks
from tui.widgets.chunks import FRAME, NO_HOST, ChunkRows, ChunkView, TupleRows, WordRows
from tui.widgets.layout import ChunkLayout
from tui.worker import OpenLog

_MAX_TUPLE = 1 << 21


class ChunkPane(Vertical):
    """Shows the chunks of a stage; of the whole run where that is asked for, or the log names no host."""

    def __init__(self, *, id: str, classes: str) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """The view, and the explanation."""
        yield ChunkView(id="chunks")
        yield Static("", id="explain", markup=False)

    @property
    def view(self) -> ChunkView:
        """The viewer itself."""
        return self.query_one(ChunkView)

    def show_stage(self, log: OpenLog | None, run: Run | None, stage: StageRun | None, *, whole_run: bool) -> None:
        """Shows what belongs to `stage`; the same stage again only takes in what is new."""
        command = stage.command if stage else None
        if log is None or run is None:
            self._words("words", "Nothing is selected.")
        elif whole_run or (stage and not (command and len(command.chunks)) and has_unknown(log, stage)):
            self._whole_run(log, run, stage)
        elif command is not None and len(command.chunks):
            self._command(log, run, command)
        elif command is not None and command.has_tuple and command.closed is not None:
            self._tuple(log, command)
        elif stage is not None and stage.command is None:
            self._words(
                stage.stage, "No process of its own belongs to this stage.", "r shows its lines in the raw log."
            )
        else:
            self._words(log.chunks, "No output is recorded for it.", "ANSIBLE_DEBUG=1 makes Ansible log each read.")

    def _words(self, key: object, *lines: str) -> None:
        if self._changes("words", key):
            self._say("Chunks")
            self.view.show(WordRows(*lines))

    def _changes(self, *key: object) -> bool:
        changed = key != self._shown
        self._shown = key
        return changed

    def _say(self, title: str, explanation: str = "") -> None:
        self.border_title = Content(showable(title))
        explain = self.query_one("#explain", Static)
        explain.update(Content(explanation))
        explain.display = bool(explanation)

    def _gone(self, log: OpenLog) -> None:
        self._words("gone", showable(f"The file of {log.source.name} cannot be opened any more."))

    def _command(self, log: OpenLog, run: Run, command: Command) -> None:
        reader = log.reader()
        if reader is None:
            self._gone(log)
            return
        table = log.model.chunks
        count = len(command.chunks)
        # The last chunks may be younger than the message that says how many are settled.
        while count and command.chunks[count - 1] >= log.chunks:
            count -= 1
        first = str(table[command.chunks[0]].attribution) if count else ""
        if self._changes("command", log.index, command.index):
            layout = ChunkLayout(table, command.chunks, reader)
            layout.limit = count
            self.view.show_chunks(ChunkRows(layout, began=run.started), follow=command.open and not log.finished)
        else:
            self.view.grown(count)
        self._say(f"Chunks · {command.stage} · {count:,} · {first}".rstrip(" ·"))

    def _whole_run(self, log: OpenLog, run: Run, stage: StageRun | None) -> None:
        reader = log.reader()
        if reader is None:
            self._gone(log)
            return
        chunks = run_chunks(log, run)
        own = (stage.first.line, max(stage.first.line, stage.last_line)) if stage else None
        table = log.model.chunks
        if self._changes("run", log.index, run.index):
            layout = ChunkLayout(table, range(chunks.start, 1 << 62), reader)
            layout.limit = len(chunks)
            rows = ChunkRows(layout, began=run.started, own=own, name_of=_name_of(log.model))
            self.view.show_chunks(rows, at_line=own[0] if own else None)
        else:
            self._move_on(len(chunks), own)
        owned = bool(chunks) and table[chunks[0]].command is not None
        self._say(f"Chunks · all of the run · {len(chunks):,}", "" if owned else NO_HOST)

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
        """Says what the frame is, once and for all."""
        self.border_subtitle = Content(FRAME)
        self._say("Chunks")

    def _tuple(self, log: OpenLog, command: Command) -> None:
        if not self._changes("tuple", log.index, command.index) or command.closed is None:
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
            self.view.show(TupleRows(parts, command.closed.line, rc))
        self._say(
            f"Output · {command.stage}", "This log holds no chunks: a command's output stands in its (rc, …) line."
        )


def _name_of(model: LogModel) -> Callable[[Command], str]:
    hosts = {
        id(command): host.name
        for _, host in model.hosts()
        for item in list(host.tasks)
        for command in list(item.commands)
    }

    def name(command: Command) -> str:
        return f"{hosts.get(id(command), command.address or '')} {command.stage}".strip()

    return name
