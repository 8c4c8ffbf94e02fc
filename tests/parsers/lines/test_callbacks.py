"""Callbacks whose results have a form of their own, as ansible-core 2.19 writes them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.analysis import Analysis
from parsers.lines.callbacks import RECAP, Callbacks
from parsers.lines.display import Event, ResultLine, Section
from parsers.model import RunStatus, SourceKind, Status
from tests.parsers.helpers import analyse, model_of
from tests.parsers.minilog import DB1, HOME, MiniLog

REFUSED = (
    "Task failed: Failed to connect to the host via ssh: ssh: connect to host 192.0.2.7 port 22: Connection refused"
)
STARS = "*" * 60

UNIXY = f"""\
Executing playbook site.yml

- Play on all on hosts: all -
Ping...
[ERROR]: {REFUSED}
Origin: /site/site.yml:5:7
  db1 unreachable | msg: {REFUSED}
  web1 ok
  web2 done
Look (via handler)...{" "}
  web1 skipped
  web2 failed | item: a b | msg: non-zero return code | stderr: cat: /nope: No such file or directory
Say...
  web1 ok: {{
    "changed": false,
    "msg": "hello"
}}

- Play recap -
  db1                        : ok=0    changed=0    unreachable=1    failed=0    rescued=0    ignored=0
  web1                       : ok=2    changed=0    unreachable=0    failed=0    rescued=0    ignored=0
  web2                       : ok=1    changed=1    unreachable=0    failed=1    rescued=0    ignored=0
"""
SELECTIVE = f"""\
# Ping {STARS}
  * db1                                     - FAILED!!! --------------------
    {REFUSED}
    (traceback unavailable)
  * web1                                    - changed=False --  --------------------
  * web2                                    - changed=True --  --------------------
# Look {STARS}
  * web1                       - skipped -- Conditional result was False --------------------
  * web2                                    - FAILED!!! -- non-zero return code --------------------

