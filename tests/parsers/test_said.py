"""What a command has said so far: steps along its tuple."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from parsers.follows import Follows, Kind
from parsers.model import Command, Place, Stage, Stream, Tool
from parsers.said import (
    ANSWER,
    CUT,
    FRESH,
    LINES,
    Opened,
    Piece,
    Pipe,
    Progress,
    pieces_of,
    step,
    without_escalation,
)

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
# A step.


@given(two(), TEXTS, st.sampled_from([OUT, ERR]))
def test_a_step_only_ever_goes_along_the_tuples_bytes(
    play: tuple[list[Opened], list[Progress]], text: bytes, stream: Stream
) -> None:
    (opened, _), (before, _) = play
    piece = a_piece(text, stream, number=20)
    after = step(opened, before, piece)
    pipe, other = (before.err, before.out) if stream is ERR else (before.out, before.err)
    whole = opened.stderr if stream is ERR else opened.stdout
    assert whole is not None
    goes_on = whole[pipe.at : pipe.at + len(text)] == text if text else pipe.at == len(whole)
    assert (after is not None) == (goes_on and not pipe.ended)
    if after is None:
        return
    now, same = (after[0].err, after[0].out) if stream is ERR else (after[0].out, after[0].err)
    assert same is other
    assert (now.at, now.ended, after[0].last) == (pipe.at + len(text), not text, piece)
    assert now.said is not None
    assert (now.said.piece, now.said.before, now.said.at) == (piece, pipe.said, now.at)


@given(two())
def test_what_was_said_is_a_prefix_and_each_piece_is_there_once_in_order(
    play: tuple[list[Opened], list[Progress]],
) -> None:
    for opened, progress in zip(*play, strict=True):
        pieces = pieces_of(progress)
        numbers = [piece.number for piece in pieces]
        assert numbers == sorted(set(numbers))
        assert sorted(numbers) == sorted(p.number for pipe in (progress.out, progress.err) for p in pipe_pieces(pipe))
        for pipe, whole in ((progress.out, opened.stdout), (progress.err, opened.stderr)):
            assert whole is not None
            assert b"".join(piece.text for piece in pipe_pieces(pipe)) == whole[: pipe.at]
        joined = tuple(b"".join(p.text for p in pieces if p.stream is stream) for stream in (OUT, ERR))
        assert progress.whole(opened) == (joined == (opened.stdout, opened.stderr))


def test_a_pipe_that_ended_says_no_more() -> None:
    opened = an_opened(b"", b"x")
    ended = said(opened, a_piece(b"", OUT))
    assert ended.out.ended
    assert step(opened, ended, a_piece(b"", OUT, number=2)) is None
    assert step(opened, ended, a_piece(b"x", ERR, number=2)) is not None


def test_carriage_returns_are_left_out_wherever_a_chunk_ends() -> None:
    opened = an_opened(b"", b"one\ntwo\n")
    progress = said(opened, a_piece(b"one\r", ERR), a_piece(b"\ntwo\r\n", ERR, number=2))
    assert progress.err.at == len(b"one\ntwo\n")


def test_a_pipe_that_ends_long_before_the_other_is_odd() -> None:
    done = an_opened(b"a", b"")
    talks = an_opened(b"a", b"x" * 5000)
    last_words = an_opened(b"a", b"x" * 50)
    costs = [cost(one, said(one, a_piece(b"a")), a_piece(b"", number=2)) for one in (done, last_words, talks)]
    assert costs == sorted(costs, reverse=True)
    assert len(set(costs)) == 3


# ---------------------------------------------------------------------------------------------------------------
# The select loop's state.

STATES = [
    # (what was said before: stream, state), the next, and whether it fits where the first state is 2.
    ([], (ERR, 2), True),
    ([], (OUT, 2), True),
    ([], (ERR, 3), False),
    ([(ERR, 2)], (OUT, 2), True),
    ([(OUT, 2)], (ERR, 2), True),
    ([(ERR, 2)], (ERR, 2), False),
    ([(ERR, 2)], (ERR, 3), True),
    ([(ERR, 2)], (OUT, 3), True),
    ([(ERR, 2), (ERR, 3)], (OUT, 2), False),
    ([(ERR, 2), (OUT, 2)], (OUT, 2), False),
]


@pytest.mark.parametrize(("before", "after", "fits"), STATES)
def test_the_first_state_is_of_the_first_read_of_both_pipes(
    before: list[tuple[Stream, int]], after: tuple[Stream, int], fits: bool
) -> None:
    free, fixed = an_opened(b"aaaa", b"aaaa"), an_opened(b"aaaa", b"aaaa")
    fixed.first_state = 2
    pieces = [a_piece(b"a", stream, number=place, state=state) for place, (stream, state) in enumerate(before, 1)]
    piece = a_piece(b"a", after[0], number=len(before) + 1, state=after[1])
    progress = said(free, *pieces)
    assert (cost(fixed, progress, piece) == cost(free, progress, piece)) == fits


# ---------------------------------------------------------------------------------------------------------------
# Escalation's own words.

MARKS = [f"BECOME-SUCCESS-{KEY}\n", f"[sudo via ansible, key={KEY}] password:\n", f"BECOME-SUCCESS-{KEY}"]


@given(TEXTS, TEXTS, st.sampled_from(MARKS))
def test_what_ansible_takes_out_of_a_tuple_is_taken_out_of_a_chunk(one: bytes, other: bytes, mark: str) -> None:
    assume(mark.endswith("\n") or not other.startswith(b"\n"))
    assert without_escalation(one + mark.encode() + other) == one + other
    piece = a_piece(one + mark.encode() + other)
    assert (piece.text, piece.key, piece.ends) == (one + other, KEY, False)


@given(st.binary(max_size=60))
def test_other_text_stays(text: bytes) -> None:
    assert without_escalation(text) == text
    assert without_escalation(b"BECOME-SUCCESS-short\n" + text) == b"BECOME-SUCCESS-short\n" + text


def test_escalations_key_names_its_command() -> None:
    own = Opened(0, f"sudo -k echo BECOME-SUCCESS-{KEY}", stdout=b"root\n", stderr=b"")
    other = Opened(1, f"sudo -k echo BECOME-SUCCESS-{OTHER_KEY}", stdout=b"root\n", stderr=b"")
    alone = a_piece(f"BECOME-SUCCESS-{KEY}\n".encode())
    assert (alone.text, alone.ends) == (b"", False)
    assert step(own, FRESH, alone) is not None
    assert step(other, FRESH, alone) is None
    assert said(own, alone, a_piece(b"root\n", number=2)).whole(own)


# ---------------------------------------------------------------------------------------------------------------
# A command without a tuple.


def test_its_own_address_speaks_for_a_command_that_never_ended() -> None:
    mine, other = an_opened(index=0), an_opened(index=1)
    named = a_piece(b"debug1: Connecting to 192.0.2.1 [192.0.2.1] port 22.\n", ERR)
    assert step(other, FRESH, named) is None
    assert cost(mine, FRESH, named) > cost(mine, FRESH, a_piece(b"debug1: something\n", ERR))


def test_a_line_out_of_sshs_order_speaks_against_it() -> None:
    opened = an_opened()
    late = said(opened, a_piece(b"debug1: Entering interactive session.\n", ERR))
    early = a_piece(b"debug1: Local version string SSH-2.0-OpenSSH_9.2\n", ERR, number=2)
    later = a_piece(b"debug1: Sending command: id\n", ERR, number=2)
    assert cost(opened, late, early) < cost(opened, late, later)
    assert said(opened, later).rank < said(opened, later, a_piece(b"Shared connection to x closed.\n", ERR)).rank


SHARED = (
    b"OpenSSH_9.2p1, OpenSSL\ndebug1: auto-mux: Trying existing master\n",
    b"debug2: mux_client_hello_exchange: master version 4\n",
    b"debug3: mux_client_request_session: session request sent\n",
)


@pytest.mark.parametrize(
    "line",
    [
        b"debug1: Connecting to 192.0.2.1 port 22.\n",
        b"debug1: SSH2_MSG_KEXINIT sent\n",
        b"debug1: Sending command: x\n",
    ],
)
def test_an_ssh_on_a_shared_connection_says_nothing_of_a_login(line: bytes) -> None:
    """Its master's words went to the one that logged in, which may speak to itself as its own first client."""
    opened, login = an_opened(), a_piece(line, ERR, number=9)
    own = [a_piece(text, ERR, number=number) for number, text in enumerate(SHARED, start=1)]
    assert step(opened, said(opened, own[0]), login) is not None
    assert step(opened, said(opened, *own[:2]), login) is None
    assert step(opened, said(opened, *own), login) is None
    master = a_piece(b"debug1: setting up multiplex master socket\n", ERR, number=2)
    begun = said(opened, own[0], master)
    assert cost(opened, begun, own[1]) == cost(opened, said(opened, own[0]), own[1])
    assert step(opened, said(opened, own[0], master, own[1]), a_piece(line, ERR, number=9)) is not None


