"""The values of this very run (host, user, port, paths), written so that they can be pasted or read."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from itertools import pairwise

from parsers.findings import Case
from parsers.model import Command, Run, Tool

_LONGEST = 400
"""A value above this is no host, user or path that a person would paste."""

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})", re.ASCII)


def quote(value: str, instead: str = "VALUE") -> str:
    """`value` as one word of a shell command; `instead` where there is none that could be pasted.

    What a terminal would act on while it is pasted (a line feed, ESC, a bidirectional control) is written as an
    escape in `$'…'`, as bash and zsh read it.
    """
    if not value or len(value) > _LONGEST:
        return instead
    if value.isprintable():
        return shlex.quote(value)
    parts = []
    for character in value:
        if character in "'\\":
            parts.append("\\" + character)
        elif character.isprintable():
            parts.append(character)
        else:
            parts.extend(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))
    return f"$'{''.join(parts)}'"


def shown(value: str, limit: int = 160) -> str:
    """`value` for a sentence: cut, never quoted."""
    return value if len(value) <= limit else value[: limit - 1] + "…"


def core_version(run: Run) -> tuple[int, int] | None:
    """Major and minor version of ansible-core, where the log tells it (from -vv on)."""
    found = _VERSION.match(run.ansible_version or "")
    return (int(found[1]), int(found[2])) if found is not None else None


def endpoint(host: str, port: int | None) -> str:
    """`192.0.2.7:22`, `[2001:db8::7]:22`, or the host alone."""
    if port is None:
        return shown(host)
    return f"[{shown(host)}]:{port}" if ":" in host else f"{shown(host)}:{port}"


@dataclass(slots=True, frozen=True)
class Target:
    """Where ssh was sent: what the inventory calls it, and what ssh was given."""

    name: str
    host: str
    """Address or name that ssh connects to; empty where the log does not tell it."""
    port: int | None = None
    user: str | None = None
    options: tuple[tuple[str, ...], ...] = ()
    """As a command's: its key, its way through a jump host."""
    control_path: str | None = None
    local: bool = False
    """Whether it is the control node itself, without ssh."""

    @property
    def at(self) -> str:
        """Address and port, for a sentence."""
        return endpoint(self.host, self.port)

    @property
    def login(self) -> str:
        """`deploy@192.0.2.7:22`, for a sentence."""
        return f"{shown(self.user)}@{self.at}" if self.user else self.at

    @property
    def word(self) -> str:
        """`deploy@192.0.2.7` as the last words of ssh's own options."""
        bare = f"{self.user}@{self.host}" if self.user else self.host
        return f"-- {quote(bare, 'HOST')}" if bare.startswith("-") else quote(bare, "HOST")

    @property
    def known_as(self) -> str:
        """The name in known_hosts: `[192.0.2.7]:2222` on a port that is not 22."""
        return self.host if self.port in (None, 22) else f"[{self.host}]:{self.port}"

    def ssh(self, remote: str = "", *options: str) -> str:
        """A command that logs in as Ansible did; `remote` is what runs there, `options` go before the host.

        On a local connection `remote` alone.
        """
        if self.local and remote:
            return remote
        # ssh takes the first value that it is given, so what the caller asks for wins.
        own = self._own(without="-i" if "-i" in options else None)
        given = list(pairwise(options))
        again = {index for index, pair in enumerate(pairwise(own)) if pair[0] == "-o" and pair in given}
        own = [word for index, word in enumerate(own) if index not in again and index - 1 not in again]
        words = ["ssh", *options, *own]
        if self.port is not None:
            words += ["-p", str(self.port)]
        words.append(self.word)
        if remote:
            words.append(shlex.quote(remote))
        return " ".join(words)

    def common_args(self, arguments: str) -> str:
        """The setting that gives ssh, sftp and scp `arguments`, and leaves the way through a jump host in it."""
        ways = (way for way in self.options if way[0] == "-J" or way[-1].lower().startswith("proxy"))
        words = [quote(word) for way in ways for word in way]
        return f"ansible_ssh_common_args={quote(' '.join([*words, arguments]))}"

    def sftp(self) -> str:
        """A command that opens an sftp session as Ansible did."""
        port = ["-P", str(self.port)] if self.port else []
        return " ".join(["sftp", *self._own(), *port, self.word])

    def copy_id(self, key: str | None) -> str:
        """A command that gives the account a public key."""
        # ssh-copy-id knows -i, -p, -F and -o alone.
        ways = (("-o", f"ProxyJump={way[1]}") if way[0] == "-J" else way for way in self.options)
        words = [quote(word) for way in ways if way[0] in ("-F", "-o") for word in way]
        words += ["-i", quote(key)] if key else []
        words += ["-p", str(self.port)] if self.port else []
        return " ".join(["ssh-copy-id", *words, self.word])

    def end_master(self) -> str:
        """A command that ends the shared connection."""
        return self.ssh("", "-O", "exit", "-o", f"ControlPath={quote(self.control_path or '', '~/.ansible/cp/NAME')}")

    def _own(self, without: str | None = None) -> list[str]:
        return [quote(word) for option in self.options if option[0] != without for word in option]


def target(case: Case, *, host: str | None = None, port: int | None = None, command: Command | None = None) -> Target:
    """Where the case's command (or `command`) went; `host` and `port` as ssh's own line names them win."""
    command, owner = command or case.command, case.host
    there = _delegate(case) if command is None else None
    if there is not None:
        return Target(there, host or there, port, local=host is None and there in ("localhost", "127.0.0.1", "::1"))
    name = owner.name if owner is not None else ""
    transcript = command.transcript if command is not None else None
    own_port = (
        (command.port if command is not None else None)
        or (owner.port if owner is not None else None)
        or (transcript.connected_port if transcript is not None else None)
    )
    return Target(
        name=name,
        host=host or (command.address if command is not None else None) or address(case),
        port=port or own_port,
        user=(command.user if command is not None else None) or (owner.user if owner is not None else None),
        options=command.options if command is not None else (),
        control_path=command.control_path if command is not None else None,
        local=command.tool is Tool.LOCAL if command is not None else owner is not None and owner.connection == "local",
    )


def _delegate(case: Case) -> str | None:
    """Where the case's task was done, if it was another host's: below -vvv no command shows it."""
    if case.command is not None or case.task is None or case.stage is None or case.stage.command is not None:
        return None
    return case.task.delegate if not case.task.commands else None


def address(case: Case) -> str:
    """What ssh was given as the host: the `<X>` of the command, the host's address, or its name."""
    if case.command is not None and case.command.address:
        return case.command.address
    if (there := _delegate(case)) is not None:
        return there
    if case.host is None:
        return ""
    return case.host.address or case.host.name


def key_path(key: str) -> str | None:
    """The file of a key as ssh's debug text names it (`/home/deploy/.ssh/id_ed25519 ED25519 SHA256:… agent`)."""
    head = key.strip().strip('"')
    for kind in (" ED25519", " RSA", " ECDSA", " DSA", " ssh-"):
        head = head.partition(kind)[0]
    return head if head.startswith(("/", "~")) else None
