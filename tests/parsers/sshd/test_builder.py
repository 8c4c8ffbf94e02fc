"""From an sshd log to connections: whose line is whose."""

from __future__ import annotations

import pytest

from parsers.log_model import LogModel
from parsers.model import SourceKind
from parsers.sshd.model import Connection, End, Framing, Message, SshdLog
from tests.parsers.helpers import model_of, sample
from tests.parsers.sshd.excerpts import ARTICLE, DEFAULT_LEVEL, syslog


def log_of(data: bytes) -> SshdLog:
    """The sshd model of a log that must be found to be sshd's."""
    model: LogModel = model_of(data)
    assert model.kind is SourceKind.SSHD
    assert model.sshd is not None
    assert not model.runs
    return model.sshd


def test_the_articles_excerpt() -> None:
    log = log_of(ARTICLE)
    (connection,) = log.connections
    assert (connection.address, connection.port, connection.user) == ("192.168.0.130", 35746, "sugimura")
    assert not connection.whole
    assert (log.host, log.year, log.levels) == ("rhel86", None, 3)
    (channel,) = connection.channels
    assert (channel.id, channel.remote_id, channel.type) == (0, 2, "session")
    assert (channel.window, channel.max_packet) == (2097152, 32768)
    assert channel.command is not None
    assert channel.command.startswith("/bin/sh -c 'echo PLATFORM; uname; echo FOUND; command -v ")
    assert channel.command.endswith("echo ENDFOUND && sleep 0'")
    assert [(m.received, m.number) for m in log.table(channel)] == [
        *((True, 90), (False, 91), (True, 98), (True, 98), (False, 99)),
        *((False, 98), (False, 98), (False, 96), (False, 97), (True, 97)),
    ]
    assert channel.over
    assert not channel.stalled
    assert channel.pid == 24065
    assert [(one.kind, one.answer) for one in channel.requests] == [
        ("env", None),
        ("exec", True),
        ("exit-status", None),
    ]


def test_the_level_that_sshd_has_by_default() -> None:
    """No `Connection from` and no `User child is on pid`: address and port join the two processes."""
    log = log_of(DEFAULT_LEVEL)
    (connection,) = log.connections
    assert connection.pids == [900, 905]
    assert (connection.user, connection.end) == ("deploy", End.DISCONNECTED)
    assert log.others == {"CRON": 1, "sudo": 1}


def test_two_connections_whose_lines_are_mixed() -> None:
    log = log_of(
        syslog(
            (10, "Connection from 192.0.2.1 port 1111 on 192.0.2.9 port 22"),
            (11, "Connection from 192.0.2.1 port 2222 on 192.0.2.9 port 22"),
            (10, "Accepted publickey for a from 192.0.2.1 port 1111 ssh2: ED25519 SHA256:x"),
            (11, "Accepted publickey for b from 192.0.2.1 port 2222 ssh2: ED25519 SHA256:x"),
            (20, "debug1: SELinux support disabled"),
            (21, "debug1: SELinux support disabled"),
            (11, "User child is on pid 21"),
            (10, "User child is on pid 20"),
            (21, "debug3: receive packet: type 90"),
            (20, "debug3: receive packet: type 90"),
            (21, "Disconnected from user b 192.0.2.1 port 2222"),
        )
    )
    first, second = log.connections
    assert (first.user, first.pids, len(first.messages), first.end) == ("a", [10, 20], 1, None)
    assert (second.user, second.pids, len(second.messages), second.end) == ("b", [11, 21], 1, End.DISCONNECTED)
    assert not log.mixed


def test_a_process_that_runs_a_command_is_no_connection() -> None:
    """It speaks before the connection's own process says whose it is."""
    log = log_of(
        syslog(
            (10, "Accepted publickey for a from 192.0.2.1 port 1111 ssh2: ED25519 SHA256:x"),
            (10, "User child is on pid 20"),
            (20, "debug3: receive packet: type 90"),
            (30, "debug1: Setting controlling tty using TIOCSCTTY."),
            (31, "debug3: never claimed by anybody"),
            (20, "debug1: session_by_pid: pid 30"),
        )
    )
    (one,) = log.connections
    assert one.pids == [10, 20]


