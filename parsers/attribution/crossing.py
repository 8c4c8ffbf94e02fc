"""Two commands had each other's result, and each other's words since a point at which both stood alike: `cross`.

What one result alone tells, such as the path of a socket that ssh made up, stands in a chunk: who has had that chunk
was given the result, and would be told to have said what it can't have.
"""

from __future__ import annotations

from parsers.attribution.exchange import gone_on, said_since, with_pipe
from parsers.attribution.said import Opened, Pipe, Progress, pieces_of

_Both = tuple[Pipe, Pipe]


def cross(one: Opened, mine: Progress, other: Opened, theirs: Progress) -> tuple[Progress, Progress] | None:
    """What both have said, with the results that they truly have: all since the newest such point changes hands.

    None where there is no such point since both were started.
    """
    numbers = {piece.number for progress in (mine, theirs) for piece in pieces_of(progress)}
    for since in sorted(numbers, reverse=True):
        if since <= max(one.since, other.since):
            return None
        err = _since((one.stderr, other.stderr), (mine.err, theirs.err), since)
        out = _since((one.stdout, other.stdout), (mine.out, theirs.out), since) if err is not None else None
        if err is not None and out is not None:
            got, gave = with_pipe(mine, err[0], stderr=True), with_pipe(theirs, err[1], stderr=True)
            return with_pipe(got, out[0], stderr=False), with_pipe(gave, out[1], stderr=False)
    return None


def _since(wholes: tuple[bytes | None, bytes | None], pipes: _Both, since: int) -> _Both | None:
    """One pipe of both with what the other's has said from that chunk on.

    None where they did not stand alike before it, or the results do not go on so.
    """
    mine, theirs = (said_since(pipe.said, since) for pipe in pipes)
    at, its = (pipe.at - sum(len(p.text) for p in part) for pipe, part in zip(pipes, (mine, theirs), strict=True))
    if at != its or wholes[0] is None or wholes[1] is None or wholes[0][:at] != wholes[1][:at]:
        return None
    if not mine and not theirs:
        return pipes
    got = gone_on(wholes[0], pipes[0].said, len(mine), theirs)
    gave = gone_on(wholes[1], pipes[1].said, len(theirs), mine)
    return (got, gave) if got is not None and gave is not None else None