def test_behind_sftps_words_and_its_end_ssh_says_nothing_of_its_connection() -> None:
    opened = an_opened()
    asked = [a_piece(text, ERR, number=number) for number, text in enumerate(SHARED, start=1)]
    for late in (b"debug2: Remote version: 3\n", b"debug2: Received exit status from master 0\n"):
        progress = said(opened, *asked, a_piece(late, ERR, number=8))
        for early in (b"debug1: SSH2_MSG_KEXINIT sent\n", SHARED[1]):
            assert step(opened, progress, a_piece(early, ERR, number=9)) is None
        assert step(opened, progress, a_piece(b"Shared connection to 192.0.2.1 closed.\n", ERR, number=9)) is not None


def test_a_longer_address_is_another_one() -> None:
    opened, follows = an_opened(), Follows()
    opened.follows = follows
    follows.addresses.update((b"192.0.2.1", b"192.0.2.17"))
    assert step(opened, FRESH, a_piece(b"debug1: Connecting to 192.0.2.17 [192.0.2.17] port 22.\n", ERR)) is None
    assert step(opened, FRESH, a_piece(b"debug3: put_host_port: [192.0.2.17]:2222\n", ERR)) is None
    assert step(opened, FRESH, a_piece(b"debug1: Host 'alias' is known and matches\n", ERR)) is not None
    own = a_piece(b"debug3: put_host_port: [192.0.2.1]:2222\n", ERR)
    assert cost(opened, FRESH, own) > cost(opened, FRESH, a_piece(b"debug3: x 192.0.2.17\n", ERR))


