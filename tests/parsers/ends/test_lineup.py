"""Both ends of real runs, lined up: held against the order of hosts whose commands all have a channel."""

from __future__ import annotations

from collections import Counter

import pytest

from parsers.ends.lineup import line_up
from parsers.ends.model import EndLog, Ends, Side, Sure
from tests.parsers.ends.pairs import (
    CHANGES,
    Change,
    chained,
    data,
    ends_of,
    half,
    later,
    logs_of,
    names,
    read,
    right,
    truth,
    without_audit,
    wrong,
)

HEALTHY = "sshd-healthy-2.19"


@pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=[name for name, _ in CHANGES])
def test_a_healthy_run_is_lined_up(change: Change | None) -> None:
    ends = ends_of(HEALTHY, change)
    known = truth(ends)
    assert len(known) == 48
    assert right(ends, known) >= 0.99
    assert not wrong(ends, known)
    assert {one.side for one in ends.pairings} == {Side.BOTH}
    assert not ends.unpaired()


@pytest.mark.parametrize(
    "change",
    [half, chained(half, without_audit), chained(half, without_audit, later(50))],
    ids=["half", "half, no audit", "half, no audit, a clock ahead"],
)
def test_what_the_log_does_not_hold_gets_no_channel(change: Change) -> None:
    whole = ends_of(HEALTHY)
    known = truth(whole)
    lines = {(one.host, one.command.index): known[id(one.command)].opened.line for one in whole.pairings}
    for one in ends_of(HEALTHY, change).pairings:
        name = next(name for name in names(HEALTHY)[1] if one.host in name)
        raw = data(name).splitlines()
        audit = change is not half
        kept = [at for at in range(len(raw) // 2 + 1, len(raw) + 1) if not audit or b"mm_audit" not in raw[at - 1]]
        there = lines[one.host, one.command.index]
        found = kept[one.channel.opened.line - 1] if one.channel is not None else None
        assert found == (there if there > len(raw) // 2 else None)


def side(ends: Ends, host: str) -> list[Side]:
    return [one.side for one in ends.pairings if one.host == host and one.side.broken]


def test_where_each_broken_command_broke() -> None:
    ends = ends_of("sshd-refusals-2.19")
    assert side(ends, "kex") == [Side.NOT_LOGGED_IN]
    assert side(ends, "startups") == [Side.NOT_LOGGED_IN]
    assert side(ends, "forced") == []
    assert side(ends, "nosftp") == [Side.REFUSED]
    for stem, expected in {
        "sshd-held-2.19": [Side.NOT_ANSWERED],
        "sshd-slow-2.19": [Side.NOT_RECEIVED],
        "sshd-long-2.19": [Side.AT_WORK],
        "sshd-killed-2.19": [Side.CUT],
    }.items():
        assert side(ends_of(stem), "db1") == expected


def test_every_login_that_was_refused_has_its_connection() -> None:
    ends = ends_of("sshd-logins-2.19")
    assert len(ends.pairings) == 7
    for one in ends.pairings:
        server = ends.server(one.server)
        assert one.side is Side.NOT_LOGGED_IN
        assert server is not None
        assert server.hosts == [one.host]


def probed(raw: bytes) -> bytes:
    """sshd's log with a monitor's look at the open port before the run's own connection."""
    rows = raw.splitlines(keepends=True)
    at = next(at for at, row in enumerate(rows) if b"Connection from " in row)
    head, _, address = rows[at].partition(b"Connection from ")
    stamp = head.partition(b"sshd")[0]
    here = address.partition(b" on ")[2].rstrip(b"\n")
    probe = (
        stamp + b"sshd[99]: Connection from 127.0.0.99 port 4000 on " + here + b"\n",
        stamp + b"sshd[99]: error: kex_exchange_identification: Connection closed by remote host\n",
        stamp + b"sshd[99]: Connection closed by 127.0.0.99 port 4000\n",
    )
    return b"".join([*rows[:at], *probe, *rows[at:]])


def test_a_look_at_the_open_port_is_nobodys_login() -> None:
    ends = ends_of("sshd-logins-2.19", probed)
    assert [one.connection.port for one in ends.pairings if one.connection is not None].count(4000) == 0
    assert sum(one.connection is not None for one in ends.pairings) == 7


def test_two_names_that_share_a_connection_and_sessions_that_are_refused() -> None:
    ends = ends_of("sshd-sessions-2.19")
    (server,) = ends.servers
    assert server.hosts == ["db1", "db1-replica"]
    assert (server.channels, server.paired, server.left) == (17, 17, [])
    refused = [one for one in ends.pairings if one.refused]
    assert len(refused) == 3
    # Each went on in a connection of its own.
    assert all(one.connection is not one.refused_in and one.side is Side.BOTH for one in refused)
    for one in ends.pairings:
        if one.channel is not None and one.channel.subsystem is None and "ansible-tmp-" in one.command.text:
            assert one.command.tmp is not None
            assert one.command.tmp in (one.channel.command or "")


def test_a_command_and_its_channel_lead_to_each_other() -> None:
    ends = ends_of(HEALTHY)
    for one in ends.pairings:
        assert ends.of_command(one.command) is one
        assert ends.of_channel(one.channel) is one
    assert ends.of_command(None) is None
    assert Counter(one.sure for one in ends.pairings) == {Sure.CERTAIN: 30, Sure.LIKELY: 18}


def test_one_end_alone_is_lined_up_with_nothing() -> None:
    logs, _ = logs_of(HEALTHY)
    assert line_up(logs[:1]).pairings == []
    assert line_up(logs[1:]).pairings == []
    assert line_up([]).notes() == []


def test_a_log_of_another_run_is_lined_up_with_nothing() -> None:
    control, _ = logs_of("sshd-logins-2.19")
    model, _ = read(data("sshd-healthy-2.19.web1.sshd.log"), 1)
    ends = line_up([control[0], EndLog(1, "web1.sshd.log", model)])
    assert {one.channel for one in ends.pairings} == {None}
    assert {one.server for one in ends.pairings} == {None}
    assert ends.told() == []


def test_a_node_whose_log_has_no_connection_was_never_reached() -> None:
    control, _ = logs_of("timeouts-2.19")
    name = next(host.name for _, host in control[0].model.hosts() if host.status.bad)
    lines = data("sshd-healthy-2.19.web1.sshd.log").splitlines(keepends=True)[:6]
    silent = b"".join(lines).replace(b" web1 ", b" %s " % name.encode()).replace(b"127.0.0.11", b"192.0.2.7")
    model, _ = read(silent, 1)
    ends = line_up([control[0], EndLog(1, "secure", model)])
    told = [one for one in ends.pairings if one.host == name]
    assert {one.side for one in told} == {Side.NOT_REACHED}
    assert "no connection" in told[0].said
