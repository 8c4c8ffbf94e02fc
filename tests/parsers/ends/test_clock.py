"""The clocks of both ends."""

from __future__ import annotations

import pytest

from parsers.ends.clock import resolution, year_shift
from parsers.ends.model import Clock
from parsers.sshd.model import SshdLog
from tests.parsers.ends.pairs import ends_of, later, without_audit


@pytest.mark.parametrize("ahead", [0.0, 75.3, -4000.0, 9 * 3600 + 3])
@pytest.mark.parametrize("audit", [True, False])
def test_a_difference_is_found_within_its_spread(ahead: float, *, audit: bool) -> None:
    change = later(ahead)
    ends = ends_of("sshd-healthy-2.19", change if audit else lambda raw: without_audit(change(raw)))
    coarse, fine = (server.clock for server in sorted(ends.servers, key=lambda server: server.hosts))
    assert coarse is not None
    assert fine is not None
    # Stamps of web1 have whole seconds, and its shift was a whole number too; those of web2 have microseconds.
    assert abs(coarse.seconds - round(ahead)) <= max(1.0, 2 * coarse.spread)
    assert abs(fine.seconds - ahead) <= 0.1
    assert fine.spread < 0.1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.01, "none (± 0.1 s, 1 pair)"),
        (75.3, "75.3 s ahead (± 0.1 s, 1 pair)"),
        (-3.04, "3.0 s behind (± 0.1 s, 1 pair)"),
        (32_400.0, "none, after a zone of +9:00 (± 0.1 s, 1 pair)"),
        (-12_602.0, "2.0 s behind, after a zone of -3:30 (± 0.1 s, 1 pair)"),
        (800.0, "100.0 s behind, after a zone of +0:15 (± 0.1 s, 1 pair)"),
        (450.0, "450.0 s ahead (± 0.1 s, 1 pair)"),
    ],
)
def test_a_difference_in_words(seconds: float, words: str) -> None:
    assert Clock(seconds, 0.1, 1).words == words


def test_a_year_that_stamps_do_not_name_is_the_nearest() -> None:
    log = SshdLog(first_time=91_460_088.0)  # 24 November 1972
    assert year_shift(log, None) == 0.0
    shifted = 91_460_088.0 + year_shift(log, 1_795_527_289.0)
    assert abs(shifted - 1_795_527_289.0) < 3600
    new_year = SshdLog(first_time=63_072_000.0 + 366 * 86_400 - 60)  # 31 December, 23:59
    assert abs(new_year.first_time + year_shift(new_year, 1_798_761_610.0) - 1_798_761_610.0) < 120  # type: ignore[operator]
    log.year = 2026
    assert year_shift(log, 1_795_527_289.0) == 0.0


def test_stamps_of_whole_seconds_are_told_from_finer_ones() -> None:
    coarse, fine = sorted(ends_of("sshd-healthy-2.19").servers, key=lambda server: server.hosts)
    assert resolution(coarse.log) == 1.0
    assert resolution(fine.log) == 0.0
