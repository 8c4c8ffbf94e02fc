"""What an open command waits for, and how long that may take: `wait_of`, `limit_of`. `awaited_words` has the words.

The facts are ssh's own text (OpenSSH 7.0-10: sshconnect.c, kex.c, sshconnect2.c, mux.c, sftp-client.c) and the SSH
message numbers of RFC 4250, 4.1.2; where the log has neither, the stage alone tells. Pure: nothing but the model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from parsers.model import Command, Stage, StageRun, Tool
from parsers.ssh.transcript import Phase, Transcript

CONNECT_SECONDS = 15.0
"""Silence that a connection may have where its `SSH: EXEC` line has no ConnectTimeout."""


class Wait(StrEnum):
    """What kind of thing an open command waits for."""

    SSH = "ssh"
    """ssh's first word."""
    RESOLVE = "resolve"
    PROXY = "proxy"
    MASTER = "master"
    TCP = "tcp"
    BANNER = "banner"
    KEXINIT = "kexinit"
    KEX_REPLY = "kex-reply"
    HOSTKEY = "hostkey"
    SERVICE = "service"
    AUTH = "auth"
    CHANNEL = "channel"
    REQUEST = "request"
    PROMPT = "prompt"
    ESCALATION = "escalation"
    SFTP_START = "sftp-start"
    SFTP_ACK = "sftp-ack"
    SFTP_REPLY = "sftp-reply"
    """The reply to an sftp request that is no write."""
    DATA = "data"
    """scp or dd, which acknowledge nothing that shows."""
    ANSWER = "answer"
    """The output and the end of a small command of Ansible's own."""
    RESULT = "result"
    """The module's result: it runs."""
    CLOSE = "close"
    """The end of a command that has done its work."""


_LIMITS = {
    Wait.MASTER: 5.0,
    Wait.CHANNEL: 5.0,
    Wait.REQUEST: 5.0,
    # Ansible itself gives up 2 s after its own timeout of 10 s (plugins/connection/ssh.py, 2.13-2.19).
    Wait.PROMPT: 5.0,
    Wait.ESCALATION: 5.0,
    Wait.SFTP_START: 5.0,
    Wait.SFTP_ACK: 10.0,
    Wait.SFTP_REPLY: 10.0,
    # ssh says nothing of these while they work: only a long silence is one.
    Wait.DATA: 30.0,
    Wait.ANSWER: 5.0,
    Wait.CLOSE: 10.0,
    Wait.RESULT: inf,
}
_NO_NAME = "debug2: resolve_canonicalize: hostname "
_FXP = re.compile(r"(?:Sending|Sent message|Sent dest message) (?:(SSH2_FXP_[A-Z_]{1,20})|fd \d{1,9} T:(\d{1,3})\b)")
_FXP_NUMBERS = {
    "7": "SSH2_FXP_LSTAT",
    "9": "SSH2_FXP_SETSTAT",
    "10": "SSH2_FXP_FSETSTAT",
    "14": "SSH2_FXP_MKDIR",
    "16": "SSH2_FXP_REALPATH",
    "17": "SSH2_FXP_STAT",
}
_FXP_TALK = (
    "Remote version:",
    "Server supports",
    "Unrecognised server",
    "Sent message",
    "Received",
    "server ",
    "SSH2_FXP",
)
_SLOW_ANSWERS = {Stage.DISCOVERY: 10.0, Stage.PROBE: 10.0, Stage.TRANSFER: 30.0}


@dataclass(slots=True, frozen=True)
class Cause:
    """Why the wait may be endless, and what tells it from the others."""

    rule: str | None
    """The rule that explains it; None where no rule is about it."""
    tell: str


@dataclass(slots=True, frozen=True)
class Awaited:
    """What an open command waits for."""

    wait: Wait
    what: str
    whom: str
    causes: tuple[Cause, ...]
    commands: tuple[str, ...]
    """What to run next, ready to be pasted."""

    @property
    def sentence(self) -> str:
        """`waits for X from Y`."""
        return f"waits for {self.what} from {self.whom}"


def limit_of(stage: StageRun) -> float:
    """Seconds of silence after which an open stage of a live run is stalled; endless for a module at work."""
    command = stage.command
    if stage.stage is Stage.CONNECT and not (command is not None and _may_work_silently(command)):
        timeout = command.connect_timeout if command is not None else None
        return float(timeout) if timeout else CONNECT_SECONDS
    wait = wait_of(stage)
    if wait is Wait.ANSWER:
        return _SLOW_ANSWERS.get(stage.stage, _LIMITS[wait])
    return _LIMITS.get(wait, CONNECT_SECONDS)


