"""A command on a pseudo-terminal of its own, with its output elsewhere.

Standard input and /dev/tty are the terminal; standard output and error are a descriptor that the caller gives. So the
output stays as it was written (no CR LF, no width, no echo of what is typed), and Ansible, which makes standard input
non-blocking while it waits for a key (`Display._read_non_blocking_stdin`, from ansible-core 2.15 on), does not do so to
its output, as it would where all three are one terminal.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ptyprocess import PtyProcess

from tui.sources.base import SourceError
from tui.sources.questions import Asker, Mode, Output, Question

SIZE = (24, 80)
"""Rows and columns until the screen says otherwise."""

_FAMILY = 64
"""Processes that are looked at for a reader of the terminal."""

_READ = {"x86_64": b"0", "aarch64": b"63", "i686": b"3", "ppc64le": b"3", "s390x": b"3", "riscv64": b"63"}
"""read()'s number among Linux's system calls, as /proc/PID/syscall writes it."""

_PATIENCE = 0.2
"""Seconds that one reader gets to take its line."""

_READS_EVERY = 0.25
"""Seconds between two looks at the processes: with many workers one takes some milliseconds."""


class _Spawned(PtyProcess):  # type: ignore[misc]
    """ptyprocess ends the process of an object that is forgotten; a run may outlive the screen."""

    kept = False

    def __del__(self) -> None:
        if not self.kept:
            super().__del__()


class Terminal:
    """A started command and the terminal's other side, which a thread reads so that the command never waits for it.

    The command ignores SIGHUP, as under nohup: when the screen goes, its terminal goes too, and the command does not.
    """

    def __init__(
        self, program: str, argv: Sequence[str], environ: Mapping[str, str], cwd: Path | None, output: int
    ) -> None:
        """Starts `program` with `argv[1:]`; OSError where the system refuses."""

        def prepare() -> None:
            # In the child. What ptyprocess would do unguarded or not at all.
            if cwd is not None:
                os.chdir(cwd)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.close(output)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            # Who was started in the background ignores SIGINT; ctrl+c must reach the command all the same.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            # Python ignores these two; programs expect them as they are.
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)

        try:
            self._process = _Spawned.spawn(
                [program, *argv[1:]], env=dict(environ), preexec_fn=prepare, dimensions=SIZE, pass_fds=(output,)
            )
        except OSError as error:
            # It comes with its number, and without the words for it.
            raise OSError(error.errno, os.strerror(error.errno or 0)) from error
        self._process.kept = True
        self.pid: int = self._process.pid
        self._fd: int = self._process.fd
        os.set_blocking(self._fd, False)
        self._code: int | None = None
        # A signal's handler may end the run while this very thread asks how it is.
        self._lock = threading.RLock()
        self._asker = Asker(self._reads, time.monotonic())
        self._asking = threading.Lock()
        self._read_at = 0.0
        self._read_was: int | None = None
        self._name = _link(self.pid, 0)
        self._closed = threading.Event()
        self._reader = threading.Thread(target=self._listen, name="terminal", daemon=True)
        self._reader.start()

    def poll(self) -> int | None:
        """The exit code (negative: ended by that signal), or None while it runs."""
        with self._lock:
            if self._code is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self._code = os.waitstatus_to_exitcode(status)
            return self._code

    # What it says

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                ready, _, _ = select.select([self._fd], [], [], 0.2)
                data = os.read(self._fd, 65536) if ready else b""
            except BlockingIOError:
                continue
            except (OSError, ValueError):
                # Linux says EIO while nobody holds the other side; somebody may open it again.
                if self.poll() is not None:
                    return
                self._closed.wait(0.05)
                continue
            if data:
                with self._asking:
                    self._asker.said(data, time.monotonic())
            elif self.poll() is not None:
                return

    def question(self, output: Output) -> Question | None:
        """What the run waits for, if it does; cheap enough to be asked twenty times a second."""
        mode = self.mode()
        if mode is None or self.poll() is not None:
            return None
        with self._asking:
            return self._asker.look(mode, output, time.monotonic())

    def mode(self) -> Mode | None:
        """How the terminal is set; None when it is closed."""
        try:
            local = termios.tcgetattr(self._fd)[3]
        except (termios.error, ValueError, OSError):
            return None
        return Mode(echo=bool(local & termios.ECHO), canonical=bool(local & termios.ICANON))

    def _reads(self) -> int | None:
        """How many processes of the run wait in a read of the terminal; None where /proc does not say."""
        now = time.monotonic()
        if now - self._read_at >= _READS_EVERY:
            found = _readers(self.pid, self._name)
            self._read_at, self._read_was = now, None if found is None else len(found)
        return self._read_was

    # What is said to it

    def answer(self, text: str) -> None:
        """Sends a line, to one process where several wait for one. SourceError when the run takes none."""
        # Where lines are edited, a line feed ends them; a program that reads keys wants the one that Enter has.
        mode = self.mode()
        with self._one_reader():
            self._send(text.encode() + (b"\n" if mode is None or mode.canonical else b"\r"))

    def _unread(self) -> int:
        """Bytes of finished lines that nobody has read yet."""
        try:
            side = os.open(self._name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:
            return 0
        try:
            return int(struct.unpack("i", fcntl.ioctl(side, termios.FIONREAD, b"\0" * 4))[0])
        finally:
            os.close(side)

    @contextlib.contextmanager
    def _one_reader(self) -> Iterator[None]:
        """Stops all readers but one until that one has its line.

        ssh reads a line letter by letter, so that several of them (one per host, up to ansible-core 2.18) would share
        its letters, and each find its answer wrong.
        """
        readers = _readers(self.pid, self._name)
        # Counted before they are stopped, for the question that is left to the others.
        self._read_at, self._read_was = time.monotonic(), None if readers is None else len(readers)
        first, *others = readers or [0]
        for pid in others:
            _signal(pid, signal.SIGSTOP)
        try:
            # A signal is no order: until it has stopped, a reader still takes what comes.
            _until(lambda: all(_state(pid) not in (b"S", b"R", b"D") for pid in others))
            yield
            # What was sent takes a while to come to the other side: nothing to read there is not yet a line taken.
            _until(lambda: not others or not (self._unread() or _waits(first, self._name)))
        finally:
            for pid in others:
                _signal(pid, signal.SIGCONT)

    def press(self, text: str) -> None:
        """Sends what a key gives. SourceError when the run takes none."""
        self._send(text.encode())

    def end_input(self) -> None:
        """Says that nothing will come (ctrl+d): the program reads an end of file, if it reads lines."""
        self._send(self._character(termios.VEOF, b"\x04"))

    def erase(self) -> None:
        """Sends the key that takes back the last one."""
        self._send(self._character(termios.VERASE, b"\x7f"))

    def interrupt(self) -> None:
        """Ctrl-C: SIGINT to the foreground processes, or the key itself where a program reads keys (`pause`)."""
        try:
            self._send(self._character(termios.VINTR, b"\x03"))
        except SourceError:
            with contextlib.suppress(OSError):
                os.killpg(os.tcgetpgrp(self._fd), signal.SIGINT)

    def resize(self, rows: int, columns: int) -> None:
        """Tells the run the size of the screen (SIGWINCH comes with it)."""
        with contextlib.suppress(OSError, ValueError, termios.error):
            self._process.setwinsize(rows, columns)

    def _character(self, which: int, usual: bytes) -> bytes:
        try:
            found = termios.tcgetattr(self._fd)[6][which]
        except (termios.error, ValueError, OSError):
            return usual
        return found if isinstance(found, bytes) and found != b"\0" else usual

    def _send(self, data: bytes) -> None:
        mode = self.mode()
        if mode is None:
            raise SourceError("the run has no terminal any more")
        with self._asking:
            self._asker.answered(data, mode, time.monotonic())
        try:
            sent = os.write(self._fd, data)
        except OSError as error:
            raise SourceError(f"the run takes no input ({error.strerror})") from error
        if sent < len(data):
            raise SourceError(f"the run took {sent} of {len(data)} bytes: its terminal holds no more")

    def close(self) -> None:
        """Gives the terminal back. A run that goes on has none then: what it asks later gets no answer."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._reader.join()
        self._process.fileobj.close()


