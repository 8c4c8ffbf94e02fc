"""The JSON report: the contract's fields, its schema, what is hidden, what is escaped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.model import HostRun, RunStatus, Status
from parsers.showable import is_showable
from tests.tui.report.hand import analysed, failed_host, finding, ok_host
from tui.report.collect import AnalysedLog, Report, collect
from tui.report.document import Document
from tui.report.jsonform import json_form
from tui.report.markdownform import markdown_form
from tui.report.run import analyse
from tui.report.schema import report_schema, schema_text
from tui.report.textform import text_form
from tui.sources.opening import open_log

ROOT = Path(__file__).parents[3]
SAMPLES = sorted(path for path in (ROOT / "sample_logs").glob("*.log") if not path.name.endswith(".sshd.log"))


def encoded(report: Report, *, chunks: bool = False) -> str:
    return "".join(json_form(report, chunks=chunks))


def parsed(*logs: AnalysedLog, chunks: bool = False, host: str | None = None, secrets: bool = False) -> dict[str, Any]:
    document = json.loads(encoded(collect(logs, host=host, secrets=secrets), chunks=chunks))
    assert isinstance(document, dict)
    return document


def test_the_kept_schema_is_not_stale() -> None:
    """Renew it with `python -m tui.report.schema > docs/report.schema.json`."""
    assert (ROOT / "docs" / "report.schema.json").read_text("utf-8") == schema_text()


def test_schema_is_a_schema() -> None:
    """By its own meta-schema."""
    jsonschema.Draft202012Validator.check_schema(report_schema())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.name))
def test_real_reports_are_valid(path: Path) -> None:
    """Every sample's report, with chunks, against the schema, and back into the types."""
    log = analyse(open_log(str(path)))
    text = encoded(collect([log], ruled_out="all"), chunks=True)
    jsonschema.Draft202012Validator(report_schema()).validate(json.loads(text))
    document = msgspec.json.decode(text, type=Document)
    assert not isinstance(document.chunks, msgspec.UnsetType)
    assert not isinstance(document.why_not, msgspec.UnsetType)
    failed = {(entry.run, entry.host) for entry in document.why_not}
    assert {(host.run, host.name) for host in document.hosts if host.failed_task} <= failed
    assert len(document.chunks) == len(log.model.chunks)
    assert all(found.evidence for found in document.findings)
    lines = document.sources[0].lines
    assert all(1 <= proof.line <= lines for found in document.findings for proof in found.evidence)
    assert all(host.run < len(document.runs) for host in document.hosts)


def test_contract() -> None:
    """The fields that scripts use, by their names and values."""
    document = parsed(analysed(ok_host("web1"), failed_host(), findings=[finding()]), chunks=True)
    assert document["schema"] == 1
    assert document["sources"] == [{"path": "old.log", "kind": "ansible-debug", "bytes": 6000, "lines": 60, "runs": 1}]
    (run,) = document["runs"]
    assert (run["index"], run["ansible_version"], run["verbosity"], run["status"]) == (0, "2.19.14", 4, "failed")
    assert (run["debug"], run["ssh_debug"], run["first_line"], run["last_line"]) == (True, True, 1, 60)
    web1, db1 = document["hosts"]
    assert (web1["name"], web1["status"], web1["failed_stage"], web1["phase"]) == ("web1", "ok", None, None)
    assert (db1["run"], db1["address"], db1["port"], db1["user"]) == (0, "192.0.2.7", 2222, "deploy")
    assert (db1["connection"], db1["status"], db1["failed_stage"]) == ("ssh", "failed", "tmpdir")
    (task,) = db1["tasks"]
    assert (task["name"], task["action"], task["status"]) == ("Ping", "ping", "failed")
    assert (task["ignored"], task["rescued"], task["first_line"], task["last_line"]) == (False, False, 10, 40)
    stage = task["stages"][1]
    assert {key: stage[key] for key in ("stage", "status", "rc", "started", "ended", "first_line", "last_line")} == {
        "stage": "tmpdir",
        "status": "failed",
        "rc": 1,
        "started": None,
        "ended": None,
        "first_line": 12,
        "last_line": 20,
    }
    assert (stage["command"], stage["stdout_bytes"], stage["stderr_bytes"]) == ("/bin/sh -c 'mkdir'", 0, 24)
    assert (stage["chunks"], stage["method"]) == (1, None)
    assert document["findings"] == [
        {
            "rule": "tmpdir-permission",
            "severity": "error",
            "confidence": "certain",
            "run": 0,
            "host": "db1",
            "task": "Ping",
            "stage": "tmpdir",
            "phase": None,
            "category": 3,
            "title": "The login user cannot create its temporary directory",
            "explanation": "The directory cannot be made: mkdir: Permission denied.",
            "fixes": ["chown -R deploy: /home/deploy/.ansible"],
            "evidence": [{"source": 0, "line": 13, "text": "mkdir: Permission denied"}],
            "connection": None,
            "channel": None,
        }
    ]
    owned, nobodys = document["chunks"]
    assert owned == {
        "source": 0,
        "line": 13,
        "host": "db1",
        "task": "Ping",
        "stage": "tmpdir",
        "stream": "stderr",
        "state": 2,
        "attribution": "exact",
        "ambiguous": False,
    }
    assert (nobodys["host"], nobodys["task"], nobodys["stage"], nobodys["attribution"]) == (None, None, None, "unknown")


