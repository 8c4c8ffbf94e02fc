"""Whether a channel may have carried a command: kind, text, terminal and user, without times and order."""

from __future__ import annotations

from parsers.model import Command, Tool
from parsers.sshd.model import Channel, Connection

KEY = 400
"""Characters by which equal commands are found: below what sshd (1,024 bytes a line, escapes in them) leaves of one."""
_TORN = 3
TEXT, KIND, SEEN, BARE = 8, 3, 2, 1
"""What speaks for a pair: the same text, the same subsystem, the same kind of request, nothing against it."""


def flat(text: str) -> str:
    """White space made equal: sshd's log has a line feed in an escape that a syslog may have rewritten."""
    return " ".join(text.split())


def key_of(text: str) -> str:
    """What equal texts share, however sshd cut them."""
    return flat(text)[:KEY]


def same_text(command: Command, channel: Channel) -> bool:
    """Whether one text begins with the other: both ends cut long ones, sshd at 1,024 bytes of a line."""
    sent, logged = flat(command.text), flat(channel.command or "")
    least = min(len(sent), len(logged))
    if sent == logged or (least < KEY and not channel.command_cut):
        return sent == logged
    # What was cut within a character may end in a piece of it.
    return least > _TORN and sent[: least - _TORN] == logged[: least - _TORN]


def fit(command: Command, channel: Channel, connection: Connection) -> int | None:
    """What speaks for the pair, as a number above 0; None where something speaks against it."""
    if command.user and connection.user and command.user != connection.user:
        return None
    if channel.type not in (None, "session"):
        return None
    if channel.forced is not None or channel.run == "forced-command":
        return _forced(command, channel)
    if command.tool in (Tool.SFTP, Tool.SCP):
        return _transfer(command, channel)
    if channel.subsystem is not None or channel.run in ("subsystem", "shell"):
        return None
    if channel.command is not None and command.text:
        return TEXT if same_text(command, channel) else None
    asked = channel.run is not None or channel.request("exec") is not None
    terminal = channel.tty is not None or channel.request("pty-req") is not None
    return BARE if not asked else SEEN + (terminal == command.tty)


def _forced(command: Command, channel: Channel) -> int | None:
    """What ran is the server's choice; what was asked for is told by the requests alone."""
    if command.tool is Tool.SCP:
        return SEEN
    subsystem = channel.request("subsystem") is not None
    return None if subsystem is not (command.tool is Tool.SFTP) else KIND if subsystem else SEEN


def _transfer(command: Command, channel: Channel) -> int | None:
    if channel.subsystem is not None or channel.run == "subsystem":
        return KIND
    if command.tool is Tool.SCP and channel.command is not None:
        return TEXT if channel.command.startswith("scp ") else None
    if channel.command is not None:
        return None
    asked = channel.run is not None or channel.request("exec") is not None
    if not asked:
        return BARE
    return SEEN if command.tool is Tool.SCP else None
