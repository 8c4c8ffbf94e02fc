"""Make `sample_logs/truth/`: python -m tests.lab.truth_make [NAME…] [--versions 2.17 2.19] [--missing].

`--folder FOLDER` puts the logs elsewhere: other runs of the same plays, which nothing was fitted to.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.lab import truth, world
from tests.lab.neutral import violations
from tests.lab.runner import run
from tests.lab.scenarios_truth import TRUTHS, TruthRun
from tests.lab.versions import lab_root
from tui.stamp import FOLDER, PLUGIN, stamped

SITE = Path("/home/ops/site")
SECONDS = 300.0

README = """\
# Logs whose every chunk's owner is known

Real captures, made by `python -m tests.lab.truth_make` (Linux, root) like those of `sample_logs/`, with the callback
plugin of `tui/stamp` on. `NAME.log.gz` is the log without the stamps, byte for byte as Ansible writes it without the
plugin; `NAME.truth.json.gz` says whose each chunk is: `owners` lists (inventory host, the worker's pid), `chunks` the
owner of each chunk by its place in that list, `lines` the lines from one chunk's header to the next. A task that is
delegated counts as its own host's. `NAME.stamped.log.gz` has its stamps. `tests/lab/truth.py` reads all of it and
holds an analysis against it. This file is generated; edit `tests/lab/scenarios_truth.py`.

| log | what it is | hosts | forks | ansible-core |
| --- | --- | --- | --- | --- |
"""


def plugged() -> dict[str, str]:
    """The environment that switches the plugin on, with its folder where ops has it."""
    values = stamped({"HOME": "/home/ops"}, SITE)
    return {name: value.replace(str(FOLDER), str(SITE / "stamp")) for name, value in values.items()}


def logs() -> Iterator[tuple[str, TruthRun, str]]:
    for entry in TRUTHS:
        for version in entry.scenario.versions:
            suffix = ".stamped" if version in entry.stamped else ""
            yield f"{entry.scenario.name}-{version}{suffix}", entry, version


def make(name: str, entry: TruthRun, version: str, folder: Path) -> str:
    """Runs one and writes it into a folder; a line that says what came out."""
    scenario = replace(
        entry.scenario,
        environment={**plugged(), **entry.scenario.environment},
        files={**entry.scenario.files, f"stamp/{PLUGIN}.py": (FOLDER / f"{PLUGIN}.py").read_text(encoding="utf-8")},
    )
    began = time.monotonic()
    capture = run(scenario, version, lab_root() / "truth", seconds=SECONDS)
    hosts = [line.split()[0] for line in scenario.inventory.split("\n\n")[0].splitlines() if "ansible_host" in line]
    found = truth.without_stamps(capture.log, hosts)
    about: dict[str, str | int] = {"version": version, "hosts": entry.hosts, "forks": entry.forks}
    if name.endswith(".stamped"):
        # Line numbers of the log as it is.
        found = truth.stamps_of(capture.log, hosts)
    truth.save(name, truth.Truth(found.log, found.chunks, about), folder=folder)
    bad = violations(found.log)
    return (
        f"{name}: {len(found.log)} bytes, {len(found.chunks)} chunks, exit {capture.exit_codes}, "
        f"{time.monotonic() - began:.0f} s{' NAMES ' + str(bad) if bad else ''}\n"
    )


def readme() -> str:
    return README + "".join(
        f"| `{name}` | {entry.scenario.about} | {entry.hosts} | {entry.forks} | {version} |\n"
        for name, entry, version in logs()
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.truth_make")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--versions", nargs="*")
    parser.add_argument("--missing", action="store_true", help="make only the logs that are not there yet")
    parser.add_argument("--folder", type=Path, default=truth.FOLDER)
    options = parser.parse_args(arguments)
    reason = world.missing()
    if reason is not None:
        sys.stderr.write(f"no log can be made here: {reason}\n")
        return 2
    for name, entry, version in logs():
        if options.names and entry.scenario.name not in options.names and name not in options.names:
            continue
        if options.versions and version not in options.versions:
            continue
        if options.missing and (options.folder / f"{name}.log.gz").exists():
            continue
        sys.stderr.write(make(name, entry, version, options.folder))
    if options.folder == truth.FOLDER:
        (truth.FOLDER / "README.md").write_text(readme(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
