"""From a connection's lines to channels and messages."""

from __future__ import annotations

import pytest

from parsers.sshd.model import Channel
from tests.parsers.helpers import model_of
from tests.parsers.sshd.excerpts import syslog

OPENED = (
    "debug3: receive packet: type 90",
    "debug1: server_input_channel_open: ctype session rchan 2 win 2097152 max 32768",
    "debug1: input_session_request",
)
NEW = "debug1: channel 0: new [server-session]"


def channels(*texts: str) -> list[Channel]:
    """The channels of one process that says `texts`."""
    model = model_of(syslog(*((7, text) for text in ("Connection from 192.0.2.1 port 1 on ::1 port 22", *texts))))
    assert model.sshd is not None
    return model.sshd.connections[0].channels


def test_an_open_that_is_never_answered() -> None:
    (channel,) = channels(*OPENED[:1])
    assert channel.stalled
    assert (channel.id, channel.type, channel.over) == (None, None, False)
    assert channels(*OPENED)[0].stalled


@pytest.mark.parametrize("last", ["debug1: server_input_channel_open: confirm session", "debug3: send packet: type 91"])
def test_an_open_that_is_confirmed(last: str) -> None:
    (channel,) = channels(*OPENED, "debug1: channel 0: new [server-session]", last)
    assert not channel.stalled
    assert channel.confirmed is not None
    assert channel.id == 0


def test_an_open_that_is_refused() -> None:
    (channel,) = channels(
        *OPENED,
        "debug1: channel 1: new session [server-session] (inactive timeout: 0)",
        "debug1: session_open: channel 1",
        "no more sessions",
        "session open failed, free channel 1",
        "debug1: channel 1: free: server-session, nchannels 2",
        "debug1: server_input_channel_open: failure session",
        "debug3: send packet: type 92",
    )
    assert channel.refused is not None
    assert channel.refusal == "no more sessions"
    assert channel.over
    assert not channel.stalled
    assert len(channel.messages) == 2


def test_an_id_is_used_again() -> None:
    rest = ("debug1: channel 0: new [server-session]", "debug3: send packet: type 91", "debug1: channel 0: free: x")
    first, second = channels(*OPENED, *rest, *OPENED, *rest)
    assert (first.id, second.id) == (0, 0)
    assert first.freed is not None
    assert second.freed is not None
    assert first.freed < second.opened


def test_messages_of_two_channels_that_are_open_together() -> None:
    one, two = channels(
        *(*OPENED, "debug1: channel 0: new [server-session]", "debug3: send packet: type 91"),
        *(*OPENED, "debug1: channel 1: new [server-session]", "debug3: send packet: type 91"),
        *("debug3: receive packet: type 98", "debug1: server_input_channel_req: channel 1 request exec reply 1"),
        *("debug2: channel 0: send eof", "debug3: send packet: type 96"),
        *("debug3: send packet: type 99",),
        *("debug3: receive packet: type 97", "debug2: channel 1: rcvd close"),
    )
    assert len(one.messages) == 3
    assert len(two.messages) == 5
    assert one.eof_sent is not None
    assert two.close_received is not None
    assert [(request.kind, request.answer) for request in two.requests] == [("exec", True)]


@pytest.mark.parametrize(
    ("words", "run", "forced", "by"),
    [
        ("command", "command", None, None),
        ("shell on pts/3", "shell", None, None),
        ("forced-command (config) '/bin/date'", "forced-command", "/bin/date", "config"),
        ("forced-command (key-option) 'echo hi'", "forced-command", "echo hi", "key-option"),
        ("forced-command (config) 'echo on it' on pts/1", "forced-command", "echo on it", "config"),
    ],
)
def test_what_a_session_starts(words: str, run: str, forced: str | None, by: str | None) -> None:
    (channel,) = channels(f"Starting session: {words} for u from 192.0.2.1 port 1 id 0")
    assert (channel.run, channel.forced, channel.forced_by) == (run, forced, by)


def test_a_command_is_shown_without_sshds_escapes() -> None:
    (channel,) = channels(
        *(*OPENED, "debug1: channel 0: new [server-session]"),
        r"debug3: mm_audit_run_command entering command /bin/sh -c 'printf \\n; \nid'",
    )
    assert channel.command == "/bin/sh -c 'printf \\n; \nid'"
    assert not channel.command_cut


def test_the_words_of_a_build_without_an_audit_system() -> None:
    (channel,) = channels(*OPENED, NEW, "debug1: audit run command euid 0 user root command '/bin/sh -c 'id''")
    assert channel.command == "/bin/sh -c 'id'"


def test_bytes_are_what_the_windows_tell() -> None:
    (channel,) = channels(
        *(*OPENED, "debug1: channel 0: new [server-session]"),
        *("debug2: channel 0: rcvd adjust 98304", "debug2: channel 0: rcvd adjust 1"),
        "debug2: channel 0: window 1998848 sent adjust 98304",
    )
    assert (channel.bytes_out, channel.bytes_in) == (98305, 98304)


def test_a_version_that_says_nothing_of_a_session_s_start() -> None:
    """Up to 6.7; and without `send packet`, as up to 6.9."""
    (channel,) = channels(*OPENED[1:], NEW, "debug1: server_input_channel_req: channel 0 request exec reply 1")
    assert channel.run == "command"
    (channel,) = channels(
        *(*OPENED[1:], NEW),
        *("debug1: server_input_channel_req: channel 0 request subsystem reply 1", "subsystem request for sftp"),
    )
    assert (channel.run, channel.subsystem) == ("subsystem", "sftp")


def test_a_request_that_was_refused_runs_nothing() -> None:
    (channel,) = channels(
        *(*OPENED, "debug1: channel 0: new [server-session]", "debug3: receive packet: type 98"),
        *("debug1: server_input_channel_req: channel 0 request exec reply 1", "debug3: send packet: type 100"),
    )
    assert channel.run is None
    assert channel.requests[0].answer is False
