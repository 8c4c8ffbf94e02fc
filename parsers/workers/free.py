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
from operator import itemgetter
from types import MappingProxyType

from parsers.model import Place, Stage
from parsers.workers.queue_order import Queue, by_queue
from parsers.workers.sharing import END, Given, Window, apart, by_connection, shared
from parsers.workers.worker import HostResult, Key, Section, Worker

_Titles = Mapping[str, list[Given]]


def is_free(play: list[Section]) -> bool:
    """Whether a play's workers began before any banner: under the linear strategy the banner comes first.

    It comes with a result as well where results that are ok or skipped are not shown, and no line tells of the queue.
    """
    begun = any(not section.name and section.announced and (section.workers or section.queued) for section in play[:1])
    return begun or any(section.free for section in play) or _late(play)


def _late(play: list[Section]) -> bool:
    """Whether each banner stands behind its task's commands: no work that begins behind one has a result behind it."""
    if any(section.queued for section in play) or not any(section.workers for section in play):
        return False
    before: set[int | None] = set()
    named = False
    for section in play:
        if section.name:
            named = True
            last = max((entry.result.place.line for entry in section.results), default=None)
            if last is None or any(
                worker.first > section.first and worker.last.line <= last
                for worker in section.workers
                if (worker.pid is None or worker.pid not in before) and not _only_asks(worker)
            ):
                return False
        before.update(worker.pid for worker in section.workers)
    return named


def _only_asks(worker: Worker) -> bool:
    """Whether all that a worker does is to ask for the home directory: a loop's next item, of a worker before it."""
    return worker.pid is None and all(command.stage is Stage.HOME and command.rc == 0 for command in worker.commands)


def shares(
    play: list[Section], known: Iterable[str], titles: _Titles = MappingProxyType({})
) -> list[tuple[Section, str, list[Worker]]]:
    """(section, name, workers) of every task of every host of a free play, in the log's order.

    `titles` has the tasks that each host was given, where the debug lines tell it.
    """
    _gather_loops(play)
    placed: dict[str, list[tuple[HostResult, Section]]] = defaultdict(list)
    for section in play:
        for entry in section.results:
            placed[entry.name].append((entry, section))
    results = {name: [(entry.result.place.line, section) for entry, section in own] for name, own in placed.items()}
    entries = {name: [entry for entry, _ in own] for name, own in placed.items()}
    workers = [worker for section in play for worker in section.workers]
    called = list(dict.fromkeys([*results, *(name for section in play for name in section.queued)]))
    windows = {name: _windows(name, titles, placed.get(name, [])) for name in called}
    queued = {name: own for name, own in windows.items() if name in titles}
    away = {
        entry.result.place.line: (entry, section)
        for own in placed.values()
        for entry, section in own
        if entry.delegate is not None and _final(entry)
    }
    answers = {line: name for section in play for line, name in section.answers.items()}
    went = {line: entry.delegate or "" for line, (entry, _) in away.items()}
    queue = by_queue(workers, queued, went, answers) if queued else Queue()
    handed: dict[int, tuple[Section, str, Worker]] = {}
    if any(entry.delegate is not None for own in entries.values() for entry in own):
        keys = {name: key for key, name in _names(workers, entries, called, queued, queue).items()}
        handed = _delegated(play, workers, windows, keys, away, queue)
        workers = [worker for worker in workers if id(worker) not in handed]
    if len({worker.key for worker in workers}) > len(called):
        # Without the queue's lines, a name that has no result yet is known from elsewhere only.
        called += [name for name in known if name not in called]
    names = _names(workers, entries, called, queued, queue)
    own = _told_apart(workers, names, windows, queue, queued=bool(titles))
    found: dict[tuple[int, str], list[Worker]] = defaultdict(list)
    for section in play:
        for entry in section.results:
            found.setdefault((section.index, entry.name), [])
    for section, whose, worker in handed.values():
        found[section.index, whose].append(worker)
    for worker in sorted(workers, key=lambda worker: worker.first):
        name = worker.name or own.get(id(worker)) or names.get(worker.key) or worker.address
        if name is None:
            continue
        for part in _parts(worker, [line for line, _ in results.get(name, [])]):
            after = next((section for line, section in results.get(name, []) if line >= part.last.line), None)
            if after is None:
                given = [one.title for one in titles.get(name, ()) if one.line < part.first.line]
                after = _unfinished(play, part.title or (given[-1] if given else None), name)
            found[after.index, name].append(part)
    by_index = {section.index: section for section in play}
    return [(by_index[index], name, own) for (index, name), own in sorted(found.items(), key=_in_order)]


