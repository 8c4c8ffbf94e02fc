"""What Ansible's own display prints, a row each, and the lines beside them that must mean nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.lines import display
from parsers.lines.display import (
    ActionSaid,
    Banner,
    Event,
    Forks,
    Ignoring,
    Included,
    ModuleFile,
    RecapLine,
    ResultLine,
    Said,
    Section,
    TaskPath,
    Trouble,
    Verbosity,
    Warned,
)


def result(
    word: str, name: str, item: str | None = None, json: bytes = b"", hop: tuple[str, str] | None = None
) -> object:
    """A result line's event."""
    delegate, address = hop or (None, None)
    return ResultLine(word, name, delegate, address or None, item, json)


DISPLAY: list[tuple[bytes, object]] = [
    # The banner: 2.0-2.9, 2.11-2.19
    (b"ansible-playbook 2.9.27", Banner("ansible-playbook", "2.9.27")),
    (b"ansible 2.9.27", Banner("ansible", "2.9.27")),
    (b"ansible-playbook [core 2.16.19]", Banner("ansible-playbook", "2.16.19")),
    (b"ansible [core 2.19.14]\r", Banner("ansible", "2.19.14")),
    (b"ansible-playbook [core 2.20.0b1] ", Banner("ansible-playbook", "2.20.0b1")),
    # Sections
    (b"PLAYBOOK: ping.yml ****************", Section("PLAYBOOK", "ping.yml")),
    (b"PLAY [Play on all] ****************", Section("PLAY", "Play on all")),
    (b"PLAY [all] ***\r", Section("PLAY", "all")),
    (b"PLAY ******************************", Section("PLAY", "")),
    (b"TASK [Ping] ***********************", Section("TASK", "Ping")),
    (b"TASK [role : do [x] (a)] **********", Section("TASK", "role : do [x] (a)")),
    (b"TASK [] ***", Section("TASK", "")),
    (b"RUNNING HANDLER [Restart] *********", Section("RUNNING HANDLER", "Restart")),
    (b"CLEANUP TASK [Tidy] ***************", Section("CLEANUP TASK", "Tidy")),
    (b"PLAY RECAP ************************", Section("PLAY RECAP", "")),
    (b"\x1b[0;34mTASK [Ping] ***\x1b[0m", Section("TASK", "Ping")),
    (b"TASK 3/12 [Ping] ******************", Section("TASK", "Ping")),  # community.general.counter_enabled
    (b"TASK [Ping] *************** 21:21:06", Section("TASK", "Ping")),  # community.general.timestamp
    (b"PLAY RECAP ************ 2026-11-27 21:21", Section("PLAY RECAP", "")),
    (b"TASK [Ping ] **********************", Section("TASK", "Ping")),  # display_args_to_stdout
    # Results, 2.0-2.19
    (b"changed: 2/40 [web1] => {", result("changed", "web1", json=b"{")),
    (b"fatal: 2/40 [web1]: FAILED! => {", result("failed", "web1", json=b"{")),
    (b"ok: [web1]", result("ok", "web1")),
    (b"ok: [web1] => {", result("ok", "web1", json=b"{")),
    (b"changed: [web1] => {\r", result("changed", "web1", json=b"{\r")),
    (b'ok: [web1] => {"changed": false}', result("ok", "web1", json=b'{"changed": false}')),
    (b"changed: [web1] => (item=a) => {", result("changed", "web1", "a", b"{")),
    (b"ok: [web1] => (item={'k': '(v)'})", result("ok", "web1", "{'k': '(v)'}")),
    (b"failed: [web1] (item=a) => {", result("failed", "web1", "a", b"{")),
    (b"skipping: [web1]", result("skipped", "web1")),
    (b"skipping: [web1] => {", result("skipped", "web1", json=b"{")),
    (b"skipping: [web1] => (item=a) ", result("skipped", "web1", "a")),
    (b"skipping: [web1] => (item=a)  => {", result("skipped", "web1", "a", b"{")),
    (b"fatal: [web1]: FAILED! => {", result("failed", "web1", json=b"{")),
    (b"fatal: [web1]: UNREACHABLE! => {", result("unreachable", "web1", json=b"{")),
    (b"fatal: [web1 -> db1]: FAILED! => {", result("failed", "web1", json=b"{", hop=("db1", ""))),
    (b"ok: [web1 -> db1(192.0.2.7)] => {", result("ok", "web1", json=b"{", hop=("db1", "192.0.2.7"))),
    (b"fatal: [web1]: FAILED! => {}", result("failed", "web1", json=b"{}")),
    (b"ok: [::1] => {", result("ok", "::1", json=b"{")),
    (b"fatal: [web1]: FAILED! =>", result("failed", "web1", json=b" ")),  # an editor took the blank at its end
    # A name is anybody's
    (b"fatal: [{{ groups['db'][0] }}]: FAILED! => {", result("failed", "{{ groups['db'][0] }}", json=b"{")),
    (b"fatal: [a | default([])]: UNREACHABLE! => {", result("unreachable", "a | default([])", json=b"{")),
    # 1.2-1.9
    (
        b"fatal: [web1] => SSH Error: no",
        ResultLine("unreachable", "web1", None, None, None, b"", message=b"SSH Error: no"),
    ),
    (b'failed: [web1] => {"failed": true}', result("failed", "web1", json=b'{"failed": true}')),
    (b"invalid output was: Sorry, try again.", Said(b"Sorry, try again.", unreachable=False)),
    # The rest of the display
    (b"...ignoring", Ignoring()),
    (b"[WARNING]: sftp transfer mechanism failed on [web1]. Use ANSIBLE_DEBUG=1", Warned()),
    (b"ERROR! Syntax Error while loading YAML.", Trouble()),  # up to 2.18
    (b"[ERROR]: Task failed: x", Trouble()),  # 2.19
    (b"task path: /site/ping.yml:4", TaskPath("/site/ping.yml:4")),
    (b"verbosity: 4", Verbosity(4)),
    (b"forks: 5\r", Forks(5)),
    (b"Using module file /lib/ansible/modules/ping.py", ModuleFile("/lib/ansible/modules/ping.py")),
    # What stands in healthy runs and is none of these
    (b"ok: nothing", None),
    (b"fatal: not a git repository", None),
    (b"fatal: [x", None),
    (b"failed: [x] because", None),
    (b"  fatal: [web1]: FAILED! => {", None),
    (b"fatal: [x] y]: no", None),
    (b"failed: [x] => y", None),
    (b"invalid output", None),
    (b'"failed": false', None),
    (b"FAILED - RETRYING: [web1]: Wait (3 retries left).", None),
    (b"NO MORE HOSTS LEFT ****************", None),
    (b"TASK [Ping]", None),
    (b"TASKS ***", None),
    (b"PLAYS [x] ***", None),
    (b"[DEPRECATION WARNING]: x", None),
    (b"[WARNING] x", None),
    (b"[ERROR] x", None),
    (b"ERROR x", None),
    (b"ansible-playbook: error", None),
    (b"ansible python module location = /lib", None),
    (b"Using /site/ansible.cfg as config file", None),
    (b"Using module_utils file /lib/basic.py", None),
    (b"verbosity: many", None),
    (b"META: ran handlers", None),
    (b"Task failed: x", None),
    (b"", None),
]


