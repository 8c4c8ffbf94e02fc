"""How well chunks are told apart where no header says whose they are, on runs whose truth is known.

python -m benchmarks.attribution [NAME…] [--folder FOLDER…] [--wrong] [--no-greedy]
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from parsers.analysis import Analysis
from parsers.lines.reprs import decode_tuple
from parsers.log_model import LogModel
from parsers.model import Command, Stream
from tests.lab import truth
from tests.lab.truth import Score, Truth

_ADDRESSED = re.compile(rb"<([^<>\s]+)> ")
HEAD = ("log", "ansible", "hosts", "forks", "MB", "s", "MB/s", "right", "equal", "commands", "unknown", "last <X>")
ROW = "{:<15}{:>8}{:>6}{:>6}{:>6}{:>7}{:>6}{:>9}{:>9}{:>12}{:>8}{:>9}{:>8}"


def last_address(known: Truth, model: LogModel) -> float:
    """Share of chunks that belong to the host of the last `<X>` line before them (two names: the first)."""
    hosts: dict[bytes, str] = {}
    for run in model.runs:
        for name, host in run.hosts.items():
            hosts.setdefault((host.address or name).encode(), name)
    right = 0
    current: str | None = None
    owners = {chunk.line: chunk.owner.host for chunk in known.chunks}
    for line, text in enumerate(known.log.split(b"\n"), 1):
        match = _ADDRESSED.match(text)
        if match is not None and match[1] in hosts:
            current = hosts[match[1]]
        right += line in owners and owners[line] == current
    return right / len(owners)


class _Told:
    """A command that ended, and how far it has got."""

    def __init__(self, command: Command, host: str | None, text: bytes) -> None:
        told = decode_tuple(text)
        self.begin, self.end = command.opened.line, command.closed.line if command.closed is not None else 0
        self.host = host
        self.bytes = {
            Stream.STDOUT: told.stdout.replace(b"\r", b""),
            Stream.STDERR: told.stderr.replace(b"\r", b""),
        }
        self.at = dict.fromkeys(Stream, 0)


def greedy(known: Truth, model: LogModel) -> float:
    """Share that is right when each chunk goes to the open command whose tuple goes on with it and ends soonest."""
    owner_of = truth.hosts_of_commands(model)
    told: list[_Told] = []
    for command in model.chunks.commands:
        if command.closed is not None and command.has_tuple:
            start = command.closed.offset
            line = known.log[start : known.log.find(b"\n", start)]
            told.append(_Told(command, owner_of.get(command.index), line.partition(b"> ")[2]))
    told.sort(key=lambda one: one.end)
    by_line = {chunk.place.line: chunk for chunk in model.chunks}
    right = 0
    for number, owner in known.chunks:
        chunk = by_line[number]
        text = known.log[chunk.start : chunk.end].replace(b"\r", b"")
        for one in told:
            if one.begin < number < one.end and one.bytes[chunk.stream].startswith(text, one.at[chunk.stream]):
                one.at[chunk.stream] += len(text)
                right += one.host == owner.host
                break
    return right / len(known.chunks)


def kinds(score: Score, model: LogModel) -> Counter[tuple[str, str]]:
    """What is wrong, by the stage of the command that has the chunk and by cause."""
    names: dict[str | None, set[str]] = {}
    for run in model.runs:
        for host in run.hosts.values():
            names.setdefault(host.address, set()).add(host.name)
    counted: Counter[tuple[str, str]] = Counter()
    for wrong in score.unequal:
        command = wrong.chunk.command
        if command is None:
            counted["-", "nobody has it"] += 1
        elif wrong.misnamed and names.get(command.address) == {wrong.given}:
            counted[command.stage, "most of its text is one other command's"] += 1
        elif wrong.misnamed:
            counted[command.stage, "the command is told of the wrong host"] += 1
        elif command.open:
            counted[command.stage, "taken by a command that never ended"] += 1
        else:
            counted[command.stage, "taken by another command"] += 1
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attribution")
    parser.add_argument("names", nargs="*", help="beginnings of the logs' names")
    parser.add_argument("--folder", nargs="*", type=Path, default=[truth.FOLDER], help="of `tests.lab.truth_make`")
    parser.add_argument("--wrong", action="store_true", help="what the chunks out of place are")
    parser.add_argument("--no-greedy", action="store_true", help="leave the slower comparison out")
    given = parser.parse_args()
    print(ROW.format(*HEAD, "greedy"))
    together: dict[tuple[str, str], list[Score]] = {}
    for folder, name in _logs(given.folder):
        if given.names and not name.startswith(tuple(given.names)):
            continue
        known = truth.load(name, folder=folder)
        began = time.perf_counter()
        analysis = Analysis()
        analysis.feed(known.log)
        analysis.finish()
        model = analysis.snapshot()
        seconds = time.perf_counter() - began
        found = truth.score(known, model)
        size = len(known.log) / 1e6
        together.setdefault((name.partition("-2.")[0], str(known.about["version"])), []).append(found)
        print(
            ROW.format(
                name.partition("-2.")[0] + (" [stamp]" if name.endswith(".stamped") else ""),
                known.about["version"],
                known.about["hosts"],
                known.about["forks"],
                f"{size:.1f}",
                f"{seconds:.2f}",
                f"{size / seconds:.1f}",
                f"{found.right_share:.2%}",
                f"{found.equal_share:.2%}",
                f"{found.commands_exact}/{found.commands_differ}/{found.commands_open}",
                found.unknown,
                f"{last_address(known, model):.1%}",
                "" if given.no_greedy else f"{greedy(known, model):.1%}",
            ),
            flush=True,
        )
        if found.invented or found.lost or found.exact_wrong:
            print(f"    BROKEN: invented {found.invented}, lost {found.lost}, exact and wrong {found.exact_wrong}")
        if given.wrong:
            for (stage, cause), count in kinds(found, model).most_common():
                print(f"    {count:>5}  {stage:<10} {cause}")
    if len(given.folder) > 1:
        for (name, version), scores in sorted(together.items()):
            print(f"{name:<15}{version:>8}  {_together(scores)}")
        print(f"all{'':>20}  {_together([one for scores in together.values() for one in scores])}")


def _logs(folders: list[Path]) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        for name in [*truth.names(folder=folder), *truth.names(stamped=True, folder=folder)]:
            yield folder, name


def _together(scores: list[Score]) -> str:
    equal = sum(one.equal for one in scores) / sum(one.chunks for one in scores)
    commands, differ = sum(one.commands for one in scores), sum(one.commands_differ for one in scores)
    return f"{len(scores)} logs, {equal:.2%} equal, {differ} of {commands:,} commands differ"


if __name__ == "__main__":
    main()
