"""sshd's side of the document: the fields that scripts use, held against real logs and the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from parsers.analysis import Analysis
from tests.parsers.sshd.excerpts import ARTICLE, DEFAULT_LEVEL, syslog
from tui.report.collect import AnalysedLog, Report, collect
from tui.report.document import Document
from tui.report.jsonform import json_form
from tui.report.run import analyse
from tui.report.schema import report_schema
from tui.sources.opening import open_log

ROOT = Path(__file__).parents[3]
SAMPLES = sorted((ROOT / "sample_logs").glob("*.sshd.log"))
TOKEN = "ghp_" + "a1B2" * 9


def logged(data: bytes, name: str = "secure") -> AnalysedLog:
    """A log of these bytes, read to its end."""
    analysis = Analysis()
    analysis.feed(data)
    analysis.finish()
    return AnalysedLog(name, analysis.snapshot(), analysis.findings())


def parsed(report: Report, *, chunks: bool = False) -> dict[str, Any]:
    """The JSON report, back again."""
    document: dict[str, Any] = json.loads("".join(json_form(report, chunks=chunks)))
    return document


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.name))
def test_real_reports_are_valid(path: Path) -> None:
    text = "".join(json_form(collect([analyse(open_log(str(path)))]), chunks=True))
    jsonschema.Draft202012Validator(report_schema()).validate(json.loads(text))
    document = msgspec.json.decode(text, type=Document)
    assert document.sources[0].kind == "sshd"
    assert document.connections
    assert not isinstance(document.messages, msgspec.UnsetType)
    lines = document.sources[0].lines
    assert all(1 <= one.first_line <= one.last_line <= lines for one in document.connections)
    assert all(1 <= proof.line <= lines for found in document.findings for proof in found.evidence)
    names = {message.name for message in document.messages}
    assert ("SSH_MSG_KEXINIT" in names) is any(one.client for one in document.connections)


def test_the_articles_excerpt() -> None:
    document = parsed(collect([logged(ARTICLE)]), chunks=True)
    (connection,) = document["connections"]
    assert (connection["address"], connection["port"], connection["user"]) == ("192.168.0.130", 35746, "sugimura")
    assert (connection["host"], connection["whole"], connection["end"]) == ("rhel86", False, None)
    assert (connection["started"], connection["seconds"]) == (None, None)
    (channel,) = connection["channels"]
    assert (channel["status"], channel["run"], channel["exit"], channel["id"]) == ("ok", "command", "status", 0)
    assert [request["kind"] for request in channel["requests"]] == ["env", "exec", "exit-status"]
    first = document["messages"][0]
    assert first == {
        "source": 0,
        "line": 1,
        "time": None,
        "connection": 0,
        "channel": 0,
        "received": True,
        "number": 90,
        "name": "SSH_MSG_CHANNEL_OPEN",
        "reference": "RFC 4254 5.1",
        "preauth": False,
    }
    assert document["findings"] == []


def test_a_finding_has_its_connection_and_no_run() -> None:
    log = logged(syslog((7, "Invalid user x from 192.0.2.1 port 9"), (7, "Connection closed by 192.0.2.1 port 9")))
    report = collect([log])
    (found,) = parsed(report)["findings"]
    assert (found["rule"], found["run"], found["connection"], found["channel"]) == ("user-not-allowed", None, 0, None)
    assert (found["host"], found["stage"], found["phase"]) == ("db1", "connect", "auth")
    assert not report.well


def test_messages_only_when_asked_for() -> None:
    assert "messages" not in parsed(collect([logged(ARTICLE)]))


def test_what_is_well() -> None:
    assert collect([logged(ARTICLE)]).well
    assert collect([logged(DEFAULT_LEVEL)]).well


def test_one_host() -> None:
    logs = [logged(ARTICLE, "a"), logged(DEFAULT_LEVEL, "b")]
    assert [one["host"] for one in parsed(collect(logs, host="db1"))["connections"]] == ["db1"]
    assert [one["host"] for one in parsed(collect(logs))["connections"]] == ["rhel86", "db1"]
    assert parsed(collect(logs, host="db1"), chunks=True)["messages"] == []


def test_secrets_are_redacted() -> None:
    command = f"debug3: mm_audit_run_command entering command curl -H 'Authorization: Bearer {TOKEN}'"
    opened = ("debug3: receive packet: type 90", "debug1: channel 0: new [server-session]")
    log = logged(syslog(*((7, text) for text in ("Connection from 192.0.2.1 port 9", *opened, command))))
    assert TOKEN not in "".join(json_form(collect([log]), chunks=True))
    assert TOKEN in "".join(json_form(collect([log], secrets=True), chunks=True))
