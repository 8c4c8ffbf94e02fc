"""What one more chunk makes of a command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.attribution.said import Opened, Progress, pieces_of
from parsers.attribution.steps import step
from parsers.model import Stream
from tests.parsers.attribution.test_said import (
    ERR,
    OUT,
    TEXTS,
    a_piece,
    an_opened,
    cost,
    pipe_pieces,
    said,
    two,
)


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
