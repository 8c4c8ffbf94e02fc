"""Signs and numbers."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from parsers.model import Stage, Status
from tui.widgets import words


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (0.0, "0.00 s"),
        (0.414, "0.41 s"),
        (12.34, "12.3 s"),
        (99.96, "1m 40s"),
        (200, "3m 20s"),
        (7300, "2h 01m"),
    ],
)
def test_seconds(value: float | None, said: str) -> None:
    assert words.seconds(value) == said
    assert len(said) <= 7


def test_every_status_has_a_sign_of_one_cell_and_a_role() -> None:
    assert set(words.SIGNS) == set(words.STATUS_ROLES) == set(Status)
    assert all(cell_len(sign) == 1 for sign in words.SIGNS.values())


def test_every_stage_is_explained() -> None:
    assert set(words.STAGE_WORDS) == set(Stage)


def test_sizes_and_counts() -> None:
    assert [words.size(n) for n in (812, 76_000, 209_900_000, 2_100_000_000)] == [
        "812 B",
        "76 kB",
        "209.9 MB",
        "2.10 GB",
    ]
    assert [words.count(n, "problem") for n in (1, 2, 1200)] == ["1 problem", "2 problems", "1,200 problems"]
    assert [words.clock(n) for n in (12, 75, 3723)] == ["00:12", "01:15", "1:02:03"]
