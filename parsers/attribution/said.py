"""What a command has said so far, in the search for whose chunk it is: `Opened`, `Piece`, `Progress`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from parsers.attribution.follows import Follows
from parsers.lines.reprs import comparable
from parsers.model import Command, Place, Stage, Stream, Tool

LINES: tuple[bytes, ...] = (
    b"debug1: Connecting to ",
    b"debug1: Local version string",
    b"debug1: SSH2_MSG_KEXINIT sent",
    b"debug1: kex: client->server",
    b"debug1: expecting SSH2_MSG_KEX",
    b"debug1: Found key in",
    b"debug3: send packet: type",
    b"debug2: we sent a publickey",
    b"debug2: exec request accepted",
    b"debug1: mux_client_request_session: ",
    b"debug3: mux_client_request_session: session request sent",
    b"debug1: Remote: ",
    b"debug3: sign_and_send",
    b"debug1: kex_input_ext_info: publickey-hostbound",
    b"debug3: SSH2_FXP_STATUS",
    b"debug3: Sent message",
    b"debug1: Entering interactive",
    b"debug1: pledge",
    b"debug1: auto-mux",
    b"debug3: set_control_persist",
    b"debug2: fd ",
)
"""Lines behind which ssh waits for an answer or works for a while; behind others it goes on at once."""


_GOES_ON = (b"debug3: send packet: type 20", b"debug3: send packet: type 21")
"""SSH_MSG_KEXINIT and SSH_MSG_NEWKEYS (RFC 4253, 7): nothing is awaited behind them."""

ANSWER, CUT = len(LINES), len(LINES) + 1
"""As a chunk's `behind`: its last line is not ssh's own; ssh goes on at once behind it."""


def _last_line(text: bytes) -> bytes:
    """Its last line, without what ends it."""
    return text[-400:].rstrip(b"\n").rpartition(b"\n")[2]


AWAITS_NOTHING = 2
"""The state (`ready_to_send`) from which on the connection plugin takes what is read as it is (2.0-2.19): what looks
like its escalation there is a module's, such as the SUDO_COMMAND among the facts of a host."""

_ESCALATION = re.compile(rb"BECOME-SUCCESS-([a-z]{32})\n?|\[[a-z]{1,20} via ansible, key=([a-z]{32})\] password:\n?")
_NOT_OF_DEBUG = re.compile(rb"(?m)(^debug\d+: [^\n]*)|" + _ESCALATION.pattern)


def _escalates(text: bytes) -> bool:
    return b"BECOME-SUCCESS-" in text or b" via ansible, key=" in text


def without_escalation(text: bytes) -> bytes:
    """A chunk's text without what the connection plugin takes out of a command's output before its tuple.

    It leaves ssh's debug lines alone, and OpenSSH 10.0 tells in one how they were called, mark and all.
    """
    if not _escalates(text):
        return text
    return _NOT_OF_DEBUG.sub(lambda found: found[1] or b"", text)


