"""Each real log of sshd beside the samples: its causes, and that every line found its connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.findings import Severity
from parsers.sshd.life import State, state_of
from parsers.sshd.model import Framing, SshdLog
from tests.parsers.helpers import SAMPLES, analyse, model_of

LOGS = sorted(path.name for path in Path(SAMPLES).glob("*.sshd.log"))
ERRORS = {
    "sftp-missing-2.16.db1": ["sftp-subsystem-missing"],
    "sftp-missing-2.18.db1": ["sftp-subsystem-missing"],
    "sftp-missing-2.19.db1": ["sftp-subsystem-missing"],
    "sshd-held-2.19.db1": ["channel-stall"],
    "sshd-killed-2.19.db1": ["sshd-reset-mid-channel"],
    "sshd-killed-2.19.db2": ["sshd-exit-signal"],
    "sshd-logins-2.19.expired": ["account-refused"],
    "sshd-logins-2.19.listed": ["user-not-allowed"],
    "sshd-logins-2.19.modes": ["sshd-key-modes"],
    "sshd-logins-2.19.pam": ["account-refused"],
    "sshd-logins-2.19.shell": ["user-not-allowed"],
    "sshd-logins-2.19.tries": ["auth-too-many"],
    "sshd-logins-2.19.unknown": ["auth-publickey"],
    "sshd-refusals-2.19.badsftp": ["sftp-server-path-wrong"],
    "sshd-refusals-2.19.forced": ["forced-command"],
    "sshd-refusals-2.19.kex": ["no-common-kex"],
    "sshd-refusals-2.19.nosftp": ["sftp-subsystem-missing"],
    "sshd-refusals-2.19.startups": ["sshd-startups"],
    "sshd-long-2.19.db1": ["sshd-reset-mid-channel"],
    "sshd-slow-2.19.db1": ["channel-stall"],
}
WARNINGS = {"sshd-sessions-2.19.db1": ["mux-session-refused"]}


def log_of(name: str) -> SshdLog:
    """The model of a sample."""
    log = model_of((SAMPLES / name).read_bytes()).sshd
    assert log is not None
    return log


@pytest.mark.parametrize("name", LOGS)
def test_exactly_the_causes(name: str) -> None:
    found = analyse((SAMPLES / name).read_bytes())[1]
    stem = name.removesuffix(".sshd.log")
    assert [one.rule.id for one in found if one.severity is Severity.ERROR] == ERRORS.get(stem, [])
    assert [one.rule.id for one in found if one.severity is Severity.WARNING] == WARNINGS.get(stem, [])


def test_the_tables_name_no_log_that_is_not_there() -> None:
    assert {f"{stem}.sshd.log" for stem in (*ERRORS, *WARNINGS)} <= set(LOGS)


@pytest.mark.parametrize("name", LOGS)
def test_every_message_of_a_channel_has_its_channel(name: str) -> None:
    log = log_of(name)
    loose = [m.place.line for m in log.messages if 90 <= m.number <= 100 and m.channel is None]
    assert loose == []
    assert all(connection.whole for connection in log.connections)


def test_both_forms_of_syslog() -> None:
    web1, web2 = (log_of(f"sshd-healthy-2.19.web{number}.sshd.log") for number in (1, 2))
    assert (list(web1.framings), list(web2.framings)) == ([Framing.SYSLOG], [Framing.ISO])
    assert (web1.year, web1.zoned, web1.host) == (None, False, "web1")
    assert (web2.year, web2.zoned, web2.host) == (2026, True, "web2")
    for log in (web1, web2):
        (connection,) = log.connections
        assert len(connection.pids) == 2
        assert all(state_of(channel, connection) is State.OK for channel in connection.channels)
        assert sum(channel.command is not None for channel in connection.channels) >= 15
        assert [channel.tty is not None for channel in connection.channels].count(True) >= 3
        assert set(log.others) >= {"sudo", "ansible-ansible.legacy.command"}


def test_an_opening_that_sshd_received_and_never_answered() -> None:
    log = log_of("sshd-held-2.19.db1.sshd.log")
    (channel,) = log.connections[0].channels
    assert channel.stalled
    assert [message.number for message in log.table(channel)] == [90]
    assert state_of(channel, log.connections[0]) is State.STALLED
