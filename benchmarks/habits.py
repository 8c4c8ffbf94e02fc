"""Fit `parsers/attribution/habits.py` to runs whose truth is known: python -m benchmarks.habits [FOLDER…] [--write].

FOLDER holds logs as `sample_logs/truth` does, and is that unless told; `tests.lab.truth_make --folder` makes more. With
`--held-out FOLDER` it says how likely the truth is there, now and with what was fitted.

For each chunk that several commands can have, with everything before it told right: a conditional logit of who said it
over `likely.Points`, with `steps.step`'s costs as they are.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from parsers.analysis import Analysis
from parsers.attribution import habits, likely, search
from parsers.attribution.events import Close
from parsers.attribution.likely import Points, Stand
from parsers.attribution.said import FRESH, Opened, Piece, Progress
from parsers.attribution.steps import step
from parsers.attribution.window import BeamSearch
from tests.lab import truth

FEWEST = 100
"""Chunks said from a point that has numbers of its own."""

STIFFNESS = 2.0
"""Of the numbers' squares, against what few chunks say."""

HEAD = '''"""How commands go on, from where they stand: the numbers of `likely`.

Made by `python -m benchmarks.habits --write`: logarithms of odds, fitted to
{about}.
"""

from __future__ import annotations

POINTS: dict[tuple[bool, str, bool], tuple[float, float, float, float, float, float, float]] = {{
{points}}}
"""By (it makes a connection, where it stands, the chunk is the end of a pipe): the numbers of `likely.Points`."""

BEHIND: dict[tuple[bool, str, bool], tuple[float, float, float]] = {{
{behind}}}
"""By (it makes a connection, its last line, the chunk's stream is stderr): what is added to the first three."""
'''


class Taker(NamedTuple):
    """A command that could have had a chunk."""

    stand: Stand
    points: Points
    cost: float
    said_it: bool


@dataclass(slots=True)
class _Watched:
    """What a search was told, in order."""

    events: list[Opened | Piece | int] = field(default_factory=list)
    """A command that opens, a chunk, the index of a command that ends."""


@contextmanager
def _watching() -> Iterator[_Watched]:
    """Searches that write down what they are told."""
    watched = _Watched()

    class Watching(BeamSearch):
        def opened(self, opened: Opened) -> None:
            watched.events.append(opened)
            super().opened(opened)

        def chunk(self, piece: Piece) -> None:
            watched.events.append(piece)
            super().chunk(piece)

        def closed(self, close: Close) -> None:
            watched.events.append(close.command)
            super().closed(close)

    with mock.patch.object(search, "BeamSearch", Watching):
        yield watched


def choices(known: truth.Truth) -> Iterator[list[Taker]]:
    """For each chunk of a log, the commands that could have had it, where there are several."""
    with _watching() as watched:
        analysis = Analysis()
        analysis.feed(known.log)
        analysis.finish()
        model = analysis.snapshot()
    hosts = truth.hosts_of_commands(model)
    owners = {chunk.line: chunk.owner.host for chunk in known.chunks}
    newest: dict[str, int] = {}
    line: dict[int, Opened] = {}
    progress: dict[int, Progress] = {}
    number = 0
    for event in watched.events:
        if isinstance(event, Opened):
            event.since = number
            line[event.index], progress[event.index] = event, FRESH
            newest[hosts.get(event.index, "")] = event.index
        elif isinstance(event, int):
            line.pop(event, None)
        else:
            number += 1
            event.number = number
            chunk = model.chunks[event.index]
            owner = newest.get(owners.get(chunk.place.line, ""))
            steps = {index: step(opened, progress[index], event) for index, opened in line.items()}
            able = {index: after for index, after in steps.items() if after is not None}
            if owner not in able:
                continue  # a log that is cut, or a command whose name is told wrong
            if len(able) > 1:
                takers = [(line[index], progress[index]) for index in able]
                yield [
                    Taker(*likely.stand_of(opened, entry, event, place), able[opened.index][1], opened.index == owner)
                    for (opened, entry), place in zip(takers, likely.places(takers), strict=True)
                ]
            progress[owner] = able[owner][0]


Key = tuple[bool, str, bool]


def keys_of(stand: Stand) -> tuple[Key, Key | None]:
    """In `POINTS` and, where its last line counts, in `BEHIND`."""
    point = (stand.connecting, stand.point, stand.ends)
    if stand.point not in ("waits", "cut"):
        return point, None
    return point, (stand.connecting, likely.line_of(stand.behind), stand.stderr)


