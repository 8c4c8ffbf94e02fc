"""Whose worker begins and whose is done, as ansible-core 2.17 and 2.18 say it."""

from __future__ import annotations

import pytest

from tests.parsers.minilog import DB1, HOME, WEB1, WEB2, Box
from tests.parsers.workers.test_naming import DENIED, addresses, begun


def spoken(name: str, word: str = "done running") -> str:
    """A worker's first or last line, as 2.17 and 2.18 print it: with the parent's pid."""
    return f"{word} TaskExecutor() for {name}/TASK: Ping" + (" [0242-1]" if word.startswith("done") else "")


@pytest.mark.parametrize("version", ["2.17.14", "2.18.11"])
def test_who_said_that_it_was_done(version: str) -> None:
    """With no results and no pids, where the queue's order is not the order in which they came to connect."""
    log = begun(version, True, WEB1, WEB2, DB1)
    order = (DB1, WEB1, WEB2)
    for box in order:
        log.header(spoken(box.name, "running")).open(box, HOME)
    for box in order:
        log.close(box, 255, err=DENIED.format(box.address)).header(spoken(box.name))
    assert addresses(log) == {box.name: box.address for box in (WEB1, WEB2, DB1)}


@pytest.mark.parametrize("version", ["2.17.14", "2.18.11"])
def test_no_worker_connects_before_it_begins(version: str) -> None:
    log = begun(version, True, WEB1, WEB2, DB1).header(spoken("db1", "running")).open(DB1, HOME)
    log.header(spoken("web1", "running")).open(WEB1, HOME).header(spoken("web2", "running")).open(WEB2, HOME)
    assert addresses(log) == {box.name: box.address for box in (WEB1, WEB2, DB1)}


@pytest.mark.parametrize("version", ["2.17.14", "2.18.11"])
def test_two_names_at_one_address_that_cannot_be_reached_one_after_the_other(version: str) -> None:
    """The second one begins before the first one's result is printed."""
    alpha, beta = Box("alpha", "192.0.2.9"), Box("beta", "192.0.2.9")
    log = begun(version, True, alpha, beta)
    log.command(alpha, HOME, 255, err=DENIED.format("192.0.2.9")).header(spoken("alpha")).open(beta, HOME)
    log.result(alpha, "unreachable", msg="Failed to connect to the host via ssh: " + DENIED.format("192.0.2.9"))
    log.close(beta, 255, err=DENIED.format("192.0.2.9")).header(spoken("beta")).result(beta, "unreachable")
    hosts = log.model().runs[0].hosts
    assert {name: [len(task.commands) for task in host.tasks] for name, host in hosts.items()} == {
        "alpha": [1],
        "beta": [1],
    }
