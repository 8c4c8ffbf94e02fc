"""Other callbacks than the default one that show results in a form of their own, told in the default one's events.

community.general.unixy and selective (1.0-10), ansible.posix.jsonl and json (1.0-2.0). One line in, any number of
events out; which callback it is shows in its first line, and only then is anything else of it looked for.
"""

from __future__ import annotations

import json
import re
from typing import Any

from parsers.lines.display import Event, RecapLine, ResultLine, Said, Section, recap_line
from parsers.lines.grammar import text_of

_JSONL = b'{"_event":"v2_'
_JSONL_WORDS = {
    "v2_runner_on_ok": "ok",
    "v2_runner_on_failed": "failed",
    "v2_runner_on_unreachable": "unreachable",
    "v2_runner_on_skipped": "skipped",
}
_JSONL_TASKS = {
    "v2_playbook_on_task_start": "TASK",
    "v2_runner_on_start": "TASK",
    "v2_playbook_on_handler_task_start": "RUNNING HANDLER",
}
_LARGEST = 64 << 20
"""Bytes of JSON that are read as one."""

_UNIXY = b"Executing playbook "
_UNIXY_PLAY = re.compile(rb"- (.{1,400}) on hosts: .{1,2000} -\r?")
_UNIXY_TASK = re.compile(rb"(\S.{0,400}?)( \(via handler(?: in check mode)?\)| \(check mode\))?\.\.\. ?\r?")
_UNIXY_RESULT = re.compile(
    rb"  (\S{1,255})(?: -> (\S{1,255}))? (ok|done|failed|unreachable|skipped)"
    rb"(?: \| item: ([^|]{0,400}?))?(?:: (\{.*)| \| msg: (.*)| \| std(?:out|err): .*)?\r?",
    re.DOTALL,
)
_UNIXY_WORDS = {b"ok": "ok", b"done": "changed", b"skipped": "skipped", b"unreachable": "unreachable"}

_SELECTIVE = re.compile(rb"# (\S.{0,400}?) \*{3,}\r?")
_UNREACHABLE = (
    b"Failed to connect to the host via ",
    b"Failed to create temporary directory.",
    b"Authentication or permission failure.",
    b"Data could not be sent to remote host ",
)
"""It calls a host that is unreachable failed: only the message tells."""
_SELECTIVE_RESULT = re.compile(
    rb"  \* (\S{1,255}) +- (FAILED!!!|changed=(?:True|False)|skipped)(?: -- (.*?))? -{3,}\r?", re.DOTALL
)


RECAP = Section("PLAY RECAP", "")


