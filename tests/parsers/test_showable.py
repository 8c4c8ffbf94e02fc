"""Nothing of a log reaches a terminal as a command, and nothing is hidden from the reader."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parsers.showable import is_showable, showable, showable_bytes

# An oracle of its own: Unicode's categories, and what is invisible although its category is a letter's or a mark's.
_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_INVISIBLE = {
    *range(0xFE00, 0xFE10),  # variation selectors
    *range(0xE0100, 0xE01F0),
    *range(0x180B, 0x1810),
    0x034F,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    0x3164,
    0xFFA0,
}


def hidden(character: str) -> bool:
    """Whether a terminal would obey a character or show nothing for it."""
    return unicodedata.category(character) in _CATEGORIES or ord(character) in _INVISIBLE


HOSTILE = "".join(chr(code) for code in range(0x110000) if hidden(chr(code)))


def test_no_character_of_unicode_gets_through() -> None:
    assert [f"U+{ord(c):04X}" for c in HOSTILE if any(map(hidden, showable(c)))] == []


def test_each_hostile_character_leaves_a_mark() -> None:
    assert [f"U+{ord(c):04X}" for c in HOSTILE if c != "\t" and not showable(c)] == []


@given(st.text(st.sampled_from(HOSTILE) | st.characters(exclude_categories=[])))
@example("\x1b]52;c;aGk=\x07")
@example("\x9b31m")
@example("a\u202eb\u2066c")
def test_nothing_hidden_comes_out_of_any_text(text: str) -> None:
    shown = showable(text)
    assert not any(map(hidden, shown))
    assert is_showable(shown)
    shown.encode("utf-8")


@given(st.text(st.sampled_from(HOSTILE) | st.characters(exclude_categories=[])))
def test_it_changes_nothing_twice(text: str) -> None:
    assert showable(showable(text)) == showable(text)


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Mn", "Cn", "Lo"])))
@example(string.printable[:-5])
@example("[/foo] [bold]x[/bold] $(reboot) `id` ‹ff› ␛")
@example("naïve Straße 日本語 العربية ✔ ✖ ◌ 😀")
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert showable(text) == text


@given(st.binary())
def test_any_bytes_can_be_shown(raw: bytes) -> None:
    assert not any(map(hidden, showable_bytes(raw)))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"plain", "plain"),
        (b"\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        (b"\x00\x07\x08\r\n\x7f", "␀␇␈␍␊␡"),
        (b"\xff\xfe", "‹ff›‹fe›"),
        (b"caf\xe9", "caf‹e9›"),
        ("café".encode(), "café"),
        ("\x9b".encode(), "‹U+009B›"),
        ("a\u200bb".encode(), "a‹U+200B›b"),
        ("\ufeffx".encode(), "‹U+FEFF›x"),
        ("\U000e0041".encode(), "‹U+E0041›"),
    ],
)
def test_what_is_shown_instead(raw: bytes, shown: str) -> None:
    assert showable_bytes(raw) == shown


@pytest.mark.parametrize(
    ("text", "tab", "shown"),
    [("a\tb", 8, "a       b"), ("\tb", 4, "    b"), ("12345678\t9", 8, "12345678        9"), ("a\tb\x1b", 2, "a b␛")],
)
def test_tabs_go_to_the_next_stop(text: str, tab: int, shown: str) -> None:
    assert showable(text, tab=tab) == shown


@pytest.mark.parametrize("text", ["\x1b", "a\tb", "\u202e", "\udcff", "\u0600"])
def test_text_that_is_not_showable_is_told(text: str) -> None:
    assert not is_showable(text)
