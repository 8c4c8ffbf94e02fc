"""Which inventory name an address belongs to, from what the log shows."""

from __future__ import annotations

import pytest

from parsers.model import Stage, Status
from tests.parsers.minilog import DB1, HOME, PARENT, WEB1, WEB2, Box, MiniLog

# Up to 2.16 the workers' own lines say it; these have to be settled.
KINDS = [("2.17.14", True), ("2.19.14", True), ("2.19.14", False), ("2.13.13", False)]
FORMS = pytest.mark.parametrize(("version", "debug"), KINDS)
DENIED = "deploy@{}: Permission denied (publickey).\r\n"


def addresses(log: MiniLog) -> dict[str, str | None]:
    """Each name's address."""
    return {name: host.address for name, host in log.model().runs[-1].hosts.items()}


def begun(version: str, debug: bool, *boxes: Box) -> MiniLog:
    """A log whose task is queued."""
    return MiniLog(version, debug=debug).begin().task("Ping", *boxes)


@FORMS
def test_a_name_that_is_the_address(version: str, debug: bool) -> None:
    one, other = Box("192.0.2.8", "192.0.2.8"), Box("192.0.2.9", "192.0.2.9")
    log = begun(version, debug, one, other).step(other, "home").step(one, "home").result(one).result(other)
    assert addresses(log) == {"192.0.2.8": "192.0.2.8", "192.0.2.9": "192.0.2.9"}


@FORMS
def test_one_after_the_other(version: str, debug: bool) -> None:
    """`-f 1`."""
    log = begun(version, debug, WEB1, WEB2, DB1)
    for box in (WEB1, WEB2, DB1):
        log.module(box).result(box)
    assert addresses(log) == {box.name: box.address for box in (WEB1, WEB2, DB1)}


@FORMS
def test_who_was_done_when_a_result_came(version: str, debug: bool) -> None:
    log = begun(version, debug, WEB1, WEB2, DB1)
    for stage in ("home", "tmpdir", "transfer"):
        for box in (DB1, WEB2, WEB1):
            log.step(box, stage)
    for box in (WEB2, WEB1, DB1):
        log.step(box, "exec").step(box, "cleanup").result(box)
    assert addresses(log) == {box.name: box.address for box in (WEB1, WEB2, DB1)}


@FORMS
def test_results_that_come_together_come_in_the_order_of_the_work(version: str, debug: bool) -> None:
    log = begun(version, debug, WEB1, DB1).module(WEB1).module(DB1).result(WEB1).result(DB1)
    assert addresses(log) == {"web1": WEB1.address, "db1": DB1.address}


@FORMS
def test_a_failure_that_quotes_the_address(version: str, debug: bool) -> None:
    log = begun(version, debug, WEB1, DB1).open(DB1, HOME).open(WEB1, HOME)
    for box in (DB1, WEB1):
        log.close(box, 255, "", DENIED.format(box.address))
    for box in (WEB1, DB1):
        log.result(box, "unreachable", msg=f"Failed to connect to the host via ssh: {DENIED.format(box.address)}")
    assert addresses(log) == {"web1": WEB1.address, "db1": DB1.address}


@FORMS
def test_a_failure_that_quotes_the_port(version: str, debug: bool) -> None:
    one, other = Box("web1", "192.0.2.1", port=2201), Box("web2", "192.0.2.1", port=2202)
    log = begun(version, debug, one, other).open(other, HOME).open(one, HOME)
    refused = "ssh: connect to host 192.0.2.1 port {}: Connection refused\r\n"
    for box in (other, one):
        log.close(box, 255, "", refused.format(box.port))
    for box in (one, other):
        log.result(box, "unreachable", msg=f"Failed to connect to the host via ssh: {refused.format(box.port)}")
    hosts = log.model().runs[0].hosts
    assert {name: host.port for name, host in hosts.items()} == {"web1": 2201, "web2": 2202}


@FORMS
def test_a_failing_command_belongs_to_the_failed_name(version: str, debug: bool) -> None:
    log = begun(version, debug, WEB1, DB1).module(WEB1).step(DB1, "home").step(DB1, "tmpdir", 1, "", "mkdir: no\n")
    log.result(DB1, "unreachable", msg="Failed to create temporary directory.").result(WEB1)
    assert addresses(log) == {"web1": WEB1.address, "db1": DB1.address}
    assert log.host("db1").failed_stage is Stage.TMPDIR
    assert log.host("web1").status is Status.OK


@FORMS
def test_a_failure_that_quotes_no_word_is_of_a_command_that_found_no_session(version: str, debug: bool) -> None:
    """Commands that worked say as little, without ssh's debug text."""
    boxes = [Box(f"web{number}", f"192.0.2.{number}") for number in range(1, 4)]
    first, lost, last = boxes
    log = begun(version, debug, *boxes)
    log.module(first, ("home", "tmpdir", "transfer", "chmod")).step(first, "exec", 1).step(first, "cleanup")
    log.result(first, "failed", msg="MODULE FAILURE")
    log.step(lost, "home").step(last, "home").step(last, "tmpdir")
    log.step(lost, "tmpdir", 255, "", "").result(lost, "unreachable", msg="Failed to connect to the host via ssh: ")
    log.module(last, ("transfer", "chmod", "exec", "cleanup")).result(last)
    assert addresses(log) == {box.name: box.address for box in boxes}


