"""The keys, as data: bindings, key bar, help, command palette and README's table all come from `KEYS`."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType

APP = "app"
MAIN = "main"
RAW = "raw"
FINDINGS = "findings"
CHANNELS = "channels"
ROWS = "rows"

CONTEXT_TITLES = {
    APP: "everywhere",
    MAIN: "main screen",
    RAW: "raw log",
    FINDINGS: "findings",
    CHANNELS: "channels",
    ROWS: "in a pane",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One row of the table: what a key does, and where."""

    id: str
    """Stable: a keymap refers to it."""
    keys: str
    """Textual's names, separated by commas."""
    action: str
    """Textual action, resolved on the widget, screen or app of its context."""
    description: str
    group: str
    """Heading in the help."""
    contexts: tuple[str, ...]
    bar: str = ""
    """Label in the key bar; empty: not in the bar."""
    bar_keys: str = ""
    """How the bar writes the keys, where one entry stands for several rows of the table."""
    built_in: bool = False
    """Bound by Textual itself; listed so that help and README have it."""


KEYS: tuple[Key, ...] = (
    # Move
    Key("rows.down", "j,down", "cursor(1)", "next row", "Move", (ROWS,), "row", "j/k"),
    Key("rows.up", "k,up", "cursor(-1)", "previous row", "Move", (ROWS,)),
    Key("rows.first", "g,home", "first", "first row", "Move", (ROWS,)),
    Key("rows.last", "G,end", "last", "last row", "Move", (ROWS,)),
    Key("rows.page_down", "ctrl+d,pagedown", "page(1)", "a page down", "Move", (ROWS,)),
    Key("rows.page_up", "ctrl+u,pageup", "page(-1)", "a page up", "Move", (ROWS,)),
    Key("rows.left", "h,left", "columns(-1)", "scroll to the left", "Move", (ROWS,)),
    Key("rows.right", "l,right", "columns(1)", "scroll to the right", "Move", (ROWS,)),
    Key(
        "rows.enter",
        "enter",
        "activate",
        "go in; on evidence: its line in the raw log",
        "Move",
        (ROWS,),
        "open",
        "enter",
    ),
    # Choose
    Key("main.task_previous", "left_square_bracket", "task(-1)", "previous task of the host", "Choose", (MAIN,)),
    Key("main.task_next", "right_square_bracket", "task(1)", "next task of the host", "Choose", (MAIN,), "task", "[ ]"),
    Key("main.hosts", "1", "pane('hosts')", "hosts", "Choose", (MAIN,), "pane", "1-4"),
    Key("main.stages", "2", "pane('stages')", "stages", "Choose", (MAIN,)),
    Key("main.chunks", "3", "pane('chunks')", "chunks", "Choose", (MAIN,)),
    Key("main.hint", "4", "pane('hint')", "hint", "Choose", (MAIN,)),
    Key("channels.tree", "1", "pane('tree')", "connections and channels", "Choose", (CHANNELS,), "pane", "1-4"),
    Key("channels.ladder", "2", "pane('ladder')", "messages of the channel", "Choose", (CHANNELS,)),
    Key("channels.lines", "3", "pane('lines')", "raw lines", "Choose", (CHANNELS,)),
    Key("channels.hint", "4", "pane('hint')", "hint", "Choose", (CHANNELS,)),
    Key("main.next_pane", "tab", "next_pane(1)", "next pane", "Choose", (MAIN, CHANNELS)),
    Key("main.previous_pane", "shift+tab", "next_pane(-1)", "previous pane", "Choose", (MAIN, CHANNELS)),
    Key("main.problem_next", "e", "problem(1)", "next problem", "Choose", (MAIN, CHANNELS), "problem", "e/E"),
    Key("main.problem_previous", "E", "problem(-1)", "previous problem", "Choose", (MAIN, CHANNELS)),
    Key(
        "main.filter",
        "ampersand",
        "filter",
        "filter the hosts: `web* status:failed rule:…`",
        "Choose",
        (MAIN,),
        "filter",
        "&",
    ),
    Key("main.order", "o", "order", "sort the hosts: log, status, name, stage, rule", "Choose", (MAIN,)),
    Key("main.group", "x", "group", "hosts that broke alike as one row, or each", "Choose", (MAIN,)),
    # Look
    Key("main.zoom", "z,plus", "zoom", "maximise the pane, and back", "Look", (MAIN, CHANNELS), "zoom", "z"),
    Key("main.all_chunks", "a", "all_chunks", "chunks of the whole run, or of the stage", "Look", (MAIN,)),
    Key("main.findings", "f", "findings", "all findings, by severity", "Look", (MAIN,), "findings", "f"),
    Key(
        "main.other_end",
        "c",
        "other_end",
        "the other end: the stage's channel on the managed node, and back to its stage",
        "Look",
        (MAIN, CHANNELS),
        "other end",
        "c",
    ),
    Key("main.why_not", "w", "why_not", "why not another cause: what was ruled out, and by what", "Look", (MAIN,)),
    Key("main.raw", "r", "raw", "raw log, at the selected place", "Look", (MAIN, FINDINGS, CHANNELS), "raw log", "r"),
    Key("raw.go", "percent_sign,colon", "go", "go to a line, or to 50% of the file", "Look", (RAW,), "go to", "%"),
    Key("raw.next_evidence", "e", "evidence(1)", "next evidence line", "Look", (RAW,), "evidence", "e/E"),
    Key("raw.previous_evidence", "E", "evidence(-1)", "previous evidence line", "Look", (RAW,)),
    Key("view.follow", "F", "follow", "follow the newest, while at the end", "Look", (MAIN, RAW), "follow", "F"),
    Key("view.back", "escape,backspace", "back", "back", "Look", (MAIN, RAW, FINDINGS, CHANNELS), "back", "esc"),
    # Search and copy
    Key(
        "view.search",
        "slash",
        "search",
        "search as you type; upper case makes it exact",
        "Search",
        (MAIN, RAW, FINDINGS, CHANNELS),
        "search",
        "/",
    ),
    Key("view.next_hit", "n", "hit(1)", "next hit", "Search", (MAIN, RAW, FINDINGS, CHANNELS)),
    Key("view.previous_hit", "N", "hit(-1)", "previous hit", "Search", (MAIN, RAW, FINDINGS, CHANNELS)),
    Key(
        "view.copy",
        "y",
        "copy",
        "copy the row, chunk or hint (secrets redacted)",
        "Search",
        (MAIN, RAW, FINDINGS, CHANNELS),
    ),
    # Program
    Key("app.help", "question_mark", "help", "this help", "Program", (APP,), "help", "?"),
    Key("app.palette", "ctrl+p", "command_palette", "command palette", "Program", (APP,), built_in=True),
    Key("app.theme", "t", "theme", "light or dark", "Program", (APP,)),
    Key("app.quit", "q", "quit", "quit; asks while a run goes on", "Program", (APP,), "quit", "q"),
    Key("app.pause", "p", "pause", "hold the screen still while the run goes on, and back", "Program", (APP,)),
    Key("app.rerun", "R", "rerun", "run again: the hosts that broke, or with more debug", "Program", (APP,)),
    Key("app.answer", "i", "answer", "answer what the run asks, if that was put off", "Program", (APP,)),
    Key(
        "app.interrupt",
        "ctrl+c",
        "interrupt",
        "copy the text marked with the mouse; else ctrl+c for the run, and the second ends it",
        "Program",
        (APP,),
    ),
)

