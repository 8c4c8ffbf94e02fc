"""From a line to its worker: by pid, by the temporary directory's name, by the address."""

from __future__ import annotations

import pytest

from parsers.model import Stage, Status, Tool
from tests.parsers.minilog import DB1, HOME, WEB1, WEB2, Box, MiniLog

DB2 = Box("db2", "192.0.2.8")
KINDS = [("2.13.13", True), ("2.16.19", True), ("2.17.14", True), ("2.19.14", True), ("2.19.14", False)]
FORMS = pytest.mark.parametrize(("version", "debug"), KINDS)


def begun(version: str = "2.16.19", debug: bool = True, *boxes: Box) -> MiniLog:
    """A log whose task is queued."""
    return MiniLog(version, debug=debug).begin().task("Ping", *(boxes or (WEB1, DB1)))


def rcs(log: MiniLog, name: str) -> list[int | None]:
    """The exit statuses of a host's commands."""
    return [command.rc for task in log.host(name).tasks for command in task.commands]


@FORMS
def test_each_command_goes_to_its_host(version: str, debug: bool) -> None:
    log = begun(version, debug)
    for stage in ("home", "tmpdir", "transfer", "chmod", "exec"):
        log.step(WEB1, stage).step(DB1, stage)
    log.step(WEB1, "cleanup").result(WEB1).step(DB1, "cleanup").result(DB1).recap(web1={"ok": 1}, db1={"ok": 1})
    for box in (WEB1, DB1):
        host = log.host(box.name)
        assert (host.address, host.user, host.port, host.connection) == (box.address, "deploy", 22, "ssh")
        assert len(host.tasks[0].commands) == 6
        assert {command.address for command in host.tasks[0].commands} == {box.address}


@FORMS
def test_one_address_with_two_ports(version: str, debug: bool) -> None:
    one, other = Box("web1", "192.0.2.1", port=2201), Box("web2", "192.0.2.1", port=2202)
    log = begun(version, debug, one, other).module(one).step(other, "home").step(other, "tmpdir", 1, "")
    log.result(one).result(other, "unreachable", msg="Failed to create temporary directory.")
    log.recap(web1={"ok": 1}, web2={"unreachable": 1})
    assert (log.host("web1").port, log.host("web2").port) == (2201, 2202)
    assert rcs(log, "web1") == [0] * 6
    assert rcs(log, "web2") == [0, 1]
    assert log.host("web2").failed_stage is Stage.TMPDIR


@FORMS
def test_one_address_with_two_users(version: str, debug: bool) -> None:
    one, other = Box("web1", "192.0.2.1", user="deploy"), Box("web2", "192.0.2.1", user="app")
    log = begun(version, debug, one, other)
    for stage in ("home", "tmpdir", "transfer", "exec"):
        log.step(other, stage).step(one, stage)
    log.result(other).result(one).recap(web1={"ok": 1}, web2={"ok": 1})
    for box in (one, other):
        assert (log.host(box.name).user, len(rcs(log, box.name))) == (box.user, 4)


