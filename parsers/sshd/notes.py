"""What a reader should know of an sshd log itself, before its facts."""

from __future__ import annotations

from parsers.lines.records import RecordReader
from parsers.model import Place
from parsers.sshd.model import SshdLog


def notes_of(log: SshdLog, records: RecordReader) -> list[tuple[Place | None, str]]:
    """What a reader should know of the log itself."""
    notes: list[tuple[Place | None, str]] = []
    for line, size in records.overlong:
        notes.append((None, f"line {line} has {size:,} bytes; what follows its first 64 MiB was not read"))
    if not log.stamped:
        notes.append((None, "sshd wrote no times (-E, -e and -ddd give none); the order is that of the lines"))
    elif log.year is None:
        notes.append((None, "the stamps name no year and no time zone, so times are good for differences only"))
    elif not log.zoned:
        notes.append((None, "the stamps name no time zone; they are taken as UTC"))
    if not log.pids:
        notes.append((None, "no line names its process, so a line is given to the connection that was open then"))
    if log.mixed:
        words = "more than one connection was open at a time: some lines may stand at the wrong one"
        notes.append((None, f"{words}, so what did not end is not concluded from them"))
    if log.levels < 3:
        level = f"DEBUG{log.levels}" if log.levels else "INFO or VERBOSE"
        notes.append((None, f"LogLevel was {level}: only DEBUG3 shows each message of SSH"))
    skipped = sum(log.others.values())
    if skipped:
        named = sorted(log.others.items(), key=lambda item: (-item[1], item[0]))
        words = ", ".join(f"{name or 'no known form'} {count:,}" for name, count in named[:6])
        notes.append((None, f"{skipped:,} lines are not sshd's ({words}); they were passed over"))
    return notes
