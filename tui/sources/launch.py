"""A run that this program starts: on a terminal of its own, its output recorded and read like any other log."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tui.exits import Exit
from tui.sessions.store import Recording
from tui.sources import recorder
from tui.sources.base import BLOCK, Given, SourceError
from tui.sources.plan import Plan, RefusedError, plan_launch
from tui.sources.private import new_recording, state_folder
from tui.sources.processes import end_family
from tui.sources.questions import KEPT, Output, Question
from tui.sources.terminal import Terminal
from tui.stamp import stamped

_STEP = 0.02

PIPE = 1 << 20
"""Bytes that the pipe to the recorder should hold: the most that Linux gives to anybody."""


class LaunchError(SourceError):
    """A command that could not be started; `code` is what a shell would exit with."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.code = code


def find_program(name: str, environ: Mapping[str, str]) -> str:
    """Where `name` is, as a shell finds it; LaunchError (126, 127) says why it cannot be run."""
    if not name:
        raise LaunchError("there is no command after --; give one, such as ansible-playbook ping.yml", Exit.USAGE)
    found = shutil.which(name, path=environ.get("PATH"))
    if found is not None:
        return found
    if "/" not in name:
        raise LaunchError(f"{name}: command not found; look at the name and at PATH", Exit.NOT_FOUND)
    try:
        mode = Path(name).stat().st_mode
    except PermissionError as error:
        raise LaunchError(f"{name}: permission denied on the way to it", Exit.NOT_EXECUTABLE) from error
    except (OSError, ValueError) as error:
        raise LaunchError(f"{name}: there is no such command; look at the path", Exit.NOT_FOUND) from error
    if stat.S_ISDIR(mode):
        raise LaunchError(f"{name} is a directory, not a command", Exit.NOT_EXECUTABLE)
    raise LaunchError(f"{name} is not executable; chmod +x it, or name its interpreter first", Exit.NOT_EXECUTABLE)


