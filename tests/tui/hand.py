"""Models and sources made by hand, for tests of the screen that need no log of a real run."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.app import App
from textual.message import Message
from textual.pilot import Pilot

from parsers.findings import Confidence, Evidence, Finding, Rule, Severity, Words
from parsers.log_model import LogModel
from parsers.model import (
    Attribution,
    Command,
    HostRun,
    Place,
    Run,
    RunStatus,
    SourceKind,
    Stage,
    StageRun,
    Status,
    Stream,
    TaskRun,
    Tool,
)
from parsers.ssh.transcript import Phase, PhaseStep
from tui.app import SshDebugApp
from tui.sources.base import Source

SAMPLES = Path(__file__).parents[2] / "sample_logs"

HOSTILE = (
    b"x [/foo] y [h1] [bold] fatal: [h1]: UNREACHABLE! ls [/tmp/x] [@click=app.quit]q[/]",
    b"\x1b]0;PWNED-TITLE\x07\x1b[31mred\x1b[2J \x9b31m \x90dcs\x9c",
    "bidi \u202e gpj.exe \u2066x\u2069 zero\u200bwidth \ufeff\u2028".encode(),
    b"invalid \xff\xfe\xc3( \x00\x01\x7f\r end",
)


class HandSource:
    """A source over a file that is already there; `live` as long as the test says so."""

    def __init__(self, path: Path, *, name: str = "hand.log", live: bool = False) -> None:
        self.name = name
        self.path = path
        self.live = live
        self._file = path.open("rb")

    @property
    def size(self) -> int | None:
        return self.path.stat().st_size

    def read(self) -> bytes:
        return self._file.read(1 << 20)

    def close(self) -> None:
        self._file.close()


class HandRun(HandSource):
    """A run of the program's own, that ends when the test says so."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, name="ansible-playbook ping.yml", live=True)
        self.command = ("ansible-playbook", "ping.yml", "-e", "x=[/foo]")
        self.elapsed = 12.0
        self.can_be_left = True
        self.code: int | None = None
        self.said: list[str] = []

    def poll(self) -> int | None:
        return self.code

    def stop(self) -> None:
        self.said.append("stop")
        self.end(-15)

    def leave(self) -> None:
        self.said.append("leave")

    def end(self, code: int) -> None:
        """Ends the run."""
        self.code = code
        self.live = False


def command(index: int, stage: Stage, *, line: int = 1, text: str = "") -> Command:
    """A command that is over."""
    return Command(
        index,
        stage,
        Tool.SSH,
        Place(0, line),
        address="192.0.2.7",
        text=text,
        closed=Place(0, line + 1),
        has_tuple=False,
    )


def stage(kind: Stage, status: Status = Status.OK, *, line: int = 1, note: str = "", **more: object) -> StageRun:
    """A stage of one second."""
    return StageRun(kind, status, Place(0, line), line + 1, note=note, started=1.0, ended=2.0, **more)  # type: ignore[arg-type]


def host(name: str, status: Status = Status.OK, stages: list[StageRun] | None = None, task: str = "ping") -> HostRun:
    """A host with one task."""
    found = stages if stages is not None else [stage(Stage.HOME), stage(Stage.EXEC, status)]
    run = TaskRun(task, Place(0, 1), stages=found, status=status)
    bad = next((item.stage for item in found if item.status.bad), None)
    return HostRun(name, tasks=[run], status=status, failed_stage=bad, failed_task=run if status.bad else None)


def model(*hosts: HostRun, playbook: str = "ping.yml") -> LogModel:
    """A log of one finished run."""
    bad = any(item.status.bad for item in hosts)
    run = Run(
        0,
        Place(0, 1),
        10,
        "2.19.14",
        4,
        playbook,
        status=RunStatus.FAILED if bad else RunStatus.OK,
        started=0.0,
        last_time=9.0,
    )
    run.hosts = {item.name: item for item in hosts}
    return LogModel(SourceKind.DEBUG, [run], bytes=100, lines=10, complete=True)


def rule(
    rule_id: str = "tmpdir-permission", title: str = "The login user cannot write its temporary directory"
) -> Rule:
    """A rule that no test asks."""
    words = Words(
        "what", "It belongs to root.\n\nOr `remote_tmp` points elsewhere.", "`ls -ld`", "- chown\n- move", "disk-full"
    )
    return Rule(rule_id, 14, title, 3, (Stage.TMPDIR,), lambda _case: None, words)


