"""Of what ssh said, the line that says why."""

from __future__ import annotations

import pytest

from parsers.ssh.transcript import Line, Transcript, telling

GONE = ("kex_exchange_identification: Connection closed by remote host", "Connection closed by UNKNOWN port 65535")
REFUSED = "channel 0: open failed: connect failed: Connection refused"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ((), ""),
        (("Permission denied (publickey).",), "Permission denied (publickey)."),
        (("stdio forwarding failed", "Connection refused"), "Connection refused"),
        ((REFUSED, "stdio forwarding failed", *GONE), REFUSED),
        (("stdio forwarding failed", *GONE), "stdio forwarding failed"),
        # Two processes write into one pipe: the order is no rule.
        (("stdio forwarding failed", *GONE, REFUSED, GONE[1]), REFUSED),
        (("ops@bastion: Permission denied (publickey).", *GONE), "ops@bastion: Permission denied (publickey)."),
        (
            ("ssh: connect to host bastion port 22: Connection refused", "Warning: Permanently added 'x'", *GONE),
            "ssh: connect to host bastion port 22: Connection refused",
        ),
        (GONE, GONE[1]),
    ],
)
def test_behind_a_jump_host_its_own_words_count(said: tuple[str, ...], why: str) -> None:
    assert telling(said) == why


def test_the_last_words_are_none_that_ssh_always_says() -> None:
    rows = ["OpenSSH_9.2p1 x", "no such user", "  ", "Shared connection to db1 closed."]
    assert Transcript().last_words is None
    found = Transcript(plain=[Line(0, at, row, True) for at, row in enumerate(rows)]).last_words
    assert found is not None
    assert found.text == "no such user"
