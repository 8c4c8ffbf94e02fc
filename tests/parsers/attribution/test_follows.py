"""Which of ssh's lines were seen behind which."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.attribution.follows import Follows, Kind, master_in
from parsers.model import Tool

SHARED = Kind(Tool.SSH, connecting=False)
CONNECTING = Kind(Tool.SSH, connecting=True)

lines = st.lists(st.binary(max_size=80).map(lambda line: line.replace(b"\n", b"")), min_size=1, max_size=12)


@given(lines)
def test_every_line_is_seen_behind_the_one_before_it(said: list[bytes]) -> None:
    follows = Follows()
    follows.tell(SHARED, b"\n".join([*said, b"last"]), b"192.0.2.1")
    assert follows.seen(SHARED, b"", said[0])
    assert all(follows.seen(SHARED, before, line) for before, line in pairwise([*said, b"last"]))
    assert not any(follows.seen(CONNECTING, before, line) for before, line in pairwise(said))


def test_what_names_one_host_alone_makes_no_other_line() -> None:
    follows = Follows()
    follows.tell(
        CONNECTING, b"debug1: Connecting to 192.0.2.1 [192.0.2.1] port 22.\ndebug1: fd 3 clearing\n", b"192.0.2.1"
    )
    assert follows.seen(
        CONNECTING, b"debug1: Connecting to 192.0.2.77 [192.0.2.77] port 2222.", b"debug1: fd 5 clearing"
    )
    assert not follows.seen(CONNECTING, b"debug1: fd 3 clearing", b"debug1: Connecting to 192.0.2.1")


def test_some_commands_of_a_kind_are_enough() -> None:
    """A run of thousands costs no more, and each kind is learned from its own."""
    follows = Follows()
    for number in range(200):
        follows.tell(SHARED, b"begin\n%s\n" % (b"x" * number), b"192.0.2.1")
    follows.tell(CONNECTING, b"begin\nlate\n", b"192.0.2.1")
    assert follows.seen(SHARED, b"begin", b"xxx")
    assert not follows.seen(SHARED, b"begin", b"x" * 50)
    assert follows.seen(CONNECTING, b"begin", b"late")


def test_what_is_forgotten_is_not_known() -> None:
    follows = Follows()
    assert not follows.knows(SHARED)
    follows.tell(SHARED, b"a\nb\n", b"192.0.2.1")
    assert follows.knows(SHARED)
    assert follows.seen(SHARED, b"a", b"b")
    follows.forget()
    assert not follows.knows(SHARED)
    assert not follows.seen(SHARED, b"a", b"b")


def test_a_master_leads_to_the_address_of_who_has_asked_it() -> None:
    follows = Follows()
    follows.tell(SHARED, b"debug3: mux_client_request_alive: done pid = 4225\nmore\n", b"192.0.2.7")
    assert follows.leads_to(b"x\ndebug3: mux_client_request_alive: done pid = 4225\n") == b"192.0.2.7"
    assert follows.leads_to(b"debug3: mux_client_request_alive: done pid = 42\n") is None
    assert follows.leads_to(b"debug3: mux_client_request_alive: entering\n") is None
    follows.forget()
    assert follows.leads_to(b"debug3: mux_client_request_alive: done pid = 4225\n") is None


@pytest.mark.parametrize("text", [b"", b"done pid = 1", b"mux_client_request_alive: done pid = ", b"pid = x\n"])
def test_where_no_master_is_named_none_is_found(text: bytes) -> None:
    assert master_in(text) is None


def test_a_carriage_return_is_no_part_of_a_masters_number() -> None:
    assert master_in(b"x\ndebug3: mux_client_request_alive: done pid = 77\r\nx") == b"77"
