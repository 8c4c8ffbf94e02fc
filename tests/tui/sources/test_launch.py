"""Real commands: recorded whole, ended whole, their exit codes kept. Nothing here waits by the clock."""

from __future__ import annotations

import os
import re
import select
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.conftest import need
from tests.tui.sources.lab import ansible_playbook
from tui.exits import Exit
from tui.sources import processes
from tui.sources.base import BLOCK, AskingSource, SourceError
from tui.sources.launch import LaunchedRun, LaunchError
from tui.sources.plan import RefusedError


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user's environment, with a state folder of its own."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def read_all(run: LaunchedRun) -> bytes:
    """What the screen would have read by the end of the run."""
    run.wait()
    blocks = []
    while run.live:
        blocks.append(run.read())
    run.close()
    return b"".join(blocks)


def gone(pid: int) -> bool:
    """Whether process `pid` is over (a zombie that init has yet to fetch is)."""
    process = processes.all_processes().get(pid)
    return process is None or process.zombie


def test_both_streams_in_order(environ: dict[str, str]) -> None:
    """Standard output and error land in one file, in the order of their writing, and as they were written."""
    code = "import os\nos.write(1, b'one\\n'); os.write(2, b'two\\r\\n'); os.write(1, b'3\\x1b[K')"
    run = LaunchedRun(python(code), environ)
    assert isinstance(run, AskingSource)
    assert read_all(run) == b"one\ntwo\r\n3\x1b[K"
    assert run.poll() == 0
    assert run.path.read_bytes() == b"one\ntwo\r\n3\x1b[K"
    assert run.elapsed >= 0


def test_much_output(environ: dict[str, str]) -> None:
    """More than a block, in blocks."""
    run = LaunchedRun(python("import os\nfor _ in range(40): os.write(1, b'x' * 99_999 + b'\\n')"), environ)
    run.wait()
    assert len(run.read()) == BLOCK
    assert len(read_all(run)) == 4_000_000 - BLOCK


def test_the_command_gets_blocking_descriptors(environ: dict[str, str]) -> None:
    """Ansible refuses others (`check_blocking_io`); and a session of its own, with a terminal to ask on."""
    code = (
        "import os, signal; print([os.get_blocking(fd) for fd in (0, 1, 2)], [os.isatty(fd) for fd in (0, 1, 2)], "
        "os.getsid(0) == os.getpid() == os.tcgetpgrp(0), os.ttyname(os.open('/dev/tty', 0)) == '/dev/tty', "
        "os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd') else [], "
        "signal.getsignal(signal.SIGHUP).name)"
    )
    said = read_all(LaunchedRun(python(code), environ)).decode()
    assert said.startswith("[True, True, True] [True, False, False] True True [")
    assert said.endswith(" SIG_IGN\n")
    # 3 is the terminal that the test opened, 4 the folder that it lists: nothing of ours was left open.
    assert sorted(re.findall(r"'(\d+)'", said)) in ([], ["0", "1", "2", "3", "4"])


def test_the_recording_is_private(environ: dict[str, str], tmp_path: Path) -> None:
    """Folder 0700, file 0600, whatever the umask; its name has the time and the playbook."""
    old = os.umask(0)
    try:
        run = LaunchedRun(["ansible-playbook", "site.yml"], environ | {"PATH": str(fake_ansible(tmp_path))})
    finally:
        os.umask(old)
    folder = tmp_path / ".local/state/sshdebug-tui"
    assert run.path.parent == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(run.path.stat().st_mode) == 0o600
    assert run.path.name.endswith("-site.log")
    read_all(run)


