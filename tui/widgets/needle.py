"""What a search looks for, in shown text and in blocks of a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Needle:
    """Plain text to look for; case counts only if it holds an upper-case letter."""

    text: str

    @property
    def exact(self) -> bool:
        """Whether case counts."""
        return self.text != self.text.lower()

    def found_in(self, text: str) -> bool:
        """Whether `text` holds it."""
        return self.text in (text if self.exact else text.lower())

    def spans(self, text: str, limit: int = 200) -> list[tuple[int, int]]:
        """Where `text` holds it: (start, end) in characters, the first `limit`."""
        lowered = text.lower()
        # A few letters change their length when lowered; then only the exact spelling is marked.
        where = text if self.exact or len(lowered) != len(text) else lowered
        spans: list[tuple[int, int]] = []
        position = where.find(self.text) if self.text else -1
        while position >= 0 and len(spans) < limit:
            spans.append((position, position + len(self.text)))
            position = where.find(self.text, position + len(self.text))
        return spans

    def lines(self, blocks: Iterable[bytes]) -> Iterator[list[int]]:
        """Numbers (from 0) of the lines that hold it, each once, a list for each block.

        A hit across two blocks counts; memory is one block, whatever the length of a line. Among bytes, only ASCII
        letters lose their case.
        """
        wanted = self.text.encode("utf-8", "surrogateescape")
        if not wanted:
            return
        exact = self.exact
        line, last, tail = 0, -1, b""
        for block in blocks:
            data = tail + (block if exact else block.lower())
            found: list[int] = []
            counted = 0
            position = data.find(wanted)
            while position >= 0:
                line += data.count(b"\n", counted, position)
                counted = position
                if line != last:
                    found.append(line)
                    last = line
                following = data.find(b"\n", position)
                if following < 0:
                    break
                position = data.find(wanted, following + 1 if b"\n" not in wanted else position + 1)
            keep = min(len(wanted) - 1, len(data))
            cut = len(data) - keep
            line += data.count(b"\n", counted, cut) if cut > counted else -data.count(b"\n", cut, counted)
            tail = data[cut:]
            yield found
