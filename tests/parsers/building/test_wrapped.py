"""Results that a paste has wrapped, cut or adorned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.building.wrapped import begins_broken, parse
from parsers.model import Stage, Status
from tests.parsers.helpers import analyse, model_of

REFUSED = "Failed to connect to the host via ssh: ssh: connect to host 192.0.2.7 port 22: Connection refused"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (['{"msg": "one', 'two"}'], {"msg": "one two"}),
        (['{"msg": "one ', '    two"}'], {"msg": "one two"}),
        (['{"msg":', '"one"}`'], {"msg": "one"}),
        (["{", '"msg": "no blanks",', "", '"rc": 2', "}"], {"msg": "no blanks", "rc": 2}),
        (
            ['{"msg": "OpenSSH_8.2p1, OpenSSL', "debug1: a", 'ssh: b"}'],
            {"msg": "OpenSSH_8.2p1, OpenSSL\ndebug1: a\nssh: b"},
        ),
        (['{"changed": false, "msg": "cut...'], {"msg": "cut..."}),
        (
            ['{"msg": "a \\"quoted\\" word", "rc": 1, "stderr": "x\\ny'],
            {"msg": 'a "quoted" word', "rc": 1, "stderr": "x\ny"},
        ),
        (['{"msg": "first", "results": [{"msg": "second"'], {"msg": "first"}),
        (['{"cmd": "echo \\"msg\\": \\"no\\"", "rc": 3, '], {"rc": 3}),
        (['{"msg": "bold**"**, "unreachable":'], {"msg": "bold**"}),
        (["changed=false", "  msg: yaml"], {}),
        (["[1, 2]"], {}),
        ([], {}),
    ],
)
def test_what_can_be_read(lines: list[str], found: dict[str, object]) -> None:
    assert parse([line.encode() for line in lines]) == found


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=8))
def test_any_lines_are_read(lines: list[bytes]) -> None:
    assert isinstance(parse([b'{"msg": "', *lines]), dict)


def test_which_lines_go_on_below() -> None:
    assert begins_broken(b'{"changed": false,')
    assert not any(map(begins_broken, (b"{", b"{}", b'{"a": 1}', b"changed=false", b"")))


@pytest.mark.parametrize(
    "result",
    [
        'fatal: [db1]: UNREACHABLE! => {\n"msg": "' + REFUSED.replace("connect to", "connect\nto") + '", "rc":\n1}',
        'fatal: [db1]: UNREACHABLE! => {"rc": 1,\n"msg": "' + REFUSED.replace("connect to", "connect\nto") + '"}',
        'fatal: [db1]: UNREACHABLE! => {"changed": false, "msg": "' + REFUSED + '", "unreachable": true}`',
        'fatal: [db1]: UNREACHABLE! => {"changed": false, "msg": "' + REFUSED,
        'db1 | UNREACHABLE! => {\n"changed": false,\n"msg": "' + REFUSED + '",\n"unreachable": true\n}',
        'db1 | UNREACHABLE! => {\n    "changed": false,\n    "msg": "' + REFUSED + '",\ndebug1: of another\n'
        '    "unreachable": true\n}',
        '`db1 | UNREACHABLE! => {\n    "changed": false,\n    "msg": "' + REFUSED + '"\n}`',
        'fatal: [db1]: UNREACHABLE! =>\n```json\n {\n  "changed": false,\n  "msg": "' + REFUSED + '"\n}\n```',
        'atal: [db1]: UNREACHABLE! => {"changed": false, "msg": "' + REFUSED + '", "unreachable": true}',
        '[0;31mfatal: [db1]: UNREACHABLE! => {"changed": false, "msg": "' + REFUSED + '"}[0m',
    ],
)
def test_the_cause_is_found_all_the_same(result: str) -> None:
    model, findings = analyse(f"{result}\nand so on\n".encode())
    (host,) = model.runs[0].hosts.values()
    assert (host.name, host.status, host.failed_stage, host.phase) == ("db1", Status.UNREACHABLE, Stage.CONNECT, "tcp")
    assert [found.rule.id for found in findings if found.severity == "error"] == ["connection-refused"]


def test_the_next_host_is_not_taken_for_a_part_of_a_result_that_was_cut() -> None:
    log = (
        'fatal: [web1]: UNREACHABLE! => {"changed": false, "msg": "Failed to connect to the host via ssh: x...\n'
        f'fatal: [db1]: UNREACHABLE! => {{"changed": false, "msg": "{REFUSED}"}}\n'
        "PLAY RECAP ****\n"
    )
    hosts = model_of(log.encode()).runs[0].hosts
    assert {name: host.tasks[0].results[0].message for name, host in hosts.items()} == {
        "web1": "Failed to connect to the host via ssh: x...",
        "db1": REFUSED,
    }


def test_a_healthy_result_takes_no_line_that_is_not_its_own() -> None:
    log = 'ok: [web1] => {\n    "msg": "x"\nfatal: [db1]: FAILED! => {"msg": "y"}\n'
    assert set(model_of(log.encode()).runs[0].hosts) == {"web1", "db1"}


@pytest.mark.parametrize("line", ["FAILED! => ", "| FAILED! => "])
def test_a_failure_whose_host_was_cut_off(line: str) -> None:
    model, findings = analyse(
        f'{line}{{"msg": "ERROR! Timeout (12s) waiting for privilege escalation prompt: "}}\n'.encode()
    )
    assert list(model.runs[0].hosts) == ["HOST"]
    assert model.runs[0].control_errors == []
    assert ("HOST", "become-timeout") in [(found.host, found.rule.id) for found in findings]
