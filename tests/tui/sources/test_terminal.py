"""Real programs on real terminals: each way to ask, what comes of the answer, and that the answer stays nowhere."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.sources.lab import ansible_playbook
from tui.sources.launch import LaunchedRun
from tui.sources.questions import Question

SECRET = "correct-horse-staple"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}


class Session:
    """A run, and somebody who answers."""

    def __init__(self, command: list[str], environ: dict[str, str], cwd: Path | None = None) -> None:
        self.run = LaunchedRun(command, environ, cwd=cwd)
        self.serial = 0

    def asked(self) -> Question:
        """Waits for the next question."""
        deadline = time.monotonic() + 60
        while True:
            assert time.monotonic() < deadline, f"nothing is asked: {self.log()[-800:]}"
            question = self.run.question()
            if question is not None and question.serial != self.serial:
                self.serial = question.serial
                return question
            assert self.run.poll() is None, self.log()[-800:]
            select.select([], [], [], 0.01)

    def log(self) -> str:
        return self.run.path.read_text(errors="replace")

    def end(self) -> int:
        """Waits for the end; the exit code."""
        code = self.run.wait()
        self.run.close()
        return code


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def found_anywhere(folder: Path, secret: str) -> list[Path]:
    """The files below `folder` that hold the secret."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files, "no file was written, so the test looks in the wrong place"
    return [path for path in files if secret.encode() in path.read_bytes()]


@pytest.fixture
def session(environ: dict[str, str]) -> Iterator[list[Session]]:
    """Ends what a failed test leaves."""
    opened: list[Session] = []
    yield opened
    for each in opened:
        each.run.stop()
        each.run.close()


def test_getpass(environ: dict[str, str], tmp_path: Path, session: list[Session]) -> None:
    """Asked on /dev/tty with the echo off; what is typed reaches the program, and no file."""
    asks = Session(python("import getpass; print(len(getpass.getpass('Vault password: ')))"), environ)
    session.append(asks)
    question = asks.asked()
    assert (question.text, question.secret, question.keys) == ("Vault password:", True, False)
    asks.run.answer(SECRET)
    assert asks.end() == 0
    assert asks.log() == f"{len(SECRET)}\n"
    assert found_anywhere(tmp_path, SECRET) == []


def test_input(environ: dict[str, str], tmp_path: Path, session: list[Session]) -> None:
    """The echo of the terminal is not recorded: the output is what the program wrote, and no more."""
    asks = Session(python("print(len(input('Name (N)o: ')))"), environ)
    session.append(asks)
    question = asks.asked()
    assert (question.text, question.secret, question.keys) == ("Name (N)o:", False, False)
    asks.run.answer(SECRET)
    assert asks.end() == 0
    assert asks.log() == f"Name (N)o: {len(SECRET)}\n"
    assert found_anywhere(tmp_path, SECRET) == []


def test_two_questions_and_letters_of_more_than_one_byte(environ: dict[str, str], session: list[Session]) -> None:
    asks = Session(
        python("import getpass as g; print(g.getpass('One: ') == g.getpass('Two: ') == 'pässwörd€')"), environ
    )
    session.append(asks)
    for text in ("One:", "Two:"):
        assert asks.asked().text == text
        asks.run.answer("pässwörd€")
    assert asks.end() == 0
    assert asks.log() == "True\n"


def test_no_answer(environ: dict[str, str], session: list[Session]) -> None:
    """Ctrl-D is an end of file."""
    asks = Session(python("input('Name: ')"), environ)
    session.append(asks)
    asks.asked()
    asks.run.end_input()
    assert asks.end() == 1
    assert "EOFError" in asks.log()


def test_ctrl_c(environ: dict[str, str], session: list[Session]) -> None:
    """SIGINT for the foreground processes; a program that reads keys gets the key."""
    asks = Session(python("input('Name: ')"), environ)
    session.append(asks)
    asks.asked()
    asks.run.interrupt()
    assert asks.end() == -signal.SIGINT
    keys = Session(
        python(
            "import os, tty; print('[pause]\\nGo on:', flush=True); tty.setraw(0); print(os.read(0, 1), os.read(0, 1))"
        ),
        environ,
    )
    session.append(keys)
    question = keys.asked()
    assert (question.text, question.secret, question.keys) == ("[pause]\nGo on:", True, True)
    keys.run.interrupt()
    keys.run.press("c")
    assert keys.end() == 0
    assert keys.log().endswith("b'\\x03' b'c'\n")


def test_the_screen_s_size_reaches_the_run(environ: dict[str, str], session: list[Session]) -> None:
    """At the start 24 by 80; a change comes with SIGWINCH."""
    code = (
        "import os, signal\n"
        "def show(*_): print(*os.get_terminal_size(0), flush=True)\n"
        "signal.signal(signal.SIGWINCH, show); show(); input('wait: ')"
    )
    asks = Session(python(code), environ)
    session.append(asks)
    asks.asked()
    assert asks.log().startswith("80 24\n")
    asks.run.resize(50, 132)
    while "132 50\n" not in asks.log():
        assert asks.run.poll() is None
        select.select([], [], [], 0.01)
    asks.run.answer("")
    assert asks.end() == 0


def test_a_run_that_never_asks_is_never_asked_for(environ: dict[str, str], session: list[Session]) -> None:
    """It prints half lines that look like prompts, and does something else."""
    code = "import sys, time\nfor _ in range(10): print('Are you sure? ', end='', flush=True); time.sleep(0.15)"
    quiet = Session(python(code), environ)
    session.append(quiet)
    while quiet.run.poll() is None:
        assert quiet.run.question() is None
        select.select([], [], [], 0.01)
    assert quiet.end() == 0


