"""What ssh itself asks, through a real ansible-playbook and a real sshd: it is asked of the user, and kept nowhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import servers
from tests.lab.conftest import need
from tests.tui.sources.lab import ansible_playbook
from tests.tui.sources.test_terminal import SECRET, Session, found_anywhere

pytestmark = pytest.mark.lab
HERE = "127.0.0.1"


class Site:
    """One machine, and a project that reaches it."""

    def __init__(self, folder: Path, running: servers.RunningSshd, key: Path) -> None:
        self.folder = folder
        self.running = running
        self.key = key
        self.known = folder / "known_hosts"
        (folder / "ping.yml").write_text("- hosts: all\n  gather_facts: false\n  tasks:\n    - ping:\n")
        (folder / "inventory").write_text(
            f"db1 ansible_host={HERE} ansible_port={running.port} ansible_python_interpreter={sys.executable}\n"
        )

    def launch(self, version: str, *, persist: bool = True) -> Session:
        ssh = (
            f"-F none -o UserKnownHostsFile={self.known} -o GlobalKnownHostsFile=/dev/null -o IdentityFile={self.key} "
            "-o IdentitiesOnly=yes -o IdentityAgent=none "
            + ("-o ControlMaster=auto -o ControlPersist=60s" if persist else "-o ControlMaster=no")
        )
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_SSH_ARGS": ssh,
            # A socket's path may have 104 characters.
            "ANSIBLE_SSH_CONTROL_PATH": str(self.folder / "cp"),
        }
        command = [ansible_playbook(version), "-i", str(self.folder / "inventory"), str(self.folder / "ping.yml")]
        return Session(command, environ)

    def trust(self) -> None:
        self.known.write_text(servers.known_hosts_line(HERE, self.running.port, self.running.host_key))

    def end(self) -> None:
        """Ends the ControlPersist master that the run has left."""
        subprocess.run(["ssh", "-O", "exit", "-o", f"ControlPath={self.folder / 'cp'}", HERE], check=False)


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, sshd_path: str) -> Iterator[Site]:
    need(shutil.which("ssh"), "ssh")
    folder = tmp_path_factory.mktemp("p")
    key = servers.make_key(folder / "keys" / "id_ed25519")
    authorized = folder / "keys" / "authorized_keys"
    shutil.copyfile(key.with_suffix(".pub"), authorized)
    with servers.sshd(folder / "server", HERE, servers.free_port(), authorized) as running:
        found = Site(folder, running, key)
        yield found
        found.end()


@pytest.mark.parametrize("version", ["2.13", "2.16"])
def test_an_unknown_host_key(version: str, site: Site) -> None:
    """ssh wants yes, no or the fingerprint, and asks again for anything else; the run ends though a master stays."""
    session = site.launch(version)
    question = session.asked()
    assert not question.secret
    assert question.text.startswith("The authenticity of host")
    assert "ED25519 key fingerprint is SHA256:" in question.text
    assert question.text.endswith("Are you sure you want to continue connecting (yes/no/[fingerprint])?")
    session.run.answer("yep")
    assert session.asked().text == "Please type 'yes', 'no' or the fingerprint:"
    session.run.answer("yes")
    assert session.end() == 0
    assert site.known.read_text().startswith(f"[{HERE}]:{site.running.port} ssh-ed25519 ")
    master = subprocess.run(["ssh", "-O", "check", "-o", f"ControlPath={site.folder / 'cp'}", HERE], check=False)
    assert master.returncode == 0, "the master that was to outlive the run is not there"


@pytest.mark.parametrize("version", ["2.13", "2.16"])
def test_a_passphrase(version: str, site: Site) -> None:
    """Asked with the echo off, again when it is wrong; in no file of the run's."""
    site.trust()
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", SECRET, "-f", str(site.key)], check=True)
    session = site.launch(version)
    for answer in (f"{SECRET}x", SECRET):
        question = session.asked()
        assert (question.text, question.secret) == (f"Enter passphrase for key '{site.key}':", True)
        session.run.answer(answer)
    assert session.end() == 0, session.log()[-2000:]
    assert found_anywhere(site.folder, SECRET) == []


def test_from_2_19_on_ssh_asks_nobody(site: Site) -> None:
    """A worker has no terminal there (`WorkerProcess._detach`), with or without us: the host fails at once."""
    session = site.launch("2.19")
    while session.run.poll() is None:
        assert session.run.question() is None
    assert session.end() == 4
    assert "Host key verification failed." in session.log()


@pytest.mark.parametrize("version", ["2.13", "2.16"])
def test_two_hosts_that_ask_at_once(version: str, site: Site) -> None:
    """Their ssh read one terminal letter by letter: each answer goes to one of them, whole."""
    with (site.folder / "inventory").open("a") as inventory:
        inventory.write(
            f"db2 ansible_host=localhost ansible_port={site.running.port} ansible_python_interpreter={sys.executable}\n"
        )
    session = site.launch(version, persist=False)
    for _ in range(2):
        assert "Are you sure you want to continue connecting" in session.asked().text
        session.run.answer("yes")
    assert session.end() == 0, session.log()[-2000:]
    assert site.known.read_text().count("ssh-ed25519") == 2
