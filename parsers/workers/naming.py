"""Which inventory name a worker's `<address>` belongs to.

Up to 2.16 with ANSIBLE_DEBUG the worker's own lines say it. Elsewhere it is settled from everything the log holds: a
name that is the address itself, a failure's message that quotes the command's own words, the lines that print the name
(discovery) between a worker's own, which worker was done when a name's result was printed, and the queue's order. What
all tasks of a run show of one connection counts together, so a task that could go either way follows the others.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate, islice

from parsers.model import Tool
from parsers.pause import Pause, never
from parsers.workers.ordering import CLIP, Forked, Order, Scores, clipped, forked
from parsers.workers.spoken import Spoken
from parsers.workers.worker import HostResult, Key, Section, Worker

_Total = dict[Key, dict[str, float]]

_WIDE = 4000
"""Pairs of one task above which only a worker's likeliest names are weighed."""

_NO_SESSION = 255
"""ssh's own rc where it got no session, or lost it."""

_NEAR = 8

_BEHIND = 200
"""Lines behind a worker's last within which a result can well be its own."""


class Names:
    """What a run shows of names and connections. Kept between snapshots: a task that is over is weighed once."""

    def __init__(self) -> None:
        self._scores: dict[int, dict[tuple[int, str], float]] = {}
        """Of the tasks that are weighed at this look."""
        self._total: _Total = {}
        """What the tasks that are over show."""
        self._prior: dict[Key, dict[str, float]] = {}
        self._known: dict[str, int] = {}
        self._order_over = Order()
        """Of the tasks that are over."""
        self.order: Forked = ((), frozenset())
        """The names in the order in which their workers are forked, where the queue is not told; and the plays, by
        index, that have another one."""

    def learn(self, over: list[Section], sections: list[Section], known: dict[str, int], pause: Pause = never) -> None:
        """Weighs the run's tasks: `over` are those that change no more and have not been given before, `sections` the
        others; `known` has the run's inventory names, in order. Other names than before need `forget` first."""
        self._known = known
        self._scores.clear()
        for section in over:
            self._add(section, self._total, self._order_over, pause)
        total = {key: dict(names) for key, names in self._total.items()}
        order = self._order_over.copy()
        for section in sections:
            self._add(section, total, order, pause)
        self._prior = {}
        taken: dict[str, float] = {}
        pairs = [(score, key, name) for key, names in total.items() for name, score in names.items()]
        pairs.sort(key=lambda entry: (-entry[0], known.get(entry[2], 0)))
        for score, key, name in pairs:
            # One name can have two connections (two users), and two names one: neither is excluded, only doubted.
            best = self._prior.setdefault(key, {})
            if not best or score >= max(best.values()) - 1.0:
                weight = 20.0 if name not in taken else 8.0 if score > 0 else 0.0
                best[name] = weight
                taken[name] = score
        keys: dict[str, Key] = {}
        for _, key, name in pairs:
            keys.setdefault(name, key)
        self.order = order.names(keys), order.odd

    def forget(self) -> None:
        """Forgets the tasks that were over: they have to be given again."""
        self._total = {}
        self._order_over = Order()

    def prior(self, key: Key) -> dict[str, float] | None:
        """What a connection's names weigh; a task's names follow from that and the task alone."""
        return self._prior.get(key)

    def _add(self, section: Section, total: _Total, order: Order, pause: Pause) -> None:
        """Adds what one task shows."""
        order.add(section, self._weighed(section, pause))
        delegated = _delegated(section)
        # What is done there may be another host's.
        targets = {target for entry in section.results for target in (entry.delegate_address, entry.delegate) if target}
        for worker in section.workers:
            if worker.name is not None and worker.address is not None and worker.name not in delegated:
                names = total.setdefault(worker.key, {})
                names[worker.name] = names.get(worker.name, 0.0) + CLIP
        best: dict[tuple[Key, str], float] = {}
        for (index, name), score in self._weighed(section, pause).items():
            worker = section.workers[index]
            if name not in delegated and worker.address not in targets:
                # Of several at one connection, one is the name's.
                pair = (worker.key, name)
                best[pair] = max(score, best.get(pair, score))
        for (key, name), score in best.items():
            names = total.setdefault(key, {})
            names[name] = names.get(name, 0.0) + clipped(score)

    def settle(self, section: Section) -> dict[int, str]:
        """Names for the section's workers that have none, by the worker's place in `section.workers`."""
        weighed = dict(self._weighed(section))
        delegated = _delegated(section)
        results = _by_name(section)
        # Where the queue is told from its beginning, nobody else takes part: another host's address is delegated to.
        told = section.queued if section.name else ()
        for index, worker in enumerate(section.workers):
            if worker.name is None:
                for name in self._prior.get(worker.key, ()):
                    if (index, name) not in weighed and (not told or name in told):
                        weighed[index, name] = self._pair(worker, name, results.get(name, []))
        for pair, weight in self._in_order(section, weighed).items():
            weighed[pair] = weighed.get(pair, 0.0) + weight
        for (index, name), score in weighed.items():
            prior = self._prior.get(section.workers[index].key)
            if prior and name not in delegated:
                weighed[index, name] = score + prior.get(name, -10.0)
        # With what all tasks tell, the gaps in the queue's order are where they are.
        for pair, weight in _forked_as(list(section.queued), section, weighed).items():
            weighed[pair] = weighed.get(pair, 0.0) + 5 * weight
        scores = [(score, index, name) for (index, name), score in weighed.items()]
        found: dict[int, str] = {}
        used: dict[str, int] = {}
        by_pid: dict[int, str] = {}
        for score, index, name in sorted(scores, key=lambda entry: (-entry[0], entry[1], self._known.get(entry[2], 0))):
            pid = section.workers[index].pid
            # What is one process is one host's.
            if index in found or score <= -50 or (pid is not None and by_pid.get(pid, name) != name):
                continue
            if name in used and (pid is None or pid not in by_pid):
                first, other = section.workers[used[name]], section.workers[index]
                if not _again(first, other, delegated=name in delegated):
                    continue
            found[index] = name
            used.setdefault(name, index)
            if pid is not None:
                by_pid[pid] = name
        return found

    def _in_order(self, section: Section, scores: Scores) -> dict[tuple[int, str], float]:
        """What the order of the other tasks tells of one whose queue is not told."""
        order, odd = self.order
        if section.queued or not order or section.play_index in odd:
            return {}
        took_part = set(_by_name(section))
        if len(took_part) < sum(worker.name is None for worker in section.workers):
            took_part |= {name for _, name in scores}
        if not took_part <= set(order):
            return {}
        return _forked_as([name for name in order if name in took_part], section, scores)

    def _weighed(self, section: Section, pause: Pause = never) -> dict[tuple[int, str], float]:
        held = self._scores.get(section.index)
        if held is None:
            held = self._scores[section.index] = self._weigh(section, pause)
        return held

    def _weigh(self, section: Section, pause: Pause) -> dict[tuple[int, str], float]:
        nameless = [index for index, worker in enumerate(section.workers) if worker.name is None]
        if not nameless:
            return {}
        results = _by_name(section)
        taken = {worker.name for worker in section.workers if worker.name is not None}
        names = [name for name in dict.fromkeys([*section.queued, *results]) if name not in taken]
        waiting = len(nameless) - len(names)
        if waiting > 0:  # without the queue's lines, names without a result yet are known from other tasks only
            names += [name for name in self._known if name not in taken and name not in results]
        near = _Near(section, names) if len(nameless) * len(names) > _WIDE else None
        spoken = Spoken(section, nameless)
        ended = {index: rank for rank, index in enumerate(sorted(nameless, key=lambda i: section.workers[i].last))}
        printed = _printed(section, names)
        scores = {}
        for place, index in enumerate(nameless):
            pause()
            worker = section.workers[index]
            for rank in range(len(names)) if near is None else near.ranks(worker, place):
                name = names[rank]
                score = self._pair(worker, name, results.get(name, []))
                if name in printed and not any(command.open for command in worker.commands):
                    # Results are printed in the order in which the workers are done; the log shows no end of one whose
                    # command never told its result.
                    score -= 1.5 * min(abs(printed[name] - ended[index]), 4)
                scores[index, name] = score + spoken.of(index, name) - 0.2 * min(abs(rank - place), 20)
        for pair, weight in _forked_as(list(section.queued), section, scores).items():
            scores[pair] = scores.get(pair, 0.0) + weight
        return scores

    def _pair(self, worker: Worker, name: str, results: list[HostResult]) -> float:
        return self._address(worker, name, results) + sum(_fits(worker, entry) for entry in results)

    def _address(self, worker: Worker, name: str, results: list[HostResult]) -> float:
        targets = {target for entry in results for target in (entry.delegate_address, entry.delegate) if target}
        if targets:
            return 40.0 if worker.address in targets else -20.0
        if worker.address == name:
            return 60.0
        return -60.0 if worker.address in self._known else 0.0  # the address is another host's very name


