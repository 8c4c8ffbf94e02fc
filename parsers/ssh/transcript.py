"""What one ssh, sftp or scp process and the remote side said, decoded: `Transcript`.

It is fed line by line, from attributed chunks or from the command's final tuple, and keeps facts, never the text:
the phases of the connection with their times, algorithms, authentication methods, the mux role, the bytes that
sftp wrote and had acknowledged, and the *plain* lines (those without `debugN:`), of which a failure's words are part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

_COLOURS = re.compile(r"\x1b\[[0-9;]{0,20}m")


def without_colours(text: str) -> str:
    """`text` as its words are: Python 3.13 and later colours a traceback on a terminal, which `-tt` is."""
    return _COLOURS.sub("", text) if "\x1b" in text else text


WENT_ON = ("mux_client_request_session: session request failed: ", "ControlSocket ")
"""Beginnings of what ssh says where it makes a connection of its own beside the shared one, and goes on (mux.c)."""

USUAL = (
    *WENT_ON,
    "OpenSSH_",
    "Shared connection to ",
    "Connection to ",
    "Pseudo-terminal will not be allocated",
    "Transferred: sent ",
    "Bytes per second: sent ",
)
"""What ssh says of a session that went well, too."""


_BEHIND_JUMP = (
    "Connection closed by UNKNOWN port 65535",
    "Connection reset by UNKNOWN port 65535",
    # The proxy was gone before ssh's own greeting went out; which of the two comes is a race.
    "banner exchange: Connection to UNKNOWN port 65535: Broken pipe",
)
_FORWARDING = (": open failed: ", "stdio forwarding failed")
_NO_REASON = ("kex_exchange_identification: ", "ssh_exchange_identification: ", "banner exchange: ", "Warning: ")


def telling(said: Sequence[str]) -> str:
    """Of ssh's own lines on a connection that failed the one that says why: its last, which comes when it gives up.

    Behind a jump host the last two say no more than that the way is gone, and the jump host's ssh spoke before them.
    """
    said = _own(said)
    last = said[-1] if said else ""
    if not last.startswith(_BEHIND_JUMP):
        return last
    for words in _FORWARDING:
        found = next((line for line in said if words in line), None)
        if found is not None:
            return found
    return next((line for line in reversed(said) if not line.startswith((*_BEHIND_JUMP, *_NO_REASON, *USUAL))), last)


def way_broke(said: Sequence[str]) -> bool:
    """Whether ssh's last line is on a proxy (a jump host's ssh, most often) that ended: it never heard of the host."""
    return bool(own := _own(said)) and own[-1].startswith(_BEHIND_JUMP)


def _own(said: Sequence[str]) -> Sequence[str]:
    """Without what a jump host's ssh says behind the last word of the ssh that it served, which ends it."""
    return [line for line in said if not line.startswith("Killed by signal ")]


def forwarding_refused(line: str) -> bool:
    """Whether it is a jump host's refusal to pass the connection on."""
    return any(words in line for words in _FORWARDING)


class Phase(StrEnum):
    """ssh's own work, in order (contract: `phase`)."""

    RESOLVE = "resolve"
    TCP = "tcp"
    BANNER = "banner"
    KEX = "kex"
    HOSTKEY = "hostkey"
    AUTH = "auth"
    CHANNEL = "channel"


class Line(NamedTuple):
    """A line of output, and where the log holds it."""

    offset: int
    line: int
    text: str
    """Cut at 400 characters, without colours. Raw: pass it through `showable` before it reaches a terminal."""
    stderr: bool


@dataclass(slots=True)
class PhaseStep:
    """One phase that ssh's text shows as begun."""

    phase: Phase
    line: int
    started: float | None = None
    ended: float | None = None
    done: bool = False


@dataclass(slots=True)
class SftpProgress:
    """Bytes of one PUT: SSH_FXP_WRITE sent and acknowledged (draft-ietf-secsh-filexfer-02)."""

    written: int = 0
    acknowledged: int = 0
    total: int | None = None
    """Known once the last write was sent (SSH_FXP_CLOSE, or a write below the usual size)."""
    path: str | None = None
    size: int = 0
    """Bytes of the largest write, which is the usual one."""


