"""Runs that are made to know whose each chunk is: sizes, forks, and what makes hosts hard to tell apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.lab.model import (
    DB1,
    DB1_LINE,
    DB2,
    DB2_LINE,
    PING,
    THREE,
    WEB1,
    WEB1_LINE,
    WEB2,
    WEB2_LINE,
    WEB3,
    WEB3_LINE,
    Machine,
    Scenario,
    inventory,
    play,
)
from tests.lab.scenarios_transfer import TRANSFER
from tests.lab.servers import SshdOptions

SIX = (WEB1, WEB2, WEB3, DB1, DB2, Machine("cache1", 31))
SIX_LINES = (WEB1_LINE, WEB2_LINE, WEB3_LINE, DB1_LINE, DB2_LINE, "cache1 ansible_host=127.0.0.31")
FORTY = tuple(Machine(f"node{n:02}", 100 + n) for n in range(1, 41))
FORTY_LINES = tuple(f"node{n:02} ansible_host=127.0.0.{100 + n}" for n in range(1, 41))
NEW = ("2.17", "2.18", "2.19")

# A whole chunk, with a stamp and without, in the output of a module and of a raw command.
FORGED = r"printf '>>>x<<<\n  4242 1664675304.99557: stdout chunk (state=3):\n>>>fake<<<\n"
FORGED += r"  4242 1664675304.99558 [x]: @4242/1664675304.99558 stderr chunk (state=3):\n>>>fake<<<\n'"
PING_TASK = "name: Ping\nansible.builtin.ping:"
COMMAND = "name: Id\nansible.builtin.command: id"
FAILS = "name: Fails on web2\nansible.builtin.command: cat /no/such/{{ inventory_hostname }}\n"
FAILS += "failed_when: inventory_hostname == 'web2'"
COPY = 'name: Bring a file\nansible.builtin.copy:\n  content: "managed {{ inventory_hostname }}\\n"\n  dest: motd.txt'
LOOP = "name: Speak twice\nansible.builtin.command: echo {{ item }}\nloop: [one, two]"
DELEGATE = (
    "name: Tell {name}\nansible.builtin.command: echo {{{{ inventory_hostname }}}} is coming\ndelegate_to: {name}"
)
RAW = f'name: A forged record\nansible.builtin.raw: "{{{{ forged }}}}"\nvars:\n  forged: |-\n    {FORGED}'
MODULE = f"name: A module that forges\nansible.builtin.shell: |\n  {FORGED}"
FACTS = "name: Facts\nansible.builtin.setup:\n  gather_subset: ['!all', '!min', distribution, python, user]"
SCRIPT = (
    "name: Speak without Python\nansible.builtin.raw: uptime; echo $SSH_CONNECTION >&2; exit 3\nignore_errors: true"
)
TO_HOME = 'name: Leave a note\nansible.builtin.copy:\n  content: "{{ inventory_hostname }}\\n"\n  dest: ~/note.txt'
ROUND = "name: Greet the neighbours\nansible.builtin.command: echo {{ inventory_hostname }} greets {{ item }}\n"
ROUND += "delegate_to: '{{ item }}'\nloop: [web1, db1]"
EACH = "name: In turn\nansible.builtin.include_tasks: greet.yml\nloop: [one, db1]"
BECOME = "name: Who is root\nansible.builtin.command: whoami\nbecome: true"
WAITS = "name: Vacuum\nansible.builtin.command: sleep {{ 900 if inventory_hostname in stuck else 0 }}"

MANY = play("all", PING_TASK, COMMAND, COPY, LOOP, SCRIPT, RAW, FACTS)
MANY += play("all", DELEGATE.format(name="db1"), FAILS, MODULE)
SHORT = play("all", PING_TASK, LOOP, DELEGATE.format(name="db1"), RAW, BECOME)

SILENT = {"ANSIBLE_TIMEOUT": "120", "PYTHONUNBUFFERED": "1"}
PATIENT = {"ANSIBLE_TIMEOUT": "60"}


@dataclass(frozen=True, slots=True)
class TruthRun:
    """A scenario whose chunks' owners are kept, and how many run side by side."""

    scenario: Scenario
    hosts: int
    forks: int
    stamped: tuple[str, ...] = ()
    """Versions of which the log is kept with its stamps instead."""


