"""The way of the search, and the way back where it lost it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.attribution import beam, course
from parsers.attribution import search as search_module
from parsers.attribution.beam import Beam
from parsers.attribution.course import Entry
from parsers.attribution.lanes import Lanes
from parsers.attribution.said import Opened, Piece
from parsers.attribution.search import Search
from parsers.attribution.states import State
from parsers.attribution.window import BeamSearch
from parsers.model import Command
from tests.parsers.attribution.test_beam import Decisions, Play, Reader, plays, told
from tests.parsers.attribution.test_said import ERR, a_command, a_piece

SCRIPT = "A+ B+ C+ B:1 C:3 B:b A:1 A:2a A- B- C:. C-"
"""The second's first word seems the first one's, until nobody can have the next."""
TUPLES = {"A": b"12a", "B": b"1b", "C": b"3."}
TRUE = {"A": ["A:1", "A:2a"], "B": ["B:1", "B:b"], "C": ["C:3", "C:."]}


class NoRepair:
    """Nothing is told anew within a state."""

    def __init__(self, line: object) -> None:
        self.line = line

    def nothing(self, *_: object, **__: object) -> Iterator[State]:
        return iter(())

    for_chunk = for_end = for_ends = nothing


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """One state and no repair, so that nothing but the way back can mend a wrong choice."""
    monkeypatch.setattr(beam, "BEAM", 1)
    monkeypatch.setattr(beam, "Repair", NoRepair)
    monkeypatch.setattr(course, "_MANY", 1)


@pytest.mark.usefixtures("narrow")
def test_where_nobody_can_have_a_chunk_it_goes_back_and_on_with_more_states() -> None:
    found, decided = told(SCRIPT, **TUPLES)
    assert found == TRUE
    assert len(decided) == 6


@pytest.mark.usefixtures("narrow")
def test_with_few_commands_open_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "_MANY", 4)
    found, _ = told(SCRIPT, **TUPLES)
    assert found != TRUE


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(("size", "far_enough"), [(1, False), (2, True), (64, True)])
def test_it_goes_back_two_blocks_at_most(size: int, far_enough: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "_BLOCK", size)
    found, decided = told(SCRIPT, **TUPLES)
    assert (found == TRUE) is far_enough
    assert len({chunk for chunk, _, _ in decided}) == len(decided)


@pytest.mark.usefixtures("narrow")
def test_where_the_way_back_is_of_no_use_it_is_not_gone_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    placed: list[int] = []
    place = Beam.place

    def counted(self: Beam, piece: Piece) -> None:
        placed.append(piece.index)
        place(self, piece)

    monkeypatch.setattr(Beam, "place", counted)
    lost = " ".join(f"A:z{number}" for number in range(20))
    found, _ = told(f"A+ B+ {lost} A:1 A:2a B:1b A- B-", A=b"12a", B=b"1b")
    assert found == {"A": ["A:1", "A:2a"], "B": ["B:1b"]}
    assert len(placed) == 23 + 1, "gone back more often than for the first"


def read(play: Play, *, looking: bool) -> Decisions:
    reader = Reader(play)
    for _ in reader.go():
        if looking:
            reader.search.provisional()
    return sorted(reader.over())


@given(plays())
def test_the_way_back_is_the_same_however_often_it_is_looked_at(play: Play) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beam, "BEAM", 1)
        patch.setattr(beam, "WIDE", 4)
        patch.setattr(course, "_MANY", 1)
        patch.setattr(course, "_BLOCK", 2)
        patch.setattr(course, "_PATIENCE", 1)
        once = read(play, looking=False)
        assert once == read(play, looking=True)
    chunks = [chunk for chunk, _, _ in once]
    assert len(set(chunks)) == len(chunks)


# ---------------------------------------------------------------------------------------------------------------
# Results that went to each other's command.


def begin(search: Search, index: int, lanes: Lanes | None) -> None:
    """A command that is over when the others begin: from there on it is told elsewhere, where that can be."""
    search.opened(a_command(index))
    search.chunk(a_piece(b"z", number=-1))
    search.closed(a_command(index), b"z", b"")
    assert (search._here is None) is (lanes is not None)


def crossing(
    text: str = "id", lanes: Lanes | None = None, **more: bool
) -> tuple[list[tuple[int, list[int], int | None]], Search]:
    """The first of two says 1x before the second begins, which says 1y; each is told to have said the other's words.

    What is told: (command, its chunks, with whom it has changed results).
    """
    search = Search(lanes)
    begin(search, 2, lanes)
    commands = [a_command(index, text if index else "id", address="192.0.2.1") for index in range(2)]
    search.opened(commands[0])
    search.chunk(a_piece(b"1", ERR, number=0))
    search.chunk(a_piece(b"x", ERR, number=1))
    search.opened(commands[1])
    search.chunk(a_piece(b"1", ERR, number=2))
    search.chunk(a_piece(b"y", ERR, number=3))
    search.closed(commands[0], b"", b"1y")
    if more.get("looking"):
        search.provisional()
    search.closed(commands[1], b"", b"1x", None, () if more.get("sure") else (0,))
    search.finish()
    decided = [told for told in search.take() if told.command != 2]
    return [(one.command, [piece.index for piece in one.pieces], one.changed_with) for one in decided], search


@pytest.mark.usefixtures("narrow")
def test_results_that_crossed_are_told_the_other_way_round_once_the_second_one_is_there() -> None:
    told, search = crossing("rm")
    assert told == [(0, [], 1), (1, [2, 3], None), (0, [0, 1], None)]
    assert search.pending() == set()


@pytest.mark.usefixtures("narrow")
def test_changed_results_are_told_from_another_process_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "_MUCH", 0)
    with ThreadPoolExecutor(1) as executor:
        lanes = Lanes(lambda: [executor])
        assert crossing("rm", lanes)[0] == crossing("rm")[0]


@pytest.mark.usefixtures("narrow")
def test_of_the_same_words_each_command_keeps_its_result() -> None:
    assert crossing()[0] == [(0, [], 1), (0, [2, 3], None), (1, [0, 1], None)]


@pytest.mark.usefixtures("narrow")
def test_a_look_before_the_second_one_came_changes_nothing() -> None:
    assert crossing("rm", looking=True)[0] == crossing("rm")[0]


@pytest.mark.usefixtures("narrow")
def test_results_that_cannot_have_crossed_stay_where_they_are() -> None:
    told, _ = crossing("rm", sure=True)
    assert [change for _, _, change in told] == [None, None]
    assert sorted(chunk for _, chunks, _ in told for chunk in chunks) != [0, 1, 2, 3]


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(("blocks", "tries"), [(0, 9), (9, 0)])
def test_it_is_left_open_for_some_blocks_and_tried_some_times(
    blocks: int, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "_AWAIT", blocks)
    monkeypatch.setattr(course, "_TRIES", tries)
    monkeypatch.setattr(course, "_MORE", tries)
    assert all(change is None for _, _, change in crossing("rm")[0])


def test_results_that_are_told_before_their_chunks_are_looked_at_stay_known() -> None:
    """They are told when a command ends, and its chunks wait where another one is open; all others may be over then."""
    way = BeamSearch()._course
    first, second = (Opened.of(a_command(index)) for index in range(2))
    way.crossed = [(first, second)]
    way.settle()
    assert way.crossed == [(first, second)], "neither has ended"
    way.past = [Entry("close", first, None)]
    way.settle()
    assert way.crossed == []


# ---------------------------------------------------------------------------------------------------------------
# Results that were another's for sure, as what is printed of them tells.


def printed(
    *changes: tuple[int, int], lanes: Lanes | None = None, awaited: bool = True
) -> tuple[list[tuple[int, list[int]]], list[tuple[int, int]]]:
    """Three commands side by side say their own words, and each is told to have the result of the next; then changes.

    What is told: (command, its chunks), and who changed with whom.
    """
    search = Search(lanes)
    begin(search, 3, lanes)
    commands = [a_command(index, f"module {index}", address="192.0.2.1") for index in range(3)]
    for command in commands:
        search.opened(command)
    for number in range(6):
        search.chunk(a_piece(b"12"[number % 2 :][:1] + b"abc"[number // 2 :][:1] * (number % 2), ERR, number=number))
    for index, command in enumerate(commands):
        search.closed(command, b"", (b"12b", b"12c", b"12a")[index], awaited=awaited)
    for one, other in changes:
        search.answered(commands[one], commands[other])
    search.all_printed()
    search.finish()
    decided = [told for told in search.take() if told.command != 3]
    chunks = [(one.command, [piece.index for piece in one.pieces]) for one in decided if one.changed_with is None]
    return sorted(chunks), [(one.command, one.changed_with) for one in decided if one.changed_with is not None]


@pytest.mark.parametrize(
    "changes",
    [
        ((0, 2), (1, 2)),
        ((1, 0), (2, 0)),
        # What is told twice, or follows from the rest, changes nothing.
        ((0, 2), (1, 2), (2, 2), (0, 0)),
    ],
)
def test_a_result_that_was_anothers_takes_its_words_along(changes: tuple[tuple[int, int], ...]) -> None:
    told, changed = printed(*changes)
    assert told == [(0, [0, 1]), (1, [2, 3]), (2, [4, 5])]
    assert len(changed) == 2


def test_without_it_each_has_what_makes_up_the_result_that_it_is_told_to_have() -> None:
    assert printed() == ([(0, [2, 3]), (1, [4, 5]), (2, [0, 1])], [])


def test_what_is_decided_stays_as_it_is() -> None:
    """Nothing is open, and nothing was awaited."""
    assert printed((0, 2), (1, 2), awaited=False) == printed()


def test_it_is_told_from_another_process_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "_MUCH", 0)
    with ThreadPoolExecutor(1) as executor:
        lanes = Lanes(lambda: [executor])
        assert printed((0, 2), (1, 2), lanes=lanes) == printed((0, 2), (1, 2))


class Crossing(Reader):
    """As `Reader`, with all at one address; every two results may have crossed, and the first two have."""

    def __init__(self, play: Play, texts: str) -> None:
        first, second, *rest = play.tuples
        super().__init__(Play((second, first, *rest), play.events))
        self.commands = [a_command(index, texts[index % 2], address="192.0.2.1") for index in range(2 + len(rest))]
        self.ended: list[int] = []

    def closed(self, command: Command) -> None:
        self.search.closed(command, *self.play.tuples[command.index], None, tuple(self.ended))
        self.ended.append(command.index)


@given(plays(least=2), st.booleans(), st.sampled_from(["ii", "ir"]))
def test_changed_results_are_the_same_however_often_it_is_looked_at(play: Play, looking: bool, texts: str) -> None:
    """Every chunk is decided once at most, as in one go, and what is changed is told before what it is of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(beam, "BEAM", 1)
        patch.setattr(course, "_BLOCK", 2)
        once, again = Crossing(play, texts), Crossing(play, texts)
        for _ in once.go():
            pass
        for _ in again.go():
            if looking:
                again.search.provisional()
        assert once.over() == again.over()
    chunks = [piece.index for one in once.decided for piece in one.pieces]
    assert len(set(chunks)) == len(chunks)
    over: set[int] = set()
    for one in once.decided:
        if one.changed_with is None:
            over.add(one.command)
        else:
            assert over.isdisjoint((one.command, one.changed_with))


