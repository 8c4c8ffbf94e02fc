"""A channel's life in one line."""

from __future__ import annotations

import pytest

from parsers.model import Place
from parsers.sshd.life import State, connection_life, doubtful, duration, life, state_of
from parsers.sshd.model import Channel, Connection, End
from tests.parsers.helpers import model_of
from tests.parsers.sshd.excerpts import ARTICLE

HERE = Place(0, 1)


def test_the_articles_channel() -> None:
    log = model_of(ARTICLE).sshd
    assert log is not None
    (connection,) = log.connections
    (channel,) = connection.channels
    words = life(channel, connection)
    assert words.startswith("opened, exec \"/bin/sh -c 'echo PLATFORM; ")
    assert words.endswith('", exit status sent, closed')
    assert state_of(channel, connection) is State.OK
    assert connection_life(connection) == "login not in the log, 1 channel, open at the log's end"


def channel(**values: object) -> Channel:
    """A channel whose opening was seen."""
    made = Channel(0, HERE, 10.0, open_seen=True)
    for name, value in values.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("made", "end", "state", "words"),
    [
        (channel(), None, State.STALLED, "opened, never answered"),
        (channel(refused=HERE, refusal="no more sessions"), None, State.REFUSED, "opened, refused: no more sessions"),
        (channel(confirmed=HERE, run="command", command="id"), None, State.OPEN, 'opened, exec "id", still open'),
        (channel(confirmed=HERE, run="command"), End.RESET, State.CUT, "opened, exec, cut off"),
        (
            channel(confirmed=HERE, run="subsystem", subsystem="sftp", status_sent=HERE, freed=HERE, bytes_in=98304),
            None,
            State.OK,
            "opened, subsystem sftp, ≥ 98,304 bytes in, exit status sent, closed",
        ),
        (
            channel(confirmed=HERE, run="command", status_sent=HERE, exit_signal=True, freed=HERE, ended=10.043),
            None,
            State.KILLED,
            "opened, exec, ended by a signal, closed, 43 ms",
        ),
    ],
)
def test_lives(made: Channel, end: End | None, state: State, words: str) -> None:
    connection = Connection(0, HERE, end=end)
    assert state_of(made, connection) is state
    assert life(made, connection) == words


@pytest.mark.parametrize(("seconds", "words"), [(None, ""), (0.0434, "43 ms"), (1.24, "1.2 s"), (125, "2 min 5 s")])
def test_durations(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("states", "end", "look"),
    [
        ([], End.CLOSED, False),
        ([], End.FATAL, True),
        ([State.OK, State.OPEN], None, False),
        # A client that is ended by ctrl+c resets what is over.
        ([State.OK], End.RESET, False),
        *(([State.OK, bad], End.CLOSED, True) for bad in (State.REFUSED, State.STALLED, State.KILLED, State.CUT)),
    ],
)
def test_whether_somebody_has_to_look_at_a_connection(states: list[State], end: End | None, look: bool) -> None:
    assert doubtful(states, end) is look
