"""sshd's side of the report's document: connections, channels, and, on request, each message."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from parsers.sshd.life import connection_life, life, state_of
from parsers.sshd.model import Channel, Connection, Request, SshdLog
from tui.report.document import AttemptEntry, ChannelEntry, ConnectionEntry, MessageEntry, RequestEntry

Clean = Callable[[str], str]


def is_of(host: str | None, connection: Connection) -> bool:
    """Whether the connection is told of, where `host` was asked for: the node's name, or its address."""
    return host is None or host in (connection.host, connection.server_address)


def connection_entries(source: int, log: SshdLog, clean: Clean, host: str | None = None) -> Iterator[ConnectionEntry]:
    """Every connection of the log, to `host` where one was asked for."""
    for one in log.connections:
        if is_of(host, one):
            yield _connection(source, log, one, clean)


def _times(log: SshdLog, *moments: float | None) -> tuple[float | None, ...]:
    # Without a year a time says nothing but differences.
    return tuple(None if log.year is None else moment for moment in moments)


def _connection(source: int, log: SshdLog, one: Connection, clean: Clean) -> ConnectionEntry:
    def text(value: str | None) -> str | None:
        return None if value is None else clean(value)

    started, ended = _times(log, one.started, one.ended)
    return ConnectionEntry(
        source=source,
        index=one.index,
        host=text(one.host),
        address=text(one.address),
        port=one.port,
        server_address=text(one.server_address),
        server_port=one.server_port,
        user=text(one.user),
        client=text(one.client),
        server=text(one.server),
        method=text(one.accepted.method if one.accepted is not None else None),
        attempts=[
            AttemptEntry(clean(a.method), clean(a.user), a.result, a.invalid_user, a.repeated, a.place.line)
            for a in one.attempts
        ],
        kex={clean(name): clean(value) for name, value in one.kex.items()},
        pids=one.pids,
        whole=one.whole,
        end=one.end,
        reason=text(one.end_said.text if one.end_said is not None else None),
        started=started,
        ended=ended,
        seconds=None if one.started is None or one.ended is None else round(max(0.0, one.ended - one.started), 6),
        first_line=one.opened.line,
        last_line=one.last_line,
        bytes_sent=one.bytes_sent,
        bytes_received=one.bytes_received,
        life=clean(connection_life(one)),
        channels=[_channel(log, one, channel, clean) for channel in one.channels],
    )


def _channel(log: SshdLog, one: Connection, channel: Channel, clean: Clean) -> ChannelEntry:
    def text(value: str | None) -> str | None:
        return None if value is None else clean(value)

    started, ended = _times(log, channel.started, channel.ended)
    seconds = channel.seconds
    return ChannelEntry(
        index=channel.index,
        id=channel.id,
        remote_id=channel.remote_id,
        type=text(channel.type),
        status=state_of(channel, one),
        run=text(channel.run),
        command=text(channel.command),
        command_cut=channel.command_cut,
        subsystem=text(channel.subsystem),
        forced=text(channel.forced),
        refusal=text(channel.refusal or None),
        pid=channel.pid,
        exit=None if channel.status_sent is None else "signal" if channel.exit_signal else "status",
        requests=[_request(request, clean) for request in channel.requests],
        bytes_in=channel.bytes_in,
        bytes_out=channel.bytes_out,
        started=started,
        ended=ended,
        seconds=None if seconds is None else round(seconds, 6),
        first_line=channel.opened.line,
        last_line=channel.last_line,
        life=clean(life(channel, one)),
    )


def _request(request: Request, clean: Clean) -> RequestEntry:
    return RequestEntry(
        clean(request.kind), request.received, request.reply, request.answer, clean(request.detail), request.place.line
    )


def message_entries(source: int, log: SshdLog, host: str | None = None) -> Iterator[MessageEntry]:
    """Every message of SSH that the log tells, in the order of its lines."""
    for message in log.messages:
        if not is_of(host, log.connections[message.connection]):
            continue
        (time,) = _times(log, message.time)
        known = message.message
        yield MessageEntry(
            source=source,
            line=message.place.line,
            time=time,
            connection=message.connection,
            channel=message.channel,
            received=message.received,
            number=message.number,
            name=known.name,
            reference=known.reference,
            preauth=message.preauth,
        )