@FORMS
def test_two_names_at_one_address_and_user(version: str, debug: bool) -> None:
    """Their temporary directories tell the workers apart, wherever they are named."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = begun(version, debug, one, other)
    for stage in ("tmpdir", "transfer", "chmod", "exec", "cleanup"):
        log.step(one, stage).step(other, stage)
    log.result(one).result(other).recap(api1={"ok": 1}, api2={"ok": 1})
    assert (rcs(log, "api1"), rcs(log, "api2")) == ([0] * 5, [0] * 5)
    tmps = [{command.tmp for command in log.host(name).tasks[0].commands} for name in ("api1", "api2")]
    assert [len(names) for names in tmps] == [1, 1]
    assert tmps[0] != tmps[1]


@FORMS
def test_retries_of_ssh_are_attempts_of_one_stage(version: str, debug: bool) -> None:
    log = begun(version, debug, DB1).open(DB1, HOME)
    refused = "ssh: connect to host 192.0.2.7 port 22: Connection refused\r\n"
    for attempt in (1, 2):
        log.close(DB1, 255, "", refused, done=False)
        log.raw(f"<{DB1.address}> ssh_retry: attempt: {attempt}, ssh return code is 255. cmd ([b'ssh']...), pausing")
        log.raw(f"<{DB1.address}> SSH: EXEC ssh -vvv -o Port=22 -o 'User=\"deploy\"' {DB1.address} "
                "'/bin/sh -c '\"'\"'echo ~deploy && sleep 0'\"'\"''")  # fmt: skip
    log.close(DB1, 255, "", refused).result(DB1, "unreachable", msg="Failed to connect").recap(db1={"unreachable": 1})
    host = log.host("db1")
    connects = [stage for stage in host.tasks[0].stages if stage.stage is Stage.CONNECT]
    assert len(connects) == 1
    assert connects[0].command is not None
    assert connects[0].command.attempt == 3
    assert (host.status, host.failed_stage, host.phase) == (Status.UNREACHABLE, Stage.CONNECT, "tcp")


@FORMS
def test_who_is_told_to_be_unreachable_tries_no_more(version: str, debug: bool) -> None:
    """Two names at one address, the second of which begins when the first is over."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = MiniLog(version, debug=debug).begin().task("Ping", one, other)
    refused = "ssh: connect to host 192.0.2.5 port 22: Connection refused"
    for box in (one, other):
        log.open(box, HOME).close(box, 255, "", f"{refused}\r\n")
        log.result(box, "unreachable", msg=f"Failed to connect to the host via ssh: {refused}")
    log.recap(api1={"unreachable": 1}, api2={"unreachable": 1})
    assert (rcs(log, "api1"), rcs(log, "api2")) == ([255], [255])


@FORMS
def test_a_retry_is_not_another_host_s_command_that_says_the_same(version: str, debug: bool) -> None:
    log = begun(version, debug).open(DB1, HOME)
    if debug:  # web1's worker has announced the same words, and not said yet where they go
        log.header("_low_level_execute_command(): starting", WEB1)
        log.header(f"_low_level_execute_command(): executing: {HOME}", WEB1)
    again = f"-o Port=22 -o 'User=\"deploy\"' {DB1.address} '/bin/sh -c '\"'\"'echo ~deploy && sleep 0'\"'\"''"
    log.close(DB1, 255, "", "kex_exchange_identification: read: Connection reset by peer\r\n", done=False)
    log.raw(f"<{DB1.address}> ssh_retry: attempt: 1, ssh return code is 255. cmd ([b'ssh']...), pausing for 0 seconds")
    log.raw(f"<{DB1.address}> SSH: EXEC ssh -vvv {again}")
    log.raw(f"<{WEB1.address}> SSH: EXEC ssh -vvv {again.replace(DB1.address, WEB1.address)}")
    log.close(DB1, 0, "/home/deploy\n").close(WEB1, 0, "/home/deploy\n")
    log.result(DB1).result(WEB1).recap(db1={"ok": 1}, web1={"ok": 1})
    assert rcs(log, "db1") == [255, 0]
    assert rcs(log, "web1") == [0]


@FORMS
def test_a_local_connection(version: str, debug: bool) -> None:
    local = Box("localhost", "localhost")
    log = begun(version, debug, local)
    python = f"/bin/sh -c '/usr/bin/python3 {log.tmp(local)}/AnsiballZ_ping.py && sleep 0'"
    for text in ("/bin/sh -c 'echo ~ops && sleep 0'", python):
        if text is python:
            log.raw(f"<localhost> PUT /ctl/a TO {log.tmp(local)}/AnsiballZ_ping.py")
        log.header(f"_low_level_execute_command(): executing: {text}", local)
        log.raw("<localhost> ESTABLISH LOCAL CONNECTION FOR USER: ops", f"<localhost> EXEC {text}")
        log.header("_low_level_execute_command() done: rc=0, stdout=x, stderr=", local)
    host = log.result(local).recap(localhost={"ok": 1}).host("localhost")
    assert log.model().runs[-1].reassembly.open == 0
    stages = [stage.stage for stage in host.tasks[0].stages]
    assert stages == [Stage.HOME, Stage.TRANSFER, Stage.EXEC, Stage.RESULT]
    assert (host.connection, host.status) == ("local", Status.OK)
    assert {command.tool for command in host.tasks[0].commands} == {Tool.LOCAL}


