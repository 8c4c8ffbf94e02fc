"""Python literals of a log, decoded to bytes exactly, never evaluated.

Ansible prints `<X> (rc, stdout, stderr)` with `repr()` of the three (plugins/connection/ssh.py, `_ssh_retry`, 2.3 to
2.19): `(0, b'/home/deploy\\n', b"OpenSSH_9.2p1 …")`. A Python 2 controller prints `''` and `u''` instead of `b''`.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

# Only the escapes that repr writes. Possessive: no way back is remembered, so time is linear and memory constant,
# whatever a hostile line holds.
_BYTES = rb"\\(?:[\\'\"nrt]|x[0-9a-f]{2})"
_UNICODE = rb"\\(?:[\\'\"nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})"
_BODY = {
    (unicode, quote): re.compile(rb"[^%b\\]*+(?:%b[^%b\\]*+)*+%b" % (quote, escape, quote, quote))
    for unicode, escape in ((False, _BYTES), (True, _UNICODE))
    for quote in (b"'", b'"')
}
_RC = re.compile(rb"\((-?\d{1,10}), ")


_NOT_COMPARED = b"\r?" + bytes(range(128, 256))


def comparable(raw: bytes) -> bytes:
    """A chunk's text or a tuple's bytes, as the two can be compared: without CR, `?`, and what is not ASCII.

    Ansible prints a chunk as text: bytes that are no UTF-8 (half a character at a chunk's edge is that) as one `?` for
    as many as stand together, or in older versions as U+FFFD; the tuple has the bytes (ansible-core 2.13-2.21). CR LF
    is LF from 2.19 on. What is left of two parts, joined, is what is left of the whole.
    """
    return raw.translate(None, _NOT_COMPARED)


class NotWholeError(ValueError):
    """A Python literal that the log cuts short; the message says where."""


class CommandTuple(NamedTuple):
    """What a command ended with: its exit status and the bytes of both pipes."""

    rc: int
    stdout: bytes
    stderr: bytes

    @property
    def quoted(self) -> bytes:
        """How `_low_level_execute_command() done: rc=N, stdout=…` prints it behind `stdout=` (2.0-2.19)."""
        return self.stdout + b", stderr=" + self.stderr

    @property
    def quoted_head(self) -> bytes:
        """The first line of `quoted`, which stands in the debug line itself."""
        return self.quoted.partition(b"\n")[0].rstrip(b"\r")


def decode_literal(buffer: bytes, start: int) -> tuple[bytes, int]:
    """Decodes the string literal that begins at `start`; returns its bytes and the offset behind it.

    A `u''` literal (or an unprefixed one with non-ASCII text) gives UTF-8. NotWholeError where no whole literal is.
    """
    position = start
    prefix = buffer[position : position + 1]
    if prefix in (b"b", b"u"):
        position += 1
    else:
        prefix = b""
    body = _BODY.get((prefix == b"u", buffer[position : position + 1]))
    match = body.match(buffer, position + 1) if body is not None else None
    if match is None:
        raise NotWholeError(f"no whole string literal at byte {start}")
    raw = buffer[position + 1 : match.end() - 1]
    if b"\\" not in raw:
        return raw, match.end()
    if prefix == b"u":
        text = codecs.decode(raw, "unicode_escape") if raw.isascii() else raw.decode("utf-8", "surrogateescape")
        # A narrow Python 2 writes what lies beyond U+FFFF as two surrogates.
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return whole.encode("utf-8", "surrogatepass" if raw.isascii() else "surrogateescape"), match.end()
    # What the reader of pickle protocol 0 uses; it knows what bytes' repr writes. Nothing is evaluated.
    decoded, _ = codecs.escape_decode(raw)
    return bytes(decoded), match.end()


def decode_tuple(text: bytes) -> CommandTuple:
    """Decodes `(rc, b'…', b'…')`, as it stands behind `<X> `. NotWholeError where it is not whole."""
    head = _RC.match(text)
    if head is None:
        raise NotWholeError("no (rc, stdout, stderr) tuple")
    stdout, end = decode_literal(text, head.end())
    if text[end : end + 2] != b", ":
        raise NotWholeError(f"no second string at byte {end}")
    stderr, end = decode_literal(text, end + 2)
    if text[end : end + 1] != b")":
        raise NotWholeError(f"no end of the tuple at byte {end}")
    return CommandTuple(int(head.group(1)), stdout, stderr)