def fake_ansible(tmp_path: Path) -> Path:
    """A folder with an `ansible-playbook` that shows what it was given."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    path = folder / "ansible-playbook"
    path.write_text('#!/bin/sh\necho "$@"\necho $ANSIBLE_DEBUG $ANSIBLE_SSH_VERBOSITY $ANSIBLE_NOCOLOR\n')
    path.chmod(0o755)
    return folder


def test_ansible_gets_its_debug_settings(environ: dict[str, str], tmp_path: Path) -> None:
    """What `plan_launch` plans is what runs."""
    run = LaunchedRun(["ansible-playbook", "site.yml"], environ | {"PATH": str(fake_ansible(tmp_path))})
    assert read_all(run) == b"-vvvv site.yml\n1 3 1\n"
    assert run.command == ("ansible-playbook", "-vvvv", "site.yml")
    assert run.name == "ansible-playbook site.yml"
    assert run.notes == []


def test_state_folder(environ: dict[str, str], tmp_path: Path) -> None:
    """XDG_STATE_HOME is used, an open folder is closed to others, two runs in one second are two files."""
    folder = tmp_path / "state" / "sshdebug-tui"
    folder.mkdir(parents=True, mode=0o755)
    environ["XDG_STATE_HOME"] = str(tmp_path / "state")
    runs = [LaunchedRun(["true"], environ) for _ in range(3)]
    assert {run.path.parent for run in runs} == {folder}
    assert len({run.path for run in runs}) == 3
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for run in runs:
        read_all(run)


def test_no_place_to_record(environ: dict[str, str], tmp_path: Path) -> None:
    """Nothing is started, and the sentence says what to set."""
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match=r"file.*cannot record there .*; set XDG_STATE_HOME"):
        LaunchedRun(["true"], environ | {"XDG_STATE_HOME": str(tmp_path / "file")})


@pytest.mark.parametrize(
    ("code", "kept"),
    [("raise SystemExit(7)", 7), ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 137), ("", 0)],
)
def test_exit_code_is_kept(code: str, kept: int, environ: dict[str, str]) -> None:
    """128 + n for signal n, as a shell says it."""
    run = LaunchedRun(python(code), environ)
    read_all(run)
    returncode = run.poll()
    assert returncode is not None
    assert Exit.of_command(returncode) == kept


def test_what_cannot_be_run(environ: dict[str, str], tmp_path: Path) -> None:
    """Not found is 127, not executable 126; nothing is left in the state folder."""
    plain = tmp_path / "plain.sh"
    plain.write_text("echo hi\n")
    bare = tmp_path / "bare"
    bare.write_text("echo no first line\n")
    bare.chmod(0o755)
    orphan = tmp_path / "orphan"
    orphan.write_text("#!/no/such/interpreter\n")
    orphan.chmod(0o755)
    cases: list[tuple[list[str], Exit, str]] = [
        (["no-such-command-xyz"], Exit.NOT_FOUND, "command not found"),
        ([str(tmp_path / "none")], Exit.NOT_FOUND, "there is no such command"),
        ([str(plain)], Exit.NOT_EXECUTABLE, "is not executable; chmod"),
        ([str(tmp_path)], Exit.NOT_EXECUTABLE, "is a directory"),
        ([str(bare)], Exit.NOT_EXECUTABLE, "needs #!"),
        ([str(orphan)], Exit.NOT_EXECUTABLE, "interpreter in its first line does not exist"),
        (["true", "x" * (1 << 22)], Exit.NOT_EXECUTABLE, "too long"),
        ([], Exit.USAGE, "there is no command"),
    ]
    for command, code, words in cases:
        with pytest.raises(LaunchError, match=words) as caught:
            LaunchedRun(command, environ)
        assert caught.value.code is code
    folder = tmp_path / ".local/state/sshdebug-tui"
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may go anywhere")
def test_a_command_behind_a_closed_door(environ: dict[str, str], tmp_path: Path) -> None:
    """126, as the shell says it."""
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(LaunchError, match="permission denied on the way") as caught:
        LaunchedRun([str(tmp_path / "closed" / "command")], environ)
    assert caught.value.code is Exit.NOT_EXECUTABLE


def test_a_refusal_comes_before_the_start(environ: dict[str, str], tmp_path: Path) -> None:
    """Nothing is recorded for a command that only talks."""
    console = fake_ansible(tmp_path) / "ansible-console"
    console.symlink_to("ansible-playbook")
    with pytest.raises(RefusedError):
        LaunchedRun([str(console)], environ)
    assert not (tmp_path / ".local").exists()


# A leader with a child in its group, one in a session of its own (as ansible-core 2.19's workers are), and a daemon
# that has left its parent (as a ControlPersist master has). Each tells its pid through the recording, then waits.
TREE = """
import os, signal, sys
def child(*steps):
    pid = os.fork()
    if pid: return pid
    for step in steps: step()
    signal.pause()
def daemonize():
    os.setsid()
    if os.fork(): os._exit(0)
    os.write(1, b"daemon %d\\n" % os.getpid())
{ignore}
def deep():
    os.write(1, b"deep %d\\n" % os.getpid())
pids = [child(), child(os.setsid), child(os.setsid, lambda: child(os.setsid, deep))]
daemon = os.fork()
if not daemon:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    daemonize()
    signal.pause()
