"""What is displaced finds a place, until all stand again."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from parsers.attribution.resettle import Party, resettled
from parsers.attribution.said import FRESH, Piece, Progress, pieces_of
from tests.parsers.attribution.test_said import ERR, OUT, a_piece, an_opened, said

WORDS = b"debug1: done\n"


def a_party(*numbers: int, since: int = 0, until: int | None = None, index: int = 0, more: int = 0) -> Party:
    """A command that says `WORDS` again and again, and has said them as the chunks of those numbers."""
    opened = an_opened(b"", WORDS * (len(numbers) + more), index=index, since=since)
    return Party(opened, said(opened, *(a_piece(WORDS, ERR, number=number) for number in numbers)), until)


def a_speaker(whole: bytes, *pieces: Piece, since: int = 0, until: int | None = None, index: int = 0) -> Party:
    """A command with that stderr, and what it has said of it."""
    opened = an_opened(b"", whole, index=index, since=since)
    return Party(opened, said(opened, *pieces), until)


def err(text: bytes, number: int) -> Piece:
    return a_piece(text, ERR, number=number)


def numbers(progress: Progress) -> list[int]:
    return [piece.number for piece in pieces_of(progress)]


def told(parties: list[Party], goal: int, taker: int = 0) -> dict[int, list[int]] | None:
    """The numbers of the chunks of all that are changed."""
    found = resettled(parties, taker, goal, stderr=True)
    return None if found is None else {index: numbers(progress) for index, progress in found[0].items()}


def test_who_is_open_can_do_without_its_last_words() -> None:
    assert told([a_party(since=3, more=1), a_party(2, 5)], len(WORDS)) == {0: [5], 1: [2]}


def test_who_cannot_have_the_last_ones_words_has_those_of_one_between() -> None:
    # The last one's came before the first was opened; the one between has ended, and had its own at both times.
    between = a_party(8, since=2, until=9)
    assert told([a_party(since=6, more=1), between, a_party(4)], len(WORDS)) == {0: [8], 1: [4], 2: []}


def test_who_has_ended_has_nothing_from_behind_its_end_and_does_not_do_without() -> None:
    assert told([a_party(more=1), a_party(4, until=5)], len(WORDS)) is None
    assert told([a_party(since=3, more=1), a_party(4, until=5), a_party(7)], len(WORDS)) is not None
    assert told([a_party(since=3, more=1, until=6), a_party(4, until=5), a_party(7)], len(WORDS)) is None


def test_words_that_came_in_one_chunk_stand_for_the_same_in_several() -> None:
    one = a_speaker(b"abcd", since=4)
    other = a_speaker(b"abc", err(b"abc", 5), until=9, index=1)
    third = a_speaker(b"abcx", err(b"a", 1), err(b"b", 2), err(b"c", 3), index=2)
    assert told([one, other, third], 3) == {0: [5], 1: [1, 2, 3], 2: []}


def test_who_has_said_too_much_is_rid_of_it() -> None:
    other = a_speaker(b"ab", err(b"a", 2), index=1)
    assert told([a_speaker(b"ab", err(b"a", 1), err(b"b", 3)), other], 1) == {0: [1], 1: [2, 3]}
    assert told([a_speaker(b"ab", err(b"a", 1), err(b"b", 3)), a_speaker(b"x", index=1)], 1) is None
    assert told([a_speaker(b"ab", err(b"ab", 3)), other], 1) is None, "no chunk ends there"


def test_a_command_without_a_result_gives_what_it_was_given() -> None:
    opened = an_opened(None, None, index=1)
    unknown = Party(opened, said(opened, err(b"a", 4), err(b"b", 5)), None)
    assert told([a_speaker(b"ab", err(b"a", 3)), unknown], 2) == {0: [3, 5], 1: [4]}


def test_several_wrong_choices_that_hang_together() -> None:
    """Three transfers at the end of their words, as forty hosts on a busy machine said them.

    The first ends without its last words, which the second was given; the second can only have the third's if it was
    ready for them before, and so it was: what it and the first have said before were each other's.
    """
    ready, last = b"STATUS 0\n", b"closed\nexit\n"
    tail = (b"closed\n", b"exit\n")
    taker = a_speaker(
        ready + b"sent\n" + ready + last, err(ready, 88), err(b"sent\n", 102), err(ready, 104), since=70, until=112
    )
    ended = a_speaker(ready + last, err(ready, 101), err(tail[0], 107), err(tail[1], 108), since=80, until=110, index=1)
    going_on = a_speaker(b"go\n" + last, err(b"go\n", 89), err(tail[0], 100), err(tail[1], 105), since=60, index=2)
    goal = len(taker.opened.stderr or b"")
    assert told([taker, ended, going_on], goal) == {0: [101, 102, 104, 107, 108], 1: [88, 100, 105], 2: [89]}


def test_the_ends_of_pipes_go_round_as_well() -> None:
    taker, other = an_opened(b"a", b"", index=0), an_opened(b"b", b"", index=1)
    one = Party(taker, said(taker, a_piece(b"a", OUT, number=1)), 3)
    two = Party(other, said(other, a_piece(b"b", OUT, number=2), a_piece(b"", OUT, number=3)), None)
    found = resettled([one, two], 0, 1, stderr=False)
    assert found is not None
    assert (found[0][0].out.ended, found[0][1].out.ended) == (True, False)
    assert resettled([two, one], 0, 1, stderr=False) is None  # it has its end
    ended = two._replace(until=4)
    assert resettled([one, ended], 0, 1, stderr=False) is None, "it would be without one"
    later = Party(other, said(other, a_piece(b"b", OUT, number=2), a_piece(b"", OUT, number=5)), None)
    assert resettled([one, later], 0, 1, stderr=False) is None, "it came behind the taker's end"
    found = resettled([one, ended, later._replace(progress=two.progress)], 0, 1, stderr=False)
    assert found is not None
    assert set(found[0]) == {0, 2}


@st.composite
def parties(draw: st.DrawFn) -> list[Party]:
    """Commands whose words came in turns."""
    owners = draw(st.lists(st.integers(1, 4), min_size=1, max_size=9))
    held: list[list[int]] = [[] for _ in range(5)]
    for number, owner in enumerate(owners, start=10):
        held[owner].append(number)
    found = [a_party(since=draw(st.integers(5, 20)), more=1)]
    for index, mine in enumerate(held[1:], start=1):
        until = draw(st.sampled_from([None, max(mine, default=10) + draw(st.integers(0, 4))]))
        found.append(a_party(*mine, since=draw(st.integers(5, min(mine, default=9))) - 1, until=until, index=index))
    return found


@given(parties())
def test_no_chunk_is_lost_or_doubled_and_each_is_where_it_can_be(before: list[Party]) -> None:
    way = resettled(before, 0, len(WORDS), stderr=True)
    if way is None:
        return
    found = way[0]
    after = [found.get(index, party.progress) for index, party in enumerate(before)]
    held = Counter(number for party in before for number in numbers(party.progress))
    assert Counter(number for progress in after for number in numbers(progress)) == held
    assert after[0].err.at == len(WORDS)
    for party, progress in zip(before, after, strict=True):
        own = numbers(progress)
        assert own == sorted(own)
        assert all(party.opened.since < number for number in own)
        if party.until is not None:
            assert len(own) == len(numbers(party.progress))
            assert all(number <= party.until for number in own)


def test_nobody_has_what_is_not_there() -> None:
    assert told([a_party(more=1), Party(an_opened(b"", b"x"), FRESH, None)], len(WORDS)) is None
