"""What the hint pane says of a channel, a connection or a command: its life, its other end, and what was found."""

from __future__ import annotations

from collections.abc import Sequence

from parsers.ends.model import MEANS, Ends, Pairing, Side
from parsers.findings import Finding, Severity
from parsers.sshd.life import connection_life, life
from tui.widgets.channeltree import Branch
from tui.widgets.hint import HintRows, Part, finding_parts

_ORDER = list(Severity)


def findings_of(branch: Branch) -> list[Finding]:
    """The findings on the channel; on the connection, all of it."""
    found = [one for one in branch.log.findings if one.connection is branch.connection and one.connection is not None]
    if branch.channel is not None:
        own = range(branch.channel.opened.line, branch.channel.last_line + 1)
        found = [
            one
            for one in found
            if one.channel in (None, branch.channel) or any(proof.place.line in own for proof in one.evidence)
        ]
    return sorted(found, key=lambda one: _ORDER.index(one.severity))


def pairing_parts(pairing: Pairing, ends: Ends) -> list[Part]:
    """How far the command came, seen from both ends, and by what the two were lined up."""
    role = "text" if pairing.side in (Side.BOTH, Side.UNKNOWN) else "warn"
    about = f"{pairing.host} · TASK [{pairing.task}] · {pairing.command.stage}"
    parts = [Part((("⇄ ", "accent"), (about, "strong"), (f"  line {pairing.command.opened.line:,}", "muted")))]
    if pairing.said:
        parts.append(Part(((f"{pairing.said} {MEANS.get(pairing.side, '')}".strip(), role),), 2))
    how = f"{pairing.sure}: {pairing.why}" if pairing.sure is not None else pairing.why
    server = ends.server(pairing.server)
    clock = f" · clock difference {server.clock.words}" if server is not None and server.clock is not None else ""
    parts.append(Part(((f"{how}{clock}", "muted"),), 2))
    return parts


def branch_hint(branch: Branch | None, ends: Ends) -> HintRows:
    """The pane's rows."""
    if branch is None:
        return HintRows([Part((("No connection is in the log.", "muted"),))])
    parts: list[Part] = []
    pairing = ends.of_command(branch.command)
    if branch.channel is not None and branch.connection is not None:
        parts.append(
            Part(
                (
                    (f"channel {branch.channel.index}", "strong"),
                    (" · ", "muted"),
                    (life(branch.channel, branch.connection), "text"),
                )
            )
        )
        pairing = ends.of_channel(branch.channel)
    elif branch.connection is not None:
        parts.append(Part((("connection", "strong"), (" · ", "muted"), (connection_life(branch.connection), "text"))))
        parts.extend(_connection(branch))
    elif branch.command is not None:
        parts.append(Part(((str(branch.command.stage), "strong"), (" · ", "muted"), (branch.command.text, "out"))))
    if pairing is not None:
        parts.extend(pairing_parts(pairing, ends))
    elif branch.channel is not None and ends.pairings:
        parts.append(Part((("No command of the run was found for it.", "muted"),)))
    for finding in findings_of(branch):
        parts.append(Part(()))
        parts.extend(finding_parts(finding))
    return HintRows(parts)


def _connection(branch: Branch) -> Sequence[Part]:
    connection = branch.connection
    if connection is None:
        return ()
    facts = [
        ("client", connection.client),
        ("server", connection.server),
        ("kex", " · ".join(connection.kex.values()) or None),
        ("login", ", ".join(f"{one.method} {one.result}" for one in connection.attempts[:6]) or None),
    ]
    pieces = [
        piece for name, value in facts if value for piece in ((f"{name}\u00a0", "heading"), (f"{value}   ", "text"))
    ]
    parts = [Part(pieces, 2)] if pieces else []
    if connection.end_said is not None:
        line = connection.end_said.place.line
        parts.append(Part(((f"◆ {line:>6}  ", "accent"), (connection.end_said.text, "err")), 2, line))
    return parts
