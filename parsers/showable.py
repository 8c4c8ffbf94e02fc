"""Log text is hostile; this makes it showable.

The one place where text of a log becomes text for a widget or a terminal. C0 controls and DEL become the Unicode
control pictures (U+2400…), C1 controls, bidirectional controls, zero-width and other invisible format characters,
and lone surrogates become `‹U+XXXX›`-like short marks, so that nothing of a log reaches the terminal as a command and
nothing is hidden from the reader.
"""

from __future__ import annotations

import re
import unicodedata

_CONTROL = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}

# What may reach the screen unseen or reorder it: C1, Arabic letter mark, zero-width and bidi controls, line and
# paragraph separators, invisible operators, interlinear marks, the BOM, surrogates, tags.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff"
    # The rest of category Cf: Arabic, Syriac and Kaithi number signs, hieroglyph, shorthand and musical controls.
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U00013440\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a]"
)


def _mark(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code in _CONTROL:
        return _CONTROL[code]
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8 (decoded with surrogateescape)
        return f"\u2039{code - 0xDC00:02x}\u203a"
    return f"\u2039U+{code:04X}\u203a"


def showable(text: str, *, tab: int = 8) -> str:
    """`text` with every control and invisible character made visible; tabs widened to stops of `tab` columns."""
    if text.isascii() and text.isprintable():
        return text
    if "\t" in text:
        text = text.expandtabs(tab)
    return _HOSTILE.sub(_mark, text)


def showable_bytes(raw: bytes) -> str:
    """As `showable`, for bytes of a log; bytes that are not UTF-8 are shown as `‹ff›`."""
    return showable(raw.decode("utf-8", "surrogateescape"))


def is_showable(text: str) -> bool:
    """Whether nothing in `text` is a control or invisible character (for tests and assertions)."""
    return _HOSTILE.search(text) is None and all(unicodedata.category(c) not in ("Cc", "Cs") for c in text)