@pytest.mark.parametrize(("line", "event"), DISPLAY)
def test_lines_of_the_display(line: bytes, event: Event | None) -> None:
    assert display.event(line) == event


@pytest.mark.parametrize(
    ("line", "word", "name", "json"),
    [
        (b"web1 | SUCCESS => {", "ok", "web1", b"{"),
        (b"web1 | CHANGED => {", "changed", "web1", b"{"),
        (b"web1 | CHANGED | rc=0 >>", "changed", "web1", b""),
        (b"web1 | FAILED | rc=1 >>", "failed", "web1", b""),
        (b"web1 | FAILED! => {", "failed", "web1", b"{"),
        (b"web1 | UNREACHABLE! => {", "unreachable", "web1", b"{"),
        (b"web1 | SKIPPED => {}\r", "skipped", "web1", b"{}\r"),
        (b"web1 | SKIPPED", "skipped", "web1", b""),
        (b"``web1 | FAILED! => {", "failed", "web1", b"{"),
        (b"web1 | CHANGED | rc=0 | (stdout) one\\ntwo", "changed", "web1", b""),
        (b"web1 | FAILED | rc=1 | (stdout)  (stderr) no", "failed", "web1", b""),
        (b"web1 | UNREACHABLE!: Failed to connect", "unreachable", "web1", b""),
    ],
)
def test_results_of_ad_hoc_commands(line: bytes, word: str, name: str, json: bytes) -> None:
    found = display.adhoc_result(line)
    assert found is not None
    assert (found.word, found.name, found.json, found.adhoc) == (word, name, json, True)


