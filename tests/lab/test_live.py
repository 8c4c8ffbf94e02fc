"""Real hangs, looked at while they hang: the right host, stage and phase, stalled at its limit or running."""

from __future__ import annotations

import base64
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from parsers.analysis import Analysis
from parsers.awaited import Wait, limit_of
from parsers.log_model import LogModel
from parsers.model import HostRun, Stage, StageRun, Status
from tests.lab import world
from tests.lab.conftest import need
from tests.lab.live import BEHIND, LiveRun, started
from tests.lab.middlebox import Middlebox
from tests.lab.model import DB1, DB1_LINE, PING, WEB1, WEB1_LINE, Machine, Scenario, inventory, play
from tests.lab.servers import SshdOptions
from tests.lab.truth_make import SITE
from tests.lab.versions import ALL, lab_root
from tests.lab.versions import playbook_program as program_of
from tui.stamp import FOLDER, PLUGIN, stamped

pytestmark = pytest.mark.lab

TIMEOUT = 12
LINGER = 3.0
"""Seconds by which a test's clock is ahead of the log when it looks."""
BLOCKED_SUDO = """\
printf '#!/bin/sh\\nsleep 600\\n' > $LAB/sudo
chmod 755 $LAB/sudo
mount --bind $LAB/sudo /usr/bin/sudo
"""
SLOW_LOGIN = SshdOptions(
    extra=("AuthorizedKeysFile none", "AuthorizedKeysCommand /usr/bin/sleep 600", "AuthorizedKeysCommandUser root")
)
# ssh compresses (-C), so the file must not shrink.
BIG = base64.b64encode(random.Random(5).randbytes(3_000_000)).decode()  # noqa: S311
COPY = play("all", "name: Copy\nansible.builtin.copy:\n  src: big.bin\n  dest: /home/deploy/big.bin")
SLEEP = play("all", "name: Sleep\nansible.builtin.command: sleep {{ 600 if inventory_hostname == 'db1' else 0 }}")
WHOAMI = play("all", "name: Who am I\nansible.builtin.command: whoami", become="true")
BEHIND_BOX = replace(DB1, port=BEHIND)


@dataclass(frozen=True, slots=True)
class Hang:
    """One way in which db1 hangs, and how it has to look."""

    db1: Machine
    playbook: str
    stage: Stage
    wait: Wait
    phase: str | None = None
    rule: str | None = None
    box: Middlebox | None = None
    limit: float = float(TIMEOUT)


HANGS = {
    "tcp": Hang(replace(DB1, server="full"), PING, Stage.CONNECT, Wait.TCP, "tcp", "connection-timeout"),
    "banner": Hang(replace(DB1, server="silent"), PING, Stage.CONNECT, Wait.BANNER, "banner", "banner-timeout"),
    "kex": Hang(BEHIND_BOX, PING, Stage.CONNECT, Wait.KEX_REPLY, "kex", "mtu-stall", Middlebox(up=200)),
    "auth": Hang(replace(DB1, options=SLOW_LOGIN), PING, Stage.CONNECT, Wait.AUTH, "auth"),
    "channel": Hang(replace(DB1, server="unanswered"), PING, Stage.CONNECT, Wait.CHANNEL, "channel", "channel-stall"),
    "sftp": Hang(BEHIND_BOX, COPY, Stage.TRANSFER, Wait.SFTP_ACK, box=Middlebox(up=400_000), limit=10.0),
    "sudo": Hang(
        replace(DB1, setup=BLOCKED_SUDO), WHOAMI, Stage.EXEC, Wait.ESCALATION, rule="become-timeout", limit=5.0
    ),
    "module": Hang(DB1, SLEEP, Stage.EXEC, Wait.RESULT, limit=float("inf")),
}


@contextmanager
def hanging(hang: Hang, version: str, name: str) -> Iterator[LiveRun]:
    """The run, under way."""
    # As a launched run is: from 2.17 on only the plugin's stamps make whose chunk it is sure while commands are open.
    stamps = {
        key: value.replace(str(FOLDER), str(SITE / "stamp"))
        for key, value in stamped({"HOME": "/home/ops"}, SITE).items()
    }
    scenario = Scenario(
        f"live-{name}",
        "db1 hangs",
        (WEB1, hang.db1),
        inventory(WEB1_LINE, DB1_LINE),
        (("hang.yml", hang.playbook),),
        {},
        environment={"PYTHONUNBUFFERED": "1", "ANSIBLE_TIMEOUT": str(TIMEOUT), **stamps},
        files={
            f"stamp/{PLUGIN}.py": (FOLDER / f"{PLUGIN}.py").read_text(encoding="utf-8"),
            **({"big.bin": BIG} if hang.playbook is COPY else {}),
        },
    )
    boxes = {"db1": replace(hang.box)} if hang.box is not None else {}
    with started(scenario, version, lab_root() / f"live-{name}-{version}", boxes) as run:
        yield run


