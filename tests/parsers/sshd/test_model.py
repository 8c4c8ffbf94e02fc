"""The model's own words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.model import Place
from parsers.sshd.model import Channel, Connection, MessageTable


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**40),
            st.integers(1, 2**31),
            st.none() | st.floats(0, 2e9),
            st.integers(0, 255),
            st.booleans(),
        )
    )
)
def test_a_table_gives_what_it_got(rows: list[tuple[int, int, float | None, int, bool]]) -> None:
    table = MessageTable()
    channel = Channel(3, Place(0, 1))
    for offset, line, time, number, received in rows:
        index = table.append(Place(offset, line), time, number, 5, received=received, preauth=not received)
        if received:
            table.belongs(index, channel)
    got = [(m.place.offset, m.place.line, m.time, m.number, m.received) for m in table]
    assert got == rows
    assert all((m.channel, m.connection, m.preauth) == (3 if m.received else None, 5, not m.received) for m in table)
    assert list(channel.messages) == [index for index, row in enumerate(rows) if row[4]]


def test_a_client_that_is_not_named() -> None:
    one = Connection(0, Place(0, 1))
    assert one.client_name == "a client that the log does not name"
    one.address, one.port = "192.0.2.1", 4
    assert one.client_name == "192.0.2.1 port 4"


def test_seconds_are_never_negative() -> None:
    channel = Channel(0, Place(0, 1), 5.0)
    assert channel.seconds is None
    channel.ended = 4.0
    assert channel.seconds == 0.0
