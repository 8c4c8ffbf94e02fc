"""Which inventory name a worker's `<address>` belongs to.

Up to 2.16 with ANSIBLE_DEBUG the worker's own lines say it. Elsewhere it is settled from everything the log holds: a
name that is the address itself, a failure's message that quotes the command's own words, discovery lines (which print
the name), which worker was done when a name's result was printed, what earlier tasks showed, and the queue's order.
"""

from __future__ import annotations

from collections import defaultdict

from parsers.model import Command
from parsers.workers import HostResult, Section, Worker

_Key = tuple[str | None, int | None, str | None]


class Names:
    """What a run has shown of names and connections, task by task."""

    def __init__(self) -> None:
        self._seen: dict[_Key, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self._addresses: dict[str, dict[str | None, float]] = defaultdict(lambda: defaultdict(float))
        self._known: set[str] = set()

    def learn(self, names: set[str]) -> None:
        """Inventory names of the whole run."""
        self._known = names

    def settle(self, section: Section, order: dict[str, int]) -> dict[int, str]:
        """Names for the section's workers that have none, by the worker's place in `section.workers`."""
        nameless = [index for index, worker in enumerate(section.workers) if worker.name is None]
        for worker in section.workers:
            if worker.name is not None:
                self._remember(worker, worker.name, 4.0, delegated=False)
        if not nameless:
            return {}
        results: dict[str, list[HostResult]] = defaultdict(list)
        for result in section.results:
            results[result.name].append(result)
        taken = {worker.name for worker in section.workers if worker.name is not None}
        names = [name for name in dict.fromkeys([*section.queued, *results]) if name not in taken]
        if not names:  # a task that nobody queued or finished yet: only earlier tasks can tell
            names = sorted(self._known, key=lambda name: order.get(name, 0))
        scores = [
            (self._score(section, section.workers[index], results.get(name, []), name, rank, place), index, name)
            for place, index in enumerate(nameless)
            for rank, name in enumerate(names)
        ]
        found: dict[int, str] = {}
        used: dict[str, int] = {}
        for score, index, name in sorted(scores, key=lambda entry: (-entry[0], entry[1])):
            if index in found or score <= -50:
                continue
            worker = section.workers[index]
            if name in used and not self._again(section, section.workers[used[name]], worker, results.get(name, [])):
                continue
            found[index] = name
            used.setdefault(name, index)
        for index, name in found.items():
            delegated = any(result.delegate for result in results.get(name, []))
            sure = max((score for score, i, n in scores if i == index and n == name), default=0.0)
            rival = max((score for score, i, n in scores if i == index and n != name), default=-100.0)
            self._remember(section.workers[index], name, 6.0 if sure - rival > 8 else 1.0, delegated=delegated)
        return found

    @staticmethod
    def _again(section: Section, first: Worker, other: Worker, results: list[HostResult]) -> bool:
        """Whether one name can have a second worker in a task: its connection plugin changed, or it delegates."""
        if first.address == other.address and first.key == other.key:
            return False
        return any(result.delegate for result in results) or first.local != other.local

    def _remember(self, worker: Worker, name: str, weight: float, *, delegated: bool) -> None:
        if delegated or worker.address is None:
            return
        self._seen[worker.key][name] += weight
        self._addresses[worker.address][name] += weight

    def _score(
        self, section: Section, worker: Worker, results: list[HostResult], name: str, rank: int, place: int
    ) -> float:
        score = -0.2 * abs(rank - place)
        delegates = {result.delegate for result in results if result.delegate}
        targets = {result.delegate_address or result.delegate for result in results if result.delegate}
        if delegates:
            if worker.address in targets or worker.address in delegates:
                score += 40.0
            else:
                score -= 20.0
        elif worker.address == name:
            score += 60.0
        elif worker.address in self._known:
            score -= 60.0  # the address is another host's very name
        seen = self._seen.get(worker.key)
        if seen and not delegates:
            score += 10.0 * min(seen.get(name, 0.0), 4.0) - 4.0 * min(sum(seen.values()) - seen.get(name, 0.0), 4.0)
        score += self._discovery(section, worker, name)
        for result in results:
            score += self._fits(worker, result)
        return score

    @staticmethod
    def _discovery(section: Section, worker: Worker, name: str) -> float:
        """`<NAME> Attempting … discovery` comes right before its worker's discovery command."""
        lines = [command.opened.line for command in worker.commands if command.stage == "discovery"]
        if not lines:
            return -2.0 if any(who == name for who, _ in section.discovered) else 0.0
        before = [(who, line) for who, line in section.discovered if line < lines[0]]
        if not before:
            return 0.0
        starts = sorted(
            command.opened.line
            for other in section.workers
            for command in other.commands[:8]
            if command.stage == "discovery"
        )
        position = starts.index(lines[0])
        ordered = sorted(section.discovered, key=lambda entry: entry[1])
        if position < len(ordered) and ordered[position][0] == name:
            return 6.0
        return -3.0 if not any(who == name for who, _ in before) and section.discovered else 0.0

    @staticmethod
    def _fits(worker: Worker, entry: HostResult) -> float:
        """How well a result belongs to a worker: its time, its outcome, and the words that it quotes."""
        result = entry.result
        if not worker.commands:
            return 0.0
        if result.item is None and (worker.first.line > result.place.line):
            return -100.0  # the worker began after this result was printed
        last = worker.commands[-1]
        score = 0.0
        if result.item is None:
            if worker.last.line > result.place.line + 1:
                score -= 30.0  # it went on after its result: not its own
            else:
                score += 3.0 / (1.0 + 0.05 * (result.place.line - worker.last.line))
        failing = any(command.rc not in (0, None) for command in worker.commands)
        if result.word in ("failed", "unreachable"):
            score += 8.0 if failing or last.open else -8.0
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
    return f"{address} port {worker.port}" in message or f"@{address}: " in message


def command_order(commands: list[Command]) -> list[Command]:
    """Commands in the order in which the log shows them."""
    return sorted(commands, key=lambda command: command.index)