@FORMS
def test_a_fetch(version: str, debug: bool) -> None:
    log = begun(version, debug, DB1).step(DB1, "home").raw(f"<{DB1.address}> FETCH /etc/motd TO /ctl/motd")
    log.raw(f"<{DB1.address}> SSH: EXEC sftp -b - -o Port=22 -o 'User=\"deploy\"' '[{DB1.address}]'")
    log.close(DB1, 0, "sftp> get /etc/motd /ctl/motd\n", done=False).result(DB1)
    command = log.host("db1").tasks[0].commands[1]
    assert (command.stage, command.local_path, command.remote_path) == (Stage.TRANSFER, "/ctl/motd", "/etc/motd")


@FORMS
def test_a_delegated_tasks_commands_are_the_first_hosts(version: str, debug: bool) -> None:
    """`ok: [web1 -> db1(192.0.2.7)]`: the commands run at db1's address, and web1's address stays its own."""
    at_db1 = Box("web1", DB1.address)
    log = begun(version, debug, WEB1).module(WEB1).result(WEB1)
    log.task("On db1", at_db1).module(at_db1).result(f"web1 -> db1({DB1.address})").recap(web1={"ok": 2})
    host = log.host("web1")
    assert [len(task.commands) for task in host.tasks] == [6, 6]
    assert (host.address, host.tasks[1].delegate) == (WEB1.address, "db1")
    assert "db1" not in log.model().runs[0].hosts


@FORMS
def test_a_loop_stays_with_its_worker(version: str, debug: bool) -> None:
    log = begun(version, debug, WEB1, DB1)
    for item in ("a", "b"):
        for box in (WEB1, DB1):
            log.module(box).result(box, "changed", item=item)
    log.recap(web1={"ok": 1}, db1={"ok": 1})
    for name in ("web1", "db1"):
        task = log.host(name).tasks[0]
        assert len(task.commands) == 12
        assert [result.item for result in task.results] == ["a", "b"]


@FORMS
def test_the_same_host_in_the_next_task(version: str, debug: bool) -> None:
    log = begun(version, debug).module(WEB1).module(DB1).result(DB1).result(WEB1)
    log.task("Again", WEB1, DB1).module(DB1).module(WEB1).result(WEB1).result(DB1)
    for name in ("web1", "db1"):
        assert [(task.name, len(task.commands)) for task in log.host(name).tasks] == [("Ping", 6), ("Again", 6)]


def test_a_control_command_of_the_master_opens_nothing() -> None:
    log = begun().raw(f"<{WEB1.address}> SSH: EXEC ssh -O stop -o Port=22 {WEB1.address}")
    assert log.model().chunks.commands == []


def test_a_command_of_several_lines() -> None:
    log = begun("2.16.19", True, WEB1).header("_low_level_execute_command(): executing: set -e", WEB1).raw("uptime")
    log.raw(f"<{WEB1.address}> ESTABLISH SSH CONNECTION FOR USER: deploy")
    log.raw(f"<{WEB1.address}> SSH: EXEC ssh -o Port=22 -o 'User=\"deploy\"' {WEB1.address} 'set -e", "uptime'")
    log.close(WEB1, 5, "x", done=False)
    assert rcs(log, "web1") == [5]


