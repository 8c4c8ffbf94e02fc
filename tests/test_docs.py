"""docs/rules/ and the pages' own Markdown: made from the rules, whole, and never stale."""

from __future__ import annotations

import re

import pytest

from parsers.findings import HEADINGS, rules
from scripts.pages import PAGES, pages

RENEW = "make docs renews it"


def test_every_page_is_there_and_no_other() -> None:
    assert {path.name for path in PAGES.iterdir()} == set(pages()), RENEW


@pytest.mark.parametrize("name", pages())
def test_a_page_is_what_the_rule_says_now(name: str) -> None:
    assert (PAGES / name).read_text(encoding="utf-8") == pages()[name], RENEW


@pytest.mark.parametrize("name", rules())
def test_a_page_has_the_fixed_headings_and_the_rules_facts(name: str) -> None:
    page = pages()[f"{name}.md"]
    rule = rules()[name]
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == list(HEADINGS)
    assert f"| `{name}` | {rule.severity} | " in page
    assert all(f"`{stage}`" in page for stage in rule.stages)


def test_links_lead_to_pages() -> None:
    for name, text in pages().items():
        targets = set(re.findall(r"\]\(([^)]+)\)", text))
        assert targets <= set(pages()), name


def test_the_index_has_every_rule_once() -> None:
    listed = re.findall(r"^\| \[([a-z0-9-]+)\]", pages()["README.md"], re.MULTILINE)
    assert sorted(listed) == sorted(rules())


@pytest.mark.parametrize("name", pages())
def test_what_stands_outside_code_cannot_be_taken_for_markup(name: str) -> None:
    text = re.sub(r"`[^`\n]*`|^<!--.*-->$", "", pages()[name], flags=re.MULTILINE)
    assert "`" not in text, "a code span is not closed"
    assert not re.search(r"(?<!\\)[<>*]", text)
