"""The wordings of ansible-core 2.0 to 2.19, a row each, and the lines beside them that must mean nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import grammar
from parsers.grammar import (
    ActionSaid,
    Announced,
    Banner,
    DebugEvent,
    DisplayEvent,
    Done,
    ExecutorStarted,
    FalseSuccess,
    Forks,
    Ignoring,
    Included,
    Initial,
    ModuleFile,
    RecapLine,
    ResultLine,
    RunOver,
    RunStarted,
    Section,
    TaskPath,
    TaskQueued,
    Trouble,
    Verbosity,
    Warned,
    WorkerEnded,
)


def result(
    word: str, name: str, item: str | None = None, json: bytes = b"", hop: tuple[str, str] | None = None
) -> object:
    """A result line's event."""
    delegate, address = hop or (None, None)
    return ResultLine(word, name, delegate, address or None, item, json)


HEADERS = [
    # 2.0-2.19
    (b"  4201 1795515307.69826: starting run", (4201, None, b"starting run")),
    (b"     1 1795515307.69826: x", (1, None, b"x")),
    (b"1234567 1795515307.69826: x", (1234567, None, b"x")),
    (b" 4201 999999999.00001: x", (4201, None, b"x")),
    (b"  4201 1795515307.69826: x\r", (4201, None, b"x\r")),
    (b"  4201 1795515307.69826: ", (4201, None, b"")),
    # 2.6-2.19: with a host
    (b"  4201 1795515307.69826 [web1]: found interpreters: []", (4201, "web1", b"found interpreters: []")),
    ("  4201 1795515307.69826 [wéb]: x".encode(), (4201, "wéb", b"x")),
]
NO_HEADERS = [
    b"",
    b"4201",
    b"  4201 1795515307: x",
    b"  4201 1795515307.6982: x",
    b"  4201 1795515307.698261: x",
    b"  4201 1795515307.69826 x",
    b"x 4201 1795515307.69826: x",
    b"        4201 1795515307.69826: x",  # eight blanks: Ansible writes six at most
    b"\t4201 1795515307.69826: x",
    b"  -1 1795515307.69826: x",
    "  ٤٢ 1795515307.69826: x".encode(),
    b"169334 bytes (169 kB, 165 KiB) copied, 0.00105 s, 161 MB/s",
    b"2+1 records in",
]


@pytest.mark.parametrize(("line", "parts"), HEADERS)
def test_headers(line: bytes, parts: tuple[int, str | None, bytes]) -> None:
    found = grammar.header(line)
    assert found is not None
    assert (found.pid, found.host, found.message) == parts


@pytest.mark.parametrize("line", NO_HEADERS)
def test_lines_that_are_no_header(line: bytes) -> None:
    assert grammar.header(line) is None


DEBUG: list[tuple[bytes, DebugEvent | None]] = [
    # 2.0-2.18; a handler's says HANDLER
    (b"running TaskExecutor() for web1/TASK: Ping", ExecutorStarted("web1", "Ping")),
    (b"running TaskExecutor() for web1/HANDLER: Restart", ExecutorStarted("web1", "Restart")),
    (b"running TaskExecutor() for web1/TASK: role : a/b: c", ExecutorStarted("web1", "role : a/b: c")),
    (b"running TaskExecutor() for web1/TASK: Ping\r", ExecutorStarted("web1", "Ping")),
    (b"done running TaskExecutor() for web1/TASK: Ping [0242-1]", WorkerEnded("web1")),
    # 2.0-2.19
    (b"entering _queue_task() for web1/ansible.builtin.ping", TaskQueued("web1", "ansible.builtin.ping")),
    (b"entering _queue_task() for web1/ping", TaskQueued("web1", "ping")),
    (b"_low_level_execute_command(): executing: /bin/sh -c 'echo ~'", Announced("/bin/sh -c 'echo ~'")),
    (b"_low_level_execute_command() done: rc=0, stdout=/home/deploy", Done(0)),
    (b"_low_level_execute_command() done: rc=-15, stdout=, stderr=", Done(-15)),
    (b"Sent initial data (169334 bytes)", Initial(169334)),
    (b"starting run", RunStarted()),
    (b"RUNNING CLEANUP\r", RunOver()),
    (b"RUNNING CLEANUP of x", None),
    (b"starting run\r", RunStarted()),
    # 2.2-2.19
    # Their neighbours in a healthy run
    (b"_low_level_execute_command(): starting", None),
    (b"_low_level_execute_command(): using become for this command", None),
    (b"exiting _queue_task() for web1/ping", None),
    (b"done transferring module to remote /tmp/x", None),
    (b"Sending initial data", None),
    (b"starting run of something", None),
    (b"checking for any_errors_fatal", None),
    (b"done checking for any_errors_fatal", None),
    (b"WORKER PROCESS EXITING", None),
    (b"marking web1 as failed", grammar.MarkedFailed("web1")),
    (b"marking host web1 failed, current state: HOST STATE: block=3", None),
    (b"no more pending results, returning what we have", grammar.ResultsIn()),
    (b"handler run complete", None),
    (b"Python interpreter discovery fallback (unsupported Linux distribution: debian)", None),
    (b"/site/ansible.cfg declined parsing inventory as it did not pass its verify_file() method", None),
    (b"stderr chunk (state=2):", None),
    (b"", None),
]


