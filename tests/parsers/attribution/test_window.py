"""What waits for the search, and the way back where it lost its way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given

from parsers.attribution import beam, window
from parsers.attribution.beam import Beam
from parsers.attribution.said import Piece
from parsers.attribution.states import State
from tests.parsers.attribution.test_beam import Decisions, Play, Reader, plays, told

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
    monkeypatch.setattr(window, "_MANY", 1)


@pytest.mark.usefixtures("narrow")
def test_where_nobody_can_have_a_chunk_it_goes_back_and_on_with_more_states() -> None:
    found, decided = told(SCRIPT, **TUPLES)
    assert found == TRUE
    assert len(decided) == 6


@pytest.mark.usefixtures("narrow")
def test_with_few_commands_open_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "_MANY", 4)
    found, _ = told(SCRIPT, **TUPLES)
    assert found != TRUE


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(("size", "far_enough"), [(1, False), (2, True), (64, True)])
def test_it_goes_back_two_blocks_at_most(size: int, far_enough: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "_BLOCK", size)
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
        patch.setattr(window, "_MANY", 1)
        patch.setattr(window, "_BLOCK", 2)
        patch.setattr(window, "_PATIENCE", 1)
        once = read(play, looking=False)
        assert once == read(play, looking=True)
    chunks = [chunk for chunk, _, _ in once]
    assert len(set(chunks)) == len(chunks)
