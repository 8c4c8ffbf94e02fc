"""Runs in which something is broken: one or two hosts among sound ones."""

from __future__ import annotations

from dataclasses import replace

from tests.lab.model import (
    DB1,
    DB1_LINE,
    DB2,
    DB2_LINE,
    PING,
    WEB1,
    WEB1_LINE,
    WEB2,
    WEB2_LINE,
    Machine,
    Outcome,
    Scenario,
    inventory,
    ok,
    play,
)
from tests.lab.servers import SshdOptions
from tests.lab.world import ANSIBLE_FOLDER_OF_ROOT, HIDE_PYTHON, small_disk

FOUR = inventory(WEB1_LINE, WEB2_LINE, DB1_LINE, DB2_LINE)
OLD_KEX = SshdOptions(kex="diffie-hellman-group1-sha1")
OLD_HOST_KEY = SshdOptions(host_key="rsa", host_key_algorithms="ssh-rsa")
KILL_ITSELF = """\
#!/usr/bin/python3
import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
"""
DROP_CONNECTION = """\
#!/usr/bin/python3
import os
import signal
from pathlib import Path

pid = os.getpid()
while True:
    name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
    if name == "sshd":
        os.kill(pid, signal.SIGKILL)
        break
    pid = int(rest.split()[1])
signal.pause()
"""


def unreachable(phase: str) -> Outcome:
    return Outcome("unreachable", "connect", phase)


def with_options(machine: Machine, options: SshdOptions) -> Machine:
    return replace(machine, options=options)


