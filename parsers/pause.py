"""Long work that asks in between whether somebody else is to go first: `Pause`."""

from __future__ import annotations

from collections.abc import Callable

Pause = Callable[[], None]
"""Called every few milliseconds of work; returns once the work may go on."""


def never() -> None:
    """Nobody else waits."""
