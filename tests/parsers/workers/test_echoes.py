"""What a printed result repeats of a module's answer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.workers.echoes import answer_of, facts_of, names_of, repeats

KEYS = st.sampled_from(["rc", "start", "delta", "stdout", "cmd", "dest", "changed", "msg", "_ansible_x", "invocation"])
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.integers(), max_size=3)
ANSWERS = st.dictionaries(KEYS, VALUES, max_size=6)


@given(ANSWERS, st.sampled_from(["", "Last login: today\r\n"]))
def test_a_result_repeats_its_own_answer_whatever_the_task_says_of_it(answer: dict[str, object], before: str) -> None:
    printed = facts_of({**answer, "changed": True, "failed": False, "msg": "told anew", "attempts": 2})
    facts = answer_of(f"{before}\r\n{json.dumps(answer)}\r\n".encode())
    assert facts == facts_of(answer)
    assert repeats(printed, facts) is bool(facts)


@pytest.mark.parametrize("key", ["rc", "start", "cmd"])
def test_another_answer_is_not_repeated(key: str) -> None:
    answer = {"rc": 0, "start": "09:00:01", "cmd": ["id"], "stdout": ""}
    assert not repeats(facts_of(answer), facts_of({**answer, key: 1}))


def test_bytes_that_are_no_letters_tell_nothing() -> None:
    """A result is printed with other signs in their place."""
    assert facts_of({"stdout": "caf\udce9", "rc": 0}) == {"rc": "0"}


@pytest.mark.parametrize("depth", range(10, 1100, 109))
def test_what_is_nested_however_deep_tells_nothing(depth: int) -> None:
    stdout = b'{"rc": 0, "a": ' + b"[" * depth + b"]" * depth + b"}"
    assert answer_of(stdout) in ({"rc": "0"}, {})


@pytest.mark.parametrize(
    "stdout",
    [b"", b"no answer", b"{", b"}{", b'["a"]', b"{'a': 1}", b"[" * 100_000, b"{" + b'"a":{' * 100_000 + b"}"],
)
def test_what_is_no_answer_has_no_facts(stdout: bytes) -> None:
    assert answer_of(stdout) == {}
    assert not repeats({"rc": "0"}, {})


def test_an_answer_is_the_hosts_below_whose_name_it_is_printed() -> None:
    answers = [(line, {"rc": "0", "start": str(line)}) for line in (10, 20, 30)]
    printed = [(name, {"rc": "0", "start": str(line)}) for name, line in (("web1", 20), ("web2", 10), ("web3", 40))]
    assert names_of(answers, printed) == {20: "web1", 10: "web2"}


def test_where_several_answers_are_the_same_none_is_anybodys() -> None:
    pong = {"ping": '"pong"'}
    assert names_of([(10, pong), (20, pong)], [("web1", pong)]) == {}
    assert names_of([(10, pong)], [("web1", pong), ("web2", pong)]) == {}
    assert names_of([(10, pong)], [("web1", pong), ("web1", pong)]) == {10: "web1"}, "a loop's item, printed twice"