def _forked_as(names: list[str], section: Section, scores: Scores) -> dict[tuple[int, str], float]:
    """What the queue tells of a section's workers, and of those that are one process: a loop's items may each be
    delegated to another address."""
    workers = section.workers
    others = {index for index, worker in enumerate(workers) if worker.name is None and not worker.pid}
    left = dict.fromkeys(names, -50.0 if others else 0.0)
    for (index, name), score in scores.items():
        if index in others and name in left:
            left[name] = max(left[name], score)
    found = _in_turn(names, forked(section), scores, left)
    own = {workers[index].pid: (name, weight) for (index, name), weight in found.items()}
    for index, worker in enumerate(workers):
        if worker.name is None and worker.pid in own:
            name, weight = own[worker.pid]
            found[index, name] = weight
    return found


def _in_turn(
    names: list[str], workers: list[int], scores: Scores, left: Mapping[str, float]
) -> dict[tuple[int, str], float]:
    """What the queue tells: workers are forked in its order, so their pids rise with it (2.13-2.21, also with loops).

    Where every queued host has a worker whose pid is known (from a temporary directory's name), that settles it; where
    some have none (raw, a refused connection), the best way to leave gaps is taken: `left` weighs each one's being one.
    """
    if not names or not workers or len(workers) > len(names):
        return {}
    if len(workers) == len(names):
        return dict.fromkeys(zip(workers, names, strict=True), 60.0)
    # best[i][j]: the best sum for the first i workers among the first i + j names; more than `gaps` are never left out.
    gaps = len(names) - len(workers)
    best = [list(accumulate((left[name] for name in names[:gaps]), initial=0.0))]
    for i, index in enumerate(workers):
        before = best[-1]
        row: list[float] = []
        for j in range(gaps + 1):
            taken = before[j] + scores.get((index, names[i + j]), -50.0)
            row.append(taken if j == 0 else max(row[j - 1] + left[names[i + j]], taken))
        best.append(row)
    found: dict[tuple[int, str], float] = {}
    j = gaps
    for i in range(len(workers), 0, -1):
        while j and best[i][j] == best[i][j - 1] + left[names[i + j - 1]]:
            j -= 1
        found[workers[i - 1], names[i - 1 + j]] = 12.0
    return found


