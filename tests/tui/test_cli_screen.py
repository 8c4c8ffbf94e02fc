"""What the command line does around a screen: sources opened, runs launched, exit codes, keys from the terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.tui.sources.lab import ansible_playbook
from tests.tui.test_cli import BROKEN, OK, ROOT, run
from tui import cli
from tui.demo import Demo
from tui.exits import Exit
from tui.sources.base import Source
from tui.sources.launch import LaunchedRun


class TestScreen:
    """With the screen itself replaced."""

    @pytest.fixture
    def shown(self, monkeypatch: pytest.MonkeyPatch) -> list[list[bytes]]:
        """What the screen would have read, for each source; standard output passes for a terminal."""
        seen: list[list[bytes]] = []

        def run_app(sources: list[Source], **_options: object) -> int:
            for source in sources:
                blocks = []
                while True:
                    block = source.read()
                    if not block and not source.live:
                        break
                    blocks.append(block)
                    if not block and source.name.endswith(".log"):
                        break
                seen.append(blocks)
                source.close()
            return 0

        monkeypatch.setattr("tui.app.run_app", run_app)
        monkeypatch.setattr(cli, "_require_terminal", lambda _instead: None)
        return seen

    def test_open(self, shown: list[list[bytes]]) -> None:
        """Each log a source."""
        assert cli.main(["open", str(OK), str(BROKEN)]) == Exit.OK
        assert [b"".join(blocks) for blocks in shown] == [OK.read_bytes(), BROKEN.read_bytes()]

    def test_tail(self, shown: list[list[bytes]]) -> None:
        """And `open --follow`."""
        assert cli.main(["tail", str(OK)]) == Exit.OK
        assert cli.main(["open", "--follow", str(OK)]) == Exit.OK
        assert [b"".join(blocks) for blocks in shown] == [OK.read_bytes()] * 2

    def test_launch_keeps_the_exit_code(
        self,
        shown: list[list[bytes]],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """And shows where it was recorded, and that it is no Ansible."""
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        assert cli.main(["--", "sh", "-c", "echo hi; exit 7"]) == 7
        assert b"".join(shown[0]) == b"hi\n"
        (recording,) = (tmp_path / "sshdebug-tui").glob("*.log")
        said = capsys.readouterr().err
        assert "sh is not an Ansible command" in said
        assert said.count(str(recording)) == 2, said
        assert cli.main(["--", "sh", "-c", "kill -KILL $$"]) == 128 + signal.SIGKILL

    def test_the_demo_s_run_cannot_be_left(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its server ends with this program; so does that of the same run again."""
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        environ = {**os.environ, "ANSIBLE_SSH_CONTROL_PATH_DIR": str(tmp_path)}
        demo = nullcontext(Demo(["true"], environ, tmp_path))
        monkeypatch.setattr("tui.demo.prepare", lambda _folder: demo)
        seen: list[bool] = []

        def show(run: LaunchedRun) -> None:
            again = run.repeated(["true"], environ)
            seen.extend((run.can_be_left, again.can_be_left))
            for each in (run, again):
                each.wait()
                each.close()

        monkeypatch.setattr(cli, "_show_demo", show)
        assert cli.main(["demo"]) == Exit.OK
        assert seen == [False, False]

    def test_no_log_of_textual_s_holds_what_is_typed(
        self, shown: list[list[bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Textual reads the variable when it is imported, which is later."""
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        monkeypatch.setenv("TEXTUAL_LOG", str(tmp_path / "log"))
        assert cli.main(["--", "true"]) == Exit.OK
        assert "TEXTUAL_LOG" not in os.environ

    def test_a_run_that_was_left(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Exit code 0, its process and its recording are named."""
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        monkeypatch.setattr(cli, "_require_terminal", lambda _instead: None)

        def run_app(sources: list[LaunchedRun], **_options: object) -> int:
            sources[0].leave()
            sources[0].close()
            return 0

        monkeypatch.setattr("tui.app.run_app", run_app)
        assert cli.main(["--", "sleep", "100"]) == Exit.OK
        said = capsys.readouterr().err
        (pid,) = re.findall(r"the run goes on \(process (\d+)\)", said)
        os.kill(int(pid), signal.SIGKILL)
        os.waitpid(int(pid), 0)

    def test_a_screen_that_breaks(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The run goes on, and the user is told which process it is and where it is recorded."""

        def run_app(sources: list[Source], **_options: object) -> int:
            sources[0].close()
            raise RuntimeError("no such colour")

        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        monkeypatch.delenv("SSHDEBUG_TRACEBACK", raising=False)
        monkeypatch.setattr(cli, "_require_terminal", lambda _instead: None)
        monkeypatch.setattr("tui.app.run_app", run_app)
        assert cli.main(["--", "sleep", "100"]) == Exit.INTERNAL
        said = capsys.readouterr().err
        assert "RuntimeError: no such colour" in said
        (pid,) = re.findall(r"the run goes on \(process (\d+)\)", said)
        os.kill(int(pid), signal.SIGKILL)
        os.waitpid(int(pid), 0)


def test_keys_come_from_the_terminal_when_standard_input_is_the_log() -> None:
    """`… | sshdebug-tui open -`: the source keeps the pipe, descriptor 0 is the terminal again."""
    code = (
        "import os, sys, tui.app\n"
        "def run_app(sources, **_):\n"
        "    text = b''\n"
        "    while sources[0].live: text += sources[0].read()\n"
        "    print(os.isatty(0), text, flush=True)\n"
        "    return 0\n"
        "tui.app.run_app = run_app\n"
        "from tui.cli import main\n"
        "pipe, end = os.pipe(); os.write(end, b'log text'); os.close(end)\n"
        "os.dup2(pipe, 0)\n"
        "sys.exit(main(['open', '-']))"
    )
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", code])  # noqa: S606
    said = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux says EIO when the other side is gone
            break
        if not part:
            break
        said += part
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert b"True b'log text'" in said


@pytest.mark.lab
def test_a_real_playbook_is_reported(tmp_path: Path) -> None:
    """From a launched run's recording to its report."""
    (tmp_path / "ping.yml").write_text("- hosts: all\n  gather_facts: false\n  tasks:\n    - ping:\n")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    python = f"ansible_python_interpreter={sys.executable}"
    command = [ansible_playbook(), "-i", "here,", "-c", "local", "-e", python, str(tmp_path / "ping.yml")]
    launched = LaunchedRun(command, environ)
    assert launched.wait() == 0
    done = run("report", launched.path, "--format", "json")
    launched.close()
    assert done.returncode == Exit.OK
    document = json.loads(done.stdout)
    assert document["sources"][0]["kind"] == "ansible-debug"
    assert [(host["name"], host["connection"], host["status"]) for host in document["hosts"]] == [
        ("here", "local", "ok")
    ]