def _told_apart(
    workers: list[Worker], names: dict[Key, str], windows: dict[str, list[Window]], queue: Queue, *, queued: bool
) -> dict[int, str]:
    """By identity, the names of workers whose connection several names share."""
    left = {name: own for name, own in windows.items() if name not in names.values()}
    found: dict[int, str] = {}
    for key, its in by_connection(workers).items() if left else ():
        name = names.get(key)
        there = [other for other in left if queue.share(other, key) > _MOSTLY]
        sharing = (there or shared(its, name, left, windows)) if name in windows else []
        if name is not None and sharing:
            found |= apart(its, {one: windows[one] for one in (name, *sharing)}, queued=queued)
            told = ((id(worker), queue.places.get(id(worker))) for worker in its)
            found |= {one: place[1] for one, place in told if place is not None and place[1] in (name, *sharing)}
            left = {other: own for other, own in left.items() if other not in sharing}
    return found


def _delegated(
    play: list[Section],
    workers: list[Worker],
    windows: dict[str, list[Window]],
    keys: dict[str, Key],
    away: Mapping[int, tuple[HostResult, Section]],
    queue: Queue,
) -> dict[int, tuple[Section, str, Worker]]:
    """By identity, the workers of tasks that went to another host, with the section and the name whose work it was.

    Where the queue is told, in its order; so is what has no result yet. Else, at the address of a host that is none
    of the play's (`windows`) all work is of that kind, and its result is the next one. Else it stands between the
    result before and its own, and of the work at that address it ended last.
    """
    found: dict[int, tuple[Section, str, Worker]] = {}
    before: dict[str, int] = {}
    at: dict[str | None, list[Worker]] = defaultdict(list)
    for worker in workers:
        if worker.name is None:
            at[worker.address].append(worker)
    final = [(entry, section) for section in play for entry in section.results if _final(entry)]
    went = {section.name for _, section in away.values()}
    for worker in workers:
        window, name = queue.places.get(id(worker), (None, ""))
        if window is not None and window.last in away:
            found[id(worker)] = (away[window.last][1], name, worker)
        elif (
            window is not None
            and window.well is None
            and window.title in went
            and queue.keys.get(name, worker.key) != worker.key
        ):
            found[id(worker)] = (_unfinished(play, window.title, name), name, worker)
    served = {(section.index, name) for section, name, _ in found.values()}
    for entry, section in sorted(final, key=lambda pair: pair[0].result.place):
        since, line = before.get(entry.name, 0), entry.result.place.line
        before[entry.name] = line
        if entry.delegate is None or (section.index, entry.name) in served:
            continue
        others = entry.delegate not in windows
        there = [
            worker
            for address in {entry.delegate_address, entry.delegate}
            for worker in at[address]
            if id(worker) not in found
            and worker.last.line <= line
            and (others or since < worker.first.line)
            and keys.get(entry.delegate, worker.key) == worker.key
        ]
        own = there if others else sorted(there, key=lambda worker: worker.last)[-1:]
        found.update((id(worker), (section, entry.name, worker)) for worker in own)
    return found


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


_OUTCOMES = {"ok": True, "changed": True, "failed": False, "unreachable": False}

_QUEUED = 3.0
_QUOTES = 3.0
"""What the queue's order, and a failure's message that quotes a connection's own command, weigh against shares that are
one at most."""

_MOSTLY = 0.5
"""The share of a name's work from which on the connection is its."""


def _names(
    workers: list[Worker],
    entries: Mapping[str, list[HostResult]],
    names: list[str],
    parts: Mapping[str, list[Window]],
    queue: Queue,
) -> dict[Key, str]:
    """The name of each connection; `parts` are the tasks of those names whose queue is told.

    A host's results stand between its workers, one behind each; where the queue is told, its commands stand between a
    task's queueing and its result, in its order; and a failure's message quotes what the host's own command said.
    """
    own = by_connection(workers)
    # Connections are made in the order in which their hosts have something to do.
    begun = {name: next((part.first for part in its if not part.idle), END) for name, its in parts.items()}
    names = sorted(names, key=lambda name: begun.get(name, END))
    lines = {name: [entry.result.place.line for entry in entries.get(name, ()) if _final(entry)] for name in names}
    nearest = {} if parts else _nearest(own, lines)
    scores: dict[Key, dict[str, float]] = {}
    for order, (key, its) in enumerate(own.items()):
        spans = sorted((worker.first.line, worker.last.line) for worker in its)
        sums = {command.stderr_sum for worker in its for command in worker.commands if command.rc}
        scores[key] = {}
        for rank, name in enumerate(names):
            score = 2.0 if key[0] == name else _turns(spans, lines[name])
            if name in parts:
                score += _within(its, parts[name])
            score += nearest.get((key, name), 0.0) + _QUEUED * queue.share(name, key)
            score += _QUOTES * _told(sums, entries.get(name, []))
            scores[key][name] = score - 0.03 * min(abs(order - rank), 10)
    return _matched(scores)


