"""Which connection a line of sshd belongs to: by its process, or, where no process is named, by order."""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import NamedTuple

from parsers.sshd.dialogue import DialogueReader
from parsers.sshd.login import LoginReader
from parsers.sshd.model import Connection, Level, Said, SshdLog

_PEER = re.compile(
    rb"(?:\A| )(\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:.]{2,45}(?:%[\w.\-]{1,16})?|UNKNOWN) port (\d{1,5})\b"
)
_CHILD = re.compile(rb"(?:User|Network) child is on pid (\d{1,10})")
# Up to 6.9 it names no port: the first login from there whose second process has not spoken yet.
_OLD_GOODBYE = re.compile(rb"Received disconnect from ([0-9a-fA-F:.]{2,45}): \d{1,4}: ")
_WORKER = re.compile(rb"session_by_pid: pid (\d{1,10})")
_LISTENER = (
    b"Server listening on ",
    b"Received signal ",
    b"Received SIGHUP",
    b"Forked child ",
    b"drop connection #",
    b"beginning MaxStartups throttling",
    b"exited MaxStartups throttling",
    b"Bind to port ",
    b"send_rexec_state",
    b"ssh_msg_send: ",
    b"srclimit_",
    b"child_",
    b"server_accept_loop",
    b"main_sigchld_handler",
    b"Set /proc/self/oom_score_adj",
    b"oom_adjust_",
    b"private host key",
    b"Could not load host key",
    b"Unable to load host key",
    b"sshd version ",
    b"rexec_argv",
    b"pack_config",
    b"penalty: ",
    b"Timeout before authentication for connection",
)
"""Beginnings of what the listening process says (sshd.c, srclimit.c)."""
_EARLY = (
    b"rexec start in ",
    b"rexec ",
    b"inetd sockets after dupping",
    b"network sockets: ",
    b"fd ",
    b"set_sock_tos",
    b"process_channel_timeouts",
    b"server_process_channel_timeouts",
    b"channel_clear_timeouts",
    b"recv_rexec_state",
    b"sshd-session version ",
    b"sshd-auth version ",
    b"res_init()",
)
"""What a connection's process says before `Connection from` (rexec); the first four stand nowhere else."""

_ANEW = (b"Accepted ", b"Postponed ", b"Failed ", b"Invalid user ", b"User ")
"""Beginnings of lines on a login, none of which follows the end of a connection."""

_TOLD = (
    b"no more sessions",
    b"session open failed",
    b"server_input_channel_open: failure",
    b"subsystem: cannot stat",
    b"userauth_pubkey: ",
    b"Could not open ",
    b"restore_uid",
    b"PAM: ",
    b"do_pam_",
    b"Forced command ",
    b"account ",
    b"Account ",
    b"Password ",
)
"""Debug lines that are kept with a connection: they name causes that no other line does."""
_QUIET = (b"userauth_pubkey: authenticated", b"userauth_pubkey: valid user", b"restore_uid", b"account expiration d")

_HEAD, _TAIL = 60, 40
_WAITING = 64
"""Lines of a process whose connection is not told yet that are held back."""
_PROCESSES = 20_000
"""Processes that are remembered: pids are used again, and a year's log has many."""

_Key = tuple[str | None, int]
_Peer = tuple[str | None, str, int]
"""Node, client's address and port: of one connection at a time."""


class Spoken(NamedTuple):
    """One line without what stands before it."""

    text: bytes
    """Without its level."""
    level: Level
    said: Said
    preauth: bool
    """Whether it ended with `[preauth]`: from the process that does the login."""
    repeated: int
    host: str | None


