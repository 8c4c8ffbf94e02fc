"""Each one's own of several that fit, held against all ways there are."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from parsers.matching import matched

fits = st.lists(st.lists(st.integers(0, 5), max_size=4, unique=True), max_size=5)


def ways(able: list[list[int]]) -> list[tuple[int | None, ...]]:
    """All ways to serve entries, none with what another has."""
    every = product(*[[*choices, None] for choices in able])
    return [way for way in every if len({one for one in way if one is not None}) == sum(one is not None for one in way)]


@given(fits)
def test_as_many_are_served_as_can_be_and_the_first_has_its_first_choice(able: list[list[int]]) -> None:
    found = matched(able)
    assert tuple(found) in ways(able)
    most = max(sum(one is not None for one in way) for way in ways(able))
    assert sum(one is not None for one in found) == most
    served = [one is not None for one in found]
    same = [way for way in ways(able) if [one is not None for one in way] == served]
    ranks = [
        tuple(choices.index(one) for choices, one in zip(able, way, strict=True) if one is not None) for way in same
    ]
    assert ranks[same.index(tuple(found))] == min(ranks)


def test_who_can_have_no_other_is_not_left_without() -> None:
    assert matched([[1, 2], [1]]) == [2, 1]
    assert matched([[1], [1, 2], [3]]) == [1, 2, 3]
    assert matched([[1], [1]]) == [1, None]
