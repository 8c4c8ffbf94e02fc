"""Wrapping, paragraphs, lists of names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.showable import is_showable
from tui.prose import block, names, nearest, paragraphs, terminal_width, wrap


def test_paragraphs() -> None:
    """Lines of one paragraph are joined; blank lines and items part them."""
    assert paragraphs("one\ntwo\n\nthree\n- item\n  goes on\n- next\n") == [
        "one two",
        "three",
        "- item goes on",
        "- next",
    ]
    assert paragraphs("") == []


@given(st.text(max_size=300), st.integers(40, 120))
def test_wrapped_text_is_safe_and_within(text: str, width: int) -> None:
    """No control reaches the terminal, and only a word that is too long makes a line too long."""
    for line in wrap(text, width, first="  x: "):
        assert is_showable(line)
        assert len(line) <= width or " " not in line.removeprefix("  x: ").strip()


def test_block() -> None:
    """The first line has the lead, the others stand under it."""
    assert block("aa bb\n\ncc", 40, first="why: ") == ["why: aa bb", "     cc"]


def test_names() -> None:
    """Long lists are summed up."""
    assert names(["a", "b\x1b"]) == "a, b␛"
    assert names(map(str, range(30)), limit=2) == "0, 1 and 28 more"


def test_nearest() -> None:
    """Close in spelling first, else what holds the word."""
    assert nearest("web11", ["web1", "db1"]) == ["web1"]
    assert nearest("prod", ["web1.prod.example.com", "db1"]) == ["web1.prod.example.com"]
    assert nearest("x", ["web1"]) == []


def test_width_without_a_terminal() -> None:
    """The same everywhere, so that reports can be compared."""
    assert terminal_width() == 100
