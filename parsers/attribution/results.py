"""Results that may have gone to each other's command, in the search for whose chunk it is: `Results`.

Commands at one address that run side by side mostly say the same but for the number of their session, so the log tells
only by the order of things which result is whose. Told the wrong way round, a chunk comes that no command can have
yet, or a command ends unfinished: the search has lost its way, and no other state leads on. What it tries then is here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from parsers.attribution.beam import Beam, Told
from parsers.attribution.said import Opened

Pair = tuple[Opened, Opened]
"""Two commands whose results may be each other's."""


@dataclass(frozen=True, slots=True)
class Results:
    """Which result every command has, where two were changed: by the command as its events have it."""

    begins: dict[Opened, Opened] = field(default_factory=dict)
    """What begins at a command's beginning."""
    ends: dict[Opened, Opened] = field(default_factory=dict)
    """What ends at a command's end."""

    def beginning(self, opened: Opened) -> Opened:
        """The command that begins there."""
        return self.begins.get(opened, opened)

    def end(self, opened: Opened) -> Opened:
        """The command that ends there."""
        return self.ends.get(opened, opened)

    def ends_at(self, opened: Opened) -> Opened:
        """The command at whose end that one ends, which has been changed or not."""
        return next((event for event, end in self.ends.items() if end is opened), opened)

    def changed(
        self, pairs: tuple[Pair, ...], older: Beam, *, sure: bool = False
    ) -> tuple[Results, Beam, list[Told]] | None:
        """The results of pairs the other way round, one pair after the other; `sure` where that is told.

        With the beam, in which they had begun or not, as it is then, and what is to be told of it. None where what
        they had said there is not the beginning of what they are to say, or one's result came before the other began.
        """
        results, told = self, []
        for one, other in pairs:
            first, second = results.beginning(one), results.beginning(other)
            if results.ends_at(first).newest < other.index or results.ends_at(second).newest < one.index:
                return None
            now = {first: first.with_result_of(second), second: second.with_result_of(first)}
            beam = older.crossed(first, second, now) if sure else older.with_results(now)
            if beam is None:
                return None
            older = beam
            # Each ends where its new result stands.
            instead = {first: now[second], second: now[first]}
            ends = results.ends | {event: results.end(event) for event in (one, other)}
            results = Results(
                results.begins | {one: now[first], other: now[second]},
                {event: instead.get(opened, opened) for event, opened in ends.items()},
            )
            told.append(Told(first.command, [], frozenset(), second.command))
        return results, older, told


def ways(new: list[Pair], known: list[Pair]) -> Iterator[tuple[Pair, ...]]:
    """What may be changed, the newest pairs first: one of `new`, or one of them and another one of the same command.

    Three results went round where all three commands have the same words.
    """
    for pair in reversed(new):
        yield (pair,)
    for pair in reversed(new):
        for other in reversed(known):
            if other is not pair and not set(pair).isdisjoint(other) and _alike(pair) and _alike(other):
                yield pair, other


def _alike(pair: Pair) -> bool:
    return pair[0].text == pair[1].text