def _run(
    name: str,
    about: str,
    machines: tuple[Machine, ...],
    lines: tuple[str, ...],
    playbook: str,
    forks: int,
    **more: object,
) -> TruthRun:
    stamped = more.pop("stamped", ())
    assert isinstance(stamped, tuple)
    scenario = Scenario(
        name,
        about,
        machines,
        inventory(*lines),
        (("site.yml", playbook),),
        {},
        arguments=("-f", str(forks)),
        **{"versions": NEW, **more},  # type: ignore[arg-type]
    )
    return TruthRun(scenario, len(lines), forks, stamped)


def stuck_at(pattern: str) -> SshdOptions:
    """A server on which a command that looks like that never begins."""
    return SshdOptions(
        force_command=f'case "$SSH_ORIGINAL_COMMAND" in {pattern}) sleep 900;; '
        '*sftp*) exec /usr/lib/openssh/sftp-server;; *) exec /bin/sh -c "$SSH_ORIGINAL_COMMAND";; esac'
    )


STUCK = {
    "node03": {"server": "silent"},
    "node05": {"options": stuck_at("*FOUND*")},
    "node07": {"options": SshdOptions(sftp=False, extra=("Subsystem sftp /bin/sleep 900",))},
    "node09": {"options": stuck_at("*chmod*")},
    "node11": {"options": stuck_at("*'echo ~'*")},
}
"""What hangs on which of twelve hosts: login, the discovery of Python, the transfer, chmod, the home directory."""


def done(*names: str) -> tuple[str, ...]:
    """What shows that these hosts are through with the task named Vacuum or Ping, and wait for the others."""
    return tuple(rf"(?:ok|changed): \[{name}\]" for name in names)


def waiting(name: str) -> str:
    """What shows that ssh of this host's module has done all it does before the module ends (stamped logs)."""
    return (
        rf"SSH: EXEC [^\n]*python3[\d.]* \S*AnsiballZ_command\.py[\s\S]*\[{name}\]: @[\d./]+ stderr chunk"
        r"[^\[]*?(?:master session id|Sending command|mux_client_forwards: request forwardings)"
    )


CROWD = tuple(
    f"{name} ansible_host=127.0.0.{address}"
    for address, names in (
        (11, "web1 web1a"),
        (12, "web2"),
        (13, "web3 web3a web3b"),
        (21, "db1 db1a"),
        (22, "db2 db2a"),
    )
    for name in names.split()
)
TWO_NAMES = (
    "web1 ansible_host=127.0.0.11 ansible_port=2222",
    "web2 ansible_host=127.0.0.11 ansible_port=2223",
    "api1 ansible_host=127.0.0.21 ansible_port=2222",
    "api2 ansible_host=127.0.0.21 ansible_port=2222",
    "db1 ansible_host=127.0.0.22 ansible_port=2222",
    "db2 ansible_host=127.0.0.22 ansible_port=2222 ansible_user=app",
)

UNSENT = next(scenario for scenario in TRANSFER if scenario.name == "transfers-failed")

