"""The order in which an ssh client's debug lines come (OpenSSH 7.0-10, `ssh -vvv`): `rank_of`.

It serves a command that never ended, whose text can be compared with nothing: a line that belongs early in a
connection cannot follow one that belongs late.
"""

from __future__ import annotations

_ORDER: tuple[bytes, ...] = (
    b"OpenSSH_",
    b"debug1: OpenSSH_",
    b"debug3: Running on ",
    b"debug3: Started with: ",
    b"debug1: Reading configuration data",
    b"debug1: /etc/ssh/ssh_config",
    b"debug2: resolve_canonicalize",
    b"debug3: expanded UserKnownHostsFile",
    b"debug1: auto-mux: Trying existing master",
    b"debug1: Control socket",
    b"debug2: mux_client_hello_exchange",
    b"debug3: mux_client_forwards",
    b"debug3: mux_client_request_alive: entering",
    b"debug3: mux_client_request_alive: done",
    b"debug3: mux_client_request_session: session request sent",
    b"debug1: mux_client_request_session: master session id",
    b"debug2: resolving ",
    b"debug3: resolve_host",
    b"debug3: ssh_connect_direct",
    b"debug1: Connecting to ",
    b"debug1: Connection established",
    b"debug1: identity file ",
    b"debug1: Local version string",
    b"debug1: Remote protocol version",
    b"debug1: Authenticating to ",
    b"debug3: record_hostkey",
    b"debug1: SSH2_MSG_KEXINIT sent",
    b"debug1: SSH2_MSG_KEXINIT received",
    b"debug2: peer server KEXINIT proposal",
    b"debug1: kex: algorithm",
    b"debug1: expecting SSH2_MSG_KEX",
    b"debug1: SSH2_MSG_KEX_ECDH_REPLY received",
    b"debug1: Server host key",
    b"debug1: Host '",
    b"debug1: SSH2_MSG_NEWKEYS sent",
    b"debug1: SSH2_MSG_NEWKEYS received",
    b"debug1: Will attempt key",
    b"debug1: SSH2_MSG_EXT_INFO received",
    b"debug1: SSH2_MSG_SERVICE_ACCEPT received",
    b"debug1: Authentications that can continue",
    b"debug1: Next authentication method",
    b"debug1: Offering public key",
    b"debug1: Server accepts key",
    b"debug3: sign_and_send_pubkey",
    b"Authenticated to ",
    b"debug1: setting up multiplex master socket",
    b"debug1: channel 0: new",
    b"debug3: send packet: type 90",
    b"debug1: Entering interactive session",
    b"debug3: receive packet: type 91",
    b"debug1: Sending command",
    b"debug1: Sending subsystem",
    b"debug2: Remote version: ",
    b"debug3: Sent message SSH2_FXP_WRITE",
    b"debug3: Sent message SSH2_FXP_CLOSE",
    b"debug3: mux_client_read_packet",
    b"debug2: Received exit status from master",
    b"Shared connection to ",
)


def _rank(beginning: bytes) -> int:
    return _ORDER.index(beginning) + 1


SHARED = range(_rank(b"debug2: mux_client_hello_exchange"), _rank(b"debug2: resolving "))
"""Ranks of what ssh says to a master; of a connection of its own it says nothing any more, unless it said it before."""

CONNECTION = range(_rank(b"debug2: resolving "), _rank(b"debug2: Remote version: "))
"""Ranks of what only an ssh with a connection of its own says."""

MASTER = _rank(b"debug1: setting up multiplex master socket")
"""From this rank on an ssh with a connection of its own is a master and speaks to itself."""

AT_WORK = range(_rank(b"debug2: Remote version: "), len(_ORDER) + 1)
"""Ranks of what sftp says, and of what ssh says when the remote command is over."""

OVER = range(_rank(b"debug3: mux_client_read_packet"), len(_ORDER) + 1)
"""Ranks of what ssh says when the remote command is over."""

ASKED = frozenset(
    [
        *range(_rank(b"debug3: mux_client_request_session: session request sent"), SHARED.stop),
        *range(_rank(b"debug1: Sending command"), len(_ORDER) + 1),
    ]
)
"""Ranks from which on the remote command can have said something."""

_RANKS: dict[bytes, list[tuple[bytes, int]]] = {}
for _place, _beginning in enumerate(_ORDER, start=1):
    _RANKS.setdefault(_beginning[:12], []).append((_beginning, _place))


def rank_of(text: bytes) -> tuple[int | None, int | None]:
    """Ranks (from 1) of the first and the last line of `text` that stand in the order; None where none does."""
    first: int | None = None
    last: int | None = None
    for line in text[:20_000].split(b"\n"):
        for beginning, rank in _RANKS.get(line[:12]) or _RANKS.get(line[:8]) or ():
            if line.startswith(beginning):
                first = rank if first is None else first
                last = rank
                break
    return first, last
