"""Parts of what two commands have said that change hands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.attribution.exchange import Cuts, along, exchange, give_away, in_between, tail_lengths, take_back
from parsers.attribution.follows import Follows
from parsers.attribution.said import FRESH, Opened, Progress, pieces_of
from parsers.attribution.steps import replayed
from tests.parsers.attribution.test_said import ERR, a_piece, an_opened, pipe_pieces, said, two


@given(two(), st.booleans(), st.data())
def test_an_exchange_keeps_every_piece_and_both_streams(
    play: tuple[list[Opened], list[Progress]], stderr: bool, data: st.DataObject
) -> None:
    (taker, giver), (mine, theirs) = play
    whole = taker.stderr if stderr else taker.stdout
    assert whole is not None
    goals = data.draw(st.lists(st.integers(0, len(whole)), min_size=1, max_size=4))
    before = sorted(piece.number for progress in (mine, theirs) for piece in pieces_of(progress))
    for changed in exchange(taker, mine, giver, theirs, stderr=stderr, goals=goals):
        assert changed != (mine, theirs)
        assert sorted(piece.number for progress in changed for piece in pieces_of(progress)) == before
        for opened, was, now in zip((taker, giver), (mine, theirs), changed, strict=True):
            pipe, kept, of = (now.err, now.out, opened.stderr) if stderr else (now.out, now.err, opened.stdout)
            assert of is not None
            assert kept is (was.out if stderr else was.err)
            pieces = pipe_pieces(pipe)
            numbers = [piece.number for piece in pieces]
            assert numbers == sorted(set(numbers))
            assert all(number > opened.since for number in numbers)
            assert b"".join(piece.text for piece in pieces) == of[: pipe.at]
            assert [piece.ends for piece in pieces] == [False] * (len(pieces) - 1) + [pipe.ended] * bool(pieces)
            assert not pipe.ended or pipe.at == len(of)
            everything = pieces_of(now)
            assert now.last is (everything[-1] if everything else None)
        assert (changed[0].err if stderr else changed[0].out).at in goals


def test_a_part_changes_hands_for_what_the_other_has_said_since() -> None:
    one, other = an_opened(b"12a", b"", index=0), an_opened(b"1b", b"", index=1)
    first, second = a_piece(b"1", number=1), a_piece(b"1", number=2)
    got = list(exchange(other, said(other, second), one, said(one, first), stderr=False, goals=[1]))
    assert [([p.number for p in pieces_of(a)], [p.number for p in pieces_of(b)]) for a, b in got] == [([1], [2])]
    # With nothing said by the other, the part alone goes over.
    got = list(exchange(other, FRESH, one, said(one, first), stderr=False, goals=[1]))
    assert [pieces_of(taker) for taker, _ in got] == [[first]]
    # What it would lead to must be wanted.
    assert list(exchange(other, FRESH, one, said(one, first), stderr=False, goals=[2])) == []


def test_nothing_goes_to_a_command_that_began_later() -> None:
    one, late = an_opened(b"1", b""), an_opened(b"1", b"", index=1, since=1)
    assert list(exchange(late, FRESH, one, said(one, a_piece(b"1", number=1)), stderr=False, goals=[1])) == []
    assert list(exchange(late, FRESH, one, said(one, a_piece(b"1", number=2)), stderr=False, goals=[1])) != []


def test_a_command_without_a_tuple_gives_and_does_not_take() -> None:
    known, unknown = an_opened(b"1", b""), an_opened(index=1)
    has = said(unknown, a_piece(b"1"))
    assert len(list(exchange(known, FRESH, unknown, has, stderr=False, goals=[1]))) == 1
    assert list(exchange(unknown, FRESH, known, said(known, a_piece(b"1")), stderr=False, goals=[1])) == []


def test_nothing_goes_behind_the_end_of_a_pipe() -> None:
    one, other = an_opened(b"", b""), an_opened(b"", b"", index=1)
    ended, also = said(one, a_piece(b"", number=1)), said(other, a_piece(b"", number=2))
    changes = list(exchange(one, ended, other, also, stderr=False, goals=[0]))
    assert [([p.number for p in pieces_of(a)], [p.number for p in pieces_of(b)]) for a, b in changes] == [([2], [1])]


def test_the_lengths_of_what_was_said_last() -> None:
    opened = an_opened(b"abcdef", b"xy")
    progress = said(opened, *(a_piece(text, number=n) for n, text in enumerate((b"a", b"bc", b"def"), 1)))
    assert list(tail_lengths(progress, stderr=False, cuts=Cuts())) == [0, 3, 5, 6]
    assert list(tail_lengths(progress, stderr=True, cuts=Cuts())) == [0]


def test_what_was_said_too_early_goes_to_one_that_hangs_in_its_place_in_time() -> None:
    young, hanging = an_opened(b"", b"OpenSSH_9\nx"), an_opened(index=1)
    greeting, own = a_piece(b"OpenSSH_9\n", ERR, number=1), a_piece(b"debug1: Connecting to 192.0.2.2\n", ERR, number=2)
    mine, theirs = said(young, greeting), said(hanging, own)
    given = give_away(mine, hanging, theirs, stderr=True, goals=[0], cuts=Cuts())
    assert given is not None
    left, got, cost = given
    assert (pieces_of(left), pieces_of(got)) == ([], [greeting, own])
    assert (left.err.at, got.err.at, got.last) == (0, len(greeting.text) + len(own.text), own)
    assert cost < 0
    # Nothing to give at that point, nothing from before the other began, nothing that names another host.
    assert give_away(mine, hanging, theirs, stderr=True, goals=[3], cuts=Cuts()) is None
    assert give_away(mine, hanging, theirs, stderr=False, goals=[0], cuts=Cuts()) is None
    late = an_opened(index=1, since=1)
    assert give_away(mine, late, FRESH, stderr=True, goals=[0], cuts=Cuts()) is None
    naming = said(an_opened(b"", own.text), own)
    stranger = an_opened(index=6)
    stranger.follows = Follows()
    stranger.follows.addresses.add(b"192.0.2.2")
    assert give_away(naming, stranger, FRESH, stderr=True, goals=[0], cuts=Cuts()) is None


def test_who_greets_again_is_hardly_believed() -> None:
    hanging = an_opened(index=1)
    greeting, own = a_piece(b"OpenSSH_9\n", ERR, number=1), a_piece(b"debug1: Connecting to 192.0.2.2\n", ERR, number=2)
    again = a_piece(b"OpenSSH_9\n", ERR, number=3)
    first, then = replayed(hanging, [greeting, own]), replayed(hanging, [own, again])
    assert first is not None
    assert then is not None
    assert then[1] < first[1] - 10


def numbers(progress: Progress) -> list[int]:
    return [piece.number for piece in pieces_of(progress)]


@given(two(), st.booleans(), st.data())
def test_what_goes_along_keeps_every_piece_and_both_streams(
    play: tuple[list[Opened], list[Progress]], stderr: bool, data: st.DataObject
) -> None:
    (taker, giver), (mine, theirs) = play
    whole = taker.stderr if stderr else taker.stdout
    assert whole is not None
    goals = data.draw(st.lists(st.integers(0, len(whole)), min_size=1, max_size=4))
    before = sorted(numbers(mine) + numbers(theirs))
    for changed in exchange(taker, mine, giver, theirs, stderr=stderr, goals=goals):
        got, gave, cost = along(taker, mine, giver, theirs, changed, stderr=stderr, cuts=Cuts())
        assert sorted(numbers(got) + numbers(gave)) == before
        assert (got.err if stderr else got.out) == (changed[0].err if stderr else changed[0].out)
        costs = [replayed(opened, pieces_of(now)) for opened, now in ((taker, got), (giver, gave))]
        were = [replayed(opened, pieces_of(was)) for opened, was in ((taker, mine), (giver, theirs))]
        if None not in costs and None not in were:
            change = sum(now[1] for now in costs if now) - sum(was[1] for was in were if was)
            assert abs(change - cost) < 1e-9


def test_an_answer_goes_along_with_the_words_before_it() -> None:
    asked = b"debug1: Sending command: id\n"
    one, other = (an_opened(b"root\n", b"x\n" + asked, index=index) for index in (0, 1))
    for opened in (one, other):
        opened.tell(b"root\n", b"x\n" + asked)
    greeting, words = a_piece(b"x\n", ERR, number=1), a_piece(asked, ERR, number=3)
    answer = a_piece(b"root\n", number=4)
    mine = said(one, greeting, words, answer)
    theirs = said(other, a_piece(b"x\n", ERR, number=2))
    changed = next(exchange(other, theirs, one, mine, stderr=True, goals=[len(b"x\n" + asked)]))
    got, gave, cost = along(other, theirs, one, mine, changed, stderr=True, cuts=Cuts())
    # Alone, the answer would come before the question.
    assert (numbers(got), numbers(gave)) == ([2, 3, 4], [1])
    assert cost == 0.0


def test_the_same_words_change_places_where_one_has_gone_on() -> None:
    one, other = an_opened(b"12", b"", index=0), an_opened(b"13", b"", index=1)
    mine = said(one, a_piece(b"1", number=1))
    theirs = said(other, a_piece(b"1", number=2), a_piece(b"3", number=3))
    ways = list(in_between(one, mine, other, theirs, stderr=False, cuts=Cuts()))
    assert [(numbers(got), numbers(gave)) for got, gave in ways] == [([2], [1, 3])]
    # Not where the other one began later.
    other.since = 1
    assert list(in_between(one, mine, other, theirs, stderr=False, cuts=Cuts())) == []


@given(two(), st.booleans())
def test_words_that_change_places_leave_both_where_they_stood(
    play: tuple[list[Opened], list[Progress]], stderr: bool
) -> None:
    (taker, giver), (mine, theirs) = play
    for got, gave in in_between(taker, mine, giver, theirs, stderr=stderr, cuts=Cuts()):
        for opened, was, now in ((taker, mine, got), (giver, theirs, gave)):
            pipe, before = (now.err, was.err) if stderr else (now.out, was.out)
            assert (pipe.at, pipe.ended) == (before.at, before.ended)
            pieces = pipe_pieces(pipe)
            assert [piece.number for piece in pieces] == sorted({piece.number for piece in pieces})
            assert all(piece.number > opened.since for piece in pieces)
            whole = opened.stderr if stderr else opened.stdout
            assert whole is not None
            assert b"".join(piece.text for piece in pieces) == whole[: pipe.at]
        assert sorted(numbers(got) + numbers(gave)) == sorted(numbers(mine) + numbers(theirs))


def test_a_command_takes_its_own_from_among_what_a_hanging_one_was_given() -> None:
    """Two answers lie there in turns."""
    known, hanging = an_opened(b"12", b"", since=1), an_opened(index=1)
    pieces = [a_piece(text, number=number) for number, text in enumerate((b"1", b"1", b"2", b"2"), start=1)]
    way = take_back(known, FRESH, hanging, said(hanging, *pieces), stderr=False, goals=[2])
    assert way is not None
    assert [piece.number for piece in pieces_of(way[0])] == [2, 3]
    assert [piece.number for piece in pieces_of(way[1])] == [1, 4]
    assert way[2] > 0
    assert take_back(known, FRESH, hanging, said(hanging, *pieces), stderr=False, goals=[0, 3]) is None
    assert take_back(known, FRESH, hanging, said(hanging, *pieces), stderr=True, goals=[2]) is None
    late = an_opened(b"12", b"", since=2)
    assert take_back(late, FRESH, hanging, said(hanging, *pieces), stderr=False, goals=[2]) is None
    over = said(an_opened(b"", b""), a_piece(b"", number=1))
    assert take_back(an_opened(b"", b""), over, hanging, said(hanging, *pieces), stderr=False, goals=[2]) is None
