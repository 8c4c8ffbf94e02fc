"""A chunk's frame: where it ends, whatever its text holds, and how many lines it has."""

from __future__ import annotations

import pytest

from parsers.log_model import LogModel
from parsers.model import Attribution, Status, Stream
from tests.parsers.helpers import model_of
from tests.parsers.minilog import DB1, FORGED, HOME, PARENT, VERSIONS, WEB1, MiniLog, opened, said


def texts(log: MiniLog) -> list[bytes]:
    """The text of each chunk, from the file."""
    return [log.data[chunk.start : chunk.end] for chunk in log.model().chunks]


def lines_of(data: bytes, model: LogModel) -> list[int]:
    """How many lines of the file each chunk's text has a part of."""
    found = (data[chunk.start : chunk.end] for chunk in model.chunks)
    return [text.count(b"\n") + (not text.endswith(b"\n") and bool(text)) for text in found]


@VERSIONS
@pytest.mark.parametrize(
    "text",
    [
        "",
        "one line",
        "debug1: x\r\n",
        "two\nlines\n",
        "\n\n",
        "a >>> b\n",
        "a <<< b\n",
        "<<<\n",
        ">>>x<<<\nmore\n",
        "ends with <<<\nand goes on",
        f">>>x<<<\n{FORGED}\n>>>fake<<<\n",
        "fatal: [x]: UNREACHABLE! => {\n",
        "PLAY RECAP ***\nweb1 : ok=0 changed=0 unreachable=1 failed=0\n",
        "TASK [x] ***\n",
        "<192.0.2.9> (0, b'', b'')\n",
        "\x1b[31mred\x1b[0m\n",
        "ünïcode ✔\n",
    ],
)
def test_a_chunks_text_is_exactly_what_was_read(version: str, text: str) -> None:
    log = opened(version).chunk(WEB1, text).chunk(WEB1, "next\n").close(WEB1, 0, "/home/deploy\n")
    assert texts(log)[:2] == [text.encode(), b"next\n"]
    assert lines_of(log.data, log.model()) == list(log.model().chunks.lines(range(len(log.model().chunks))))
    assert said(log.model()) == ""
    run = log.model().runs[0]
    assert set(run.hosts) == {"web1"}
    assert run.recap is None


def test_a_chunks_facts() -> None:
    log = opened()
    line = log.line
    log.chunk(WEB1, "out", stream="stdout", state=2)
    chunk = log.model().chunks[0]
    assert (chunk.start, chunk.end) == (log.data.index(b">>>out") + 3, log.data.index(b"<<<"))
    assert chunk.time == pytest.approx(log.time)
    assert chunk.pid == 4101
    assert (chunk.stream, chunk.state, chunk.attribution) == (Stream.STDOUT, 2, Attribution.EXACT)
    assert chunk.command is not None
    assert chunk.command.text == HOME
    assert chunk.place.line == line
    assert log.data[chunk.place.offset :].startswith(b"  4101 ")


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("pasted", ["", "\n", "\r"])
def test_chunks_of_logs_that_were_pasted_or_converted(end: str, pasted: str) -> None:
    """A blank line behind `<<<`, a CR before `>>>`, CR LF everywhere."""
    log = opened().chunk(WEB1, "text\n").chunk(WEB1, "more")
    data = log.data.replace(b"<<<\n", f"<<<\n{pasted}".encode()) if pasted == "\n" else log.data
    data = data.replace(b">>>", b"\r>>>") if pasted == "\r" else data
    data = data.replace(b"\n", end.encode())
    model = model_of(data)
    assert [data[chunk.start : chunk.end].replace(b"\r", b"") for chunk in model.chunks] == [b"text\n", b"more"]
    assert list(model.chunks.lines(range(2))) == lines_of(data, model)


def test_a_chunk_with_no_end_stops_at_the_next_of_its_run() -> None:
    log = opened().chunk(WEB1, "no end\n", end="")
    broken = log.line - 3
    log.chunk(WEB1, "good").close(WEB1)
    model = log.model()
    assert [log.data[chunk.start : chunk.end] for chunk in model.chunks] == [b"no end\n\n", b"good"]
    assert list(model.chunks.lines(range(2))) == [2, 1]
    assert "has no end" in said(model)
    assert model.notes[0][0] is not None
    assert model.notes[0][0].line == broken
    assert model.runs[0].hosts["web1"].tasks[0].commands[0].rc == 0


