"""The numbers that `likely` weighs with."""

from __future__ import annotations

from math import isfinite

from parsers.attribution.habits import BEHIND, POINTS
from parsers.attribution.likely import Points, line_of
from parsers.attribution.said import ANSWER, CUT, LINES


def test_every_point_is_one_that_a_command_can_stand_at() -> None:
    assert {point for _, point, _ in POINTS} == {"fresh", "half", "waits", "cut"}
    assert {line for _, line, _ in BEHIND} <= {line_of(behind) for behind in (*range(len(LINES)), ANSWER, CUT)}


def test_every_point_has_all_numbers() -> None:
    assert all(len(numbers) == len(Points._fields) for numbers in POINTS.values())
    assert all(len(numbers) == 3 for numbers in BEHIND.values())
    assert all(isfinite(number) for table in (POINTS, BEHIND) for numbers in table.values() for number in numbers)


def test_first_come_is_first_served_wherever_one_waits() -> None:
    queue = Points._fields.index("queue")
    assert all(numbers[queue] < 0 for numbers in POINTS.values())
