"""The plugin within a real Ansible: a launched run is stamped, so that every chunk is on its true host."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from parsers.analysis import Analysis
from parsers.log_model import LogModel
from parsers.model import Attribution
from tests.lab.conftest import need
from tests.lab.versions import any_playbook_program
from tui.demo import prepare
from tui.sources.launch import LaunchedRun

pytestmark = pytest.mark.lab


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where recordings go; with what the demo needs on PATH."""
    need("asyncssh" if importlib.util.find_spec("asyncssh") else None, "asyncssh")
    need(shutil.which("ssh"), "ssh")
    program = need(any_playbook_program(), "ansible-playbook")
    monkeypatch.setattr("tui.demo.find_playbook_program", lambda: program)
    return tmp_path / "state"


def launched(folder: Path, state: Path, *, stamp: bool, **environ: str) -> tuple[LogModel, bytes]:
    """The demo's run, through a launch."""
    with prepare(folder) as demo:
        env = demo.env | environ | {"XDG_STATE_HOME": str(state)}
        run = LaunchedRun(demo.command, env, cwd=demo.folder, stamp=stamp)
        run.wait()
        run.close()
    log = run.path.read_bytes()
    analysis = Analysis()
    analysis.feed(log)
    analysis.finish()
    return analysis.snapshot(), log


def hows(model: LogModel) -> set[Attribution]:
    """How the hosts of the chunks are known."""
    assert len(model.chunks) > 50
    return {chunk.attribution for chunk in model.chunks}


def test_every_chunk_of_a_launched_run_is_exact(tmp_path: Path, state: Path) -> None:
    model, log = launched(tmp_path / "demo", state, stamp=True)
    assert b"each worker's debug lines name its host" in log
    assert model.runs[0].stamped is True
    assert hows(model) == {Attribution.EXACT}


def test_no_stamp_leaves_the_run_as_it_is(tmp_path: Path, state: Path) -> None:
    _, log = launched(tmp_path / "demo", state, stamp=False)
    assert b"sshdebug_stamp" not in log
    assert b": @" not in log


# A plugin of the user's, loaded before this program's, after which the version is none that can be read.
OTHER = """\
import ansible.release
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = "name: another\\ntype: notification\\nshort_description: another\\ndescription: another"
ansible.release.__version__ = "next"


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "another"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_stats(self, stats):
        self._display.display("another plugin was here")
"""


def test_an_ansible_that_is_another_than_thought_runs_on_unstamped(tmp_path: Path, state: Path) -> None:
    """The run is none the worse, says so, and has the user's own plugin still."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "another.py").write_text(OTHER, encoding="utf-8")
    users = {"ANSIBLE_CALLBACK_PLUGINS": str(folder), "ANSIBLE_CALLBACKS_ENABLED": "another"}
    model, log = launched(tmp_path / "demo", state, stamp=True, **users)
    assert b"another plugin was here" in log
    assert b"debug lines stay unstamped (ValueError: " in log
    assert model.runs[0].stamped is False
    assert log.rpartition(b"PLAY RECAP")[2].count(b" ok=") == len(model.runs[0].hosts)