os.waitpid(daemon, 0)
os.write(1, b"tree %d %d %d\\n" % tuple(pids))
signal.pause()
"""


def wait_for(run: LaunchedRun, *words: bytes) -> dict[bytes, list[int]]:
    """Reads until every word was said; their numbers by word."""
    text = b""
    said: dict[bytes, list[int]] = {}
    while not all(word in said for word in words):
        assert run.poll() is None, text
        text += run.read()
        for line in text.splitlines()[: text.count(b"\n")]:
            word, *numbers = line.split()
            said[word] = [int(number) for number in numbers]
        select.select([], [], [], 0.005)
    return said


@pytest.mark.parametrize("ignore", ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"])
def test_stop_ends_the_whole_family(ignore: str, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that left the group, and those that ignore SIGTERM; what has detached itself on purpose stays."""
    if ignore:
        monkeypatch.setattr(processes, "GRACE", 0.2)
    run = LaunchedRun(python(TREE.replace("{ignore}", ignore)), environ)
    said = wait_for(run, b"tree", b"deep", b"daemon")
    run.stop()
    try:
        assert run.poll() == (-signal.SIGKILL if ignore else -signal.SIGTERM)
        assert all(gone(pid) for pid in said[b"tree"] + said[b"deep"])
        assert not gone(said[b"daemon"][0])
    finally:
        os.kill(said[b"daemon"][0], signal.SIGKILL)
    run.stop()  # again, or after the end: nothing
    run.close()


def test_the_end_of_the_command_is_the_end_of_the_run(environ: dict[str, str]) -> None:
    """A process that it leaves behind with the recording open is not waited for."""
    code = "import os, signal\npid = os.fork()\nif pid: print(pid, flush=True)\nelse: os.setsid(); signal.pause()"
    run = LaunchedRun(python(code), environ)
    left = int(read_all(run))
    assert run.poll() == 0
    assert not run.live
    os.kill(left, signal.SIGKILL)


def test_leave(environ: dict[str, str], tmp_path: Path) -> None:
    """A run that was left goes on, and its recording grows without us."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    run = LaunchedRun(["sh", "-c", f"echo begun; cat {fifo}"], environ)
    wait_for(run, b"begun")
    run.leave()
    run.close()
    assert run.left
    assert run.poll() is None
    fifo.write_text("went on\n")
    assert run.wait() == 0
    # The recorder is a process of its own, and nobody hears from it any more.
    while run.path.read_text().count("\n") < 2:
        select.select([], [], [], 0.005)
    assert run.path.read_text() == "begun\nwent on\n"


def test_the_screens_death_does_not_end_the_run(environ: dict[str, str], tmp_path: Path) -> None:
    """Killed with its terminal, the launcher leaves a run that still records."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    code = (
        # Under nohup the signal is ignored, and a child inherits that.
        "import os, signal, sys\nsignal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "from tui.sources.launch import LaunchedRun\n"
        f"run = LaunchedRun(['sh', '-c', 'echo begun; cat {fifo}; echo $$'])\n"
        "print(run.path, flush=True)\nos.kill(0, signal.SIGHUP)\nsignal.pause()"
    )

    launcher = subprocess.run(
        python(code),
        env=environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        start_new_session=True,
        check=False,
    )
    assert launcher.returncode == -signal.SIGHUP
    recording = Path(launcher.stdout.decode().strip())
    fifo.write_text("went on\n")
    while recording.read_text().count("\n") < 3:
        select.select([], [], [], 0.005)
    assert recording.read_text().startswith("begun\nwent on\n")


@pytest.mark.lab
def test_a_real_playbook(environ: dict[str, str], tmp_path: Path) -> None:
    """A real ansible-playbook on a local connection: debug output, the v's, no colour, its exit code."""
    program = ansible_playbook()
    (tmp_path / "ping.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - ping:\n    - command: /bin/false\n"
    )
    interpreter = f"ansible_python_interpreter={sys.executable}"
    command = [program, "-i", "here,", "-c", "local", "-v", "-e", interpreter, str(tmp_path / "ping.yml")]
    run = LaunchedRun(command, environ)
    text = read_all(run).decode()
    assert run.poll() == 2
    assert run.path.name.endswith("-ping.log")
    assert "starting run" in text
    assert "<here> EXEC /bin/sh -c " in text
    assert "ok: [here]" in text
    assert "PLAY RECAP" in text
    assert "\x1b" not in text


