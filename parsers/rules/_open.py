"""What a command that stands still waits for."""

from __future__ import annotations

from parsers.awaited import Wait
from parsers.findings import Case
from parsers.model import Status

LONG = 5.0
"""Seconds of silence from which on a wait says something; below, the log may just have been cut there."""


def stands_at(case: Case, *waits: Wait) -> bool:
    """Whether the case's command is open, has been silent for long, and waits for one of `waits`."""
    stage = case.stage
    if stage is None or stage.status is not Status.STALLED or stage.awaited is None:
        return False
    return stage.awaited.wait in waits and (stage.silent or 0.0) >= LONG


def silence(case: Case) -> str:
    """` for 12.3 s`, or nothing where the log has no times, or ends right there."""
    stage = case.stage
    return f" for {stage.silence:.1f} s" if stage is not None and stage.silence is not None else ""
