"""An SSH server on loopback that needs no root: commands run under /bin/sh as the user who started it.

Run as a process of its own (`python -m tui.demo.server FILE`): FILE is JSON, see `read_hosts`. It prints one line of
JSON with the port of each host once all listen, and ends when its standard input ends, so that it never outlives the
program that started it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import asyncssh

Fault = Literal["none", "no-sftp", "key-refused", "home-readonly", "no-python", "refused", "unanswered"]
"""What a host has wrong:

no-sftp        no sftp subsystem
key-refused    no public key is accepted
home-readonly  the login user can create nothing in its home
no-python      PATH has the usual small programs and no Python
refused        the port is closed
unanswered     a session is asked for and never confirmed, as on a connection that lost its way back
"""

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
NOBODY = 65534
_SMALL_PROGRAMS = ("cat", "chmod", "cp", "dd", "echo", "id", "ls", "mkdir", "rm", "sh", "sleep", "test", "uname")
_BLOCK = 65536


@dataclass(frozen=True, slots=True)
class DemoHost:
    name: str
    address: str
    port: int
    """0 for any free one."""
    home: Path
    fault: Fault = "none"


def read_hosts(file: Path) -> tuple[list[DemoHost], Path, Path]:
    """The hosts, the server's private key and the one accepted public key of a configuration file."""
    data = json.loads(file.read_text(encoding="utf-8"))
    hosts = []
    for entry in data["hosts"]:
        if entry["fault"] not in get_args(Fault):
            raise ValueError(f"{file}: unknown fault {entry['fault']!r}; known: {', '.join(get_args(Fault))}")
        hosts.append(
            DemoHost(entry["name"], entry["address"], entry["port"], Path(entry["home"]), entry["fault"]),
        )
    return hosts, Path(data["host_key"]), Path(data["accepted_key"])


def write_hosts(file: Path, hosts: Sequence[DemoHost], host_key: Path, accepted_key: Path) -> None:
    entries = [
        {"name": h.name, "address": h.address, "port": h.port, "home": str(h.home), "fault": h.fault} for h in hosts
    ]
    document = {"hosts": entries, "host_key": str(host_key), "accepted_key": str(accepted_key)}
    file.write_text(json.dumps(document), encoding="utf-8")


def search_path(host: DemoHost) -> str:
    """PATH of the host's commands."""
    if host.fault == "no-python":
        folder = host.home.parent / f"{host.name}-bin"
        folder.mkdir(exist_ok=True)
        for program in _SMALL_PROGRAMS:
            found = shutil.which(program, path=SYSTEM_PATH)
            if found is not None and not (folder / program).exists():
                (folder / program).symlink_to(found)
        return str(folder)
    if shutil.which("python3", path=SYSTEM_PATH) is not None:
        # As sshd would have it; the caller's PATH may hold stubs of a Python manager, which discovery takes for real.
        return SYSTEM_PATH
    return os.environ.get("PATH", SYSTEM_PATH)


def make_home(host: DemoHost) -> None:
    host.home.mkdir(parents=True, exist_ok=True)
    if host.fault == "home-readonly":
        host.home.chmod(0o555)


class _Login(asyncssh.SSHServer):
    """Public key only, and only ours."""

    def __init__(self, host: DemoHost, accepted: asyncssh.SSHKey) -> None:
        self.host = host
        self.accepted = accepted

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        del username
        return self.host.fault != "key-refused" and key == self.accepted

    async def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        """Only asked where no process factory is set: the host that never answers."""
        await asyncio.get_running_loop().create_future()
        raise AssertionError("a future that nobody holds was resolved")


class _Files(asyncssh.SFTPServer):
    """sftp on the file system as it is; what is not absolute is meant from the host's home."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], home: Path) -> None:
        super().__init__(channel)
        self.home = os.fsencode(home)

    def map_path(self, path: bytes) -> bytes:
        return os.path.join(self.home, path)  # noqa: PTH118 — asyncssh's paths are bytes


async def _feed(process: asyncssh.SSHServerProcess[bytes], child: asyncio.subprocess.Process) -> None:
    """The client's input to the child; its signals too."""
    if child.stdin is None:
        return
    while True:
        try:
            data = await process.stdin.read(_BLOCK)
        except asyncssh.SignalReceived as received:
            number = getattr(signal, f"SIG{received.signal}", None)
            if number is not None:
                kill_group(child, number)
            continue
        except asyncssh.BreakReceived:
            kill_group(child, signal.SIGINT)
            continue
        except asyncssh.TerminalSizeChanged:
            continue
        if not data:
            break
        with contextlib.suppress(ConnectionError):
            child.stdin.write(data)
            await child.stdin.drain()
    child.stdin.close()


