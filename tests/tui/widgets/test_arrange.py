"""The filter line, the orders and the groups of the hosts pane."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.analysis import Analysis
from parsers.model import HostRun, Stage, Status
from tests.tui.hand import HandSource, finding, host, model, stage
from tui.widgets.arrange import GROUP, Arrangement, HostFilter
from tui.widgets.hosts import HostLine, HostRows, host_lines
from tui.widgets.rowsource import plain
from tui.worker import OpenLog


def lines(path: Path, *hosts: HostRun) -> list[HostLine]:
    path.write_bytes(b"")
    log = OpenLog(0, HandSource(path), Analysis(), model=model(*hosts))
    log.findings = [finding(item.name) for item in hosts if item.status is Status.FAILED]
    return host_lines([log])


def away(name: str) -> HostRun:
    found = host(name, Status.UNREACHABLE, [stage(Stage.CONNECT, Status.FAILED)])
    found.phase = "tcp"
    return found


@pytest.fixture
def some(tmp_path: Path) -> list[HostLine]:
    return lines(
        tmp_path / "x", host("web10"), host("web9"), host("db1", Status.FAILED), away("db2"), host("a", Status.SKIPPED)
    )


def names(found: list[HostLine]) -> list[str]:
    return [line.host.name for line in found if line.host]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", ["web10", "web9", "db1", "db2", "a"]),
        ("web", ["web10", "web9"]),
        ("WEB9", ["web9"]),
        ("web*", ["web10", "web9"]),
        ("eb*", []),
        ("status:failed", ["db1"]),
        ("status:failed,unr", ["db1", "db2"]),
        ("status:ok web9", ["web9"]),
        ("-status:ok -status:skipped", ["db1", "db2"]),
        ("stage:exec", ["db1"]),
        ("stage:connect", ["db2"]),
        ("stage:tcp", ["db2"]),
        ("rule:tmpdir-permission", ["db1"]),
        ("rule:tmp*", ["db1"]),
        ("rule:disk", []),
        ("-rule:tmpdir-permission db", ["db2"]),
        ("status:", ["web10", "web9", "db1", "db2", "a"]),
    ],
)
def test_a_filter_leaves_what_fits(some: list[HostLine], text: str, left: list[str]) -> None:
    assert names(Arrangement(HostFilter.read(text)).of(some)) == left


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("log", ["web10", "web9", "db1", "db2", "a"]),
        ("name", ["a", "db1", "db2", "web9", "web10"]),
        ("status", ["db2", "db1", "web10", "web9", "a"]),
        ("stage", ["db2", "db1", "web10", "web9", "a"]),
        ("rule", ["db1", "db2", "web10", "web9", "a"]),
    ],
)
def test_an_order_by_the_key_or_in_the_filter(some: list[HostLine], order: str, first: list[str]) -> None:
    assert names(Arrangement(sort=order).of(some)) == first
    assert names(Arrangement(HostFilter.read(f"sort:{order}")).of(some)) == first


@pytest.mark.parametrize("text", ["state:failed", "sort:size", "web status:ok what:x"])
def test_what_is_no_word_of_the_filter_is_said_and_hides_nothing(some: list[HostLine], text: str) -> None:
    read = HostFilter.read(text)
    assert read.trouble
    assert names(Arrangement(HostFilter.read(text.split()[-1])).of(some)) == names(some)


@given(st.text(alphabet="ab*?[]:,- \t\x1bsortu", max_size=30))
def test_any_line_can_be_typed(text: str) -> None:
    HostFilter.read(text)


def test_hosts_that_broke_alike_are_one_row_that_opens(tmp_path: Path) -> None:
    outage = [away(f"web{at}") for at in range(GROUP)]
    every = lines(tmp_path / "x", host("ok1"), *outage, host("db1", Status.FAILED))
    arrangement = Arrangement()
    shown = arrangement.of(every)
    assert [plain(HostRows(shown).row(at, 60)).strip() for at in range(3)] == [
        "✔ ok1  ok",
        f"✖ {GROUP} hosts: unreachable tcp",
        "✖ db1  failed exec             tmpdir-permission",
    ]
    assert HostRows(shown).copied(1).split("\n") == [item.name for item in outage]
    assert not arrangement.toggle(shown[0])
    assert arrangement.toggle(shown[1])
    assert names(arrangement.of(every)) == ["ok1", "web0", *(item.name for item in outage), "db1"]
    arrangement.grouped = False
    assert names(arrangement.of(every)) == ["ok1", *(item.name for item in outage), "db1"]


def test_a_few_alike_stay_apart(tmp_path: Path) -> None:
    every = lines(tmp_path / "x", *(away(f"web{at}") for at in range(GROUP - 1)))
    assert not any(line.members for line in Arrangement().of(every))
