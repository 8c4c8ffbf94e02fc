"""What a reader has to be told of a run's log as a whole: what it does not show, and what is guessed instead."""

from __future__ import annotations

from parsers.building.run_builder import RunBuilder
from parsers.model import Place


def remarks(builder: RunBuilder, *, complete: bool) -> list[tuple[Place | None, str]]:
    """The run's notes, with their lines. `complete`: nothing more of the log comes."""
    notes: list[tuple[Place | None, str]] = [*builder.notes, *map(_other_connection, builder.others.items())]
    first = builder.run.first
    if builder.late:
        text = "the results stand in one document behind the run: the hosts are those of its recap, and what"
        text += " the log says of a command before is shown at its address where its host is not known"
        notes.append((first, text))
    if _unshown(builder):
        text = "no result of a host is shown; the debug lines tell how tasks ended"
        if _guessed(builder):
            text += ", and only their order whose address is whose: two hosts of one task may be mistaken"
        notes.append((first, text))
    if builder.torn:
        text = "what -v says and the debug lines came over two streams (ANSIBLE_VERBOSE_TO_STDERR, or 2> of its own)"
        text += " and are not in the order in which they were written: stages, their times and the hosts of chunks are"
        text += " not certain; PYTHONUNBUFFERED=1 keeps the order"
        notes.append((first, text))
    if complete and mute(builder):
        text = "no task and no result is shown, as callbacks such as null do it (or the run was ended before): how a"
        text += " task ended is not known, nor whose address is whose; ANSIBLE_STDOUT_CALLBACK=default or"
        text += " ANSIBLE_DEBUG=1 shows it"
        notes.append((first, text))
    if _bare(builder):
        text = "no task is announced (callback minimal or oneline): its results alone tell a task from the one before,"
        text += " and a failure that was ignored looks like any other; ANSIBLE_STDOUT_CALLBACK=default shows both"
        notes.append((first, text))
    return notes


def _unshown(builder: RunBuilder) -> bool:
    """Whether Ansible ran to its end and no result was shown."""
    if not builder.over or builder.recaps or any(section.results for section in builder.sections):
        return False
    return any(section.queued for section in builder.sections)


def _guessed(builder: RunBuilder) -> bool:
    """Whether the lines of several addresses' workers name no host (2.17 and later, without the stamps)."""
    workers = [worker for section in builder.sections for worker in section.workers]
    return len({worker.address for worker in workers}) > 1 and not any(worker.name for worker in workers)


def mute(builder: RunBuilder) -> bool:
    """Whether the log shows commands, and no task and no result: no banner, no recap, and no debug lines either."""
    if (
        builder.run.debug
        or builder.recaps
        or any(one.announced or one.titled or one.results for one in builder.sections)
    ):
        return False
    return any(section.workers for section in builder.sections)


def _bare(builder: RunBuilder) -> bool:
    """Whether nothing but the results tells a playbook's tasks apart."""
    if builder.run.debug or builder.recaps or len(builder.sections) < 2:
        return False
    return not any(section.announced or section.titled or section.queued for section in builder.sections)


def _other_connection(found: tuple[str, dict[str, Place]]) -> tuple[Place, str]:
    """What to say of a connection plugin that is not ssh, of which nothing but the commands can be read."""
    kind, reached = found
    first, more = next(iter(reached)), len(reached) - 1
    whom = f"{first} and {more} more are" if more else f"{first} is"
    words = f"{whom} reached by the connection plugin {kind}, not by ssh: the log has no word of ssh and no answers"
    return reached[first], words
