"""`sshdebug-tui demo`: a real ansible-playbook against a loopback SSH server, with one sound host, some
broken ones and one that hangs.

Everything lives in one folder: keys, known_hosts, ssh's configuration, the homes of the "remote" hosts. Nothing of
the user's own (~/.ssh, ~/.ansible, the agent) is read or written.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.demo.server import Fault

INSTALL = "pipx inject sshdebug-tui asyncssh ansible-core (or, in a clone: pip install '.[demo]')"
READY_SECONDS = 20.0

# web2 has a sound server, and fails in a module: see _write_project.
FAULTS: dict[str, Fault] = {
    "web1": "none",
    "web2": "none",
    "db1": "refused",
    "db2": "home-readonly",
    "cache1": "key-refused",
    "cache2": "unanswered",
}

HANG_SECONDS = 20
"""What ends the task on the host that never answers: nothing else would, for its connection is well."""

PLAYBOOK = f"""\
- name: What this program shows
  hosts: all
  gather_facts: false
  timeout: {HANG_SECONDS}
  tasks:
    - name: Reach the host
      ansible.builtin.ping:
    - name: Read the deployed release
      ansible.builtin.command: cat {{{{ release_file }}}}
"""


class DemoError(RuntimeError):
    """The demo cannot start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Demo:
    command: list[str]
    """A real ansible-playbook; run it in `folder`."""
    env: dict[str, str]
    """The whole environment of that command."""
    folder: Path


def find_playbook_program() -> str:
    """ansible-playbook beside this Python first (how an extra installs it), then on PATH."""
    beside = Path(sys.executable).parent / "ansible-playbook"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("ansible-playbook")
    if found is None:
        raise DemoError(f"The demo runs a real ansible-playbook, and none is installed. Install it with: {INSTALL}")
    return found


def _check() -> str:
    if importlib.util.find_spec("asyncssh") is None:
        raise DemoError(f"The demo's SSH server needs asyncssh, which is not installed. Install it with: {INSTALL}")
    if shutil.which("ssh") is None:
        raise DemoError("The demo connects with OpenSSH's ssh, and none is on PATH.")
    return find_playbook_program()


def _write_keys(folder: Path) -> None:
    import asyncssh

    for name in ("host_key", "demo_key"):
        key = asyncssh.generate_private_key("ssh-ed25519", comment=name)
        key.write_private_key(str(folder / name))
        (folder / name).chmod(0o600)
        key.write_public_key(str(folder / f"{name}.pub"))


def _address(name: str) -> str:
    """macOS has 127.0.0.1 alone on its loopback; ports tell the hosts apart there."""
    number = list(FAULTS).index(name) + 2 if sys.platform == "linux" else 1
    return f"127.0.0.{number}"


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[dict[str, int]]:
    """The server as a child process; it ends when its standard input does."""
    from tui.demo.server import DemoHost, write_hosts

    hosts = [DemoHost(name, _address(name), 0, folder / "homes" / name, fault) for name, fault in FAULTS.items()]
    config = folder / "server.json"
    write_hosts(config, hosts, folder / "host_key", folder / "demo_key.pub")
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tui.demo.server", str(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            # A Ctrl-C meant for the run must not take the server away from under it.
            start_new_session=True,
        )
    try:
        yield _read_ports(process, folder / "server.log")
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _read_ports(process: subprocess.Popen[bytes], log: Path) -> dict[str, int]:
    out = process.stdout
    line = b""
    if out is not None and select.select([out], [], [], READY_SECONDS)[0]:
        line = out.readline()
    if not line:
        raise DemoError(f"The demo's SSH server did not start: {log.read_text(errors='replace').strip()[-400:]}")
    ports: dict[str, int] = json.loads(line)
    return ports


def _write_project(folder: Path, ports: dict[str, int]) -> None:
    release = folder / "release.txt"
    release.write_text("2026.1\n", encoding="utf-8")
    public = (folder / "host_key.pub").read_text(encoding="utf-8").split()
    inventory, known = [], []
    for name in FAULTS:
        address = _address(name)
        # web2's release was never deployed: a module that runs and fails.
        file = release if name != "web2" else folder / "missing" / "release.txt"
        inventory.append(f"{name} ansible_host={address} ansible_port={ports[name]} release_file='{file}'\n")
        known.append(f"[{address}]:{ports[name]} {public[0]} {public[1]}\n")
    (folder / "inventory").write_text("".join(inventory), encoding="utf-8")
    (folder / "known_hosts").write_text("".join(known), encoding="utf-8")
    (folder / "demo.yml").write_text(PLAYBOOK, encoding="utf-8")
    (folder / "ssh_config").write_text(
        "Host *\n"
        "  User demo\n"
        f'  IdentityFile "{folder / "demo_key"}"\n'
        "  IdentitiesOnly yes\n"
        "  IdentityAgent none\n"
        f'  UserKnownHostsFile "{folder / "known_hosts"}"\n'
        "  GlobalKnownHostsFile /dev/null\n"
        "  StrictHostKeyChecking yes\n",
        encoding="utf-8",
    )
    (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")


def _environment(folder: Path, sockets: str) -> dict[str, str]:
    env = {
        name: value
        for name, value in os.environ.items()
        # The user's own settings would change the run; the agent's keys would be offered to it.
        if not name.startswith("ANSIBLE_") and name not in ("SSH_AUTH_SOCK", "SSH_ASKPASS")
    }
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if "utf" not in locale.lower():
        # Ansible refuses to start in a locale that is not UTF-8.
        env["LC_ALL"] = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    return env | {
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "ansible" / "tmp"),
        "ANSIBLE_TIMEOUT": "5",
        "ANSIBLE_SSH_ARGS": f'-F "{folder / "ssh_config"}" -o ControlMaster=auto -o ControlPersist=5s',
        "ANSIBLE_SSH_CONTROL_PATH_DIR": sockets,
    }


@contextlib.contextmanager
def prepare(folder: Path) -> Iterator[Demo]:
    """The server up and the project written below `folder`; both end with the context (the folder is the caller's)."""
    program = _check()
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    _write_keys(folder)
    # A socket's path may have 104 characters at most, and a temporary folder's own is half of that on macOS.
    with tempfile.TemporaryDirectory(prefix="sshdebug-", dir="/tmp") as sockets, _server(folder) as ports:
        _write_project(folder, ports)
        command = [program, "-i", str(folder / "inventory"), str(folder / "demo.yml")]
        yield Demo(command, _environment(folder, sockets), folder)
