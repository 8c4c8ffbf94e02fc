"""`explain`: every rule in the list, every heading on the page."""

from __future__ import annotations

import pytest

from parsers.findings import HEADINGS, rules
from parsers.showable import is_showable
from tui.explain import UnknownRuleError, explain_list, explain_rule


def test_the_list_has_every_rule() -> None:
    """By category, in the order of the catalogue."""
    lines = explain_list(100).splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("  ") and line.split()[0] in rules()]
    assert sorted(listed) == sorted(rules())
    assert listed == sorted(listed, key=lambda rule_id: (rules()[rule_id].category, rules()[rule_id].order))
    assert "sshdebug-tui explain RULE" in lines[-1]


@pytest.mark.parametrize("rule_id", rules())
@pytest.mark.parametrize("width", [40, 80])
def test_a_page(rule_id: str, width: int) -> None:
    """Title, headings in order, the words whole, wrapped; no line wider than its longest word asks for."""
    page = explain_rule(rule_id, width)
    lines = page.splitlines()
    assert page.startswith(f"{rule_id}: ")
    headings = [line for line in lines if line in HEADINGS]
    assert headings == list(HEADINGS)
    assert all(is_showable(line) for line in lines)
    assert all(len(line) <= width or " " not in line.strip() for line in lines)
    for key in HEADINGS.values():
        assert getattr(rules()[rule_id].words, key).split() == _words_under(lines, key)


def _words_under(lines: list[str], key: str) -> list[str]:
    heading = next(heading for heading, name in HEADINGS.items() if name == key)
    words: list[str] = []
    for line in lines[lines.index(heading) + 1 :]:
        if line in HEADINGS:
            break
        words += line.split()
    return words


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("connection-refuse", "did you mean connection-refused"),
        ("Connection-Refused", "did you mean connection-refused"),
        ("tmpdir", "did you mean tmpdir-permission"),
        ("zzz", "explain without a name lists them all"),
        ("x" * 100_000, "explain without a name"),
    ],
)
def test_unknown_rule(asked: str, words: str) -> None:
    """The nearest names, or where they all are."""
    with pytest.raises(UnknownRuleError, match=words):
        explain_rule(asked, 80)