_TRIES = 8
_PASSES = 10


def _matched(scores: dict[Key, dict[str, float]]) -> dict[Key, str]:
    """A name for each connection: the best first, then two change places wherever both together fare better."""
    found: dict[Key, str] = {}
    holder: dict[str, Key] = {}
    pairs = [(-score, key, name) for key, names in scores.items() for name, score in names.items()]
    for _, key, name in sorted(pairs, key=lambda entry: entry[0]):
        if key not in found and name not in holder:
            found[key] = name
            holder[name] = key
    likeliest = {key: sorted(names, key=lambda name: -names[name])[:_TRIES] for key, names in scores.items()}
    for _ in range(_PASSES):
        changed = False
        for key, names in scores.items():
            for name in likeliest[key]:
                own, other = found.get(key), holder.get(name)
                if own is None or other is None or other == key:
                    continue
                theirs = scores[other]
                if names[name] + theirs[own] > names[own] + theirs[name] + 1e-9:
                    found[key], found[other] = name, own
                    holder[name], holder[own] = key, other
                    changed = True
        if not changed:
            break
    return found


def _windows(name: str, titles: _Titles, own: list[tuple[HostResult, Section]]) -> list[Window]:
    """A host's tasks; where the queue is not told, what stands between its results (a loop's: its items' last one)."""
    if name in titles:
        return _given(titles[name], [entry for entry, _ in own])
    found: list[Window] = []
    first = 0
    for _, parts in groupby(sorted(own, key=_by_line), key=lambda pair: pair[1].index):
        last = [entry.result for entry, _ in parts][-1]
        found.append(Window(first, last.place.line, last.word == "skipped", _OUTCOMES.get(last.word)))
        first = last.place.line
    return found


def _by_line(pair: tuple[HostResult, Section]) -> int:
    return pair[0].result.place.line


def _given(queued: list[Given], entries: list[HostResult]) -> list[Window]:
    ends = [entry for entry in entries if _final(entry)]
    parts = []
    for given, following in zip(queued, [*(one.line for one in queued[1:]), END], strict=True):
        start = given.line
        end = next((entry for entry in ends if start < entry.result.place.line <= following), None)
        word = end.result.word if end is not None else None
        last = end.result.place.line if end is not None else following
        well = _OUTCOMES.get(word or "")
        parts.append(Window(start, last, word == "skipped", well, given.title, given.action))
    return parts


def _within(workers: list[Worker], parts: list[Window]) -> float:
    """How well a connection's commands fill a host's tasks, 2 at most: each its own, with its outcome, none outside."""
    done: dict[int, list[int]] = defaultdict(list)
    outside = 0
    starts = [part.first for part in parts]
    for worker in workers:
        for command in worker.commands:
            at = bisect_left(starts, command.opened.line) - 1
            if at >= 0 and not parts[at].idle and (command.closed or command.opened).line <= parts[at].last:
                done[at].append(command.rc or 0)
            else:
                outside += 1
    good = tasks = 0.0
    for at, part in enumerate(parts):
        if part.idle:
            continue
        tasks += 1
        if at in done and part.well is not None:
            good += 1.0 if part.well is not any(done[at]) else 0.3
        elif at in done:
            good += 0.8
    commands = sum(map(len, done.values()))
    return good / max(1.0, tasks) + commands / max(1, commands + outside)


def _told(sums: set[int | None], entries: list[HostResult]) -> int:
    """How many of a host's results quote what a connection's failed commands said, by checksum."""
    return sum(entry.result.quoted is not None and entry.result.quoted in sums for entry in entries)


def _nearest(own: Mapping[Key, list[Worker]], lines: Mapping[str, list[int]]) -> dict[tuple[Key, str], float]:
    """The share of a name's results right before which a connection's worker, of all workers, had its last answer."""
    ends = sorted(((worker.last.line, key) for key, its in own.items() for worker in its), key=itemgetter(0))
    found: dict[tuple[Key, str], float] = defaultdict(float)
    for name, results in lines.items():
        for line in results:
            at = bisect_left(ends, line, key=itemgetter(0))
            if at:
                found[ends[at - 1][1], name] += 1.0 / len(results)
    return found


def _turns(spans: list[tuple[int, int]], results: list[int]) -> float:
    """Share of a connection's workers behind which a result stands before the next one begins, less what is odd."""
    good = 0.0
    for position, (_, last) in enumerate(spans):
        following = spans[position + 1][0] if position + 1 < len(spans) else END
        behind = [line for line in results if last <= line]
        if behind and behind[0] <= following:
            good += 1.0 + 0.2 / (1.0 + 0.02 * (behind[0] - last))
    inside = sum(1 for first, last in spans for line in results if first < line < last)
    return (good - inside) / max(1, len(spans))