def finding(
    host_name: str | None = "db1", *, text: str = "mkdir: Permission denied", line: int = 4, of: Stage = Stage.TMPDIR
) -> Finding:
    """An error with one line of evidence."""
    evidence = (Evidence(Place(0, line), text),)
    fixes = ("chown -R deploy: ~deploy/.ansible",)
    severity, confidence = Severity.ERROR, Confidence.CERTAIN
    return Finding(rule(), severity, confidence, 0, host_name, "ping", of, None, "This very case.", fixes, evidence)


def ping_model() -> LogModel:
    """Three hosts: one ok, one that failed, one that runs."""
    connect = command(0, Stage.CONNECT)
    connect.transcript.steps = [
        PhaseStep(Phase.TCP, 1, 1.0, 1.003, done=True),
        PhaseStep(Phase.KEX, 2, 1.003, 1.051, done=True),
        PhaseStep(Phase.AUTH, 3, 1.051, 1.2, done=True),
    ]
    connect.transcript.auth_method = "publickey"
    broken = [
        stage(Stage.CONNECT, command=connect, note="tcp · kex · auth publickey"),
        stage(Stage.HOME, note="/home/deploy"),
        stage(Stage.TMPDIR, Status.FAILED, line=4, note="mkdir: Permission denied", rc=1),
    ]
    running = stage(Stage.EXEC, Status.RUNNING)
    running.ended, running.elapsed = None, 8.0
    return model(host("web1"), host("db1", Status.FAILED, broken), host("web2", Status.RUNNING, [running]))


def chunk_file(path: Path, texts: list[tuple[Stream, bytes]], found: LogModel, owner: Command | None = None) -> None:
    """Writes a log with these chunks to `path`, and adds them to the model."""
    raw = b""
    for position, (stream, text) in enumerate(texts):
        place = Place(len(raw), raw.count(b"\n") + 1)
        raw += b"  4321 1795515002.%05d: %s chunk (state=3):\n>>>" % (position, str(stream).encode())
        start = len(raw)
        raw += text
        index = found.chunks.append(place, start, len(raw), 2.0 + position, 4321, stream, 3)
        if owner is not None:
            found.chunks.attribute(index, owner, Attribution.EXACT)
        found.chunks.set_end(index, len(raw), text.count(b"\n") + (bool(text) and not text.endswith(b"\n")))
        raw += b"<<<\n"
    path.write_bytes(raw)
    if owner is not None:
        found.chunks.commands.append(owner)


@asynccontextmanager
async def opened(
    *sources: Source, size: tuple[int, int] = (120, 40), message_hook: Callable[[Message], None] | None = None
) -> AsyncIterator[tuple[SshDebugApp, Pilot[int]]]:
    """The app over sources, once everything that is there has been read; notifications are on."""
    app = SshDebugApp(sources)
    async with app.run_test(size=size, notifications=True, message_hook=message_hook) as pilot:
        if not any(source.live for source in sources):
            await app.workers.wait_for_complete()
        await settled(pilot)
        yield app, pilot


async def settled(pilot: Pilot[Any]) -> None:
    """Waits until what was posted has been handled and drawn."""
    for _ in range(3):
        await pilot.pause()


def screen_text(app: App[Any]) -> str:
    """What the screen shows, as text."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip)[:width] for strip in strips[:height])


async def until(pilot: Pilot[int], true: Callable[[], object]) -> None:
    """Waits until `true()` is; an AssertionError after 10 s."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it never came"
        await pilot.pause(0.01)


async def shows(pilot: Pilot[int], *words: str) -> str:
    """Waits until the screen shows all of `words`; gives its text."""
    app = pilot.app
    assert isinstance(app, SshDebugApp)
    deadline = time.monotonic() + 10
    while not all(word in screen_text(app) for word in words):
        missing = [word for word in words if word not in screen_text(app)]
        assert time.monotonic() < deadline, f"{missing} not on the screen:\n{screen_text(app)}"
        await pilot.pause(0.01)
    return screen_text(app)
