"""The messages of a channel, a connection or a command, one after another: what a ladder shows.

From sshd's log by its model; from the control node's by ssh's own `debug3: send packet: type 90`, read anew from the
text, since the model keeps the last few only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from parsers.log_model import ChunkTable
from parsers.model import Command, Place, Stream
from parsers.ssh.messages import SshMessage, packet
from parsers.sshd.model import Channel, Connection, Message, Request, SshdLog

_MOST = 1 << 20
"""Bytes of one chunk, or of one result line, that are looked through."""


class Step(NamedTuple):
    """One message between the two ends."""

    line: int
    """In the log that tells it."""
    time: float | None
    to_server: bool
    """True: client → server."""
    message: SshMessage
    detail: str = ""
    """What the lines around it tell: the request, its command. Raw: pass it through `showable`."""
    channel: int | None = None
    """Index of its channel, in a ladder of a whole connection."""


def channel_steps(log: SshdLog, channel: Channel) -> list[Step]:
    """The messages of a channel, each with what the lines around it tell."""
    steps = _steps(log.table(channel), {channel.index: channel})
    return [step._replace(channel=None) for step in steps]


def connection_steps(log: SshdLog, connection: Connection) -> list[Step]:
    """The messages of a connection, those of its channels too."""
    messages = [log.messages[index] for index in connection.messages]
    return _steps(messages, {channel.index: channel for channel in connection.channels})


def _steps(messages: Sequence[Message], channels: dict[int, Channel]) -> list[Step]:
    told = {place.line: words for channel in channels.values() for place, words in _told(channel)}
    lines = sorted(told)
    steps, at = [], 0
    for number, message in enumerate(messages):
        line = message.place.line
        before = messages[number - 1].place.line if number else 0
        after = messages[number + 1].place.line if number + 1 < len(messages) else line + 20
        # What was received is explained behind its line; what is sent, before it.
        low, high = (line, after) if message.received else (before + 1, line + 1)
        while at < len(lines) and lines[at] < low:
            at += 1
        near = [lines[place] for place in range(at, len(lines)) if lines[place] < high][:1]
        detail = told[near[0]] if near else ""
        steps.append(Step(line, message.time, message.received, message.message, detail, message.channel))
    return steps


def _told(channel: Channel) -> Iterator[tuple[Place, str]]:
    """Places of a channel's life, and the words for the message beside each."""
    about = [channel.type or "", f"window {channel.window:,} bytes" if channel.window else ""]
    yield channel.opened, ", ".join(word for word in about if word)
    if channel.refused is not None:
        yield channel.refused, channel.refusal
    for request in channel.requests:
        yield request.place, _request(request, channel)


def _request(request: Request, channel: Channel) -> str:
    if request.kind == "exec" and channel.command is not None:
        return f'exec "{channel.command}"'
    return f"{request.kind} {request.detail}".strip()


def command_steps(command: Command, chunks: ChunkTable, read: Callable[[int, int], bytes]) -> list[Step]:
    """The messages that ssh's own text tells of a command; none through a shared connection, whose master has them.

    `read(start, end)` gives bytes of the log.
    """
    steps: list[Step] = []
    for index in command.chunks:
        chunk = chunks[index]
        if chunk.stream is Stream.STDERR:
            text = read(chunk.start, min(chunk.end, chunk.start + _MOST))
            steps += _packets(text.split(b"\n"), chunk.place.line + 1, chunk.time)
    if not command.chunks and command.closed is not None:
        whole = read(command.closed.offset, command.closed.offset + _MOST).partition(b"\n")[0]
        # The result line holds ssh's text as Python writes it.
        steps = [step._replace(line=command.closed.line) for step in _packets(whole.split(b"\\r\\n"), 0, None)]
    return steps


def _packets(lines: Sequence[bytes], first: int, time: float | None) -> list[Step]:
    found = []
    for number, line in enumerate(lines, first):
        known = packet(line[8:]) if line.startswith(b"debug3: ") else None
        if known is not None:
            found.append(Step(number, time, not known.received, known.message))
    return found
