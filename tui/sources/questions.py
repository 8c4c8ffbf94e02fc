"""What a run asks on its terminal, told from outside: from what it wrote, how the terminal is set, and who reads.

A run's output goes to its recording, so its terminal carries little else than questions (seen in ansible-core 2.13 to
2.19, OpenSSH 9.2, sudo 1.9):

* getpass (`-k`, `-K`, vault, private `vars_prompt`), ssh and sudo write to /dev/tty and read from there, passwords with
  the echo off;
* `--step` and other `vars_prompt` use `input()`: the prompt is the unfinished last line of the output, the answer is
  read from standard input;
* `pause` writes its prompt as a line of output, and takes single keys from a terminal that is set to raw.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

KEPT = 4096
"""Bytes of the terminal's and of the recording's end that are looked at."""

LINES = 16
"""Lines of them that a question shows at most."""

QUIET = 0.05
"""Seconds without a byte, after which text on the terminal is a question and no burst."""

LOG_QUIET = 0.1
"""The same of an unfinished line of output."""

LONG_QUIET = 0.5
"""The same where less speaks for a question."""

_DEBUG = re.compile(rb"^ {0,6}\d{1,10} \d{9,11}\.\d{5}[: ]")
# The last two are pause's: it clears the line with `ESC [ CR ESC [ ESC [ K` (`clear_line`).
_CONTROL = re.compile(rb"\x1b\[[0-9;?]{0,20}[A-Za-z]|\x1b\[(?=[\r\x1b]|$)|\r")
_RETURN = re.compile(rb"(?<!\x1b\[)(?<!\n)\r(?![\r\n\x1b])")
"""ssh goes to the beginning of the line before it asks, where another ssh may just have asked."""
_HEADING = (b"TASK [", b"PLAY [", b"HANDLER [", b"task path: ")
_PROMPT_END = (b": ", b":", b"? ", b"?", b"> ", b"]", b"] ")


class Mode(NamedTuple):
    """How a terminal is set."""

    echo: bool
    canonical: bool


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the run waits for."""

    text: str
    """What it said, a line or several; not made showable."""
    secret: bool
    """The terminal's echo is off: what is typed must not be seen."""
    keys: bool
    """Single keys are read, as they are pressed."""
    serial: int
    """Another number is another question."""
    readers: int = 1
    """Processes that wait for it, as far as is known; one of them gets the answer."""


@dataclass(frozen=True, slots=True)
class Output:
    """The recording, as far as a question may be in it."""

    size: int
    tail: Callable[[], bytes]


