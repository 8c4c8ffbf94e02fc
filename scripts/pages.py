"""Makes docs/rules/ from the rules' own words, and README's table of keys from the program's: `make docs`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from parsers.findings import HEADINGS, Rule, rules
from tui.explain import CATEGORIES
from tui.keys import markdown_table
from tui.prose import paragraphs

REPOSITORY = Path(__file__).resolve().parents[1]
README = REPOSITORY / "README.md"
PAGES = REPOSITORY / "docs" / "rules"

MADE = "<!-- Made by `make docs` from {source}; edit that. -->"
KEYS_BEGIN = "<!-- keys: made by `make docs` from tui/keys.py -->"
KEYS_END = "<!-- keys end -->"

LEFT_OUT = {
    "controlpersist-unsupported": "Only OpenSSH before 5.6 has it, which no control node of ansible-core 2.13 runs.",
    "jump-wrong-host": "Every command ends well; nothing in the log says that the host is another one.",
}
"""Known failures without a rule, and why."""

# Code spans stay as they are; of the rest, what Markdown would take for its own is escaped.
_CODE = re.compile(r"(`[^`]*`)")
_OWN = re.compile(r"([\\*<>\[\]|]|(?<!\w)_|_(?!\w))")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


def page_text(rule: Rule, catalogue: Mapping[str, Rule]) -> str:
    """One rule's page."""
    source = f"{rule.module.replace('.', '/')}.py"
    stages = ", ".join(f"`{stage}`" for stage in rule.stages)
    parts = [
        MADE.format(source=source),
        f"# {_markdown(rule.title, {})}",
        "\n".join(
            [
                "| rule | severity | category | stages |",
                "| --- | --- | --- | --- |",
                f"| `{rule.id}` | {rule.severity} | {CATEGORIES[rule.category]} | {stages} |",
            ]
        ),
    ]
    others = {name: other for name, other in catalogue.items() if name != rule.id}
    for heading, key in HEADINGS.items():
        parts.append(f"## {heading}")
        parts += [_markdown(text, others) for text in paragraphs(getattr(rule.words, key))]
    parts.append(f"In a terminal: `sshdebug-tui explain {rule.id}`. [All rules](README.md)")
    return "\n\n".join(parts) + "\n"


def index_text(catalogue: Mapping[str, Rule]) -> str:
    """The list of all pages, by category."""
    told = (
        f"{len(catalogue)} rules. Each has a page: what you see, why it happens, how to be sure, what to do, and what "
        "looks alike. `sshdebug-tui explain RULE` shows the same in a terminal."
    )
    parts = [MADE.format(source="parsers/rules/"), "# What sshdebug-tui recognises", told]
    for category, title in CATEGORIES.items():
        members = [rule for rule in catalogue.values() if rule.category == category]
        if members:
            rows = [
                f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {_markdown(rule.title, {})} |" for rule in members
            ]
            parts += [f"## {title}", "\n".join(["| rule | severity | what it is |", "| --- | --- | --- |", *rows])]
    others = dict(catalogue)
    rows = [f"| `{name}` | {_markdown(reason, others)} |" for name, reason in LEFT_OUT.items()]
    parts += ["## Known, and without a rule", "\n".join(["| failure | why |", "| --- | --- |", *rows])]
    return "\n\n".join(parts) + "\n"


def _markdown(text: str, linked: Mapping[str, Rule]) -> str:
    """Words of a rule as Markdown that shows them as they are; the names in `linked` lead to their pages."""
    pieces = _CODE.split(text)
    for place in range(0, len(pieces), 2):
        plain = _OWN.sub(r"\\\1", pieces[place])
        pieces[place] = _NAME.sub(lambda name: f"[{name[0]}]({name[0]}.md)" if name[0] in linked else name[0], plain)
    return "".join(pieces)


def pages() -> dict[str, str]:
    """Every file of docs/rules/ by name."""
    catalogue = rules()
    return {"README.md": index_text(catalogue)} | {
        f"{rule.id}.md": page_text(rule, catalogue) for rule in catalogue.values()
    }


def with_keys(readme: str) -> str:
    """README with the table of keys as it is now; ValueError where its place is missing."""
    before, begin, rest = readme.partition(KEYS_BEGIN)
    _, end, after = rest.partition(KEYS_END)
    if not begin or not end:
        raise ValueError(f"README.md has no {KEYS_BEGIN} … {KEYS_END}")
    return f"{before}{begin}\n\n{markdown_table()}\n{end}{after}"


def main() -> None:
    wanted = pages()
    PAGES.mkdir(parents=True, exist_ok=True)
    for path in PAGES.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (PAGES / name).write_text(text, encoding="utf-8")
    README.write_text(with_keys(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
