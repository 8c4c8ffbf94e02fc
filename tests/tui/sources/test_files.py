"""Old logs: whatever they are packed in, the same bytes come out, or a sentence says why not."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.raw import LineIndex, LogReader
from tui.sources.base import BLOCK, GrowingSource, NotedSource, RunningSource, Source, SourceError
from tui.sources.content import binary_reason
from tui.sources.opening import open_log

LOG = b"".join(b" 4242 1664675304.%05d: stdout chunk (state=3):\n>>>x%d<<<\n" % (n % 100000, n) for n in range(60_000))

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zst": zstandard.ZstdCompressor().compress,
}


def read_all(source: Source) -> bytes:
    """Everything that `source` gives; every block is within the bound."""
    blocks = []
    while block := source.read():
        assert len(block) <= BLOCK
        blocks.append(block)
    return b"".join(blocks)


def drain(source: Source) -> bytes:
    """Everything that a stream gives until it is over."""
    blocks = []
    while source.live:
        blocks.append(source.read())
    return b"".join(blocks)


def notes_of(source: Source) -> list[str]:
    assert isinstance(source, NotedSource)
    return source.notes


def test_plain_file(tmp_path: Path) -> None:
    """A file comes in blocks, as it is."""
    path = tmp_path / "old.log"
    path.write_bytes(LOG)
    source = open_log(str(path))
    assert (source.name, source.path, source.live, source.size) == (str(path), path, False, len(LOG))
    assert read_all(source) == LOG
    assert source.read() == b""
    assert not isinstance(source, RunningSource)
    assert not isinstance(source, GrowingSource)
    source.close()


@pytest.mark.parametrize("packing", PACKERS)
def test_packed_file(packing: str, tmp_path: Path) -> None:
    """A compressed log is told by its content, not its name; any place of it can be read afterwards."""
    path = tmp_path / "old.log"
    path.write_bytes(PACKERS[packing](LOG))
    source = open_log(str(path))
    assert read_all(source) == LOG
    index = LineIndex()
    index.feed(LOG)
    with LogReader(source.path, index) as reader:
        assert reader.lines(50_001, 1) == [LOG.splitlines()[50_000]]
        assert reader.read(7, 70) == LOG[7:70]
    assert notes_of(source) == []
    source.close()


@pytest.mark.parametrize("packing", PACKERS)
def test_several_streams_in_one_file(packing: str, tmp_path: Path) -> None:
    """`cat a.gz b.gz` is one log, as the tools have it."""
    path = tmp_path / "both"
    path.write_bytes(PACKERS[packing](LOG[:1000]) + PACKERS[packing](LOG[1000:2000]))
    assert read_all(open_log(str(path))) == LOG[:2000]


@pytest.mark.parametrize("packing", PACKERS)
def test_cut_file(packing: str, tmp_path: Path) -> None:
    """A log that was cut in its compressed form gives its beginning, and says that the end is missing."""
    data = os.urandom(1_000_000).hex().encode()  # more than two of bzip2's blocks, and it does not compress away
    packed = PACKERS[packing](data)
    path = tmp_path / "cut.log"
    path.write_bytes(packed[: len(packed) // 2])
    source = open_log(str(path))
    text = read_all(source)
    assert text
    assert data.startswith(text)
    (note,) = notes_of(source)
    assert "cut.log is cut" in note


def test_damaged_file(tmp_path: Path) -> None:
    """Rubbish behind the stream, or in it."""
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(LOG[:1000]) + b"rubbish")
    source = open_log(str(path))
    assert read_all(source) == LOG[:1000]
    assert "damaged" in notes_of(source)[0]
    for packing in PACKERS:
        packed = PACKERS[packing](LOG)
        path.write_bytes(packed[:10] + b"\xff" * 40 + packed[50:])
        with pytest.raises(SourceError, match=r"x\.gz is (damaged|cut|binary)"):
            read_all(open_log(str(path)))


def test_a_bomb_comes_in_blocks(tmp_path: Path) -> None:
    """64 MiB of nothing in a few kB: a block at a time, whatever the format."""
    path = tmp_path / "bomb"
    for pack in PACKERS.values():
        path.write_bytes(pack(b"a" * (64 << 20)))
        source = open_log(str(path))
        assert sum(1 for _ in iter(source.read, b"")) == 64
        source.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x7fELF\x02\x01\x01" + b"\0" * 100, "is binary"),
        (bytes(range(256)) * 64, "is binary"),
        ("old log\n".encode("utf-16"), "is UTF-16 text"),
        (b"PK\x03\x04" + b"\0" * 40, "is a zip archive"),
        (b"name" + b"\0" * 253 + b"ustar" + b"\0" * 250, "is a tar archive"),
        (gzip.compress(b"name" + b"\0" * 253 + b"ustar" + b"\0" * 250), "is a tar archive"),
        (gzip.compress(b""), "is empty once unpacked"),
    ],
)
def test_no_log_at_all(content: bytes, words: str, tmp_path: Path) -> None:
    """What is no text is said to be what it is."""
    path = tmp_path / "thing"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=f"thing {words}"):
        read_all(open_log(str(path)))


def test_odd_text_is_a_log() -> None:
    """Colour, progress bars, invalid UTF-8, a few NULs: still a log."""
    assert binary_reason(LOG[:5000] + b"\x1b[0;31mfatal\x1b[0m\r\n\xff\xfe\x80\0\0\x01 50%\r 60%\x08\x08") is None
    assert binary_reason(b"") is None


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    """Each sentence names the file and what to do."""
    empty = tmp_path / "empty.log"
    empty.touch()
    packed = tmp_path / "x.gz"
    packed.write_bytes(gzip.compress(LOG))
    unix = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(unix))
        cases: list[tuple[str, bool, str]] = [
            (str(tmp_path), False, "is a directory; give"),
            (str(tmp_path / "none.log"), False, "there is no such file; look"),
            (str(empty), False, "is empty; look"),
            (str(packed), True, "is compressed, so it does not grow; use open"),
            (str(unix), False, "is neither a file nor a pipe; give"),
            ("a\0b", False, "cannot be opened"),
            (str(empty / "x"), False, "cannot be opened"),
            ("x" * 5000, False, "cannot be opened"),
        ]
        for given_path, follow, words in cases:
            with pytest.raises(SourceError, match=words) as caught:
                open_log(given_path, follow=follow)
            assert str(caught.value).startswith(given_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    """A file of somebody else."""
    path = tmp_path / "root.log"
    path.write_bytes(LOG)
    path.chmod(0)
    with pytest.raises(SourceError, match="permission denied; read it as its owner"):
        open_log(str(path))


def feed_pipe(data: bytes) -> int:
    """The reading end of a pipe that holds `data` (below 64 kB) and has ended."""
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    return reading


@pytest.mark.parametrize("packing", [None, *PACKERS])
@pytest.mark.parametrize("wait", [True, False])
def test_standard_input(packing: str | None, wait: bool, tmp_path: Path) -> None:
    """A stream is recorded as it comes, unpacked if it is packed, and can be read at any place."""
    data = LOG[:40_000]
    fd = feed_pipe(PACKERS[packing](data) if packing else data)
    saved = os.dup(0)
    os.dup2(fd, 0)
    os.close(fd)
    try:
        source = open_log("-", wait=wait)
    finally:
        os.dup2(saved, 0)
        os.close(saved)
    assert source.name == "standard input"
    assert drain(source) == data
    assert source.path.read_bytes() == data
    source.close()


def test_a_stream_that_is_slow() -> None:
    """Nothing there now is b"" and still live; one byte of a magic number is not yet a decision."""
    from tui.sources.files import Stream

    reading, writing = os.pipe()
    source = Stream("pipe", reading, wait=False)
    packed = gzip.compress(LOG[:500])
    assert (source.read(), source.live) == (b"", True)
    os.write(writing, packed[:1])
    assert (source.read(), source.live) == (b"", True)
    os.write(writing, packed[1:])
    os.close(writing)
    assert source.read() == LOG[:500]
    assert (source.read(), source.live) == (b"", False)
    source.close()


def test_an_empty_stream() -> None:
    """`true | sshdebug-tui report -`."""
    from tui.sources.files import Stream

    source = Stream("standard input", feed_pipe(b""), wait=True)
    with pytest.raises(SourceError, match="standard input is empty"):
        source.read()
    source.close()


def test_a_fifo(tmp_path: Path) -> None:
    """Process substitution and named pipes are streams."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writing = os.open(path, os.O_RDWR)
    os.write(writing, LOG[:100])
    source = open_log(str(path), wait=False)
    assert source.read() + source.read() == LOG[:100]
    os.close(writing)
    assert source.read() == b""
    assert not source.live


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=2000), packing=st.sampled_from(sorted(PACKERS)), cut=st.integers(0, 4000))
def test_any_cut_gives_a_beginning(data: bytes, packing: str, cut: int, tmp_path: Path) -> None:
    """However a compressed log is cut: a beginning of it or a SourceError, nothing else."""
    path = tmp_path / "x"
    text = b"text " * 400 + data.hex().encode()
    path.write_bytes(PACKERS[packing](text)[:cut])
    try:
        source = open_log(str(path))
        out = read_all(source)
    except SourceError:
        return
    assert text.startswith(out) or cut < 6  # with so little left of its magic number it is a (short) plain file
