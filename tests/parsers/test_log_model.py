"""The table of chunks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.log_model import Chunk, ChunkTable
from parsers.model import Attribution, Command, Place, Stage, Stream, Tool

CHUNKS = st.lists(
    st.tuples(
        st.integers(0, 2**40),
        st.integers(1, 2**31),
        st.integers(0, 2**40),
        st.floats(0, 2e9),
        st.integers(1, 2**31),
        st.sampled_from(Stream),
        st.integers(0, 7),
        st.sampled_from(Attribution),
        st.booleans(),
    )
)


@given(CHUNKS)
def test_a_chunk_table_keeps_what_it_is_given(
    rows: list[tuple[int, int, int, float, int, Stream, int, Attribution, bool]],
) -> None:
    table = ChunkTable()
    command = Command(0, Stage.EXEC, Tool.SSH, Place(0, 1))
    table.commands.append(command)
    want = []
    for index, (offset, line, start, time, pid, stream, state, how, owned) in enumerate(rows):
        assert table.append(Place(offset, line), start, start, time, pid, stream, state) == index
        table.set_end(index, start + 5, index)
        if owned:
            table.attribute(index, command, how)
        given_to = (how, command) if owned else (Attribution.UNKNOWN, None)
        want.append(Chunk(index, Place(offset, line), start, start + 5, time, pid, stream, state, *given_to))
    assert list(table) == want
    assert len(table) == len(rows)
    assert list(table.lines(range(len(rows)))) == list(range(len(rows)))
    assert list(command.chunks) == [index for index, row in enumerate(rows) if row[8]]


def test_a_state_of_more_than_three_bits_is_cut() -> None:
    table = ChunkTable()
    table.append(Place(0, 1), 0, 0, 1.0, 1, Stream.STDERR, 9)
    assert table[0].state == 7
    assert table[0].stream is Stream.STDERR


@pytest.mark.parametrize("index", [0, 1, -2])
def test_a_chunk_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        ChunkTable()[index]
