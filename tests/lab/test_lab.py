"""The lab itself: servers come up, do what they say, and leave nothing; a real run through one."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab import servers, world
from tests.lab.conftest import need
from tests.lab.runner import run
from tests.lab.scenarios import SCENARIOS
from tests.lab.versions import ALL, lab_root
from tests.lab.versions import playbook_program as program_of

pytestmark = pytest.mark.lab
HERE = "127.0.0.1"


def connects(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(0.3)
        return client.connect_ex((HERE, port)) == 0


def lab_keys(folder: Path) -> tuple[Path, Path]:
    key = servers.make_key(folder / "id_ed25519")
    authorized = folder / "authorized_keys"
    shutil.copyfile(key.with_suffix(".pub"), authorized)
    return key, authorized


def test_sshd_comes_up_as_whoever_we_are_and_leaves_nothing(tmp_path: Path, sshd_path: str) -> None:
    _, authorized = lab_keys(tmp_path)
    port = servers.free_port()
    with servers.sshd(tmp_path / "server", HERE, port, authorized) as running:
        assert connects(port)
        pids = [running.process.pid, *servers.descendants(running.process.pid)]
    assert not connects(port)
    assert not [pid for pid in pids if servers.alive(pid)]
    assert b"Server listening" in (tmp_path / "server" / "sshd.log").read_bytes()


_FORKS = """
import os, time
for _ in range(400):
    if not os.fork():
        time.sleep(60)
        os._exit(0)
    print(os.getpid(), flush=True)
    time.sleep(0.001)
"""


def test_what_a_server_starts_while_it_is_stopped_is_stopped_too() -> None:
    with subprocess.Popen([sys.executable, "-c", _FORKS], stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        servers.stop(process)
        left = [
            stat.parent.name
            for stat in Path("/proc").glob("[0-9]*/stat")
            if _session(stat) == process.pid and servers.alive(int(stat.parent.name))
        ]
        assert left == []


def _session(stat: Path) -> int | None:
    try:
        return int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[3])
    except OSError:
        return None


def test_a_server_that_cannot_start_says_why(tmp_path: Path, sshd_path: str) -> None:
    _, authorized = lab_keys(tmp_path)
    wrong = servers.SshdOptions(extra=("NoSuchKeyword yes",))
    with (
        pytest.raises(servers.ServerError, match="NoSuchKeyword"),
        servers.sshd(tmp_path / "server", HERE, servers.free_port(), authorized, wrong),
    ):
        pass


def test_the_plain_listeners_fail_the_way_they_are_named() -> None:
    port = servers.free_port()
    with servers.refuses(HERE, port):
        assert not connects(port)
    with servers.resets(HERE, port), socket.create_connection((HERE, port), timeout=5) as client:
        client.sendall(b"SSH-2.0-test\r\n")
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    with servers.closes(HERE, port), socket.create_connection((HERE, port), timeout=5) as client:
        client.sendall(b"SSH-2.0-test\r\n")
        assert client.recv(1) == b""
    with servers.silent(HERE, port), socket.create_connection((HERE, port), timeout=5) as client:
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_a_full_backlog_lets_nobody_in() -> None:
    port = servers.free_port()
    with servers.full(HERE, port):
        assert not connects(port)


def test_a_real_run_against_a_real_sshd(tmp_path: Path, sshd_path: str, playbook_program: Path) -> None:
    key, authorized = lab_keys(tmp_path)
    port = servers.free_port()
    # sshd that is not root lets in the user it runs as, and nobody else.
    user = getpass.getuser() if os.geteuid() != 0 else "root"
    inventory = tmp_path / "inventory"
    playbook = tmp_path / "raw.yml"
    playbook.write_text("- hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.raw: echo it-works\n")
    with servers.sshd(tmp_path / "server", HERE, port, authorized) as running:
        (tmp_path / "known_hosts").write_text(servers.known_hosts_line(HERE, port, running.host_key))
        inventory.write_text(
            f"web1 ansible_host={HERE} ansible_port={port} ansible_user={user} ansible_ssh_private_key_file={key}\n"
        )
        options = f"-F none -o UserKnownHostsFile={tmp_path / 'known_hosts'} -o IdentitiesOnly=yes -o ControlMaster=no"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_SSH_ARGS": options,
            "ANSIBLE_DEBUG": "1",
            "ANSIBLE_SSH_VERBOSITY": "3",
        }
        done = subprocess.run(
            [str(playbook_program), "-i", str(inventory), str(playbook), "-vvvv"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert b"stdout chunk (state=" in done.stdout
    assert b"it-works" in done.stdout


def test_a_scenario_runs_in_its_own_world(sshd_path: str) -> None:
    reason = world.missing()
    if reason is not None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no namespaces here: {reason}")
    version = next((v for v in reversed(ALL) if program_of(v) is not None), None)
    version = need(version, "an ansible-core of the lab (see tests/lab/versions.py)")
    capture = run(SCENARIOS["refused-unresolved"], version, lab_root() / "test-state")
    assert capture.exit_codes == (4,)
    assert b"port 2222: Connection refused" in capture.log
    assert b"Could not resolve hostname no-such-host.invalid" in capture.log
    assert not (lab_root() / "test-state").exists()