BROKEN = (
    Scenario(
        "refused-unresolved",
        "db1's port is closed, db2's name does not resolve",
        (WEB1, WEB2, replace(DB1, server="refuses")),
        inventory(WEB1_LINE, WEB2_LINE, DB1_LINE, "db2 ansible_host=no-such-host.invalid"),
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": unreachable("tcp"), "db2": unreachable("resolve")},
        (("db1", "connection-refused"), ("db2", "name-resolution")),
        versions=("2.13", "2.18", "2.19"),
        run_status="failed",
    ),
    Scenario(
        "timeouts",
        "db1's backlog is full so that connect() times out, db2 accepts and never speaks",
        (WEB1, WEB2, replace(DB1, server="full"), replace(DB2, server="silent")),
        FOUR,
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": unreachable("tcp"), "db2": unreachable("banner")},
        (("db1", "connection-timeout"), ("db2", "banner-timeout")),
        run_status="failed",
    ),
    Scenario(
        "kex-reset",
        "db1 resets the connection after ssh's banner, db2 closes it",
        (WEB1, WEB2, replace(DB1, server="resets"), replace(DB2, server="closes")),
        FOUR,
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": unreachable("kex"), "db2": unreachable("kex")},
        (("db1", "kex-reset"), ("db2", "kex-closed")),
        versions=("2.17", "2.19"),
        run_status="failed",
    ),
    Scenario(
        "no-common-algorithm",
        "db1 offers one old key exchange only, db2 one old host key algorithm only",
        (WEB1, WEB2, with_options(DB1, OLD_KEX), with_options(DB2, OLD_HOST_KEY)),
        FOUR,
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": unreachable("kex"), "db2": unreachable("kex")},
        (("db1", "no-common-kex"), ("db2", "no-common-hostkey")),
        run_status="failed",
    ),
    Scenario(
        "hostkeys",
        "db1's host key is not in known_hosts, db2's is there with another key",
        (WEB1, WEB2, replace(DB1, known="absent"), replace(DB2, known="changed")),
        FOUR,
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": unreachable("hostkey"), "db2": unreachable("hostkey")},
        (("db1", "hostkey-unknown"), ("db2", "hostkey-changed")),
        versions=("2.13", "2.19"),
        run_status="failed",
    ),
    Scenario(
        "key-refused",
        "db1 knows another key only, db2 takes passwords only",
        (
            WEB1,
            WEB2,
            with_options(DB1, SshdOptions(extra=("AuthorizedKeysFile /etc/ssh/none",))),
            with_options(DB2, SshdOptions(public_key=False, password=True)),
        ),
        FOUR,
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": unreachable("auth"), "db2": unreachable("auth")},
        (("db1", "auth-publickey"), ("db2", "auth-publickey")),
        run_status="failed",
    ),
    Scenario(
        "password-wrong",
        "all log in with a password; db1's is wrong",
        tuple(with_options(m, SshdOptions(public_key=False, password=True)) for m in (WEB1, WEB2, DB1)),
        inventory(
            f"{WEB1_LINE} ansible_password=lab-password",
            f"{WEB2_LINE} ansible_password=lab-password",
            f"{DB1_LINE} ansible_password=not-the-password",
        ),
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": unreachable("auth")},
        (("db1", "auth-password"),),
        versions=("2.18", "2.19"),
        run_status="failed",
    ),
    Scenario(
        "key-permissions",
        "db1 uses a key file of mode 0644",
        (WEB1, WEB2, DB1),
        inventory(WEB1_LINE, WEB2_LINE, f"{DB1_LINE} ansible_ssh_private_key_file=/home/ops/.ssh/other_key"),
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": unreachable("auth")},
        (("db1", "key-permissions"),),
        run_status="failed",
        key_mode=0o644,
    ),
    Scenario(
        "login-shell",
        "whatever is run on db1 runs nologin instead; on db2, an echo that ends with 0",
        (
            WEB1,
            WEB2,
            with_options(DB1, SshdOptions(force_command="/usr/sbin/nologin")),
            with_options(DB2, SshdOptions(force_command="/bin/echo only-backups-allowed", sftp=False)),
        ),
        FOUR,
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": Outcome("unreachable", "home"), "db2": Outcome("failed", "result")},
        (("db1", "login-shell"), ("db2", "forced-command")),
        versions=("2.13", "2.19"),
        run_status="failed",
    ),
    Scenario(
        "tmpdir-permission",
        "~/.ansible on db1 belongs to root",
        (WEB1, WEB2, replace(DB1, setup=ANSIBLE_FOLDER_OF_ROOT, keep_log=True)),
        inventory(WEB1_LINE, WEB2_LINE, DB1_LINE),
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": Outcome("unreachable", "tmpdir")},
        (("db1", "tmpdir-permission"),),
        run_status="failed",
    ),
    Scenario(
        "disk-full",
        "~/.ansible has no inode left on db1, no block left on db2",
        (
            WEB1,
            replace(DB1, setup=small_disk("size=1m,nr_inodes=1")),
            replace(DB2, setup=small_disk("size=16k")),
        ),
        inventory(WEB1_LINE, DB1_LINE, DB2_LINE),
        (("ping.yml", PING),),
        {**ok("web1"), "db1": Outcome("unreachable", "tmpdir"), "db2": Outcome("failed", "transfer")},
        (("db1", "disk-full"), ("db2", "disk-full")),
        versions=("2.17", "2.19"),
        run_status="failed",
    ),
    Scenario(
        "sftp-missing",
        "modules go by sftp alone, and db1 has no sftp subsystem",
        (WEB1, WEB2, replace(DB1, options=SshdOptions(sftp=False), keep_log=True)),
        inventory(WEB1_LINE, WEB2_LINE, DB1_LINE),
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": Outcome("unreachable", "transfer")},
        (("db1", "sftp-subsystem-missing"),),
        versions=("2.16", "2.18", "2.19"),
        run_status="failed",
        environment={"ANSIBLE_SSH_TRANSFER_METHOD": "sftp"},
    ),
    Scenario(
        "python-missing",
        "db1 has no Python, db2's interpreter is set to a path that does not exist",
        (WEB1, WEB2, replace(DB1, setup=HIDE_PYTHON), DB2),
        inventory(WEB1_LINE, WEB2_LINE, DB1_LINE, f"{DB2_LINE} ansible_python_interpreter=/opt/app/bin/python3"),
        (("ping.yml", PING),),
        {**ok("web1", "web2"), "db1": Outcome("failed", "exec"), "db2": Outcome("failed", "exec")},
        (("db1", "python-missing"), ("db2", "python-wrong-path")),
        versions=("2.16", "2.18", "2.19"),
        run_status="failed",
    ),
    Scenario(
        "become-password",
        "sudo wants a password on db1, and none was given",
        (WEB1, WEB2, replace(DB1, sudo="password")),
        inventory(WEB1_LINE, WEB2_LINE, DB1_LINE),
        (("become.yml", play("all", "name: Who am I\nansible.builtin.command: whoami", become="true")),),
        {**ok("web1", "web2"), "db1": Outcome("failed", "exec")},
        (("db1", "become-password-missing"),),
        run_status="failed",
    ),
    Scenario(
        "module-killed",
        "a module of the project kills its own process on db1 (SIGKILL), as the kernel does when memory is out",
        (WEB1, WEB2, DB1),
        inventory(WEB1_LINE, WEB2_LINE, DB1_LINE),
        (
            (
                "killed.yml",
                PING + play("db1", "name: Rebuild the index\nrebuild_index:"),
            ),
        ),
        {**ok("web1", "web2"), "db1": Outcome("failed", "exec")},
        (("db1", "module-killed"),),
        versions=("2.17", "2.19"),
        run_status="failed",
        files={"library/rebuild_index.py": KILL_ITSELF},
    ),
    Scenario(
        "connection-lost",
        "a module of the project kills its own session's sshd on db1, so that the connection ends under it",
        (WEB1, WEB2, DB1),
        inventory(WEB1_LINE, WEB2_LINE, DB1_LINE),
        (("reboot.yml", PING + play("db1", "name: Restart the network\nrestart_network:")),),
        {**ok("web1", "web2"), "db1": Outcome("unreachable", "exec")},
        (("db1", "connection-lost"),),
        run_status="failed",
        files={"library/restart_network.py": DROP_CONNECTION},
    ),
    Scenario(
        "playbook-syntax",
        "the playbook's YAML does not parse",
        (),
        inventory(WEB1_LINE, WEB2_LINE),
        (
            (
                "site.yml",
                "- name: Broken\n  hosts: all\n  tasks:\n    - name: One\n    ansible.builtin.ping:\n   x: [\n",
            ),
        ),
        {},
        ((None, "playbook-syntax"),),
        run_status="control-error",
    ),
)
