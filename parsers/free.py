"""Plays whose hosts do not wait for each other (`strategy: free`, `host_pinned`).

There a task's banner is printed when a result comes, not when the task begins, so a line's position says nothing of
its task. A worker's task is the one whose result is its host's next; its host is told by its own lines (up to 2.16),
or by how its connection's workers and a host's results take turns.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType

from parsers.model import Place
from parsers.workers import HostResult, Section, Worker

_Key = tuple[str | None, int | None, str | None]


def is_free(play: list[Section]) -> bool:
    """Whether a play's workers began before any banner: under the linear strategy the banner comes first."""
    return any(section.free for section in play) or any(
        not section.name and (section.workers or section.queued) for section in play[:1]
    )


def shares(
    play: list[Section], known: Iterable[str], titles: Mapping[str, list[tuple[int, str]]] = MappingProxyType({})
) -> list[tuple[Section, str, list[Worker]]]:
    """(section, name, workers) of every task of every host of a free play, in the log's order.

    `titles` has (line, title) of each task that a host was given, where the debug lines tell it.
    """
    _gather_loops(play)
    results: dict[str, list[tuple[int, Section]]] = defaultdict(list)
    final: dict[str, list[tuple[int, Section]]] = defaultdict(list)
    for section in play:
        for entry in section.results:
            results[entry.name].append((entry.result.place.line, section))
            if _final(entry):
                final[entry.name].append((entry.result.place.line, section))
    workers = [worker for section in play for worker in section.workers]
    names = _names(workers, final, [*results, *(name for name in known if name not in results)])
    found: dict[tuple[int, str], list[Worker]] = defaultdict(list)
    for section in play:
        for entry in section.results:
            found.setdefault((section.index, entry.name), [])
    for worker in sorted(workers, key=lambda worker: worker.first):
        name = worker.name or names.get(worker.key) or worker.address
        if name is None:
            continue
        for part in _parts(worker, [line for line, _ in results[name]]):
            after = next((section for line, section in results[name] if line >= part.last.line), None)
            if after is None:
                given = [title for line, title in titles.get(name, ()) if line < part.first.line]
                after = _unfinished(play, part.title or (given[-1] if given else None), name)
            found[after.index, name].append(part)
    by_index = {section.index: section for section in play}
    return [(by_index[index], name, own) for (index, name), own in sorted(found.items(), key=_in_order)]


def _gather_loops(play: list[Section]) -> None:
    """Gives a loop's results to the section of its first item: the banner stands again behind another task's result."""
    loops: dict[str, Section] = {}
    for section in play:
        gathered: dict[int, list[HostResult]] = defaultdict(list)
        for entry in section.results:
            begun = loops.get(entry.name)
            if _final(entry):
                loops.pop(entry.name, None)
            elif (
                begun is not None and begun is not section and (begun.name, begun.path) == (section.name, section.path)
            ):
                gathered[begun.index].append(entry)
            else:
                loops[entry.name] = section
        for index, entries in gathered.items():
            section.give(entries, next(other for other in play if other.index == index))


def _parts(worker: Worker, results: list[int]) -> Iterator[Worker]:
    """The worker, cut where one of its host's results stands: what no pid tells apart can be several tasks' work."""
    groups = groupby(worker.commands, lambda command: bisect_left(results, (command.closed or worker.last).line))
    parts = [list(own) for _, own in groups]
    if worker.name is not None or len(parts) < 2:
        yield worker
        return
    for own in parts:
        yield replace(worker, first=own[0].opened, last=own[-1].closed or worker.last, commands=own)


def _in_order(entry: tuple[tuple[int, str], list[Worker]]) -> tuple[int, Place]:
    (index, _), own = entry
    return index, min((worker.first for worker in own), default=Place(0, 0))


def _final(entry: HostResult) -> bool:
    return entry.result.item is None


def _unfinished(play: list[Section], title: str | None, name: str) -> Section:
    """The section of a worker whose result never came: by its title, else the newest that its host has no result in."""
    titled = [section for section in play if section.name == title]
    if titled:
        return titled[-1]
    done = {section.index for section in play for entry in section.results if entry.name == name}
    return next((section for section in reversed(play) if section.index not in done), play[-1])


def _names(workers: list[Worker], results: dict[str, list[tuple[int, Section]]], names: list[str]) -> dict[_Key, str]:
    """The name of each connection: a host's results stand between its workers, one behind each."""
    spans: dict[_Key, list[tuple[int, int]]] = defaultdict(list)
    for worker in workers:
        if worker.name is None and worker.address is not None:
            spans[worker.key].append((worker.first.line, worker.last.line))
    scores = []
    for order, (key, own) in enumerate(spans.items()):
        own.sort()
        for rank, name in enumerate(names):
            lines = [line for line, _ in results.get(name, [])]
            score = 2.0 if key[0] == name else _turns(own, lines)
            scores.append((-score, abs(order - rank), order, key, name))
    found: dict[_Key, str] = {}
    taken: set[str] = set()
    for _, _, _, key, name in sorted(scores, key=lambda entry: entry[:3]):
        if key not in found and name not in taken:
            found[key] = name
            taken.add(name)
    return found


def _turns(spans: list[tuple[int, int]], results: list[int]) -> float:
    """Share of a connection's workers behind which a result stands before the next one begins, less what is odd."""
    good = 0.0
    for position, (_, last) in enumerate(spans):
        following = spans[position + 1][0] if position + 1 < len(spans) else 1 << 60
        behind = [line for line in results if last <= line]
        if behind and behind[0] <= following:
            good += 1.0 + 0.2 / (1.0 + 0.02 * (behind[0] - last))
    inside = sum(1 for first, last in spans for line in results if first < line < last)
    return (good - inside) / max(1, len(spans))
