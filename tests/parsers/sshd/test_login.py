"""From a connection's lines to its login, its algorithms and its end."""

from __future__ import annotations

import pytest

from parsers.sshd.model import Connection, End
from tests.parsers.helpers import model_of
from tests.parsers.sshd.excerpts import syslog


def connection(*texts: str) -> Connection:
    """A connection of one process that says `texts`."""
    model = model_of(syslog(*((7, text) for text in ("Connection from 192.0.2.1 port 1 on 192.0.2.9 port 22", *texts))))
    assert model.sshd is not None
    (one,) = model.sshd.connections
    return one


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("Received disconnect from 192.0.2.1 port 1:11: disconnected by user", End.DISCONNECTED),
        ("Disconnected from user a 192.0.2.1 port 1", End.DISCONNECTED),
        ("Connection closed by authenticating user a 192.0.2.1 port 1 [preauth]", End.CLOSED),
        ("error: kex_exchange_identification: read: Connection reset by peer", End.RESET),
        ("error: kex_exchange_identification: Connection closed by remote host", End.CLOSED),
        ("Connection reset by 192.0.2.1 port 1", End.RESET),
        ("Read error from remote host 192.0.2.1 port 1: Connection timed out", End.TIMEOUT),
        ("Read error from remote host 192.0.2.1 port 1: Connection reset by peer", End.RESET),
        ("Timeout, client not responding from user a 192.0.2.1 port 1", End.TIMEOUT),
        ("fatal: Timeout before authentication for 192.0.2.1 port 1", End.TIMEOUT),
        ("ssh_dispatch_run_fatal: Connection from user a 192.0.2.1 port 1: Broken pipe", End.RESET),
        (
            "ssh_dispatch_run_fatal: Connection from 192.0.2.1 port 1: Corrupted MAC on input",
            End.FATAL,
        ),
        ("fatal: Write failed: Broken pipe", End.RESET),
        (
            "Disconnecting authenticating user a 192.0.2.1 port 1: Too many authentication failures [preauth]",
            End.REFUSED,
        ),
        (
            "Unable to negotiate with 192.0.2.1 port 1: no matching cipher found. Their offer: x [preauth]",
            End.NEGOTIATION,
        ),
        ("fatal: no matching cipher found: client x server y [preauth]", End.NEGOTIATION),
        ("fatal: Access denied for user a by PAM account configuration [preauth]", End.REFUSED),
        ("fatal: mm_request_receive: read: Connection reset by peer", End.FATAL),
    ],
)
def test_how_it_ends(text: str, end: End) -> None:
    one = connection(text)
    assert one.end is end
    assert one.end_said is not None
    assert one.end_said.text in text


def test_the_first_word_on_the_end_counts() -> None:
    one = connection(
        "error: maximum authentication attempts exceeded for a from 192.0.2.1 port 1 ssh2 [preauth]",
        "Disconnecting authenticating user a 192.0.2.1 port 1: Too many authentication failures [preauth]",
        "Connection closed by 192.0.2.1 port 1",
    )
    assert one.end is End.REFUSED


def test_attempts() -> None:
    one = connection(
        "debug1: userauth-request for user deploy service ssh-connection method none [preauth]",
        "Failed none for invalid user x from 192.0.2.1 port 1 ssh2",
        "Postponed publickey for deploy from 192.0.2.1 port 1 ssh2 [preauth]",
        "message repeated 2 times: [ Failed password for deploy from 192.0.2.1 port 1 ssh2]",
        "Accepted publickey for deploy from 192.0.2.1 port 1 ssh2: ED25519 SHA256:abc",
    )
    assert [(a.result, a.method, a.user, a.repeated) for a in one.attempts] == [
        ("failed", "none", "x", 1),
        ("postponed", "publickey", "deploy", 1),
        ("failed", "password", "deploy", 2),
        ("accepted", "publickey", "deploy", 1),
    ]
    assert one.attempts[0].invalid_user
    assert one.accepted is one.attempts[-1]
    assert one.accepted.detail == "ED25519 SHA256:abc"


def test_a_user_whose_name_looks_like_an_address() -> None:
    one = connection("Failed password for invalid user a from 192.0.2.7 port 9 from 192.0.2.1 port 1 ssh2")
    assert one.user == "a from 192.0.2.7 port 9"
    assert (one.address, one.port) == ("192.0.2.1", 1)


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("debug1: kex: algorithm: curve25519-sha256 [preauth]", "algorithm", "curve25519-sha256"),
        ("debug1: kex: host key algorithm: ssh-ed25519 [preauth]", "host key algorithm", "ssh-ed25519"),
        (
            "debug1: kex: client->server cipher: aes128-ctr MAC: hmac-sha2-256 compression: none [preauth]",
            "client->server",
            "aes128-ctr hmac-sha2-256",
        ),
        ("debug1: kex: client->server aes128-ctr hmac-md5 none [preauth]", "client->server", "aes128-ctr hmac-md5"),
    ],
)
def test_algorithms(text: str, label: str, value: str) -> None:
    assert connection(text).kex == {label: value}


@pytest.mark.parametrize(
    "text",
    [
        "debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1 Debian-2",
        "debug1: Client protocol version 2.0; client software version OpenSSH_9.2p1 Debian-2",
    ],
)
def test_the_clients_software(text: str) -> None:
    assert connection(text).client == "OpenSSH_9.2p1 Debian-2"


def test_bytes_of_the_connection() -> None:
    one = connection("Transferred: sent 3280, received 2496 bytes", "Closing connection to 192.0.2.1 port 1")
    assert (one.bytes_sent, one.bytes_received, one.end) == (3280, 2496, End.DISCONNECTED)


@pytest.mark.parametrize(
    "text",
    [
        "Invalid user a b from 192.0.2.1 port 1",
        "User a b from 192.0.2.1 not allowed because not listed in AllowUsers",
        "User a b not allowed because account is locked",
        "Connection closed by authenticating user a b 192.0.2.1 port 1 [preauth]",
        "Connection reset by invalid user a b 192.0.2.1 port 1 [preauth]",
        "Disconnected from user a b 192.0.2.1 port 1",
    ],
)
def test_the_user_is_named_by_many_lines(text: str) -> None:
    assert connection(text).user == "a b"
