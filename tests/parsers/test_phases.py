"""The phase in which ssh gave up: its words, those of a jump host's ssh, Ansible's message, ssh's debug text."""

from __future__ import annotations

import pytest

from parsers.model import Stage
from parsers.phases import connect_phase
from parsers.ssh.transcript import Phase
from tests.parsers.test_stages import REFUSED, command_of, given


@pytest.mark.parametrize(
    ("words", "phase"),
    [
        ("ssh: Could not resolve hostname db1: Name or service not known", Phase.RESOLVE),
        ("command-line: line 0: Bad configuration option: foo", Phase.RESOLVE),
        (REFUSED, Phase.TCP),
        ("ssh: connect to host 192.0.2.7 port 22: Connection timed out", Phase.TCP),
        ("ssh: connect to host 192.0.2.7 port 22: No route to host", Phase.TCP),
        ("Connection timed out during banner exchange", Phase.BANNER),
        ("kex_exchange_identification: read: Connection reset by peer", Phase.KEX),
        ("ssh_exchange_identification: Connection closed by remote host", Phase.KEX),
        ("Unable to negotiate with 192.0.2.7 port 22: no matching cipher found. Their offer: x", Phase.KEX),
        ("Host key verification failed.", Phase.HOSTKEY),
        ("deploy@192.0.2.7: Permission denied (publickey).", Phase.AUTH),
        ("Received disconnect from 192.0.2.7 port 22:2: Too many authentication failures", Phase.AUTH),
        ("something else", None),
    ],
)
def test_the_phase_that_ssh_gave_up_in(words: str, phase: Phase | None) -> None:
    assert connect_phase(command_of(255, words)) is phase


BROKEN_WAY = "kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535"


@pytest.mark.parametrize(
    ("said", "phase"),
    [
        ("", Phase.TCP),
        ("deploy@192.0.2.1: Permission denied (publickey).\n", Phase.AUTH),
        ("Host key verification failed.\n", Phase.HOSTKEY),
        ("ssh: connect to host 192.0.2.1 port 22: Connection refused\n", Phase.TCP),
        ("ssh: Could not resolve hostname jump: Name or service not known\n", Phase.RESOLVE),
        ("channel 0: open failed: administratively prohibited: open failed\nstdio forwarding failed\n", Phase.TCP),
        ("channel 0: open failed: connect failed: Name or service not known\nstdio forwarding failed\n", Phase.TCP),
        ("/bin/sh: 1: exec: nc: not found\n", Phase.TCP),
    ],
)
def test_the_phase_in_which_the_way_through_a_jump_host_broke(said: str, phase: Phase) -> None:
    """One answer, whether the log has ssh's lines or Ansible's message alone."""
    for last in ("", "\nKilled by signal 1."):
        assert connect_phase(command_of(255, f"{said}{BROKEN_WAY}{last}")) is phase
    task = given().result("unreachable", f"Failed to connect to the host via ssh: {said}{BROKEN_WAY}")
    (only,) = task.stages()
    assert (only.stage, only.phase) == (Stage.CONNECT, phase)


def test_a_proxy_that_was_gone_before_the_greeting() -> None:
    assert connect_phase(command_of(255, "banner exchange: Connection to UNKNOWN port 65535: Broken pipe")) is Phase.TCP


def test_debug_text_tells_the_phase_where_no_words_do() -> None:
    text = "debug1: Connecting to db1 [192.0.2.7] port 22.\ndebug1: Connection established."
    assert connect_phase(command_of(255, text)) is Phase.BANNER


def test_words_on_stdout_are_the_remote_sides() -> None:
    assert connect_phase(command_of(255, "", "Host key verification failed.")) is None