def test_a_chunk_at_the_end_of_a_cut_log() -> None:
    data = opened().chunk(WEB1, "cut in the mid").data
    model = model_of(data[: data.index(b"mid")])
    assert data[model.chunks[0].start : model.chunks[0].end] == b"cut in the "
    assert list(model.chunks.lines([0])) == [1]
    assert "has no end" in said(model)


@VERSIONS
@pytest.mark.parametrize("line", ["db1 | SUCCESS => {}", "db1 | CHANGED | rc=0 | (stdout) x", "db1 | UNREACHABLE!: x"])
def test_an_ad_hoc_result_ends_a_chunk_and_one_of_nobody_is_text(version: str, line: str) -> None:
    log = opened(version).chunk(WEB1, "text\n").raw(line.replace("db1", "web1")).close(WEB1)
    assert texts(log) == [b"text\n"]
    log = opened(version).chunk(WEB1, f"text <<<\n{line}\nmore\n").close(WEB1)
    assert texts(log) == [f"text <<<\n{line}\nmore\n".encode()]


@VERSIONS
@pytest.mark.parametrize("words", ["words of nobody\n", "\nwords\n\nof nobody\n", "more <<<\nwords of nobody\n"])
def test_words_behind_a_chunk_are_not_its_text(version: str, words: str) -> None:
    """As where ansible-runner loses the beginning of a warning: no record follows `<<<`, and no other end comes."""
    log = opened(version).chunk(WEB1, "/home/deploy\n", stream="stdout").raw(words.rstrip("\n"))
    text = b"/home/deploy\n" + (b"<<<\nmore " if "<<<" in words else b"")
    assert [log.data[chunk.start : chunk.end] for chunk in log.model(now=log.time).chunks] == [text]
    log.chunk(WEB1, "", stream="stdout").chunk(WEB1, "").close(WEB1, 0, text.decode())
    model = log.model()
    assert texts(log)[0] == text
    assert model.runs[0].reassembly.exact == 1
    assert said(model) == ""


@VERSIONS
@pytest.mark.parametrize("words", ["Including module_utils file ansible/module_utils/x.py", "words of nobody"])
def test_a_result_behind_words_that_name_nobody_is_one(version: str, words: str) -> None:
    """At -vvvvv a worker's words can stand between a chunk and a result."""
    log = opened(version).chunk(WEB1, "debug1: x\n").chunk(WEB1, "").raw(words)
    log.close(WEB1, 0, "", "debug1: x\n", done=False).raw(words).task("Next", WEB1).step(WEB1, "home")
    model = log.model()
    assert [command.has_tuple for command in model.chunks.commands] == [True, True]
    assert (model.runs[0].reassembly.exact, model.runs[0].reassembly.differ) == (2, 0)
    assert texts(log)[:2] == [b"debug1: x\n", b""]


@VERSIONS
def test_what_stands_behind_a_chunk_and_words_that_name_nobody_is_ansibles_own(version: str) -> None:
    log = opened(version).chunk(WEB1, "/home/deploy\n", stream="stdout").raw("words of nobody")
    log.raw('ok: [web1] => {"changed": false}').header("done")
    assert log.host("web1").tasks[0].status is Status.OK
    assert texts(log) == [b"/home/deploy\n"]


@pytest.mark.parametrize("words", ["FAILED - RETRYING: [web1]: Wait (4 retries left).Result was: {", "words of nobody"])
def test_behind_words_the_next_chunk_may_be_of_a_worker_that_read_it_before(words: str) -> None:
    """A launched run's headers have each worker's own time, and the parent prints them in another order."""
    log = MiniLog("2.19.14").begin().task("Wait", WEB1, DB1).open(WEB1, HOME).open(DB1, HOME)

    def stamped(name: str, pid: int, ago: float) -> MiniLog:
        log.time += 0.01
        return log.raw(f"{PARENT:6d} {log.time:.5f} [{name}]: @{pid}/{log.time - ago:.5f} stderr chunk (state=3):")

    stamped("web1", 4101, 0.0).raw(">>>one<<<", words, "}")
    stamped("db1", 4102, 0.5).raw(">>>two<<<")
    stamped("web1", 4101, 0.0).raw(">>>three<<<")
    assert texts(log) == [b"one", b"two", b"three"]


def test_a_chunk_header_with_no_text_is_none() -> None:
    log = opened().header("stderr chunk (state=3):", WEB1).header("x", WEB1)
    assert len(log.model().chunks) == 0
