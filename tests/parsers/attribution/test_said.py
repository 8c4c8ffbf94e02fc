"""What a command has said so far, and what is known of it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parsers.attribution.said import (
    ANSWER,
    CUT,
    FRESH,
    LINES,
    Opened,
    Piece,
    Pipe,
    Progress,
    without_escalation,
)
from parsers.attribution.steps import step
from parsers.model import Command, Place, Stage, Stream, Tool

OUT, ERR = Stream.STDOUT, Stream.STDERR
KEY, OTHER_KEY = "k" * 32, "o" * 32
TEXTS = st.text(alphabet="ab\n", max_size=7).map(str.encode)
"""Few letters, so that texts repeat."""


def a_command(index: int = 0, text: str = "sleep 1", *, address: str | None = None, become: bool = False) -> Command:
    """A module's command, at an address of its own."""
    where = address or f"192.0.2.{index + 1}"
    return Command(index, Stage.EXEC, Tool.SSH, Place(0, index + 1), address=where, text=text, become=become)


def a_piece(text: bytes, stream: Stream = OUT, *, number: int = 1, state: int = 3) -> Piece:
    """A chunk as the log has it, a millisecond behind the one before."""
    piece = Piece(number, stream, state, number / 1000, number=number)
    lines = text.split(b"\n")
    piece.lines = [(line, 0, 1, place < len(lines) - 1) for place, line in enumerate(lines)]
    piece.join()
    return piece


def an_opened(out: bytes | None = None, err: bytes | None = None, *, index: int = 0, since: int = 0) -> Opened:
    """A command of the search, with its bytes where its tuple is known."""
    return Opened(index, needles=(b"192.0.2.%d" % (index + 1),), stdout=out, stderr=err, since=since)


def said(opened: Opened, *pieces: Piece) -> Progress:
    """The command's progress once it has said these."""
    progress = FRESH
    for piece in pieces:
        after = step(opened, progress, piece)
        assert after is not None
        progress = after[0]
    return progress


def cost(opened: Opened, progress: Progress, piece: Piece) -> float:
    after = step(opened, progress, piece)
    assert after is not None
    return after[1]


def pipe_pieces(pipe: Pipe) -> list[Piece]:
    """One pipe's chunks, oldest first."""
    found = []
    entry = pipe.said
    while entry is not None:
        found.append(entry.piece)
        entry = entry.before
    return found[::-1]


@st.composite
def fed(draw: st.DrawFn, *commands: Opened) -> list[Progress]:
    """How far the commands are after some chunks, each given to one of those that can have it.

    A command has none of the chunks before its own start; some are nobody's.
    """
    progress = [FRESH] * len(commands)
    for number in range(1, draw(st.integers(0, 14)) + 1):
        index = draw(st.integers(0, len(commands) - 1))
        opened, stream = commands[index], draw(st.sampled_from([OUT, ERR]))
        whole = opened.stderr if stream is ERR else opened.stdout
        assert whole is not None
        at = (progress[index].err if stream is ERR else progress[index].out).at
        text = whole[at : at + draw(st.integers(1, 3))]
        after = step(opened, progress[index], a_piece(text, stream, number=number)) if number > opened.since else None
        if after is not None:
            progress[index] = after[0]
    return progress


@st.composite
def two(draw: st.DrawFn) -> tuple[list[Opened], list[Progress]]:
    """Two commands and how far they are; where both say the same, parts can change hands."""
    out, err = draw(TEXTS), draw(TEXTS)
    other = [draw(st.sampled_from([text, b""])) + draw(TEXTS) for text in (out, err)]
    commands = [an_opened(out + draw(TEXTS), err, since=draw(st.integers(0, 3)))]
    commands.append(an_opened(*other, index=1, since=draw(st.integers(0, 3))))
    return commands, draw(fed(*commands))


# ---------------------------------------------------------------------------------------------------------------
# Escalation's own words.

MARKS = [f"BECOME-SUCCESS-{KEY}\n", f"[sudo via ansible, key={KEY}] password:\n", f"BECOME-SUCCESS-{KEY}"]