def _printed(section: Section, names: list[str]) -> dict[str, int]:
    """The rank of each name's result among those that a worker of this section can have."""
    wanted = set(names)
    own = [
        entry
        for entry in section.results
        if entry.name in wanted and entry.result.item is None and entry.result.word != "skipped"
    ]
    ranks: dict[str, int] = {}
    for entry in sorted(own, key=lambda entry: entry.result.place.line):
        ranks.setdefault(entry.name, len(ranks))
    return ranks


class _Near:
    """Which of many names come into question for a worker: its neighbours in the queue, its address, what is printed
    right behind it."""

    def __init__(self, section: Section, names: list[str]) -> None:
        self._ranks = {name: rank for rank, name in enumerate(names)}
        ended = ((entry.result.place.line, entry.name) for entry in section.results if entry.name in self._ranks)
        self._printed = sorted(ended)

    def ranks(self, worker: Worker, place: int) -> list[int]:
        """Ranks of the names for the worker at `place` among those without a name, ascending."""
        found = set(range(max(0, place - _NEAR), min(len(self._ranks), place + _NEAR + 1)))
        if worker.address in self._ranks:
            found.add(self._ranks[worker.address])
        first = bisect_left(self._printed, (worker.last.line,))
        for line, name in islice(self._printed, first, None):
            if line >= worker.last.line + _BEHIND:
                break
            found.add(self._ranks[name])
        return sorted(found)