@pytest.mark.parametrize("version", ["2.17.14", "2.19.14"])
def test_of_two_users_transfers_each_is_carried_out_by_its_own_sftp(version: str) -> None:
    """Both say what they will send, and the second one's sftp is started first."""
    one, other = Box("web1", "192.0.2.1", user="deploy"), Box("web2", "192.0.2.1", user="app")
    log = begun(version, True, one, other)
    for box in (one, other):
        log.step(box, "home").step(box, "tmpdir")
    targets = {box.name: f"{log.tmp(box)}/AnsiballZ_ping.py" for box in (one, other)}
    for box in (one, other):
        log.raw(f"<{box.address}> PUT /ctl/{box.name} TO {targets[box.name]}")
    for box in (other, one):
        log.raw(f"<{box.address}> SSH: EXEC sftp -vvv -o Port=22 -o 'User=\"{box.user}\"' '[{box.address}]'")
    for box in (one, other):
        log.close(box, 0, f"sftp> put /ctl/{box.name} {targets[box.name]}\n", done=False)
        log.module(box, ("chmod", "exec", "cleanup"))
    log.result(one).result(other).recap(web1={"ok": 1}, web2={"ok": 1})
    for box in (one, other):
        assert rcs(log, box.name) == [0] * 6
        transfer = log.host(box.name).tasks[0].commands[2]
        assert (transfer.remote_path, transfer.user) == (targets[box.name], box.user)


@pytest.mark.parametrize("version", ["2.17.14", "2.19.14"])
def test_an_sftp_right_behind_a_transfer_carries_that_out(version: str) -> None:
    """Another one said before what it will send, and its process is only started later."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = begun(version, True, one, other)
    for box in (one, other):
        log.step(box, "home").step(box, "tmpdir")
    targets = {box.name: f"{log.tmp(box)}/AnsiballZ_ping.py" for box in (one, other)}
    started = f"<{one.address}> SSH: EXEC sftp -vvv -o Port=22 -o 'User=\"{one.user}\"' '[{one.address}]'"
    put = {box.name: f"<{box.address}> PUT /ctl/{box.name} TO {targets[box.name]}" for box in (one, other)}
    log.raw(put["api1"]).header("variable 'omit' from source: magic vars")
    log.raw(put["api2"], started).header("variable 'omit' from source: magic vars").raw(started)
    first, second = (log.model().chunks.commands[index] for index in (-2, -1))
    assert [command.remote_path for command in (first, second)] == [targets["api2"], targets["api1"]]
    for box in (other, one):
        log.close(box, 0, f"sftp> put /ctl/{box.name} {targets[box.name]}\n", done=False)
        log.module(box, ("chmod", "exec", "cleanup"))
    log.result(one).result(other).recap(api1={"ok": 1}, api2={"ok": 1})
    assert [rcs(log, box.name) for box in (one, other)] == [[0] * 6] * 2


@pytest.mark.parametrize("version", ["2.17.14", "2.19.14"])
def test_who_has_files_to_remove_asks_for_no_home(version: str) -> None:
    """Of two loops at one address, the one whose files are gone goes on to its next item."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = begun(version, True, one, other)
    stages = ("tmpdir", "transfer", "chmod", "exec")
    log.open(one, HOME).open(other, HOME).close(one, 0, "/home/deploy\n").close(other, 0, "/home/deploy\n")
    log.module(one, stages).step(one, "cleanup").module(other, stages)
    tmps = [log.tmp(one), log.tmp(other)]
    log.open(one, HOME).step(other, "cleanup").close(one, 0, "/home/deploy\n")
    log.step(one, "tmpdir").result(one).result(other).recap(api1={"ok": 1}, api2={"ok": 1})
    assert [len(rcs(log, box.name)) for box in (one, other)] == [8, 6]
    for box, tmp in zip((one, other), tmps, strict=True):
        commands = log.host(box.name).tasks[0].commands
        assert {command.tmp for command in commands if command.tmp} == {tmp.rsplit("/", 1)[-1]}