@dataclass(slots=True, eq=False)
class Piece:
    """A chunk while it waits for its owner."""

    index: int
    stream: Stream
    state: int
    time: float
    lines: list[tuple[bytes, int, int, bool]] = field(default_factory=list)
    """(bytes, offset, line, whether a line feed follows), as the log has them."""
    header: bytes = b""
    """Its header's line, and `place` where that stands."""
    place: Place = field(default_factory=lambda: Place(0, 0))
    number: int = 0
    """Its place among the chunks of the search, from 1."""
    text: bytes = b""
    """As `comparable` makes it; a chunk may end between CR and LF."""

    ends: bool = False
    """Whether it is the empty chunk with which a pipe ends."""
    key: str | None = None
    """The 32 letters by which Ansible knows its own escalation prompt and success line again."""
    behind: int = CUT
    """What kind of line is its last, behind which the process may wait: an index of `LINES`, `ANSWER` or `CUT`."""

    def __reduce__(self) -> tuple[Callable[..., Piece], tuple[object, ...]]:
        """Without its lines and its header: a process that tells chunks apart needs no more."""
        stderr = self.stream is Stream.STDERR
        told = (self.text, self.ends, self.key, self.behind)
        return _bare, (self.index, stderr, self.state, self.time, *told)

    def with_forged(self, other: Piece) -> Piece:
        """The chunk that this one is where `other`, header and all, is text at its end."""
        lines = list(self.lines)
        if lines and not lines[-1][3]:
            last, offset, line, _ = lines.pop()
        else:
            last, offset, line = b"", other.place.offset - 4, other.place.line - 1
        lines.append((last + b"<<<", offset, line, True))
        lines.append((other.header, other.place.offset, other.place.line, True))
        start = other.place.offset + len(other.header) + 1
        first, *rest = other.lines or [(b"", start + 3, other.place.line + 1, False)]
        lines.append((b">>>" + first[0], start, first[2], first[3]))
        whole = Piece(self.index, self.stream, self.state, self.time, lines + rest, self.header, self.place)
        whole.join()
        return whole

    def join(self) -> None:
        """Makes `text` of the lines."""
        raw = comparable(b"".join(piece + (b"\n" if ended else b"") for piece, _, _, ended in self.lines))
        examined = self.state < AWAITS_NOTHING
        self.text = without_escalation(raw) if examined else raw
        self.ends = not any(piece or ended for piece, _, _, ended in self.lines)
        key = _ESCALATION.search(raw) if examined and _escalates(raw) else None
        self.key = (key.group(1) or key.group(2)).decode("ascii") if key is not None else None
        self.behind = _behind(_last_line(self.text))


def _behind(last: bytes) -> int:
    if not last.startswith(b"debug"):
        return ANSWER
    if last.startswith(_GOES_ON):
        return CUT
    return next((index for index, line in enumerate(LINES) if last.startswith(line)), CUT)


def _bare(
    index: int,
    stderr: bool,
    state: int,
    time: float,
    text: bytes,
    ends: bool,
    key: str | None,
    behind: int,
) -> Piece:
    stream = Stream.STDERR if stderr else Stream.STDOUT
    return Piece(index, stream, state, time, text=text, ends=ends, key=key, behind=behind)


_ASKED = (b"mux_client_request_session: session request sent", b"debug1: Sending command", b"debug1: Sending subsystem")
_OVER = (b"debug3: mux_client_read_packet: read header failed", b"debug3: receive packet: type 96\n")


def _first_of(text: bytes, words: tuple[bytes, ...]) -> int:
    """Where the first of the words that `text` has stands; -1 without one."""
    return next((at for word in words if (at := text.find(word)) >= 0), -1)