class Asker:
    """Finds the question. It is told what the terminal carries, and asked every few hundredths of a second.

    `reads` says how many processes of the run wait in a read of the terminal; None where the system does not tell.
    """

    def __init__(self, reads: Callable[[], int | None], now: float) -> None:
        self._reads = reads
        self._text = b""
        self._said = 0
        self._said_at = now
        self._echo = b""
        self._answer_at = now
        self._log_size = 0
        self._log_at = now
        self._mode: Mode | None = None
        self._mode_at = now
        self._answered: tuple[float, Mode, int, int] | None = None
        self._serial = 0
        self._last: tuple[str, bool, bool] | None = None
        self._shared: tuple[str, bool] | None = None
        """The words and secrecy of a question of several processes, after one of them got its answer."""

    def said(self, data: bytes, now: float) -> None:
        """The terminal carried `data`; the echo of an answer is taken out."""
        while self._echo and data:
            if data[:1] == b"^" and (self._echo[0] < 32 or self._echo[0] == 127):
                # A terminal shows a control character as two (ECHOCTL): enter, where keys are read, comes as `^M`.
                data, self._echo = data[1:], bytes([self._echo[0] ^ 64]) + self._echo[1:]
                continue
            if data[:1] != self._echo[:1]:
                self._echo = b""
                break
            data, self._echo = data[1:], self._echo[1:]
        if data:
            self._said += len(data)
            self._text = (self._text + data)[-KEPT:]
            self._said_at = now

    def answered(self, data: bytes, mode: Mode, now: float) -> None:
        """`data` is about to be sent to the run, with the terminal set like `mode`."""
        if mode.echo:
            self._echo += data.replace(b"\n", b"\r\n")
        self._answer_at = now
        if mode.canonical:
            if (self._reads() or 0) < 2:
                self._shared = None
            elif self._last is not None and self._text:
                self._shared = self._last[:2]
            self._text = b""
            self._answered = now, mode, self._said, self._log_size
            self._last = None

    def look(self, mode: Mode, output: Output, now: float) -> Question | None:
        """What is asked now."""
        if output.size != self._log_size:
            self._log_size, self._log_at = output.size, now
        if mode != self._mode:
            self._mode, self._mode_at = mode, now
        if self._waits_for_effect(mode, now):
            return None
        self._answered = None
        asked = self._asked(mode, output, now)
        if asked is None:
            self._last = None
            return None
        found = (*asked, not mode.canonical)
        if found != self._last:
            self._serial += 1
            self._last = found
        return Question(*found, self._serial, self._reads() or 1)

    def _waits_for_effect(self, mode: Mode, now: float) -> bool:
        """Whether an answer was given, and nothing shows yet that it was taken."""
        if self._answered is None:
            return False
        then, *state = self._answered
        if state != [mode, self._said, self._log_size]:
            return False
        return now - then < LONG_QUIET or not self._reads()

    def _asked(self, mode: Mode, output: Output, now: float) -> tuple[str, bool] | None:
        """The question's words, and whether its answer is a secret."""
        quiet, log_quiet = now - self._said_at, now - self._log_at
        if not mode.canonical:
            self._text = b""  # the echo of keys
            if log_quiet < QUIET:
                return (self._last[0], not mode.echo) if self._last else None
            return last_words(output.tail()), not mode.echo
        if self._shared is not None and not self._text.strip():
            # The others have asked long ago, whatever the run writes meanwhile; and whoever got its answer has switched
            # the echo on for all: their secret stays one.
            if self._reads():
                # Until they all are back in their read, one of them could take letters of the other's answer.
                return self._shared if now - self._answer_at >= LOG_QUIET else None
            self._shared = None
        pending = _CONTROL.sub(b"", self._text.rpartition(b"\n")[2]).strip()
        if not mode.echo:
            asks = quiet >= QUIET if self._text.strip() else min(quiet, now - self._mode_at) >= LONG_QUIET
            return (last_words(self._text), True) if asks else None
        if pending and quiet >= QUIET and (self._reads() != 0 or quiet >= 2 * LONG_QUIET):
            return last_words(self._text), False
        quiet = min(quiet, log_quiet)
        return self._in_silence(quiet, output.tail()) if quiet >= LOG_QUIET else None

    def _in_silence(self, quiet: float, tail: bytes) -> tuple[str, bool] | None:
        unfinished = tail.rpartition(b"\n")[2]
        if not unfinished and quiet < LONG_QUIET:
            return None
        reads = self._reads()
        if reads or (reads is None and unfinished.endswith(_PROMPT_END) and quiet >= LONG_QUIET):
            return last_words(unfinished or tail), False
        return None


def last_words(tail: bytes) -> str:
    """The last paragraph of `tail` without Ansible's debug lines: what a question consists of."""
    lines: list[bytes] = []
    if len(tail) >= KEPT:
        tail = (
            tail[tail.find(b"\n") + 1 :] or tail
        )  # the first line may be the end of one: no debug line is known by it
    for raw in reversed(_CONTROL.sub(b"", _RETURN.sub(b"\n", tail)).rstrip(b"\n").split(b"\n")):
        line = raw.rstrip()
        if _DEBUG.match(line):
            continue
        if line.startswith(_HEADING) or (lines and not line) or len(lines) == LINES:
            break
        if line and line not in lines[-1:]:
            lines.append(line)
    return b"\n".join(reversed(lines)).decode("utf-8", "replace")
