"""How far a command came, seen from both ends, in one sentence."""

from __future__ import annotations

from parsers.ends.clock import Times
from parsers.ends.meet import Endpoint
from parsers.ends.model import Pairing, Side, took
from parsers.model import Command
from parsers.sshd.life import State, state_of, what_ran
from parsers.sshd.model import Channel, Connection, End

_CUT = 100


def judge(one: Pairing, endpoint: Endpoint, times: dict[int, Times]) -> None:
    """Sets `side` and `said` of a pairing; and `why`, where it has no partner."""
    if one.server is None:
        one.why = "no log of sshd is this host's"
        return
    if one.connection is None:
        one.side, one.said = _nothing(one, endpoint, times)
        one.why = one.why or "nothing in the managed node's log fits"
    elif one.channel is None:
        one.side, one.said = _no_channel(one, one.connection)
    else:
        one.side, one.said = _channel(one.command, one.channel, one.connection)


def seen(command: Command) -> bool:
    """Whether the client saw the command's end: an exit status, which 255 of ssh's own is not.

    Of a transfer that failed Ansible logs no return code: nothing tells that its end was not seen.
    """
    if command.open:
        return False
    return command.rc != 255 or command.transcript.exit_status is not None


def asked(command: Command) -> bool:
    """Whether the client asked for a channel, by a packet of its own or through a master."""
    transcript = command.transcript
    return ("send", 90) in transcript.packets or transcript.mux == "client" or transcript.session


def covers(one: Pairing, endpoint: Endpoint, times: dict[int, Times]) -> bool | None:
    """Whether the managed node's log holds the time of the command; None where that cannot be told."""
    begun = one.command.started
    view = times.get(one.server if one.server is not None else -1)
    if view is None:
        return None
    first, last, clock = view.at(view.server.log.first_time), view.at(view.server.log.last_time), view.server.clock
    if begun is not None and clock is not None and first is not None and last is not None:
        return first - view.slack <= begun + clock.seconds <= last + view.slack
    # Without a clock: a log that goes on with later commands of the same endpoint holds the earlier ones too.
    mine = [other.connection is not None for other in endpoint.pairings]
    place = endpoint.pairings.index(one)
    return True if any(mine[:place]) and any(mine[place:]) else None


def _nothing(one: Pairing, endpoint: Endpoint, times: dict[int, Times]) -> tuple[Side, str]:
    held = covers(one, endpoint, times)
    if seen(one.command):
        return Side.UNKNOWN, ""
    view = times.get(one.server if one.server is not None else -1)
    name = view.server.name if view is not None else "the managed node's log"
    if held:
        return Side.NOT_REACHED, (
            f"sshd's log ({name}) covers the time and has no connection for it: it never reached this sshd."
        )
    log = view.server.log if view is not None else None
    if log is not None and not log.connections and log.lines:
        return Side.NOT_REACHED, f"sshd's log ({name}) has no connection at all; it may not cover the time."
    return Side.UNKNOWN, f"sshd's log ({name}) does not cover the time, or has no times to tell by."


def _no_channel(one: Pairing, connection: Connection) -> tuple[Side, str]:
    client = connection.client_name
    line = connection.opened.line
    if connection.accepted is None and (connection.whole or connection.attempts):
        why = f': "{connection.end_said.text[:_CUT]}"' if connection.end_said is not None else ""
        return Side.NOT_LOGGED_IN, (
            f"It reached sshd (line {line} of its log, {client}), and nobody was logged in{why}."
        )
    if connection.end in (End.REFUSED, End.FATAL) and not connection.channels:
        why = f': "{connection.end_said.text[:_CUT]}"' if connection.end_said is not None else ""
        return Side.NOT_LOGGED_IN, f"The login worked, and sshd ended the connection before a session{why}."
    if seen(one.command):
        return Side.UNKNOWN, ""
    if asked(one.command):
        return Side.NOT_RECEIVED, (
            f"Sent and never received: the client asked for a channel (SSH_MSG_CHANNEL_OPEN, 90), and sshd's log has "
            f"none for it in the connection of line {line} ({client})."
        )
    return Side.NOT_RECEIVED, f"sshd let the client log in ({client}), and no channel was opened in that connection."


def _channel(command: Command, channel: Channel, connection: Connection) -> tuple[Side, str]:
    line = channel.opened.line
    state = state_of(channel, connection)
    ran = what_ran(channel)
    life = f"{ran[:_CUT]}{'…' if len(ran) > _CUT else ''}, " if ran else ""
    if state is State.STALLED:
        return Side.NOT_ANSWERED, (
            f"Received and never answered: SSH_MSG_CHANNEL_OPEN (90) stands at line {line} of sshd's log, and neither "
            "91 nor 92 was sent for it."
        )
    if state is State.REFUSED:
        words = channel.refusal or next(
            (f"the {r.kind} request was refused" for r in channel.requests if r.answer is False), "refused"
        )
        return Side.REFUSED, f"Received and refused by sshd (line {line} of its log): {words}."
    if state in (State.OK, State.KILLED):
        end = "ended by a signal" if state is State.KILLED else "its end was sent"
        if seen(command) or state is State.KILLED:
            return Side.BOTH, f"sshd's log, line {line}: {life}{end}{_took(channel)}."
        if channel.status_sent is None:
            return Side.CUT, f"sshd's log, line {line}: {life}closed without an exit status{_took(channel)}."
        return Side.NOT_SEEN, (
            f"Answered and never seen: sshd sent the end of the command (line {channel.status_sent.line} of its log), "
            "and the client did not see it."
        )
    return _under_way(command, channel, connection, life)


def _under_way(command: Command, channel: Channel, connection: Connection, life: str) -> tuple[Side, str]:
    line = channel.opened.line
    if channel.confirmed is not None and channel.run is None and not channel.requests:
        if command.transcript.session and command.transcript.mux != "client":
            return Side.NOT_RECEIVED, (
                f"Sent and never received: the channel was confirmed (line {line} of sshd's log), and the request to "
                "run the command did not arrive."
            )
        return Side.NOT_SEEN, (
            f"Answered and never seen: sshd confirmed the channel (line {channel.confirmed.line} of its log, packet "
            "91), and the client did not go on."
        )
    how = _ENDS.get(connection.end, "") if connection.end is not None else ""
    if command.open or not how:
        after = f"; afterwards the connection {how}" if how else ""
        return Side.AT_WORK, (
            f"Received, started (line {(channel.run_place or channel.opened).line} of sshd's log) and not over there: "
            f"{life}the managed node was still at work on it when the control node's log ended{after}."
        )
    if seen(command):
        return Side.BOTH, f"sshd's log, line {line}: {life}its end is not in the log."
    return Side.CUT, f"sshd started it (line {line} of its log), and the connection {how} before it was over."


_ENDS = {
    End.DISCONNECTED: "was ended by the client",
    End.CLOSED: "was closed by the client",
    End.RESET: "was reset",
    End.TIMEOUT: "timed out",
    End.REFUSED: "was ended by sshd",
    End.FATAL: "ended with sshd's own process (an error, or it was killed)",
}


def _took(channel: Channel) -> str:
    words = took(channel)
    return f" after {words}" if words and channel.seconds else ""
