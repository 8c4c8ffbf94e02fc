"""Prose for a terminal: a rule's words and a finding's, wrapped; shared by the text report and `explain`."""

from __future__ import annotations

import difflib
import shutil
import sys
import textwrap
from collections.abc import Iterable

from parsers.showable import showable

_WIDEST = 110
"""Longer lines of prose tire the eye."""


def terminal_width() -> int:
    """Columns to wrap at: the terminal's (or COLUMNS), at most `_WIDEST`; 100 where there is no terminal."""
    fallback = (100, 24)
    width = shutil.get_terminal_size(fallback).columns if sys.stdout.isatty() else fallback[0]
    return max(40, min(width, _WIDEST))


def paragraphs(text: str) -> list[str]:
    """Text that was wrapped in its source, as one string a paragraph; an item (`- …`) is one of its own."""
    out: list[str] = []
    fresh = True
    for line in text.splitlines():
        bare = line.strip()
        if not bare:
            fresh = True
        elif fresh or bare.startswith(("- ", "* ")):
            out.append(bare)
            fresh = False
        else:
            out[-1] += " " + bare
    return out


def wrap(text: str, width: int, *, first: str = "", rest: str | None = None) -> list[str]:
    """`text` (made showable) in lines of up to `width` columns; `first` leads the first line, `rest` the others."""
    rest = " " * len(first) if rest is None else rest
    wrapped = textwrap.wrap(
        showable(text),
        max(width, len(first) + 20),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapped or [first.rstrip()]


def block(text: str, width: int, *, first: str = "", rest: str | None = None) -> list[str]:
    """Every paragraph of `text`, wrapped; `first` leads the first line of all."""
    rest = " " * len(first) if rest is None else rest
    lines: list[str] = []
    for paragraph in paragraphs(text):
        hanging = rest + "  " if paragraph.startswith(("- ", "* ")) else rest
        lines += wrap(paragraph, width, first=first if not lines else rest, rest=hanging)
    return lines


def names(words: Iterable[str], *, limit: int = 20) -> str:
    """A list of names for a sentence, of which the first `limit` are spelt out."""
    all_words = [showable(word) for word in words]
    more = len(all_words) - limit
    return ", ".join(all_words[:limit]) + (f" and {more} more" if more > 0 else "")


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Up to three of `known` that look like `word`: close in spelling, or holding it."""
    candidates = list(known)
    close = difflib.get_close_matches(word[:80], candidates, n=3, cutoff=0.6)
    return close or [one for one in candidates if len(word) > 2 and word.lower() in one.lower()][:3]
