"""Two commands with each other's result, and each other's words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.attribution.crossing import cross
from parsers.attribution.said import Opened, Piece, Progress, pieces_of
from tests.parsers.attribution.test_said import ERR, OUT, a_piece, an_opened, said

SAME = b"debug1: same\ndebug1: also the same\n"


def whole(token: bytes) -> bytes:
    return SAME + b"socket " + token + b"\n" + SAME


def now(one: Opened, other: Opened) -> tuple[Opened, Opened]:
    return one.with_result_of(other), other.with_result_of(one)


def spoken(progress: Progress) -> tuple[bytes, bytes]:
    pieces = pieces_of(progress)
    return b"".join(p.text for p in pieces if p.stream is ERR), b"".join(p.text for p in pieces if p.stream is OUT)


@st.composite
def two_that_crossed(draw: st.DrawFn) -> tuple[tuple[Opened, Opened], tuple[Progress, Progress]]:
    """Each in pieces of its own size, one piece of whichever at a time, up to somewhere; then its answer."""
    texts = [whole(b"aX"), whole(b"bYY")]
    lefts = []
    for text, answer in zip(texts, (b"{1}", b"{22}"), strict=True):
        cuts = sorted(draw(st.sets(st.integers(1, len(text) - 1), max_size=5)))
        parts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        kept = draw(st.integers(0, len(parts)))
        answered = [(OUT, answer)] if kept == len(parts) and draw(st.booleans()) else []
        lefts.append([(ERR, part) for part in parts[:kept]] + answered)
    spoken_by: tuple[list[Piece], list[Piece]] = ([], [])
    number = 2
    while any(lefts):
        who = draw(st.sampled_from([index for index, left in enumerate(lefts) if left]))
        stream, text = lefts[who].pop(0)
        number += 1
        spoken_by[who].append(a_piece(text, stream, number=number))
    both = an_opened(b"{1}", texts[0], index=0, since=1), an_opened(b"{22}", texts[1], index=1, since=2)
    return both, (said(both[0], *spoken_by[0]), said(both[1], *spoken_by[1]))


@given(two_that_crossed())
def test_each_has_said_the_beginning_of_its_true_result_and_nothing_is_lost(
    play: tuple[tuple[Opened, Opened], tuple[Progress, Progress]],
) -> None:
    (one, other), (mine, theirs) = play
    true = now(one, other)
    found = cross(true[0], mine, true[1], theirs)
    if not pieces_of(mine) and not pieces_of(theirs):
        assert found is None
        return
    assert found is not None, "at the beginning both stood alike"
    for opened, progress in zip(true, found, strict=True):
        assert opened.stderr is not None
        assert opened.stdout is not None
        err, out = spoken(progress)
        assert (err, out) == (opened.stderr[: progress.err.at], opened.stdout[: progress.out.at])
    numbers = [piece.number for progress in found for piece in pieces_of(progress)]
    assert sorted(numbers) == sorted(piece.number for progress in (mine, theirs) for piece in pieces_of(progress))


def test_the_newest_point_at_which_both_stood_alike_is_taken() -> None:
    one, other = an_opened(b"", whole(b"a")), an_opened(b"", whole(b"b"), index=1)
    first, second = (a_piece(SAME, ERR, number=number) for number in (1, 2))
    mine, theirs = said(one, first, a_piece(b"socket a\n", ERR, number=3)), said(other, second)
    true = now(one, other)
    found = cross(true[0], mine, true[1], theirs)
    assert found is not None
    assert [[piece.number for piece in pieces_of(progress)] for progress in found] == [[1], [2, 3]]


def test_what_was_said_before_the_other_began_is_not_the_others() -> None:
    one, other = an_opened(b"", whole(b"a")), an_opened(b"", whole(b"b"), index=1, since=1)
    mine = said(one, a_piece(SAME + b"socket a\n", ERR, number=1))
    theirs = said(other, a_piece(b"debug1: ", ERR, number=2))
    true = now(one, other)
    assert cross(true[0], mine, true[1], theirs) is None
