"""Lines that say a host's inventory name, and what they tell of the workers whose lines stand beside them.

Discovery says the name of its host between two lines of the same worker (`<db1> Attempting …`, then its ESTABLISH), its
answer stands in a header with the name (2.6 on), and 2.17 and 2.18 say whose worker begins and whose is done.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict

from parsers.model import Stage
from parsers.workers.worker import Section


class Spoken:
    """What such lines say for and against each name of each worker of a section."""

    def __init__(self, section: Section, nameless: list[int]) -> None:
        """`nameless` are places in `section.workers` of those whose name is not known."""
        self._section = section
        self._plus: dict[tuple[int, str], float] = defaultdict(float)
        self._begun: dict[int, list[int]] = defaultdict(list)
        self._ended: dict[int, list[int]] = defaultdict(list)
        self._discovered: dict[str, list[int]] = defaultdict(list)
        self._answered: dict[str, list[int]] = defaultdict(list)
        self._done = dict(section.done)
        if section.begun or section.done:
            self._plus.update({**_begun(section, nameless), **_done(section, nameless)})
        if not section.discovered and not section.answered:
            return
        for index, worker in enumerate(section.workers):
            for command in worker.commands:
                if command.stage is Stage.DISCOVERY:
                    self._begun[index].append(command.announced_line or command.opened.line)
                    if command.closed is not None:
                        self._ended[index].append(command.closed.line)
        for name, line in section.discovered:
            self._discovered[name].append(line)
        for name, line in section.answered:
            self._answered[name].append(line)
        self._follow(section)
        self._precede(section)

    def of(self, index: int, name: str) -> float:
        """What they say for the worker's having the name, or against it."""
        score = self._plus.get((index, name), 0.0)
        worker = self._section.workers[index]
        if worker.first.line < self._section.begun.get(name, 0):
            score -= 60.0
        if worker.last.line > self._done.get(name, worker.last.line):
            score -= 60.0
        for line in self._discovered.get(name, ()):
            # Its discovery had begun before this name's was said.
            score -= 25.0 * sum(begun < line for begun in self._begun.get(index, ()))
        for line in self._answered.get(name, ()):
            score -= 25.0 * sum(ended > line for ended in self._ended.get(index, ()))
        return score

    def _follow(self, section: Section) -> None:
        begun = sorted((line, index) for index, lines in self._begun.items() for line in lines)
        for position, (line, name) in enumerate(sorted((line, name) for name, line in section.discovered)):
            at = bisect_right(begun, (line, len(section.workers)))
            if at < len(begun) and begun[at][0] == line + 1:
                self._plus[begun[at][1], name] += 8.0  # the very next line; another worker's can come between
            elif position < len(begun) and begun[position][0] > line:
                self._plus[begun[position][1], name] += 6.0

    def _precede(self, section: Section) -> None:
        ended = sorted((line, index) for index, lines in self._ended.items() for line in lines)
        for name, line in section.answered:
            before = bisect_left(ended, (line,))
            if before == 1:
                index = ended[0][1]
                self._plus[index, name] += 25.0  # no other worker had its answer yet
                ended = [entry for entry in ended if entry[1] != index]
            elif before:
                self._plus[ended[before - 1][1], name] += 6.0


def _begun(section: Section, nameless: list[int]) -> dict[tuple[int, str], float]:
    """What the lines tell that say whose worker begins (2.17 and 2.18): who connects next, where only one can."""
    events = [(line, 0, name, -1) for name, line in section.begun.items()]
    events += [(line, 1, name, -1) for name, line in section.done]
    events += [(section.workers[index].first.line, 2, "", index) for index in nameless]
    found: dict[tuple[int, str], float] = {}
    waiting: list[str] = []
    connected = 0
    for _, kind, name, index in sorted(events):
        if kind == 0:
            waiting.append(name)
        elif kind == 1:
            if name in waiting and not connected:
                waiting.remove(name)  # it needed no connection
        elif len(waiting) == 1:
            found[index, waiting.pop()] = 25.0
        elif waiting:
            connected += 1
            if connected == len(waiting):
                waiting, connected = [], 0
    return found


def _done(section: Section, nameless: list[int]) -> dict[tuple[int, str], float]:
    """What the lines tell that say whose worker is done (2.17 and 2.18): its last command has just ended."""
    found: dict[tuple[int, str], float] = {}
    waiting = sorted((section.workers[index].last.line, index) for index in nameless)
    for name, line in section.done:
        before = bisect_left(waiting, (line,))
        if before:
            # The others that ended before it are done too, and have not said so yet.
            found[waiting[before - 1][1], name] = 25.0 if before == 1 else 12.0
            del waiting[before - 1]
    return found
