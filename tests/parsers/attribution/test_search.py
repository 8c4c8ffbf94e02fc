"""The search for one run: the same here and in other processes, and what is no chunk."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.analysis import Analysis
from parsers.attribution import search as module
from parsers.attribution.lanes import Lanes
from parsers.attribution.search import Search
from parsers.lines.reprs import comparable
from parsers.log_model import LogModel
from parsers.model import Place
from tests.lab import truth
from tests.parsers.attribution.test_beam import Decisions, Play, Reader, plain, plays
from tests.parsers.attribution.test_said import ERR, a_command, a_piece


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lanes]:
    """Two lanes in threads, to which a search goes as soon as it can, in small batches."""
    monkeypatch.setattr(module, "_MUCH", 0)
    monkeypatch.setattr(module, "_BATCH", 8)
    monkeypatch.setattr(module, "_STAY", 1)
    found = Lanes(lambda: [ThreadPoolExecutor(1), ThreadPoolExecutor(1)])
    yield found
    found.close()


def elsewhere(play: Play) -> Reader:
    """As `Reader`, with lanes."""
    reader = Reader(play)
    executors: list[Executor] = [ThreadPoolExecutor(1), ThreadPoolExecutor(1)]
    reader.search = Search(Lanes(lambda: executors))
    return reader


@given(plays(), st.integers(0, 30), st.integers(1, 40))
def test_elsewhere_the_decisions_are_the_same(play: Play, much: int, batch: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MUCH", much)
        patch.setattr(module, "_BATCH", batch)
        patch.setattr(module, "_STAY", 1)
        assert elsewhere(play).read() == Reader(play).read()


@given(plays(), st.integers(1, 4))
def test_elsewhere_a_look_shows_what_it_shows_here(play: Play, every: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MUCH", 0)
        patch.setattr(module, "_BATCH", 8)
        there, here = elsewhere(play), Reader(play)
        for number, _ in enumerate(zip(there.go(), here.go(), strict=True)):
            if number % every == 0:
                there.search.catch_up()
                there.drain()
                assert plain(there.search.provisional()) == plain(here.search.provisional())
        assert there.over() == here.over()
        assert there.search.pending() == here.search.pending() == set()


def test_a_look_takes_the_last_words_of_a_chunk_that_is_open(lanes: Lanes) -> None:
    search = Search(lanes)
    for index, command in enumerate((a_command(0), a_command(1))):
        search.opened(command)
        if index == 0:
            search.chunk(a_piece(b"x", number=0))
            search.closed(command, b"x", b"")
    search.catch_up()
    assert plain(search.take()) == [(0, 0, False)]
    last = a_piece(b"debug1: Connecting to 192.0.2.2 [192.0.2.2] port 22.", ERR, number=1)
    assert plain(search.provisional(last)) == [(1, 1, False)]
    search.finish()
    assert plain(search.take()) == []


def test_nothing_of_a_run_that_is_forgotten_stays(lanes: Lanes) -> None:
    search = Search(lanes)
    search.opened(a_command(0))
    search.chunk(a_piece(b"x", number=0))
    search.closed(a_command(0), b"x", b"")
    search.opened(a_command(1))
    search.forget()
    assert search.provisional() == []


def facts(model: LogModel) -> tuple[object, ...]:
    """What of a model could differ by who told its chunks."""
    chunks = [(one.place, one.command and one.command.index, one.attribution, one.ambiguous) for one in model.chunks]
    commands = [
        (one.rc, one.started, one.ended, one.last_line, one.chunks, [line.text for line in one.transcript.plain])
        for one in model.chunks.commands
    ]
    hosts = [(host.name, host.status, [task.status for task in host.tasks]) for _, host in model.hosts()]
    return chunks, commands, hosts, [run.reassembly for run in model.runs]


def read(log: bytes, lanes: Lanes | None, *, looks: bool = False) -> LogModel:
    analysis = Analysis(lanes=lanes)
    for start in range(0, len(log), 20_000):
        analysis.make_room()
        analysis.feed(log[start : start + 20_000])
        if looks and start % 100_000 == 0:
            analysis.prepare()
            analysis.snapshot()
    analysis.finish()
    return analysis.snapshot()


@pytest.mark.parametrize("looks", [False, True], ids=["read", "looked at"])
@pytest.mark.parametrize("name", ["six-2.19", "hang-2.17", "names-2.18", "free-2.19"])
def test_elsewhere_a_real_log_gives_the_same_model(name: str, looks: bool, lanes: Lanes) -> None:
    log = truth.load(name).log
    assert facts(read(log, lanes, looks=looks)) == facts(read(log, None))


# ---------------------------------------------------------------------------------------------------------------
# A record that a module prints.


@pytest.mark.parametrize("there", [False, True], ids=["here", "elsewhere"])
@given(parts=st.lists(st.binary(max_size=12).map(lambda text: text.replace(b"\r", b"")), min_size=2, max_size=5))
def test_a_forged_record_is_put_back_into_the_text_that_it_cut(parts: list[bytes], there: bool) -> None:
    header = b"  4000 1795000000.05000: stdout chunk (state=3):"
    text = (b"<<<\n" + header + b"\n>>>").join(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MUCH", 0)
        search = Search(Lanes(lambda: [ThreadPoolExecutor(1)]) if there else None)
        search.opened(a_command(1))
        search.chunk(a_piece(b"z", number=-1))
        search.closed(a_command(1), b"z", b"")
        assert (search._here is None) is there
        search.opened(a_command(0))
        offset = 1000
        for index, part in enumerate(parts):
            piece = a_piece(part, number=index)
            piece.header, piece.place = header, Place(offset, 10 + index)
            search.chunk(piece)
            offset += len(header) + len(part) + 8
        assert search.mend(a_command(0), text, b"") == [(0, index) for index in range(1, len(parts))]
        search.closed(a_command(0), text, b"")
        search.finish()
        said = [piece.text for told in search.take() if told.command == 0 for piece in told.pieces]
        assert said == ([comparable(text)] if text else [])


def test_chunks_of_another_command_are_not_taken_for_text() -> None:
    search = Search()
    search.opened(a_command(0))
    for index, text in enumerate((b"one", b"two")):
        piece = a_piece(text, number=index)
        piece.header = b"  4000 1795000000.05000: stdout chunk (state=3):"
        search.chunk(piece)
    text = b"one<<<\n  4000 1795000000.06000: stdout chunk (state=3):\n>>>two"
    assert search.mend(a_command(0), text, b"") == []


def test_chunks_from_before_a_command_are_not_its_text() -> None:
    search = Search()
    header = b"  4000 1795000000.05000: stdout chunk (state=3):"
    search.opened(a_command(0))
    for index, text in enumerate((b"one", b"two")):
        piece = a_piece(text, number=index)
        piece.header, piece.place = header, Place(1000 + 60 * index, 10)
        search.chunk(piece)
    search.opened(a_command(1))
    assert search.mend(a_command(1), b"one<<<\n" + header + b"\n>>>two", b"") == []


def test_a_command_cannot_have_said_what_came_before_it_or_behind_its_result() -> None:
    search = Search()
    assert search.fits(a_command(0), b"x", b"", 5)  # of a log without chunks nothing can be said
    search.opened(a_command(0))
    search.chunk(a_piece(b"one\n", ERR, number=0))
    search.opened(a_command(1))
    for index, text in enumerate((b"o", b"ne\r\n", b"two\n"), start=1):
        search.chunk(a_piece(text, ERR, number=index))
    search.chunk(a_piece(b"out", number=4))
    assert search.fits(a_command(0), b"", b"one\ntwo\n", 4)
    assert search.fits(a_command(1), b"out", b"one\ntwo\n", 4)
    assert search.fits(a_command(1), b"", b"two\r\n", 4)
    assert not search.fits(a_command(1), b"", b"one\none\ntwo\n", 4)
    assert search.fits(a_command(0), b"", b"one\none\ntwo\n", 4)
    assert not search.fits(a_command(0), b"", b"one\ntwo\n", 2)
    assert not search.fits(a_command(0), b"two\n", b"", 4)


def test_a_result_that_is_told_apart_later_ends_its_command_where_it_was_seen(lanes: Lanes) -> None:
    """Of two that can have it, a chunk behind the result is the other's."""
    for there in (None, lanes):
        search = Search(there)
        search.opened(a_command(0))
        search.opened(a_command(1))
        for index, text in enumerate((b"x", b"x")):
            search.chunk(a_piece(text, ERR, number=index))
        search.closed(a_command(1), b"", b"x")
        search.closed(a_command(0), b"", b"x", 0)
        assert [told[:2] for told in sorted(decisions(search))] == [(0, 0), (1, 1)]