class _Reader:
    """One connection and what reads its lines."""

    __slots__ = ("child", "connection", "dialogue", "login", "workers")

    def __init__(self, connection: Connection, log: SshdLog) -> None:
        self.connection = connection
        self.login = LoginReader(connection)
        self.dialogue = DialogueReader(connection, log.messages)
        self.child = False
        """Whether the process of the logged-in user is known (privilege separation)."""
        self.workers: set[int] = set()
        """Processes that ran a command: they say little, and are none of the connection's own."""

    @property
    def childless(self) -> bool:
        """Logged in, with no line of the user's child yet."""
        one = self.connection
        return not self.child and one.accepted is not None and one.end is None and not one.channels

    def line(self, line: Spoken) -> None:
        text, level, said = line.text, line.level, line.said
        one = self.connection
        if said.place.line > one.last_line:  # what was held back comes late
            one.last = said
            one.last_line = said.place.line
        if said.pid is not None and said.pid not in one.pids and len(one.pids) < 8 and said.pid not in self.workers:
            one.pids.append(said.pid)
        if level is not Level.DEBUG or (text.startswith(_TOLD) and not text.startswith(_QUIET)):
            _keep(one.lines, said, _HEAD, _TAIL)
        self.login.line(text, level, said, line.repeated, preauth=line.preauth)
        self.dialogue.line(text, said.place, said.time, preauth=line.preauth)


