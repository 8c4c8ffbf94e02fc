"""Both ends in the report: the fields that scripts use, and what the texts say."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from tests.parsers.ends.pairs import SAMPLES, names
from tui.report.collect import Report, collect
from tui.report.document import Document
from tui.report.jsonform import json_form
from tui.report.markdownform import markdown_form
from tui.report.run import analyse
from tui.report.schema import report_schema
from tui.report.textform import text_form
from tui.sources.opening import open_log

STEMS = ("sshd-healthy-2.19", "sshd-logins-2.19", "sshd-refusals-2.19", "sshd-held-2.19", "sshd-killed-2.19")


@lru_cache(maxsize=8)
def report(stem: str, host: str | None = None) -> Report:
    control, servers = names(stem)
    paths = [SAMPLES / name for name in (control, *servers)]
    return collect([analyse(open_log(str(path)), index=at) for at, path in enumerate(paths)], host=host)


def parsed(stem: str, host: str | None = None) -> dict[str, Any]:
    document: dict[str, Any] = json.loads("".join(json_form(report(stem, host), chunks=False)))
    return document


@pytest.mark.parametrize("stem", STEMS)
def test_a_report_of_both_ends_is_valid(stem: str) -> None:
    text = "".join(json_form(report(stem), chunks=True))
    jsonschema.Draft202012Validator(report_schema()).validate(json.loads(text))
    document = msgspec.json.decode(text, type=Document)
    assert len(document.servers) == len(document.sources) - 1
    for found in document.findings:
        for proof in found.evidence:
            assert 1 <= proof.line <= document.sources[proof.source].lines


def test_each_command_has_its_channel() -> None:
    document = parsed("sshd-healthy-2.19")
    pairings = document["pairings"]
    assert len(pairings) == 48
    assert {one["side"] for one in pairings} == {"both"}
    channels = {(c["source"], c["index"], ch["index"]): ch for c in document["connections"] for ch in c["channels"]}
    for one in pairings:
        channel = channels[one["server"], one["connection"], one["channel"]]
        assert channel["first_line"] == one["channel_line"]
        assert channel["life"] == one["life"]
    first = pairings[0]
    assert (first["source"], first["run"], first["host"], first["task"], first["stage"]) == (
        *(0, 0, "web1", "Ping"),
        "home",
    )
    (server, _) = document["servers"]
    assert (server["source"], server["hosts"], server["channels"], server["paired"]) == (1, ["web1"], 24, 24)
    assert abs(server["clock_difference"]) < 1


def test_one_log_alone_has_no_pairing() -> None:
    path = Path(SAMPLES / names("sshd-healthy-2.19")[1][0])
    document: dict[str, Any] = json.loads("".join(json_form(collect([analyse(open_log(str(path)))]), chunks=False)))
    assert (document["pairings"], document["servers"]) == ([], [])


def test_one_host() -> None:
    document = parsed("sshd-refusals-2.19", "nosftp")
    assert {one["host"] for one in document["pairings"]} == {"nosftp"}
    assert [one["rule"] for one in document["findings"] if one["severity"] == "error"] == ["sftp-subsystem-missing"]


def test_a_cause_has_lines_of_both_logs() -> None:
    document = parsed("sshd-logins-2.19")
    (listed,) = (one for one in document["findings"] if one["host"] == "listed" and one["severity"] == "error")
    assert (listed["rule"], listed["run"], listed["connection"]) == ("user-not-allowed", 0, None)
    assert {document["sources"][proof["source"]]["path"].rpartition("/")[2] for proof in listed["evidence"]} == {
        "sshd-logins-2.19.log.gz",
        "sshd-logins-2.19.listed.sshd.log",
    }
    errors = [one["host"] for one in document["findings"] if one["severity"] == "error"]
    assert len(errors) == len(set(errors)) == 7


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_the_texts_show_the_pairs_of_what_broke(form: str) -> None:
    one = report("sshd-refusals-2.19")
    text = "".join(text_form(one, chunks=False, width=100) if form == "text" else markdown_form(one, chunks=False))
    assert "✖ transfer (line 3,051) ⇄" in text
    assert "opened, subsystem sftp, request refused  [likely]  refused" in text
    assert "connection 0, no channel  [likely]  not-logged-in" in text
    assert "clock difference: " in text
    assert "Both ends: Received and refused by sshd" in text


@pytest.mark.parametrize("stem", ["sshd-killed-2.19", "sshd-held-2.19"])
def test_a_connection_that_ended_badly_has_no_tick_where_the_error_is_the_hosts(stem: str) -> None:
    text = "".join(text_form(report(stem), chunks=False, width=200))
    lines = [line for line in text.splitlines() if " publickey, " in line]
    bad = [line for line in lines if "ended by an error" in line or "port 50060" in line or "held" in stem]
    assert bad
    assert all(line.startswith("  ! ") for line in bad)
    assert all(line.startswith("  ✔ ") for line in lines if line not in bad)
