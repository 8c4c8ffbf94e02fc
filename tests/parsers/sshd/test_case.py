"""What a rule can ask of a connection."""

from __future__ import annotations

import pytest

from parsers.sshd.case import ServerCase
from tests.parsers.helpers import model_of
from tests.parsers.sshd.excerpts import syslog


def case(*lines: tuple[int, str], at: int = 0) -> ServerCase:
    """The connection `at` of a log."""
    log = model_of(syslog(*lines)).sshd
    assert log is not None
    return ServerCase(log, log.connections[at])


FROM = "Connection from 192.0.2.1 port 1 on 192.0.2.9 port 22"


def test_silence_and_the_end_of_a_log_are_two_things() -> None:
    lines = ((7, FROM), (8, FROM.replace("port 1 ", "port 2 ")))
    assert case(*lines).went_on
    assert not case(*lines, at=1).went_on


@pytest.mark.parametrize(
    ("texts", "asked"),
    [
        (("debug1: userauth-request for user a service b method publickey-hostbound-v00@openssh.com [preauth]",), True),
        (("debug1: userauth-request for user a service b method password [preauth]",), False),
        (("debug1: userauth-request for user a service b method none [preauth]",), False),
        (("Connection closed by authenticating user a 192.0.2.1 port 1 [preauth]",), True),
        (("Connection closed by 192.0.2.1 port 1 [preauth]",), False),
    ],
)
def test_what_the_client_asked_for(texts: tuple[str, ...], asked: bool) -> None:
    assert case((7, FROM), *((7, text) for text in texts)).requested(("publickey",)) is asked


def test_the_listener_has_lines_and_no_channels() -> None:
    log = model_of(syslog((5, "Server listening on 0.0.0.0 port 22."), (7, FROM), (7, "debug1: x"))).sshd
    assert log is not None
    listener = ServerCase(log)
    assert listener.said("Server listening") is not None
    assert listener.channels == []
    assert not listener.refused
    assert not listener.requested(("publickey",))
