"""SSH servers and TCP listeners on loopback, sound and broken, each a context manager that leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

READY_SECONDS = 15.0
PRIVSEP = Path("/run/sshd")


class ServerError(RuntimeError):
    """A server that did not come up; the message holds what it said."""


def sshd_program() -> str | None:
    """sshd's full path (it re-executes itself and refuses a relative one), or None where it is not installed."""
    return shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def free_port(address: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def make_key(path: Path, kind: str = "ed25519", comment: str = "lab") -> Path:
    """A key pair at `path` and `path`.pub, made once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", comment, "-f", str(path)],
            check=True,
            stdin=subprocess.DEVNULL,
        )
    return path


def known_hosts_line(address: str, port: int, public_key: Path) -> str:
    kind, data = public_key.read_text(encoding="utf-8").split()[:2]
    return f"[{address}]:{port} {kind} {data}\n" if port != 22 else f"{address} {kind} {data}\n"


@dataclass(frozen=True, slots=True)
class SshdOptions:
    """What differs from a sound server."""

    sftp: bool = True
    """Whether a Subsystem line for sftp exists."""
    force_command: str | None = None
    kex: str | None = None
    """KexAlgorithms, as sshd_config spells it."""
    host_key: str = "ed25519"
    host_key_algorithms: str | None = None
    public_key: bool = True
    password: bool = False
    max_sessions: int | None = None
    banner: str | None = None
    extra: tuple[str, ...] = ()
    syslog: bool = False
    """Whether it logs to the machine's syslog (see syslog.py) instead of a file of its own."""
    strict_modes: bool = False


@dataclass(frozen=True, slots=True)
class RunningSshd:
    address: str
    port: int
    host_key: Path
    log: Path
    process: subprocess.Popen[bytes]


def sshd_config(folder: Path, address: str, port: int, authorized_keys: Path, options: SshdOptions) -> str:
    def yes(flag: bool) -> str:
        return "yes" if flag else "no"

    lines = [
        # sshd takes the first value of a keyword, so what a scenario adds stands first.
        *options.extra,
        f"ListenAddress {address}",
        f"Port {port}",
        f"HostKey {folder / 'host_key'}",
        f"PidFile {folder / 'sshd.pid'}",
        f"AuthorizedKeysFile {authorized_keys}",
        # As root, PAM and StrictModes would bring the machine's own policy and folder modes into the run.
        "UsePAM no",
        f"StrictModes {yes(options.strict_modes)}",
        "LogLevel DEBUG3",
        "MaxStartups 100",
        f"PubkeyAuthentication {yes(options.public_key)}",
        f"PasswordAuthentication {yes(options.password)}",
        "KbdInteractiveAuthentication no",
    ]
    if options.sftp:
        lines.append("Subsystem sftp internal-sftp")
    if options.force_command is not None:
        lines.append(f"ForceCommand {options.force_command}")
    if options.kex is not None:
        lines.append(f"KexAlgorithms {options.kex}")
    if options.host_key_algorithms is not None:
        lines.append(f"HostKeyAlgorithms {options.host_key_algorithms}")
    if options.max_sessions is not None:
        lines.append(f"MaxSessions {options.max_sessions}")
    if options.banner is not None:
        banner = folder / "banner"
        banner.write_text(options.banner, encoding="utf-8")
        lines.append(f"Banner {banner}")
    return "\n".join(lines) + "\n"


def wait_until(ready: Callable[[], bool], alive: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
    """Return once `ready`; raise when the deadline passes or the server has ended."""
    deadline = time.monotonic() + seconds
    while not ready():
        if not alive():
            raise ServerError("the server ended before it listened")
        if time.monotonic() > deadline:
            raise ServerError(f"the server does not listen after {seconds:.0f} s")
        # Paces the polling only; the deadline above decides.
        time.sleep(0.02)


def descendants(pid: int) -> list[int]:
    """Every process below `pid`; Linux's /proc, else none (sshd's sessions leave its process group by setsid)."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            # "pid (name) state ppid …", and the name may itself hold spaces and parentheses.
            parent = int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found: list[int] = []
    queue = [pid]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def alive(pid: int) -> bool:
    """Whether the process still runs; one that waits to be collected does not."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0] != "Z"
        )
    except OSError:
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and everything below it, and return when they are gone."""
    below: list[int] = []
    if process.poll() is None:
        # Who is held can't start another one that would be missed: a server does for each connection.
        new = [process.pid]
        while new:
            for pid in new:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
            new = [pid for pid in descendants(process.pid) if pid not in below]
            below += new
    process.kill()
    for pid in below:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: not any(alive(pid) for pid in below), lambda: True)


@contextlib.contextmanager
def sshd(
    folder: Path,
    address: str,
    port: int,
    authorized_keys: Path,
    options: SshdOptions | None = None,
    wrapper: Sequence[str] = (),
) -> Iterator[RunningSshd]:
    """A real sshd as an ordinary process; nothing outside `folder` is written.

    `wrapper` comes before sshd's own command line (the lab's namespaces).
    """
    program = sshd_program()
    if program is None:
        raise ServerError("sshd is not installed (Debian: apt install openssh-server)")
    options = options or SshdOptions()
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        # sshd, as root, refuses to start without its empty privilege separation folder.
        PRIVSEP.mkdir(mode=0o755, exist_ok=True)
    key = make_key(folder / "host_key", options.host_key, comment="host")
    config = folder / "sshd_config"
    config.write_text(sshd_config(folder, address, port, authorized_keys, options), encoding="utf-8")
    log = folder / "sshd.log"
    log.unlink(missing_ok=True)
    out = folder / "sshd.out"
    with out.open("wb") as output:
        process = subprocess.Popen(
            [*wrapper, program, "-D", "-f", str(config), *(() if options.syslog else ("-E", str(log)))],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        try:
            # Its own word for it: a connection made to see would stand in that log as one that failed.
            listening = f"Server listening on {address} port {port}.".encode()
            wait_until(lambda: log.exists() and listening in log.read_bytes(), lambda: process.poll() is None)
        except ServerError as error:
            said = out.read_text(errors="replace") + (log.read_text(errors="replace") if log.exists() else "")
            raise ServerError(f"{address}:{port}: {error}: {said.strip()[-600:]}") from None
        yield RunningSshd(address, port, key.with_suffix(".pub"), log, process)
    finally:
        stop(process)


def _listen(address: str, port: int, backlog: int = 16) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(backlog)
    return listener


@contextlib.contextmanager
def _accepting(address: str, port: int, serve: Callable[[socket.socket], bool]) -> Iterator[None]:
    """Accept until the end; a connection for which `serve` is true is held open as long as the listener."""
    listener = _listen(address, port)
    held: list[socket.socket] = []

    def loop() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            with contextlib.suppress(OSError):
                if not serve(connection):
                    connection.close()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        # close() alone does not wake an accept() that is under way.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)
        for connection in held:
            connection.close()


def silent(address: str, port: int) -> contextlib.AbstractContextManager[None]:
    """Accepts and never speaks: ssh ends in the banner exchange."""
    return _accepting(address, port, lambda _connection: True)


def resets(address: str, port: int) -> contextlib.AbstractContextManager[None]:
    """Reads the client's banner, then resets."""

    def serve(connection: socket.socket) -> bool:
        connection.settimeout(5)
        connection.recv(256)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return _accepting(address, port, serve)


