"""The lines that begin with `<X> `, and what a command is for.

X is ansible_host, the address, except for interpreter discovery, which prints the inventory name. Each row names the
ansible-core versions whose wording it is.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from parsers.lines.grammar import text_of
from parsers.lines.ssh_options import login_options
from parsers.model import Command, Place, Stage, Tool

_ADDRESSED = re.compile(rb"<([^<>\n]{1,255})> (.*)", re.DOTALL)
_PUT = re.compile(rb"(PUT|FETCH) (.{1,1500}) TO (.{1,1500})", re.DOTALL)
_CENSORED = re.compile(rb"rc=(-?\d{1,10}), stdout and stderr censored due to no log")
_ESTABLISH = re.compile(rb"ESTABLISH (\S{1,40}(?: SSH)?) CONNECTION(?: FOR USER: (.{1,255}))?", re.DOTALL)
_PORT = re.compile(rb"-o '?Port=(\d{1,5})")
_USER = re.compile(rb"""-o '?User=(?:"([^"']{1,255})|([^"' ]{1,255}))""")
_CONTROL_PATH = re.compile(rb"-o (?:'?ControlPath=\"([^\"']{1,255})|ControlPath=([^\"'\s]{1,255}))")
_IDENTITY = re.compile(rb"-o '?IdentityFile=\"?([^\"']{1,600})")
_CONNECT_TIMEOUT = re.compile(rb"-o '?ConnectTimeout=(\d{1,6})")
_TTY = re.compile(rb" (?:-tt?|-o '?(?i:RequestTTY)[= ](?:yes|force)'?) ")
_PROXY = re.compile(
    rb"-o '(?i:Proxy(?:Command|Jump))[= ]\"?([^'\"]{1,400})"
    rb"|-o (?i:Proxy(?:Command|Jump))=([^\"'\s]{1,400})"
    rb"| -J '?([^'\s]{1,400})"
)
_INNER_QUOTE = b"'\"'\"'"


class Line(NamedTuple):
    """A line that begins with `<X> `."""

    who: str
    rest: bytes


class Established(NamedTuple):
    """`ESTABLISH SSH CONNECTION FOR USER: U` (2.0-2.19; not before sftp and scp), `ESTABLISH LOCAL …`.

    Other connection plugins say the same of themselves: PARAMIKO SSH, LIBSSH, WINRM, PSRP, DOCKER, kubectl.
    """

    kind: str
    user: str | None


class Executed(NamedTuple):
    """`SSH: EXEC ssh … 'CMD'` (2.0-2.19), or `EXEC CMD` of a local connection."""

    tool: Tool
    port: int | None
    user: str | None
    control_path: str | None
    text: str
    sshpass: bool
    ssh_verbose: bool
    password: bool | None = None
    """Whether ssh may use a password."""
    identity: str | None = None
    connect_timeout: int | None = None
    """Seconds."""
    tty: bool = False
    """`-t`, `-tt` or `RequestTTY`."""
    proxy: str | None = None
    """Of `ProxyCommand` or `ProxyJump`."""
    options: tuple[tuple[str, ...], ...] = ()
    """As `login_options`."""


class Put(NamedTuple):
    """`PUT L TO R` or `FETCH R TO L`."""

    fetch: bool
    source: str
    target: str


class Tupled(NamedTuple):
    """`(rc, b'…', b'…')` (2.3-2.19), undecoded; with no_log (2.6-2.19) only the rc."""

    raw: bytes
    censored_rc: int | None


class Discovering(NamedTuple):
    """`Attempting python interpreter discovery` (2.8-2.18; with a full stop in 2.19): X is the inventory name."""


class Retrying(NamedTuple):
    """`ssh_retry: attempt: N, …` and `RETRYING BECAUSE OF CONTROLPERSIST BROKEN PIPE` (2.3-2.19)."""


Event = Established | Executed | Put | Tupled | Discovering | Retrying


def split(body: bytes) -> Line | None:
    """`<X> rest`, None for another line."""
    match = _ADDRESSED.match(body)
    return Line(text_of(match.group(1)), match.group(2)) if match is not None else None


def event_of(rest: bytes) -> Event | None:
    """What stands behind `<X> `, None for a line that says nothing about a command."""
    first = rest[:1]
    if first == b"(":
        return Tupled(rest, None) if rest[1:2].isdigit() or rest[1:2] == b"-" else None
    if first == b"S" and rest.startswith(b"SSH: EXEC "):
        return _executed(rest[10:].rstrip(b"\r"))
    if first == b"E":
        if (match := _ESTABLISH.match(rest)) is not None:
            user = text_of(match.group(2) or b"None").rstrip("\r")
            return Established(text_of(match.group(1)), None if user == "None" else user)
        if rest.startswith(b"EXEC "):
            return Executed(
                Tool.LOCAL, None, None, None, text_of(rest[5:].rstrip(b"\r")), sshpass=False, ssh_verbose=False
            )
    if first in (b"P", b"F") and (match := _PUT.match(rest)) is not None:
        return Put(match.group(1) == b"FETCH", text_of(match.group(2)), text_of(match.group(3)).rstrip("\r"))
    if first == b"r" and (match := _CENSORED.match(rest)) is not None:
        return Tupled(rest, int(match.group(1)))
    if rest.startswith(b"Attempting python interpreter discovery"):
        return Discovering()
    if rest.startswith((b"ssh_retry: attempt: ", b"RETRYING BECAUSE OF CONTROLPERSIST BROKEN PIPE")):
        return Retrying()
    return None


def _executed(line: bytes) -> Executed | None:
    """`ssh -vvv -C -o … HOST 'CMD'`: the arguments were joined with shlex.quote around each."""
    sshpass = False
    if line.startswith(b"sshpass "):
        sshpass = True
        line = line.partition(b" ")[2]
        while line[:1] == b"-" or line[:2] == b"'-":
            line = line.partition(b" ")[2]
    program = line[:400].partition(b" ")[0].strip(b"'").rsplit(b"/", 1)[-1]
    tool = Tool.SFTP if program.startswith(b"sftp") else Tool.SCP if program.startswith(b"scp") else Tool.SSH
    # Options only: the remote command may hold an ssh, or anything, of its own.
    head = line[: min(_last_start(line), 4000)]
    if b" -O stop" in head or b" -O check" in head:
        return None  # reset_connection: a control command of the master, no work on the host
    port = _PORT.search(head)
    user = _USER.search(head)
    control_path = _CONTROL_PATH.search(head)
    identity = _IDENTITY.search(head)
    proxy = _PROXY.search(head)
    timeout = _CONNECT_TIMEOUT.search(head)
    return Executed(
        tool,
        int(port.group(1)) if port is not None else None,
        text_of(user.group(1) or user.group(2)) if user is not None else None,
        text_of(control_path.group(1) or control_path.group(2)) if control_path is not None else None,
        last_argument(line),
        sshpass,
        b" -v" in head,
        sshpass or b"PasswordAuthentication=no" not in head,
        text_of(identity.group(1)) if identity is not None else None,
        int(timeout.group(1)) if timeout is not None else None,
        _TTY.search(head) is not None,
        text_of(next(part for part in proxy.groups() if part is not None)) if proxy is not None else None,
        login_options(head, tool.value),
    )


def last_argument(line: bytes) -> str:
    """The last argument of a command line whose arguments were quoted by shlex.quote, unquoted.

    A command of several lines ends on a later line; what stands on this one is given.
    """
    argument = line[_last_start(line) :].replace(_INNER_QUOTE, b"\x00")
    if argument[:1] == b"'":
        argument = argument[1:-1] if argument[1:].endswith(b"'") else argument[1:]
    return text_of(argument.replace(b"\x00", b"'"))


def _last_start(line: bytes) -> int:
    """Where the last argument begins, its opening quote included."""
    folded = line.replace(_INNER_QUOTE, b"\x00" * len(_INNER_QUOTE))
    whole = folded.count(b"'") % 2 == 0
    # A whole argument's last quote closes it, whatever stands before that quote.
    start = folded.rfind(b" '", 0, len(folded) - 1 if whole else len(folded))
    if start >= 0 and (folded.endswith(b"'") or not whole):
        return start + 1
    return folded.rfind(b" ") + 1


# ---------------------------------------------------------------------------------------------------------------
# What one command is for.

_TMP = re.compile(r"ansible-tmp-[0-9.]{1,30}-(?:(\d{1,10})-)?\d{1,20}")
_BECOME = re.compile(r"echo BECOME-SUCCESS-[a-z]{32} ?; ")  # the blank is there from 2.8 on
# What Ansible runs a command with: /bin/sh, or what ansible_shell_executable (`executable` in ansible.cfg) names.
_SHELL = re.compile(r"/?(?:[\w.+-]{1,80}/){0,12}[\w.+-]{0,20}sh -c '")
# `dd of=PATH bs=65536` puts, `dd if=PATH bs=65536` fetches (plugins/connection/ssh.py); a user's own dd is work.
_PIPED = re.compile(r"dd (?:of|if)=.{1,1900} bs=65536", re.DOTALL)


class Purpose(NamedTuple):
    """A command's stage, as its text tells."""

    stage: Stage
    method: str | None
    tmp: str | None
    worker: int | None
    """The worker's pid, which Ansible puts into the temporary directory's name (2.7-2.19)."""
    become: bool
    stdin_python: bool
    """An interpreter that reads its program from standard input: a probe or a pipelined module."""


def purpose(tool: Tool, text: str) -> Purpose:
    """What a command is for, from its text (the wordings of 2.0-2.19, oldest first)."""
    found = _TMP.search(text)
    tmp = found.group() if found is not None else None
    worker = int(found.group(1)) if found is not None and found.group(1) else None
    become = _BECOME.search(text) is not None
    if tool in (Tool.SFTP, Tool.SCP):
        return Purpose(Stage.TRANSFER, tool.value, tmp, worker, False, False)
    inner = text
    if become:
        inner = text[_BECOME.search(text).end() :]  # type: ignore[union-attr]
    elif (shell := _SHELL.match(text)) is not None:
        inner = text[shell.end() :]
    stage, method = _stage(inner, tmp)
    stdin_python = stage is Stage.EXEC and tmp is None and _is_interpreter(inner)
    return Purpose(stage, method, tmp, worker, become, stdin_python)


def _is_interpreter(inner: str) -> bool:
    word, _, rest = inner.lstrip().partition(" ")
    return "python" in word.rsplit("/", 1)[-1] and rest.lstrip().startswith(("&& sleep 0", "'"))


def _stage(inner: str, tmp: str | None) -> tuple[Stage, str | None]:
    # The working directory is asked for where `echo ~` told no home (2.4-2.19, `_remote_expand_user`).
    if inner.startswith(("echo ~", 'echo "`pwd`"')):
        return Stage.HOME, None
    if "umask 77 &&" in inner[:40] or "umask 22 &&" in inner[:40]:
        return Stage.TMPDIR, None
    if inner.startswith(("echo PLATFORM; uname; echo FOUND", "echo FOUND; ")):
        return Stage.DISCOVERY, None
    if inner.startswith(("dd of=", "dd if=")) and _PIPED.fullmatch(inner) is not None:
        return Stage.TRANSFER, "piped"
    if inner.startswith("chmod u+") or (
        inner.startswith(("chmod ", "setfacl ", "chown ", "chgrp ")) and (tmp is not None or "ansible" in inner[:600])
    ):
        return Stage.CHMOD, None
    if inner.startswith("rm -f -r ") and "ansible" in inner[:600]:
        return Stage.CLEANUP, None
    return Stage.EXEC, None


class Floating(NamedTuple):
    """A `SSH: EXEC` line whose worker is not known yet."""

    address: str
    event: Executed
    place: Place


def same(command: Command, event: Executed) -> bool:
    """Whether an announced command can be the one of an `EXEC` line (either may be cut at a line feed)."""
    return command.text == event.text or command.text.startswith(event.text) or event.text.startswith(command.text)
