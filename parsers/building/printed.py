"""A result as a callback prints it below its line, JSON or YAML: what of it says why something failed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from parsers.building import wrapped
from parsers.lines import yaml_form
from parsers.model import Place, Result
from parsers.workers.worker import stderr_sum

_LIMIT = 4 << 20
"""Bytes of one result that are read for its message."""

_MESSAGE = 8000
"""Characters of a text of a result that are kept, from its end."""

_HALF = re.compile("[\ud800-\udc7f\udd00-\udfff]")

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)

_MESSAGE_KEYS = (b'    "msg": ', b'    "censored": ', b"  msg: ", b"    msg: ")
"""Beginnings of the line that holds a result's message: in JSON, and in the YAML of two callbacks."""
_STDOUT_KEYS = (b'    "module_stdout": ', b'    "stdout": ', b"  module_stdout: ", b"  stdout: ")
_STDERR_KEYS = (b'    "module_stderr": ', b'    "stderr": ', b"  module_stderr: ", b"  stderr: ")
"""And of those that hold what the module printed."""


@dataclass(slots=True)
class PrintedResult:
    """The lines of one result, until it is over."""

    result: Result
    broke: bool
    """Whether it says why something failed: its words go to the result."""
    keep: bool = False
    """Whether what it says is wanted all the same; else only where it ends."""
    lines: list[bytes] = field(default_factory=list)
    size: int = 0
    message: str = ""
    """All of its message."""
    broken: bool = False
    """Whether its JSON goes over the end of the line on which Ansible writes it whole."""
    strays: int = 0
    """Lines taken that do not begin as a result's do."""
    document: dict[str, object] = field(default_factory=dict)
    """What it says, once it is over."""

    def line(self, body: bytes, place: Place) -> bool:
        """Adds a line; whether it was the last one."""
        body = body[:-1] if body.endswith(b"\r") else body
        if not self.size:
            self.broken = self.broke and wrapped.begins_broken(body)
        self.size += len(body)
        if (self.broke or self.keep) and self.size <= _LIMIT:
            self.lines.append(body)
        self.result.last_line = place.line
        if self.result.message_place is None and body.startswith(_MESSAGE_KEYS):
            self.result.message_place = place
        elif body.startswith(_STDOUT_KEYS):
            self.result.stdout_place = place
        elif body.startswith(_STDERR_KEYS):
            self.result.stderr_place = place
        if self.broken:
            if len(self.lines) > wrapped.MOST_ROWS or self.size > wrapped.MOST_BYTES:
                return True
            return body.rstrip().endswith(b"}") and self._whole()
        return body[:1] in (b"}", b"]") or (self.size == len(body) > 1 and body[:1] == b"{" and body.endswith(b"}"))

    @property
    def in_lines(self) -> bool:
        """Whether it is JSON, a line a value."""
        return self.lines[:1] == [b"{"]

    def stray(self) -> bool:
        """Whether a line that begins as none of a result's own may be a part of it all the same: of a failure's JSON
        that a paste has wrapped, or taken the blanks from."""
        self.strays += 1
        return self.broke and b"".join(self.lines[:1])[:1] == b"{" and self.strays <= wrapped.MOST_ROWS

    def _whole(self) -> bool:
        """Whether a bracket that closes has come for each that opens, but for those in strings."""
        text = _STRINGS.sub(b"", b" ".join(self.lines))
        return text.count(b"{") <= text.count(b"}")

    def close(self) -> None:
        """Nothing more of it comes: its words go to the result."""
        if not self.lines:
            return
        try:
            document = json.loads(b"\n".join(self.lines).decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            document = wrapped.parse(self.lines) or yaml_form.parse(self.lines)
        if not isinstance(document, dict):
            return
        self.document = document
        if self.broke:
            document = _inner(document)
            result = self.result
            message = document.get("msg") or document.get("reason") or document.get("censored")
            if isinstance(message, str):
                self.message = _as_bytes_are(message)
                result.quoted = _quoted_sum(self.message)
            result.message = _string(message)
            result.message_place = result.message_place or result.place
            result.module_stdout = _string(document.get("module_stdout", document.get("stdout")))
            result.module_stderr = _string(document.get("module_stderr", document.get("stderr")))
            result.failed_when = document.get("failed_when_result") is True
            rc = document.get("rc")
            result.rc = rc if isinstance(rc, int) else None


@dataclass(slots=True)
class PrintedBelow:
    """The lines below `web1 | FAILED | rc=1 >>` (callback minimal, 2.0-2.21): stdout, stderr, and the message last."""

    result: Result
    over: bool = False

    def line(self, body: bytes, place: Place) -> None:
        """Adds a line of them, up to what may be Ansible's own word on the next host (2.19 and later: `[ERROR]: …`)."""
        result, text = self.result, body.rstrip(b"\r").decode("utf-8", "surrogateescape")
        self.over = self.over or body.startswith((b"[ERROR]: ", b"[WARNING]: ", b"ERROR! "))
        if not text or self.over or result.word != "failed":
            return
        result.last_line = place.line
        if result.message and len(result.module_stdout) < _MESSAGE:
            result.stdout_place = result.stdout_place or result.message_place
            result.module_stdout += f"{result.message}\n"
        result.message, result.message_place = _string(text), place


_BLOCKS = {b"MSG:", b"STDOUT:", b"STDERR:", b"MODULE_STDOUT:", b"MODULE_STDERR:"}


@dataclass(slots=True)
class PrintedBlocks:
    """What the callback debug (Ansible 2.2-2.9, ansible.posix 1.0-2.0) prints below a result's JSON: `MSG:`, a blank
    line, the text as it is."""

    result: Result
    heading: bytes = b""
    blank: bool = True
    """Whether the line before is empty: so is the one before a heading."""

    def line(self, body: bytes, place: Place) -> bool:
        """Adds a line; whether it is one of theirs."""
        body = body.rstrip(b"\r")
        result, heads = self.result, self.blank and body in _BLOCKS
        self.blank = not body
        if heads:
            self.heading = body
        elif self.heading and body:
            result.last_line = place.line
            text = f"{_string(body.decode('utf-8', 'surrogateescape'))}\n"
            if self.heading == b"MSG:" and len(result.message) < _MESSAGE:
                result.message_place = place if not result.message else result.message_place
                result.message += text
            elif self.heading.endswith(b"STDOUT:") and len(result.module_stdout) < _MESSAGE:
                result.stdout_place = place if not result.module_stdout else result.stdout_place
                result.module_stdout += text
            elif self.heading.endswith(b"STDERR:") and len(result.module_stderr) < _MESSAGE:
                result.stderr_place = place if not result.module_stderr else result.stderr_place
                result.module_stderr += text
        return bool(self.heading) or not body


def printed_line(result: Result, output: bytes) -> None:
    """The same of the callback oneline: `(stdout) TEXT (stderr) TEXT`, which has no message."""
    text = _string(output.decode("utf-8", "surrogateescape").replace("\\n", "\n"))
    out, found, err = text.partition(" (stderr) ")
    result.module_stdout = out.removeprefix("(stdout) ")
    result.module_stderr = err if found else ""


def say(result: Result, message: bytes) -> None:
    """Gives a result the message that stands on its own line; its first line, where ssh's debug text follows."""
    text = message.rstrip(b"\r").decode("utf-8", "surrogateescape")
    result.message, result.message_place = _string(text), result.place
    result.quoted = None if "OpenSSH_" in text else _quoted_sum(text)


def _inner(document: dict[str, object]) -> dict[str, object]:
    """The result that says what broke: where gathering facts failed, that of the first module that did (2.8 on)."""
    modules = document.get("failed_modules")
    if isinstance(modules, dict):
        return next((inner for inner in modules.values() if isinstance(inner, dict)), document)
    return document


def _string(value: object) -> str:
    """A result's text without ssh's debug lines (they would push the deciding line out), cut from its end."""
    if not isinstance(value, str):
        return ""
    value = _as_bytes_are(value)
    if "debug" in value:
        lines = value.split("\n")
        value = "\n".join(line for line in lines if not (line[:5] == "debug" and line[6:8] == ": "))
    return value[-_MESSAGE:]


def _as_bytes_are(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON can hold and no log can be written with.

    Those that stand for a byte that is no UTF-8 (`surrogateescape`, PEP 383) stay.
    """
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def _quoted_sum(message: str) -> int | None:
    """Checksum of what `Failed to connect to the host via ssh: …` quotes: the command's stderr, word for word."""
    _, found, quoted = message.partition("Failed to connect to the host via ")
    if not found:
        return None
    return stderr_sum(quoted.partition(": ")[2].encode("utf-8", "surrogateescape"))