@FORMS
def test_a_failed_module_on_a_terminal_quotes_the_address(version: str, debug: bool) -> None:
    """The last word of ssh's master stands in its stderr (-tt); both modules say the same, one after the other."""
    log = begun(version, debug, WEB1, DB1)
    for box in (DB1, WEB1):
        log.module(box, ("home", "tmpdir", "transfer", "chmod")).step(box, "exec", 1)
    for box in (WEB1, DB1):
        log.step(box, "cleanup")
    for box in (DB1, WEB1):
        said = f"MODULE FAILURE: Shared connection to {box.address} closed.\r\n"
        log.result(box, "failed", msg=said)
    assert addresses(log) == {"web1": WEB1.address, "db1": DB1.address}


@FORMS
def test_what_one_task_shows_counts_in_the_next(version: str, debug: bool) -> None:
    """The second task alone could go either way."""
    log = begun(version, debug, WEB1, DB1)
    for box in (WEB1, DB1):
        log.module(box).result(box)
    log.task("Again", WEB1, DB1)
    for stage in ("home", "tmpdir", "transfer", "exec"):
        log.step(DB1, stage).step(WEB1, stage)
    log.result(DB1).result(WEB1)
    assert addresses(log) == {"web1": WEB1.address, "db1": DB1.address}
    for box in (WEB1, DB1):
        assert {command.address for task in log.host(box.name).tasks for command in task.commands} == {box.address}


@FORMS
def test_discovery_says_the_name(version: str, debug: bool) -> None:
    log = begun(version, debug, WEB1, DB1).step(WEB1, "home").step(DB1, "home").step(DB1, "tmpdir").step(WEB1, "tmpdir")
    for box in (DB1, WEB1):
        log.raw(f"<{box.name}> Attempting python interpreter discovery.").step(box, "discovery")
    log.step(DB1, "exec").step(WEB1, "exec").result(DB1).result(WEB1)
    assert addresses(log) == {"web1": WEB1.address, "db1": DB1.address}


@FORMS
def test_one_name_whose_user_changes(version: str, debug: bool) -> None:
    root = Box("web1", WEB1.address, user="root")
    log = begun(version, debug, WEB1).module(WEB1).result(WEB1).play("as root").task("Ping", root).module(root)
    log.result(root).recap(web1={"ok": 2})
    hosts = log.model().runs[0].hosts
    assert list(hosts) == ["web1"]
    assert [task.commands[0].user for task in hosts["web1"].tasks] == ["deploy", "root"]
    assert hosts["web1"].status is Status.OK


@pytest.mark.parametrize("version", ["2.13.13", "2.16.19"])
def test_with_workers_pids_the_name_is_said(version: str) -> None:
    log = begun(version, True, WEB1, DB1).module(WEB1).module(DB1).result(WEB1).result(DB1)
    assert addresses(log) == {"web1": WEB1.address, "db1": DB1.address}


@FORMS
def test_a_log_that_ends_before_any_result(version: str, debug: bool) -> None:
    """The queue names the hosts where there is one; else only the address is known."""
    log = begun(version, debug, DB1).step(DB1, "home").open(DB1, "uptime")
    hosts = log.model().runs[0].hosts
    assert list(hosts) == (["db1"] if debug else [DB1.address])
    assert [host.status for host in hosts.values()] == [Status.STALLED]


@FORMS
def test_skipped_hosts_have_no_commands(version: str, debug: bool) -> None:
    log = begun(version, debug, WEB1, DB1).module(DB1).result(WEB1, "skipped").result(DB1)
    log.recap(web1={"skipped": 1}, db1={"ok": 1})
    assert log.host("web1").tasks[0].commands == []
    assert len(log.host("db1").tasks[0].commands) == 6


@pytest.mark.parametrize("version", ["2.17.14", "2.19.14"])
def test_failures_whose_commands_told_no_result_go_by_the_queue(version: str) -> None:
    """A password and an unknown host key: both results say the same, and no command prints its tuple."""
    words = "Using a SSH password instead of a key is not possible because Host Key checking is enabled"
    log = begun(version, True, WEB1, DB1).open(WEB1, HOME).open(DB1, HOME)
    for box in (DB1, WEB1):
        log.result(box, "failed", msg=words)
    assert addresses(log) == {"web1": WEB1.address, "db1": DB1.address}


def test_workers_of_two_names_rise_with_the_queue_also_where_a_host_has_none() -> None:
    """Whose Python was found first is told by the order alone, and may be told wrong; the process ids are not."""
    one, other, gone = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5"), Box("gone", "192.0.2.9")
    log = begun("2.21.1", True, one, other, gone)
    refused = "ssh: connect to host 192.0.2.9 port 22: Connection refused"
    log.open(gone, HOME).close(gone, 255, "", refused + "\n")
    log.module(one, ("home", "tmpdir")).module(other, ("home", "tmpdir"))
    find = "/bin/sh -c 'echo FOUND; command -v python3; echo ENDFOUND && sleep 0'"
    log.open(other, find).open(one, find)
    for box in (one, other):
        log.close(box, 0, "FOUND\n/usr/bin/python3\nENDFOUND\n")
        log.time += 0.01
        log.raw(f"{PARENT:6d} {log.time:.5f} [{box.name}]: found interpreters: ['/usr/bin/python3']")
    for stage in ("transfer", "chmod", "exec", "cleanup"):
        log.step(one, stage).step(other, stage)
    log.result(other).result(one).result(gone, "unreachable", msg="Failed to connect to the host via ssh: " + refused)
    log.recap(api1={"ok": 1}, api2={"ok": 1}, gone={"unreachable": 1})
    for box in (one, other):
        commands = [command for task in log.host(box.name).tasks for command in task.commands]
        assert {command.tmp for command in commands if command.tmp} == {log.tmp(box).rpartition("/")[2]}
