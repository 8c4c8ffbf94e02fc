"""What a scenario is: machines, an inventory, a playbook, and what the log must be found to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypedDict, Unpack

from tests.lab.servers import SshdOptions

Kind = Literal["debug", "vvvv", "vvv", "v", "plain", "log"]
"""debug: ANSIBLE_DEBUG=1 and -vvvv · vvvv, vvv, v: that alone · plain: no -v · log: the runs' ANSIBLE_LOG_PATH file"""

PORT = 2222
USERS = {"ops": 2001, "deploy": 2002, "app": 2003}
"""ops runs Ansible on control1; deploy and app are the users it logs in as."""

Server = Literal["sshd", "silent", "resets", "closes", "refuses", "full", "http", "swallows", "unanswered"]


@dataclass(frozen=True, slots=True)
class Machine:
    """One address and port with something behind it, sound unless said otherwise."""

    name: str
    """Its own host name."""
    last: int
    """Its address is 127.0.0.`last`."""
    port: int = PORT
    server: Server = "sshd"
    options: SshdOptions = field(default_factory=SshdOptions)
    setup: str = ""
    """Shell lines that root runs in the machine's own mount namespace before sshd starts."""
    known: Literal["right", "absent", "changed"] = "right"
    """What the control node's known_hosts says of it."""
    sudo: Literal["nopasswd", "password"] = "nopasswd"
    keep_log: bool = False
    """Whether sshd's own log is kept beside the sample."""

    @property
    def address(self) -> str:
        return f"127.0.0.{self.last}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a host ends, in the contract's words."""

    status: str
    failed_stage: str | None = None
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    about: str
    machines: tuple[Machine, ...]
    inventory: str
    playbooks: tuple[tuple[str, str], ...]
    """File name and text; each is a run of its own, one after the other."""
    expected: Mapping[str, Outcome]
    findings: tuple[tuple[str | None, str], ...] = ()
    """The rules that must be found, by host (None: the run itself)."""
    allowed: tuple[tuple[str | None, str], ...] = ()
    """Rules that are true of the log as well, and may be found beside the cause."""
    versions: tuple[str, ...] = ("2.16", "2.19")
    kind: Kind = "debug"
    run_status: str = "ok"
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    """More files of the control node's project folder."""
    key_mode: int = 0o600
    """The mode of ~/.ssh/other_key, a second copy of the accepted key."""
    control: str = ""
    """Shell lines that root runs on the control node, in the project folder, before Ansible starts."""
    command: tuple[str, ...] = ("{bin}/ansible-playbook", "-i", "inventory.ini")
    """What is run, up to the playbook; {bin} is where the version's programs are."""
    end_when: tuple[str, ...] = ()
    """Kill the control node once each of these expressions is found in the output."""
    filters: tuple[str, ...] = ()
    """What was done to the captured bytes afterwards; see filters.py."""


def inventory(*lines: str) -> str:
    """An INI inventory; every host logs in as deploy, on the lab's port, unless its line says otherwise."""
    return "\n".join([*lines, "", "[all:vars]", "ansible_user=deploy", f"ansible_port={PORT}", ""])


def ok(*names: str) -> dict[str, Outcome]:
    return {name: Outcome("ok") for name in names}


def play(hosts: str, *tasks: str, **keywords: str) -> str:
    """One play with facts off; each task is YAML without its leading dash."""
    lines = [f"- name: Play on {hosts}", f"  hosts: {hosts}", "  gather_facts: false"]
    lines += [f"  {name}: {value}" for name, value in keywords.items()]
    lines.append("  tasks:")
    for task in tasks:
        first, *rest = task.strip("\n").split("\n")
        lines.append(f"    - {first}")
        lines += [f"      {line}" for line in rest]
    return "\n".join(lines) + "\n"


PING = play("all", "name: Ping\nansible.builtin.ping:")
WEB1, WEB2, WEB3 = Machine("web1", 11), Machine("web2", 12), Machine("web3", 13)
DB1, DB2 = Machine("db1", 21), Machine("db2", 22)
THREE = (WEB1, WEB2, DB1)
WEB1_LINE, WEB2_LINE, WEB3_LINE = (f"web{n} ansible_host=127.0.0.1{n}" for n in (1, 2, 3))
DB1_LINE, DB2_LINE = (f"db{n} ansible_host=127.0.0.2{n}" for n in (1, 2))


def each(tasks: Mapping[str, str]) -> str:
    """One play on all hosts: a ping, then for each host a task of its own."""
    return play(
        "all",
        "name: Ping\nansible.builtin.ping:",
        *(f"{t}\nwhen: inventory_hostname == '{h}'" for h, t in tasks.items()),
    )


class More(TypedDict, total=False):
    """What else a scenario can say; see `Scenario`."""

    versions: tuple[str, ...]
    kind: Kind
    run_status: str
    environment: Mapping[str, str]
    arguments: tuple[str, ...]
    files: Mapping[str, str]
    control: str
    command: tuple[str, ...]
    end_when: tuple[str, ...]
    filters: tuple[str, ...]


class Broken(NamedTuple):
    """A machine with something wrong, and what must be said of it."""

    machine: Machine
    outcome: Outcome
    rule: str | None
    words: str = ""
    """More words of its inventory line."""
    allowed: tuple[str, ...] = ()


def line(machine: Machine, words: str = "") -> str:
    """Its line of an inventory."""
    return f"{machine.name} ansible_host={machine.address} {words}".rstrip()


def family(
    name: str, about: str, *broken: Broken, playbook: str = PING, beside: tuple[Machine, ...] = (), **more: Unpack[More]
) -> Scenario:
    """One run over web1, which is sound, and machines with one thing wrong each; those `beside` are no hosts of it."""
    more.setdefault("run_status", "failed")
    more.setdefault("filters", ("gz",))
    return Scenario(
        name,
        about,
        (WEB1, *(b.machine for b in broken), *beside),
        inventory(WEB1_LINE, *(line(b.machine, b.words) for b in broken)),
        (("site.yml", playbook),),
        {**ok("web1"), **{b.machine.name: b.outcome for b in broken}},
        tuple((b.machine.name, b.rule) for b in broken if b.rule is not None),
        allowed=tuple((b.machine.name, rule) for b in broken for rule in b.allowed),
        **more,
    )
