"""Findings: what a rule concluded, with the places that prove it, and the registry of rules.

A rule is one file under `parsers/rules/`. Its module docstring holds its words under fixed headings; its check gets a
`Case` and returns a `Match` or None. Severity and confidence are the rule's; evidence is places in the log.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from parsers.model import Command, ControlError, HostRun, Place, Run, Stage, StageRun, TaskRun
from parsers.ssh.transcript import Line
from parsers.sshd.case import ServerCase
from parsers.sshd.model import Channel, Connection


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Asked(StrEnum):
    """What a rule wants to be asked about."""

    BROKEN = "broken"
    """The stage that broke a host, or an error of the control node: what an error can be about."""
    UNEXPLAINED = "unexplained"
    """As BROKEN, where no rule has found a cause."""
    WORKED = "worked"
    """A stage that ended well, on whatever host, in which something went another way than usual. Never an error."""
    RUN = "run"
    """The run itself: its warnings, and what its log holds. Never an error."""


class Confidence(StrEnum):
    """How sure a rule is of the cause."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(slots=True, frozen=True)
class Evidence:
    """One line of the log that proves a finding."""

    place: Place
    text: str
    """Raw, cut at 400 characters."""
    source: int | None = None
    """The log that holds it; None: the finding's own. Another one where both ends of a run are known."""


@dataclass(slots=True, frozen=True)
class Case:
    """What a check looks at: one bad stage of one host, or one error of the control node.

    `host`, `task`, `stage` are None together with `command` for a control-node case; `control` is None otherwise.
    A rule that wants it (`Asked`) gets a stage that worked as well, or the run alone: then only `run` is set.
    """

    run: Run
    host: HostRun | None = None
    task: TaskRun | None = None
    stage: StageRun | None = None
    command: Command | None = None
    control: ControlError | None = None

    def lines(self) -> Iterable[Line]:
        """The plain lines of the failed command, stdout's and stderr's, in order.

        Where the log holds neither its result nor a chunk that is surely its own (a transfer's failed attempt logs no
        tuple, and from 2.17 on no chunk names its host), the lines of the task's message, which quotes them.
        """
        if self.command is not None and (self.command.has_tuple or self.command.transcript.plain):
            return self.command.transcript.plain
        return self.message_lines()

    def message_lines(self) -> tuple[Line, ...]:
        """The lines of the task's result message that are not ssh's `debugN:`, each at the place of the message."""
        result = next((r for r in reversed(self.task.results) if r.message), None) if self.task is not None else None
        if result is None:
            return ()
        place = result.message_place or result.place
        return tuple(
            Line(place.offset, place.line, text[:400], True)
            for raw in result.message.split("\n")
            if (text := raw.rstrip("\r")) and not (text.startswith("debug") and text[6:8] == ": ")
        )

    def first_line(self, *needles: str) -> Line | None:
        """The first plain line that holds one of `needles` as it is (no pattern, so no unbounded match)."""
        return next((line for line in self.lines() if any(needle in line.text for needle in needles)), None)

    def message(self) -> str:
        """The task's result message, as Ansible printed it; empty without one."""
        return (
            next((result.message for result in reversed(self.task.results) if result.message), "") if self.task else ""
        )


@dataclass(slots=True, frozen=True)
class Match:
    """A rule's conclusion on one case."""

    evidence: tuple[Evidence, ...]
    confidence: Confidence = Confidence.CERTAIN
    explanation: str = ""
    """One or two sentences on this very case; empty: the rule's own "Why it happens"."""
    fixes: tuple[str, ...] = ()
    """Commands or settings that can be pasted; empty: the rule's own "Fix"."""
    phase: str | None = None
    channel: Channel | None = None
    """On sshd's side, the channel that it is about."""
    mild: bool = False
    """Whether this case cost little: an error is then a warning."""


Check = Callable[[Case], Match | None]
ServerCheck = Callable[[ServerCase], Match | None]


@dataclass(slots=True, frozen=True)
class Words:
    """The fixed headings of a rule's docstring."""

    see: str
    why: str
    sure: str
    fix: str
    not_when: str


HEADINGS = MappingProxyType(
    {
        "What you see": "see",
        "Why it happens": "why",
        "How to be sure": "sure",
        "Fix": "fix",
        "Not this when": "not_when",
    }
)