def test_two_commands_that_changed_places_have_what_was_said_there(lanes: Lanes) -> None:
    for there in (None, lanes):
        search = Search(there)
        commands = [a_command(index, address="192.0.2.1") for index in range(3)]
        search.opened(commands[2])
        search.opened(commands[0])
        search.chunk(a_piece(b"one\n", ERR, number=0))
        search.opened(commands[1])
        search.chunk(a_piece(b"one\ntwo\n", ERR, number=1))
        search.closed(commands[0], b"", b"one\ntwo\n")  # truly the second one's
        assert search.fits(commands[1], b"", b"one\n", 1) is False
        search.change_places(commands[0], commands[1])
        assert search.fits(commands[1], b"", b"one\n", 1)
        search.chunk(a_piece(b"", ERR, number=2))
        search.closed(commands[1], b"", b"one\n")
        assert [told[:2] for told in sorted(decisions(search))][:2] == [(0, 1), (1, 0)]


def test_a_command_that_ended_with_anothers_result_has_its_own_in_the_end(lanes: Lanes) -> None:
    search = Search(lanes)
    commands = [a_command(0), a_command(1)]
    for command, text in zip(commands, (b"one\n", b"two\n"), strict=True):
        search.opened(command)
        search.chunk(a_piece(text, ERR, number=command.index))
    search.closed(commands[0], b"", b"two\n", 1)
    search.tell_anew(commands[0], b"", b"one\n", 1)
    search.closed(commands[1], b"", b"two\n", 1)
    assert [told[:2] for told in sorted(decisions(search))] == [(0, 0), (1, 1)]


