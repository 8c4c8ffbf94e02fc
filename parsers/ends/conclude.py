"""One cause a failed host out of what both ends tell: the control node's findings, completed by sshd's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from parsers.ends.model import MEANS, Ends, Pairing, Side
from parsers.findings import Confidence, Evidence, Finding, Severity
from parsers.log_model import LogModel
from parsers.model import HostRun, Place, Run

_LOGIN = frozenset({"user-not-allowed", "account-refused", "sshd-key-modes", "auth-too-many", "rsa-sha1-refused"})
_DROPPED = frozenset({"sshd-startups", "sshd-penalty", "sshd-login-timeout"})
_KEX = frozenset({"no-common-kex", "no-common-hostkey", "no-common-cipher", "no-common-mac"})
_SESSION = frozenset({"channel-stall", "sshd-open-refused", "sshd-exit-signal", "sshd-write-failed"})
_FORCED = frozenset({"forced-command"})
_SFTP = frozenset({"sftp-subsystem-missing"})

DECIDES: Mapping[str, frozenset[str]] = {
    # What the client sees of a refused login is the same for each of these.
    "auth-publickey": _LOGIN | _DROPPED,
    "auth-password": _LOGIN | _DROPPED,
    "auth-second-factor": _LOGIN,
    "auth-too-many": frozenset({"user-not-allowed", "sshd-key-modes"}),
    "account-refused": frozenset({"user-not-allowed"}),
    # A connection that ends early has no reason at the client's end.
    "kex-closed": _DROPPED | _KEX | _LOGIN,
    "kex-reset": _DROPPED | _KEX,
    "banner-timeout": _DROPPED,
    "connection-timeout": _DROPPED,
    "connection-refused": _DROPPED,
    "connection-lost": _DROPPED | _LOGIN | _SESSION,
    "remote-rc-255": _LOGIN | _SESSION | _SFTP,
    "mux-broken-pipe": _SESSION,
    "mux-stale": _SESSION,
    "open-at-end": _SESSION | _DROPPED | _FORCED,
    "task-timeout": _SESSION,
    # Whatever stands where the command's output should be.
    **dict.fromkeys(
        (
            "restricted-shell",
            "login-shell",
            "home-missing",
            "tmpdir-unresolved",
            "tmpdir-permission",
            "discovery-output",
            "python-missing",
            "profile-noise",
            "result-noise",
            "result-not-json",
            "transfer-permission",
            "transfer-truncated",
        ),
        _FORCED,
    ),
    "sftp-bad-arguments": _SFTP | _FORCED,
    "scp-uses-sftp": _SFTP,
    "sftp-subsystem-missing": frozenset({"sftp-server-path-wrong"}),
}
"""For each finding of the control node's log, the rules that tell its cause better where sshd's log has them."""

_EARLY = (Side.NOT_REACHED, Side.NOT_LOGGED_IN, Side.UNKNOWN)
"""What the listening process says (drops, penalties) can be about these alone."""

_RANK = {Confidence.CERTAIN: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}


def both_ends(
    ends: Ends, models: Mapping[int, LogModel], findings: Mapping[int, Sequence[Finding]]
) -> dict[int, list[Finding]]:
    """The findings of every log, by source, where the causes of failed hosts know both ends.

    A finding of sshd's log that belongs to a failed host explains that host's cause, and is told as `info` itself; so
    is one on a connection of somebody else.
    """
    result = {source: list(found) for source, found in findings.items()}
    told: set[int] = set()
    for source, model in models.items():
        of_host: dict[tuple[int, str | None], list[Finding]] = {}
        for one in findings[source]:
            of_host.setdefault((one.run, one.host), []).append(one)
        for run in model.runs:
            for host in run.hosts.values():
                pairs = ends.of_host(source, run.index, host.name)
                if host.status.bad and any(one.server is not None for one in pairs):
                    own = of_host.get((run.index, host.name), [])
                    _host(ends, source, run, host, own, result, told)
        result[source].sort(key=lambda one: (list(Severity).index(one.severity), one.run))
    mine = {id(one.connection) for one in ends.pairings} | {id(one.refused_in) for one in ends.pairings}
    # While a command looks for its connection, any of the log could be it.
    open_ones = {one.server for one in ends.unpaired() if one.command.rc in (None, 255)}
    for server in ends.servers:
        settled = bool(server.hosts) and server.source not in open_ones
        result[server.source] = [
            replace(found, severity=Severity.INFO)
            if found.severity is Severity.ERROR
            and (id(found) in told or (settled and found.connection is not None and id(found.connection) not in mine))
            else found
            for found in result[server.source]
        ]
    return result


def _host(
    ends: Ends,
    source: int,
    run: Run,
    host: HostRun,
    own: Sequence[Finding],
    result: dict[int, list[Finding]],
    told: set[int],
) -> None:
    """Completes or replaces the cause of one host; `own` has its findings."""
    cause = next((one for one in own if one.severity is Severity.ERROR), None) or next(
        (one for one in own if one.severity is Severity.WARNING and one.rule.id == "open-at-end"), None
    )
    pairing = _pairing(ends, source, run, host, cause)
    if pairing is None or pairing.server is None:
        return
    there = _related(pairing, result[pairing.server])
    same = next((one for one in there if cause is not None and one.rule is cause.rule), None)
    better: Finding | None = None
    if cause is None:
        better = next((one for one in there if one.severity is Severity.ERROR), None)
    elif same is None:
        wanted = DECIDES.get(cause.rule.id, frozenset())
        better = next((one for one in there if one.rule.id in wanted), None)
    told.update(id(one) for one in there)
    if better is not None:
        new = _replacing(better, cause, pairing, run, host)
    elif cause is not None:
        new = _completed(cause, same, pairing)
    else:
        return
    if cause is None:
        result[source].append(new)
        return
    at = next(place for place, one in enumerate(result[source]) if one is cause)
    result[source][at] = new
    if better is not None:
        result[source].append(replace(cause, severity=Severity.INFO))


def _pairing(ends: Ends, source: int, run: Run, host: HostRun, cause: Finding | None) -> Pairing | None:
    """The pairing of the command that broke the host."""
    found = ends.of_command(cause.command) if cause is not None else None
    if found is not None and (found.side.broken or found.channel is not None or found.connection is not None):
        return found
    own = ends.of_host(source, run.index, host.name)
    if host.failed_task is not None:
        commands = {id(command) for command in host.failed_task.commands}
        own = [one for one in own if id(one.command) in commands] or own
    broken = [one for one in own if one.side.broken]
    return next(reversed(broken or own), found)


def _related(pairing: Pairing, findings: Sequence[Finding]) -> list[Finding]:
    """What sshd's log tells of the pairing's connection: of its own channel, or of none; the errors first."""
    related = []
    for one in findings:
        if one.severity is Severity.INFO:
            continue
        if one.connection is None:
            mine = pairing.channel is None and pairing.side in _EARLY
        else:
            whose = one.channel in (None, pairing.channel, *pairing.refused) or one.rule.id in _FORCED
            mine = one.connection is pairing.connection and whose
        if mine:
            related.append(one)
    return sorted(related, key=lambda one: (one.severity is not Severity.ERROR, _RANK[one.confidence], one.rule.order))


def _completed(cause: Finding, same: Finding | None, pairing: Pairing) -> Finding:
    """The cause with what sshd's log says of it."""
    there = _moved(same) if same is not None else _proofs(pairing)
    evidence = (*cause.evidence[:1], *there, *cause.evidence[1:])
    confidence = cause.confidence
    if same is not None:
        confidence = min(cause.confidence, same.confidence, key=lambda one: _RANK[one])
    words, fixes = [cause.explanation], cause.fixes
    if same is not None:
        words.append(f"sshd's own log: {same.explanation}")
        fixes += tuple(fix for fix in same.fixes if fix not in fixes)
    words.append(_both(pairing, alone=same is None))
    told = " ".join(word for word in words if word)
    return replace(cause, explanation=told, fixes=fixes, evidence=evidence, confidence=confidence)