@dataclass(slots=True)
class Fitted:
    """The numbers."""

    points: dict[Key, list[float]] = field(default_factory=dict)
    behind: dict[Key, list[float]] = field(default_factory=dict)

    def text(self, about: str) -> str:
        """As `parsers/attribution/habits.py` has them."""
        return HEAD.format(about=about, points=_rows(self.points), behind=_rows(self.behind))

    def weight(self, taker: Taker) -> float:
        """Of one taker."""
        point, behind = keys_of(taker.stand)
        weight = taker.cost
        weight += sum(a * b for a, b in zip(self.points.get(point, ()), taker.points, strict=False))
        if behind is not None:
            weight += sum(a * b for a, b in zip(self.behind.get(behind, ()), taker.points, strict=False))
        return weight


def _rows(table: dict[Key, list[float]]) -> str:
    rows = []
    for key in sorted(table):
        connecting, name, flag = key
        quoted = '"' + name.replace('"', '\\"') + '"'
        rows.append(f"    ({connecting}, {quoted}, {flag}): ({', '.join(f'{n:.2f}' for n in table[key])}),\n")
    return "".join(rows)


def fit(found: list[list[Taker]]) -> Fitted:
    """The likeliest numbers."""
    said = Counter(key for takers in found for taker in takers if taker.said_it for key in keys_of(taker.stand))
    columns: dict[tuple[int, Key, int], int] = {}
    cells: list[tuple[int, int, float]] = []
    row = 0
    for takers in found:
        for taker in takers:
            for table, key in enumerate(keys_of(taker.stand)):
                if key is None or said[key] < FEWEST:
                    continue
                for place, value in enumerate(taker.points[: 3 if table else 7]):
                    cells.append((row, columns.setdefault((table, key, place), len(columns)), value))
            row += 1
    rows, places, values = zip(*cells, strict=True)
    matrix = csr_matrix((values, (rows, places)), shape=(row, len(columns)))
    costs = np.array([taker.cost for takers in found for taker in takers])
    truths = np.array([float(taker.said_it) for takers in found for taker in takers])
    sizes = np.array([len(takers) for takers in found])
    starts, group = np.concatenate([[0], np.cumsum(sizes)[:-1]]), np.repeat(np.arange(len(sizes)), sizes)

    def unlikeliness(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        weights = matrix @ numbers + costs
        weights -= np.maximum.reduceat(weights, starts)[group]
        total = np.add.reduceat(np.exp(weights), starts)[group]
        lost = -((weights - np.log(total)) * truths).sum() + STIFFNESS * (numbers @ numbers) / 2
        return float(lost), matrix.T @ (np.exp(weights) / total - truths) + STIFFNESS * numbers

    best = minimize(unlikeliness, np.zeros(len(columns)), jac=True, method="L-BFGS-B", options={"maxiter": 400}).x
    fitted = Fitted()
    for (table, key, place), column in columns.items():
        numbers = (fitted.behind if table else fitted.points).setdefault(key, [0.0] * (3 if table else 7))
        numbers[place] = float(best[column])
    return fitted


def likeliness(found: list[list[Taker]], fitted: Fitted) -> str:
    """How likely the truth is, on average, and how often it is the likeliest."""
    lost, right = 0.0, 0
    for takers in found:
        weights = np.array([fitted.weight(taker) for taker in takers])
        said_it = next(place for place, taker in enumerate(takers) if taker.said_it)
        lost += float(np.logaddexp.reduce(weights) - weights[said_it])
        right += int(weights.argmax()) == said_it
    return f"{len(found):,} choices, {right / len(found):.1%} right, {lost / len(found):.4f} lost on each"


def read(folders: Iterable[Path]) -> list[list[Taker]]:
    """All choices of the logs in the folders."""
    found: list[list[Taker]] = []
    for folder in folders:
        for name in truth.names(folder=folder):
            sys.stderr.write(f"{name}\n")
            found += choices(truth.load(name, folder=folder))
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.habits")
    parser.add_argument("folders", nargs="*", type=Path, default=[truth.FOLDER])
    parser.add_argument("--held-out", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    found = read(options.folders)
    fitted = fit(found)
    sys.stdout.write(f"fitted to {likeliness(found, fitted)}\n")
    if options.held_out is not None:
        apart = read([options.held_out])
        now = Fitted(dict(map(_listed, habits.POINTS.items())), dict(map(_listed, habits.BEHIND.items())))
        sys.stdout.write(f"held out, now: {likeliness(apart, now)}\nfitted: {likeliness(apart, fitted)}\n")
    if options.write:
        about = f"{len(found):,} chunks that {np.mean([len(takers) for takers in found]):.1f} commands could have"
        Path(habits.__file__).write_text(fitted.text(about + " had"), encoding="utf-8")
    return 0


def _listed(item: tuple[Key, tuple[float, ...]]) -> tuple[Key, list[float]]:
    return item[0], list(item[1])


if __name__ == "__main__":
    raise SystemExit(main())
