"""The demo's server as a lab machine, for what a real sshd will not do."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.lab.servers import ServerError, make_key, stop
from tui.demo.server import DemoHost, Fault, write_hosts

REPOSITORY = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def embedded(folder: Path, address: str, port: int, accepted_key: Path, fault: Fault) -> Iterator[None]:
    """The host up on its port; `folder`/host_key.pub is its key."""
    folder.mkdir(parents=True, exist_ok=True)
    key = make_key(folder / "host_key", comment="host")
    public = folder / "accepted.pub"
    shutil.copyfile(accepted_key, public)
    config = folder / "server.json"
    write_hosts(config, [DemoHost(folder.name, address, port, folder / "home", fault)], key, public)
    process = subprocess.Popen(
        [sys.executable, "-m", "tui.demo.server", str(config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        start_new_session=True,
    )
    try:
        if process.stdout is None or not process.stdout.readline():
            raise ServerError(f"the embedded server for {address}:{port} did not start")
        yield
    finally:
        stop(process)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
