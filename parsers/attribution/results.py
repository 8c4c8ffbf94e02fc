"""Results that may have gone to each other's command, in the search for whose chunk it is: `Results`.

Commands at one address that run side by side mostly say the same but for the number of their session, so the log tells
only by the order of things which result is whose. Told the wrong way round, a chunk comes that no command can have
yet, or a command ends unfinished: the search has lost its way, and no other state leads on. What it tries then is here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from operator import attrgetter
from typing import NamedTuple

from parsers.attribution.beam import Beam, Told
from parsers.attribution.said import Opened, Piece
from parsers.model import Stream

Pair = tuple[Opened, Opened]
"""Two commands whose results may be each other's."""

Deal = Mapping[Opened, Opened]
"""By what begins there as the events have it, the command whose result it has instead."""


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

    def may_have(self, piece: Piece | None, before: Results) -> bool:
        """Whether a command whose result is another one than before has that chunk's text somewhere; None is any."""
        if piece is None:
            return True
        old = set(before.begins.values())
        wholes = [
            one.stderr if piece.stream is Stream.STDERR else one.stdout
            for one in self.begins.values()
            if one not in old
        ]
        return any(whole is not None and piece.text in whole for whole in wholes)

    def dealt(self, deal: Deal, older: Beam) -> Change | None:
        """As `changed`, for several commands that say the same words: by event, what begins with that result now."""
        now: dict[Opened, Opened] = {}
        begins, ends, told = dict(self.begins), dict(self.ends), []
        has = {event: self.beginning(event).command for event in deal}
        for event, end in deal.items():
            if self.ends_at(end).newest < event.index:
                return None
            own = self.beginning(event)
            begins[event] = now[own] = own.with_result_of(end)
            ends[self.ends_at(end)] = now[own]
            holder = next(one for one, command in has.items() if command == end.command)
            if holder is not event:
                told.append(Told(has[event], [], frozenset(), end.command))
                has[event], has[holder] = has[holder], has[event]
        beam = older.with_results(now)
        return Change(Results(begins, ends), beam, told) if beam is not None else None

    def changed(self, pairs: tuple[Pair, ...], older: Beam, *, sure: bool = False) -> Change | None:
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
        return Change(results, older, told)


class Change(NamedTuple):
    """Results that were changed, from a point of the search on."""

    results: Results
    older: Beam
    """That point, as it is then."""
    told: list[Told]


def ways(new: list[Pair], known: list[Pair], results: Results) -> Iterator[tuple[Pair, ...] | Deal]:
    """What may be changed, the newest pairs first: who made a connection of its own among commands that say the same
    words; else one of `new`, or one of them and another one of the same command.

    Three results went round where all three commands have the same words.
    """
    yield from _deals(new, known, results)
    for pair in reversed(new):
        yield (pair,)
    for pair in reversed(new):
        for other in reversed(known):
            if other is not pair and not set(pair).isdisjoint(other) and _alike(pair) and _alike(other):
                yield pair, other


def _deals(new: list[Pair], known: list[Pair], results: Results) -> Iterator[Deal]:
    """Of commands that say the same words, another one than told made a connection of its own.

    That takes longer than to be let in by a master, so the results come in another order than the commands began in.
    Of those that do the same, who began first ends first.
    """
    kinds = dict.fromkeys(_kind(one) for one, _ in reversed([pair for pair in new if _alike(pair)]))
    for kind in kinds:
        events = {event for pair in known if _alike(pair) and _kind(pair[0]) == kind for event in pair}
        begins = {event: results.beginning(event) for event in sorted(events, key=attrgetter("index"))}
        ends = sorted(begins.values(), key=lambda begun: results.ends_at(begun).newest)
        slow, quick = ([end for end in ends if end.connecting is connecting] for connecting in (True, False))
        for one, other in product(reversed(begins), begins):
            if begins[one].connecting and not begins[other].connecting:
                at = {event for event, begun in begins.items() if begun.connecting} - {one} | {other}
                whole = dict(zip((event for event in begins if event in at), slow, strict=True))
                whole |= zip((event for event in begins if event not in at), quick, strict=True)
                yield {event: end for event, end in whole.items() if begins[event] is not end}


def _kind(opened: Opened) -> tuple[str, tuple[bytes, ...]]:
    return opened.text, opened.needles


def _alike(pair: Pair) -> bool:
    return pair[0].text == pair[1].text
