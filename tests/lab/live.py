"""A scenario that hangs: the run goes on while its output is read, and what hangs is looked at live."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from parsers.analysis import Analysis
from parsers.log_model import LogModel
from tests.lab import servers
from tests.lab.middlebox import Middlebox, middlebox
from tests.lab.model import PORT, Machine, Scenario
from tests.lab.runner import RunError, environment, known_hosts_text, machine_server, prepare_site, verbosity_arguments
from tests.lab.versions import ensure_version
from tests.lab.world import World

BEHIND = 2322
"""Port of a server that has a middlebox before it."""


@dataclass(slots=True)
class LiveRun:
    """A run that goes on."""

    output: Path
    process: subprocess.Popen[bytes]

    def follow(
        self,
        until: Callable[[LogModel], bool],
        seconds: float,
        *,
        clock: Callable[[], float] = time.time,
    ) -> tuple[Analysis, LogModel, float]:
        """Feeds a new analysis as the output grows, until the model is as wanted; (analysis, model, its time)."""
        analysis = Analysis()
        deadline = time.monotonic() + seconds
        with self.output.open("rb") as file:
            while True:
                analysis.feed(file.read())
                now = clock()
                model = analysis.snapshot(now=now)
                if until(model):
                    return analysis, model, now
                if time.monotonic() > deadline:
                    raise RunError(f"not seen within {seconds:.0f} s")
                # Paces the polling only; the deadline above decides.
                time.sleep(0.1)


@contextlib.contextmanager
def started(
    scenario: Scenario, version: str, root: Path, boxes: Mapping[str, Middlebox] | None = None
) -> Iterator[LiveRun]:
    """The run under way in a fresh world below `root`; both end with the context. `boxes` by machine name."""
    shutil.rmtree(root, ignore_errors=True)
    world = World(root)
    program = ensure_version(version)
    boxes = boxes or {}
    with contextlib.ExitStack() as stack:
        machines = scenario.machines
        folders: dict[Machine, Path | None] = {}
        for machine in machines:
            folders[machine] = stack.enter_context(machine_server(world, machine, machines))
            if machine.name in boxes:
                stack.enter_context(middlebox(boxes[machine.name], machine.address, PORT, machine.port))
        known = known_hosts_text(world, machines, folders)
        prepare_site(world, scenario, known.replace(f":{BEHIND} ", f":{PORT} "))
        name, _ = scenario.playbooks[0]
        command = [str(program), "-i", "inventory.ini", name, *verbosity_arguments(scenario), *scenario.arguments]
        output = world.root / "output"
        with output.open("ab") as sink:
            process = subprocess.Popen(
                world.control(machines, environment(scenario, program), command),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield LiveRun(output, process)
        finally:
            servers.stop(process)
    shutil.rmtree(root, ignore_errors=True)
