"""In which order a run's hosts have their workers forked, where no line tells the queue: `Order`.

Without ANSIBLE_DEBUG nothing says when a host is queued. But each task's workers are forked in the same order, that of
the inventory, and their process ids, which temporary directories' names tell, rise with it (linear strategy, 2.0-2.19).
So what one task shows of connections that are told apart tells the next one's, where all work goes to one address.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise, permutations

from parsers.workers.forks import in_order
from parsers.workers.worker import Key, Section

Scores = Mapping[tuple[int, str], float]
"""What speaks for a name, by the worker's place in its section."""

Forked = tuple[tuple[str, ...], frozenset[int]]
"""An order of names, and the plays, by index, that have another one."""

CLIP = 30.0
"""What one task can say for or against a name at most."""

_FEW = 4
"""Names of one connection whose every order is tried."""


class Order:
    """What the tasks of a run show of it."""

    def __init__(self) -> None:
        self._base: tuple[tuple[Key, int], ...] = ()
        """The connections of the task that has the most, in order; each with how often it came before."""
        self._ranks: dict[tuple[Key, int], dict[tuple[int, str], float]] = {}
        """By connection, and how often a task has it: what speaks for a name at each of its places."""
        self._odd: set[int] = set()
        """Plays that have another order."""

    def copy(self) -> Order:
        """What is known by now, to add to."""
        other = Order()
        other._base, other._odd = self._base, set(self._odd)
        other._ranks = {key: dict(ranks) for key, ranks in self._ranks.items()}
        return other

    def add(self, section: Section, scores: Scores) -> None:
        """Adds what one task shows."""
        if section.queued or any(entry.delegate is not None for entry in section.results):
            return
        indexes = forked(section)
        places = _places(section.workers[index].key for index in indexes)
        if _crosses(places, self._base):
            self._odd.add(section.play_index)
        if len(places) > len(self._base):
            self._base = places
        often = Counter(key for key, _ in places)
        sharing = {index: place for index, place in zip(indexes, places, strict=True) if 1 < often[place[0]] <= _FEW}
        for (index, name), score in scores.items() if sharing else ():
            if index in sharing:
                key, rank = sharing[index]
                ranks = self._ranks.setdefault((key, often[key]), {})
                ranks[rank, name] = ranks.get((rank, name), 0.0) + clipped(score)

    def names(self, keys: Mapping[str, Key]) -> tuple[str, ...]:
        """The inventory names in that order, as far as it is known; `keys` has each one's connection."""
        own: dict[Key, list[str]] = defaultdict(list)
        for name, key in keys.items():
            own[key].append(name)
        often = Counter(key for key, _ in self._base)
        ranked = {
            key: self._ranked(key, own[key]) for key, count in often.items() if 0 < count == len(own[key]) <= _FEW
        }
        return tuple(ranked[key][rank] for key, rank in self._base if key in ranked)

    @property
    def odd(self) -> frozenset[int]:
        """The plays, by index, that have another order."""
        return frozenset(self._odd)

    def _ranked(self, key: Key, names: list[str]) -> tuple[str, ...]:
        ranks = self._ranks.get((key, len(names)), {})
        return max(
            permutations(names),
            key=lambda order: sum(ranks.get((rank, name), 0.0) for rank, name in enumerate(order)),
        )


def clipped(score: float) -> float:
    """A task's score, as far as it counts."""
    return max(-CLIP, min(CLIP, score))


def forked(section: Section) -> list[int]:
    """The workers whose process id is known and whose name is not, by their place in the section, in order.

    One for each process: a loop whose items are delegated goes to several addresses.
    """
    places: dict[int | None, int] = {}
    for index, worker in enumerate(section.workers):
        if worker.name is None:
            places.setdefault(worker.pid, index)
    return [places[worker.pid] for worker in in_order(section.workers[index] for index in places.values())]


def _places(keys: Iterable[Key]) -> tuple[tuple[Key, int], ...]:
    seen: Counter[Key] = Counter()
    places = []
    for key in keys:
        places.append((key, seen[key]))
        seen[key] += 1
    return tuple(places)


def _crosses(places: tuple[tuple[Key, int], ...], base: tuple[tuple[Key, int], ...]) -> bool:
    """Whether connections that both have as often stand in another order."""
    own, others = (Counter(key for key, _ in one) for one in (places, base))
    at = {place: index for index, place in enumerate(base)}
    order = [at[place] for place in places if own[place[0]] == others[place[0]]]
    return any(first > second for first, second in pairwise(order))
