"""Results of commands the other way round."""

from __future__ import annotations

import pytest

from parsers.attribution.beam import Beam
from parsers.attribution.results import Pair, Results, ways
from parsers.attribution.said import Opened
from tests.parsers.attribution.test_said import ERR, a_piece


def an_opened(index: int, stderr: bytes, text: str = "id") -> Opened:
    opened = Opened(index, text, newest=9)
    opened.tell(b"", stderr)
    return opened


def test_each_begins_and_ends_where_its_new_result_does() -> None:
    one, other = an_opened(0, b"1x", "chmod"), an_opened(1, b"1y", "rm")
    found = Results().changed(((one, other),), Beam())
    assert found is not None
    results, _, told = found
    assert [results.beginning(opened).stderr for opened in (one, other)] == [b"1y", b"1x"]
    assert [results.beginning(opened).command for opened in (one, other)] == [0, 1]
    assert results.end(one) is results.beginning(other)
    assert results.end(other) is results.beginning(one)
    assert [(change.command, change.changed_with, change.pieces) for change in told] == [(0, 1, [])]
    assert (one.stderr, other.stderr) == (b"1x", b"1y"), "who looks on from before sees what was before"


def test_of_the_same_words_each_is_the_other_command_then() -> None:
    one, other = an_opened(0, b"1x"), an_opened(1, b"1y")
    found = Results().changed(((one, other),), Beam())
    assert found is not None
    assert [found[0].beginning(opened).command for opened in (one, other)] == [1, 0]


def test_a_result_is_of_no_command_that_began_after_it() -> None:
    one, other, third = an_opened(0, b"1x", "chmod"), an_opened(1, b"1y", "rm"), an_opened(2, b"1z", "rm")
    one.newest = 0
    assert Results().changed(((one, other),), Beam()) is None
    one.newest = 1
    assert Results().changed(((one, other),), Beam()) is not None
    assert Results().changed(((one, other), (other, third)), Beam()) is None, "the second has the first's by then"


def test_three_results_go_round_in_two_changes() -> None:
    """Each command is told apart from where it ends: the ends are a permutation of the beginnings."""
    three = [an_opened(index, text) for index, text in enumerate((b"a", b"b", b"c"))]
    found = Results().changed(((three[0], three[1]), (three[1], three[2])), Beam())
    assert found is not None
    results, _, told = found
    assert [results.beginning(opened).stderr for opened in three] == [b"b", b"c", b"a"]
    assert [results.end(opened).stderr for opened in three] == [b"a", b"b", b"c"]
    assert {results.end(opened) for opened in three} == {results.beginning(opened) for opened in three}
    assert [(change.command, change.changed_with) for change in told] == [(0, 1), (0, 2)]


@pytest.mark.parametrize(("said", "can_be"), [(b"1", True), (b"1x", False)])
def test_what_was_said_before_must_be_the_new_results_beginning(said: bytes, can_be: bool) -> None:
    one, other = an_opened(0, b"1x"), an_opened(1, b"1y")
    beam = Beam()
    beam.open(one)
    beam.place(a_piece(said, ERR, number=0))
    found = Results().changed(((one, other),), beam)
    assert (found is not None) is can_be
    if found is not None:
        assert found[1].line == [found[0].beginning(one)]
        assert beam.line == [one], "the beam itself is as it was"


@pytest.mark.parametrize(("ends", "can_be"), [(b"1x", False), (b"1", True)])
def test_a_pipe_that_has_ended_was_the_whole_result(ends: bytes, can_be: bool) -> None:
    one, other = an_opened(0, b"1"), an_opened(1, ends)
    beam = Beam()
    beam.open(one)
    for number, text in enumerate((b"1", b"")):
        beam.place(a_piece(text, ERR, number=number))
    assert (Results().changed(((one, other),), beam) is not None) is can_be


