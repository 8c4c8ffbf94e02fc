"""What the rules on the temporary directory share."""

from __future__ import annotations

from collections.abc import Iterable

from parsers.ssh.transcript import Line

_NO_HOME = "Could not chdir to home directory "


def denied_directory(line: Line) -> str:
    """The directory that mkdir names, in the wording of GNU, busybox, BSD or Solaris; empty where there is none."""
    middle = line.text.partition("mkdir: ")[2].strip()
    for separator in (": ", "; "):
        head, found, _ = middle.rpartition(separator)
        middle = head if found else middle
    for opening, closing in (("`", "'"), ("'", "'"), ("‘", "’"), ('"', '"')):  # the first: GNU up to coreutils 8.24
        if middle.endswith(closing) and opening in middle[: -len(closing)]:
            return middle[: -len(closing)].rpartition(opening)[2]
    return middle if middle.startswith(("/", "~")) else ""


def no_home(lines: Iterable[Line]) -> Line | None:
    """The line that says that the home directory is missing, where mkdir failed at that directory or above it."""
    lines = list(lines)
    home = next((line for line in lines if line.text.startswith(_NO_HOME)), None)
    if home is None:
        return None
    path = home.text.removeprefix(_NO_HOME).partition(": ")[0].strip()
    for line in lines:
        if "mkdir: " in line.text:
            refused = denied_directory(line)
            if refused and (path == refused or path.startswith(refused.rstrip("/") + "/")):
                return home
    return None