class Callbacks:
    """Reads the display of a log; it keeps which callback makes it."""

    __slots__ = ("_bare", "_document", "_kind", "_recap", "_size", "_task", "behind")

    def __init__(self) -> None:
        self._kind = ""
        self._bare = False
        """Whether the result before has no message on its line: it stands below, where there is one."""
        self._recap = False
        self._task: object = None
        self._document: list[bytes] | None = None
        self._size = 0
        self.behind = False
        """Whether the results stood in one document behind the run: whose each command was is not told by it."""

    def events(self, body: bytes) -> list[Event]:
        """What a line says that is none of the default callback's; empty for any other text."""
        if self._document is not None:
            return self._json(body)
        if body.startswith(_JSONL):
            return self._jsonl(body)
        if body.rstrip(b"\r") == b"{":
            self._document, self._size = [body], 0
            return []
        if body.startswith(_UNIXY):
            self._kind, self._recap = "unixy", False
            return [Section("PLAYBOOK", text_of(body[len(_UNIXY) :]).strip())]
        if self._kind == "unixy":
            return self._unixy(body)
        return self._selective(body)

    def seen(self, event: Event) -> None:
        """An event of the default callback's: a banner of its own ends the others."""
        if isinstance(event, Section):
            self._kind, self._recap = "default", False

    def _unixy(self, body: bytes) -> list[Event]:
        if self._recap:
            recap = recap_line(body.strip(b" "))
            return [recap] if recap is not None else []
        if body.rstrip() == b"- Play recap -":
            self._recap = True
            return [RECAP]
        if (play := _UNIXY_PLAY.fullmatch(body)) is not None:
            return [Section("PLAY", text_of(play[1]))]
        if (task := _UNIXY_TASK.fullmatch(body)) is not None:
            handler = b"handler" in (task[2] or b"")
            return [Section("RUNNING HANDLER" if handler else "TASK", text_of(task[1]))]
        found = _UNIXY_RESULT.fullmatch(body)
        if found is None:
            return []
        item = text_of(found[4]) if found[4] is not None else None
        hop = text_of(found[2]) if found[2] is not None else None
        word = _UNIXY_WORDS.get(found[3], "failed")
        return [ResultLine(word, text_of(found[1]), hop, hop, item, found[5] or b"", message=found[6] or b"")]

    def _selective(self, body: bytes) -> list[Event]:
        if body[:2] == b"# " and self._kind != "default" and (task := _SELECTIVE.fullmatch(body)) is not None:
            self._kind, self._recap, self._bare = "selective", task[1] == b"STATS", False
            return [RECAP if self._recap else Section("TASK", text_of(task[1]))]
        if self._kind != "selective":
            return []
        if self._recap:
            recap = recap_line(body.replace(b"\t", b" "))
            return [recap] if recap is not None else []
        if self._bare and body.startswith(b"    "):
            self._bare = False
            message = body.strip()
            return [Said(message, message.removeprefix(b"Task failed: ").startswith(_UNREACHABLE))]
        found = _SELECTIVE_RESULT.fullmatch(body)
        if found is None:
            return []
        words = {b"FAILED!!!": "failed", b"skipped": "skipped", b"changed=True": "changed"}
        message = (found[3] or b"").rstrip(b"- ")
        self._bare = found[2] == b"FAILED!!!" and not message
        return [ResultLine(words.get(found[2], "ok"), text_of(found[1]), None, None, None, b"", message=message)]

    def _jsonl(self, body: bytes) -> list[Event]:
        told = _parsed(body)
        name = told.get("_event")
        if name == "v2_playbook_on_play_start":
            return [Section("PLAY", _text(told, "play", "name"))]
        if name in _JSONL_TASKS:
            return self._jsonl_task(told, _JSONL_TASKS[name])
        if name in _JSONL_WORDS:
            return [*self._jsonl_task(told, "TASK"), *_results(told, _JSONL_WORDS[name])]
        return _stats(told) if name == "v2_playbook_on_stats" else []

    def _jsonl_task(self, told: dict[str, Any], kind: str) -> list[Event]:
        key = _text(told, "task", "id")
        if key == self._task:
            return []
        self._task = key
        return [Section(kind, _text(told, "task", "name"))]

    def _json(self, body: bytes) -> list[Event]:
        """ansible.posix.json: one document behind the run; where each result belongs is not told by its place."""
        document = self._document or []
        if len(document) == 1 and not body.startswith(b'    "custom_stats": '):
            self._document = None
            return self.events(body)
        self._size += len(body)
        if self._size > _LARGEST:
            self._document = None
            return []
        document.append(body)
        if body.rstrip(b"\r") != b"}":
            return []
        self._document = None
        told = _parsed(b"\n".join(document))
        if "plays" not in told:
            return []
        self.behind = True
        events: list[Event] = []
        for play in _list(told, "plays"):
            events.append(Section("PLAY", _text(play, "play", "name")))
            for task in _list(play, "tasks"):
                events += [Section("TASK", _text(task, "task", "name")), *_results(task)]
        return events + _stats(told)


def _results(told: dict[str, Any], word: str | None = None) -> list[Event]:
    """The results of a task's hosts; without `word`, each says itself what it is."""
    events: list[Event] = []
    for host, result in _dict(told, "hosts").items():
        if not isinstance(result, dict):
            continue
        own = next((name for name in ("unreachable", "failed", "skipped") if result.get(name) is True), "ok")
        kind = word or own
        hop = _dict(result, "_ansible_delegated_vars")
        events.append(
            ResultLine(
                "changed" if kind == "ok" and result.get("changed") is True else kind,
                _plain(host),
                _text(hop, "ansible_delegated_host") or _text(hop, "ansible_host") or None,
                _text(hop, "ansible_host") or None,
                None,
                json.dumps(result).encode(),
            )
        )
    return events


def _stats(told: dict[str, Any]) -> list[Event]:
    events: list[Event] = [RECAP]
    for host, counts in _dict(told, "stats").items():
        if isinstance(counts, dict):
            numbers = {str(word): value for word, value in counts.items() if isinstance(value, int)}
            numbers["failed"] = numbers.pop("failures", 0)
            events.append(RecapLine(_plain(host), numbers))
    return events


def _parsed(raw: bytes) -> dict[str, Any]:
    try:
        told = json.loads(raw) if len(raw) <= _LARGEST else None
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _dict(told: dict[str, Any], key: str) -> dict[str, Any]:
    found = told.get(key)
    return found if isinstance(found, dict) else {}


def _list(told: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = told.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(told: dict[str, Any], *keys: str) -> str:
    found: object = told
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return _plain(found) if isinstance(found, str) else ""


def _plain(text: str) -> str:
    """Without halves of surrogate pairs, which JSON can hold."""
    return text[:2000].encode("utf-8", "replace").decode()
