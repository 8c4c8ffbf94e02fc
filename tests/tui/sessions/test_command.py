"""The list of sessions as it is printed, and what the command line does with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parsers.showable import is_showable
from tests.tui.sessions.test_store import ids, made
from tui.cli import main
from tui.exits import Exit
from tui.sessions.command import row, size_words
from tui.sessions.store import Recording, sessions
from tui.sources.private import new_recording


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of three sessions."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    home = tmp_path / "sshdebug-tui"
    for number, stem in enumerate(("one", "two", "three")):
        made(home, stem, started=1000.0 + number, code=number)
    return home


def test_the_list_has_a_line_each(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions"]) == Exit.OK
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["three", "two", "one", "3"]
    assert "exit 2" in lines[0]
    assert lines[0].endswith("10 B  ansible-playbook three.yml")
    assert main(["sessions", "list"]) == Exit.OK
    assert capsys.readouterr().out.splitlines() == lines


def test_an_empty_list_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "none"))
    assert main(["sessions"]) == Exit.OK
    assert "no sessions" in capsys.readouterr().out


def test_a_hostile_command_stays_one_line(folder: Path) -> None:
    path, descriptor = new_recording(folder, "bad")
    Recording(path, descriptor, ["x\n\x1b[2J\u202e"], folder)
    session = next(one for one in sessions(folder) if one.id == "bad")
    assert is_showable(row(session, 100, longest=5))
    assert len(row(session, 30, longest=5)) == 30
    os.close(descriptor)


def test_sizes() -> None:
    assert [size_words(size) for size in (0, 999, 1500, 2_500_000, 3 * 10**9)] == [
        "0 B",
        "999 B",
        "1 kB",
        "2.5 MB",
        "3.00 GB",
    ]


def test_removing_takes_all_or_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions", "remove", "one", "nothing"]) == Exit.USAGE
    assert len(sessions(folder)) == 3
    assert main(["sessions", "remove", "one", "two"]) == Exit.OK
    assert "removed one" in capsys.readouterr().err
    assert ids(sessions(folder)) == ["three"]


@pytest.mark.parametrize("arguments", [["prune", "--keep", "1"], ["--keep", "1"]])
def test_the_last_ones_are_kept(folder: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions", *arguments]) == Exit.OK
    assert ids(sessions(folder)) == ["three"]
    assert "removed 2 sessions, 20 B" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--keep", "x"], ["--keep", "-1"], ["prune"], ["open"], ["open", "nothing"], ["--keep", "1", "list"], ["dance"]],
)
def test_a_mistake_removes_nothing(folder: Path, arguments: list[str]) -> None:
    assert main(["sessions", *arguments]) == Exit.USAGE
    assert len(sessions(folder)) == 3


def test_without_a_terminal_the_report_is_offered(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sessions", "open", "two"]) == Exit.USAGE
    assert f"report {folder / 'two.log'}" in capsys.readouterr().err


def test_nothing_of_the_screen_is_loaded_for_the_list(folder: Path) -> None:
    code = "import sys; from tui.cli import main; main(['sessions']); sys.exit('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
