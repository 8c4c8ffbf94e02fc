"""sshd's model to findings: asks the rules about every connection, and settles on one cause for each that broke."""

from __future__ import annotations

from collections.abc import Iterator

from parsers.findings import NO_RUN, Confidence, Evidence, Finding, Match, Rule, Severity, rules
from parsers.model import Place
from parsers.sshd.case import ServerCase
from parsers.sshd.model import SshdLog

_RANK = {Confidence.CERTAIN: 0, Confidence.LIKELY: 1, Confidence.POSSIBLE: 2}


def server_findings(log: SshdLog, source: int, internal: Rule, *, complete: bool = True) -> list[Finding]:
    """Every finding of an sshd log; `internal` is the rule that stands for a check that raised."""
    found: list[Finding] = []
    for case in _cases(log, complete=complete):
        found.extend(_of_case(case, source, internal))
    return found


def _cases(log: SshdLog, *, complete: bool) -> Iterator[ServerCase]:
    yield ServerCase(log, complete=complete)
    for connection in log.connections:
        yield ServerCase(log, connection, complete)


def _of_case(case: ServerCase, source: int, internal: Rule) -> Iterator[Finding]:
    matches: list[tuple[Rule, Match, Severity]] = []
    for rule in rules().values():
        if rule.server is None:
            continue
        try:
            match = rule.server(case)
        except Exception as error:  # noqa: BLE001 - a rule that raises must not end the report
            yield _raised(case, rule, error, source, internal)
        else:
            if match is not None and match.evidence:
                mild = match.mild and rule.severity is Severity.ERROR
                matches.append((rule, match, Severity.WARNING if mild else rule.severity))
    matches.sort(key=lambda one: (one[2] is not Severity.ERROR, _RANK[one[1].confidence], one[0].order))
    cause = False
    for rule, match, severity in matches:
        # What broke a connection is one thing; what follows from it is told as well, for information.
        chosen = Severity.INFO if cause and severity is Severity.ERROR else severity
        cause = cause or severity is Severity.ERROR
        yield _finding(case, rule, match, chosen, source)


def _finding(case: ServerCase, rule: Rule, match: Match, severity: Severity, source: int) -> Finding:
    one = case.connection
    return Finding(
        rule,
        severity,
        match.confidence,
        NO_RUN,
        one.host if one is not None else case.log.host,
        None,
        rule.stages[0],
        match.phase,
        match.explanation or rule.words.why,
        match.fixes or tuple(line for line in rule.words.fix.splitlines() if line),
        match.evidence,
        source,
        None,
        one,
        match.channel,
    )


def _raised(case: ServerCase, rule: Rule, error: Exception, source: int, internal: Rule) -> Finding:
    place = case.connection.opened if case.connection is not None else Place(0, 1)
    explanation = f"The rule {rule.id} raised {type(error).__name__}: {error}. The other rules were asked all the same."
    match = Match((Evidence(place, "sshd"),), Confidence.CERTAIN, explanation)
    return _finding(case, internal, match, Severity.INFO, source)
