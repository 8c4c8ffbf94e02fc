"""Both ends in the report: each command with its channel, the clocks, and what both texts say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from parsers.ends.model import Ends, Pairing, Side
from parsers.sshd.life import life
from tui.report.document import Document, HostEntry, PairingEntry, ServerEntry
from tui.report.grouping import first_task

Clean = Callable[[str], str]

SHOWN = 12
"""Commands of one host that are spelt out."""


def pairing_entries(
    ends: Ends, runs: Mapping[tuple[int, int], int], clean: Clean, host: str | None
) -> Iterator[PairingEntry]:
    """One entry a command, of `host` where one was asked for; `runs` has the report's number of (source, run)."""
    for one in ends.pairings:
        if host in (None, one.host):
            yield _pairing(one, runs[one.source, one.run], clean)


def _pairing(one: Pairing, run: int, clean: Clean) -> PairingEntry:
    channel = one.channel
    return PairingEntry(
        source=one.source,
        run=run,
        host=clean(one.host),
        task=clean(one.task),
        stage=one.command.stage,
        line=one.command.opened.line,
        server=one.server,
        connection=one.connection.index if one.connection is not None else None,
        channel=channel.index if channel is not None else None,
        channel_line=channel.opened.line if channel is not None else None,
        sure=one.sure,
        why=clean(one.why),
        side=one.side,
        said=clean(one.said),
        life=clean(life(channel, one.connection)) if channel is not None and one.connection is not None else None,
        refused=len(one.refused),
    )


def server_entries(ends: Ends, clean: Clean) -> Iterator[ServerEntry]:
    """One entry for each log of sshd."""
    for one in ends.servers:
        clock = one.clock
        yield ServerEntry(
            source=one.source,
            hosts=[clean(name) for name in one.hosts],
            channels=one.channels,
            paired=one.paired,
            clock_difference=round(clock.seconds, 3) if clock is not None else None,
            clock_spread=round(clock.spread, 3) if clock is not None else None,
            clock_pairs=clock.pairs if clock is not None else 0,
        )


def shown_pairings(document: Document, host: HostEntry) -> list[PairingEntry]:
    """Those of the task that broke the host, where a log of its sshd was given; the last ones, where they are many."""
    task = first_task(host)
    if task is None:
        return []
    found = [
        one
        for one in document.pairings
        if (one.run, one.host, one.task) == (host.run, host.name, task.name) and one.server is not None
    ]
    return found[-SHOWN:]


_LIFE = 110
_SIGNS = {Side.BOTH: "✔", Side.UNKNOWN: "?"}


def pairing_words(document: Document, one: PairingEntry) -> str:
    """`✔ tmpdir (line 412) ⇄ web1.sshd.log:301 opened, exec "…", exit status sent, closed  certain`."""
    sign = _SIGNS.get(one.side, "✖")
    words = f"{sign} {one.stage} (line {one.line:,})"
    server = document.sources[one.server].path if one.server is not None else ""
    if one.channel_line is not None:
        text = one.life or ""
        text = text if len(text) <= _LIFE else text[: _LIFE - 1] + "…"
        words += f" ⇄ {server}:{one.channel_line}  {text}  [{one.sure}]"
    elif one.connection is not None:
        words += f" ⇄ {server}, connection {one.connection}, no channel  [{one.sure}]"
    else:
        words += f" ⇄ nothing in {server}"
    return words + ("" if one.side in _SIGNS else f"  {one.side}")