async def _drain(source: asyncio.StreamReader | None, sink: asyncssh.SSHWriter[bytes], terminal: bool) -> None:
    if source is None:
        return
    while data := await source.read(_BLOCK):
        # There is no terminal, only pipes; its line ends are what a reader of the log would see.
        sink.write(data.replace(b"\n", b"\r\n") if terminal else data)
        await sink.drain()


def kill_group(child: asyncio.subprocess.Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _environment(host: DemoHost, wanted: Mapping[str, str]) -> dict[str, str]:
    passed = {name: value for name, value in wanted.items() if name in ("LANG", "TERM") or name.startswith("LC_")}
    return {
        "HOME": str(host.home),
        "PATH": search_path(host),
        "SHELL": "/bin/sh",
        "USER": "demo",
        "LOGNAME": "demo",
        **passed,
    }


async def _run(process: asyncssh.SSHServerProcess[bytes], host: DemoHost) -> None:
    terminal = process.term_type is not None
    arguments = ["-c", process.command] if process.command else []
    # root may write anywhere, whatever the mode says: its commands run as nobody on that host.
    other = NOBODY if host.fault == "home-readonly" and os.geteuid() == 0 else None
    child = await asyncio.create_subprocess_exec(
        "/bin/sh",
        *arguments,
        cwd=host.home,
        env=_environment(host, process.env),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # A terminal has one stream.
        stderr=asyncio.subprocess.STDOUT if terminal else asyncio.subprocess.PIPE,
        start_new_session=True,
        user=other,
        group=other,
        extra_groups=None if other is None else (),
    )
    feeding = asyncio.create_task(_feed(process, child))
    try:
        await asyncio.gather(
            _drain(child.stdout, process.stdout, terminal), _drain(child.stderr, process.stderr, terminal)
        )
        code = await child.wait()
    finally:
        feeding.cancel()
        kill_group(child, signal.SIGKILL)
    if code < 0:
        process.exit_with_signal(signal.Signals(-code).name.removeprefix("SIG"))
    else:
        process.exit(code)


async def _listen(host: DemoHost, host_key: Path, accepted: asyncssh.SSHKey) -> asyncssh.SSHAcceptor:
    async def handle(process: asyncssh.SSHServerProcess[bytes]) -> None:
        # A client that goes away while its command runs is no error of ours.
        with contextlib.suppress(ConnectionError, asyncssh.Error):
            await _run(process, host)

    def files(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return _Files(channel, host.home)

    answers = host.fault != "unanswered"
    return await asyncssh.listen(
        host.address,
        host.port,
        server_factory=lambda: _Login(host, accepted),
        server_host_keys=[str(host_key)],
        process_factory=handle if answers else None,
        sftp_factory=files if answers and host.fault != "no-sftp" else None,
        encoding=None,
        line_editor=False,
    )


@contextlib.asynccontextmanager
async def serving(hosts: Sequence[DemoHost], host_key: Path, accepted_key: Path) -> AsyncIterator[dict[str, int]]:
    """All hosts up; gives the port of each."""
    accepted = asyncssh.read_public_key(str(accepted_key))
    ports: dict[str, int] = {}
    async with contextlib.AsyncExitStack() as stack:
        for host in hosts:
            make_home(host)
            if host.fault == "refused":
                # Bound and not listened on: it refuses, and no other program can take the port meanwhile.
                holder = stack.enter_context(socket.socket())
                holder.bind((host.address, host.port))
                ports[host.name] = int(holder.getsockname()[1])
                continue
            acceptor = await _listen(host, host_key, accepted)
            stack.push_async_callback(acceptor.wait_closed)
            stack.callback(acceptor.close)
            ports[host.name] = acceptor.get_port()
        yield ports


async def _until_input_ends() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


async def _main(file: Path) -> None:
    async with serving(*read_hosts(file)) as ports:
        sys.stdout.write(json.dumps(ports) + "\n")
        sys.stdout.flush()
        await _until_input_ends()
        # Open sessions hold acceptor.wait_closed() back; nobody is left to read them.
        os._exit(0)


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
