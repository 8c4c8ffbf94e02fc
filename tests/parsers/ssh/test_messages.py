"""Message numbers against RFC 4250's own tables."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.ssh.messages import MESSAGES, OPEN_REASONS, packet, ssh_message

# RFC 4250 4.1.2, as it stands there.
RFC_4250 = """
DISCONNECT 1
IGNORE 2
UNIMPLEMENTED 3
DEBUG 4
SERVICE_REQUEST 5
SERVICE_ACCEPT 6
KEXINIT 20
NEWKEYS 21
USERAUTH_REQUEST 50
USERAUTH_FAILURE 51
USERAUTH_SUCCESS 52
USERAUTH_BANNER 53
GLOBAL_REQUEST 80
REQUEST_SUCCESS 81
REQUEST_FAILURE 82
CHANNEL_OPEN 90
CHANNEL_OPEN_CONFIRMATION 91
CHANNEL_OPEN_FAILURE 92
CHANNEL_WINDOW_ADJUST 93
CHANNEL_DATA 94
CHANNEL_EXTENDED_DATA 95
CHANNEL_EOF 96
CHANNEL_CLOSE 97
CHANNEL_REQUEST 98
CHANNEL_SUCCESS 99
CHANNEL_FAILURE 100
"""


def test_the_rfcs_own_table() -> None:
    wanted = dict(line.split() for line in RFC_4250.split("\n") if line)
    assert {ssh_message(int(number)).short: number for number in wanted.values()} == wanted


def test_a_number_of_the_key_exchange_depends_on_the_method() -> None:
    assert all(ssh_message(number).method for number in range(30, 50))
    assert not any(ssh_message(number).method for number in range(80, 128))


def test_where_a_message_is_defined() -> None:
    assert ssh_message(90).reference == "RFC 4254 5.1"
    assert ssh_message(98).reference == "RFC 4254 5.4"
    assert ssh_message(51).reference == "RFC 4252 5.1"


@given(st.integers(0, 999))
def test_every_number_has_words(number: int) -> None:
    message = ssh_message(number)
    assert message.number == number
    assert message.name
    assert (message.rfc is None) == (not message.reference.startswith("RFC "))


def test_the_table_is_by_number() -> None:
    assert all(number == message.number for number, message in MESSAGES.items())
    assert OPEN_REASONS[1] == "administratively prohibited"


def test_what_both_ends_say_of_a_message() -> None:
    sent, received = packet(b"send packet: type 90"), packet(b"receive packet: type 91 [preauth]")
    assert sent is not None
    assert received is not None
    assert (sent.received, sent.message.name, sent.direction) == (False, "SSH_MSG_CHANNEL_OPEN", "send")
    assert (received.received, received.message.short) == (True, "CHANNEL_OPEN_CONFIRMATION")
    assert [
        packet(text) for text in (b"send packet", b"sending packet: type 1", b"receive packet: type 1234", b"")
    ] == ([None] * 4)
