"""The order of an ssh client's lines, held against real connections whose owner a header tells (up to 2.16)."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.model import Stream, Tool
from parsers.ssh.order import rank_of
from tests.parsers.helpers import model_of, sample

LOGS = (
    "ping-ok-2.13.log",
    "ping-ok-2.16.log",
    "become-ok-2.16.log",
    "deploy-2.16.log",
    "timeouts-2.16.log",
    "free-broken-2.16.log",
    "transfer-methods-2.13.log",
)


def ranks(name: str) -> list[list[int]]:
    """The ranks of the lines that have one, of each of the log's ssh processes."""
    data = sample(name)
    model = model_of(data)
    found = []
    for command in model.chunks.commands:
        chunks = [model.chunks[index] for index in command.chunks]
        text = b"".join(data[chunk.start : chunk.end] for chunk in chunks if chunk.stream is Stream.STDERR)
        if command.tool is not Tool.LOCAL and text:
            lines = (rank_of(line)[0] for line in text.split(b"\n"))
            found.append([rank for rank in lines if rank is not None])
    return found


@pytest.mark.parametrize("name", LOGS)
def test_hardly_a_line_of_a_real_connection_comes_before_its_turn(name: str) -> None:
    """The exceptions are two: the host key is looked for twice, and a connection's master is its own first client."""
    steps = Counter(after >= before for line in ranks(name) for before, after in pairwise(line))
    assert steps.total() > 300
    assert steps[False] / steps.total() < 0.025


@pytest.mark.parametrize("name", LOGS)
def test_a_real_connection_begins_low_and_ends_high(name: str) -> None:
    for line in ranks(name):
        assert line[0] == 1
        assert line[-1] > line[0]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n\n",
        b"debug1: no such line of any ssh",
        b"Permission denied (publickey).",
        b" debug1: Connecting to 192.0.2.1",
        b"debug1:",
        b"the words debug1: Connecting to stand further down",
    ],
)
def test_a_line_of_no_known_place_has_no_rank(text: bytes) -> None:
    assert rank_of(text) == (None, None)


def test_the_first_and_the_last_line_that_have_a_place() -> None:
    early, late = b"debug1: Connecting to 192.0.2.1 [192.0.2.1] port 22.\r", b"debug1: Sending command: id\r"
    (first, same), (last, _) = rank_of(early), rank_of(late)
    assert first == same
    assert first is not None
    assert last is not None
    assert first < last
    assert rank_of(b"\n".join([b"unknown", early, b"unknown", late, b"unknown"])) == (first, last)
    assert rank_of(b"\n".join([late, early])) == (last, first)


def test_a_chunk_without_end_is_looked_at_only_so_far() -> None:
    assert rank_of(b"x\n" * 50_000 + b"debug1: Sending command: id") == (None, None)


@given(st.binary(max_size=200))
def test_any_bytes_have_two_ranks_or_none(text: bytes) -> None:
    first, last = rank_of(text)
    assert (first is None) == (last is None)
