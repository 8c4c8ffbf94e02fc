"""Whose chunk it is, where no header says it: ansible-core 2.17 and later.

All workers' chunks are printed by the parent, with the parent's pid and time and no host. What is known: a command
opens at its `SSH: EXEC` line and ends at its tuple `<X> (rc, stdout, stderr)`, and its chunks, joined in order, are
these bytes. So every chunk is the next piece of a stream of one of the commands that are open, and every command that
ended has had all of its pieces. That is searched with a beam: a state is how far each open command has got, states
that agree are merged, and a state in which a command ends unfinished pays for it. A command that never ended takes
what no other can have, as far as ssh's own order and the addresses that the text names allow it.

The search runs behind the log: a chunk is decided when all commands that were open around it have ended, or when too
much waits. The same events give the same decisions, whenever they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from parsers.model import Command, Stage, Stream, Tool
from parsers.ssh_order import rank_of

BEAM = 48
"""States that are kept from chunk to chunk."""

WAITING = 6000
"""Chunks that may wait for a command to end; beyond, what is open is taken as one that never ends."""

_HISTORY = 4000
"""Undecided chunks in the beam's history before its best state is taken for good."""

_UNFINISHED = -30.0
_NOBODY = -12.0
_NO_PIPE_END = -1.0
_WRONG_STATE = -8.0
_GUESSED = -3.0


@dataclass(slots=True, eq=False)
class Piece:
    """A chunk while it waits for its owner."""

    index: int
    stream: Stream
    state: int
    time: float
    lines: list[tuple[bytes, int, int, bool]] = field(default_factory=list)
    """(bytes, offset, line, whether a line feed follows), as the log has them."""
    text: bytes = b""
    """Without carriage returns: 2.19 prints CR LF as LF, and a chunk may end between the two."""

    def join(self) -> None:
        """Makes `text` of the lines."""
        raw = b"".join(piece + (b"\n" if ended else b"") for piece, _, _, ended in self.lines)
        self.text = raw.replace(b"\r", b"")


class Owned(NamedTuple):
    """A decision."""

    piece: Piece
    command: Command
    ambiguous: bool
    """Whether another command could have had it as well: the same text, both places open."""


@dataclass(slots=True, eq=False)
class _Opened:
    command: Command
    stdout: bytes | None = None
    stderr: bytes | None = None
    """Without carriage returns; None until the command's tuple is seen."""
    ended: bool = False
    first_state: int | None = None
    """State of its first chunk where that is fixed: 2 without become and without data to send, else None."""
    needles: tuple[bytes, ...] = ()
    """What only its own text names: its address, its temporary directory."""


class _Event(NamedTuple):
    kind: str
    """open, chunk, close."""
    opened: _Opened | None
    piece: Piece | None


# How far a command has got: bytes of stdout, bytes of stderr, ended pipes (1 stdout, 2 stderr), chunks seen (0, 1).
# For a command whose bytes are not known: (rank of its last ssh line, 0, ended pipes, chunks seen).
_Progress = tuple[int, int, int, int]


class _Back(NamedTuple):
    before: _Back | None
    piece: Piece
    owner: _Opened | None


class _State(NamedTuple):
    score: float
    progress: tuple[_Progress, ...]
    back: _Back | None
    last: _Opened | None


