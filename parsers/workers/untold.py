"""Transfers that failed: no tuple tells what sftp or scp said, the host's result does, a little later. `Untold`.

`_file_transport_command` raises before the tuple is logged (ansible-core 2.0-2.21). The message quotes all of it:
`failed to transfer file to FROM TO:`, stdout and stderr, each behind a line feed; and where ssh itself failed (rc 255)
`Failed to connect to the host via sftp: ` and stderr. From 2.19 on it has no line feed at its end.
"""

from __future__ import annotations

from typing import NamedTuple

from parsers.lines.reprs import CommandTuple
from parsers.model import Command, Tool

_FAILED = "failed to transfer file to "
_UNREACHABLE = "Failed to connect to the host via "
_STARTED = "debug2: Remote version: "
"""sftp's and scp's own first words: from here on sftp repeats its batch on stdout."""


class _Waiting(NamedTuple):
    command: Command
    newest: int
    """The last chunk before its end, by index."""


class Untold:
    """The transfers of one run whose results may still be quoted."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    @staticmethod
    def may_be(command: Command) -> bool:
        """Whether a command that ends without a tuple is a transfer that a result may quote."""
        return command.tool in (Tool.SFTP, Tool.SCP) and not command.has_tuple

    def wait(self, command: Command, newest: int) -> list[Command]:
        """A transfer ended, behind that chunk. Returns those that were tried again: no result quotes them."""
        given_up = [one.command for one in self._waiting if one.command.text == command.text]
        self._waiting = [one for one in self._waiting if one.command not in given_up]
        self._waiting.append(_Waiting(command, newest))
        return given_up

    def quoted(self, message: str) -> tuple[Command, CommandTuple, int] | None:
        """The transfer that a failed result's message quotes, what it said, and the last chunk before its end."""
        if not self._waiting:
            return None
        _, found, rest = message.partition(_FAILED)
        if found:
            return self._failed(rest)
        way, _, stderr = message.partition(_UNREACHABLE)[2].partition(": ")
        able = [one for one in self._waiting if one.command.tool.value == way]
        if len(able) != 1 or _STARTED in stderr:
            return None
        self._waiting.remove(able[0])
        return able[0].command, CommandTuple(255, b"", _bytes_of(stderr)), able[0].newest

    def _failed(self, rest: str) -> tuple[Command, CommandTuple, int] | None:
        paths, found, text = rest.partition(":\n")
        able = [one for one in self._waiting if found and paths.endswith(f" {_goal(one.command)}")]
        if len(able) != 1:
            return None
        self._waiting.remove(able[0])
        return able[0].command, CommandTuple(1, *_split(text)), able[0].newest

    def give_up(self) -> list[Command]:
        """Nothing more will quote them: the task is over."""
        waiting, self._waiting = self._waiting, []
        return [one.command for one in waiting]


def _goal(command: Command) -> str:
    """Where the file was to be: sftp's batch was told both paths, scp's line ends with `[HOST]:PATH` or the path."""
    if command.tool is Tool.SCP:
        return command.text.rpartition("]:")[2]
    paths = (command.remote_path, command.local_path)
    return next((path for path in paths if path and command.text.endswith(f" {path}")), command.text)


def _split(text: str) -> tuple[bytes, bytes]:
    """stdout and stderr: sftp's stdout is the batch that it was given, a line; scp's is nothing."""
    stdout = ""
    if text.startswith("sftp> "):
        stdout, _, text = text.partition("\n")
    return _bytes_of(stdout), _bytes_of(text.removeprefix("\n"))


def _bytes_of(said: str) -> bytes:
    whole = said if not said or said.endswith("\n") else said + "\n"
    return whole.encode("utf-8", "surrogateescape")
