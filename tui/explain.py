"""`sshdebug-tui explain`: the rules in words, for a terminal."""

from __future__ import annotations

from parsers.findings import HEADINGS, rules
from tui.prose import block, nearest, wrap

CATEGORIES = {
    1: "On the control node",
    2: "Reaching the host and logging in",
    3: "On the managed node",
    4: "Getting the result back",
}
"""Where a rule's failure lies, in words."""


class UnknownRuleError(Exception):
    """No rule has that id; the message names the nearest."""


def explain_list(width: int) -> str:
    """Every rule, by category and in the order of the catalogue, its title wrapped at `width` columns."""
    catalogue = rules()
    column = max((len(rule_id) for rule_id in catalogue), default=0) + 2
    lines: list[str] = []
    for category, title in CATEGORIES.items():
        members = [rule for rule in catalogue.values() if rule.category == category]
        if members:
            lines += [title, *(line for rule in members for line in _entry(rule.id, rule.title, column, width)), ""]
    lines += wrap(
        "`sshdebug-tui explain RULE` has what each looks for, why it happens, how to be sure and what to do.", width
    )
    return "\n".join(lines) + "\n"


def _entry(rule_id: str, title: str, column: int, width: int) -> list[str]:
    return wrap(title, width, first=f"  {rule_id:<{column}}")


def explain_rule(rule_id: str, width: int) -> str:
    """One rule's words under the fixed headings; UnknownRuleError where there is none of that id."""
    catalogue = rules()
    rule = catalogue.get(rule_id)
    if rule is None:
        near = nearest(rule_id, catalogue)
        hint = f"did you mean {' or '.join(near)}?" if near else "explain without a name lists them all"
        raise UnknownRuleError(f"there is no rule {rule_id}; {hint}")
    lines = wrap(f"{rule.id}: {rule.title}", width)
    lines += wrap(f"{rule.severity} · {CATEGORIES[rule.category]} · stages: {', '.join(rule.stages)}", width)
    for heading, key in HEADINGS.items():
        lines += ["", heading, *block(getattr(rule.words, key), width, first="  ")]
    return "\n".join(lines) + "\n"
