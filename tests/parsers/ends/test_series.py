"""The heaviest series of pairs, held against every series there is."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from parsers.ends.series import Series

PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 9).map(float), min_size=1, max_size=8
)


def weighed(pairs: dict[tuple[int, int], float]) -> Series:
    series = Series(5)
    for command in range(5):
        series.add(command, [(channel, weight) for (at, channel), weight in sorted(pairs.items()) if at == command])
    return series


def rises(chosen: tuple[tuple[int, int], ...]) -> bool:
    return all(one[0] < two[0] and one[1] < two[1] for one, two in pairwise(chosen))


@given(PAIRS)
def test_no_series_is_heavier(pairs: dict[tuple[int, int], float]) -> None:
    best = tuple(sorted(weighed(pairs).best()))
    assert rises(best)
    total = sum(pairs[pair] for pair in best)
    every = (chosen for size in range(1, 6) for chosen in combinations(sorted(pairs), size) if rises(chosen))
    heaviest = max(sum(pairs[pair] for pair in chosen) for chosen in every)
    # Gaps cost less than the smallest difference of weights.
    assert total == heaviest


def test_of_two_series_of_the_same_weight_the_closer_one_is_taken() -> None:
    pairs = {(0, 0): 2.0, (2, 1): 2.0, (3, 2): 2.0, (1, 0): 2.0}
    assert sorted(weighed(pairs).best()) == [(1, 0), (2, 1), (3, 2)]


def test_nothing_gives_nothing() -> None:
    assert Series(3).best() == []
