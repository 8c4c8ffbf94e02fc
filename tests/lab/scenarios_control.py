"""Failures of the control node: settings, files, programs and limits."""

from __future__ import annotations

from typing import Unpack

from tests.lab.model import (
    PING,
    WEB1,
    WEB1_LINE,
    Broken,
    Machine,
    More,
    Outcome,
    Scenario,
    family,
    inventory,
    play,
)
from tests.lab.servers import SshdOptions
from tests.lab.world import hide

ONE = inventory(WEB1_LINE)
NONBLOCKING = """\
import os, sys
read, write = os.pipe()
os.set_blocking(read, False)
os.dup2(read, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def dead(name: str, about: str, rule: str, playbook: str = PING, **more: Unpack[More]) -> Scenario:
    """A run that ends before any host."""
    more.setdefault("run_status", "control-error")
    return Scenario(name, about, (), ONE, (("site.yml", playbook),), {}, ((None, rule),), **more)


CONTROL = (
    dead(
        "locale",
        "no locale is set",
        "control-locale",
        environment={"LC_ALL": "POSIX"},
        kind="vvvv",
        versions=("2.16", "2.19"),
    ),
    dead(
        "locale-missing",
        "a locale that is not there",
        "control-locale",
        environment={"LANG": "xx_YY.UTF-8"},
        kind="vvvv",
        versions=("2.16", "2.19"),
    ),
    dead(
        "nonblocking",
        "standard input does not block",
        "control-nonblocking-io",
        command=("/usr/bin/python3", "/home/ops/site/nonblocking.py", "{bin}/ansible-playbook", "-i", "inventory.ini"),
        files={
            "nonblocking.py": NONBLOCKING,
        },
        kind="vvvv",
        versions=("2.16", "2.19"),
    ),
    dead(
        "config-null",
        "ANSIBLE_CONFIG is /dev/null",
        "control-config-invalid",
        environment={"ANSIBLE_CONFIG": "/dev/null"},
        kind="vvvv",
        versions=("2.16", "2.19"),
    ),
    dead(
        "config-broken",
        "ansible.cfg does not parse",
        "control-config-invalid",
        files={"ansible.cfg": "timeout = 5\n[defaults]\n"},
        kind="vvvv",
        versions=("2.17", "2.19"),
    ),
    dead(
        "module-unknown",
        "a module of a collection that is not installed",
        "module-unresolved",
        play("all", "name: Ping\ncommunity.general.pingg:"),
        versions=("2.16", "2.19"),
    ),
    dead(
        "role-unknown",
        "a role that is not there",
        "role-missing",
        "- hosts: all\n  roles:\n    - nginx\n",
        versions=("2.17", "2.19"),
    ),
    dead(
        "playbook-unknown",
        "a playbook that is not there",
        "playbook-missing",
        control="rm site.yml\n",
        versions=("2.16", "2.19"),
    ),
    dead(
        "attribute-unknown",
        "a keyword that is none",
        "playbook-syntax",
        "- hosts: all\n  gather_fact: false\n  tasks: []\n",
        versions=("2.16", "2.19"),
    ),
    dead(
        "vault-locked",
        "a vault file and no password",
        "vault-secret-missing",
        "- hosts: all\n  vars_files: [vault.yml]\n  tasks: []\n",
        files={"vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n" + "36" * 40 + "\n"},
        versions=("2.16", "2.19"),
    ),
    dead(
        "hosts-none",
        "a pattern that fits no host, and --limit as well",
        "inventory-empty",
        arguments=("--limit", "webb"),
        versions=("2.17", "2.19"),
    ),
    Scenario(
        "files-few",
        "too few open files for a worker",
        (WEB1,),
        ONE,
        (("site.yml", PING),),
        {"web1": Outcome("failed", "connect")},
        (("web1", "control-open-files"),),
        run_status="failed",
        control="ulimit -n 12\n",
        versions=("2.19",),
    ),
    family(
        "control-hosts",
        "what the control node lacks: an undefined variable, plugins, an ssh of its own",
        Broken(Machine("undefined", 41), Outcome("failed", "control"), "variable-undefined"),
        Broken(
            Machine("connection", 42),
            Outcome("failed", "control"),
            "connection-plugin-missing",
            "ansible_connection=sssh",
        ),
        Broken(
            Machine("client", 44),
            Outcome("failed", "connect"),
            "ssh-client-missing",
            "ansible_ssh_executable=/usr/local/bin/ssh",
        ),
        Broken(Machine("vault", 45), Outcome("failed", "control"), "vault-secret-missing"),
        playbook=play(
            "all",
            "name: Ping\nansible.builtin.ping:",
            "name: Say\nansible.builtin.command: echo {{ releas }}\nwhen: inventory_hostname == 'undefined'",
            "name: Tell\nansible.builtin.command: echo {{ secret }}\nwhen: inventory_hostname == 'vault'",
            vars='{secret: !vault "$ANSIBLE_VAULT;1.1;AES256\\n' + "36" * 40 + '\\n"}',
        ),
        versions=("2.16",),
    ),
    Scenario(
        "ssh-missing",
        "no ssh at all",
        (WEB1,),
        ONE,
        (("site.yml", PING),),
        {"web1": Outcome("failed", "connect")},
        (("web1", "ssh-client-missing"),),
        run_status="failed",
        control=hide("ssh"),
        versions=("2.17", "2.19"),
    ),
    family(
        "become-unknown",
        "a become method that is not there",
        Broken(
            Machine("become", 43),
            Outcome("failed", "control"),
            "become-plugin-missing",
            "ansible_become=true ansible_become_method=sudoo",
        ),
        versions=("2.17",),
    ),
    family(
        "sshpass-absent",
        "a password, and no sshpass",
        Broken(
            Machine("db1", 41, options=SshdOptions(public_key=False, password=True)),
            Outcome("failed", "connect"),
            "sshpass-missing",
            "ansible_password=lab-password",
        ),
        control=hide("sshpass"),
        environment={"ANSIBLE_SSH_PASSWORD_MECHANISM": "sshpass"},
        versions=("2.19",),
    ),
    Scenario(
        "config-ignored",
        "the project folder is open to all, so that its ansible.cfg is not read",
        (WEB1,),
        ONE,
        (("site.yml", PING),),
        {"web1": Outcome("ok")},
        allowed=((None, "control-config-ignored"), (None, "control-log-path")),
        environment={"ANSIBLE_CONFIG": "", "ANSIBLE_LOG_PATH": "/usr/lib/ansible.log"},
        control="chmod 777 /home/ops/site\n",
        versions=("2.16",),
    ),
    Scenario(
        "inventory-none",
        "an inventory that is not there: nothing is done, and that is called success",
        (),
        ONE,
        (("site.yml", PING),),
        {},
        allowed=((None, "inventory-empty"),),
        command=("{bin}/ansible-playbook", "-i", "hosts.ini"),
        versions=("2.16", "2.19"),
    ),
)