@pytest.mark.parametrize("line", [b"a | b", b"web1 | SUCCESS", b"the web1 | SUCCESS => {", b"web1 | Success => {", b""])
def test_lines_that_are_no_ad_hoc_result(line: bytes) -> None:
    assert display.adhoc_result(line) is None


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (
            b"web1    : ok=3    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=1   ",
            RecapLine(
                "web1",
                {"ok": 3, "changed": 1, "unreachable": 0, "failed": 0, "skipped": 0, "rescued": 0, "ignored": 1},
            ),
        ),
        (
            b"web1                       : ok=3    changed=0    unreachable=1    failed=0   \r",  # up to 2.7
            RecapLine("web1", {"ok": 3, "changed": 0, "unreachable": 1, "failed": 0}),
        ),
        (
            b"\x1b[0;31mdb1\x1b[0m   : \x1b[0;32mok=1   \x1b[0m changed=0  \x1b[1;31munreachable=1\x1b[0m failed=0",
            RecapLine("db1", {"ok": 1, "changed": 0, "unreachable": 1, "failed": 0}),
        ),
        (b"web1 : nothing", None),
        (b"web1 : ok=1", None),
        (b" : ok=3 changed=0 unreachable=1 failed=0", None),
    ],
)
def test_the_recap(line: bytes, event: RecapLine | None) -> None:
    assert display.recap_line(line) == event


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (b"included: /site/more.yml for web1", Included(("web1",))),
        (b"included: /site/more.yml for web1, db1\r", Included(("web1", "db1"))),
        (b"included: /site/for all.yml for web1", Included(("web1",))),
        (b"included: /site/more.yml for web1, db1 => (item=x)", Included(("web1", "db1"))),
        (b"included: /site/more.yml for web1 => (item={'a': 1, 'why': 'for ever, and'})\r", Included(("web1",))),
        (b"included nothing", None),
    ],
)
def test_includes(line: bytes, event: Included | None) -> None:
    assert display.included(line) == event


def test_an_include_of_many_hosts_is_read_to_its_end() -> None:
    names = tuple(f"node{number:03}.example.org" for number in range(300))
    assert display.included(b"included: /site/more.yml for " + ", ".join(names).encode()) == Included(names)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"atal: [web1]: FAILED! => {", ("failed", "web1", None, False)),
        (b": [web1 -> db1]: UNREACHABLE! => {", ("unreachable", "web1", "db1", False)),
        (b"[web1]: FAILED! => {}", ("failed", "web1", None, False)),
        (b"web1 | FAILED! => {", ("failed", "web1", None, True)),
        (b"| UNREACHABLE! => {", ("unreachable", "HOST", None, True)),
        (b'FAILED! => {"msg": ""}', ("failed", "HOST", None, False)),
        (b"FAILED! => no", None),
        (b"x FAILED! => {", None),
        (b"fetal: [web1]: FAILED! => {", None),
    ],
)
def test_results_that_lost_their_beginning(line: bytes, told: tuple[str, str, str | None, bool] | None) -> None:
    found = display.torn_result(line)
    assert (found and (found.word, found.name, found.delegate, found.adhoc)) == told


@given(st.binary(max_size=60), st.sampled_from([b"ok: [", b"PLAY", b"web1 | ", b"included: ", b""]))
def test_any_line_is_an_event_or_none(rest: bytes, begin: bytes) -> None:
    line = begin + rest.replace(b"\n", b"")
    for function in (display.event, display.adhoc_result, display.recap_line, display.included, display.torn_result):
        function(line)


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("wait_for_connection: attempting ping module test", "wait_for_connection"),
        ("ansible.builtin.reboot: attempting to get system boot time", "ansible.builtin.reboot"),
        ("reboot: rebooting server...", "reboot"),
        ("reboot: the machine was rebooted", None),
        ("wait_for_connection is a module", None),
    ],
)
def test_the_action_of_a_task_that_tries_until_it_works(line: str, action: str | None) -> None:
    assert display.event(line.encode()) == (ActionSaid(action) if action else None)
