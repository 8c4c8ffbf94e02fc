"""What a command can have said that has no tuple."""

from __future__ import annotations

import pytest

from parsers.attribution.follows import Follows, Kind
from parsers.attribution.said import FRESH
from parsers.attribution.steps import step
from parsers.model import Tool
from tests.parsers.attribution.test_said import (
    ERR,
    a_piece,
    an_opened,
    cost,
    said,
)


def test_its_own_address_speaks_for_a_command_that_never_ended() -> None:
    mine, other = an_opened(index=0), an_opened(index=1)
    mine.follows = other.follows = Follows()
    mine.follows.addresses.update((b"192.0.2.1", b"192.0.2.2"))
    named = a_piece(b"debug1: Connecting to 192.0.2.1 [192.0.2.1] port 22.\n", ERR)
    assert step(other, FRESH, named) is None
    assert cost(mine, FRESH, named) > cost(mine, FRESH, a_piece(b"debug1: something\n", ERR))
    # ssh_config can give a host another name.
    assert step(other, FRESH, a_piece(b"debug1: Connecting to 198.51.100.7 port 22.\n", ERR)) is not None


def test_how_ssh_was_called_names_its_host() -> None:
    mine, other = an_opened(index=0), an_opened(index=1)
    mine.follows = other.follows = Follows()
    mine.follows.addresses.update((b"192.0.2.1", b"192.0.2.2"))
    called = b"debug3: Started with: /usr/bin/ssh -oForwardAgent=no -s -- 192.0.2.1 sftp"
    assert step(other, FRESH, a_piece(called + b"\n", ERR)) is None
    assert cost(mine, FRESH, a_piece(called + b"\n", ERR)) > cost(mine, FRESH, a_piece(b"debug1: x\n", ERR))
    assert step(other, FRESH, a_piece(called[:40], ERR)) is not None  # it goes on in the next chunk
    # A jump's own ssh goes to a host that is none of the run's.
    assert step(other, FRESH, a_piece(called.replace(b"192.0.2.1", b"198.51.100.7") + b"\n", ERR)) is not None


def test_a_line_out_of_sshs_order_speaks_against_it() -> None:
    opened = an_opened()
    late = said(opened, a_piece(b"debug1: Entering interactive session.\n", ERR))
    early = a_piece(b"debug1: Local version string SSH-2.0-OpenSSH_9.2\n", ERR, number=2)
    later = a_piece(b"debug1: Sending command: id\n", ERR, number=2)
    assert cost(opened, late, early) < cost(opened, late, later)
    assert said(opened, later).rank < said(opened, later, a_piece(b"Shared connection to x closed.\n", ERR)).rank


SHARED = (
    b"OpenSSH_9.2p1, OpenSSL\ndebug1: auto-mux: Trying existing master\n",
    b"debug2: mux_client_hello_exchange: master version 4\n",
    b"debug3: mux_client_request_session: session request sent\n",
)


@pytest.mark.parametrize(
    "line",
    [
        b"debug1: Connecting to 192.0.2.1 port 22.\n",
        b"debug1: SSH2_MSG_KEXINIT sent\n",
        b"debug1: Sending command: x\n",
    ],
)
def test_an_ssh_on_a_shared_connection_says_nothing_of_a_login(line: bytes) -> None:
    """Its master's words went to the one that logged in, which may speak to itself as its own first client."""
    opened, login = an_opened(), a_piece(line, ERR, number=9)
    own = [a_piece(text, ERR, number=number) for number, text in enumerate(SHARED, start=1)]
    assert step(opened, said(opened, own[0]), login) is not None
    assert step(opened, said(opened, *own[:2]), login) is None
    assert step(opened, said(opened, *own), login) is None
    master = a_piece(b"debug1: setting up multiplex master socket\n", ERR, number=2)
    begun = said(opened, own[0], master)
    assert cost(opened, begun, own[1]) == cost(opened, said(opened, own[0]), own[1])
    assert step(opened, said(opened, own[0], master, own[1]), a_piece(line, ERR, number=9)) is not None


def test_behind_sftps_words_and_its_end_ssh_says_nothing_of_its_connection() -> None:
    opened = an_opened()
    asked = [a_piece(text, ERR, number=number) for number, text in enumerate(SHARED, start=1)]
    for late in (b"debug2: Remote version: 3\n", b"debug2: Received exit status from master 0\n"):
        progress = said(opened, *asked, a_piece(late, ERR, number=8))
        for early in (b"debug1: SSH2_MSG_KEXINIT sent\n", SHARED[1]):
            assert step(opened, progress, a_piece(early, ERR, number=9)) is None
        assert step(opened, progress, a_piece(b"Shared connection to 192.0.2.1 closed.\n", ERR, number=9)) is not None


def test_a_longer_address_is_another_one() -> None:
    opened, follows = an_opened(), Follows()
    opened.follows = follows
    follows.addresses.update((b"192.0.2.1", b"192.0.2.17"))
    assert step(opened, FRESH, a_piece(b"debug1: Connecting to 192.0.2.17 [192.0.2.17] port 22.\n", ERR)) is None
    assert step(opened, FRESH, a_piece(b"debug3: put_host_port: [192.0.2.17]:2222\n", ERR)) is None
    assert step(opened, FRESH, a_piece(b"debug1: Host 'alias' is known and matches\n", ERR)) is not None
    own = a_piece(b"debug3: put_host_port: [192.0.2.1]:2222\n", ERR)
    assert cost(opened, FRESH, own) > cost(opened, FRESH, a_piece(b"debug3: x 192.0.2.17\n", ERR))


