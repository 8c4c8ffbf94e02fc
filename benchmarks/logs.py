"""Large logs made of real ones: one long run, a run of many hosts, many runs in one file.

Every line comes from a capture in `sample_logs/`. What would be other in a longer run is made other: times, pids, the
names of temporary directories, hosts, addresses, the recap's counts. Nothing is made up in between.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
SAMPLES = HERE.parent / "sample_logs"

FORTY = ("forty-2.17", "forty-2.18", "forty-2.19")
"""Runs of 40 hosts at 20 forks, every chunk of which has a known owner; 5.5 MB each."""

_HEADER = re.compile(rb"^( *)(\d+) (\d{10})(\.\d{5})(?=:| \[)", re.MULTILINE)
_HOST = re.compile(rb"\b(web|db)(\d)\b")
_ADDRESS = re.compile(rb"\b127\.0\.0\.(\d{1,3})\b")
_TMP = re.compile(rb"\b(ansible-tmp-)(\d{10})(\.\d+-)(\d+)(-\d+)\b")
_TASK = re.compile(rb"^(?:TASK|RUNNING HANDLER) \[", re.MULTILINE)
_RECAP = re.compile(rb"^PLAY RECAP \*", re.MULTILINE)
_COUNT = re.compile(rb"(ok|changed|unreachable|failed|skipped|rescued|ignored)=(\d+)")
_NODE = re.compile(rb"\bnode(\d\d)\b")
_NODE_ADDRESS = re.compile(rb"\b127\.0\.0\.1(\d\d)\b")


@dataclass(frozen=True)
class Parts:
    """A run, cut where it can be made longer."""

    before: bytes
    """Up to the first task."""
    tasks: tuple[bytes, ...]
    """Each from its banner on."""
    after: bytes
    """From the recap on."""

    @property
    def seconds(self) -> int:
        """How long the tasks took, rounded up."""
        times = [int(match[3]) for match in _HEADER.finditer(b"".join(self.tasks))]
        return max(times) - min(times) + 1

    @property
    def pids(self) -> int:
        """How far the pids of their workers lie apart: later workers have higher ones."""
        pids = [int(match[4]) for match in _TMP.finditer(b"".join(self.tasks))]
        return max(pids) - min(pids) + 1


def parts_of(log: bytes) -> Parts:
    """Cuts a log of one run with a recap."""
    recap = list(_RECAP.finditer(log))[-1].start()
    starts = [match.start() for match in _TASK.finditer(log, 0, recap)]
    tasks = tuple(log[start:end] for start, end in zip(starts, [*starts[1:], recap], strict=True))
    return Parts(log[: starts[0]], tasks, log[recap:])


def sample(name: str) -> bytes:
    """A capture of `sample_logs/` or `sample_logs/truth/`, unpacked."""
    packed = SAMPLES / "truth" / f"{name}.log.gz"
    return gzip.decompress(packed.read_bytes()) if packed.exists() else (SAMPLES / f"{name}.log").read_bytes()


def later(text: bytes, seconds: int, pids: int) -> bytes:
    """The same work, later and by other workers: times and the temporary directories' names move on."""
    text = _HEADER.sub(lambda match: b"%s%s %d%s" % (match[1], match[2], int(match[3]) + seconds, match[4]), text)
    return _TMP.sub(
        lambda match: b"%s%d%s%d%s" % (match[1], int(match[2]) + seconds, match[3], int(match[4]) + pids, match[5]),
        text,
    )


def begun(text: bytes) -> int:
    """The time of the first debug line, in whole seconds since the epoch."""
    match = _HEADER.search(text)
    if match is None:
        raise ValueError("a log without debug lines")
    return int(match[3])


def elsewhere(text: bytes, block: int) -> bytes:
    """The same work on other hosts: node01 … of 40 become node0041 …, at other addresses."""
    text = _NODE.sub(lambda match: b"node%04d" % (block * 40 + int(match[1])), text)
    return _NODE_ADDRESS.sub(lambda match: b"127.%d.%d.1%s" % (1 + block // 250, block % 250, match[1]), text)


def long_run(size: int, name: str = "forty-2.19") -> Iterator[bytes]:
    """One run of about `size` bytes: its tasks over and over, as behind `meta: clear_host_errors` with no master
    connection left over, so that the host that refuses is asked each time."""
    parts = parts_of(sample(name))
    body = sum(map(len, parts.tasks))
    seconds, pids = parts.seconds, parts.pids
    rounds = max(1, round((size - len(parts.before) - len(parts.after)) / body))
    yield parts.before
    for number in range(rounds):
        for task in parts.tasks:
            yield later(task, number * seconds, number * pids)
    after = later(parts.after, (rounds - 1) * seconds, 0)
    yield _COUNT.sub(lambda match: b"%s=%d" % (match[1], int(match[2]) * rounds), after)


def many_hosts(hosts: int, name: str = "forty-2.19") -> Iterator[bytes]:
    """One run on `hosts` hosts, a multiple of 40: each task goes over them forty by forty."""
    parts = parts_of(sample(name))
    blocks, seconds, pids = hosts // 40, parts.seconds, parts.pids
    yield elsewhere(parts.before, 0)
    for number, task in enumerate(parts.tasks):
        for block in range(blocks):
            work = task if block == 0 else task[task.index(b"\n") + 1 :]
            yield elsewhere(later(work, (number * blocks + block) * seconds, (number * blocks + block) * pids), block)
    lines = parts.after.splitlines(keepends=True)
    own = [line for line in lines if _NODE.match(line)]
    first = lines.index(own[0])
    yield b"".join(lines[:first])
    for block in range(blocks):
        yield elsewhere(b"".join(own), block)
    yield later(b"".join(lines[first + len(own) :]), len(parts.tasks) * blocks * seconds, 0)


def shifted(text: bytes, number: int) -> bytes:
    """Run `number` of a sample: other pids, times, hosts and addresses, so that no cache is flattered."""
    # Times go on from run to run: a sample lasts a few seconds, the next begins an hour later.
    text = _HEADER.sub(
        lambda match: b"%s%d %d%s" % (match[1], int(match[2]) + number * 97, int(match[3]) + number * 3600, match[4]),
        text,
    )
    text = _HOST.sub(lambda match: b"%s%d" % (match[1], int(match[2]) + number % 50 * 10), text)
    return _ADDRESS.sub(lambda match: b"127.0.%d.%s" % (1 + number % 50, match[1]), text)


def many_runs(size: int) -> Iterator[bytes]:
    """About `size` bytes of runs of every version, whole ones, one behind the other."""
    samples = [path.read_bytes() for path in sorted(SAMPLES.glob("*.log")) if not path.name.endswith(".sshd.log")]
    number = total = 0
    while total < size:
        run = shifted(samples[number % len(samples)], number)
        total += len(run)
        number += 1
        yield run


def write(kind: str, amount: int) -> Path:
    """The log `kind` (`long`, `hosts`, `runs`) of `amount` megabytes or hosts in `data/`, made where it is not."""
    path = DATA / f"{kind}-{amount}.log"
    if not path.exists():
        pieces = {
            "long": lambda: long_run(amount * 1_000_000),
            "hosts": lambda: many_hosts(amount),
            "runs": lambda: many_runs(amount * 1_000_000),
        }[kind]()
        DATA.mkdir(exist_ok=True)
        new = path.with_suffix(".new")
        with new.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        new.rename(path)
    return path
