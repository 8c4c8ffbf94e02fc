"""What a file is, told by its first bytes: compressed, an archive, binary, or text."""

from __future__ import annotations

from enum import Enum

HEAD = 1 << 16
"""Bytes that are enough to tell text from binary."""

MAGIC = 8
"""Bytes that are enough to tell how a file is compressed."""


class Packing(Enum):
    """How a log is compressed. Magic numbers: RFC 1952, the .xz format 1.2.0, bzip2's source, RFC 8878."""

    GZIP = b"\x1f\x8b"
    XZ = b"\xfd7zXZ\x00"
    BZIP2 = b"BZh"
    ZSTD = b"\x28\xb5\x2f\xfd"

    @property
    def label(self) -> str:
        """What a user calls it."""
        return {"GZIP": "gzip", "XZ": "xz", "BZIP2": "bzip2", "ZSTD": "zstd"}[self.name]


def packing_of(head: bytes) -> Packing | None:
    """How a file that begins with `head` is compressed; None for a plain one."""
    return next((packing for packing in Packing if head.startswith(packing.value)), None)


# A log may hold a few of these (colour, progress bars, a module's binary output); a binary holds many.
_UNUSUAL = bytes(set(range(32)) - set(b"\t\n\r\x1b\x08\x0c") | {127})


def binary_reason(head: bytes) -> str | None:
    """Why bytes that begin with `head` are no log, in words that follow the file's name; None for text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is UTF-16 text; convert it first: iconv -f UTF-16 -t UTF-8"
    if head[257:262] == b"ustar":
        return "is a tar archive; unpack it and give the log that is in it"
    if head.startswith(b"PK\x03\x04"):
        return "is a zip archive; unpack it and give the log that is in it"
    unusual = len(head) - len(head.translate(None, _UNUSUAL))
    # Random bytes have 11 % of them; a log of a module that printed a little binary stays far below 5 %.
    if head.count(0) * 100 > len(head) or unusual * 20 > len(head):
        return "is binary, not a log; give the text that Ansible printed"
    return None


def no_ansible(name: str, lines: int, begins: str = "") -> str:
    """What to say of a log of `lines` lines of text in which nothing is known, and what to do about it."""
    return (
        f"{name} has no Ansible in it: {lines:,} lines of text{begins}; give the output of ansible or "
        "ansible-playbook, best with ANSIBLE_DEBUG=1 and -vvvv, or the log of a managed node's sshd"
    )
