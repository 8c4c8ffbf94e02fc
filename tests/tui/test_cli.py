"""The command line as a user meets it: as a process, by its output, its words and its exit code."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tui import cli
from tui.exits import Exit

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_logs"
OK = SAMPLES / "ping-ok-2.18.log"
BROKEN = SAMPLES / "tmpdir-permission-2.19.log"


def run(*arguments: str | Path, stdin: bytes | None = None, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """`python -m tui …` with nothing of the tester's environment in the way."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "tui", *map(str, arguments)],
        cwd=ROOT,
        env=kept | {"LC_ALL": "C.UTF-8"} | environ,
        input=stdin if stdin is not None else b"",
        capture_output=True,
        check=False,
        timeout=60,
    )


def sentence(done: subprocess.CompletedProcess[bytes]) -> str:
    """The one plain sentence on stderr, with nothing on stdout."""
    assert done.stdout == b""
    text = done.stderr.decode()
    assert text.startswith("sshdebug-tui: "), text
    assert text.count("\n") == 1, text
    assert "Traceback" not in text
    return text.removeprefix("sshdebug-tui: ").strip()


class TestReport:
    """`report`."""

    def test_healthy(self) -> None:
        """Exit code 0, and nothing on stderr."""
        done = run("report", OK)
        assert (done.returncode, done.stderr) == (Exit.OK, b"")
        assert b"3 hosts: 3 ok" in done.stdout

    @pytest.mark.parametrize("form", ["text", "json", "markdown"])
    def test_why_not_a_rule(self, form: str) -> None:
        """The rule that was asked for, with the fact that is against it."""
        done = run("report", BROKEN, "--format", form, "--why-not", "connection-refused")
        assert (done.returncode, done.stderr) == (Exit.HOSTS, b"")
        assert b"connection-refused" in done.stdout
        assert b"ssh itself worked" in done.stdout

    def test_why_not_without_a_rule_or_with_all(self) -> None:
        """Those that look alike; with `all` every rule. A log behind the option is a log."""
        near = run("report", "--why-not", BROKEN)
        assert b"disk-full: What it looks for is not there" in near.stdout
        assert b"playbook-syntax" not in near.stdout
        assert b"playbook-syntax" in run("report", BROKEN, "--why-not", "all").stdout
        assert b"Why not" not in run("report", BROKEN).stdout

    def test_why_not_a_rule_that_is_none(self) -> None:
        """One sentence with the nearest name; without a log, what is missing."""
        done = run("report", BROKEN, "--why-not", "conection-refused")
        assert done.returncode == Exit.USAGE
        assert sentence(done).startswith("there is no rule conection-refused; did you mean connection-refused")
        done = run("report", "--why-not", "disk-full")
        assert done.returncode == Exit.USAGE
        assert "LOG" in sentence(done)

    @pytest.mark.parametrize("form", ["text", "json", "markdown"])
    def test_broken(self, form: str) -> None:
        """Exit code 1, the rule in every form."""
        done = run("report", BROKEN, "--format", form)
        assert (done.returncode, done.stderr) == (Exit.HOSTS, b"")
        assert b"tmpdir-permission" in done.stdout

    def test_json(self) -> None:
        """One document, with chunks when asked for."""
        document = json.loads(run("report", OK, BROKEN, "--format", "json", "--chunks").stdout)
        assert [host["run"] for host in document["hosts"]] == [0, 0, 0, 1, 1, 1]
        assert document["chunks"]
        assert "chunks" not in json.loads(run("report", OK, "--format", "json").stdout)

    def test_standard_input(self) -> None:
        """Plain and packed: the same report."""
        plain = json.loads(run("report", "-", "--format", "json", stdin=OK.read_bytes()).stdout)
        packed = json.loads(run("report", "-", "--format", "json", stdin=gzip.compress(OK.read_bytes())).stdout)
        from_file = json.loads(run("report", OK, "--format", "json").stdout)
        assert plain == packed
        assert plain["sources"][0]["path"] == "standard input"
        assert plain["hosts"] == from_file["hosts"]

    def test_one_host(self) -> None:
        """The exit code is about that host; an unknown one is told what there is."""
        assert run("report", BROKEN, "--host", "web1").returncode == Exit.OK
        done = run("report", BROKEN, "--host", "db1")
        assert done.returncode == Exit.HOSTS
        assert b"web1" not in done.stdout
        done = run("report", BROKEN, "--host", "web")
        assert done.returncode == Exit.USAGE
        assert re.match(r"no run has a host web; did you mean web[12] or web[12]\?", sentence(done))
        assert "there are web1, web2, db1" in sentence(run("report", BROKEN, "--host", "zzzzz"))

    def test_a_log_that_ends_too_early(self, tmp_path: Path) -> None:
        """Cut in the middle: reported as far as it goes, exit code 1."""
        raw = OK.read_bytes()
        (tmp_path / "cut.log").write_bytes(raw[: len(raw) // 2])
        document = json.loads((done := run("report", tmp_path / "cut.log", "--format", "json")).stdout)
        assert done.returncode == Exit.HOSTS
        assert document["runs"][0]["status"] == "incomplete"
        assert {host["status"] for host in document["hosts"]} <= {"ok", "running", "stalled"}

    def test_a_packed_log_that_was_cut(self, tmp_path: Path) -> None:
        """The note is part of the report."""
        packed = gzip.compress(OK.read_bytes())
        (tmp_path / "cut.log.gz").write_bytes(packed[: len(packed) // 2])
        done = run("report", tmp_path / "cut.log.gz")
        assert done.returncode == Exit.HOSTS
        assert b"note: " in done.stdout
        assert b"is cut: the gzip stream has no end" in re.sub(rb"\s+", b" ", done.stdout)

    def test_secrets(self, tmp_path: Path) -> None:
        """Hidden, unless asked for."""
        text = OK.read_bytes().replace(b"echo ~deploy", b"echo ~deploy --password Zq7hunter2")
        (tmp_path / "x.log").write_bytes(text)
        assert b"Zq7hunter2" not in run("report", tmp_path / "x.log", "--format", "json").stdout
        assert b"Zq7hunter2" in run("report", tmp_path / "x.log", "--format", "json", "--no-redact").stdout

    def test_a_reader_that_has_enough(self) -> None:
        """`report … | head -1`: no traceback, no complaint."""
        with subprocess.Popen(
            [sys.executable, "-m", "tui", "report", str(OK), "--format", "json", "--chunks"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(1)
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == Exit.OK

    def test_a_terminal_that_knows_no_unicode(self) -> None:
        """Marks instead of a crash."""
        done = run("report", BROKEN, PYTHONIOENCODING="ascii")
        assert done.returncode == Exit.HOSTS
        assert rb"\u2716 db1" in done.stdout


class TestBadInput:
    """One sentence that names the file and what to do; exit code 2."""

    def test_files(self, tmp_path: Path) -> None:
        """What is no log, or no Ansible log."""
        cases = {
            "empty.log": (b"", "is empty; look at"),
            "binary": (b"\x7fELF" + bytes(range(256)) * 40, "is binary, not a log"),
            "notes.txt": (
                b"\n  Dear \x1b[31mdiary\n" * 3,
                'has no Ansible in it: 6 lines of text, which begins with "Dear ␛',
            ),
            "cut.gz": (gzip.compress(b"x" * 100)[:5], "nothing in it could be read"),
        }
        for name, (content, words) in cases.items():
            (tmp_path / name).write_bytes(content)
            done = run("report", tmp_path / name)
            assert done.returncode == Exit.USAGE
            assert sentence(done).startswith(str(tmp_path / name))
            assert words in sentence(done)
        assert "is a directory; give a log file" in sentence(run("report", tmp_path))
        assert "there is no such file" in sentence(run("report", tmp_path / "none.log"))
        assert "standard input is empty" in sentence(run("report", "-"))

    def test_a_server_log_alone(self) -> None:
        """Told by its content; what broke there decides on the code."""
        done = run("report", SAMPLES / "tmpdir-permission-2.16.db1.sshd.log")
        assert done.returncode == Exit.OK
        assert b"sshd: 1 connection, 2 channels" in done.stdout
        done = run("report", SAMPLES / "sftp-missing-2.16.db1.sshd.log")
        assert done.returncode == Exit.HOSTS
        assert b"sftp-subsystem-missing" in done.stdout

    def test_a_server_log_beside_the_control_nodes(self) -> None:
        """Both are reported."""
        done = run("report", OK, SAMPLES / "tmpdir-permission-2.16.db1.sshd.log")
        assert done.returncode == Exit.OK
        assert b"3 hosts: 3 ok" in done.stdout
        assert b"sshd: 1 connection, 2 channels" in done.stdout

    def test_one_bad_log_among_good_ones(self, tmp_path: Path) -> None:
        """The good ones are reported, the code still says that something was amiss."""
        done = run("report", OK, tmp_path / "none.log", BROKEN, "--format", "json")
        assert done.returncode == Exit.USAGE
        assert b"none.log: there is no such file" in done.stderr
        assert [source["runs"] for source in json.loads(done.stdout)["sources"]] == [1, 1]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_no_permission(self, tmp_path: Path) -> None:
        """As for any tool, but with what to do."""
        path = tmp_path / "x.log"
        path.write_bytes(OK.read_bytes())
        path.chmod(0)
        assert "permission denied" in sentence(run("report", path))

    def test_one_line_of_50_mb(self, tmp_path: Path) -> None:
        """In the middle of a healthy log: the report is the same, but for the lines."""
        raw = OK.read_bytes()
        middle = raw.index(b"\nPLAY RECAP") + 1
        path = tmp_path / "long.log"
        path.write_bytes(raw[:middle] + b"x" * 50_000_000 + b"\n" + raw[middle:])
        done = run("report", path, "--format", "json")
        assert done.returncode == Exit.OK
        assert {host["status"] for host in json.loads(done.stdout)["hosts"]} == {"ok"}


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_no_error_of_the_program(unbuffered: str) -> None:
    """Nobody should report it as one."""
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "tui", "report", str(OK)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60
        )
    assert done.returncode == Exit.INTERNAL
    assert b"No space left on device; make room" in done.stderr
    assert b"issue tracker" not in done.stderr


class TestUsage:
    """Mistakes on the command line: exit code 2, and what was meant."""

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (
                ["ansible-playbook", "-vv", "ping.yml"],
                "put -- before it: sshdebug-tui -- ansible-playbook -vv ping.yml",
            ),
            ([str(OK)], f"to read a log, say how: sshdebug-tui open {OK}"),
            (["opne", "x.log"], "there is no command opne; did you mean open?"),
            (["frobnicate"], "there are open, tail, report, explain, sessions, demo"),
            (["report"], "the following arguments are required: LOG"),
            (["report", "x.log", "--format", "yaml"], "invalid choice: 'yaml'"),
            (["report", "x.log", "--no-such"], "unrecognized arguments: --no-such"),
            (["tail", "a.log", "b.log"], "unrecognized arguments: b.log"),
            (["explain", "connection-refuse"], "did you mean connection-refused"),
            (
                ["open", str(OK)],
                f"the screen needs a terminal, and standard output is none; use sshdebug-tui report {OK}",
            ),
            (["tail", str(OK)], "the screen needs a terminal"),
            (["--", "true"], "the screen needs a terminal"),
            (["--"], "there is no command after --"),
        ],
    )
    def test_mistakes(self, arguments: list[str], words: str) -> None:
        """One sentence."""
        done = run(*arguments)
        assert done.returncode == Exit.USAGE
        assert words in sentence(done)

    def test_no_command_shows_the_help(self) -> None:
        """On stderr, since it was not asked for."""
        done = run()
        assert done.returncode == Exit.USAGE
        assert b"sshdebug-tui -- ansible-playbook ping.yml" in done.stderr
        assert done.stdout == b""

    def test_hostile_names_stay_text(self, tmp_path: Path) -> None:
        """A file name cannot send commands to the terminal."""
        assert "x\u241b[2J" in sentence(run("report", tmp_path / "x\x1b[2J"))

    def test_commands_that_cannot_start(self, tmp_path: Path) -> None:
        """The shell's own codes."""
        plain = tmp_path / "plain"
        plain.touch()
        assert (done := run("--", "no-such-command-xyz", "-v")).returncode == Exit.NOT_FOUND
        assert "no-such-command-xyz: command not found" in sentence(done)
        assert run("--", plain).returncode == Exit.NOT_EXECUTABLE

    def test_explain(self) -> None:
        """The list, and a page."""
        assert b"connection-refused" in run("explain").stdout
        done = run("explain", "connection-refused")
        assert (done.returncode, done.stderr) == (Exit.OK, b"")
        assert b"\nHow to be sure\n" in done.stdout

    def test_help_and_version(self) -> None:
        """Both on stdout."""
        assert b"usage: sshdebug-tui" in run("--help").stdout
        assert b"exit codes:" in run("report", "--help").stdout
        assert re.fullmatch(rb"sshdebug-tui \S.*\n", run("--version").stdout)


class TestUnexpected:
    """A fault of the tool itself: exit code 3, a short message, the traceback only when asked for."""

    @pytest.fixture(autouse=True)
    def broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """`explain` falls over."""
        monkeypatch.setattr("tui.explain.explain_list", lambda _width: 1 // 0)
        monkeypatch.delenv("SSHDEBUG_TRACEBACK", raising=False)

    def test_message(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What it was, and where to tell."""
        assert cli.main(["explain"]) == Exit.INTERNAL
        text = capsys.readouterr().err
        assert "ZeroDivisionError" in text
        assert "please report it" in text
        assert "Traceback" not in text

    def test_traceback(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        """For whoever reports it."""
        monkeypatch.setenv("SSHDEBUG_TRACEBACK", "1")
        assert cli.main(["explain"]) == Exit.INTERNAL
        assert "Traceback" in capsys.readouterr().err

    def test_interrupted(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Ctrl-C says nothing."""

        def interrupt(_width: int) -> str:
            raise KeyboardInterrupt

        monkeypatch.setattr("tui.explain.explain_list", interrupt)
        assert cli.main(["explain"]) == Exit.INTERRUPTED
        assert capsys.readouterr() == ("", "")


PROBE = """
import sys
from tui.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
loaded = sorted(name for name in sys.modules if name.partition(".")[0] in ("textual", "rich", "asyncssh", "hypothesis"))
sys.stderr.write("loaded:" + ",".join(loaded))
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["report", "--help"],
        ["report", str(BROKEN)],
        ["report", str(BROKEN), "--format", "json", "--chunks"],
        ["report", str(BROKEN), "--format", "markdown"],
        ["explain"],
        ["explain", "connection-refused"],
        ["--", "no-such-command-xyz"],
    ],
)
def test_no_screen_is_loaded(arguments: list[str]) -> None:
    """Structure, not the clock: without Textual they start in a fraction of 0.3 s."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr.endswith("loaded:"), done.stderr
