"""SSH's message numbers: name, document and section, one table for both ends of a connection.

`debug3: send packet: type 90` and `debug3: receive packet: type 90` (packet.c, OpenSSH 7.0 and later, ssh and sshd
alike) give the number only. The numbers are RFC 4250's (4.1.2), the sections those of the document that defines the
message: RFC 4253 (transport), RFC 4252 and 4256 (authentication), RFC 4254 (connection), RFC 8308 (EXT_INFO),
RFC 4419, 5656 and 8731 (key exchange). OpenSSH leaves out of its log what it sends all the time: 93, 94 and 95
(`ssh_packet_log_type`, packet.c).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class SshMessage(NamedTuple):
    """One message of the SSH protocol."""

    number: int
    name: str
    """`SSH_MSG_CHANNEL_OPEN`; where the number depends on the method, the names that it can have."""
    rfc: int | None
    """None for OpenSSH's own."""
    section: str
    method: bool = False
    """Whether the name depends on the key exchange or authentication method in use (30-49 and 60-79)."""

    @property
    def reference(self) -> str:
        """`RFC 4254 5.1`."""
        return self.section if self.rfc is None else f"RFC {self.rfc} {self.section}"

    @property
    def short(self) -> str:
        """The name without `SSH_MSG_`: `CHANNEL_OPEN`."""
        return self.name.removeprefix("SSH_MSG_")


_TABLE = (
    SshMessage(1, "SSH_MSG_DISCONNECT", 4253, "11.1"),
    SshMessage(2, "SSH_MSG_IGNORE", 4253, "11.2"),
    SshMessage(3, "SSH_MSG_UNIMPLEMENTED", 4253, "11.4"),
    SshMessage(4, "SSH_MSG_DEBUG", 4253, "11.3"),
    SshMessage(5, "SSH_MSG_SERVICE_REQUEST", 4253, "10"),
    SshMessage(6, "SSH_MSG_SERVICE_ACCEPT", 4253, "10"),
    SshMessage(7, "SSH_MSG_EXT_INFO", 8308, "2.3"),
    SshMessage(8, "SSH_MSG_NEWCOMPRESS", 8308, "3.2"),
    SshMessage(20, "SSH_MSG_KEXINIT", 4253, "7.1"),
    SshMessage(21, "SSH_MSG_NEWKEYS", 4253, "7.3"),
    SshMessage(30, "SSH_MSG_KEX_ECDH_INIT or KEXDH_INIT or KEX_DH_GEX_REQUEST_OLD", 5656, "7.1", method=True),
    SshMessage(31, "SSH_MSG_KEX_ECDH_REPLY or KEXDH_REPLY or KEX_DH_GEX_GROUP", 5656, "7.1", method=True),
    SshMessage(32, "SSH_MSG_KEX_DH_GEX_INIT", 4419, "5", method=True),
    SshMessage(33, "SSH_MSG_KEX_DH_GEX_REPLY", 4419, "5", method=True),
    SshMessage(34, "SSH_MSG_KEX_DH_GEX_REQUEST", 4419, "5", method=True),
    SshMessage(50, "SSH_MSG_USERAUTH_REQUEST", 4252, "5"),
    SshMessage(51, "SSH_MSG_USERAUTH_FAILURE", 4252, "5.1"),
    SshMessage(52, "SSH_MSG_USERAUTH_SUCCESS", 4252, "5.1"),
    SshMessage(53, "SSH_MSG_USERAUTH_BANNER", 4252, "5.4"),
    SshMessage(60, "SSH_MSG_USERAUTH_PK_OK or PASSWD_CHANGEREQ or INFO_REQUEST", 4252, "7", method=True),
    SshMessage(61, "SSH_MSG_USERAUTH_INFO_RESPONSE", 4256, "3.4", method=True),
    SshMessage(80, "SSH_MSG_GLOBAL_REQUEST", 4254, "4"),
    SshMessage(81, "SSH_MSG_REQUEST_SUCCESS", 4254, "4"),
    SshMessage(82, "SSH_MSG_REQUEST_FAILURE", 4254, "4"),
    SshMessage(90, "SSH_MSG_CHANNEL_OPEN", 4254, "5.1"),
    SshMessage(91, "SSH_MSG_CHANNEL_OPEN_CONFIRMATION", 4254, "5.1"),
    SshMessage(92, "SSH_MSG_CHANNEL_OPEN_FAILURE", 4254, "5.1"),
    SshMessage(93, "SSH_MSG_CHANNEL_WINDOW_ADJUST", 4254, "5.2"),
    SshMessage(94, "SSH_MSG_CHANNEL_DATA", 4254, "5.2"),
    SshMessage(95, "SSH_MSG_CHANNEL_EXTENDED_DATA", 4254, "5.2"),
    SshMessage(96, "SSH_MSG_CHANNEL_EOF", 4254, "5.3"),
    SshMessage(97, "SSH_MSG_CHANNEL_CLOSE", 4254, "5.3"),
    SshMessage(98, "SSH_MSG_CHANNEL_REQUEST", 4254, "5.4"),
    SshMessage(99, "SSH_MSG_CHANNEL_SUCCESS", 4254, "5.4"),
    SshMessage(100, "SSH_MSG_CHANNEL_FAILURE", 4254, "5.4"),
    SshMessage(192, "SSH2_MSG_PING", None, "OpenSSH PROTOCOL 1.9"),
    SshMessage(193, "SSH2_MSG_PONG", None, "OpenSSH PROTOCOL 1.9"),
)