def test_what_no_ssh_beside_it_has_said_behind_its_last_line_speaks_against_a_command() -> None:
    opened, follows = an_opened(), Follows()
    opened.follows = follows
    first = said(opened, a_piece(b"OpenSSH_9.2p1\ndebug1: one\n", ERR))
    two, three = (a_piece(b"debug1: %s\n" % word, ERR, number=2) for word in (b"two", b"three"))
    assert cost(opened, first, two) == cost(opened, first, three)
    for connecting in (True, False):
        follows.tell(Kind(False, connecting), b"OpenSSH_8.4p1\ndebug1: one\ndebug1: two\ndebug1: three\n", b"192.0.2.1")
    assert cost(opened, first, two) > cost(opened, first, three)
    assert cost(opened, FRESH, two) == cost(opened, first, three)
    assert cost(opened, FRESH, a_piece(b"OpenSSH_9.2p1\n", ERR)) == cost(opened, first, two)
    # A line that was cut, and what the managed node says, are not ssh's to be compared.
    assert cost(opened, said(opened, a_piece(b"debug1: o", ERR)), three) == cost(opened, first, two)
    assert cost(opened, first, a_piece(b"bash: warning\n", ERR, number=2)) == cost(opened, first, two)


def test_a_kind_of_ssh_that_was_not_heard_may_say_anything() -> None:
    opened, follows = an_opened(), Follows()
    opened.follows = follows
    follows.tell(Kind(sftp=False, connecting=False), b"OpenSSH_9.2p1\ndebug1: two\n", b"192.0.2.1")
    first = said(opened, a_piece(b"OpenSSH_9.2p1\n", ERR))
    two, three = (a_piece(b"debug1: %s\n" % word, ERR, number=2) for word in (b"two", b"three"))
    assert cost(opened, first, two) == cost(opened, first, three)
    shared = said(opened, *(a_piece(text, ERR, number=number) for number, text in enumerate(SHARED, start=1)))
    assert cost(opened, shared, three) < cost(opened, first, three)


def test_a_master_of_another_address_is_not_this_ones() -> None:
    opened, other = an_opened(index=0), an_opened(index=1)
    follows = Follows()
    opened.follows = other.follows = follows
    alive = b"debug3: mux_client_request_alive: done pid = 77\n"
    piece = a_piece(alive, ERR)
    assert cost(opened, FRESH, piece) == cost(other, FRESH, piece)
    follows.tell(Kind(sftp=True, connecting=False), alive, b"192.0.2.1")
    assert step(other, FRESH, piece) is None
    assert cost(opened, FRESH, piece) > cost(opened, FRESH, a_piece(alive.replace(b"77", b"78"), ERR))


def test_before_it_is_asked_a_remote_command_says_nothing() -> None:
    opened, answer = an_opened(), a_piece(b"/root\n", number=5)
    own = [a_piece(text, ERR, number=number) for number, text in enumerate(SHARED, start=1)]
    assert cost(opened, said(opened, *own[:2]), answer) < cost(opened, said(opened, *own), answer)


def test_a_command_that_never_ended_has_hardly_heard_that_it_is_over() -> None:
    opened = an_opened()
    progress = said(opened, *(a_piece(text, ERR, number=number) for number, text in enumerate(SHARED, start=1)))
    over = a_piece(b"debug3: mux_client_read_packet: read header failed: Broken pipe\n", ERR, number=9)
    other = a_piece(b"debug1: mux_client_request_session: master session id: 2\n", ERR, number=9)
    assert cost(opened, progress, over) < cost(opened, progress, other)


def test_a_command_that_ended_is_preferred() -> None:
    piece = a_piece(b"a")
    assert cost(an_opened(b"a", b""), FRESH, piece) > cost(an_opened(), FRESH, piece)


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
