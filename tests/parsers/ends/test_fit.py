"""Whether a channel may have carried a command."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.ends.fit import BARE, KIND, SEEN, TEXT, fit, same_text
from parsers.model import Command, Place, Stage, Tool
from parsers.sshd.model import Channel, Connection, Request

HERE = Place(0, 1)


def sent(text: str = "", tool: Tool = Tool.SSH, **more: object) -> Command:
    return Command(0, Stage.EXEC, tool, HERE, text=text, **more)  # type: ignore[arg-type]


def carried(**more: object) -> Channel:
    return Channel(0, HERE, **more)  # type: ignore[arg-type]


def asked(kind: str) -> Request:
    return Request(kind, HERE, None, received=True, reply=True)


ANY = Connection(0, HERE)


@given(st.text(min_size=1))
def test_the_same_text_fits(text: str) -> None:
    assert same_text(sent(text), carried(command=text))


@given(st.text(alphabet="abcé", min_size=450, max_size=1500), st.integers(410, 450))
def test_a_text_that_sshd_cut_fits(text: str, length: int) -> None:
    assert same_text(sent(text), carried(command=text[:length], command_cut=True))
    assert same_text(sent(text), carried(command=text[:length]))


def test_another_text_does_not_fit() -> None:
    assert fit(sent("id"), carried(command="ls"), ANY) is None
    assert not same_text(sent("echo 1"), carried(command="echo 12"))
    long = "x" * 500
    assert not same_text(sent(long + "a" * 50), carried(command=long + "b" * 50))
    assert fit(sent("id"), carried(command="id"), ANY) == TEXT


def test_kinds() -> None:
    sftp = carried(run="subsystem", subsystem="sftp")
    assert fit(sent(tool=Tool.SFTP), sftp, ANY) == KIND
    assert fit(sent(tool=Tool.SCP), sftp, ANY) == KIND
    assert fit(sent("id"), sftp, ANY) is None
    command = carried(run="command", command="scp -t /x")
    assert fit(sent(tool=Tool.SCP), command, ANY) == TEXT
    assert fit(sent(tool=Tool.SFTP), command, ANY) is None
    assert fit(sent(tool=Tool.SFTP), carried(run="command"), ANY) is None


def test_an_opening_alone_fits_everything_a_little() -> None:
    for tool in (Tool.SSH, Tool.SFTP, Tool.SCP):
        assert fit(sent(tool=tool), carried(open_seen=True), ANY) == BARE


def test_a_terminal_speaks_for_the_command_that_asked_for_one() -> None:
    with_terminal = carried(run="command", tty="/dev/pts/1")
    assert fit(sent("id", tty=True), with_terminal, ANY) == SEEN + 1
    assert fit(sent("id"), with_terminal, ANY) == SEEN


def test_a_forced_command_hides_the_text() -> None:
    forced = carried(run="forced-command", forced="date", command="date", requests=[asked("exec")])
    assert fit(sent("id"), forced, ANY) == SEEN
    assert fit(sent(tool=Tool.SFTP), forced, ANY) is None
    forced.requests = [asked("subsystem")]
    assert fit(sent(tool=Tool.SFTP), forced, ANY) == KIND


def test_another_user_or_another_type_does_not_fit() -> None:
    assert fit(sent("id", user="deploy"), carried(command="id"), Connection(0, HERE, user="app")) is None
    assert fit(sent("id"), carried(type="direct-tcpip"), ANY) is None