TRUTHS = (
    _run("three", "three sound hosts, every kind of task", THREE, (WEB1_LINE, WEB2_LINE, DB1_LINE), MANY, 5),
    _run(
        "small",
        "three hosts, one of which refuses; a loop, a task for another host, forged records",
        (WEB1, WEB2, DB1, replace(DB2, server="refuses")),
        (WEB1_LINE, WEB2_LINE, DB1_LINE, DB2_LINE),
        SHORT,
        5,
        versions=("2.13", "2.16", "2.17", "2.18", "2.19"),
        stamped=("2.13", "2.16", "2.17", "2.18", "2.19"),
    ),
    _run(
        "six",
        "six hosts, one of which refuses and one fails, every kind of task",
        (*SIX[:4], replace(DB2, server="refuses"), SIX[5]),
        SIX_LINES,
        MANY,
        5,
    ),
    _run(
        "names",
        "two names on one address and two ports, two on one address and port, two users at one address",
        (WEB1, Machine("web2", 11, 2223), DB1, DB2),
        TWO_NAMES,
        play("all", PING_TASK, COMMAND, LOOP, DELEGATE.format(name="web1"), FAILS, RAW),
        20,
    ),
    _run(
        "shared",
        "the same names, which do not wait for each other",
        (WEB1, Machine("web2", 11, 2223), DB1, DB2),
        TWO_NAMES,
        play("all", PING_TASK, LOOP, DELEGATE.format(name="web1"), RAW),
        20,
        environment={"ANSIBLE_STRATEGY": "host_pinned"},
        versions=("2.17", "2.19"),
    ),
    _run(
        "crowd",
        "ten names at five addresses, that leave a note in ~, greet two neighbours each and include tasks in a loop",
        SIX[:5],
        CROWD,
        play("all", PING_TASK, TO_HOME, ROUND, EACH),
        20,
        files={"greet.yml": '- name: Greet\n  ansible.builtin.command: echo "{{ item }}"\n'},
        versions=("2.17", "2.18", "2.19"),
    ),
    _run(
        "piped",
        "six sound hosts, all of which have something to do on one of them; transfers by dd, at -vvvvvv",
        SIX,
        SIX_LINES,
        play("all", PING_TASK, DELEGATE.format(name="db1")),
        5,
        environment={"ANSIBLE_SSH_TRANSFER_METHOD": "piped", "ANSIBLE_VERBOSITY": "2"},
        versions=("2.17", "2.19"),
    ),
    _run(
        "free",
        "six sound hosts that do not wait for each other, pipelining on",
        SIX,
        SIX_LINES,
        play("all", PING_TASK, COMMAND, COPY, LOOP, SCRIPT, FACTS, BECOME, strategy="free"),
        5,
        environment={"ANSIBLE_PIPELINING": "1"},
        versions=("2.18", "2.19"),
    ),
    _run(
        "scattered",
        "twenty sound hosts, two at one address, that do not wait for each other and all have something to do on one",
        FORTY[:19],
        (*FORTY_LINES[:19], "alias03 ansible_host=127.0.0.103"),
        play("all", PING_TASK, DELEGATE.format(name="node01"), COMMAND, strategy="free"),
        20,
        versions=("2.17", "2.19"),
    ),
    _run(
        "hang",
        "db1's module never ends, all others wait; the control node was killed then",
        SIX,
        SIX_LINES,
        play("all", PING_TASK, WAITS, vars="{stuck: [db1]}"),
        5,
        environment={"PYTHONUNBUFFERED": "1"},
        end_when=(r"TASK \[Vacuum\][\s\S]*changed: \[cache1\]", waiting("db1")),
    ),
    _run(
        "silent",
        "web2 and db1 accept and never speak, all others wait; the control node was killed then",
        (WEB1, replace(WEB2, server="silent"), WEB3, replace(DB1, server="silent"), DB2, SIX[5]),
        SIX_LINES,
        PING,
        5,
        environment=SILENT,
        end_when=(
            *done("web1", "web3", "db2", "cache1"),
            *(rf"Connecting to 127\.0\.0\.{n} [\s\S]*Local version string" for n in (12, 21)),
        ),
    ),
    _run(
        "stuck",
        "twelve hosts, six of which hang, each at another stage; the control node was killed then",
        tuple(replace(machine, **STUCK.get(machine.name, {})) for machine in FORTY[:12]),  # type: ignore[arg-type]
        FORTY_LINES[:12],
        play("all", WAITS, vars="{stuck: [node01]}"),
        20,
        environment=SILENT,
        end_when=(
            *done(*(machine.name for machine in FORTY[1:12] if machine.name not in STUCK)),
            waiting("node01"),
            r"Connecting to 127\.0\.0\.103 [\s\S]*Local version string",
            *(rf"\[{name}\]: @[\d./]+ stderr chunk[^\[]*?exec request accepted" for name in ("node11",)),
        ),
    ),
    _run(
        "forty",
        "forty hosts, twenty at a time; node07 refuses, one task fails on node11",
        tuple(replace(machine, server="refuses") if machine.name == "node07" else machine for machine in FORTY),
        FORTY_LINES,
        play("all", PING_TASK, FAILS.replace("web2", "node11")),
        20,
        environment=PATIENT,
    ),
    _run(
        "forty-hang",
        "forty hosts, twenty at a time; the modules of node05, node21 and node33 never end",
        FORTY,
        FORTY_LINES,
        play("all", WAITS, vars="{stuck: [node05, node21, node33]}"),
        20,
        environment={**PATIENT, "PYTHONUNBUFFERED": "1"},
        end_when=(
            *done(*(machine.name for machine in FORTY if machine.name not in ("node05", "node21", "node33"))),
            *map(waiting, ("node05", "node21", "node33")),
        ),
        versions=("2.19",),
    ),
    TruthRun(replace(UNSENT, name="unsent", versions=("2.18", "2.19"), end_when=()), len(UNSENT.machines), 20),
)
