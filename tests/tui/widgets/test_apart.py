"""Names that are too long for their column stay different from each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from parsers.showable import is_showable
from tests.tui.hand import HOSTILE
from tui.widgets.apart import cut_apart, file_names

LOGS = [f"sshd-healthy-2.21.{name}" for name in ("log.gz", "web1.sshd.log", "web2.sshd.log")]


@pytest.mark.parametrize(
    ("names", "width", "cut"),
    [
        (["web1", "web2"], 10, ["web1", "web2"]),
        # The end is cut where that is enough: a name is known by its beginning.
        (["a-very-long-name", "db1"], 8, ["a-very-…", "db1"]),
        (LOGS, 40, LOGS),
        (LOGS, 16, ["sshd…log.gz", "sshd…web1.sshd.…", "sshd…web2.sshd.…"]),
        (LOGS, 9, ["ss…log.gz", "ss…web1.…", "ss…web2.…"]),
        # The word is whole in which they differ, and no cell is left empty.
        (["prod-cluster-node1", "prod-cluster-node2"], 12, ["pro…er-node1", "pro…er-node2"]),
        # Two that are alike again behind what all share
        (
            ["site-a-rack-one-and-left", "site-a-rack-one-and-right", "site-a-rack-two"],
            12,
            ["sit…o…-left", "sit…o…-right", "sit…two"],
        ),
        (["same-beginning-and-more", "same-beginning-and"], 12, ["sam…and-more", "sam…and"]),
    ],
)
def test_what_is_left_of_them(names: list[str], width: int, cut: list[str]) -> None:
    found = cut_apart(frozenset(names), width)
    assert [found[name] for name in names] == cut


@given(st.frozensets(st.text("ab-", min_size=1, max_size=40), max_size=8), st.integers(24, 60))
def test_where_there_is_room_no_two_look_alike(names: frozenset[str], width: int) -> None:
    found = cut_apart(names, width)
    assert found.keys() == names
    assert all(cell_len(cut) <= width for cut in found.values())
    assert len(set(found.values())) == len(names)


@pytest.mark.parametrize("width", [0, 1, 2, 3, 7, 8, 20])
def test_hostile_names_fit_into_any_width(width: int) -> None:
    names = frozenset(raw.decode("utf-8", "surrogateescape") + end for raw in HOSTILE for end in ("", "a", "b", "界界"))
    for cut in cut_apart(names, width).values():
        assert is_showable(cut)
        assert cell_len(cut) <= width


def test_files_of_one_name_are_told_by_their_folders() -> None:
    assert file_names(["/var/log/run.log", "x/db1.log"]) == {"/var/log/run.log": "run.log", "x/db1.log": "db1.log"}
    assert file_names(["/a/web1/run.log", "/a/web2/run.log", "run.log"]) == {
        "/a/web1/run.log": "web1/run.log",
        "/a/web2/run.log": "web2/run.log",
        "run.log": "run.log",
    }
    assert file_names(["a/b/x.log", "c/b/x.log", "-"]) == {"a/b/x.log": "a/b/x.log", "c/b/x.log": "c/b/x.log", "-": "-"}
