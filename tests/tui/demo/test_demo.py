"""The demo: a real ansible-playbook against the embedded server, and what it says where something is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import tui.demo
from parsers.analysis import Analysis
from parsers.findings import Severity
from tests.lab.conftest import need
from tests.lab.versions import any_playbook_program
from tui.demo import FAULTS, Demo, DemoError, prepare
from tui.sources.launch import LaunchedRun


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> str:
    need("asyncssh" if importlib.util.find_spec("asyncssh") else None, "asyncssh")
    need(shutil.which("ssh"), "ssh")
    found = need(any_playbook_program(), "ansible-playbook")
    monkeypatch.setenv("PATH", f"{Path(found).parent}{os.pathsep}{os.environ['PATH']}")
    return found


def play(demo: Demo, *options: str, **environment: str) -> str:
    done = subprocess.run(
        [*demo.command, *options],
        env=demo.env | environment,
        cwd=demo.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=90,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.lab
def test_each_host_of_the_demo_ends_as_it_is_meant_to(tmp_path: Path, program: str) -> None:
    with prepare(tmp_path) as demo:
        # As `sshdebug-tui demo` does.
        run = LaunchedRun(demo.command, demo.env | {"XDG_STATE_HOME": str(tmp_path / "state")}, cwd=demo.folder)
        assert run.wait() in (2, 4)
        run.close()
    log = run.path.read_text(errors="replace")
    recap = {line.split()[0]: line for line in log.rpartition("PLAY RECAP")[2].splitlines() if " ok=" in line}
    assert recap.keys() == FAULTS.keys()
    assert "ok=2 " in recap["web1"]
    assert "failed=1 " in recap["web2"]
    assert all("unreachable=1 " in recap[name] for name in ("db1", "db2", "cache1"))
    assert "failed=1 " in recap["cache2"]
    # The host that hangs is taken out by its time limit, and nothing else.
    assert f"{tui.demo.HANG_SECONDS} second" in log or f"time frame ({tui.demo.HANG_SECONDS})" in log
    analysis = Analysis()
    analysis.feed(log.encode())
    analysis.finish()
    analysis.snapshot()
    causes = {found.host: found.rule.id for found in analysis.findings() if found.severity is Severity.ERROR}
    assert causes["cache2"] == "channel-stall"
    for text in (
        "Connection refused",
        "Permission denied (publickey).",
        "mkdir: cannot create directory",
        "missing/release.txt: No such file or directory",
        # Several commands went through one connection, as they do with a real sshd.
        "mux_client_request_session: master session id",
    ):
        assert text in log, log[-3000:]
    assert (tmp_path / "homes" / "web1" / ".ansible").exists()


@pytest.mark.lab
def test_no_server_and_no_socket_is_left_behind(tmp_path: Path, program: str) -> None:
    with prepare(tmp_path) as demo:
        sockets = Path(demo.env["ANSIBLE_SSH_CONTROL_PATH_DIR"])
        assert sockets.is_dir()
        play(demo, "--limit", "web1")
    assert not sockets.exists()
    for line in (tmp_path / "inventory").read_text().splitlines():
        settings = dict(word.split("=", 1) for word in line.split()[1:])
        with socket.socket() as client:
            assert client.connect_ex((settings["ansible_host"], int(settings["ansible_port"]))) != 0


@pytest.mark.lab
def test_the_users_own_settings_and_agent_stay_outside(
    tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_FORKS", "1")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nowhere")
    with prepare(tmp_path) as demo:
        assert "ANSIBLE_FORKS" not in demo.env
        assert "SSH_AUTH_SOCK" not in demo.env
        assert str(tmp_path) in demo.env["ANSIBLE_SSH_ARGS"]


def test_without_asyncssh_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(DemoError, match="pipx inject sshdebug-tui asyncssh ansible-core"), prepare(tmp_path):
        pass


def test_without_ansible_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python3"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DemoError, match="pipx inject sshdebug-tui asyncssh ansible-core"):
        tui.demo.find_playbook_program()
