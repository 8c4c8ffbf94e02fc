"""Python literals are decoded to the very bytes that were printed, and hostile ones cost their length."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.lines.reprs import comparable, decode_literal, decode_tuple

# Bytes that a repr has to escape, and words that look like the end of a literal.
TRICKY = st.lists(
    st.sampled_from([b"'", b'"', b"\\", b"\n", b"\r", b"\t", b"\x00", b"\xff", b"', b'", b"\\x", b"\\'", b")", b"x"])
    | st.binary(max_size=4)
).map(b"".join)
RC = st.integers(-(2**31), 2**31)


@given(RC, TRICKY, TRICKY)
def test_any_tuple_comes_back_exactly(rc: int, out: bytes, err: bytes) -> None:
    assert decode_tuple(repr((rc, out, err)).encode()) == (rc, out, err)


@given(RC, TRICKY, TRICKY, st.binary(max_size=10))
def test_what_follows_the_tuple_is_not_its_own(rc: int, out: bytes, err: bytes, rest: bytes) -> None:
    assert decode_tuple(repr((rc, out, err)).encode() + rest) == (rc, out, err)


@given(RC, TRICKY, TRICKY, st.data())
def test_a_tuple_that_is_cut_is_an_error(rc: int, out: bytes, err: bytes, data: st.DataObject) -> None:
    whole = repr((rc, out, err)).encode()
    with pytest.raises(ValueError, match=r"literal|tuple|string"):
        decode_tuple(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(TRICKY, st.binary(max_size=5), st.binary(max_size=5))
def test_a_literal_is_read_where_it_stands(text: bytes, before: bytes, after: bytes) -> None:
    literal = repr(text).encode()
    assert decode_literal(before + literal + after, len(before)) == (text, len(before) + len(literal))


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_value_or_a_value_error(raw: bytes) -> None:
    for text in (raw, b"(0, " + raw, b"(0, b'" + raw, b"(0, u'" + raw, b"(0, b'', b'" + raw + b"')"):
        try:
            decoded = decode_tuple(text)
        except ValueError:
            continue
        assert isinstance(decoded.stdout, bytes)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_u_literals_of_a_python_2_controller_become_utf_8(text: str) -> None:
    escaped = text.encode("unicode_escape").replace(b"'", b"\\'")
    assert decode_literal(b"u'" + escaped + b"'", 0)[0] == text.encode()


@pytest.mark.parametrize(
    ("line", "out"),
    [
        (b"(0, b'/home/deploy\\n', b'')", b"/home/deploy\n"),
        (b"(0, '/home/deploy\\n', '')", b"/home/deploy\n"),
        (b"(0, u'/home/deploy\\n', u'')", b"/home/deploy\n"),
        (b"(0, u'caf\\xe9 \\u2013', u'')", "café –".encode()),
        (b"(0, u'\\U0001f600', u'')", "😀".encode()),
        (b"(0, u'\\ud83d\\ude00', u'')", "😀".encode()),  # a narrow build
        (b"(0, u'\\ud83d', u'')", b"\xed\xa0\xbd"),
        (b"(0, u'caf\xc3\xa9', u'')", "café".encode()),
        (b"(0, 'caf\\xc3\\xa9', '')", "café".encode()),
        (b"(0, b\"it's\", b'')", b"it's"),
        (b"(0, b'\\'\"', b'')", b"'\""),
    ],
)
def test_forms_of_python_2_and_3(line: bytes, out: bytes) -> None:
    assert decode_tuple(line) == (0, out, b"")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"(",
        b"()",
        b"(0)",
        b"(0, )",
        b"(0, b'')",
        b"(0, b'', )",
        b"(0, b'', b''",
        b"(0, b'', b'' )",
        b"(x, b'', b'')",
        b"(0, __import__('os'), b'')",
        b"(0, b'\\x4', b'')",
        b"(0, b'\\q', b'')",
        b"(0, b'\\777', b'')",
        b"(0, b'\\N{BULLET}', b'')",
        b"(0, u'\\u12', u'')",
        b"(0, rb'', b'')",
        b"(99999999999, b'', b'')",
        b"rc=0, stdout and stderr censored due to no log",
    ],
)
def test_anything_else_is_an_error(line: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode_tuple(line)


@pytest.mark.parametrize(
    "hostile",
    [
        b"\\n" * 500_000 + b"'",
        b"\\n" * 500_000,
        b"\\" * 1_000_001,
        b'"' * 1_000_000,
        b"a\\'" * 333_333,
    ],
    ids=["escapes", "escapes-no-end", "backslashes", "quotes", "escaped-quotes"],
)
def test_a_hostile_megabyte_leaves_no_way_back(hostile: bytes) -> None:
    """What makes a pattern slow on a line that does not match is what it remembers to try again."""
    buffer = b"'" + hostile
    tracemalloc.start()
    try:
        decode_literal(buffer, 0)
    except ValueError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4 * len(buffer)


@given(st.text(max_size=40), st.data())
def test_what_ansible_prints_of_chunks_compares_with_their_bytes(text: str, data: st.DataObject) -> None:
    """It decodes each chunk alone, and writes what is no UTF-8 as `?` (2.17-2.21) or U+FFFD."""
    raw = text.encode("utf-8", "surrogatepass")
    cut = data.draw(st.integers(0, len(raw)))
    printed = b"".join(
        part.decode("utf-8", "surrogateescape").encode("utf-8", "replace") for part in (raw[:cut], raw[cut:])
    )
    assert comparable(printed) == comparable(raw) == comparable(raw[:cut]) + comparable(raw[cut:])


def test_bytes_side_by_side_that_are_no_text_are_printed_as_one_question_mark() -> None:
    assert comparable(b"bad ? ?( end") == comparable(b"bad \xff\xfe\x80 \xc3( end") == b"bad  ( end"


def test_text_that_is_ascii_compares_as_it_is() -> None:
    assert comparable(b"cafe \r\n") == b"cafe \n"
    assert comparable(b"caf\xe9") == comparable("caf\ufffd".encode()) == comparable(b"caf?") == b"caf"
