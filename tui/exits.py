"""Exit codes (contract, "Commands")."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How the program ended; a launched run ends with the code of its own command instead."""

    OK = 0
    """Every host ended well, or there was nothing to judge."""

    HOSTS = 1
    """Some host failed, was unreachable, stalled or had not ended, or the run died on the control node."""

    USAGE = 2
    """Wrong usage, or input that cannot be read as an Ansible log."""

    INTERNAL = 3
    """An unexpected error of this tool itself."""

    NOT_EXECUTABLE = 126
    """The command to launch is there but cannot be executed, as a shell says it."""

    NOT_FOUND = 127
    """The command to launch does not exist, as a shell says it."""

    INTERRUPTED = 130
    """Ctrl-C: 128 + SIGINT."""

    @staticmethod
    def of_command(returncode: int) -> int:
        """The shell's number for a `Popen.returncode`: 128 + n for a command that signal n ended."""
        return 128 - returncode if returncode < 0 else returncode