@pytest.mark.parametrize(("message", "event"), DEBUG)
def test_debug_messages(message: bytes, event: DebugEvent | None) -> None:
    assert grammar.debug_event(message) == event


@pytest.mark.parametrize("line", [b"stdout chunk (state=2):", b"stderr chunk (state=0):", b"stderr chunk (state=3):\r"])
def test_chunk_headers(line: bytes) -> None:
    assert grammar.CHUNK.fullmatch(line)


@pytest.mark.parametrize("line", [b"stderr chunk (state=10):", b"stdin chunk (state=2):", b"stderr chunk (state=2): x"])
def test_lines_that_are_no_chunk_header(line: bytes) -> None:
    assert grammar.CHUNK.fullmatch(line) is None


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
    # Results, 2.0-2.19
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
def test_lines_of_the_display(line: bytes, event: DisplayEvent | None) -> None:
    assert grammar.display_event(line) == event


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
        (b"web1 | CHANGED | rc=0 | (stdout) one\\ntwo", "changed", "web1", b""),
        (b"web1 | FAILED | rc=1 | (stdout)  (stderr) no", "failed", "web1", b""),
        (b"web1 | UNREACHABLE!: Failed to connect", "unreachable", "web1", b""),
    ],
)
def test_results_of_ad_hoc_commands(line: bytes, word: str, name: str, json: bytes) -> None:
    found = grammar.adhoc_result(line)
    assert found is not None
    assert (found.word, found.name, found.json, found.adhoc) == (word, name, json, True)


@pytest.mark.parametrize("line", [b"a | b", b"web1 | SUCCESS", b"the web1 | SUCCESS => {", b"web1 | Success => {", b""])
def test_lines_that_are_no_ad_hoc_result(line: bytes) -> None:
    assert grammar.adhoc_result(line) is None


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
    assert grammar.recap_line(line) == event


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (b"included: /site/more.yml for web1", Included(("web1",))),
        (b"included: /site/more.yml for web1, db1\r", Included(("web1", "db1"))),
        (b"included: /site/for all.yml for web1", Included(("web1",))),
        (b"included nothing", None),
    ],
)
def test_includes(line: bytes, event: Included | None) -> None:
    assert grammar.included(line) == event


@given(
    st.binary(max_size=60), st.sampled_from([b"ok: [", b"PLAY", b"<x> ", b" 42 1795515307.87518: ", b"web1 | ", b""])
)
def test_any_line_is_an_event_or_none(rest: bytes, begin: bytes) -> None:
    line = begin + rest.replace(b"\n", b"")
    for function in (grammar.display_event, grammar.adhoc_result, grammar.recap_line, grammar.included, grammar.header):
        function(line)
    grammar.debug_event(line)


@given(st.binary(max_size=40), st.integers(0, 20))
def test_text_is_cut_and_keeps_its_bytes(raw: bytes, limit: int) -> None:
    text = grammar.text_of(raw, limit)
    assert len(text) <= limit
    assert raw.startswith(text.encode("utf-8", "surrogateescape"))


KEY = "BECOME-SUCCESS-" + "a" * 32


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (
            f"become_success: (source=stderr, state=awaiting_prompt): 'DEBUG[0000] run echo {KEY} ; x'",
            FalseSuccess(KEY, f"DEBUG[0000] run echo {KEY} ; x"),
        ),
        (f"become_success: (source=stdout, state=awaiting_escalation): '{KEY}'", None),
        ("become_success: (source=stderr, state=awaiting_prompt): 'no key'", None),
        ("become_prompt: (source=stderr, state=awaiting_prompt): 'x'", None),
    ],
)
def test_a_success_of_become_that_came_over_stderr(message: str, event: FalseSuccess | None) -> None:
    assert grammar.debug_event(message.encode()) == event


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
    assert grammar.display_event(line.encode()) == (ActionSaid(action) if action else None)