MESSAGES: Mapping[int, SshMessage] = MappingProxyType({one.number: one for one in _TABLE})
"""Number: message. Direction-neutral: who may send which is the document's to say."""

# RFC 4250 4.1.1: which range a number without a name of its own belongs to, and the section that says so.
_RANGES = (
    (range(1, 20), "a transport message", 4250, "4.1.1", False),
    (range(20, 30), "an algorithm negotiation message", 4250, "4.1.1", False),
    (range(30, 50), "a message of the key exchange method", 4250, "4.1.1", True),
    (range(50, 60), "an authentication message", 4250, "4.1.1", False),
    (range(60, 80), "a message of the authentication method", 4250, "4.1.1", True),
    (range(80, 90), "a connection protocol message", 4250, "4.1.1", False),
    (range(90, 128), "a channel message", 4250, "4.1.1", False),
    (range(128, 192), "a message reserved for client protocols", 4250, "4.1.1", False),
    (range(192, 256), "a message of a local extension", 4250, "4.1.1", False),
)


def ssh_message(number: int) -> SshMessage:
    """The message of `number` (0-255); a number without a name gets the words of its range (RFC 4250 4.1.1)."""
    known = MESSAGES.get(number)
    if known is not None:
        return known
    for numbers, words, rfc, section, method in _RANGES:
        if number in numbers:
            return SshMessage(number, words, rfc, section, method)
    return SshMessage(number, "no message of SSH", 4250, "4.1.1")


OPEN_REASONS: Mapping[int, str] = MappingProxyType(
    {
        1: "administratively prohibited",
        2: "connect failed",
        3: "unknown channel type",
        4: "resource shortage",
    }
)
"""The reason codes of SSH_MSG_CHANNEL_OPEN_FAILURE (RFC 4254 5.1; RFC 4250 4.3)."""

_PACKET = re.compile(rb"(send|receive) packet: type (\d{1,3})(?!\d)")


class Packet(NamedTuple):
    """One message that ssh or sshd says it sent or received."""

    received: bool
    """By the side that says so."""
    number: int

    @property
    def message(self) -> SshMessage:
        """Name, document and section."""
        return ssh_message(self.number)

    @property
    def direction(self) -> str:
        """`send` or `receive`, the log's own word."""
        return "receive" if self.received else "send"


def packet(text: bytes) -> Packet | None:
    """The message of `receive packet: type 90`, either end's debug text without its `debug3: `; else None."""
    if text[:5] != b"send " and text[:8] != b"receive ":
        return None
    match = _PACKET.match(text)
    if match is None or int(match.group(2)) > 255:
        return None
    return Packet(match.group(1) == b"receive", int(match.group(2)))