@given(TEXTS, TEXTS, st.sampled_from(MARKS))
def test_what_ansible_takes_out_of_a_tuple_is_taken_out_of_a_chunk(one: bytes, other: bytes, mark: str) -> None:
    assume(mark.endswith("\n") or not other.startswith(b"\n"))
    assert without_escalation(one + mark.encode() + other) == one + other
    piece = a_piece(one + mark.encode() + other, state=1)
    assert (piece.text, piece.key, piece.ends) == (one + other, KEY, False)


@given(TEXTS)
def test_ssh_tells_how_it_was_called_and_ansible_leaves_that_line_alone(other: bytes) -> None:
    """OpenSSH 10.0; the connection plugin passes debug lines over when it looks for its mark (2.13-2.21)."""
    called = f"debug3: Started with: ssh -vvv 192.0.2.1 \"sudo sh -c 'echo BECOME-SUCCESS-{KEY} ; id'\"\n".encode()
    piece = a_piece(called + f"BECOME-SUCCESS-{KEY}\n".encode() + other, state=1)
    assert (piece.text, piece.key) == (called + other, KEY)


@given(TEXTS, st.sampled_from(MARKS))
def test_what_is_read_once_the_escalation_is_over_stays(one: bytes, mark: str) -> None:
    piece = a_piece(one + mark.encode(), state=2)
    assert (piece.text, piece.key) == (one + mark.encode(), None)


@given(st.binary(max_size=60))
def test_other_text_stays(text: bytes) -> None:
    assert without_escalation(text) == text
    assert without_escalation(b"BECOME-SUCCESS-short\n" + text) == b"BECOME-SUCCESS-short\n" + text


@pytest.mark.parametrize("text", ["\u2603", "\r", "?", "\n"])
def test_a_chunk_that_leaves_nothing_to_compare_is_no_end(text: str) -> None:
    assert not a_piece(text.encode()).ends
    assert a_piece(b"").ends


def test_escalations_key_names_its_command() -> None:
    own = Opened(0, f"sudo -k echo BECOME-SUCCESS-{KEY}", stdout=b"root\n", stderr=b"")
    other = Opened(1, f"sudo -k echo BECOME-SUCCESS-{OTHER_KEY}", stdout=b"root\n", stderr=b"")
    alone = a_piece(f"BECOME-SUCCESS-{KEY}\n".encode(), state=1)
    assert (alone.text, alone.ends) == (b"", False)
    assert step(own, FRESH, alone) is not None
    assert step(other, FRESH, alone) is None
    assert said(own, alone, a_piece(b"root\n", number=2)).whole(own)


def test_a_command_that_leaves_a_master_behind_never_ends_its_stderr() -> None:
    words = b"debug1: Connecting to 192.0.2.1\ndebug1: forking to background\n"
    for text, ends in ((words, False), (words[:32], True)):
        opened = an_opened()
        opened.tell(b"", text)
        assert opened.ends == (True, ends)
        progress = said(opened, a_piece(text, ERR, number=1), a_piece(b"", OUT, number=2))
        after = step(opened, progress, a_piece(b"", ERR, number=3))
        assert after is not None
        assert (after[1] < 0.0) is not ends
    plain = an_opened()
    plain.tell(b"", b"Shared connection to 192.0.2.1 closed.\n")
    assert plain.ends == (None, None)  # ssh tells nothing of a master


@pytest.mark.parametrize(
    ("text", "behind"),
    [
        (b"debug1: Connecting to 192.0.2.1 port 22.\n", 0),
        (b"debug3: send packet: type 30\n", LINES.index(b"debug3: send packet: type")),
        (b"debug3: send packet: type 20\n", CUT),
        (b"debug2: x\n", CUT),
        (b"debug1: Connecting to 192.0.2.1 port 22.\n/home/deploy\n", ANSWER),
        (b"", ANSWER),
    ],
)
def test_a_chunk_knows_behind_what_line_the_process_may_wait(text: bytes, behind: int) -> None:
    assert a_piece(text, ERR).behind == behind