class Attribution:
    """The search for one run."""

    def __init__(self) -> None:
        self._waiting: list[_Event] = []
        self._pieces = 0
        self._open: dict[int, _Opened] = {}
        self._line: list[_Opened] = []
        """Commands that are open where the search stands; a state's progress is in this order."""
        self._beam: list[_State] = [_State(0.0, (), None, None)]
        self._depth = 0
        self._ambiguous: set[int] = set()
        self.decided: list[Owned] = []
        """Decisions since the last look; the caller empties it."""

    # ---- events

    def opened(self, command: Command) -> None:
        """A command's `SSH: EXEC` line."""
        sends = command.tool is Tool.SFTP or command.stage is Stage.PROBE or command.method == "piped"
        sends = sends or (command.stage is Stage.EXEC and command.tmp is None and "python" in command.text[:300])
        plain = command.tool is Tool.SSH and not command.become and not sends
        opened = _Opened(command, first_state=2 if plain else None)
        names = [name for name in (command.address, command.tmp) if name]
        opened.needles = tuple(name.encode("utf-8", "surrogateescape") for name in names)
        self._open[command.index] = opened
        self._waiting.append(_Event("open", opened, None))

    def chunk(self, piece: Piece) -> None:
        """A chunk of the parent's."""
        piece.join()
        self._waiting.append(_Event("chunk", None, piece))
        self._pieces += 1
        if self._pieces > WAITING:
            self._advance(force=WAITING // 2)

    def closed(self, command: Command, stdout: bytes | None, stderr: bytes | None) -> None:
        """A command's end, with its bytes where its tuple tells them."""
        opened = self._open.pop(command.index, None)
        if opened is None:
            return
        opened.ended = True
        if stdout is not None and stderr is not None:
            opened.stdout, opened.stderr = stdout.replace(b"\r", b""), stderr.replace(b"\r", b"")
        self._waiting.append(_Event("close", opened, None))
        self._advance(force=0)

    def waits_for(self, command: Command) -> bool:
        """Whether some of the command's chunks may not be decided yet."""
        return any(opened.command is command for opened in self._line) or any(
            event.opened is not None and event.opened.command is command for event in self._waiting
        )

    def finish(self) -> None:
        """No more events: what is open never ends."""
        self._advance(force=self._pieces)
        self._settle()

    def provisional(self) -> list[Owned]:
        """How it would be decided if the log ended here; nothing of the search is changed."""
        copy = Attribution()
        copy._waiting = list(self._waiting)
        copy._pieces = self._pieces
        copy._open = dict(self._open)
        copy._line = list(self._line)
        copy._beam = list(self._beam)
        copy._depth = self._depth
        copy._ambiguous = set(self._ambiguous)
        copy.finish()
        return copy.decided

    # ---- the search

    def _advance(self, *, force: int) -> None:
        """Takes what waits as far as it can be decided, and `force` chunks more."""
        done = 0
        unknown = sum(1 for opened in self._line if opened.stdout is None and not opened.ended)
        for event in self._waiting:
            if event.kind == "open" and event.opened is not None:
                self._line.append(event.opened)
                unknown += event.opened.stdout is None and not event.opened.ended
                start = (0, 0, 0, 0)
                self._beam = [state._replace(progress=(*state.progress, start)) for state in self._beam]
            elif event.kind == "close" and event.opened is not None:
                self._close(event.opened)
            elif event.piece is not None:
                if unknown and force <= 0:
                    break
                force -= 1
                self._pieces -= 1
                self._place(event.piece)
            done += 1
        del self._waiting[:done]
        if len(self._beam) == 1 or self._depth > _HISTORY:
            self._settle()

    def _place(self, piece: Piece) -> None:
        known: dict[tuple[int, _Progress], tuple[_Progress, float] | None] = {}
        best: dict[tuple[_Progress, ...], _State] = {}
        for state in self._beam:
            placed = False
            for position, opened in enumerate(self._line):
                progress = state.progress[position]
                key = (position, progress)
                if key in known:
                    step = known[key]
                else:
                    step = known[key] = self._step(opened, progress, piece)
                if step is None:
                    continue
                placed = True
                after = (*state.progress[:position], step[0], *state.progress[position + 1 :])
                score = state.score + step[1] + (0.4 if opened is state.last else 0.0) - 0.01 * position
                self._offer(best, _State(score, after, _Back(state.back, piece, opened), opened))
            if not placed:
                back = _Back(state.back, piece, None)
                self._offer(best, _State(state.score + _NOBODY, state.progress, back, state.last))
        self._depth += 1
        self._beam = sorted(best.values(), key=lambda state: -state.score)[:BEAM]
        if len(self._beam) == 1 and self._depth > 64:
            self._settle()

    def _offer(self, best: dict[tuple[_Progress, ...], _State], state: _State) -> None:
        rival = best.get(state.progress)
        if rival is None:
            best[state.progress] = state
            return
        if abs(rival.score - state.score) < 3.0:
            self._mark(rival.back, state.back)
        if state.score > rival.score:
            best[state.progress] = state

    def _mark(self, one: _Back | None, other: _Back | None) -> None:
        """Two ways to the same state: where they differ, the chunks could be either command's."""
        for _ in range(40):
            if one is other or one is None or other is None:
                return
            if one.piece is other.piece and one.owner is not other.owner:
                self._ambiguous.add(one.piece.index)
            one, other = one.before, other.before

    @staticmethod
    def _step(opened: _Opened, progress: _Progress, piece: Piece) -> tuple[_Progress, float] | None:
        """The progress after this chunk and what it costs; None where the command cannot have it."""
        out, err, ends, seen = progress
        stderr = piece.stream is Stream.STDERR
        pipe = 2 if stderr else 1
        if ends & pipe:
            return None
        cost = 0.0
        if opened.first_state is not None and (piece.state == opened.first_state) != (seen == 0):
            cost += _WRONG_STATE
        whole = opened.stderr if stderr else opened.stdout
        if whole is None:
            return _guess(opened, progress, piece, cost + _GUESSED)
        at = err if stderr else out
        if not piece.text:
            return ((out, err, ends | pipe, 1), cost) if at == len(whole) else None
        if not whole.startswith(piece.text, at):
            return None
        after = at + len(piece.text)
        return ((out, after, ends, 1) if stderr else (after, err, ends, 1)), cost

    def _close(self, opened: _Opened) -> None:
        position = self._line.index(opened)
        del self._line[position]
        best: dict[tuple[_Progress, ...], _State] = {}
        for state in self._beam:
            out, err, ends, _ = state.progress[position]
            score = state.score
            if opened.stdout is not None and opened.stderr is not None:
                missing = (out < len(opened.stdout)) + (err < len(opened.stderr))
                score += missing * _UNFINISHED + (2 - ends.bit_count()) * _NO_PIPE_END
            after = (*state.progress[:position], *state.progress[position + 1 :])
            self._offer(best, _State(score, after, state.back, state.last))
        self._beam = sorted(best.values(), key=lambda state: -state.score)[:BEAM]

    def _settle(self) -> None:
        """Takes the best state for good."""
        state = self._beam[0]
        self._beam = [_State(0.0, state.progress, None, state.last)]
        self._depth = 0
        for back in reversed(list(_path(state.back))):
            if back.owner is not None:
                ambiguous = back.piece.index in self._ambiguous
                self.decided.append(Owned(back.piece, back.owner.command, ambiguous))
            self._ambiguous.discard(back.piece.index)


def _path(back: _Back | None) -> Iterator[_Back]:
    while back is not None:
        yield back
        back = back.before


def _guess(opened: _Opened, progress: _Progress, piece: Piece, cost: float) -> tuple[_Progress, float] | None:
    """For a command without a tuple: its own names in the text speak for it, ssh's order against what is out of it."""
    rank, _, ends, _ = progress
    if not piece.text:
        pipe = 2 if piece.stream is Stream.STDERR else 1
        return (rank, 0, ends | pipe, 1), cost - 6.0
    if any(needle in piece.text for needle in opened.needles):
        cost += 5.0
    elif piece.stream is Stream.STDERR and _names_another(piece.text, opened.needles):
        return None
    first, last = rank_of(piece.text)
    if first is not None and first < rank:
        cost -= 4.0
    return (max(rank, last or 0), 0, ends, 1), cost


_NAMING = (b"hostname ", b"Connecting to ", b"connect to host ", b"Authenticated to ", b"Connection to ")


def _names_another(text: bytes, needles: tuple[bytes, ...]) -> bool:
    """Whether ssh's text names a host that is not this command's."""
    for words in _NAMING:
        at = text.find(words)
        if at >= 0 and needles and not text.startswith(needles[0], at + len(words)):
            rest = text[at + len(words) : at + len(words) + 300]
            if not rest.startswith((b'"' + needles[0], b"'" + needles[0])):
                return True
    return False
