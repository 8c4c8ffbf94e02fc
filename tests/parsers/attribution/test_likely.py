"""Who of several is the likeliest to have said a chunk."""

from __future__ import annotations

from math import exp, isclose, isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.attribution.likely import weights
from parsers.attribution.said import FRESH, Opened, Piece, Progress
from tests.parsers.attribution.test_said import ERR, OUT, a_piece, an_opened, said

CONNECTING = b"debug1: Connecting to 192.0.2.1\ndebug1: Local version string SSH-2.0\nx\n"


def at_work(text: bytes, number: int, *, err: bytes = CONNECTING, index: int = 0) -> tuple[Opened, Progress]:
    """A command that has said `text`, the beginning of its stderr, as the chunk of that number."""
    opened = an_opened(b"", err, index=index)
    opened.tell(b"", err)
    return opened, said(opened, a_piece(text, ERR, number=number))


def odds(takers: list[tuple[Opened, Progress]], number: int, *, time: float | None = None) -> list[float]:
    piece = a_piece(b"x", ERR, number=number)
    piece.time = time if time is not None else piece.time
    return weights(takers, piece, [0.0] * len(takers), {})


def test_who_spoke_last_goes_on_where_its_text_was_cut() -> None:
    first, last = (at_work(CONNECTING[:9], number, index=number) for number in (1, 9))
    early, late = odds([first, last], 10)
    assert late > early


def test_where_several_wait_for_an_answer_the_first_that_waits_has_the_first() -> None:
    takers = [at_work(CONNECTING[:-2], number, index=number) for number in (1, 7, 8)]
    first, second, third = odds(takers, 20)
    assert first > second > third


def test_of_two_that_have_not_spoken_the_one_that_was_started_first_begins() -> None:
    older, newer = (an_opened(b"", b"x", index=since, since=since) for since in (1, 4))
    first, second = odds([(older, FRESH), (newer, FRESH)], 6)
    assert first > second
    assert odds([(newer, FRESH), (older, FRESH)], 6) == pytest.approx([second, first])


def test_who_has_ended_one_pipe_says_the_rest_at_once_or_hardly_ever() -> None:
    half, other = an_opened(b"", b"x"), an_opened(b"", b"x", index=1)
    ended, idle = said(half, a_piece(b"", OUT, number=5)), FRESH
    at_once, beside = odds([(half, ended), (other, idle)], 6, time=0.0051)
    assert at_once > beside
    much_later, beside = odds([(half, ended), (other, idle)], 60, time=9.0)
    assert much_later < beside


def test_the_weights_are_the_logarithms_of_probabilities() -> None:
    found = odds([at_work(CONNECTING[:9], number, index=number) for number in (1, 5, 9)], 10)
    assert isclose(sum(map(exp, found)), 1.0)


def test_who_says_its_last_words_is_likelier_than_who_says_them_in_the_middle() -> None:
    text = b"debug3: mux_client_read_packet: read header failed: Broken pipe\n"
    takers = [at_work(text, 1, err=text + b"x" * size, index=size) for size in (1, 9)]
    last, middle = odds(takers, 9)
    assert last > middle


def test_who_is_silent_for_longer_than_is_usual_behind_its_line_is_due() -> None:
    lines = (b"debug1: kex: client->server cipher: x\n", b"debug2: exec request accepted on channel 0\n")
    slow, quick = (at_work(CONNECTING + line, 1, err=CONNECTING + line + b"x", index=k) for k, line in enumerate(lines))
    arithmetic, answer = odds([slow, quick], 2)
    assert answer > arithmetic  # a key is made in half a second, a session answers in milliseconds


def test_with_one_taker_there_is_nothing_to_weigh() -> None:
    assert odds([at_work(CONNECTING[:9], 1)], 9) == [0.0]
    assert weights([], a_piece(b"x", ERR), [], {}) == []


@st.composite
def takers(draw: st.DrawFn) -> list[tuple[Opened, Progress]]:
    found = []
    for index in range(draw(st.integers(2, 6))):
        err = draw(st.sampled_from([CONNECTING, b"debug2: x\nyyy\n"]))
        opened = an_opened(b"", err, index=index, since=draw(st.integers(0, 5)))
        progress = FRESH
        if draw(st.booleans()):
            piece = a_piece(err[: draw(st.integers(1, len(err)))], ERR, number=draw(st.integers(6, 30)))
            progress = said(opened, piece)
        found.append((opened, progress))
    return found


@given(takers(), st.sampled_from([b"", b"z"]))
def test_the_order_in_which_commands_are_asked_means_nothing(asked: list[tuple[Opened, Progress]], text: bytes) -> None:
    piece: Piece = a_piece(text, ERR, number=31)
    given_weights = {
        id(opened): weight
        for (opened, _), weight in zip(asked, weights(asked, piece, [0.0] * len(asked), {}), strict=True)
    }
    assert all(isfinite(weight) for weight in given_weights.values())
    other = asked[::-1]
    again = {
        id(opened): weight
        for (opened, _), weight in zip(other, weights(other, piece, [0.0] * len(other), {}), strict=True)
    }
    numbers = [progress.last.number for _, progress in asked if progress.last is not None]
    sinces = [opened.since for opened, progress in asked if progress.last is None]
    if len(set(numbers)) == len(numbers) and len(set(sinces)) == len(sinces):
        assert again == pytest.approx(given_weights)  # a sum's last digit goes by its order


def test_who_can_hardly_have_it_takes_nothing_from_the_others() -> None:
    takers = [*(at_work(CONNECTING[:9], number, index=number) for number in (1, 5)), (an_opened(b"", b"x"), FRESH)]
    piece = a_piece(b"x", ERR, number=10)
    without, hardly = weights(takers[:2], piece, [0.0, 0.0], {}), weights(takers, piece, [0.0, 0.0, -30.0], {})
    assert hardly[:2] == pytest.approx(without)
    assert weights(takers, piece, [-7.0] * 3, {}) == pytest.approx(weights(takers, piece, [0.0] * 3, {}))
