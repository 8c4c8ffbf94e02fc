"""The wordings of ansible-core 2.0 to 2.19, a row each, and the lines beside them that must mean nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.lines import grammar
from parsers.lines.grammar import (
    Announced,
    DebugEvent,
    Done,
    ExecutorStarted,
    FalseSuccess,
    Initial,
    RunOver,
    RunStarted,
    TaskQueued,
    WorkerEnded,
)

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
    (b"^ failed state is now: HOST STATE: block=3, task=1, run_state=2, fail_state=2", grammar.FailedState(True)),
    (b"^ failed state is now: HOST STATE: block=2, task=2, run_state=3, fail_state=2", grammar.FailedState(False)),
    (b"^ state is: HOST STATE: block=3, task=1, run_state=2, fail_state=2", None),
    (b"no more pending results, returning what we have", grammar.ResultsIn()),
    (b"no more pending handlers, returning what we have", grammar.ResultsIn()),
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


@given(st.binary(max_size=60), st.sampled_from([b" 42 1795515307.87518: ", b"_low_level_execute_command() ", b""]))
def test_any_line_is_an_event_or_none(rest: bytes, begin: bytes) -> None:
    line = begin + rest.replace(b"\n", b"")
    grammar.header(line)
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
