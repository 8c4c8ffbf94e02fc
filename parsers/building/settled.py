"""What of a run is settled for good, so that a look at a long log costs what is new in it.

A task is over once the next one has begun, every command of its workers has ended, and their chunks are decided. What
was made of the leading tasks that are over is kept, with everything that it was made from beside what they hold
themselves: the names of the run's hosts and the weight of each connection's names. Where that changes, all is made
anew, so that looking often and looking once at the end give the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from parsers.model import HostRun, TaskRun
from parsers.workers.ordering import Forked
from parsers.workers.worker import Key, Section


@dataclass(slots=True)
class KeptHost:
    """A host as the tasks that are over left it."""

    tasks: int
    """How many of its tasks are over."""
    address: str | None
    port: int | None
    user: str | None
    connection: str
    failures: list[TaskRun]


@dataclass(slots=True)
class Settled:
    """The leading tasks of a run that are over, and what came of them."""

    changes: list[int] = field(default_factory=list)
    """`Section.changes` of each, as it was."""
    known: dict[str, int] = field(default_factory=dict)
    """The run's inventory names, in order, when they were settled."""
    priors: dict[Key, dict[str, float] | None] = field(default_factory=dict)
    """What their connections' names weighed."""
    order: Forked = ((), frozenset())
    """`Names.order` as it was."""
    plays: set[int] = field(default_factory=set)
    queued: dict[str, None] = field(default_factory=dict)
    """Names that they queue, or whose worker says its name."""
    met: dict[str, None] = field(default_factory=dict)
    """Names that only their results have."""
    hosts: dict[str, KeptHost] = field(default_factory=dict)
    started: set[str] = field(default_factory=set)
    """Hosts whose first command over a connection is among theirs."""
    unweighed: list[Section] = field(default_factory=list)
    """Those of them that the names have not been told of."""
    tasks: dict[tuple[int, str], tuple[object, ...]] = field(default_factory=dict)
    """Of the tasks that go on: by section and name, what a host's part was made from, where that part is over."""

    generation: int = 0
    """How often that was made anew after all."""

    def forget(self) -> None:
        """Begins anew."""
        generation = self.generation + 1
        self.__init__()  # type: ignore[misc]
        self.generation = generation

    def over(self, name: str) -> int:
        """How many of a host's tasks, the first ones, change no more in this generation."""
        host = self.hosts.get(name)
        return host.tasks if host is not None else 0

    def keep(self, host: HostRun, failures: list[TaskRun]) -> None:
        """Remembers a host as it is now."""
        self.hosts[host.name] = KeptHost(
            len(host.tasks), host.address, host.port, host.user, host.connection, list(failures)
        )