@dataclass(slots=True)
class Transcript:
    """The facts of one command's output."""

    steps: list[PhaseStep] = field(default_factory=list)
    plain: list[Line] = field(default_factory=list)
    """Lines without `debugN:`, the first 40 and then the last 20, stdout's and stderr's in order."""
    client: str | None = None
    """`OpenSSH_9.2p1 …` of the control node."""
    server: str | None = None
    """The managed node's software, from `remote software version`."""
    target: str | None = None
    """The host that ssh was told to reach, as its own text names it."""
    connected: str | None = None
    """ADDRESS of the TCP connection."""
    connected_port: int | None = None
    mux: str | None = None
    """`client` of an existing master, `master` of a new one, None without ControlMaster text."""
    kex: dict[str, str] = field(default_factory=dict)
    """Chosen: algorithm, host key algorithm, cipher and MAC of both directions."""
    kex_offered: dict[str, str] = field(default_factory=dict)
    """The peer's proposal, by ssh's own labels (`KEX algorithms`, `host key algorithms`, …)."""
    host_key: str | None = None
    """`ssh-ed25519 SHA256:…` of the server."""
    auth_offered: list[str] = field(default_factory=list)
    """Methods that the server said can continue, the newest list."""
    auth_tried: list[str] = field(default_factory=list)
    auth_method: str | None = None
    """The method that worked."""
    keys_offered: list[str] = field(default_factory=list)
    keys_accepted: list[str] = field(default_factory=list)
    no_signature: Line | None = None
    """`send_pubkey_test: no mutual signature algorithm`: an RSA key that could sign with SHA-1 only (7.2-10); or
    `Skipping ssh-rsa key K - corresponding algo not in PubkeyAcceptedAlgorithms` (7.0-10)."""
    session: bool = False
    """A session exists: authenticated and the channel confirmed, or a mux session granted."""
    proxy: Line | None = None
    """`Executing proxy command: exec …`, where a ProxyCommand (or ProxyJump) makes the connection."""
    relayed: bool = False
    """A jump host's ssh, whose debug text stands in here as well, has passed the connection on: the host was reached,
    and what came before (phases, keys, algorithms) was about the jump host and is forgotten."""
    prompted: bool = False
    """Whether the become prompt that Ansible looks for came (`[sudo via ansible, key=…] password:`)."""
    escalated: bool = False
    """Whether the privilege escalation said that it succeeded (`BECOME-SUCCESS-…`)."""
    denied_request: Line | None = None
    """`receive packet: type 100` as the last answer behind `Sending command: …`: sshd refused to start it."""
    exit_signal: Line | None = None
    """`rtype exit-signal`: a signal ended the remote command; ssh's own rc is then 255."""
    exit_status: int | None = None
    """From `rtype exit-status` or `Received exit status from master`."""
    sftp: SftpProgress | None = None
    greeting: Line | None = None
    """`kex_exchange_identification: banner line 0: …`: the first line that the server sent and that is no version."""
    last_debug: Line | None = None
    """The newest `debugN:` line: what ssh was at when it fell silent."""
    opening: Line | None = None
    """The newest `debug3: send packet: type 90`: a channel was asked for."""
    packets: list[tuple[str, int]] = field(default_factory=list)
    """The last 8 SSH messages, ("send" | "receive", number), from `debug3: send packet: type 90`."""

    def step(self, phase: Phase) -> PhaseStep | None:
        """The step of `phase`, if ssh's text shows that it began."""
        for step in self.steps:
            if step.phase is phase:
                return step
        return None

    def relay(self, line: int, time: float | None) -> None:
        """The channel through a jump host is there: ssh's own work with the host itself begins at its greeting."""
        started = self.steps[0] if self.steps else PhaseStep(Phase.TCP, line, time)
        self.steps = [
            PhaseStep(Phase.TCP, started.line, started.started, time, done=True),
            PhaseStep(Phase.BANNER, line, time),
        ]
        self.relayed = True
        self.kex, self.kex_offered = {}, {}
        self.auth_offered, self.auth_tried, self.keys_offered, self.keys_accepted = [], [], [], []
        self.packets = []
        self.server = self.host_key = self.auth_method = self.no_signature = self.greeting = self.opening = None

    @property
    def last_words(self) -> Line | None:
        """The last plain line that is not what ssh says of every session."""
        return next((row for row in reversed(self.plain) if row.text.strip() and not row.text.startswith(USUAL)), None)

    @property
    def phase(self) -> Phase | None:
        """The phase that ssh reached last."""
        return self.steps[-1].phase if self.steps else None
