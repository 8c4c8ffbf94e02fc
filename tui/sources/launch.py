"""A run that this program starts: recorded into a file, read from that file like any other log."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import stat
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tui.exits import Exit
from tui.sources.base import BLOCK, SourceError
from tui.sources.plan import Plan, RefusedError, plan_launch
from tui.sources.private import new_recording, state_folder
from tui.sources.processes import end_family
from tui.stamp import stamped


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
    """A command in a session of its own, its output going straight into a private file.

    Both its streams are that file, so nothing that happens to the screen can lose a byte or block the run, and Ansible
    gets the blocking descriptors that it insists on (`ansible.cli.check_blocking_io`). Standard input is empty.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str] | None = None,
        *,
        cwd: Path | None = None,
        stamp: bool = True,
    ) -> None:
        """Starts `command` (at least its name) in `cwd`, by default this process's environment and folder.

        With `stamp`, Ansible's debug lines name their host (`tui.stamp`).
        LaunchError, RefusedError or SourceError before anything has run.
        """
        environ = os.environ if environ is None else environ
        program = find_program(command[0] if command else "", environ)
        self.plan: Plan = plan_launch(command, environ)
        if stamp:
            self.plan.environ.update(stamped(self.plan.environ, cwd or Path.cwd()))
        self.name = shlex.join(command)
        self._path, recording = new_recording(
            state_folder(environ), f"{time.strftime('%Y%m%d-%H%M%S')}-{self.plan.label}"
        )
        try:
            self._process = subprocess.Popen(
                self.plan.argv,
                executable=program,
                env=self.plan.environ,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=recording,
                stderr=recording,
                start_new_session=True,
            )
        except OSError as error:
            self._path.unlink(missing_ok=True)
            raise _cannot_run(program, error) from error
        finally:
            os.close(recording)
        self._started = time.monotonic()
        self._ended: float | None = None
        self._left = False
        self._file = self._path.open("rb", buffering=0)
        self._offset = 0

    @property
    def path(self) -> Path:
        """The recording; it stays."""
        return self._path

    @property
    def command(self) -> tuple[str, ...]:
        """The command as it was started, with the v's that were added."""
        return self.plan.argv

    @property
    def pid(self) -> int:
        """The command's process, which leads its session."""
        return self._process.pid

    @property
    def notes(self) -> list[str]:
        """What the user should know of how it was started."""
        return list(self.plan.notes)

    @property
    def live(self) -> bool:
        """Whether the command runs, or wrote something that was not read yet.

        The end of the command is the end of the run: a ControlPersist master that it leaves behind is not waited for.
        """
        return self.poll() is None or self._offset < self.size

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
        try:
            block = self._file.read(BLOCK) or b""
        except OSError as error:
            raise SourceError(f"{self._path}: cannot be read any further ({error.strerror})") from error
        self._offset += len(block)
        return block

    def poll(self) -> int | None:
        """The exit code (negative: ended by that signal), or None while it runs."""
        code = self._process.poll()
        if code is not None and self._ended is None:
            self._ended = time.monotonic()
        return code

    def stop(self) -> None:
        """Ends the command and all that it started; takes up to 4 s, so call it off the screen's thread."""
        if self.poll() is None:
            end_family(self._process)
            self.poll()

    @property
    def left(self) -> bool:
        """Whether the run was left to itself."""
        return self._left

    def leave(self) -> None:
        """Lets the run go on by itself: it has its own session and its own file, so nothing needs to be done."""
        self._left = True

    def wait(self) -> int:
        """Waits for the end of the command; its exit code as `poll` gives it."""
        self._process.wait()
        return self.poll() or 0

    def close(self) -> None:
        """Closes the recording; the run and the file stay."""
        self._file.close()


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
