"""The Markdown report: pasted into a ticket, a log's text stays text."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from parsers.showable import showable
from tests.tui.report.hand import analysed, failed_host, finding, ok_host
from tui.report.collect import AnalysedLog, collect
from tui.report.markdownform import code, fenced, markdown_form, prose


def markdown_of(*logs: AnalysedLog, chunks: bool = False) -> str:
    return "".join(markdown_form(collect(logs, secrets=True, ruled_out="all"), chunks=chunks))


def tokens(markdown: str) -> list[Token]:
    """Block and inline tokens, by CommonMark with tables, strikethrough and automatic links."""
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": True})
    out: list[Token] = []
    for token in parser.parse(markdown):
        out += [token, *(token.children or [])]
    return out


def log_with(text: str) -> AnalysedLog:
    log = analysed(
        failed_host(text, task=text, text=text), ok_host(f"{text}2"), findings=[finding(text, text=text)], name=text
    )
    log.notes.append(text)
    log.model.runs[0].playbook = text
    return log


ACTIVE = {"html_block", "html_inline", "link_open", "image", "em_open", "strong_open", "s_open", "table_open", "hr"}
ACTIVE |= {"blockquote_open", "ordered_list_open"}


def shape(text: str) -> list[str]:
    """The kinds of block, and whatever is active."""
    return [
        token.type
        for token in tokens(markdown_of(log_with(text), chunks=True))
        if token.type in ACTIVE or token.type in ("heading_open", "fence", "bullet_list_open", "list_item_open")
    ]


HOSTILE = st.text("`~*_<>[]()!#|\\&@:/.-+=1$ \n\tabAB\u202e\x1b", min_size=1, max_size=60) | st.sampled_from(
    [
        "```\n# Owned\n```",
        "````",
        "</details><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](http://192.0.2.1/x.png)",
        "http://192.0.2.1/ and www.example.com and me@example.com and @team and #123",
        "| a | b |\n|---|---|",
        "1. one",
        "- - -",
        "> quote",
        "&lt;b&gt; &#64;team",
        "===",
    ]
)


@given(HOSTILE)
@example("`")
@example("a``b`")
def test_log_text_changes_nothing_around_it(text: str) -> None:
    """The page has the same blocks as with a harmless text, and nothing in it is active but what we wrote."""
    assert shape(text) == shape("harmless")


@given(st.lists(HOSTILE | st.text(max_size=40), max_size=5))
def test_a_fence_holds_its_lines(lines: list[str]) -> None:
    """Exactly them, made showable."""
    (fence,) = MarkdownIt().parse("\n".join(fenced(lines)))
    assert fence.type == "fence"
    assert fence.content.split("\n")[:-1] == [showable(line) for line in lines]


@given(st.text(max_size=40) | HOSTILE)
def test_a_code_span_holds_its_text(text: str) -> None:
    """One span and nothing else, whatever backticks are in it."""
    (inline,) = [token for token in MarkdownIt().parse(f"x {code(text)} x") if token.type == "inline"]
    kinds = [child.type for child in inline.children or []]
    if showable(text).strip():
        assert kinds == ["text", "code_inline", "text"]
        assert (inline.children or [])[1].content.strip() == showable(text).strip()


def test_prose_keeps_code() -> None:
    """A rule's words have code spans; a log's backtick without a partner does not open one."""
    assert prose("run `sshd -t` on it") == "run `sshd -t` on it"
    assert prose("a ` b_c") == "a ' b\\_c"
    assert prose("ask @team or http://x/") == "ask `@team` or `http://x/`"
    assert prose("1. x") == "1\\. x"


def test_a_failure_that_no_rule_knows() -> None:
    """What was said, below the host."""
    text = markdown_of(analysed(failed_host()))
    assert "\n  - said: `mkdir: Permission denied`\n  - said: `more`\n" in text


def test_what_it_says() -> None:
    """Headings, hosts, evidence and fix."""
    text = markdown_of(analysed(ok_host("web1"), failed_host(), findings=[finding()]))
    assert "### Run 1: failed" in text
    assert "- ✖ `db1`: failed at tmpdir, task `Ping`, `deploy@192.0.2.7 port 2222`" in text
    assert "#### ✖ The login user cannot create its temporary directory (`tmpdir-permission`, error, certain)" in text
    assert "```text\nold.log:13  mkdir: Permission denied\n```" in text
    assert "```text\nchown -R deploy: /home/deploy/.ansible\n```" in text
