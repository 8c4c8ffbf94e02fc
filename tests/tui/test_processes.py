"""How many processes read a large log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parsers.attribution.lanes import Lanes
from tui import processes


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    processes.lanes.cache_clear()
    yield
    processes.lanes.cache_clear()


@pytest.mark.parametrize(
    ("given", "cores", "number"),
    [("", 1, 0), ("", 2, 2), ("", 16, 4), ("1", 16, 0), ("0", 16, 0), ("6", 2, 6), ("99999", 2, 64), ("many", 3, 3)],
)
def test_as_many_as_there_are_cores_or_as_the_user_says(
    given: str, cores: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def make(number: int) -> Lanes:
        made.append(number)
        return Lanes(list)

    monkeypatch.setenv(processes.VARIABLE, given)
    monkeypatch.setattr(processes, "_cores", lambda: cores)
    monkeypatch.setattr(Lanes, "of_processes", make)
    assert (processes.lanes() is not None) is bool(number)
    assert made == ([number] if number else [])


def test_all_logs_share_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(processes.VARIABLE, "2")
    assert processes.lanes() is processes.lanes()


def test_this_process_has_a_core() -> None:
    assert processes._cores() >= 1