def open_stage(model: LogModel) -> tuple[HostRun, StageRun] | None:
    """db1's open stage."""
    host = model.runs[-1].hosts.get("db1") if model.runs else None
    task = host.tasks[-1] if host is not None and host.tasks else None
    stage = next((one for one in task.stages if one.awaited is not None), None) if task is not None else None
    return (host, stage) if host is not None and stage is not None else None


@pytest.mark.parametrize("version", ["2.16", "2.19"])
@pytest.mark.parametrize("name", HANGS)
def test_a_real_hang_is_seen_at_its_limit_and_not_before(name: str, version: str, sshd_path: str) -> None:
    reason = world.missing()
    if reason is not None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no namespaces here: {reason}")
    need(str(program_of(version)) if version in ALL and program_of(version) else None, f"ansible-core {version}")
    hang = HANGS[name]

    def at_its_place(model: LogModel) -> bool:
        found = open_stage(model)
        settled = found is not None and found[1].awaited is not None and found[1].awaited.wait is hang.wait
        return settled and found is not None and found[1].silent is not None and found[1].silent > LINGER

    with hanging(hang, version, name) as run:
        analysis, model, now = run.follow(at_its_place, 40)
        found = open_stage(model)
        assert found is not None
        _host, stage = found
        assert (stage.stage, stage.phase) == (hang.stage, hang.phase)
        assert limit_of(stage) == hang.limit
        assert model.runs[-1].hosts["web1"].status is not Status.STALLED
        assert stage.silent is not None
        # The clock is the test's: it looks just before and just behind the limit, at the log of now.
        began = now - stage.silent
        if hang.limit == float("inf"):
            assert_state(analysis, began + 3600, Status.RUNNING)
            return
        assert_state(analysis, began + hang.limit - 0.1, Status.RUNNING)
        assert_state(analysis, began + hang.limit + 0.1, Status.STALLED)
        rules = {finding.rule.id for finding in analysis.findings() if finding.host == "db1"}
        assert rules == {hang.rule or "open-at-end"}


def assert_state(analysis: Analysis, now: float, status: Status) -> None:
    """db1 stands as said at `now`."""
    found = open_stage(analysis.snapshot(now=now))
    assert found is not None
    assert (found[0].status, found[1].status) == (status, status)


def test_a_connection_that_goes_silent_between_two_tasks_is_seen(sshd_path: str) -> None:
    """The second task asks the ControlPersist master, which knows nothing of it."""
    reason = world.missing()
    if reason is not None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no namespaces here: {reason}")
    need(str(program_of("2.19")) if program_of("2.19") else None, "ansible-core 2.19")
    wait = "name: Wait\nansible.builtin.wait_for:\n  timeout: 4\ndelegate_to: localhost\nconnection: local"
    first, second = "name: One\nansible.builtin.ping:", "name: Two\nansible.builtin.ping:"
    hang = Hang(BEHIND_BOX, play("all", first, wait, second), Stage.HOME, Wait.MASTER, limit=5.0)
    box = Middlebox()
    scenario = Scenario(
        "live-between",
        "db1's connection goes silent while nothing runs over it",
        (WEB1, hang.db1),
        inventory(WEB1_LINE, DB1_LINE),
        (("hang.yml", hang.playbook),),
        {},
        environment={"PYTHONUNBUFFERED": "1", "ANSIBLE_TIMEOUT": str(TIMEOUT)},
    )

    def waiting(model: LogModel) -> bool:
        host = model.runs[-1].hosts.get("db1") if model.runs else None
        return host is not None and bool(host.tasks) and host.tasks[-1].name == "Wait" and bool(host.tasks[-1].stages)

    def asks_master(model: LogModel) -> bool:
        found = open_stage(model)
        return found is not None and found[1].awaited is not None and found[1].awaited.wait is Wait.MASTER

    with started(scenario, "2.19", lab_root() / "live-between", {"db1": box}) as run:
        run.follow(waiting, 40)
        box.fall_silent()
        analysis, model, now = run.follow(asks_master, 40)
        found = open_stage(model)
        assert found is not None
        assert found[1].silent is not None
        began = now - found[1].silent
        assert_state(analysis, began + hang.limit - 0.1, Status.RUNNING)
        assert_state(analysis, began + hang.limit + 0.1, Status.STALLED)
        assert [finding.rule.id for finding in analysis.findings() if finding.host == "db1"] == ["channel-stall"]


def test_a_middlebox_forwards_so_many_bytes_and_closes_nothing(tmp_path: Path) -> None:
    box = Middlebox(up=5)
    assert box.passed(b"abc", up=True) == b"abc"
    assert not box.fell_silent.is_set()
    assert box.passed(b"defg", up=True) == b"de"
    assert box.fell_silent.is_set()
    assert box.passed(b"h", up=True) == b""
    assert box.passed(b"answer", up=False) == b"answer"
    box.fall_silent()
    assert box.passed(b"more", up=False) == b""
