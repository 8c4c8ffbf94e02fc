"""The kept sessions: a recording and a small file about it, each.

Beside `NAME.log` stands `NAME.json`: the command (secrets hidden), the folder, the start, and, once it is over, the
end and the exit code. A recording that is still written is locked (`flock`) by whoever writes it, its recorder, so that
neither a second program nor a crash of the first makes a guess about process numbers: what is locked is never removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parsers.redact import redact
from tui.sources.base import SourceError

_ABOUT = 64 << 10
"""Bytes of a file about a session that are read."""

_YOUNG = 60.0
"""Seconds for which an empty recording without a file about it may be one that is just being made."""


class SessionError(SourceError):
    """A session that is not there, or cannot be removed; the message says what to do."""


class Recording:
    """The file about a session of this process's own."""

    def __init__(self, log: Path, descriptor: int, command: Sequence[str], folder: Path) -> None:
        """Locks the open recording `descriptor` (the lock goes with it to the recorder) and writes the file about it.

        A disk that is full, or a file system without locks, must not stop the run: what is not known is then missing
        in the list.
        """
        self._path = log.with_suffix(".json")
        self._about: dict[str, Any] = {
            "version": 1,
            "command": redact(shlex.join(command)),
            "folder": str(folder),
            "started": time.time(),
            "ended": None,
            "exit": None,
        }
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._write()

    def ended(self, code: int) -> None:
        """The command has ended; `code` is negative for a signal. Only the first call counts."""
        if self._about["ended"] is None:
            self._about.update(ended=time.time(), exit=code)
            self._write()

    def forget(self) -> None:
        """The command could not be started: there is nothing to tell."""
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        new = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(self._about, file)
            new.replace(self._path)  # whoever reads sees the old text or the new one
        except OSError:
            new.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Session:
    """One kept session."""

    id: str
    log: Path
    size: int
    """Bytes."""
    command: str
    """As it was started, secrets hidden; empty where nothing is known of it."""
    started: float
    """Seconds since the epoch."""
    ended: float | None
    exit: int | None
    """None while it runs, and where the screen had gone before it ended."""
    running: bool
    """Whether its recording is still being written."""

    @property
    def state(self) -> str:
        """How it stands, in a few words."""
        if self.ended is None:
            return "running" if self.running else "ended"
        return f"signal {-self.exit}" if self.exit is not None and self.exit < 0 else f"exit {self.exit}"


def sessions(folder: Path) -> list[Session]:
    """Every session in `folder`, the newest first; none where there is no such folder. SourceError if unreadable."""
    try:
        entries = [entry for entry in os.scandir(folder) if entry.name.endswith(".log")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SourceError(f"{folder}: cannot be read ({error.strerror})") from error
    found = [session for entry in entries if (session := _session(Path(entry.path))) is not None]
    return sorted(found, key=lambda session: (session.started, session.id), reverse=True)


def _session(log: Path) -> Session | None:
    try:
        state = log.lstat()
    except OSError:
        return None  # removed just now
    if not stat.S_ISREG(state.st_mode):
        return None
    about = _about(log.with_suffix(".json"))
    started, ended, code = about.get("started"), about.get("ended"), about.get("exit")
    command = about.get("command")
    return Session(
        log.stem,
        log,
        state.st_size,
        command if isinstance(command, str) else "",
        float(started) if isinstance(started, int | float) else state.st_mtime,
        float(ended) if isinstance(ended, int | float) else None,
        code if isinstance(code, int) else None,
        _is_locked(log),
    )


def _about(path: Path) -> dict[str, Any]:
    """What the file about a session says; nothing where there is none, or not one of ours."""
    try:
        with path.open("rb") as file:
            about = json.loads(file.read(_ABOUT))
    except (OSError, ValueError, RecursionError):
        return {}
    return about if isinstance(about, dict) else {}


@contextlib.contextmanager
def _locked(log: Path) -> Iterator[bool]:
    """Holds the recording's lock; False where its recorder has it."""
    descriptor = os.open(log, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)


def _is_locked(log: Path) -> bool:
    try:
        with _locked(log) as free:
            return not free
    except OSError:
        return False


def choose(folder: Path, wanted: str) -> Session:
    """The session called `wanted`: its id, the beginning of one only, or `last`. SessionError if there is none."""
    found = sessions(folder)
    if wanted == "last" and found:
        return found[0]
    exact = [session for session in found if session.id == wanted]
    fitting = exact or [session for session in found if wanted and session.id.startswith(wanted)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(session.id for session in fitting[:3])
        raise SessionError(f"{len(fitting)} sessions begin with {wanted} ({names} …); give more of the name")
    raise SessionError(f"there is no session {wanted}; sshdebug-tui sessions lists them")


def remove(session: Session) -> None:
    """Removes a session's files; SessionError if it is still recorded or cannot be removed."""
    try:
        with _locked(session.log) as free:
            if not free:
                raise SessionError(f"{session.id} is still running: end it first")
            if not session.size and not session.command and time.time() - session.log.stat().st_mtime < _YOUNG:
                raise SessionError(f"{session.id} has just been made: try again in a minute")
            session.log.unlink()
            session.log.with_suffix(".json").unlink(missing_ok=True)
    except FileNotFoundError:
        return  # somebody else removed it
    except OSError as error:
        raise SessionError(f"{session.log}: cannot be removed ({error.strerror})") from error


def prune(folder: Path, keep: int) -> tuple[list[Session], list[str]]:
    """Removes all but the `keep` newest sessions; those removed, and sentences on those that could not be."""
    removed, kept = [], []
    for session in sessions(folder)[keep:]:
        try:
            remove(session)
        except SessionError as error:
            kept.append(str(error))
        else:
            removed.append(session)
    return removed, kept