MUX = b"debug1: auto-mux\ndebug1: let in\n"
OWN = b"debug1: auto-mux\ndebug1: refused\ndebug1: Connecting to 192.0.2.1\n"
"""What ssh says that a master lets in, and one that it turns away and that makes a connection of its own."""


@pytest.mark.usefixtures("narrow")
def test_one_that_made_a_connection_of_its_own_took_longer_than_those_that_began_after_it() -> None:
    """Four say the same words; the order of the results was taken for that of the beginnings."""
    search = Search()
    begin(search, 4, None)
    commands = [a_command(index, "id", address="192.0.2.1") for index in range(4)]
    wholes = [MUX, MUX, MUX, OWN]
    numbers = iter(range(100))

    def says(text: bytes) -> None:
        search.chunk(a_piece(text, ERR, number=next(numbers)))

    def ends(index: int) -> None:
        search.closed(commands[index], b"", wholes[index], None, tuple(range(max(0, index - 1), index)))

    slow, quick = OWN.splitlines(keepends=True), MUX.splitlines(keepends=True)
    search.opened(commands[0])
    says(slow[0])
    says(slow[1])
    for index in range(3):
        search.opened(commands[index + 1])
        for text in quick:
            says(text)
        ends(index)
    says(slow[2])
    ends(3)
    search.finish()
    decided = {one.command: [piece.index for piece in one.pieces] for one in search.take() if one.pieces}
    del decided[4]
    assert decided == {0: [2, 3], 1: [4, 5], 2: [6, 7], 3: [0, 1, 8]}


@pytest.mark.usefixtures("narrow")
def test_a_pipes_end_that_nobody_can_have_is_no_reason_to_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """An end says nothing, and most often one too many was given to a command that has another one."""
    lost: list[int] = []
    way_back = course.Course._lost

    def counted(self: course.Course) -> None:
        lost.append(self.beam.count)
        way_back(self)

    monkeypatch.setattr(course.Course, "_lost", counted)
    script = "A+ B+ C+ A:1 A: B:2 B: {} C:3 C: A- B- C-"
    for word, times in (("A:", []), ("A:z", [5])):
        lost.clear()
        told(script.format(word), A=b"1", B=b"2", C=b"3")
        assert lost == times