def decisions(search: Search) -> Decisions:
    search.finish()
    return plain(search.take())


def test_what_never_ends_is_told_at_the_end(lanes: Lanes) -> None:
    search = Search(lanes)
    search.opened(a_command(0))
    search.chunk(a_piece(b"x", number=0))
    search.closed(a_command(0), b"x", b"")
    search.opened(a_command(1))
    search.chunk(a_piece(b"debug1: x\n", ERR, number=1))
    assert 1 in search.pending()
    assert decisions(search) == [(0, 0, False), (1, 1, False)]
    assert search.pending() == set()


def test_a_log_without_chunks_has_nothing_to_be_told(lanes: Lanes) -> None:
    """Its commands are not searched; one that is open when a first chunk comes can have it."""
    search = Search(lanes)
    for index in range(2):
        search.opened(a_command(index))
    assert (search.heard, search.pending()) == (False, set())
    assert search.fits(a_command(0), b"any", b"thing", 0)
    search.closed(a_command(0), b"x", b"")
    search.chunk(a_piece(b"debug1: x\n", ERR, number=0))
    assert (search.heard, search.pending()) == (True, {1})
    assert decisions(search) == [(0, 1, False)]


def test_a_log_without_chunks_is_not_remembered_beside_a_command_that_hangs() -> None:
    search = Search()
    search.opened(a_command(0))
    for index in range(1, 200):
        search.opened(a_command(index))
        search.closed(a_command(index), b"x", b"")
    assert not search._recent
