"""What the list of hosts costs with many of them, beside 20: python -m benchmarks.lists [--hosts 2000].

The hosts are those of a real run of forty, over and over under other names.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Callable
from dataclasses import replace

from benchmarks import logs
from parsers.analysis import Analysis
from tui.widgets.arrange import SORTS, Arrangement, HostFilter
from tui.widgets.hosts import HostLine, HostRows, host_lines
from tui.widgets.needle import Needle
from tui.widgets.selection import next_problem
from tui.worker import OpenLog

_PAGE = 40


class _Held:
    """A source without bytes."""

    name = "held"


def held(hosts: int) -> OpenLog:
    """A log that was read, of a run on so many hosts."""
    analysis = Analysis()
    analysis.feed(logs.sample("forty-2.19"))
    analysis.finish()
    model = analysis.snapshot()
    run = copy.copy(model.runs[0])
    forty = list(run.hosts.values())
    many = [replace(forty[at % len(forty)], name=f"node{at:05}") for at in range(hosts)]
    run.hosts = {host.name: host for host in many}
    return OpenLog(0, _Held(), analysis, model=replace(model, runs=[run]))  # type: ignore[arg-type]


def best(work: Callable[[], object]) -> float:
    """Milliseconds of the quickest of several times."""
    times = []
    for _ in range(7):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times) * 1000


def measured(hosts: int) -> dict[str, float]:
    """Milliseconds of each thing that a key asks for."""
    log = held(hosts)
    lines = host_lines([log])

    def arranged(text: str = "", sort: str = "log") -> list[HostLine]:
        return Arrangement(HostFilter.read(text), sort=sort, grouped=False).of(lines)

    rows = HostRows(arranged())
    took = {"rows of a new message": best(lambda: host_lines([log]))}
    took |= {f"sort: {sort}": best(lambda sort=sort: arranged(sort=sort)) for sort in SORTS}  # type: ignore[misc]
    for text in ("node*5", "status:failed", "stage:exec -name"):
        took[f"filter: {text}"] = best(lambda text=text: arranged(text))  # type: ignore[misc]
    took["groups"] = best(lambda: Arrangement().of(lines))
    took["next failure"] = best(lambda: next_problem(rows.lines, 0, 1))
    took["search"] = best(lambda: list(rows.search(Needle("7"), lambda: False)))
    last = max(0, len(rows) - _PAGE)
    took["a page"] = best(lambda: [rows.row(at, 40) for at in range(last, len(rows))])
    return took


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lists")
    parser.add_argument("--hosts", type=int, default=2000)
    given = parser.parse_args()
    few, many = measured(20), measured(given.hosts)
    print(f"{'':<26}{'20 hosts':>10}{given.hosts:>10} hosts   ratio")
    for name, took in many.items():
        print(f"{name:<26}{few[name]:>7.2f} ms{took:>7.2f} ms{took / few[name]:>14.0f}")


if __name__ == "__main__":
    main()
