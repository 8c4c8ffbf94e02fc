"""Kept sessions: what is known of each, and that one which is still recorded is never removed."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui.sessions.store import Recording, Session, SessionError, choose, prune, remove, sessions
from tui.sources.launch import LaunchedRun, LaunchError
from tui.sources.private import new_recording


def made(
    folder: Path, stem: str, *, started: float = 1000.0, ended: float | None = 1010.0, code: int = 0, size: int = 10
) -> Path:
    """A session that is over, or was left (`ended` None)."""
    log, descriptor = new_recording(folder, stem)
    os.write(descriptor, b"x" * size)
    about = {"version": 1, "command": f"ansible-playbook {stem}.yml", "folder": "/", "started": started}
    log.with_suffix(".json").write_text(json.dumps({**about, "ended": ended, "exit": code if ended else None}))
    os.close(descriptor)
    return log


def ids(found: list[Session]) -> list[str]:
    """Their names."""
    return [session.id for session in found]


def test_no_folder_is_no_session(tmp_path: Path) -> None:
    assert sessions(tmp_path / "none") == []


def test_the_newest_comes_first_with_what_is_known(tmp_path: Path) -> None:
    made(tmp_path, "old", started=1.0)
    made(tmp_path, "new", started=5.0, code=-15)
    made(tmp_path, "left", started=3.0, ended=None, size=7)
    found = sessions(tmp_path)
    assert ids(found) == ["new", "left", "old"]
    assert [(session.state, session.size, session.command) for session in found] == [
        ("signal 15", 10, "ansible-playbook new.yml"),
        ("ended", 7, "ansible-playbook left.yml"),
        ("exit 0", 10, "ansible-playbook old.yml"),
    ]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"started": "x", "command": 3, "exit": {}}', "[" * 100_000])
def test_what_stands_beside_a_recording_may_be_anything(tmp_path: Path, text: str) -> None:
    log = made(tmp_path, "odd")
    log.with_suffix(".json").write_text(text)
    (session,) = sessions(tmp_path)
    assert (session.id, session.command, session.state) == ("odd", "", "ended")


def test_a_run_is_a_session_from_its_start_to_its_end(tmp_path: Path) -> None:
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    folder = tmp_path / "sshdebug-tui"
    wait = "import sys; sys.stdin.readline(); sys.exit(3)"
    run = LaunchedRun([sys.executable, "-c", wait, "--password=hunter2", "-e", "db_password=hunter2"], environ)
    (session,) = sessions(folder)
    assert (session.running, session.state, session.log) == (True, "running", run.path)
    assert "hunter2" not in session.log.with_suffix(".json").read_text()
    assert session.command.startswith(sys.executable)
    with pytest.raises(SessionError, match="still running"):
        remove(session)
    assert prune(folder, 0) == ([], [f"{session.id} is still running: end it first"])
    assert run.path.exists()
    run.answer("go")
    assert run.wait() == 3
    run.close()
    run._recorder.wait()
    (session,) = sessions(folder)
    assert (session.running, session.state, session.exit) == (False, "exit 3", 3)
    assert session.ended is not None
    assert session.ended >= session.started
    for path in (session.log, session.log.with_suffix(".json")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    remove(session)
    assert list(folder.iterdir()) == []
    remove(session)  # somebody else was quicker


def test_a_command_that_cannot_start_leaves_no_session(tmp_path: Path) -> None:
    script = tmp_path / "broken"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    with pytest.raises(LaunchError):
        LaunchedRun([str(script)], {**os.environ, "XDG_STATE_HOME": str(tmp_path)})
    assert sessions(tmp_path / "sshdebug-tui") == []
    assert list((tmp_path / "sshdebug-tui").iterdir()) == []


def test_two_sessions_of_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    open_ones = [new_recording(tmp_path, "same") for _ in range(2)]
    kept = [Recording(path, descriptor, ["true"], tmp_path) for path, descriptor in open_ones]
    assert sorted(ids(sessions(tmp_path))) == ["same", "same-2"]
    kept[0].ended(0)
    kept[0].ended(9)
    assert {session.id: session.state for session in sessions(tmp_path)} == {"same": "exit 0", "same-2": "running"}
    # Its command has ended; something that it left behind still writes.
    assert prune(tmp_path, 0)[0] == []
    for _, descriptor in open_ones:
        os.close(descriptor)
    assert sorted(ids(prune(tmp_path, 0)[0])) == ["same", "same-2"]


def test_one_that_is_just_being_made_is_left_alone(tmp_path: Path) -> None:
    path, descriptor = new_recording(tmp_path, "young")
    assert prune(tmp_path, 0)[0] == []
    assert path.exists()
    os.close(descriptor)


def test_a_disk_without_room_for_the_words_about_it_stops_nothing(tmp_path: Path) -> None:
    path, descriptor = new_recording(tmp_path, "full")
    path.with_suffix(".json").mkdir()
    recording = Recording(path, descriptor, ["true"], tmp_path)
    recording.ended(0)
    (session,) = sessions(tmp_path)
    assert (session.state, session.command) == ("running", "")
    os.close(descriptor)


def test_a_session_is_named_by_a_beginning_of_its_own(tmp_path: Path) -> None:
    made(tmp_path, "20261124-101500-ping", started=1.0)
    made(tmp_path, "20261124-101500-ping-2", started=2.0)
    made(tmp_path, "20261125-site", started=3.0)
    assert choose(tmp_path, "last").id == "20261125-site"
    assert choose(tmp_path, "20261125").id == "20261125-site"
    assert choose(tmp_path, "20261124-101500-ping").id == "20261124-101500-ping"
    for wanted, words in (
        ("2026", "3 sessions begin"),
        ("../etc", "no session"),
        ("", "no session"),
        ("x", "no session"),
    ):
        with pytest.raises(SessionError, match=words):
            choose(tmp_path, wanted)


def test_what_is_no_recording_is_left_alone(tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere"
    secret.write_text("keep")
    (tmp_path / "linked.log").symlink_to(secret)
    (tmp_path / "folder.log").mkdir()
    (tmp_path / "notes.txt").write_text("keep")
    assert sessions(tmp_path) == []
    assert prune(tmp_path, 0) == ([], [])
    assert secret.read_text() == "keep"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(count=st.integers(0, 6), keep=st.integers(0, 8))
def test_pruning_keeps_the_newest(tmp_path: Path, count: int, keep: int) -> None:
    folder = tmp_path / f"{count}-{keep}"
    folder.mkdir(exist_ok=True)
    for number in range(count):
        if not (folder / f"s{number}.log").exists():
            made(folder, f"s{number}", started=float(number))
    removed, kept = prune(folder, keep)
    assert kept == []
    assert ids(sessions(folder)) == [f"s{number}" for number in reversed(range(count))][:keep]
    assert len(removed) == max(0, count - keep)
