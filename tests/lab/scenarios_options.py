"""What the options of the ssh command, a wrapper around it or the start of Ansible itself get wrong."""

from __future__ import annotations

from dataclasses import replace

from tests.lab.model import DB1, DB1_LINE, PING, WEB1, WEB1_LINE, Outcome, Scenario, inventory, ok, play

TELLS_ALL = """\
#!/bin/sh
echo "DEBUG[0000] running ssh $*" >&2
exec ssh "$@"
"""
FAILS_ONCE = """\
#!/bin/sh
if [ ! -e /home/ops/site/tried ]; then
    touch /home/ops/site/tried
    echo 'kex_exchange_identification: read: Connection reset by peer' >&2
    exit 255
fi
exec ssh "$@"
"""
RUNNABLE = "chmod 755 wrapper; chown ops: .\n"
UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
"""Ansible writes into a file by 8 kB; what a hang said last would stay in its memory."""
WRAPPED = "ansible_ssh_executable=/home/ops/site/wrapper"

OPTIONS = (
    Scenario(
        "become-false-success",
        "a wrapper around ssh prints the command on stderr, and Ansible takes that for the success of sudo",
        (replace(DB1, sudo="password"),),
        inventory(f"{DB1_LINE} {WRAPPED} ansible_become_password=lab-password"),
        (("become.yml", play("all", "name: Who am I\nansible.builtin.command: whoami", become="true")),),
        {"db1": Outcome("stalled", "exec")},
        (("db1", "become-false-success"),),
        run_status="incomplete",
        files={"wrapper": TELLS_ALL},
        control=RUNNABLE,
        environment=UNBUFFERED,
        end_when=(r"become_success: \(source=stderr, state=awaiting_prompt(?s:.*)master session id",),
    ),
    Scenario(
        "terminal-forced",
        "ssh is told to ask for a terminal (-tt), so the interpreter's probe on db1 never ends",
        (DB1,),
        inventory(f"{DB1_LINE} ansible_ssh_extra_args=-tt"),
        (("ping.yml", PING),),
        {"db1": Outcome("stalled", "probe")},
        (("db1", "exec-tty-pipelining"),),
        versions=("2.16", "2.18"),
        run_status="incomplete",
        environment=UNBUFFERED,
        end_when=(r"/usr/bin/python3\.\d+ && sleep 0(?s:.*)master session id",),
    ),
    Scenario(
        "retry-worked",
        "ssh to db1 fails once, and Ansible's own retry works",
        (WEB1, DB1),
        inventory(WEB1_LINE, f"{DB1_LINE} {WRAPPED}"),
        (("ping.yml", PING),),
        ok("web1", "db1"),
        allowed=(("db1", "retry-worked"),),
        versions=("2.13", "2.16", "2.19"),
        environment={"ANSIBLE_SSH_RETRIES": "2"},
        files={"wrapper": FAILS_ONCE},
        control=RUNNABLE,
    ),
    Scenario(
        "ansible-not-found",
        "the shell does not find ansible-playbook",
        (),
        inventory(),
        (("ping.yml", PING),),
        {},
        ((None, "control-ansible-missing"),),
        versions=("2.19",),
        kind="plain",
        run_status="control-error",
        command=("env", "PATH=/usr/bin:/bin", "sh", "-c", "exec ansible-playbook -i inventory.ini"),
    ),
)