def test_what_no_ssh_beside_it_has_said_behind_its_last_line_speaks_against_a_command() -> None:
    opened, follows = an_opened(), Follows()
    opened.follows = follows
    first = said(opened, a_piece(b"OpenSSH_9.2p1\ndebug1: one\n", ERR))
    two, three = (a_piece(b"debug1: %s\n" % word, ERR, number=2) for word in (b"two", b"three"))
    assert cost(opened, first, two) == cost(opened, first, three)
    for connecting in (True, False):
        follows.tell(
            Kind(Tool.SSH, connecting), b"OpenSSH_8.4p1\ndebug1: one\ndebug1: two\ndebug1: three\n", b"192.0.2.1"
        )
    assert cost(opened, first, two) > cost(opened, first, three)
    assert cost(opened, FRESH, two) == cost(opened, first, three)
    assert cost(opened, FRESH, a_piece(b"OpenSSH_9.2p1\n", ERR)) == cost(opened, first, two)
    # A line that was cut, and what the managed node says, are not ssh's to be compared.
    assert cost(opened, said(opened, a_piece(b"debug1: o", ERR)), three) == cost(opened, first, two)
    assert cost(opened, first, a_piece(b"bash: warning\n", ERR, number=2)) == cost(opened, first, two)


def test_a_kind_of_ssh_that_was_not_heard_may_say_anything() -> None:
    opened, follows = an_opened(), Follows()
    opened.follows = follows
    follows.tell(Kind(Tool.SSH, connecting=False), b"OpenSSH_9.2p1\ndebug1: two\n", b"192.0.2.1")
    first = said(opened, a_piece(b"OpenSSH_9.2p1\n", ERR))
    two, three = (a_piece(b"debug1: %s\n" % word, ERR, number=2) for word in (b"two", b"three"))
    assert cost(opened, first, two) == cost(opened, first, three)
    shared = said(opened, *(a_piece(text, ERR, number=number) for number, text in enumerate(SHARED, start=1)))
    assert cost(opened, shared, three) < cost(opened, first, three)


def test_scp_is_not_measured_by_what_ssh_says() -> None:
    follows = Follows()
    follows.tell(Kind(Tool.SSH, connecting=False), b"OpenSSH_9.2p1\ndebug1: two\n", b"192.0.2.1")
    scp, ssh = an_opened(), an_opened()
    scp.follows = ssh.follows = follows
    scp.tool = Tool.SCP
    progress = said(ssh, *(a_piece(text, ERR, number=number) for number, text in enumerate(SHARED, start=1)))
    other = a_piece(b"debug1: three\n", ERR, number=9)
    assert cost(scp, progress, other) > cost(ssh, progress, other)


def test_a_master_of_another_address_is_not_this_ones() -> None:
    opened, other = an_opened(index=0), an_opened(index=1)
    follows = Follows()
    opened.follows = other.follows = follows
    alive = b"debug3: mux_client_request_alive: done pid = 77\n"
    piece = a_piece(alive, ERR)
    assert cost(opened, FRESH, piece) == cost(other, FRESH, piece)
    follows.tell(Kind(Tool.SFTP, connecting=False), alive, b"192.0.2.1")
    assert step(other, FRESH, piece) is None
    assert cost(opened, FRESH, piece) > cost(opened, FRESH, a_piece(alive.replace(b"77", b"78"), ERR))


def test_before_it_is_asked_a_remote_command_says_nothing() -> None:
    opened, answer = an_opened(), a_piece(b"/root\n", number=5)
    own = [a_piece(text, ERR, number=number) for number, text in enumerate(SHARED, start=1)]
    assert cost(opened, said(opened, *own[:2]), answer) < cost(opened, said(opened, *own), answer)


def test_a_command_that_never_ended_has_hardly_heard_that_it_is_over() -> None:
    opened = an_opened()
    progress = said(opened, *(a_piece(text, ERR, number=number) for number, text in enumerate(SHARED, start=1)))
    over = a_piece(b"debug3: mux_client_read_packet: read header failed: Broken pipe\n", ERR, number=9)
    other = a_piece(b"debug1: mux_client_request_session: master session id: 2\n", ERR, number=9)
    assert cost(opened, progress, over) < cost(opened, progress, other)


def test_a_command_that_ended_without_a_tuple_has_heard_it_and_has_ended_its_pipes() -> None:
    """A transfer whose next way was tried."""
    going_on, ended = an_opened(), an_opened()
    ended.ended = True
    over = a_piece(b"debug3: mux_client_read_packet: read header failed: Broken pipe\n", ERR)
    for piece in (over, a_piece(b"", ERR, number=2), a_piece(b"")):
        assert cost(ended, FRESH, piece) > cost(going_on, FRESH, piece)
    other = a_piece(b"debug1: something\n", ERR)
    assert cost(ended, FRESH, other) == cost(going_on, FRESH, other)


def test_a_command_that_ended_is_preferred() -> None:
    piece = a_piece(b"a")
    assert cost(an_opened(b"a", b""), FRESH, piece) > cost(an_opened(), FRESH, piece)
