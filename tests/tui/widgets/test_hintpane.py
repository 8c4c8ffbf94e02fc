"""What the hint pane says of a selection, without a screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from parsers.analysis import Analysis
from parsers.findings import Severity
from parsers.log_model import LogModel
from parsers.model import Stage
from tests.tui.hand import SAMPLES, HandSource, finding, ping_model
from tui.widgets.hint import HintRows
from tui.widgets.hintpane import hint_of, hint_title
from tui.widgets.hosts import host_lines
from tui.widgets.rowsource import plain
from tui.widgets.selection import Selected
from tui.worker import OpenLog


def text_of(rows: HintRows) -> str:
    """All rows as one text."""
    return "\n".join(plain(rows.row(index, 100)) for index in range(len(rows)))


def sample(name: str) -> OpenLog:
    """A sample log, read."""
    log = OpenLog(0, HandSource(SAMPLES / name), Analysis())
    log.analysis.feed((SAMPLES / name).read_bytes())
    log.analysis.finish()
    log.model = log.analysis.snapshot()
    log.findings = log.analysis.findings()
    return log


def selected(log: OpenLog, name: str) -> Selected:
    """The host, or what is not a host, of that name."""
    return Selected(next(line for line in host_lines([log]) if name in (line.about, line.host and line.host.name)))


def test_the_title_counts_the_findings() -> None:
    assert hint_title([finding()]) == "Hint"
    assert hint_title([finding(), finding(line=9)]) == "Hint · 2 findings"


def test_a_host_s_findings_and_what_was_ruled_out() -> None:
    chosen = selected(sample("key-permissions-2.16.log"), "db1")
    rows, title = hint_of(chosen)
    assert title == "Hint"
    assert "key-permissions" in text_of(rows)
    rows, title = hint_of(chosen, ruled_out=True)
    assert "why not" in title
    assert "auth-password: ssh never tried a password" in " ".join(text_of(rows).split())
    assert rows.line(rows.first_target()) is not None


def test_nothing_is_ruled_out_where_nothing_broke() -> None:
    rows, _ = hint_of(selected(sample("key-permissions-2.16.log"), "web1"), ruled_out=True)
    assert "nothing to rule out" in text_of(rows)


def test_a_failure_that_no_rule_knows_is_told_in_its_own_words() -> None:
    log = sample("command-failed-2.19.log")
    rows, _ = hint_of(selected(log, "web1"))
    said = text_of(rows)
    assert "No rule knows this failure" in said
    assert "non-zero return code  rc 1" in said
    assert "cat: /home/deploy/release.txt: No such file or directory" in said
    at = rows.line(rows.first_target())
    lines = (SAMPLES / "command-failed-2.19.log").read_text("utf-8").splitlines()
    assert at is not None
    assert '"msg": "non-zero return code"' in lines[at - 1]


def test_what_the_playbook_calls_a_failure_has_what_the_module_printed() -> None:
    said = text_of(hint_of(selected(sample("command-failed-2.19.log"), "db1"))[0])
    assert "failed_when of the task is true" in said
    assert "stdout of the module" in said
    assert "97 percent" in said


def test_a_failure_that_no_rule_knows_comes_before_findings_on_something_else() -> None:
    log = sample("command-failed-2.19.log")
    warning = replace(finding("web1", of=Stage.CONNECT), severity=Severity.WARNING)
    log.findings = [*log.findings, warning]
    said = text_of(hint_of(selected(log, "web1"))[0])
    assert -1 < said.find("cat: /home/deploy") < said.find(warning.title)


def test_the_control_node_has_its_own_words_and_answers() -> None:
    log = sample("playbook-syntax-2.19.log")
    chosen = selected(log, "control node")
    assert "playbook-syntax" in text_of(hint_of(chosen)[0])
    assert "playbook-syntax" not in text_of(hint_of(chosen, ruled_out=True)[0])
    log.findings = []
    assert "The run ended before it reached a host" in text_of(hint_of(chosen)[0])


def test_the_log_s_notes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    found: LogModel = ping_model()
    found.notes.append((None, "the log ends in the middle"))
    log = OpenLog(0, HandSource(path), Analysis(), model=found)
    assert "in the middle" in text_of(hint_of(selected(log, "the log"))[0])


def test_a_failure_that_looks_like_nothing_known_is_not_called_none(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    log = OpenLog(0, HandSource(path), Analysis(), model=ping_model())
    assert "No other rule comes near" in text_of(hint_of(selected(log, "db1"), ruled_out=True)[0])
    assert "nothing to rule out" in text_of(hint_of(selected(log, "web1"), ruled_out=True)[0])


def test_a_host_that_the_end_of_the_run_left_without_a_result_has_what_ended_it() -> None:
    rows, _ = hint_of(selected(sample("worker-killed-2.19.log"), "web1"))
    assert "worker-died" in text_of(rows)
    assert "A worker was found in a dead state" in text_of(rows)
