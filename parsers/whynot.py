"""Why not another rule: what was asked about a failed host and is not its cause, each with the fact that says so.

Three kinds of answer. A rule that matched as well, and follows from the cause. A rule whose words are there, or that
looks like the cause, and that a fact speaks against. A rule that has nothing to go by: what it looks for is not there,
or the host broke in a stage that the rule is not about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from parsers.conclude import cases, ranked
from parsers.declined import Heard, Reason, listening
from parsers.findings import Asked, Case, Evidence, Match, Rule, Severity, rules
from parsers.model import Place, Run, Stage

_CUT = 400
_WORDS = 4
"""Words that an answer spells out of those that were looked for."""
_LINES = 2
"""Lines that an answer shows of those that were found."""
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_SPAN = range(3, 81)
"""Characters of a quotation that is worth being told."""


class Standing(StrEnum):
    """How a rule stands to what broke a host."""

    CAUSE = "cause"
    FOLLOWS = "follows"
    """It matched as well; an earlier or surer fact explains it."""
    AGAINST = "against"
    """A fact speaks against it."""
    PARTLY = "partly"
    """Some of what it looks for is there, and the rest is not."""
    ABSENT = "absent"
    """What it looks for is not there."""
    ELSEWHERE = "elsewhere"
    """It is about another stage, or never about a cause."""


@dataclass(slots=True, frozen=True)
class Answer:
    """Why one rule is, or is not, the cause of one failure."""

    rule: Rule
    standing: Standing
    run: int
    host: str | None
    """None for an error of the control node."""
    reason: str
    evidence: tuple[Evidence, ...]
    near: bool
    """Whether the rule could be taken for the cause: it matched, its words are there, or it looks like the cause."""


def why_not(
    run: Run, host: str | None = None, *, rule_id: str | None = None, every: bool = False, control: bool = False
) -> list[Answer]:
    """The answers on what broke `host` (None: on every failed host, and on the control node's errors).

    `control` leaves the hosts out.

    With `rule_id`, on that rule alone (KeyError where there is none of that id). Without, on those that could be taken
    for the cause; with `every`, on all that were asked.
    """
    catalogue = rules()
    if rule_id is not None:
        catalogue = {rule_id: catalogue[rule_id]}
    answers: list[Answer] = []
    for case in cases(run):
        if case.host is None if control else host in (None, _host(case)):
            answers.extend(_of_case(case, catalogue, every=every or rule_id is not None))
    return answers


def _of_case(case: Case, catalogue: Mapping[str, Rule], *, every: bool) -> Iterator[Answer]:
    matches, _ = ranked(case)
    matched = {rule.id: match for rule, match in matches}
    causes = [pair for pair in matches if pair[0].severity is Severity.ERROR]
    cause = causes[0] if causes else None
    alike = _alike(cause[0]) if cause is not None else frozenset()
    found = []
    for rule in catalogue.values():
        answer = _answer(case, rule, matched.get(rule.id), cause, near=rule.id in alike)
        if answer is not None and (every or (answer.near and answer.standing is not Standing.CAUSE)):
            found.append(answer)
    order = list(Standing)
    yield from sorted(found, key=lambda answer: (order.index(answer.standing), not answer.near, answer.rule.order))


def _alike(cause: Rule) -> frozenset[str]:
    """The rules that the cause's words warn of, and those whose words warn of the cause."""
    named = set(_ID.findall(cause.words.not_when))
    named.update(rule.id for rule in rules().values() if cause.id in _ID.findall(rule.words.not_when))
    return frozenset(named - {cause.id})


def _answer(
    case: Case, rule: Rule, match: Match | None, cause: tuple[Rule, Match] | None, *, near: bool
) -> Answer | None:
    """None for a rule that has nothing to do with what breaks."""
    if match is not None:
        return _matched(case, rule, match, cause)
    stage = case.stage.stage if case.stage is not None else Stage.CONTROL
    if not {Asked.BROKEN, Asked.UNEXPLAINED} & set(rule.asked):
        return _made(case, rule, Standing.ELSEWHERE, "It is never a cause: it is asked about what worked, or the run.")
    if stage not in rule.stages:
        about = ", ".join(rule.stages)
        where = f"{_name(case)} broke in {stage}" if case.host is not None else "The run ended on the control node"
        return _made(case, rule, Standing.ELSEWHERE, f"{where}; this rule is about {about}.", near=near)
    if Asked.BROKEN not in rule.asked and cause is not None:
        return _made(case, rule, Standing.ELSEWHERE, f"It is asked only where no cause is known; {cause[0].id} is.")
    with listening() as heard:
        try:
            rule.check(case)
        except Exception as error:  # noqa: BLE001 - `conclude` has a finding for it
            return _made(case, rule, Standing.ABSENT, f"Its check raised {type(error).__name__}.", near=near)
    return _declined(case, rule, heard, near=near)


def _matched(case: Case, rule: Rule, match: Match, cause: tuple[Rule, Match] | None) -> Answer:
    if cause is None or rule.severity is not Severity.ERROR:
        text = f"It was found, as {_article(rule.severity)}: it comes beside a cause and is none."
        return Answer(rule, Standing.FOLLOWS, case.run.index, _host(case), text, match.evidence, near=True)
    winner, by = cause
    if winner.id == rule.id:
        text = f"It is the cause ({match.confidence})."
        return Answer(rule, Standing.CAUSE, case.run.index, _host(case), text, match.evidence, near=True)
    first, own = by.evidence[0], match.evidence[0]
    place = f"line {first.place.line}"
    if by.confidence is not match.confidence:
        text = f"Its words are there, and it is only {match.confidence}; {winner.id} is {by.confidence} by {place}."
    elif first.place.line < own.place.line:
        text = f"Its words are there, and follow from {winner.id}, which {place} shows before them."
    else:
        text = f"Its words are there, and {winner.id} explains them: {winner.title} ({place})."
    evidence = tuple(dict.fromkeys((first, own)))
    return Answer(rule, Standing.FOLLOWS, case.run.index, _host(case), text, evidence, near=True)


def _declined(case: Case, rule: Rule, heard: Heard, *, near: bool) -> Answer:
    own = [reason for reason in heard.reasons if reason.own]
    if own:
        return _against(case, rule, own[0], near=True)
    found = heard.found[:_LINES]
    if heard.reasons and not found:
        return _against(case, rule, heard.reasons[0], near=near)
    absent = [word for word in heard.absent if not any(word in line.text for line in heard.found)]
    if found:
        places = ", ".join(f"line {line.line}" for line in found)
        text = f"What it looks for is there in part ({places})"
        if heard.reasons:
            text = f"{text}, but {_lower(heard.reasons[0].text)}"
        else:
            rest = absent or [span for span in _spans(rule) if not any(span in line.text for line in heard.found)]
            text += f", but not {_listed(rest)}." if rest else ", and it does not stand as the failure's own words."
        evidence = tuple(Evidence(Place(line.offset, line.line), line.text[:_CUT]) for line in found)
        return _made(case, rule, Standing.PARTLY, text, evidence, near=near)
    words = absent or _spans(rule)
    text = f"What it looks for is not there: {_listed(words)}." if words else "What it looks for is not there."
    return _made(case, rule, Standing.ABSENT, text, near=near)


def _spans(rule: Rule) -> list[str]:
    """The log's words that the rule's own "What you see" quotes."""
    spans = (" ".join(piece.split()) for piece in rule.words.see.split("`")[1::2])
    return [span for span in spans if "…" not in span and len(span) in _SPAN]


def _against(case: Case, rule: Rule, reason: Reason, *, near: bool) -> Answer:
    evidence = tuple(Evidence(place, text[:_CUT]) for place, text in reason.places[:_LINES])
    return _made(case, rule, Standing.AGAINST, reason.text, evidence, near=near)


def _made(
    case: Case,
    rule: Rule,
    standing: Standing,
    reason: str,
    evidence: tuple[Evidence, ...] = (),
    *,
    near: bool = False,
) -> Answer:
    return Answer(rule, standing, case.run.index, _host(case), reason, evidence, near)


def _listed(words: list[str]) -> str:
    more = len(words) - _WORDS
    listed = ", ".join(f"`{word.strip()}`" for word in words[:_WORDS])
    return listed + (f" and {more} more" if more > 0 else "")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _article(severity: Severity) -> str:
    return "information" if severity is Severity.INFO else f"a {severity}"


def _host(case: Case) -> str | None:
    return case.host.name if case.host is not None else None


def _name(case: Case) -> str:
    return _host(case) or "the control node"