def test_chunks_only_when_asked_for() -> None:
    """The key itself is absent."""
    assert "chunks" not in parsed(analysed(failed_host()))
    empty = analysed()
    empty.model.chunks = type(empty.model.chunks)()
    assert parsed(empty, chunks=True)["chunks"] == []


def test_several_logs_are_numbered_across() -> None:
    """Runs, hosts, findings and evidence say which log they are of."""
    logs = [analysed(ok_host("web1"), name="a.log"), analysed(failed_host(), findings=[finding()], name="b.log")]
    document = parsed(*logs, chunks=True)
    assert [run["index"] for run in document["runs"]] == [0, 1]
    assert [run["source"] for run in document["runs"]] == [0, 1]
    assert [(host["name"], host["run"]) for host in document["hosts"]] == [("web1", 0), ("db1", 1)]
    assert document["findings"][0]["run"] == 1
    assert document["findings"][0]["evidence"][0]["source"] == 1
    assert [chunk["source"] for chunk in document["chunks"]] == [0, 1, 1]


def test_one_host() -> None:
    """With --host: that host, its findings and chunks, and the control node's findings."""
    log = analysed(failed_host("db1"), failed_host("db2"), findings=[finding("db1"), finding("db2"), finding(None)])
    document = parsed(log, chunks=True, host="db2")
    assert [host["name"] for host in document["hosts"]] == ["db2"]
    assert [found["host"] for found in document["findings"]] == ["db2", None]
    assert [chunk["host"] for chunk in document["chunks"]] == ["db2"]


@pytest.mark.parametrize(
    ("status", "run", "well"),
    [
        (Status.OK, RunStatus.OK, True),
        (Status.SKIPPED, RunStatus.OK, True),
        (Status.FAILED, RunStatus.FAILED, False),
        (Status.UNREACHABLE, RunStatus.FAILED, False),
        (Status.STALLED, RunStatus.INCOMPLETE, False),
        (Status.RUNNING, RunStatus.INCOMPLETE, False),
        (Status.OK, RunStatus.INCOMPLETE, False),
        (Status.OK, RunStatus.CONTROL_ERROR, False),
    ],
)
def test_well(status: Status, run: RunStatus, *, well: bool) -> None:
    """What decides between exit codes 0 and 1."""
    log = analysed(HostRun("web1", status=status), ok_host("web2"), status=run)
    assert collect([log]).well is well
    # Of one host: its own end, unless the control node died.
    assert collect([log], host="web2").well is (run is not RunStatus.CONTROL_ERROR)


SECRET = "Zq7hunter2hunter2"


def test_secrets_are_hidden_everywhere() -> None:
    """Every text of the document; --no-redact shows them."""
    text = f"ansible_password={SECRET}"
    host = failed_host(text, task=text, text=text)
    host.address = host.user = text
    host.tasks[0].action = text
    host.tasks[0].commands[0].text = text
    log = analysed(host, findings=[finding(text, text=text)], name=text)
    log.notes.append(text)
    log.model.notes.append((None, text))
    log.model.runs[0].playbook = text
    report = collect([log])
    assert report.document.redacted
    assert SECRET not in encoded(report, chunks=True)
    assert encoded(collect([log], secrets=True), chunks=True).count(SECRET) > 10


@given(st.text(max_size=60))
def test_any_text_is_safe_and_whole(text: str) -> None:
    """Whatever a log holds: nothing in the JSON acts on a terminal, and it reads back as it was."""
    log = analysed(failed_host(text, task=text, text=text), findings=[finding(text=text)])
    out = encoded(collect([log], secrets=True), chunks=True)
    assert is_showable(out.replace("\n", ""))
    document = json.loads(out)
    assert document["findings"][0]["evidence"][0]["text"] == text
    assert document["hosts"][0]["name"] == text
    assert document["chunks"][0]["task"] == text


def test_bytes_that_are_not_utf8() -> None:
    """Lone surrogates, as decoding leaves them, would be JSON that many readers refuse."""
    log = analysed(failed_host("db\udcff1"), findings=[finding(text="x\udc80y")])
    document = parsed(log)
    assert document["hosts"][0]["name"] == "db\ufffd1"
    assert document["findings"][0]["evidence"][0]["text"] == "x\ufffdy"


def test_a_command_that_has_not_ended_says_what_it_waits_for() -> None:
    """In all three forms, of a real log."""
    log = analyse(open_log(str(ROOT / "sample_logs" / "open-channel-2.19.log")))
    report = collect([log])
    db1 = next(host for host in json.loads(encoded(report, chunks=False))["hosts"] if host["name"] == "db1")
    stage = db1["tasks"][-1]["stages"][-1]
    assert (stage["stage"], stage["phase"], stage["awaited"]["wait"]) == ("connect", "channel", "channel")
    assert stage["awaited"]["what"].startswith("a `type 91` after our `type 90`")
    assert stage["awaited"]["causes"][0]["rule"] == "channel-stall"
    assert stage["elapsed"] >= stage["silent"] >= 0
    command = stage["awaited"]["commands"][0]
    assert command == "ssh -vvv -o IPQoS=none -p 2222 deploy@127.0.0.21 true"
    assert f"      try: {command}\n" in "".join(text_form(report, chunks=False, width=100))
    markdown = "".join(markdown_form(report, chunks=False))
    assert f"    - try: `{command}`\n" in markdown
    assert "  - waits for a `type 91` after our `type 90` (the session's confirmation), from " in markdown
