"""The life of a channel or a connection in one line, as every face says it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from parsers.sshd.model import Channel, Connection, End


class State(StrEnum):
    """How a channel stands at the end of the log."""

    OK = "ok"
    REFUSED = "refused"
    """Its opening was refused, or what was asked of it (exec, subsystem) was."""
    STALLED = "stalled"
    """Its opening was received and never answered."""
    KILLED = "killed"
    """Its command was ended by a signal."""
    OPEN = "open"
    """It is not over, and its connection is not either."""
    CUT = "cut"
    """Its connection ended before it was over."""


def state_of(channel: Channel, connection: Connection) -> State:
    """How the channel stands."""
    failed = any(one.kind in ("exec", "subsystem", "shell") and one.answer is False for one in channel.requests)
    if channel.refused is not None or failed:
        return State.REFUSED
    if channel.stalled:
        return State.STALLED
    if channel.exit_signal:
        return State.KILLED
    if channel.over or channel.status_sent is not None or channel.close_received is not None:
        return State.OK
    return State.OPEN if connection.end is None else State.CUT


def doubtful(states: Iterable[State], end: End | None) -> bool:
    """Whether somebody has to look at a connection with channels of these states that ended so."""
    return end is End.FATAL or any(state not in (State.OK, State.OPEN) for state in states)


def duration(seconds: float | None) -> str:
    """`43 ms`, `1.2 s`, `2 min 5 s`; empty where it is not known."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def what_ran(channel: Channel) -> str:
    """`exec "id"`, `subsystem sftp`, `shell`, `forced command "date"`; empty where nothing was asked for."""
    if channel.forced is not None:
        return f'forced command "{channel.forced}"'
    if channel.subsystem is not None:
        return f"subsystem {channel.subsystem}"
    if channel.command is not None:
        return f'exec "{channel.command}{"…" if channel.command_cut else ""}"'
    if channel.run == "shell":
        return "shell"
    return "exec" if channel.run is not None or channel.request("exec") is not None else ""


def life(channel: Channel, connection: Connection) -> str:
    """`opened, exec "id", exit status sent, closed, 43 ms`. Raw: pass it through `showable`."""
    words = ["opened" if channel.open_seen else "seen"]
    if channel.type not in (None, "session"):
        words[0] += f" ({channel.type})"
    if channel.refused is not None:
        words.append(f"refused: {channel.refusal}" if channel.refusal else "refused")
    elif channel.stalled:
        words.append("never answered")
    if ran := what_ran(channel):
        words.append(ran)
    if channel.tty is not None or channel.request("pty-req") is not None:
        words.append("with a terminal")
    words += [
        f"≥ {amount:,} bytes {way}" for amount, way in ((channel.bytes_in, "in"), (channel.bytes_out, "out")) if amount
    ]
    state = state_of(channel, connection)
    if channel.status_sent is not None:
        words.append("ended by a signal" if channel.exit_signal else "exit status sent")
    if state is State.REFUSED and channel.refused is None:
        words.append("request refused")
    elif channel.over and channel.refused is None:
        words.append("closed")
    elif state in (State.OPEN, State.CUT):
        words.append("still open" if state is State.OPEN else "cut off")
    if (took := duration(channel.seconds)) and channel.ended != channel.started:
        words.append(took)
    return ", ".join(words)


_ENDED = {
    None: "open at the log's end",
    End.DISCONNECTED: "ended by the client",
    End.CLOSED: "closed by the client",
    End.RESET: "reset",
    End.TIMEOUT: "timed out",
    End.REFUSED: "refused by sshd",
    End.NEGOTIATION: "no algorithm in common",
    End.FATAL: "ended by an error",
}


def connection_life(connection: Connection) -> str:
    """`publickey, 24 channels, closed by the client, 12.3 s`."""
    words = [connection.accepted.method if connection.accepted is not None else "not logged in"]
    if connection.accepted is None and (connection.channels or (not connection.whole and connection.end is None)):
        words = ["login not in the log"]
    count = len(connection.channels)
    if count:
        words.append(f"{count:,} channel{'s' if count != 1 else ''}")
    words.append(_ENDED[connection.end])
    # Stamps of a second's width tell nothing of less.
    if connection.started is not None and connection.ended is not None and connection.ended > connection.started:
        words.append(duration(connection.ended - connection.started))
    return ", ".join(words)