class LaunchedRun:
    """A command on a terminal of its own (`Terminal`), its output going through a recorder into a private file.

    The recorder (`tui.sources.recorder`) is a process of its own: nothing that happens to the screen can lose a byte
    or stop the run, and a full disk breaks the recording, not the run.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str] | None = None,
        *,
        cwd: Path | None = None,
        stamp: bool = True,
        can_be_left: bool = True,
    ) -> None:
        """Starts `command` (at least its name) in `cwd`, by default this process's environment and folder.

        With `stamp`, Ansible's debug lines name their host (`tui.stamp`). `can_be_left` is False where the run needs
        what ends with this process.
        LaunchError, RefusedError or SourceError before anything has run.
        """
        environ = os.environ if environ is None else environ
        self.can_be_left = can_be_left
        self.given = Given(tuple(command), dict(environ), cwd, stamp)
        program = find_program(command[0] if command else "", environ)
        self.plan: Plan = plan_launch(command, environ)
        if stamp:
            name = Path(command[0]).name
            self.plan.environ.update(stamped(self.plan.environ, cwd or Path.cwd(), name))
        self.name = shlex.join(command)
        self.trouble = ""
        """What went wrong with the recording, as a sentence; empty while nothing has."""
        self._path, recording = new_recording(
            state_folder(environ), f"{time.strftime('%Y%m%d-%H%M%S')}-{self.plan.label}"
        )
        self._session = Recording(self._path, recording, self.plan.argv, cwd or Path.cwd())
        self._lock = threading.RLock()
        self._drained = self._told = False
        output, self._control, self._status, self._recorder = _start_recorder(recording)
        try:
            self._terminal = Terminal(program, self.plan.argv, self.plan.environ, cwd, output)
        except OSError as error:
            self._path.unlink(missing_ok=True)
            self._session.forget()
            os.close(output)
            self._let_go()
            self._recorder.wait()
            os.close(self._status)
            raise _cannot_run(program, error) from error
        os.close(output)
        self._started = time.monotonic()
        self._ended: float | None = None
        self._left = False
        self._file = self._path.open("rb", buffering=0)
        self._offset = 0

    def repeated(self, command: Sequence[str], environ: Mapping[str, str]) -> LaunchedRun:
        """A new run of `command` in the same folder; raises as `LaunchedRun` does."""
        given = self.given
        return LaunchedRun(command, environ, cwd=given.cwd, stamp=given.stamp, can_be_left=self.can_be_left)

    @property
    def path(self) -> Path:
        """The recording; it stays. Another file from the moment that the disk of the first is full."""
        return self._path

    @property
    def command(self) -> tuple[str, ...]:
        """The command as it was started, with the v's that were added."""
        return self.plan.argv

    @property
    def pid(self) -> int:
        """The command's process, which leads its session."""
        return self._terminal.pid

    @property
    def notes(self) -> list[str]:
        """What the user should know of how it was started."""
        return list(self.plan.notes)

    @property
    def live(self) -> bool:
        """Whether the command runs, or wrote something that was not read yet.

        The end of the command is the end of the run: a ControlPersist master that it leaves behind is not waited for,
        though it may hold the output open.
        """
        return self.poll() is None or not self._is_drained(0) or self._offset < self.size

    @property
    def size(self) -> int:
        """Bytes recorded so far; once closed, those that were read."""
        if self._file.closed:
            return self._offset
        return os.fstat(self._file.fileno()).st_size

    @property
    def elapsed(self) -> float:
        """Seconds since the start, up to the end of the command."""
        return (self._ended or time.monotonic()) - self._started

    def read(self) -> bytes:
        """What was recorded since; SourceError when the disk fails."""
        self._is_drained(0)
        try:
            block = self._file.read(BLOCK) or b""
        except OSError as error:
            raise SourceError(f"{self._path}: cannot be read any further ({error.strerror})") from error
        self._offset += len(block)
        return block

    def poll(self) -> int | None:
        """The exit code (negative: ended by that signal), or None while it runs."""
        code = self._terminal.poll()
        if code is not None and self._ended is None:
            self._ended = time.monotonic()
            self._session.ended(code)
            self._let_go()
        return code

    def _let_go(self) -> None:
        """Tells the recorder that the command has ended, or that nobody waits for it any more."""
        with self._lock:
            if not self._told:
                self._told = True
                os.close(self._control)

    def _is_drained(self, patience: float | None) -> bool:
        """Whether the recorder has written all that the command wrote; hears what else the recorder has to say."""
        while not self._drained and select.select([self._status], [], [], patience)[0]:
            said = os.read(self._status, 4096)
            for line in os.fsdecode(said).splitlines():
                self._hear(line)
            if not said:
                self._drained = True
                if self.poll() is None:
                    self.trouble = "The recorder has ended before the run: what the run says now is lost."
        return self._drained

    def _hear(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        number, _, path = rest.partition(" ")
        if word == "drained":
            self._drained = True
            return
        reason = os.strerror(int(number))
        if word == "lost":
            self.trouble = (
                f"{self._path}: cannot be written ({reason}), and there is no room elsewhere: "
                "the run goes on, but what it says from here on is neither recorded nor shown."
            )
            return
        self.trouble = (
            f"{self._path}: cannot be written ({reason}); it has the first {self.size:,} bytes. "
            f"All of it is in {path}, which the system may clear at its next start: copy it."
        )
        old, new = self._file, Path(path).open("rb", buffering=0)  # noqa: SIM115 (`close` closes it)
        new.seek(self._offset)
        # In this order: another thread may ask for the size, or for the last words.
        self._path, self._file = Path(path), new
        old.close()

    # What it asks

    def question(self) -> Question | None:
        """What the run waits for on its terminal, if it does."""
        try:
            return self._terminal.question(Output(self.size, self._tail))
        except (OSError, ValueError):
            return None  # the recording moved or was closed just now

    def _tail(self) -> bytes:
        return os.pread(self._file.fileno(), KEPT, max(0, self.size - KEPT))

    def answer(self, text: str) -> None:
        """Sends a line to the run; it is kept nowhere. SourceError when the run takes none."""
        self._terminal.answer(text)

    def press(self, text: str) -> None:
        """Sends single keys; see `Question.keys`."""
        self._terminal.press(text)

    def erase(self) -> None:
        """Sends the key that takes back the last one."""
        self._terminal.erase()

    def end_input(self) -> None:
        """Tells the run that no answer will come (ctrl+d)."""
        self._terminal.end_input()

    def interrupt(self) -> None:
        """Ctrl-C, as at the run's own terminal."""
        self._terminal.interrupt()

    def resize(self, rows: int, columns: int) -> None:
        """Gives the run's terminal the size of the screen."""
        self._terminal.resize(rows, columns)

    # Its end

    def stop(self) -> None:
        """Ends the command and all that it started; takes up to 4 s, so call it off the screen's thread."""
        if self.poll() is None:
            end_family(self)
            self.poll()

    @property
    def left(self) -> bool:
        """Whether the run was left to itself."""
        return self._left

    def leave(self) -> None:
        """Lets the run go on by itself, recorded as before; its terminal goes with this process."""
        self._left = True

    def wait(self) -> int:
        """Waits for the end of the command, and until all of it is recorded; its exit code as `poll` gives it."""
        while (code := self.poll()) is None:
            time.sleep(_STEP)
            self._is_drained(0)
        self._is_drained(None)
        return code

    def close(self) -> None:
        """Closes the recording and the run's terminal; the run and the file stay."""
        if self._file.closed:
            return
        self._file.close()
        self._terminal.close()
        self._let_go()
        os.close(self._status)
        self._drained = True
        self._recorder.poll()


def _start_recorder(recording: int) -> tuple[int, int, int, subprocess.Popen[bytes]]:
    """Starts it: the output's writing end, the control pipe's, the status pipe's reading end; closes `recording`."""
    source, output = os.pipe()
    control, ours = os.pipe()
    status, theirs = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        # What several workers write at once stays whole while there is room, whatever its size.
        with contextlib.suppress(OSError):
            fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, PIPE)
    folders = [tempfile.gettempdir(), "/var/tmp", "/dev/shm"]  # noqa: S108 (a folder of its own is made there)
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", recorder.__file__, str(recording), str(control), *folders],
            stdin=source,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            pass_fds=(recording, control),
            start_new_session=True,
        )
    except OSError as error:
        for descriptor in (output, ours, status):
            os.close(descriptor)
        raise SourceError(f"{sys.executable}: cannot start the recorder ({error.strerror})") from error
    finally:
        for descriptor in (source, control, theirs, recording):
            os.close(descriptor)
    return output, ours, status, process


def _cannot_run(program: str, error: OSError) -> LaunchError:
    if error.errno == errno.ENOEXEC:
        reason = "is no program that this system can run; a script needs #! in its first line"
    elif error.errno == errno.ENOENT:
        reason = "cannot be run: the interpreter in its first line does not exist"
    elif error.errno == errno.E2BIG:
        reason = "cannot be run: its arguments and environment are too long"
    else:
        reason = f"cannot be run ({error.strerror})"
    return LaunchError(f"{program} {reason}", Exit.NOT_EXECUTABLE)


__all__ = ["LaunchError", "LaunchedRun", "RefusedError", "find_program"]
