"""Whose work it is by the order of the queue, in plays whose hosts do not wait for each other: `by_queue`.

The parent queues one task of one host after the other, and forks a worker for each (`StrategyBase._queue_task`,
ansible-core 2.13-2.21). So the process ids of all workers rise with the queue, on whatever connection they work, and a
task that goes to another host stands in it as its own host's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from parsers.actions import without_commands
from parsers.workers.answers import module_of
from parsers.workers.sharing import Window, Windows, in_order
from parsers.workers.worker import Key, Worker

_PASSES = 3
"""The first tells the connections' names; with these the others tell more."""

_WORTH = 1_000_000
"""Lines from a task beyond which a worker is better told by other things."""

_OTHER_MODULE = 3_000
_OTHER_CONNECTION = 30_000
_OTHER_ANSWER = 400_000
"""Lines that count where a worker runs another module than a task's, works where its host does not, or has answered
what is printed below another name: the answer may be another one's, which says much the same."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Workers, by identity, with the task and the name whose work each is."""

    places: Mapping[int, tuple[Window, str]] = field(default_factory=dict)
    keys: Mapping[str, Key] = field(default_factory=dict)
    """The connection of each name, where most of its work was; of several names at one, of who has done the most."""
    votes: Mapping[str, Counter[Key]] = field(default_factory=dict)
    """How much each name has done on which connection."""

    def share(self, name: str, key: Key) -> float:
        """Which share of a name's work was on that connection."""
        own = self.votes.get(name)
        return own[key] / own.total() if own else 0.0


def by_queue(workers: Sequence[Worker], windows: Windows, away: Mapping[int, str], answers: Mapping[int, str]) -> Queue:
    """Told for workers whose process id is known.

    `away` has the delegate's name by the line of a task's result, `answers` the name below which the answer of a
    module is printed, by the line of its command's result.
    """
    places = sorted(((window, name) for name, own in windows.items() for window in own), key=lambda place: place[0][:2])
    nameless = [worker for worker in workers if worker.name is None and worker.pid is not None]
    odds = _Odds(nameless, places, away, answers)
    found = Queue()
    for _ in range(_PASSES):
        told = in_order(nameless, [window for window, _ in places], odds.of, worth=_WORTH)
        votes: dict[str, Counter[Key]] = defaultdict(Counter)
        for worker, place in told:
            votes[places[place][1]][worker.key] += 1
        found = Queue({id(worker): places[place] for worker, place in told}, _keys_of(votes), votes)
        odds.learn(found.keys)
    return found


class _Odds:
    """What speaks against a worker's being of a task, besides their lines."""

    def __init__(
        self,
        workers: Sequence[Worker],
        places: Sequence[tuple[Window, str]],
        away: Mapping[int, str],
        answers: Mapping[int, str],
    ) -> None:
        self._places = places
        self._away = away
        self._modules = {id(worker): _module(worker) for worker in workers}
        self._seen = set(self._modules.values())
        self._answered = {id(worker): name for worker in workers if (name := _answered(worker, answers)) is not None}
        self._went = {(window.title, to) for window, _ in places if (to := away.get(window.last)) is not None}
        """Titles of tasks, with the names of the hosts that these went to."""
        self._keys: Mapping[str, Key] = {}
        self._names: dict[Key, str] = {}

    def learn(self, keys: Mapping[str, Key]) -> None:
        """The connection of each name, as far as it is known."""
        self._keys = keys
        self._names = {key: name for name, key in keys.items()}

    def of(self, worker: Worker, place: int) -> int | None:
        """As `in_order` asks for it."""
        window, name = self._places[place]
        action = window.action.rpartition(".")[2]
        if without_commands(action) or action == "raw":
            return None  # it makes no temporary directory, which is what tells a worker's id
        module = self._modules[id(worker)]
        odds = _OTHER_MODULE if module and action in self._seen and module != action else 0
        if self._answered.get(id(worker), name) != name:
            odds += _OTHER_ANSWER
        return odds if self._works_there(worker, window, name) else odds + _OTHER_CONNECTION

    def _works_there(self, worker: Worker, window: Window, name: str) -> bool:
        if self._keys.get(name, worker.key) == worker.key:
            return True
        to = self._away.get(window.last)
        if to is not None:
            return self._keys.get(to, worker.key) == worker.key
        # Without a result it may be at work where those of other hosts went.
        return window.well is None and (window.title, self._names.get(worker.key, "")) in self._went


def _keys_of(votes: Mapping[str, Counter[Key]]) -> dict[str, Key]:
    keys: dict[str, Key] = {}
    taken: set[Key] = set()
    pairs = ((count, name, key) for name, own in votes.items() for key, count in own.items())
    for _, name, key in sorted(pairs, key=lambda pair: -pair[0]):
        if name not in keys and key not in taken:
            keys[name] = key
            taken.add(key)
    return keys


def _answered(worker: Worker, answers: Mapping[int, str]) -> str | None:
    """The name below which what it has answered was printed, where one is told."""
    lines = (command.closed.line for command in worker.commands if command.closed is not None)
    return next((answers[line] for line in lines if line in answers), None)


def _module(worker: Worker) -> str:
    """The last module that it has run; empty without one."""
    return next((name for command in reversed(worker.commands) if (name := module_of(command))), "")