# STATS {STARS}
db1    : ok=0\tchanged=0\tfailed=0\tunreachable=1\trescued=0\tignored=0
web1    : ok=2\tchanged=0\tfailed=0\tunreachable=0\trescued=0\tignored=0
web2    : ok=1\tchanged=1\tfailed=1\tunreachable=0\trescued=0\tignored=0
"""
RESULTS: dict[str, dict[str, dict[str, object]]] = {
    "Ping": {
        "db1": {"changed": False, "msg": REFUSED, "unreachable": True},
        "web1": {"changed": False, "ping": "pong"},
        "web2": {"changed": True},
    },
    "Look": {
        "web1": {"changed": False, "skipped": True},
        "web2": {"changed": True, "failed": True, "msg": "non-zero return code", "rc": 1},
    },
}
COUNTS = {
    "db1": {"failures": 0, "unreachable": 1, "ok": 0},
    "web1": {"failures": 0, "unreachable": 0, "ok": 2},
    "web2": {"failures": 1, "unreachable": 0, "ok": 1},
}
_ON = {"unreachable": "unreachable", "failed": "failed", "skipped": "skipped"}


def jsonl() -> str:
    """ansible.posix.jsonl."""
    rows: list[dict[str, object]] = [{"_event": "v2_playbook_on_play_start", "play": {"name": "Play on all"}}]
    for name, hosts in RESULTS.items():
        task = {"id": name, "name": name, "path": "/site/site.yml:5"}
        rows.append({"_event": "v2_playbook_on_task_start", "hosts": {}, "task": task})
        for host, result in hosts.items():
            word = next((word for key, word in _ON.items() if key in result), "ok")
            rows.append({"_event": f"v2_runner_on_{word}", "hosts": {host: result}, "task": task})
    rows.append({"_event": "v2_playbook_on_stats", "stats": COUNTS})
    return "".join(json.dumps(row, sort_keys=True, separators=(",", ":")) + "\n" for row in rows)


def document() -> str:
    """ansible.posix.json."""
    tasks = [{"hosts": hosts, "task": {"id": name, "name": name}} for name, hosts in RESULTS.items()]
    told = {"custom_stats": {}, "plays": [{"play": {"name": "all"}, "tasks": tasks}], "stats": COUNTS}
    return json.dumps(told, indent=4, sort_keys=True) + "\n"


def told(text: str) -> list[Event]:
    """The events of a text."""
    reader = Callbacks()
    return [event for line in text.splitlines() for event in reader.events(line.encode())]


FORMS = pytest.mark.parametrize(
    "text", [UNIXY, SELECTIVE, jsonl(), document()], ids=["unixy", "selective", "jsonl", "json"]
)


@FORMS
def test_each_host_and_what_broke_it(text: str) -> None:
    model, findings = analyse(text.encode())
    (run,) = model.runs
    assert model.kind is SourceKind.VERBOSE
    assert run.status is RunStatus.FAILED
    assert {host.name: str(host.status) for host in run.hosts.values()} == {
        "db1": "unreachable",
        "web1": "ok",
        "web2": "failed",
    }
    broken = {host.name: host.failed_task.name for host in run.hosts.values() if host.failed_task is not None}
    assert broken == {"db1": "Ping", "web2": "Look"}
    assert ("db1", "connection-refused") in {(finding.host, finding.rule.id) for finding in findings}
    failed = run.hosts["web2"].failed_task
    assert failed is not None
    assert failed.results[-1].message.startswith("non-zero return code")


@FORMS
def test_every_cut_leads_to_the_same(text: str) -> None:
    raw = text.encode()
    cut, _ = analyse([raw[at : at + 61] for at in range(0, len(raw), 61)], between=Analysis.snapshot)
    whole = model_of(raw)
    assert [(host.name, host.status) for host in cut.runs[0].hosts.values()] == [
        (host.name, host.status) for host in whole.runs[0].hosts.values()
    ]


def test_unixy_has_tasks_handlers_items_and_delegates() -> None:
    events = told(UNIXY)
    assert [event for event in events if isinstance(event, Section)] == [
        Section("PLAYBOOK", "site.yml"),
        Section("PLAY", "Play on all"),
        Section("TASK", "Ping"),
        Section("RUNNING HANDLER", "Look"),
        Section("TASK", "Say"),
        RECAP,
    ]
    results = [event for event in events if isinstance(event, ResultLine)]
    assert [(one.name, one.word, one.item) for one in results] == [
        ("db1", "unreachable", None),
        ("web1", "ok", None),
        ("web2", "changed", None),
        ("web1", "skipped", None),
        ("web2", "failed", "a b"),
        ("web1", "ok", None),
    ]
    assert results[-1].json == b"{"
    (hop,) = told("Executing playbook x\n  web1 -> 192.0.2.7 failed | msg: no\n")[1:]
    assert isinstance(hop, ResultLine)
    assert (hop.name, hop.delegate, hop.message) == ("web1", "192.0.2.7", b"no")


@pytest.mark.parametrize(
    "text",
    [
        "Ping...\n  web1 ok\n- Play recap -\n",
        "  * web1      - FAILED!!! -------\n",
        '{\n    "msg": "x"\n}\n',
        '{\n    "custom_stats": {},\n    "other": 1\n}\n',
        '{\n    "custom_stats": {},\n    "plays": broken\n}\n',
        '{"_event":"v2_runner_on_ok","hosts":[1]}\n{"_event":"v2_nothing"}\n{"_event":"v2_broken\n',
        '{"_event":"v2_runner_on_ok","hosts":{"a":3}}\n',
    ],
)
def test_the_same_words_without_their_callback_are_text(text: str) -> None:
    assert not [event for event in told(text) if isinstance(event, ResultLine) or event == RECAP]


def test_a_comment_with_asterisks_in_a_default_run_is_text() -> None:
    log = MiniLog(debug=False).begin().task("Ping", DB1).raw(f"# Ping {STARS}", "  * db1      - FAILED!!! -------")
    assert [task.name for task in log.module(DB1).result(DB1).recap(db1={"ok": 1}).host("db1").tasks] == ["Ping"]
    assert log.host("db1").status is Status.OK


def test_a_document_behind_commands_tells_how_hosts_ended_and_not_whose_a_command_was() -> None:
    log = MiniLog(debug=False)
    log.raw("ansible-playbook [core 2.19.14]").command(
        DB1, HOME, 255, "", "ssh: connect to host 192.0.2.7 port 22: Connection refused\r\n"
    )
    log.raw(*document().splitlines())
    model = log.model()
    (run,) = model.runs
    assert {host.name: (str(host.status), host.failed_stage) for host in run.hosts.values()} == {
        DB1.address: ("failed", "connect"),
        "db1": ("unreachable", None),
        "web1": ("ok", None),
        "web2": ("failed", None),
    }
    assert any("one document behind the run" in text for _, text in model.notes)


@given(
    st.lists(st.sampled_from([*UNIXY.splitlines(), *SELECTIVE.splitlines(), *document().splitlines(), "{", "}", "x"]))
)
def test_any_mixture_is_read(lines: list[str]) -> None:
    model_of("\n".join(lines).encode())
