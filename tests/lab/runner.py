"""One scenario, one version: start the machines, run Ansible, hand back what it printed."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab import servers
from tests.lab.filters import FILTERS
from tests.lab.model import USERS, Machine, Scenario
from tests.lab.versions import ensure_version
from tests.lab.world import World

RUN_SECONDS = 60.0
LOG_FILE = "ansible.log"


class RunError(RuntimeError):
    """A run that did not do what its scenario says."""


@dataclass(frozen=True, slots=True)
class Capture:
    log: bytes
    exit_codes: tuple[int, ...]
    sshd_logs: dict[str, bytes]
    """sshd's own log of the machines that ask for it, by machine name."""


def verbosity_arguments(scenario: Scenario) -> list[str]:
    if scenario.kind == "plain":
        return []
    return [f"-{scenario.kind}"] if scenario.kind in ("v", "vvv") else ["-vvvv"]


def environment(scenario: Scenario, program: Path) -> list[str]:
    """NAME=VALUE of everything the run sees."""
    values = {
        "PATH": f"{program.parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": "/home/ops",
        "USER": "ops",
        "LOGNAME": "ops",
        "LANG": "C.UTF-8",
        "ANSIBLE_CONFIG": "/home/ops/site/ansible.cfg",
        "ANSIBLE_NOCOLOR": "1",
        "NO_COLOR": "1",
        "ANSIBLE_TIMEOUT": "5",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": "/home/ops/.ansible/cp",
    }
    if scenario.kind == "debug":
        values |= {"ANSIBLE_DEBUG": "1", "ANSIBLE_SSH_VERBOSITY": "3"}
    if scenario.kind == "log":
        values |= {"ANSIBLE_LOG_PATH": f"/home/ops/site/{LOG_FILE}"}
    values |= scenario.environment
    if "ANSIBLE_FORCE_COLOR" in values:
        del values["ANSIBLE_NOCOLOR"], values["NO_COLOR"]
    return [f"{name}={value}" for name, value in values.items() if value]


@contextlib.contextmanager
def machine_server(world: World, machine: Machine, machines: tuple[Machine, ...]) -> Iterator[Path | None]:
    """The machine, up; gives the folder of its sshd where it has one."""
    if machine.server == "sshd":
        # Two ports of one address are two servers.
        folder = world.root / machine.name / f"sshd-{machine.port}"
        wrapper = world.machine(machine, machines)
        with servers.sshd(
            folder, machine.address, machine.port, world.authorized_keys, machine.options, wrapper
        ) as running:
            yield running.log.parent
        return
    if machine.server == "swallows":
        inner = servers.free_port(machine.address)
        folder = world.root / machine.name / "sshd"
        wrapper = world.machine(machine, machines)
        with (
            servers.sshd(folder, machine.address, inner, world.authorized_keys, machine.options, wrapper) as running,
            servers.swallows(machine.address, machine.port, inner),
        ):
            yield running.log.parent
        return
    if machine.server == "unanswered":
        # asyncssh is wanted by this one server only.
        from tests.lab.embedded import embedded

        with embedded(world.root / machine.name, machine.address, machine.port, world.authorized_keys, "unanswered"):
            yield world.root / machine.name
        return
    plain = {
        "silent": servers.silent,
        "resets": servers.resets,
        "closes": servers.closes,
        "refuses": servers.refuses,
        "full": servers.full,
        "http": servers.http,
    }[machine.server]
    with plain(machine.address, machine.port):
        yield None


def prepare_site(world: World, scenario: Scenario, known_hosts: str) -> None:
    """ops's home and project folder."""
    site = world.site
    ssh = site.parent / ".ssh"
    world.homes("control1")
    site.mkdir(parents=True, exist_ok=True)
    ssh.mkdir(mode=0o700, exist_ok=True)
    shutil.copyfile(world.key, ssh / "id_ed25519")
    shutil.copyfile(world.key.with_suffix(".pub"), ssh / "id_ed25519.pub")
    shutil.copyfile(world.key, ssh / "other_key")
    (ssh / "id_ed25519").chmod(0o600)
    (ssh / "other_key").chmod(scenario.key_mode)
    if known_hosts:
        (ssh / "known_hosts").write_text(known_hosts, encoding="utf-8")
    files = {"inventory.ini": scenario.inventory, "ansible.cfg": "[defaults]\n", **dict(scenario.playbooks)}
    for name, text in {**files, **scenario.files}.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in [site.parent, *site.parent.rglob("*")]:
        os.chown(path, USERS["ops"], USERS["ops"])


def known_hosts_text(world: World, machines: tuple[Machine, ...], folders: dict[Machine, Path | None]) -> str:
    lines: list[str] = []
    for machine in machines:
        folder = folders[machine]
        if machine.known == "absent" or folder is None:
            continue
        public = (folder / "host_key").with_suffix(".pub")
        if machine.known == "changed":
            public = servers.make_key(world.root / "keys" / "former", comment="host").with_suffix(".pub")
        lines.append(servers.known_hosts_line(machine.address, machine.port, public))
    return "".join(lines)


def await_text(
    path: Path, patterns: tuple[str, ...], process: subprocess.Popen[bytes], seconds: float = RUN_SECONDS
) -> None:
    deadline = time.monotonic() + seconds
    missing = [re.compile(pattern.encode()) for pattern in patterns]
    while missing:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RunError(f"the run ended before {missing[0].pattern!r} appeared")
        text = path.read_bytes()
        missing = [pattern for pattern in missing if pattern.search(text) is None]
        # Paces the polling only; the deadline above decides.
        time.sleep(0.2)


def run(scenario: Scenario, version: str, root: Path, seconds: float = RUN_SECONDS) -> Capture:
    """Run the scenario in a fresh world below `root`, which is removed afterwards."""
    shutil.rmtree(root, ignore_errors=True)
    world = World(root)
    program = ensure_version(version)
    output = world.root / "output"
    codes: list[int] = []
    with contextlib.ExitStack() as stack:
        machines = scenario.machines
        folders = {m: stack.enter_context(machine_server(world, m, machines)) for m in machines}
        prepare_site(world, scenario, known_hosts_text(world, machines, folders))
        for name, _ in scenario.playbooks:
            words = [word.format(bin=program.parent) for word in scenario.command]
            command = [*words, name, *verbosity_arguments(scenario), *scenario.arguments]
            with output.open("ab") as sink:
                process = subprocess.Popen(
                    world.control(machines, environment(scenario, program), command, scenario.control),
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            try:
                if scenario.end_when:
                    await_text(output, scenario.end_when, process, seconds)
                    process.kill()
                codes.append(process.wait(seconds))
            finally:
                # The pid namespace ends with it, and ssh's masters with that.
                servers.stop(process)
        sshd_logs = {
            m.name: (folder / "sshd.log").read_bytes()
            for m, folder in folders.items()
            if m.keep_log and folder is not None
        }
    log = (world.site / LOG_FILE if scenario.kind == "log" else output).read_bytes()
    for name in scenario.filters:
        if name in FILTERS:
            log = FILTERS[name](log)
    shutil.rmtree(root, ignore_errors=True)
    return Capture(log, tuple(codes), sshd_logs)