@pytest.mark.lab
def test_stopping_a_real_playbook(environ: dict[str, str], tmp_path: Path) -> None:
    """Its workers and what they run end with it, whatever sessions they made."""
    program = ansible_playbook()
    (tmp_path / "hang.yml").write_text(
        f"- hosts: all\n  gather_facts: false\n  tasks:\n    - raw: echo $$ > {tmp_path}/pid; exec sleep 1000\n"
    )
    run = LaunchedRun([program, "-i", "here,", "-c", "local", str(tmp_path / "hang.yml")], environ)
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text().endswith("\n")):
        assert run.poll() is None, run.path.read_text()
        select.select([], [], [], 0.01)
    members = processes.family(run.pid)
    assert int(pid.read_text()) in {member.pid for member in members}
    run.stop()
    assert run.poll() is not None
    table = processes.all_processes()
    # The same number with another start is another process.
    assert not [now for old in members if (now := table.get(old.pid)) and now.started == old.started and not now.zombie]
    run.close()


def test_a_full_disk_breaks_the_recording_and_not_the_run(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is read on, from the place where the recording went; the sentence says where what is."""
    small, other = tmp_path / "small", tmp_path / "other"
    small.mkdir()
    other.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(small)], check=False)
    need("mount" if done.returncode == 0 else None, "a tmpfs (mount, as root)")
    monkeypatch.setattr("tempfile.tempdir", str(other))
    try:
        code = "import os\nfor n in range(50_000): os.write(1, b'%06d\\n' % n)"
        run = LaunchedRun(python(code), environ | {"XDG_STATE_HOME": str(small)})
        first = run.path
        text = read_all(run)
        assert run.poll() == 0
        assert text == b"".join(b"%06d\n" % n for n in range(50_000))
        assert run.path.is_relative_to(other)
        assert run.path.read_bytes() == text
        assert text.startswith(first.read_bytes())
        assert re.match(
            re.escape(str(first))
            + r": cannot be written \(No space left on device\); it has the first [\d,]+ bytes\. All of it is in "
            + re.escape(str(run.path)),
            run.trouble,
        )
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_burst(environ: dict[str, str]) -> None:
    """100 MB as fast as they come: nothing is lost."""
    code = "import os\nline = b'x' * 8999 + b'\\n'\nfor _ in range(11_200): os.write(1, line)"
    run = LaunchedRun(python(code), environ)
    assert run.wait() == 0
    assert run.size == 11_200 * 9_000
    with run.path.open("rb") as file:
        assert set(file) == {b"x" * 8999 + b"\n"}
    run.close()


def test_lines_of_several_writers_stay_whole(environ: dict[str, str]) -> None:
    """Workers up to 2.16 write their chunks themselves: longer than what a pipe promises to keep together."""
    code = (
        "import os, time\n"
        "for worker in range(10):\n"
        "    if not os.fork():\n"
        "        line = b'%d' % worker * 20_000 + b'\\n'\n"
        "        for _ in range(50): os.write(1, line); time.sleep(0.01)\n"
        "        os._exit(0)\n"
        "for _ in range(10): os.wait()"
    )
    lines = read_all(LaunchedRun(python(code), environ)).splitlines()
    assert len(lines) == 500
    assert {(len(line), len(set(line))) for line in lines} == {(20_000, 1)}


def test_a_recorder_that_was_killed_is_said(environ: dict[str, str]) -> None:
    """The run may break then; it is not waited for in vain."""
    run = LaunchedRun(["sh", "-c", "echo begun; sleep 100"], environ)
    wait_for(run, b"begun")
    run._recorder.kill()
    while not run.trouble:
        run.read()
        select.select([], [], [], 0.01)
    assert "recorder has ended" in run.trouble
    run.stop()
    assert not run.live
    run.close()


def test_parents_are_ended_before_their_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a shell goes on to its next command; process ids may have begun anew in between."""
    rows = [(900, 1, 900), (5, 900, 900), (3, 5, 77), (950, 900, 900), (2, 1, 2), (40, 41, 900), (41, 40, 900)]
    table = {pid: processes.Process(pid, parent, group, "1", zombie=False) for pid, parent, group in rows}
    monkeypatch.setattr(processes, "all_processes", lambda: table)
    ended = [process.pid for process in processes.family(900)]
    assert sorted(ended) == [3, 5, 40, 41, 900, 950]
    assert ended.index(900) < ended.index(5) < ended.index(3)
    assert ended.index(900) < ended.index(950)
