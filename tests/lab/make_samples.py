"""Make `sample_logs/`: python -m tests.lab.make_samples [NAME…] [--versions 2.16 2.19] [--missing]."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.lab import world
from tests.lab.filters import TOLD
from tests.lab.model import Scenario
from tests.lab.neutral import violations
from tests.lab.runner import Capture, run, verbosity_arguments
from tests.lab.scenarios import SCENARIOS
from tests.lab.versions import lab_root

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"
VERBOSE = ("vvvv", "vvv", "v", "plain")
KIND = {"debug": "ansible-debug", **dict.fromkeys(VERBOSE, "ansible-verbose"), "log": "ansible-log"}
VERBOSITY = {"vvv": 3, "v": None, "plain": None}
"""What the log tells of it: Ansible names its version from -vv on, and its settings at -vvvv."""

README = """\
# Sample logs

Real captures, made by `python -m tests.lab.make_samples` (Linux, root: each host is an OpenSSH server in namespaces of
its own, with its own users, homes and host name, so nothing was replaced in the logs afterwards). This file and
`expected.json` are generated with them; edit `tests/lab/scenarios*.py`, never these.

Control node: user `ops` on `control1`, in `/home/ops/site`. Managed nodes: users `deploy` and `app`, addresses
127.0.0.x, port {port} unless said otherwise. Kinds: *debug* is `ANSIBLE_DEBUG=1 ANSIBLE_SSH_VERBOSITY=3` with `-vvvv`,
*vvvv*, *vvv* and *v* that option alone, *plain* none of it, *log* the file of `ANSIBLE_LOG_PATH`. Everywhere
`ANSIBLE_TIMEOUT=5`.
`NAME-VERSION.HOST.sshd.log` is the server's own log (`LogLevel DEBUG3`) of the same run.

`expected.json` says, by log, what must be found: how each host ends (in every run of that log alike), the rules that
must be found (`findings`: host, or null for the run itself, and rule), and those that are true of the log as well and
may be (`allowed`). It was written from what was broken, and read against the log.

`trixie/` holds a few of them as Debian 13 has them (OpenSSH 10.0, Python 3.13, ansible-core 2.21), made by
`python -m tests.lab.elsewhere`.

| log | what it is | kind | made with |
| --- | --- | --- | --- |
"""


def log_name(scenario: Scenario, version: str) -> str:
    return f"{scenario.name}-{version}.log" + (".gz" if "gz" in scenario.filters else "")


def all_logs() -> Iterable[tuple[str, Scenario, str]]:
    for scenario in SCENARIOS.values():
        for version in scenario.versions:
            yield log_name(scenario, version), scenario, version


def command_line(scenario: Scenario) -> str:
    variables = [f"{name}={value}" for name, value in scenario.environment.items() if value]
    options = " ".join([*verbosity_arguments(scenario), *scenario.arguments])
    command = " ".join(word.format(bin="bin").removeprefix("bin/") for word in scenario.command)
    runs = [f"{command} {name} {options}" for name, _ in scenario.playbooks]
    return " ".join([*variables, "; ".join(runs)])


def readme() -> str:
    rows = []
    for name, scenario, _ in all_logs():
        notes = [TOLD[f] for f in scenario.filters]
        if scenario.end_when:
            notes.append("the control node was killed in the middle")
        about = "; ".join([scenario.about, *notes])
        rows.append(f"| `{name}` | {about} | {scenario.kind} | `{command_line(scenario)}` |\n")
    return README.format(port=2222) + "".join(rows)


def expectation(name: str, scenario: Scenario, version: str) -> dict[str, Any]:
    stem = name.removesuffix(".gz").removesuffix(".log")
    return {
        "kind": KIND[scenario.kind],
        "verbosity": 5 if "-v" in scenario.arguments else VERBOSITY.get(scenario.kind, 4),
        "ansible": version,
        "scenario": scenario.name,
        "runs": len(scenario.playbooks),
        "run_status": scenario.run_status,
        "hosts": {
            host: {"status": o.status, "failed_stage": o.failed_stage, "phase": o.phase}
            for host, o in scenario.expected.items()
        },
        "findings": [list(pair) for pair in scenario.findings],
        "allowed": [
            *(list(pair) for pair in scenario.allowed),
            *([host, "open-at-end"] for host, outcome in scenario.expected.items() if outcome.status == "stalled"),
        ],
        "sshd": [f"{stem}.{m.name}.sshd.log" for m in scenario.machines if m.keep_log],
    }


def expected() -> dict[str, Any]:
    return {name: expectation(name, scenario, version) for name, scenario, version in all_logs()}


def write(name: str, capture: Capture) -> None:
    text = gzip.compress(capture.log, mtime=0) if name.endswith(".gz") else capture.log
    (SAMPLES / name).write_bytes(text)
    stem = name.removesuffix(".gz").removesuffix(".log")
    for machine, log in capture.sshd_logs.items():
        (SAMPLES / f"{stem}.{machine}.sshd.log").write_bytes(log)


def write_index() -> None:
    (SAMPLES / "README.md").write_text(readme(), encoding="utf-8")
    (SAMPLES / "expected.json").write_text(json.dumps(expected(), indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.make_samples")
    parser.add_argument("names", nargs="*", choices=[*SCENARIOS, []], metavar="NAME")
    parser.add_argument("--versions", nargs="*")
    parser.add_argument("--missing", action="store_true", help="make only the logs that are not there yet")
    parser.add_argument("--index", action="store_true", help="only README.md and expected.json")
    options = parser.parse_args(arguments)
    say = sys.stderr.write
    reason = world.missing()
    if reason is not None and not options.index:
        say(f"no sample can be made here: {reason}\n")
        return 2
    bad = 0
    for name, scenario, version in all_logs():
        wanted = not options.names or scenario.name in options.names
        if options.index or not wanted or (options.versions and version not in options.versions):
            continue
        if options.missing and (SAMPLES / name).exists():
            continue
        capture = run(scenario, version, lab_root() / "state")
        write(name, capture)
        named = violations(capture.log) + [v for log in capture.sshd_logs.values() for v in violations(log)]
        bad += bool(named)
        say(f"{name}: {len(capture.log)} bytes, exit {capture.exit_codes}{' NAMES ' + str(named) if named else ''}\n")
    write_index()
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
