"""What a rule looks at on the other end: one connection of an sshd log, or what its listening process says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parsers.sshd.model import Channel, Connection, Said, SshdLog


@dataclass(slots=True, frozen=True)
class ServerCase:
    """One connection; without one, the listening process: its drops, penalties and starts."""

    log: SshdLog
    connection: Connection | None = None
    complete: bool = True
    """Whether the log was read to its end: what is open then stays open."""

    @property
    def lines(self) -> list[Said]:
        """What sshd says of it, but for most of its debug lines."""
        return self.log.listener if self.connection is None else self.connection.lines

    def said(self, *needles: str) -> Said | None:
        """The first line that holds one of `needles` as it is."""
        return next((line for line in self.lines if any(needle in line.text for needle in needles)), None)

    def all_said(self, *needles: str) -> Iterator[Said]:
        """Every line that holds one of `needles`."""
        return (line for line in self.lines if any(needle in line.text for needle in needles))

    @property
    def channels(self) -> list[Channel]:
        """The connection's, in the order of their opening."""
        return [] if self.connection is None else self.connection.channels

    @property
    def refused(self) -> bool:
        """Whether the connection ended before anybody was logged in."""
        one = self.connection
        return one is not None and one.accepted is None and not one.channels

    def requested(self, methods: tuple[str, ...]) -> bool:
        """Whether the client asked to log in by one of `methods`, or the log does not tell what it asked for."""
        one = self.connection
        if one is None:
            return False
        asked = [name.partition("-hostbound")[0] for name in one.requested if name != "none"]
        if not asked:
            return "authenticating user" in (one.end_said.text if one.end_said is not None else "")
        return asked[-1] in methods

    @property
    def went_on(self) -> bool:
        """Whether the log goes on after the connection's last line: then its silence is no cut of the log."""
        one = self.connection
        return one is not None and any(
            other is not one and other.last_line > one.last_line for other in self.log.connections
        )