def test_a_program_that_gives_its_terminal_away(environ: dict[str, str], session: list[Session]) -> None:
    """Its end is noticed, though nobody holds the other side."""
    code = "import os; os.dup2(os.open('/dev/null', 0), 0); import time; time.sleep(0.3); print('over')"
    away = Session(python(code), environ)
    session.append(away)
    assert away.end() == 0
    assert away.log() == "over\n"


def test_a_run_outlives_its_terminal(environ: dict[str, str], tmp_path: Path, session: list[Session]) -> None:
    """Closed, the run goes on; a question after that fails at once, instead of waiting for nobody."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    code = (
        f"import getpass; print('begun', flush=True); open({str(fifo)!r}).read(); print('on', flush=True)\n"
        "getpass.getpass()"
    )
    left = Session(python(code), environ)
    session.append(left)
    while "begun" not in left.log():
        select.select([], [], [], 0.01)
    left.run.leave()
    left.run.close()
    assert left.run.poll() is None
    fifo.write_text("")
    assert left.run.wait() == 1
    while "EOFError" not in left.log():  # the recorder is another process
        select.select([], [], [], 0.01)
    assert left.log().startswith("begun\non\n")


PLAY = """\
- hosts: all
  gather_facts: false
  vars_prompt:
    - {name: shown, prompt: What colour, private: false}
    - {name: hidden, prompt: Secret word}
  tasks:
    - debug: msg="{{ shown | length }} {{ hidden | length }}"
    - pause: prompt="Go on with this"
    - pause: seconds=600
"""


@pytest.mark.lab
@pytest.mark.parametrize("version", ["2.13", "2.16", "2.19"])
def test_what_ansible_asks(version: str, environ: dict[str, str], tmp_path: Path, session: list[Session]) -> None:
    """-k, -K, --ask-vault-pass, --step, vars_prompt, pause and its ctrl+c: each is asked, and no answer is kept."""
    (tmp_path / "ask.yml").write_text(PLAY)
    secrets = {name: f"{SECRET}-{name}" for name in ("ssh", "become", "vault", "colour", "word")}
    asked = []
    options = ["-k", "-K", "--ask-vault-pass", "--step", "-i", "here,", "-c", "local"]
    asks = Session([ansible_playbook(version), *options, str(tmp_path / "ask.yml")], environ)
    session.append(asks)
    for hidden, name in ((True, "ssh"), (True, "become"), (True, "vault"), (False, "colour"), (True, "word")):
        question = asks.asked()
        asked.append(question.text)
        assert question.secret is hidden, question
        asks.run.answer(secrets[name])
    assert asked == [
        "SSH password:",
        "BECOME password[defaults to SSH password]:",
        "Vault password:",
        "What colour:",
        "Secret word:",
    ]
    assert asks.asked().text == "Perform task: TASK: debug (N)o/(y)es/(c)ontinue:"
    asks.run.answer("c")
    assert asks.asked().text == "[pause]\nGo on with this:"
    asks.run.press("\r")
    while (timed := asks.asked()).text == "[pause]\nGo on with this:":
        pass  # the dialog's look fell between two modes
    assert timed.text.startswith("Pausing for 600 seconds\n(ctrl+C then 'C' = continue early")
    asks.run.interrupt()
    assert asks.asked().text.endswith("Press 'C' to continue the play or 'A' to abort")
    asks.run.press("c")
    assert asks.end() == 0
    log = asks.log()
    assert f"{len(secrets['colour'])} {len(secrets['word'])}" in log
    assert "failed=0" in log
    assert found_anywhere(tmp_path, SECRET) == []


def test_the_probe_finds_a_secret_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(f"x{SECRET}x")
    assert found_anywhere(tmp_path, SECRET) == [tmp_path / "file"]


def test_size_is_what_the_kernel_holds(environ: dict[str, str], session: list[Session]) -> None:
    """Rows first, as TIOCSWINSZ has them."""
    asks = Session(["cat"], environ)
    session.append(asks)
    asks.run.resize(11, 22)
    with Path(f"/proc/{asks.run.pid}/fd/0").open("rb") as terminal:
        packed = fcntl.ioctl(terminal, termios.TIOCGWINSZ, b"\0" * 8)
    assert struct.unpack("HHHH", packed)[:2] == (11, 22)
    asks.run.end_input()
    assert asks.end() == 0


def test_of_several_readers_one_gets_the_answer(environ: dict[str, str], session: list[Session]) -> None:
    """They read letter by letter, as ssh does; none of them is left stopped."""
    code = (
        "import os\n"
        "for _ in range(4):\n"
        "    if not os.fork():\n"
        "        tty = os.open('/dev/tty', os.O_RDWR)\n"
        "        os.write(tty, b'Sure (yes/no)? ')\n"
        "        line = b''\n"
        "        while not line.endswith(b'\\n'): line += os.read(tty, 1)\n"
        "        os.write(1, line)\n"
        "        os._exit(0)\n"
        "for _ in range(4): os.wait()"
    )
    asks = Session(python(code), environ)
    session.append(asks)
    for number in range(4):
        question = asks.asked()
        assert "Sure (yes/no)?" in question.text
        asks.run.answer(f"answer {number}")
    assert asks.end() == 0
    assert sorted(asks.log().splitlines()) == [f"answer {number}" for number in range(4)]