BAR = (
    "rows.down", "main.task_next", "main.hosts", "channels.tree", "main.problem_next", "raw.next_evidence",
    "view.search", "main.raw", "app.help", "rows.enter", "main.findings", "main.other_end", "main.filter", "raw.go",
    "main.zoom", "view.follow", "view.back", "app.quit",
)  # fmt: skip
"""The key bar's entries by id, the most needed first: what does not fit is left out, and help has it all."""

_SHOWN = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "question_mark": "?",
    "slash": "/",
    "ampersand": "&",
    "percent_sign": "%",
    "colon": ":",
    "plus": "+",
    "escape": "esc",
    "pagedown": "page down",
    "pageup": "page up",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def shown(key: str) -> str:
    """How people write a key of Textual's: `slash` is `/`."""
    return _SHOWN.get(key, key)


def bindings(context: str) -> list[BindingType]:
    """The bindings of one context, for a widget's, screen's or app's `BINDINGS`."""
    return [
        Binding(key.keys, key.action, key.description, id=key.id, show=bool(key.bar))
        for key in KEYS
        if context in key.contexts and not key.built_in
    ]


def groups() -> dict[str, list[Key]]:
    """The rows of the table under their headings, in the table's order."""
    found: dict[str, list[Key]] = {}
    for key in KEYS:
        found.setdefault(key.group, []).append(key)
    return found


def markdown_table() -> str:
    """The table for README, in Markdown."""
    lines = ["| keys | what they do | where |", "| --- | --- | --- |"]
    for key in KEYS:
        keys = " ".join(f"`{shown(name)}`" for name in key.keys.split(","))
        where = ", ".join(CONTEXT_TITLES[context] for context in key.contexts)
        lines.append(f"| {keys} | {key.description} | {where} |")
    return "\n".join(lines) + "\n"
