"""How well a command without a tuple, which has not ended, can have said a chunk: `guess`.

There is nothing to compare its text with. What speaks is what the text names, the order of ssh's own lines, and what
the commands beside it have said behind the same line (`follows`).
"""

from __future__ import annotations

import re
from collections.abc import Collection

from parsers.attribution.follows import Kind
from parsers.attribution.said import Opened, Piece, Progress
from parsers.model import Stream
from parsers.ssh.order import ASKED, AT_WORK, CONNECTION, MASTER, OVER, SHARED, rank_of

_GUESSED = -0.5
_GUESSED_OUT = -4.0
_GUESSED_END = -6.0
_NAMED = 3.0
_OUT_OF_ORDER = -4.0
_GREETS_AGAIN = -12.0
_NEVER_SEEN = -12.0
_SELDOM_SEEN = -3.0
_SAYS_IT_IS_OVER = -5.0
_GREETING = (b"OpenSSH_", b"debug1: OpenSSH_")
UNASKED = -4.0
"""What it costs that a remote command speaks before ssh has said that it asks for it."""


def guess(opened: Opened, entry: Progress, piece: Piece) -> tuple[int, float] | None:
    """The rank of its last ssh line with that chunk (`ssh_order`), and what it costs; None where it cannot have it."""
    if piece.ends:
        # One that has ended without a tuple, a transfer whose next way was tried, has ended its pipes as any other.
        return entry.rank, _GUESSED if opened.ended else _GUESSED + _GUESSED_END
    follows, own = opened.follows, opened.needles[0] if opened.needles else b""
    leads_to = follows.leads_to(piece.text) if follows is not None and own else None
    if leads_to not in (None, own):
        return None
    named = leads_to is not None or any(_named_in(needle, piece.text) for needle in opened.needles)
    cost = _GUESSED + _NAMED if named else _GUESSED
    if piece.stream is Stream.STDOUT:
        return entry.rank, cost + (_GUESSED_OUT if entry.rank in ASKED else UNASKED + _GUESSED_OUT)
    if follows is not None and own and _names_another(piece.text, own, follows.addresses):
        return None
    first, last = rank_of(piece.text)
    if first is not None and (
        (first in CONNECTION and entry.rank in SHARED) or (entry.rank in AT_WORK and first < AT_WORK.start)
    ):
        # ssh has asked a master that is there: all that is said of a connection is the master's to say. Or the
        # connection is long made, and the remote command at work or over.
        return None
    line = piece.text[:400].partition(b"\n")[0]
    seen = _seen(opened, entry, line)
    odd = 0.0
    if seen is False and line.startswith((b"debug", b"OpenSSH_")):
        # A master and its own first client speak into one pipe, in any order.
        odd = _NEVER_SEEN if entry.rank < MASTER else _SELDOM_SEEN
    if first is not None and first < entry.rank and not seen and not (first in SHARED and entry.rank >= MASTER):
        # ssh greets once, before all else; only a jump's own ssh greets into the same pipe.
        odd = min(odd, _GREETS_AGAIN if line.startswith(_GREETING) else _OUT_OF_ORDER)
    cost += odd
    if last in OVER and not opened.ended:
        cost += _SAYS_IT_IS_OVER
    return max(entry.rank, last or 0), cost


def _seen(opened: Opened, entry: Progress, line: bytes) -> bool | None:
    """Whether another ssh has said that line behind what this one has said last; None where that is not known."""
    follows, said = opened.follows, entry.err.said
    if follows is None or (said is None and entry.err.at):
        return None
    before = b""
    if said is not None:
        if not said.piece.text.endswith(b"\n"):
            return None
        before = said.piece.text[-4000:-1].rpartition(b"\n")[2]
    kinds = [Kind(opened.tool, connecting) for connecting in _connecting(entry.rank)]
    known = [kind for kind in kinds if follows.knows(kind)]
    if len(known) < len(kinds):
        # What has not been seen may be what that kind says.
        return True if any(follows.seen(kind, before, line) for kind in known) else None
    return any(follows.seen(kind, before, line) for kind in known)


def _connecting(rank: int) -> tuple[bool, ...]:
    """Whether an ssh that has said a line of that rank has a connection of its own, as far as that tells."""
    if rank in SHARED:
        return (False,)
    return (True,) if rank in CONNECTION else (True, False)


_NAMING = (
    b"hostname ",
    b"Connecting to ",
    b"connect to host ",
    b"connect to address ",
    b"Authenticated to ",
    b"Connection to ",
    b"put_host_port: ",
    b"debug1: Host ",
    b" keys from ",
    b"hostkeys: searching ",
)
"""What stands before a host's name. It may be another name for it: ssh_config has HostName and HostKeyAlias."""

_CALLED = b"debug3: Started with: "
"""What OpenSSH 10.0 says of its own command line, which has the host as Ansible names it."""


def _names_another(text: bytes, own: bytes, addresses: Collection[bytes]) -> bool:
    """Whether ssh's text names a host of the run, by its address, that is not this command's."""
    for words in _NAMING:
        at = text.find(words)
        if at >= 0:
            name = _name_at(text, at + len(words))
            if name != own and name in addresses:
                return True
    begin = text.find(_CALLED)
    if begin < 0:
        return False
    called = text[begin:].partition(b"\n")[0]
    return not _named_in(own, called) and any(_named_in(address, called) for address in addresses)


def _name_at(text: bytes, begin: int) -> bytes:
    """The host that stands there, quoted or in brackets or neither."""
    return _NAME_ENDS.split(text[begin : begin + 300].lstrip(b"\"'["), maxsplit=1)[0]


def _named_in(needle: bytes, text: bytes) -> bool:
    """Whether the text has that name, and not a longer one: 192.0.2.1 is none of 192.0.2.17's."""
    at = text.find(needle)
    while at >= 0:
        around = text[at - 1 : at] if at else b"", text[at + len(needle) :][:1]
        if not (around[0].isalnum() or around[1].isalnum()):
            return True
        at = text.find(needle, at + 1)
    return False


_NAME_ENDS = re.compile(rb"[\]'\"\s]")