def _again(first: Worker, other: Worker, *, delegated: bool) -> bool:
    """Whether one name can have a second worker in a task: it delegates, or its connection changed."""
    if first.key == other.key:
        return False
    return delegated or first.local != other.local


def _delegated(section: Section) -> set[str]:
    """The names whose task went to another host."""
    return {entry.name for entry in section.results if entry.delegate is not None}


def _by_name(section: Section) -> dict[str, list[HostResult]]:
    results: dict[str, list[HostResult]] = {}
    for entry in section.results:
        results.setdefault(entry.name, []).append(entry)
    return results


def _fits(worker: Worker, entry: HostResult) -> float:
    """How well a result belongs to a worker: its time, its outcome, and the words that it quotes."""
    result = entry.result
    if not worker.commands:
        return 0.0
    if result.item is None and worker.first.line > result.place.line:
        return -100.0  # the worker began after this result was printed
    last = worker.commands[-1]
    score = 0.0
    if result.item is None:
        if worker.last.line > result.place.line + 1:
            score -= 30.0  # it went on after its result: not its own
        else:
            score += 3.0 / (1.0 + 0.2 * (result.place.line - worker.last.line))
    failing = any(
        command.rc not in (0, None) or (not command.has_tuple and command.tool is not Tool.LOCAL)
        for command in worker.commands
    )
    if result.word in ("failed", "unreachable"):
        score += 8.0 if failing or last.open else -8.0
        if result.quoted is not None:
            # The message quotes the stderr of the very command that failed, which may be nothing.
            lost = (command for command in worker.commands if command.rc == _NO_SESSION)
            score += 60.0 if any(command.stderr_sum == result.quoted for command in lost) else -10.0
        score += _quoted(worker, result.message + result.module_stdout + result.module_stderr)
    elif result.word in ("ok", "changed") and not result.ignored and last.rc == 255:
        score -= 12.0
    elif result.word == "skipped":
        score -= 20.0  # a skipped task starts no command
    return score


def _quoted(worker: Worker, message: str) -> float:
    """Whether a failure's message repeats what only this worker's commands said."""
    if not message:
        return 0.0
    score = 0.0
    for command in worker.commands[-3:]:
        if command.tmp is not None and command.tmp in message:
            score += 50.0
        for line in command.transcript.plain[-6:]:
            if len(line.text) > 12 and line.text in message:
                score += 12.0 if worker.address is not None and worker.address in line.text else 4.0
    if worker.address is not None and _names_address(message, worker):
        score += 25.0
    return score


def _names_address(message: str, worker: Worker) -> bool:
    address = worker.address or ""
    if f"connect to host {address} port" in message:
        return worker.port is None or f"port {worker.port}:" in message
    return any(
        words in message
        for words in (
            f"{address} port {worker.port}",
            f"@{address}: ",
            f"hostname {address} is address",
            f"Connecting to {address} [",
            f'resolving "{address}" port',
            f"Could not resolve hostname {address}:",
            f"Shared connection to {address} closed",
        )
    )