def test_the_newest_is_tried_first_and_three_only_of_the_same_words() -> None:
    a, b, c, d = (an_opened(index, b"", text) for index, text in enumerate(("id", "id", "id", "rm")))
    old: Pair = (a, b)
    new: list[Pair] = [(b, c), (c, d)]
    assert list(ways(new, [old, *new], Results())) == [((c, d),), ((b, c),), ((b, c), (a, b))]


OWN = b"debug1: Connecting to 192.0.2.1"


def in_turn(*wholes: bytes) -> list[Opened]:
    """Commands with the same words, of which each ends when the one behind the next begins."""
    line = [an_opened(index, whole) for index, whole in enumerate(wholes)]
    for one in line:
        one.newest = one.index + 1
    return line


def deals(line: list[Opened], known: list[Pair]) -> list[list[int]]:
    """What is dealt: which result each one has then."""
    dealt = [way for way in ways(known[-1:], known, Results()) if not isinstance(way, tuple)]
    return [[way.get(one, one).index for one in line] for way in dealt]


def test_another_one_made_the_connection_and_who_began_first_ends_first() -> None:
    a, b, c, d = line = in_turn(b"1", b"2", b"3", OWN)
    assert deals(line, [(a, b), (b, c), (c, d)]) == [[3, 0, 1, 2], [0, 3, 1, 2], [0, 1, 3, 2]]


def test_one_kind_of_connection_alone_is_not_dealt() -> None:
    a, b, c = in_turn(b"1", b"2", b"3")
    assert deals([a, b, c], [(a, b), (b, c)]) == []


def test_commands_at_other_addresses_are_not_dealt_with() -> None:
    a, b, c = line = in_turn(b"1", OWN, b"3")
    c.needles = (b"192.0.2.9",)
    assert deals(line, [(c, c), (a, b)]) == [[1, 0, 2]]


def test_what_is_dealt_ends_where_its_result_stands() -> None:
    a, b, c = line = in_turn(b"1", b"2", OWN)
    found = Results().dealt({a: c, b: a, c: b}, Beam())
    assert found is not None
    results, _, told = found
    assert [results.beginning(one).stderr for one in line] == [OWN, b"1", b"2"]
    assert [results.end(one).stderr for one in line] == [b"1", b"2", OWN]
    assert {results.end(one) for one in line} == {results.beginning(one) for one in line}
    places = {one.command: one for one in line}
    for change in told:
        assert change.changed_with is not None
        first, second = places[change.command], places[change.changed_with]
        places[change.command], places[change.changed_with] = second, first
    assert all(results.beginning(one).command == command for command, one in places.items())


def test_nothing_is_dealt_to_one_that_began_after_it_ended() -> None:
    a, b, c = in_turn(b"1", b"2", OWN)
    a.newest = 0
    assert Results().dealt({a: c, b: a, c: b}, Beam()) is None


def test_what_was_dealt_once_can_be_dealt_anew() -> None:
    a, b, c = line = in_turn(b"1", b"2", OWN)
    first = Results().dealt({a: c, b: a, c: b}, Beam())
    assert first is not None
    began = {one: first[0].beginning(one) for one in line}
    back = first[0].dealt({a: began[b], b: began[c], c: began[a]}, Beam())
    assert back is not None
    assert [back[0].beginning(one).stderr for one in line] == [b"1", b"2", OWN]
    assert [back[0].end(one).stderr for one in line] == [b"1", b"2", OWN]
    assert [back[0].beginning(one).command for one in line] == [0, 1, 2]


@pytest.mark.parametrize(("text", "of_use"), [(b"Connecting", True), (b"debug2", False)])
def test_a_change_is_of_use_where_one_of_them_says_what_nobody_could_have(text: bytes, of_use: bool) -> None:
    one, other = in_turn(b"1", OWN)
    found = Results().changed(((one, other),), Beam())
    assert found is not None
    assert found[0].may_have(a_piece(text, ERR), Results()) is of_use
    assert found[0].may_have(None, Results())
    assert not found[0].may_have(a_piece(text, ERR), found[0])