@FORMS
def test_who_brings_a_file_to_a_home_asks_for_it_again(version: str, debug: bool) -> None:
    """`copy: dest=~/x` asks what `~` is once its temporary directory is there (2.8-2.19)."""
    log = begun(version, debug, WEB1, DB1, DB2)
    log.step(DB2, "home").step(DB2, "tmpdir", 1, "").result(DB2, "unreachable", msg="No directory.")
    for box in (WEB1, DB1):
        log.module(box).result(box)
    log.task("Copy", WEB1, DB1, action="copy")
    for stage in ("home", "tmpdir", "home", "transfer", "chmod", "exec", "cleanup"):
        log.step(WEB1, stage).step(DB1, stage)
    log.result(WEB1).result(DB1).recap(web1={"ok": 2}, db1={"ok": 2}, db2={"unreachable": 1})
    assert set(log.model().runs[-1].hosts) == {"web1", "db1", "db2"}
    assert [len(rcs(log, box.name)) for box in (WEB1, DB1, DB2)] == [13, 13, 2]


@FORMS
def test_of_two_names_at_one_address_each_gets_its_own_second_home(version: str, debug: bool) -> None:
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = begun(version, debug).task("Copy", one, other, action="ansible.builtin.copy")
    log.step(one, "home").step(one, "tmpdir").step(other, "home").step(one, "home").step(other, "tmpdir")
    log.step(other, "home")
    for stage in ("transfer", "chmod", "exec", "cleanup"):
        log.step(one, stage).step(other, stage)
    log.result(one).result(other).recap(api1={"ok": 1}, api2={"ok": 1})
    assert [len(rcs(log, box.name)) for box in (one, other)] == [7, 7]


@FORMS
def test_a_loop_whose_items_are_delegated_to_several_hosts(version: str, debug: bool) -> None:
    """Its worker goes to one address after the other, while others do the same."""
    log = begun(version, debug)
    for item in (WEB2, DB2):
        for box in (WEB1, DB1):
            log.open(Box(box.name, item.address), HOME)
        for box in (WEB1, DB1):
            there = Box(box.name, item.address)
            log.close(there, 0, "/home/deploy\n").module(there, ("tmpdir", "transfer", "chmod", "exec", "cleanup"))
        for box in (WEB1, DB1):
            log.result(f"{box.name} -> {item.name}({item.address})", item=item.name)
    log.recap(web1={"ok": 1}, db1={"ok": 1})
    assert list(log.model().runs[-1].hosts) == ["web1", "db1"]
    for box in (WEB1, DB1):
        commands = log.host(box.name).tasks[0].commands
        assert [command.address for command in commands] == [WEB2.address] * 6 + [DB2.address] * 6
        assert [command.rc for command in commands] == [0] * 12
        assert len({command.tmp for command in commands if command.tmp}) == 1


@pytest.mark.parametrize("announced", [True, False])
def test_who_is_to_remove_its_files_asks_for_no_home_directory_while_others_are_to_begin(announced: bool) -> None:
    """Another worker begins at the same address before the `SSH: EXEC` of `rm DIR`: also before `executing: rm DIR`."""
    one, other = Box("api1", "192.0.2.5"), Box("api2", "192.0.2.5")
    log = begun("2.17.14", True, one, other).module(one, ("home", "tmpdir", "transfer", "chmod", "exec"))
    text = f"/bin/sh -c 'rm -f -r {log.tmp(one)}/ > /dev/null 2>&1 && sleep 0'"
    announcement = f"_low_level_execute_command(): executing: {text}"
    if announced:
        log.header(announcement).open(other, HOME)
    else:
        log.open(other, HOME).header(announcement)
    log.open(one, text).close(other, 0, "/home/deploy\n").close(one)
    log.module(other, ("tmpdir", "transfer", "chmod", "exec", "cleanup"))
    log.result(one).result(other).recap(api1={"ok": 1}, api2={"ok": 1})
    for name in ("api1", "api2"):
        stages = [command.stage for command in log.host(name).tasks[0].commands]
        assert [str(stage) for stage in stages] == ["home", "tmpdir", "transfer", "chmod", "exec", "cleanup"]
    assert rcs(log, "api2") == [0] * 6
