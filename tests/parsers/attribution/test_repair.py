"""What was told of the wrong command is told anew: one state, one chunk or one end."""

from __future__ import annotations

from parsers.attribution.repair import Repair
from parsers.attribution.said import FRESH, Opened, Progress, pieces_of
from parsers.attribution.states import Ended, State, mark_of
from tests.parsers.attribution.test_said import ERR, OUT, a_piece, an_opened, said

Told = dict[int, list[int]]


def a_state(*commands: tuple[Opened, Progress], ended: Ended | None = None) -> tuple[list[Opened], State]:
    """A state in which open commands have got so far."""
    sign = 0
    for opened, progress in commands:
        sign ^= mark_of(opened, progress)
    return [opened for opened, _ in commands], State(0.0, tuple(progress for _, progress in commands), ended, sign)


def told(line: list[Opened], state: State) -> Told:
    """The numbers of each open command's chunks."""
    return {
        opened.index: [piece.number for piece in pieces_of(progress)]
        for opened, progress in zip(line, state.progress, strict=True)
    }


def signed(line: list[Opened], state: State) -> bool:
    """Whether the state's sign is that of what its commands have said."""
    sign = 0
    for opened, progress in zip(line, state.progress, strict=True):
        sign ^= mark_of(opened, progress)
    return sign == state.sign


def test_a_chunk_finds_its_command_when_two_change_what_they_have_said() -> None:
    one, other = an_opened(b"12a", b"", index=0), an_opened(b"1b", b"", index=1)
    line, state = a_state((one, FRESH), (other, said(other, a_piece(b"1", number=1))))
    changed = list(Repair(line).for_chunk(state, a_piece(b"2a", number=2)))
    assert [told(line, way) for way in changed] == [{0: [1, 2], 1: []}]
    assert all(signed(line, way) for way in changed)


def test_what_fits_nobody_is_left_alone() -> None:
    one, other = an_opened(b"12a", b"", index=0), an_opened(b"1b", b"", index=1)
    line, state = a_state((one, FRESH), (other, FRESH))
    for deep in (False, True):
        assert list(Repair(line).for_chunk(state, a_piece(b"z", number=2), deep=deep)) == []


def test_who_has_the_words_too_early_makes_room_for_who_must_give_its_own_away() -> None:
    # The first has the second's beginning, the second the third's, and the third has said nothing.
    first, second, third = (an_opened(b"", text, index=at) for at, text in enumerate((b"xyz", b"xyw", b"xv")))
    line, state = a_state(
        (first, said(first, a_piece(b"xy", ERR, number=1))),
        (second, said(second, a_piece(b"x", ERR, number=2))),
        (third, FRESH),
    )
    piece = a_piece(b"xyz", ERR, number=3)
    assert list(Repair(line).for_chunk(state, piece)) == []
    changed = list(Repair(line).for_chunk(state, piece, deep=True))
    assert {0: [3], 1: [1], 2: [2]} in [told(line, way) for way in changed]
    assert all(signed(line, way) for way in changed)


def test_a_command_that_ends_has_its_parts_back_one_pipe_after_the_other() -> None:
    mine, other = an_opened(b"o", b"e", index=0), an_opened(b"o", b"e", index=1)
    line, state = a_state((mine, FRESH), (other, said(other, a_piece(b"o", number=1), a_piece(b"e", ERR, number=2))))
    whole = [way for way in Repair(line).for_end(state, 0) if way.progress[0].whole(mine)]
    assert [told(line, way) for way in whole] == [{0: [1, 2], 1: []}]


def test_a_command_that_ends_has_its_pipes_ends_back() -> None:
    mine, other = an_opened(b"", b"", index=0), an_opened(b"", b"", index=1)
    for opened in (mine, other):
        opened.tell(b"", b"debug1: x\n")
    words = [a_piece(b"debug1: x\n", ERR, number=number) for number in (1, 2)]
    ends = [a_piece(b"", OUT, number=3), a_piece(b"", ERR, number=4)]
    line, state = a_state((mine, said(mine, words[0])), (other, said(other, words[1], *ends)))
    assert [told(line, way) for way in Repair(line).for_ends(state, 0)][-1] == {0: [1, 3, 4], 1: [2]}
    line, state = a_state((mine, said(mine, words[0], *ends)), (other, FRESH))
    assert list(Repair(line).for_ends(state, 0)) == []


def test_the_same_words_go_round_those_that_have_ended_too() -> None:
    """Who ends lacks its last words; the one that has them has ended, and can have those of one that goes on."""
    words = b"bye\n"
    mine, between, last = (an_opened(b"", words, index=index, since=since) for index, since in ((0, 6), (1, 2), (2, 2)))
    ended = Ended(between, said(between, a_piece(words, ERR, number=8)), 9, None)
    line, state = a_state((mine, FRESH), (last, said(last, a_piece(words, ERR, number=4))), ended=ended)
    changed = list(Repair(line).for_end(state, 0, deep=True))
    assert [told(line, way) for way in changed] == [{0: [8], 2: []}]
    moved = changed[0].ended
    assert moved is not None
    assert [piece.number for piece in pieces_of(moved.progress)] == [4]
