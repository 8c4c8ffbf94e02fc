"""Writes small logs as ansible-core writes them, one mechanism at a time.

`MiniLog("2.16.19")` has the workers' pids in its debug headers, `MiniLog("2.19.14")` the parent's, and
`debug=False` no headers at all (-vvvv alone). Times go up by a hundredth of a second a header.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import pytest

from parsers.log_model import LogModel
from parsers.model import HostRun
from tests.parsers.helpers import model_of

START = 1_795_000_000.0
PARENT = 4000

FORGED = "4242 1664675304.99557: stdout chunk (state=3):"
VERSIONS = pytest.mark.parametrize("version", ["2.13.13", "2.16.19", "2.17.14", "2.19.14"])


@dataclass(frozen=True)
class Box:
    """A managed node, as the inventory has it."""

    name: str
    address: str
    user: str = "deploy"
    port: int = 22


WEB1 = Box("web1", "192.0.2.1")
WEB2 = Box("web2", "192.0.2.2")
DB1 = Box("db1", "192.0.2.7")
HOME = "/bin/sh -c 'echo ~deploy && sleep 0'"
BECOME = "sudo -H -S -n -u root /bin/sh -c 'echo BECOME-SUCCESS-" + "a" * 32 + " ; "


class MiniLog:
    """A log under construction; `data` is what was written so far."""

    def __init__(self, version: str = "2.16.19", *, debug: bool = True) -> None:
        self.debug = debug
        self.time = START
        self._pid = PARENT + 100
        self._old = tuple(map(int, version.split(".")[:2])) < (2, 17)
        self._version = version
        self._lines: list[bytes] = []
        self._pids: dict[str, int] = {}

    @property
    def data(self) -> bytes:
        """The log."""
        return b"".join(self._lines)

    @property
    def line(self) -> int:
        """The number of the next line."""
        return self.data.count(b"\n") + 1

    def model(self, *, now: float | None = None) -> LogModel:
        """What the parsers make of it."""
        return model_of(self.data, now=now)

    def host(self, name: str, *, now: float | None = None) -> HostRun:
        """A host of its last run."""
        return self.model(now=now).runs[-1].hosts[name]

    def raw(self, *lines: str | bytes) -> Self:
        """Lines as they are."""
        self._lines += [(line.encode() if isinstance(line, str) else line) + b"\n" for line in lines]
        return self

    def header(self, message: str, box: Box | None = None) -> Self:
        """A debug line: of a box's worker, or of the parent."""
        if self.debug:
            self.time += 0.01
            pid = self._pids[box.name] if box is not None and self._old else PARENT
            self.raw(f"{pid:6d} {self.time:.5f}: {message}")
        return self

    # ---- the run

    def begin(self, *, playbook: str = "ping.yml", verbosity: int = 4) -> Self:
        """From `starting run` to the first play."""
        self.header("starting run").raw(f"ansible-playbook [core {self._version}]", "  config file = None")
        self.raw(f"PLAYBOOK: {playbook} ****", f"verbosity: {verbosity}", "1 plays in ping.yml")
        return self.play("all")

    def play(self, name: str) -> Self:
        """A play's banner."""
        return self.raw("", f"PLAY [{name}] ****")

    def task(self, name: str, *boxes: Box, action: str = "ping", kind: str = "TASK", banner: bool = True) -> Self:
        """A task's banner, its queue, and a worker for each box."""
        if banner:
            self.raw("", f"{kind} [{name}] ****", "task path: /site/ping.yml:4")
        for box in boxes:
            self.header(f"entering _queue_task() for {box.name}/{action}")
            self._pid += 1
            self._pids[box.name] = self._pid
            if self._old:
                self.header(f"running TaskExecutor() for {box.name}/{kind.split()[-1]}: {name}", box)
        return self

    def recap(self, **counts: dict[str, int]) -> Self:
        """The recap: `web1={"ok": 1}`; what is not given is 0."""
        self.raw("", "PLAY RECAP ****")
        for name, given in counts.items():
            words = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored")
            self.raw(f"{name:26} : " + " ".join(f"{word}={given.get(word, 0)}" for word in words))
        return self.raw("")

    # ---- a command

    def open(self, box: Box, text: str, *, tool: str = "ssh", put: tuple[str, str] | None = None) -> Self:
        """A command's beginning, up to its `SSH: EXEC`."""
        if put is not None:
            self.raw(f"<{box.address}> PUT {put[0]} TO {put[1]}")
        elif self.debug:
            self.header("_low_level_execute_command(): starting", box)
            self.header(f"_low_level_execute_command(): executing: {text}", box)
        if tool == "ssh":
            self.raw(f"<{box.address}> ESTABLISH SSH CONNECTION FOR USER: {box.user}")
        options = f"-vvv -o Port={box.port} -o 'User=\"{box.user}\"'"
        end = "'[" + box.address + "]'" if tool == "sftp" else f"{box.address} {shlex.quote(text)}"
        return self.raw(f"<{box.address}> SSH: EXEC {tool} {options} {end}")

    def chunk(self, box: Box, text: str, *, stream: str = "stderr", state: int = 3, end: str = "<<<") -> Self:
        """One read of a pipe."""
        if self.debug:
            self.header(f"{stream} chunk (state={state}):", box).raw(f">>>{text}{end}")
        return self

    def close(self, box: Box, rc: int = 0, out: str = "", err: str = "", *, done: bool = True) -> Self:
        """A command's end: its tuple, and the `done` line with its remote text."""
        self.raw(f"<{box.address}> {(rc, out.encode(), err.encode())!r}")
        if done and self.debug:
            self.header(f"_low_level_execute_command() done: rc={rc}, stdout={out}, stderr={err}", box)
        return self

    def command(self, box: Box, text: str, rc: int = 0, out: str = "", err: str = "") -> Self:
        """A whole command."""
        self.open(box, text)
        for stream, said in (("stderr", err), ("stdout", out)):
            if said:
                self.chunk(box, said, stream=stream)
        return self.close(box, rc, out, err)

    def sftp(self, box: Box, target: str, rc: int = 0, *, told: bool = True) -> Self:
        """A PUT by sftp; `told` False where a smart transfer's failed attempt logs no tuple."""
        self.open(box, "", tool="sftp", put=("/ctl/tmp1", target))
        return self.close(box, rc, f"sftp> put /ctl/tmp1 {target}\n", done=False) if told else self

    def tmp(self, box: Box) -> str:
        """The temporary directory of the box's worker."""
        return f"/home/deploy/.ansible/tmp/ansible-tmp-{START + 1}-{self._pids[box.name]}-123456789"

    def step(self, box: Box, stage: str, rc: int = 0, out: str | None = None, err: str = "") -> Self:
        """One stage of a module's usual way."""
        tmp = self.tmp(box)
        base = tmp.rsplit("/", 1)[-1]
        if stage == "transfer":
            return self.sftp(box, f"{tmp}/AnsiballZ_ping.py", rc)
        text, usual = {
            "home": (HOME, "/home/deploy\n"),
            "tmpdir": (
                f"""/bin/sh -c '( umask 77 && mkdir -p "` echo {tmp} `" && echo x ) && sleep 0'""",
                f"{base}={tmp}\n",
            ),
            "discovery": ("/bin/sh -c 'echo FOUND; command -v python3; echo ENDFOUND && sleep 0'", "FOUND\nENDFOUND\n"),
            "chmod": (f"/bin/sh -c 'chmod u+rwx {tmp}/ {tmp}/AnsiballZ_ping.py && sleep 0'", ""),
            "exec": (f"/bin/sh -c '/usr/bin/python3 {tmp}/AnsiballZ_ping.py && sleep 0'", '\n{"ping": "pong"}\n'),
            "cleanup": (f"/bin/sh -c 'rm -f -r {tmp}/ > /dev/null 2>&1 && sleep 0'", ""),
        }[stage]
        return self.command(box, text, rc, usual if out is None else out, err)

    def module(
        self, box: Box, stages: Iterable[str] = ("home", "tmpdir", "transfer", "chmod", "exec", "cleanup")
    ) -> Self:
        """A module's usual way, or some of it."""
        for stage in stages:
            self.step(box, stage)
        return self

    # ---- results

    def result(self, who: Box | str, word: str = "ok", *, msg: str | None = None, item: str | None = None) -> Self:
        """A result line with its JSON, as the default callback prints it at -vvv."""
        name = who if isinstance(who, str) else who.name
        self.header("_execute() done")
        bang = {"failed": ": FAILED!", "unreachable": ": UNREACHABLE!"}.get(word, "")
        head = "fatal" if bang else "skipping" if word == "skipped" else word
        label = f" (item={item})" if item is not None else ""
        if item is not None and bang:
            head, bang = "failed", ""
        document = json.dumps({"changed": False, **({"msg": msg} if msg is not None else {})}, indent=4)
        arrow = " =>" if item is not None and head != "failed" else ""
        return self.raw(f"{head}: [{name}]{bang}{arrow}{label} => {document}")


def opened(version: str = "2.16.19") -> MiniLog:
    """A log with a command of web1 open."""
    return MiniLog(version).begin().task("Ping", WEB1).open(WEB1, HOME)


def said(model: LogModel) -> str:
    """All notes of a model."""
    return "\n".join(text for _, text in model.notes)