def _replacing(better: Finding, cause: Finding | None, pairing: Pairing, run: Run, host: HostRun) -> Finding:
    """What sshd's log tells, as the cause of the host."""
    seen = cause.evidence if cause is not None else ()
    noun = (
        f" The control node sees of it only: {cause.title[:1].lower()}{cause.title[1:]}." if cause is not None else ""
    )
    task = host.failed_task
    stage = task.failed_stage if task is not None else None
    command = pairing.command
    if not seen:
        seen = (Evidence(command.opened, command.text[:400] or str(command.stage)),)
    return replace(
        better,
        severity=Severity.ERROR,
        run=run.index,
        host=host.name,
        task=task.name if task is not None else None,
        stage=cause.stage if cause is not None else stage.stage if stage is not None else better.stage,
        phase=cause.phase if cause is not None else better.phase,
        explanation=f"{better.explanation}{noun} {_both(pairing)}".strip(),
        evidence=(*seen[:1], *_moved(better), *seen[1:]),
        source=pairing.source,
        command=command,
        connection=None,
        channel=None,
    )


def _both(pairing: Pairing, *, alone: bool = False) -> str:
    """How far the command came; `alone`: no rule on sshd's log says more."""
    if not pairing.said or pairing.side is Side.UNKNOWN:
        return ""
    return f"Both ends: {pairing.said} {MEANS.get(pairing.side, '') if alone else ''}".rstrip()


def _moved(finding: Finding) -> tuple[Evidence, ...]:
    """Its evidence, for a finding of another log."""
    return tuple(replace(one, source=finding.source) for one in finding.evidence)


def _proofs(pairing: Pairing) -> tuple[Evidence, ...]:
    """Where sshd's log tells how far the command came."""
    channel, connection, server = pairing.channel, pairing.connection, pairing.server
    if connection is None:
        return ()
    places: list[tuple[Place | None, str]] = []
    if channel is not None:
        places = [
            (channel.opened, "receive packet: type 90 (SSH_MSG_CHANNEL_OPEN)" if channel.open_seen else "channel")
        ]
        places.append((channel.run_place, f"Starting session: {channel.run}"))
        if channel.status_sent is not None:
            places.append((channel.status_sent, f"exit-{'signal' if channel.exit_signal else 'status'} sent"))
    else:
        places = [(connection.opened, f"connection from {connection.client_name}")]
    if connection.end_said is not None and (channel is None or channel.status_sent is None):
        places.append((connection.end_said.place, connection.end_said.text))
    kept = {place.line: Evidence(place, text[:400], server) for place, text in places if place is not None}
    return tuple(kept.values())