def wait_of(stage: StageRun) -> Wait:
    """What kind of thing the open command of `stage` waits for."""
    command = stage.command
    if command is None:
        return Wait.RESULT if stage.stage is Stage.EXEC else Wait.ANSWER
    facts = command.transcript
    if command.tool is Tool.LOCAL:
        return Wait.RESULT if command.stage is Stage.EXEC else Wait.ANSWER
    if facts.exit_status is not None or (command.stage is Stage.EXEC and _has_result(command)):
        return Wait.CLOSE
    if not facts.session and (facts.last_debug is not None or facts.steps):
        return _of_connection(command)
    if not facts.session and stage.stage is Stage.CONNECT and not _may_work_silently(command):
        return Wait.SSH
    return _of_session(command)


def _may_work_silently(command: Command) -> bool:
    """Whether nothing tells a login from work: `raw` as a host's first command, and the log has no words of ssh.

    Without debug headers it has none before the command's end; from 2.19 on ssh speaks only where it is told to.
    """
    facts = command.transcript
    silent = facts.last_debug is None and not facts.steps and not facts.session
    return silent and command.stage is Stage.EXEC and (command.verbose is False or command.started is None)


def _of_connection(command: Command) -> Wait:
    facts = command.transcript
    last = facts.last_debug.text if facts.last_debug is not None else ""
    phase = facts.phase
    if phase is Phase.CHANNEL or facts.packets[-1:] == [("send", 90)]:
        return Wait.CHANNEL
    if facts.mux == "client" or (facts.mux == "trying" and phase in (None, Phase.RESOLVE)):
        return Wait.MASTER
    if phase is None or phase is Phase.RESOLVE:
        if "proxy" in last.lower() or facts.proxy:
            return Wait.PROXY
        if last.startswith(_NO_NAME) and last.endswith(" is address"):
            return Wait.MASTER if command.control_path else Wait.TCP  # there is no name to resolve
        return Wait.RESOLVE
    if phase is Phase.BANNER and facts.proxy:
        return Wait.PROXY
    if phase is Phase.KEX:
        return (
            Wait.KEXINIT if "SSH2_MSG_KEXINIT sent" in last or facts.packets[-1:] == [("send", 20)] else Wait.KEX_REPLY
        )
    if phase is Phase.AUTH:
        return Wait.SERVICE if facts.packets[-1:] == [("send", 5)] else Wait.AUTH
    return {Phase.TCP: Wait.TCP, Phase.BANNER: Wait.BANNER, Phase.HOSTKEY: Wait.HOSTKEY}[phase]


def _of_session(command: Command) -> Wait:
    facts = command.transcript
    if facts.mux is None and _unanswered(facts.packets):
        return Wait.REQUEST
    if command.become and not facts.escalated and command.started is not None:
        return Wait.PROMPT if _asks_password(command) and not facts.prompted else Wait.ESCALATION
    if command.tool is Tool.SFTP:
        if facts.sftp is not None and facts.sftp.acknowledged < facts.sftp.written:
            return Wait.SFTP_ACK
        return Wait.SFTP_REPLY if sftp_request(facts) is not None else Wait.SFTP_START
    if command.stage is Stage.TRANSFER:
        return Wait.DATA
    return Wait.RESULT if command.stage is Stage.EXEC else Wait.ANSWER


def sftp_request(facts: Transcript) -> str | None:
    """The sftp request that was sent last, such as `SSH2_FXP_CLOSE`; empty where the line does not tell it.

    None before the server has given its version (sftp-client.c, OpenSSH 7.0-10). It numbers some requests only, as
    draft-ietf-secsh-filexfer-02 does.
    """
    last = facts.last_debug.text.partition(": ")[2] if facts.last_debug is not None else ""
    if (named := _FXP.match(last)) is not None:
        return named[1] or _FXP_NUMBERS.get(named[2] or "", "")
    return "" if facts.sftp is not None or last.startswith(_FXP_TALK) else None


def _unanswered(packets: Sequence[tuple[str, int]]) -> bool:
    """Whether a channel request (98) was sent, and neither success (99) nor failure (100) nor output came behind it."""
    asked = max((at for at, packet in enumerate(packets) if packet == ("send", 98)), default=None)
    return asked is not None and not any(direction == "receive" for direction, _ in packets[asked:])


def _asks_password(command: Command) -> bool:
    # `sudo -p "[sudo via ansible, key=…] password:"`; other become plugins keep their program's own prompt.
    return " via ansible, key=" in command.text


def _has_result(command: Command) -> bool:
    """Whether the module's whole JSON has come; what a user's own command prints is no module's."""
    if command.tmp is None and command.sent_bytes is None:
        return False
    rows = [row for row in command.transcript.plain if not row.stderr and row.text.lstrip().startswith("{")]
    # A transcript cuts a line at 400 characters, and it holds whole lines only.
    return bool(rows) and (rows[-1].text.rstrip().endswith("}") or len(rows[-1].text) >= 400)
