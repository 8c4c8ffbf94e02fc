"""The same words of several commands, going round."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from parsers.attribution.rotation import Party, rotated
from parsers.attribution.said import FRESH, Progress, pieces_of
from tests.parsers.attribution.test_said import ERR, OUT, a_piece, an_opened, said

WORDS = b"debug1: done\n"


def a_party(*numbers: int, since: int = 0, until: int | None = None, index: int = 0, more: int = 0) -> Party:
    """A command that says `WORDS` again and again, and has said them as the chunks of those numbers."""
    opened = an_opened(b"", WORDS * (len(numbers) + more), index=index, since=since)
    return Party(opened, said(opened, *(a_piece(WORDS, ERR, number=number) for number in numbers)), until)


def numbers(progress: Progress) -> list[int]:
    return [piece.number for piece in pieces_of(progress)]


def test_who_is_open_can_do_without_its_last_words() -> None:
    found = rotated([a_party(since=3, more=1), a_party(2, 5)], 0, WORDS, stderr=True)
    assert found is not None
    assert {index: numbers(progress) for index, progress in found[0].items()} == {0: [5], 1: [2]}


def test_who_cannot_have_the_last_ones_words_has_those_of_one_between() -> None:
    # The last one's came before the first was opened; the one between has ended, and had its own at both times.
    between = a_party(8, since=2, until=9)
    found = rotated([a_party(since=6, more=1), between, a_party(4)], 0, WORDS, stderr=True)
    assert found is not None
    assert {index: numbers(progress) for index, progress in found[0].items()} == {0: [8], 1: [4], 2: []}


def test_who_has_ended_has_nothing_from_behind_its_end_and_does_not_do_without() -> None:
    assert rotated([a_party(more=1), a_party(4, until=5)], 0, WORDS, stderr=True) is None
    assert rotated([a_party(since=3, more=1), a_party(4, until=5), a_party(7)], 0, WORDS, stderr=True) is not None
    assert rotated([a_party(since=3, more=1, until=6), a_party(4, until=5), a_party(7)], 0, WORDS, stderr=True) is None


def test_the_chain_ends_at_whom_it_is_to() -> None:
    parties = [a_party(since=3, more=1), a_party(5, since=1), a_party(4, since=1)]
    for loser in (1, 2):
        found = rotated(parties, 0, WORDS, stderr=True, loser=loser)
        assert found is not None
        assert numbers(found[0][loser]) == []


def test_the_ends_of_pipes_go_round_as_well() -> None:
    taker, other = an_opened(b"a", b"", index=0), an_opened(b"b", b"", index=1)
    one = Party(taker, said(taker, a_piece(b"a", OUT, number=1)), 3)
    two = Party(other, said(other, a_piece(b"b", OUT, number=2), a_piece(b"", OUT, number=3)), None)
    found = rotated([one, two], 0, b"", stderr=False)
    assert found is not None
    assert (found[0][0].out.ended, found[0][1].out.ended) == (True, False)
    assert rotated([two, one], 0, b"", stderr=False) is None  # it has its end


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
    way = rotated(before, 0, WORDS, stderr=True)
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
    assert sum(len(numbers(party.progress)) - len(numbers(now)) for party, now in zip(before, after, strict=True)) == 0


def test_nobody_has_what_is_not_there() -> None:
    assert rotated([a_party(more=1), Party(an_opened(b"", b"x"), FRESH, None)], 0, WORDS, stderr=True) is None