def test_a_port_that_is_used_again() -> None:
    """At the default LogLevel nothing says that a connection begins."""
    log = log_of(
        syslog(
            (10, "Accepted publickey for a from 192.0.2.1 port 1111 ssh2: ED25519 SHA256:x"),
            (11, "Disconnected from user a 192.0.2.1 port 1111"),
            (20, "Accepted publickey for b from 192.0.2.1 port 1111 ssh2: ED25519 SHA256:x"),
            (21, "Disconnected from user b 192.0.2.1 port 1111"),
        )
    )
    assert [(one.user, one.pids) for one in log.connections] == [("a", [10, 11]), ("b", [20, 21])]


def test_a_goodbye_of_openssh_6() -> None:
    """It names no port, and comes from the user's own process."""
    log = log_of(
        syslog(
            (10, "Accepted publickey for a from 192.0.2.1 port 1111 ssh2: RSA 00:11"),
            (12, "Accepted publickey for b from 192.0.2.2 port 2222 ssh2: RSA 00:11"),
            (13, "Received disconnect from 192.0.2.2: 11: disconnected by user"),
            (11, "Received disconnect from 192.0.2.1: 11: disconnected by user"),
        )
    )
    assert [(one.user, one.pids, one.end) for one in log.connections] == [
        ("a", [10, 11], End.DISCONNECTED),
        ("b", [12, 13], End.DISCONNECTED),
    ]


def test_two_nodes_in_one_log() -> None:
    """A central log: the same process numbers, the same client's port."""
    lines = (
        (10, "Accepted publickey for a from 192.0.2.1 port 1111 ssh2: ED25519 SHA256:x"),
        (11, "Disconnected from user a 192.0.2.1 port 1111"),
    )
    one, other = syslog(*lines, host="db1").splitlines(), syslog(*lines, host="db2").splitlines()
    mixed = b"\n".join(line for pair in zip(one, other, strict=True) for line in pair) + b"\n"
    log = log_of(mixed)
    assert [(c.host, c.pids, c.end) for c in log.connections] == [
        ("db1", [10, 11], End.DISCONNECTED),
        ("db2", [10, 11], End.DISCONNECTED),
    ]
    assert log.host is None


def test_the_programs_of_openssh_10() -> None:
    data = syslog(
        (5, "debug1: Forked child 10."),
        (10, "Connection from 192.0.2.1 port 1111 on 192.0.2.9 port 22"),
        (11, "debug1: sshd-auth version OpenSSH_10.0"),
        (10, "debug2: Network child is on pid 11"),
        (11, "debug3: receive packet: type 20 [preauth]"),
        (10, "Accepted publickey for a from 192.0.2.1 port 1111 ssh2: ED25519 SHA256:x"),
        (10, "User child is on pid 12"),
        (12, "debug3: receive packet: type 90"),
    )
    data = data.replace(b"sshd[10]", b"sshd-session[10]").replace(b"sshd[12]", b"sshd-session[12]")
    log = log_of(data.replace(b"sshd[11]", b"sshd-auth[11]"))
    (one,) = log.connections
    assert [log.messages[index].number for index in one.messages] == [20, 90]
    assert set(one.pids) == {10, 11, 12}


def test_a_pid_that_is_used_again() -> None:
    log = log_of(
        syslog(
            (10, "Accepted publickey for a from 192.0.2.1 port 1111 ssh2: ED25519 SHA256:x"),
            (10, "Disconnected from user a 192.0.2.1 port 1111"),
            (10, "Accepted publickey for b from 192.0.2.1 port 2222 ssh2: ED25519 SHA256:x"),
        )
    )
    assert [(one.user, one.port) for one in log.connections] == [("a", 1111), ("b", 2222)]


@pytest.mark.parametrize("name", ["tmpdir-permission-2.19.db1.sshd.log", "sftp-missing-2.19.db1.sshd.log"])
def test_a_file_of_sshd_itself(name: str) -> None:
    log = log_of(sample(name))
    assert list(log.framings) == [Framing.BARE]
    assert not log.pids
    assert not log.mixed
    (connection,) = log.connections
    assert connection.accepted is not None
    assert connection.accepted.method == "publickey"
    assert connection.end is End.CLOSED
    assert all(channel.over for channel in connection.channels)
    assert all(m.channel is not None for m in _messages(log, connection) if 90 <= m.number <= 100)


def _messages(log: SshdLog, connection: Connection) -> list[Message]:
    return [log.messages[index] for index in connection.messages]