def closes(address: str, port: int) -> contextlib.AbstractContextManager[None]:
    """Reads the client's banner, then closes in good order."""

    def serve(connection: socket.socket) -> bool:
        connection.settimeout(5)
        connection.recv(256)
        return False

    return _accepting(address, port, serve)


def http(address: str, port: int) -> contextlib.AbstractContextManager[None]:
    """Answers in HTTP."""

    def serve(connection: socket.socket) -> bool:
        connection.settimeout(5)
        connection.recv(256)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 0\r\n\r\n")
        return False

    return _accepting(address, port, serve)


def swallows(address: str, port: int, inner: int, limit: int = 1000) -> contextlib.AbstractContextManager[None]:
    """A way to the server on `inner` on which what the client sends in pieces above `limit` bytes is lost."""

    def carry(source: socket.socket, sink: socket.socket, most: int) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if len(data) <= most:
                    sink.sendall(data)

    def serve(connection: socket.socket) -> bool:
        behind = socket.create_connection((address, inner))
        threading.Thread(target=carry, args=(connection, behind, limit), daemon=True).start()
        threading.Thread(target=carry, args=(behind, connection, 65536), daemon=True).start()
        return True

    return _accepting(address, port, serve)


@contextlib.contextmanager
def refuses(address: str, port: int) -> Iterator[None]:
    """A port that is bound and not listened on: it refuses, and nobody else can take it meanwhile."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((address, port))
        yield


@contextlib.contextmanager
def full(address: str, port: int) -> Iterator[None]:
    """A listener whose backlog is full: Linux drops further SYNs, so connect() runs into its time-out."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(_listen(address, port, backlog=0))
        for _ in range(8):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect((address, port))
        yield