def _until(over: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not over() and time.monotonic() < deadline:
        time.sleep(0.002)


def _state(pid: int) -> bytes:
    """A process's state as /proc/PID/stat has it (T is stopped); empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1]
    except OSError:
        return b""


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _readers(leader: int, terminal: str) -> list[int] | None:
    """The processes of the run that wait in a read of the terminal; None where /proc does not say."""
    if platform.machine() not in _READ or not terminal or not Path("/proc/self/syscall").exists():
        return None
    found = []
    todo = [leader]
    told = False
    for pid in todo:
        waits = _waits(pid, terminal)
        if waits is None:
            continue
        told = True
        if waits:
            found.append(pid)
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_bytes().split()
            todo.extend(int(child) for child in children[: _FAMILY - len(todo)])
    return found if told else None


def _waits(pid: int, terminal: str) -> bool | None:
    """Whether a process waits in a read of the terminal; None where it has ended, or is not ours to look at."""
    try:
        call = Path(f"/proc/{pid}/syscall").read_bytes().split()
        controlling = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()[4]
    except OSError:
        return None
    if len(call) < 2 or call[0] != _READ[platform.machine()]:
        return False
    # A terminal of its own, as under sshpass, is another's business, though it is /dev/tty too.
    return _same_device(controlling, terminal) and _link(pid, int(call[1], 16)) in ("/dev/tty", terminal)


def _same_device(number: bytes, path: str) -> bool:
    device = os.stat(path).st_rdev  # noqa: PTH116
    # As /proc/PID/stat packs it: the minor's low byte, the major, the rest of the minor.
    minor = os.minor(device)
    return int(number) == (minor & 0xFF) | os.major(device) << 8 | (minor & ~0xFF) << 12


def _link(pid: int, descriptor: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/fd/{descriptor}")  # noqa: PTH115
    except OSError:
        return ""
