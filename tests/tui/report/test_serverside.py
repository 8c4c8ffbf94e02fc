"""What the texts say of an sshd log: bounded, escaped, the problems first."""

from __future__ import annotations

import pytest

from parsers.showable import is_showable
from tests.parsers.sshd.excerpts import ARTICLE, syslog
from tests.tui.report.test_server import logged
from tui.report.collect import collect
from tui.report.markdownform import markdown_form
from tui.report.serverside import CONNECTIONS, hidden
from tui.report.textform import text_form


def text_of(*data: bytes) -> str:
    """The text report."""
    return "".join(text_form(collect([logged(one) for one in data]), chunks=False, width=100))


def markdown_of(data: bytes) -> str:
    """The Markdown report."""
    return "".join(markdown_form(collect([logged(data)]), chunks=False))


def test_a_channel_s_life() -> None:
    text = text_of(ARTICLE)
    assert "sshd on rhel86: 1 connection, 1 channel (secure)" in text
    assert "✔ sugimura from 192.168.0.130 port 35746: login not in the log" in text
    assert "channel 0, line 1: opened, exec \"/bin/sh -c 'echo PLATFORM; uname; " in text
    assert '…", exit status sent, closed\n' in text


@pytest.mark.parametrize("sound", [3, 30])
def test_problems_are_spelt_out_first(sound: int) -> None:
    lines = [
        (pid, text)
        for pid in range(sound)
        for text in (
            f"Accepted publickey for u{pid} from 192.0.2.1 port {1000 + pid} ssh2: x",
            f"Disconnected from user u{pid} 192.0.2.1 port {1000 + pid}",
        )
    ]
    lines += [(99, "Invalid user eve from 192.0.2.1 port 9"), (99, "Connection closed by 192.0.2.1 port 9")]
    text = text_of(syslog(*lines))
    assert "✖ eve from 192.0.2.1 port 9: not logged in, closed by the client" in text
    assert text.count("  ✔ ") == min(sound, CONNECTIONS - 1)
    assert ("more connection" in text) is (sound > CONNECTIONS - 1)
    assert "user-not-allowed" in text


def test_hostile_names_end_no_line() -> None:
    data = syslog(
        (7, "Invalid user \x1b[31m`</b>[x](y) from 192.0.2.1 port 9"), (7, "Connection closed by 192.0.2.1 port 9")
    )
    for report in (text_of(data), markdown_of(data)):
        assert all(is_showable(line) for line in report.splitlines())
    assert "</b>" not in markdown_of(data).replace("`", "\0").split("\0")[0]


def test_markdown_has_the_same() -> None:
    report = markdown_of(ARTICLE)
    assert "### sshd on rhel86: 1 connection, 1 channel" in report
    assert "channel 0, line 1: opened, exec" in report


def test_words_on_what_is_hidden() -> None:
    assert hidden(3, 3, "channel") == ""
    assert hidden(3, 4, "channel") == "… and 1 more channel"
    assert hidden(3, 9, "channel") == "… and 6 more channels"