@dataclass(slots=True, frozen=True)
class Rule:
    """One way in which Ansible over SSH fails."""

    id: str
    order: int
    """Its number in the reference; the order of the catalogue, and the earlier rule wins a tie."""
    title: str
    category: int
    """1 control node · 2 connection · 3 managed node · 4 getting the result back."""
    stages: tuple[Stage, ...]
    """Where it can happen; the check is not asked elsewhere."""
    check: Callable[[Case], Match | None]
    words: Words
    severity: Severity = Severity.ERROR
    asked: tuple[Asked, ...] = (Asked.BROKEN,)
    """What the check is asked about. Where something worked, or of the run alone, an error counts as a warning."""
    server: ServerCheck | None = None
    """What looks for the same failure in a log of sshd."""
    module: str = ""
    """The module that holds its words and its checks."""


NO_RUN = -1


@dataclass(slots=True, frozen=True)
class Finding:
    """A rule's match on a host of a run, on the run, or on a connection of an sshd log (`run` is then `NO_RUN`)."""

    rule: Rule
    severity: Severity
    confidence: Confidence
    run: int
    host: str | None
    task: str | None
    stage: Stage
    phase: str | None
    explanation: str
    fixes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    source: int = 0
    command: Command | None = field(default=None, compare=False)
    connection: Connection | None = field(default=None, compare=False)
    channel: Channel | None = field(default=None, compare=False)

    @property
    def title(self) -> str:
        """The rule's title."""
        return self.rule.title


def words_of(docstring: str, rule_id: str) -> Words:
    """Cuts a rule's docstring at its fixed headings; ValueError names a heading that is missing."""
    parts: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in docstring.splitlines():
        key = HEADINGS.get(line.strip().rstrip(":"))
        if key is not None and line.strip().endswith(":"):
            current = parts.setdefault(key, [])
        elif current is not None:
            current.append(line.strip())
    missing = [heading for heading, key in HEADINGS.items() if not "".join(parts.get(key, [])).strip()]
    if missing:
        raise ValueError(f"rule {rule_id}: nothing stands under {', '.join(missing)}")
    return Words(**{key: "\n".join(lines).strip() for key, lines in parts.items()})


_registered: dict[str, Rule] = {}


def rule(
    rule_id: str,
    *,
    order: int,
    title: str,
    category: int,
    stages: tuple[Stage, ...],
    severity: Severity = Severity.ERROR,
    asked: tuple[Asked, ...] = (Asked.BROKEN,),
) -> Callable[[Callable[[Case], Match | None]], Callable[[Case], Match | None]]:
    """Registers a check under `rule_id`; its words are its module's docstring. A double id is an ImportError."""

    def register(check: Callable[[Case], Match | None]) -> Callable[[Case], Match | None]:
        if rule_id in _registered:
            raise ImportError(f"rule {rule_id} is registered twice")
        docstring = importlib.import_module(check.__module__).__doc__ or ""
        words = words_of(docstring, rule_id)
        _registered[rule_id] = Rule(
            rule_id, order, title, category, stages, check, words, severity, asked, module=check.__module__
        )
        return check

    return register


def _unasked(_case: Case) -> None:
    """The check of a rule that only a log of sshd can show."""


def server_rule(
    rule_id: str,
    *,
    order: int,
    title: str,
    category: int,
    stages: tuple[Stage, ...],
    severity: Severity = Severity.ERROR,
) -> Callable[[ServerCheck], ServerCheck]:
    """Registers a check of a failure that only sshd's log shows; else as `rule`."""

    def register(check: ServerCheck) -> ServerCheck:
        if rule_id in _registered:
            raise ImportError(f"rule {rule_id} is registered twice")
        words = words_of(importlib.import_module(check.__module__).__doc__ or "", rule_id)
        _registered[rule_id] = Rule(
            rule_id, order, title, category, stages, _unasked, words, severity, (), check, check.__module__
        )
        return check

    return register


def seen_from_server(rule_id: str) -> Callable[[ServerCheck], ServerCheck]:
    """Adds to a rule, registered in the same module, what looks for its failure in a log of sshd."""

    def register(check: ServerCheck) -> ServerCheck:
        known = _registered[rule_id]
        if known.server is not None or known.module != check.__module__:
            raise ImportError(f"rule {rule_id} has a check of sshd's log already, or stands in another module")
        _registered[rule_id] = replace(known, server=check)
        return check

    return register


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule, in the order of the catalogue."""
    import parsers.rules as package

    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return MappingProxyType(dict(sorted(_registered.items(), key=lambda item: item[1].order)))