@dataclass(slots=True, eq=False)
class Opened:
    """A command of the search."""

    index: int
    """The command's."""
    text: str = ""
    """The command."""
    first_state: int | None = None
    """State of its first chunk, and of no other, where that is fixed."""
    needles: tuple[bytes, ...] = ()
    """What only its own text names: its address, its temporary directory."""
    stdout: bytes | None = None
    stderr: bytes | None = None
    """As `comparable` makes them; None until the command's tuple is seen."""
    ended: bool = False
    since: int = 0
    """Number of the last chunk before it was opened."""
    asked: int = -1
    """Where in stderr ssh says that it asks for the remote command: nothing comes on stdout before."""
    over: int = -1
    """Where in stderr ssh says that the remote command is over: stdout is complete by then."""
    connecting: bool = False
    """Whether its text tells that it made a connection of its own."""
    ends: tuple[bool | None, bool | None] = (None, None)
    """Whether its stdout and its stderr end with an empty chunk; None where that is not known."""
    command: int = -1
    """Index of the command that it is told to be; another than `index` where two results were exchanged."""
    newest: int = -1
    """Index of the newest command that had begun when it ended: its result can be of none that began later."""
    tool: Tool = Tool.SSH
    follows: Follows | None = None
    """What others of the same search have said."""

    def __post_init__(self) -> None:
        if self.command < 0:
            self.command = self.index

    @classmethod
    def of(cls, command: Command) -> Opened:
        """A command whose `SSH: EXEC` line was read."""
        sends = command.tool is Tool.SFTP or command.stage is Stage.PROBE or command.method == "piped"
        sends = sends or (command.stage is Stage.EXEC and command.tmp is None and "python" in command.text[:300])
        plain = command.tool is Tool.SSH and not command.become and not sends
        names = [name for name in (command.address, command.tmp) if name]
        return cls(
            command.index,
            command.text,
            # Index of the select loop's state at the first read: 2 with nothing to escalate and nothing to send.
            first_state=2 if plain else None,
            needles=tuple(filter(None, (comparable(name.encode("utf-8", "surrogateescape")) for name in names))),
            tool=command.tool,
        )

    def tell(self, stdout: bytes, stderr: bytes) -> None:
        """Its tuple's bytes, as `comparable` makes them."""
        self.stdout, self.stderr = stdout, stderr
        self.asked = _first_of(stderr, _ASKED)
        self.over = _first_of(stderr, _OVER)
        self.connecting = b"debug1: Connecting to " in stderr
        if b"debug1: " in stderr:
            # A master that stays behind holds stderr open, and Ansible does not wait for its end.
            self.ends = (True, b"debug1: forking to background" not in stderr)

    def change_results(self, other: Opened) -> None:
        """The other's result was truly this one's: each is the other's command, and has ended or not as that has."""
        own, theirs = (self.stdout, self.stderr), (other.stdout, other.stderr)
        for opened, (stdout, stderr) in ((self, theirs), (other, own)):
            opened.stdout, opened.stderr, opened.asked, opened.over = None, None, -1, -1
            opened.connecting, opened.ends = False, (None, None)
            if stdout is not None and stderr is not None:
                opened.tell(stdout, stderr)
        self.ended, other.ended = other.ended, self.ended
        self.command, other.command = other.command, self.command

    def with_result_of(self, other: Opened) -> Opened:
        """The command as it would be with the other's result; where both say the same words, it is the other then."""
        changed = replace(self, command=other.command) if self.text == other.text else replace(self)
        if other.stdout is not None and other.stderr is not None:
            changed.asked, changed.over, changed.connecting, changed.ends = -1, -1, False, (None, None)
            changed.tell(other.stdout, other.stderr)
        return changed

    def says_as(self, other: Opened) -> bool:
        """Whether it ends with the same result as another."""
        return self.known and (self.stdout, self.stderr) == (other.stdout, other.stderr)

    def goes_on(self, progress: Progress, before: Opened) -> bool:
        """Whether what a command has said with another result, `before`, is the beginning of what it has said."""
        for pipe, whole, old in (
            (progress.out, self.stdout, before.stdout),
            (progress.err, self.stderr, before.stderr),
        ):
            if whole is None or old is None or whole[: pipe.at] != old[: pipe.at]:
                return False
            if pipe.at > len(whole) or (pipe.ended and pipe.at != len(whole)):
                return False
        return True

    @property
    def known(self) -> bool:
        """Whether its bytes are known."""
        return self.stdout is not None


class Said(NamedTuple):
    """One chunk of a pipe, and how far the pipe had got with it; newest first."""

    piece: Piece
    before: Said | None
    at: int
    """Bytes of the pipe up to the end of this chunk."""


class Pipe(NamedTuple):
    """How far one pipe of a command has got."""

    at: int
    """Bytes."""
    ended: bool
    """Whether its empty chunk was seen."""
    said: Said | None


class Progress(NamedTuple):
    """How far one command has got."""

    out: Pipe
    err: Pipe
    rank: int
    """Of its last ssh line in ssh's own order, where its bytes are not known."""
    last: Piece | None
    """Its newest chunk."""

    def pipe(self, *, stderr: bool) -> Pipe:
        """One of the two."""
        return self.err if stderr else self.out

    def whole(self, opened: Opened) -> bool:
        """Whether all bytes of the command's tuple were seen."""
        return (
            opened.stdout is not None
            and opened.stderr is not None
            and self.out.at == len(opened.stdout)
            and self.err.at == len(opened.stderr)
        )


_EMPTY = Pipe(0, False, None)
FRESH = Progress(_EMPTY, _EMPTY, 0, None)


def pieces_of(progress: Progress) -> list[Piece]:
    """The chunks that a command has said, oldest first."""
    pieces = []
    for pipe in (progress.out, progress.err):
        said = pipe.said
        while said is not None:
            pieces.append(said.piece)
            said = said.before
    pieces.sort(key=lambda piece: piece.number)
    return pieces
