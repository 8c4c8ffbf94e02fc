"""`sshdebug-tui sessions`: the list, and what can be done with one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from parsers.showable import showable
from tui.sessions.store import Session, choose, prune, remove, sessions


def size_words(size: int) -> str:
    """Bytes as people say them: `812 B`, `76 kB`, `209.9 MB`."""
    for limit, divisor, unit in ((1000, 1, "B"), (1_000_000, 1000, "kB"), (10**9, 1_000_000, "MB")):
        if size < limit:
            return f"{size / divisor:.1f} MB" if unit == "MB" else f"{size // divisor} {unit}"
    return f"{size / 10**9:.2f} GB"


def row(session: Session, width: int, *, longest: int) -> str:
    """One line of the list, cut at `width` columns."""
    begun = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.started))
    about = showable(session.command) or "(nothing is known of its command)"
    line = f"{session.id:<{longest}}  {begun}  {session.state:<9}  {size_words(session.size):>8}  {about}"
    return line if len(line) <= width else line[: width - 1] + "…"


def listed(folder: Path, width: int) -> str:
    """The list as it is printed; a sentence where there is none."""
    found = sessions(folder)
    if not found:
        return f"There are no sessions in {folder}. sshdebug-tui -- ansible-playbook … makes one.\n"
    longest = max(len(session.id) for session in found)
    lines = [row(session, width, longest=longest) for session in found]
    total = sum(session.size for session in found)
    lines.append(
        f"{len(found)} in {folder}, {size_words(total)}. open ID shows one, remove ID and prune --keep N remove."
    )
    return "".join(f"{line}\n" for line in lines)


def remove_named(folder: Path, names: Sequence[str], say: Callable[[str], None]) -> None:
    """Removes sessions by name: all of the names must be of sessions, else none is touched."""
    chosen = [choose(folder, name) for name in names]
    for session in chosen:
        remove(session)
        say(f"removed {session.id}")


def keep_newest(folder: Path, keep: int, say: Callable[[str], None]) -> None:
    """Removes all but the newest `keep`, and says what was done."""
    removed, kept = prune(folder, keep)
    for sentence in kept:
        say(sentence)
    freed = size_words(sum(session.size for session in removed))
    say(f"removed {len(removed)} sessions, {freed}" if removed else "nothing to remove")