class Router:
    """Gives each line to its connection, and makes the connections of `log`."""

    def __init__(self, log: SshdLog) -> None:
        self.log = log
        self._by_pid: OrderedDict[_Key, _Reader] = OrderedDict()
        self._listeners: set[_Key] = set()
        self._waiting: OrderedDict[_Key, list[Spoken]] = OrderedDict()
        self._childless: list[_Reader] = []
        self._peers: OrderedDict[_Peer, _Reader] = OrderedDict()
        self._current: _Reader | None = None

    def line(self, line: Spoken) -> None:
        """Takes the next line."""
        if line.said.pid is None:
            self._by_order(line)
        else:
            self._by_process((line.host, line.said.pid), line)

    def finish(self) -> None:
        """The input is over: what was held back belongs to connections whose beginning the log does not hold."""
        for key in list(self._waiting):
            self._drop(key)

    def _by_process(self, key: _Key, line: Spoken) -> None:
        text, level = line.text, line.level
        if text.startswith(b"Connection from "):
            self._listeners.discard(key)
            self._give(self._start(line, key), line)
            return
        if key in self._listeners or text.startswith(_LISTENER[:6]):
            self._listeners.add(key)
            self._listened(line)
            return
        reader = self._by_pid.get(key)
        peer = _peer(text) if level is not Level.DEBUG else None
        if reader is not None:
            mine = (reader.connection.address, reader.connection.port)
            if peer is None or mine[0] is None or mine == peer or reader.connection.end is None:
                self._give(reader, line)
                return
            reader = None  # the pid is used again
        if peer is not None and (known := self._known(key[0], peer, text)) is not None:
            known.child = True
            self._release(key, known)
            self._give(known, line)
            return
        if peer is None and text.startswith((*_LISTENER, *_EARLY)):
            self._listened(line)
            return
        self._childless = [one for one in self._childless if one.childless]
        if (match := _OLD_GOODBYE.match(text)) is not None:
            address = match.group(1).decode("ascii", "replace")
            fitting = (
                one for one in self._childless if (one.connection.host, one.connection.address) == (key[0], address)
            )
            if (found := next(fitting, None)) is not None:
                found.child = True
                self._release(key, found)
                self._give(found, line)
                return
        if peer is None and (self._childless or not _telling(line)):
            held = self._waiting.setdefault(key, [])
            held.append(line)
            if len(held) >= _WAITING:
                self._drop(key)
            elif len(self._waiting) > _WAITING:
                self._drop(next(iter(self._waiting)))
            return
        self._give(self._start(line, key), line)

    def _by_order(self, line: Spoken) -> None:
        text, level, said = line.text, line.level, line.said
        if text.startswith(b"Connection from "):
            if self._current is not None and self._current.connection.end is None:
                self.log.mixed = True
            self._current = self._start(line, None)
        elif text.startswith(_LISTENER):
            self._listened(line)
            return
        elif level is not Level.DEBUG and (known := self._known(None, _peer(text), text)) is not None:
            self._current = known
        elif self._current is None:
            if text.startswith(_EARLY) or not said.text or (level is Level.DEBUG and not _of_connection(text)):
                self._listened(line)
                return
            self._current = self._start(line, None)
        elif text.startswith(_EARLY[:4]):
            return
        self._give(self._current, line)

    def _known(self, host: str | None, peer: tuple[str, int] | None, text: bytes) -> _Reader | None:
        """The connection of that client's port; none where it is over and somebody logs in anew from the same port."""
        known = None if peer is None else self._peers.get((host, *peer))
        if known is not None and known.connection.end is not None and text.startswith(_ANEW):
            return None
        return known

    def _start(self, line: Spoken, key: _Key | None) -> _Reader:
        text, said = line.text, line.said
        log = self.log
        connection = Connection(
            len(log.connections),
            said.place,
            said.time,
            whole=text.startswith(b"Connection from "),
            host=key[0] if key is not None else None,
        )
        log.connections.append(connection)
        reader = _Reader(connection, log)
        if key is not None:
            held = self._waiting.pop(key, [])
            self._own(key, reader)
            for one in held:
                self._give(reader, one)
        return reader

    def _own(self, key: _Key, reader: _Reader) -> None:
        self._by_pid[key] = reader
        self._by_pid.move_to_end(key)
        if len(self._by_pid) > _PROCESSES:
            self._by_pid.popitem(last=False)

    def _release(self, key: _Key, reader: _Reader) -> None:
        """The process is of `reader`'s connection, and so is what was held back of it."""
        self._own(key, reader)
        for line in self._waiting.pop(key, []):
            self._give(reader, line)

    def _drop(self, key: _Key) -> None:
        """Nobody claimed the process: it has a connection of its own, if its lines are those of one."""
        held = self._waiting.get(key, [])
        if any(_telling(line) for line in held):
            self._start(held[0], key)
        else:
            del self._waiting[key]

    def _give(self, reader: _Reader, line: Spoken) -> None:
        text, level, said = line.text, line.level, line.said
        connection = reader.connection
        childless = reader.childless
        reader.line(line)
        if level is not Level.DEBUG and (peer := _peer(text)) is not None:
            if connection.address is None and not connection.whole:
                connection.address, connection.port = peer
            named = (connection.host, *peer)
            if (connection.address, connection.port) == peer and self._peers.get(named) is not reader:
                self._peers[named] = reader
                if len(self._peers) > _PROCESSES:
                    self._peers.popitem(last=False)
        if said.pid is not None and (match := _CHILD.match(text)) is not None:
            reader.child = reader.child or text.startswith(b"User")
            self._release((connection.host, int(match.group(1))), reader)
        elif said.pid is not None and (match := _WORKER.match(text)) is not None:
            worker = int(match.group(1))
            if worker not in connection.pids:
                reader.workers.add(worker)
                self._release((connection.host, worker), reader)
        if reader.childless and not childless:
            self._childless.append(reader)

    def _listened(self, line: Spoken) -> None:
        text, level, said = line.text, line.level, line.said
        if level is not Level.DEBUG or text.startswith((b"drop ", b"srclimit_", b"penalty")):
            _keep(self.log.listener, said, 100, 100)


def _keep(lines: list[Said], said: Said, head: int, tail: int) -> None:
    lines.append(said)
    if len(lines) > head + tail:
        del lines[head]


def _peer(text: bytes) -> tuple[str, int] | None:
    match = _PEER.search(text[:700])
    return None if match is None else (match.group(1).decode("ascii", "replace"), int(match.group(2)))


def _telling(line: Spoken) -> bool:
    """Whether a line shows by itself that its process is one of a connection's own."""
    return line.preauth or line.level is not Level.DEBUG or _of_connection(line.text)


def _of_connection(text: bytes) -> bool:
    return text.startswith((b"receive packet", b"send packet", b"server_", b"session_", b"userauth", b"channel "))
