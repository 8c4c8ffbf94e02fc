"""Healthy runs in which much looks like a failure: what a naive reader would flag."""

from __future__ import annotations

from tests.lab.model import WEB1, WEB1_LINE, Machine, Scenario, inventory, line, ok, play
from tests.lab.scenarios_become import sudoers
from tests.lab.servers import SshdOptions

LOUD = play(
    "all",
    "name: Who am I\nansible.builtin.command: whoami\nbecome: true",
    "name: Print what looks bad\nansible.builtin.shell: |\n  echo 'Traceback (most recent call last):'\n"
    "  echo 'fatal: [x]: FAILED! => {\"failed\": false}'\n  echo 'error: no error' >&2",
    "name: Note it\nansible.builtin.lineinfile:\n  path: /var/tmp/app.conf\n  line: a\n  create: true\n"
    "become: true\nbecome_user: app\nwhen: inventory_hostname == 'remote-tmp'",
    "name: Take longer than the time-out\nansible.builtin.command: sleep 8\nwhen: inventory_hostname == 'slow'",
)


def _extra(*lines: str) -> SshdOptions:
    return SshdOptions(extra=lines)


LAX = "ansible_host_key_checking=false"
MACHINES = {
    Machine("added", 41, known="absent", options=SshdOptions(banner="Authorised use only.\n")): LAX,
    Machine("gssapi", 42, options=_extra("GSSAPIAuthentication yes")): "",
    Machine(
        "homeless", 43, setup="rmdir /home/deploy\n", options=_extra("SetEnv LC_ALL=xx_YY.UTF-8")
    ): "ansible_remote_tmp=/var/tmp/ansible",
    Machine("no-tty", 44, options=_extra("PermitTTY no", "X11Forwarding no")): (
        "ansible_ssh_common_args='-o ForwardX11=yes -o ForwardX11Trusted=yes'"
    ),
    Machine("lecture", 45, setup=sudoers("Defaults lecture=always", "deploy ALL=(ALL:ALL) ALL")): (
        "ansible_become_password=lab-password ansible_ssh_extra_args=-t"
    ),
    Machine("nameless", 46, setup="echo '127.0.0.1 localhost' > $LAB/etc/hosts\n"): "",
    Machine("both", 47): f"ansible_host=both.lab {LAX}",
    Machine("remote-tmp", 48): "ansible_pipelining=true",
    Machine("slow", 49): "",
}

HEALTHY = (
    Scenario(
        "loud-ok",
        "healthy, with what looks like failures: warnings of ssh, sudo and bash, a home that is missing, no terminal,"
        " an address that refuses before one that answers, a command that is slow, a module that prints Traceback",
        (WEB1, *MACHINES),
        inventory(WEB1_LINE, *(line(machine, words) for machine, words in MACHINES.items())),
        (("loud.yml", LOUD),),
        ok("web1", *(machine.name for machine in MACHINES)),
        versions=("2.16", "2.19"),
        environment={"DISPLAY": "localhost:9"},
        arguments=("-v", "-f", "10"),
        control="printf '::1 both.lab\\n127.0.0.47 both.lab\\n' >> $LAB/etc/hosts\n",
        filters=("gz",),
    ),
)
