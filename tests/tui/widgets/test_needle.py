"""What a search finds, however the bytes are cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.needle import Needle

LINES = st.lists(st.text("abA \n", max_size=12), max_size=12).map(lambda parts: "\n".join(parts).encode())


@given(LINES, st.text("abA", min_size=1, max_size=4), st.integers(1, 9))
def test_blocks_of_any_size_give_the_lines_that_hold_it(text: bytes, wanted: str, step: int) -> None:
    needle = Needle(wanted)
    blocks = [text[start : start + step] for start in range(0, len(text), step)]
    found = [line for lines in needle.lines(blocks) for line in lines]
    expected = [at for at, line in enumerate(text.split(b"\n")) if needle.found_in(line.decode())]
    assert found == expected


def test_case_counts_only_with_an_upper_case_letter() -> None:
    assert Needle("denied").found_in("Permission DENIED")
    assert not Needle("Denied").found_in("permission denied")


def test_spans_are_marked_as_they_are_shown() -> None:
    assert Needle("ab").spans("xABxab") == [(1, 3), (4, 6)]
    assert Needle("").spans("abc") == []
    assert len(Needle("a").spans("a" * 1000)) == 200


def test_a_pattern_is_plain_text() -> None:
    assert Needle("[h1].*").found_in("fatal: [h1].* x")
    assert not Needle("[h1].*").found_in("fatal: h1xx")
