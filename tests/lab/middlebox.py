"""A firewall on the way: forwards TCP to a server behind it, and at some byte falls silent without closing anything."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Middlebox:
    """What it lets through."""

    up: int | None = None
    """Bytes from the client that it forwards in all; None: all of them."""
    down: int | None = None
    """Bytes from the server that it forwards in all."""
    seen_up: int = 0
    seen_down: int = 0
    fell_silent: threading.Event = field(default_factory=threading.Event)

    def fall_silent(self) -> None:
        """Drops whatever comes from now on."""
        self.up, self.down = self.seen_up, self.seen_down
        self.fell_silent.set()

    def passed(self, data: bytes, *, up: bool) -> bytes:
        """What of `data` goes on."""
        seen, limit = (self.seen_up, self.up) if up else (self.seen_down, self.down)
        if limit is not None and seen + len(data) > limit:
            data = data[: max(0, limit - seen)]
            self.fell_silent.set()
        if up:
            self.seen_up += len(data)
        else:
            self.seen_down += len(data)
        return data


def _forward(box: Middlebox, source: socket.socket, sink: socket.socket, *, up: bool) -> None:
    with contextlib.suppress(OSError):
        # It drops, it does not close: the sender goes on to see its bytes acknowledged.
        while data := source.recv(1 << 16):
            sink.sendall(box.passed(data, up=up))
        if not box.fell_silent.is_set():
            sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def middlebox(box: Middlebox, address: str, port: int, behind: int) -> Iterator[Middlebox]:
    """`box` up at `address`:`port`, before the server at port `behind` of the same address."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(16)
    held: list[socket.socket] = []

    def loop() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            held.append(client)
            try:
                server = socket.create_connection((address, behind))
            except OSError:
                client.close()
                continue
            held.append(server)
            for source, sink, up in ((client, server, True), (server, client, False)):
                threading.Thread(target=_forward, args=(box, source, sink), kwargs={"up": up}, daemon=True).start()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)
        for connection in held:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
