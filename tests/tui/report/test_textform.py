"""The text report: what comes first, what is summed up, and that a terminal is safe from it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from parsers.findings import Severity, rules
from parsers.model import NO_RESULT, Place, RunStatus, Stage, StageRun, Status
from parsers.showable import is_showable
from tests.tui.report.hand import analysed, failed_host, finding, ok_host
from tui.report.collect import AnalysedLog, collect
from tui.report.textform import text_form


def text_of(*logs: AnalysedLog, chunks: bool = False, host: str | None = None, ruled_out: str | None = None) -> str:
    return "".join(text_form(collect(logs, host=host, ruled_out=ruled_out), chunks=chunks, width=100))


def test_the_whole_of_a_small_one() -> None:
    """The order: the log, the run, its hosts, what is wrong with proof, cause and fix."""
    log = analysed(ok_host("web1"), ok_host("web2"), failed_host(), findings=[finding()])
    assert text_of(log) == (
        "old.log: ansible-debug, 60 lines, 6,000 bytes, 1 run\n"
        "\n"
        "Run 1: FAILED · ping.yml · ansible-core 2.19.14 · -vvvv · debug · 12.3 s · lines 1-60\n"
        "  3 hosts: 1 failed, 2 ok\n"
        '  ✖ db1: failed at tmpdir, task "Ping" [deploy@192.0.2.7 port 2222]\n'
        "      stages: connect 0.41 s › tmpdir failed rc 1\n"
        "  ✔ ended well: web1, web2\n"
        "\n"
        "  ✖ The login user cannot create its temporary directory  (tmpdir-permission · error, certain)\n"
        "      on:  db1\n"
        "      old.log:13  mkdir: Permission denied\n"
        "      why: The directory cannot be made: mkdir: Permission denied.\n"
        "      fix: chown -R deploy: /home/deploy/.ansible\n"
    )


def test_a_healthy_run_is_short() -> None:
    """Three lines and a blank one, for a thousand hosts."""
    text = text_of(analysed(*(ok_host(f"web{number}") for number in range(1000)), status=RunStatus.OK))
    assert "1,000 hosts: 1000 ok" in text
    assert "and 980 more" in text
    assert len(text.splitlines()) < 10


def test_the_same_problem_is_told_once() -> None:
    """Forty hosts with one cause: one cause and one fix, the proofs of the first few."""
    hosts = [failed_host(f"db{number}") for number in range(40)]
    text = text_of(analysed(*hosts, findings=[finding(host.name) for host in hosts]))
    assert text.count("why:") == 1
    assert text.count("fix:") == 1
    assert text.count("old.log:13") == 8
    assert "the same on 32 more hosts" in text


def test_a_host_that_broke_for_another_reason_by_the_same_rule_has_its_own_why() -> None:
    """Other addresses and keys alone are no other reason."""
    reasons = {
        "db1": "deploy@192.0.2.1:22 was turned away: expired.",
        "db2": "deploy@192.0.2.2:22 was turned away: expired.",
        "db3": "deploy@192.0.2.3:22 was turned away: too many logins.",
    }
    findings = [replace(finding(name), explanation=words) for name, words in reasons.items()]
    text = text_of(analysed(*map(failed_host, reasons), findings=findings))
    assert text.count("turned away: expired.") == 1
    assert "           db3: deploy@192.0.2.3:22 was turned away: too many logins.\n" in text


def test_why_not_is_told_once_for_hosts_that_fail_alike() -> None:
    """One answer with the names; nothing of it without being asked."""
    log = analysed(*(failed_host(f"db{number}", text="rm: No") for number in range(3)))
    text = text_of(log, ruled_out="connection-refused")
    words = "ssh itself worked: rc 1 is the remote command's, ssh's own is 255. (on db0, db1, db2)"
    assert " ".join(text.split()).count(words) == 1
    assert "Why not" not in text_of(log)
    assert "db1" not in text_of(log, host="db2", ruled_out="connection-refused").partition("Why not")[2]


def test_why_not_where_nobody_failed() -> None:
    """It says so."""
    assert "nothing to rule out" in text_of(analysed(ok_host("web1"), status=RunStatus.OK), ruled_out="")


def test_a_failure_that_no_rule_knows() -> None:
    """The lines to look at, and what was said there."""
    text = text_of(analysed(failed_host()))
    assert (
        "      no rule knows this one; see lines 12-20\n      said: mkdir: Permission denied\n      said: more\n"
        in text
    )


def test_a_failure_of_one_line_is_no_range() -> None:
    host = failed_host()
    host.tasks[0].stages[-1].last_line = 12
    assert "no rule knows this one; see line 12\n" in text_of(analysed(host))


def test_a_failure_whose_script_speaks_on_stdout() -> None:
    """With no stderr, what was printed last is the error."""
    host = failed_host(text="non-zero return code")
    result = host.tasks[0].results[0]
    result.module_stderr, result.module_stdout = (
        "",
        "\n".join(f"line {at}" for at in range(40)) + "\ncannot lock the index\n",
    )
    text = text_of(analysed(host))
    assert "said: non-zero return code\n" in text
    assert "said: cannot lock the index\n" in text
    assert "said: line 3\n" not in text


def test_hosts_that_need_another_fix_have_theirs_too() -> None:
    """Not a second time what differs in address and name alone."""
    ways = {
        "db1": ("The account is expired.", ("ssh 192.0.2.7 id", "chage -E -1 deploy")),
        "db2": ("The account is expired.", ("ssh 192.0.2.8 id", "chage -E -1 deploy")),
        "db3": ("The node still boots.", ("ssh 192.0.2.9 id", "ls -l /run/nologin")),
    }
    found = [replace(finding(name), explanation=why, fixes=fixes) for name, (why, fixes) in ways.items()]
    log = analysed(*(failed_host(name) for name in ways), findings=found)
    fixes = ["ssh 192.0.2.7 id", "chage -E -1 deploy", "# db3:", "ls -l /run/nologin"]
    block = "\n           ".join(fixes)
    assert f"      fix: {block}\n" in text_of(log)


def test_what_follows_from_the_cause_comes_last() -> None:
    """Info findings are one line each."""
    text = text_of(analysed(failed_host(), findings=[finding(severity=Severity.INFO), finding()]))
    assert text.index("error, certain") < text.index("Also seen")
    assert text.endswith("(tmpdir-permission) on db1 (old.log:13)\n")


def test_one_host_of_many_runs() -> None:
    """Runs without it are not shown."""
    text = text_of(analysed(ok_host("web1"), name="a.log"), analysed(failed_host(), name="b.log"), host="db1")
    assert "Run 1:" not in text
    assert "Run 2: FAILED · ping.yml · ansible-core 2.19.14 · -vvvv · debug · 12.3 s · b.log, lines 1-60" in text


def test_chunks() -> None:
    """One a line, with a dash for what is not known."""
    text = text_of(analysed(failed_host()), chunks=True)
    assert '\n13  db1  "Ping"  tmpdir  stderr  state 2  exact\n15  -  -  -  stdout  state 3  unknown\n' in text


@given(st.text(max_size=60))
def test_a_terminal_is_safe(text: str) -> None:
    """Names, tasks, commands, evidence, file names: nothing but line feeds of our own, and no line added."""

    def lines(value: str) -> list[str]:
        log = analysed(failed_host(value, task=value, text=value), findings=[finding(value, text=value)], name=value)
        log.notes.append(value)
        return text_of(log, chunks=True).split("\n")

    out = lines(text)
    assert all(is_showable(line) for line in out)
    assert text_of(analysed(failed_host("x\ny\x1b[2J"))).count("\n") == text_of(analysed(failed_host("xy"))).count("\n")


def test_advice_on_the_log_is_a_command_and_what_follows_from_the_cause_is_none() -> None:
    """Only a rule that is advice by itself says what to try."""
    advice = replace(finding(None, severity=Severity.INFO), rule=rules()["ansible-debug-off"], fixes=("rerun it",))
    text = text_of(analysed(failed_host(), findings=[finding(), finding("db2", severity=Severity.INFO), advice]))
    assert text.count("      try: ") == 1
    assert "      try: rerun it\n" in text


def test_a_host_that_still_runs_is_no_failure_that_no_rule_knows() -> None:
    """It has not failed."""
    host = failed_host()
    host.status = Status.RUNNING
    assert "no rule knows" not in text_of(analysed(host))


def test_why_not_where_no_rule_comes_near() -> None:
    """A failure that looks like nothing known is not called no failure."""
    text = text_of(analysed(failed_host(text="odd")), ruled_out="")
    assert "no other rule comes near" in " ".join(text.split())


def test_a_wide_outage_is_one_line() -> None:
    hosts = [failed_host(f"db{number}") for number in range(40)]
    text = text_of(analysed(ok_host("web1"), *hosts, findings=[finding(host.name) for host in hosts]))
    lines = [line for line in text.splitlines() if "failed at tmpdir" in line]
    assert len(lines) == 1
    assert lines[0].startswith("  ✖ 40 hosts: tmpdir-permission, failed at tmpdir: db0, db1,")
    few = hosts[:4]
    text = text_of(analysed(*few, findings=[finding(host.name) for host in few]))
    assert text.count("failed at tmpdir") == 4


def test_hosts_whose_failure_no_rule_knows_are_told_each() -> None:
    hosts = [failed_host(f"db{number}") for number in range(40)]
    assert text_of(analysed(*hosts)).count("failed at tmpdir") == 40


def test_a_host_without_a_result_in_a_run_that_died() -> None:
    """That is said, and not that no rule knows it: the cause is the control node's."""
    host = failed_host()
    host.tasks[0].results.clear()
    host.tasks[0].stages = [StageRun(Stage.RESULT, Status.FAILED, Place(200, 20), 20, note=NO_RESULT)]
    text = text_of(analysed(host, status=RunStatus.CONTROL_ERROR))
    assert f"stages: result failed\n      {NO_RESULT}\n" in text
    assert "no rule knows" not in text


def test_a_warning_is_one_problem_whatever_the_stage_and_shows_a_line_of_each_host() -> None:
    hosts = [failed_host(f"db{number}") for number in range(3)]
    stages = (Stage.HOME, Stage.TMPDIR, Stage.EXEC)
    warned = [
        replace(
            finding(host.name),
            severity=Severity.WARNING,
            stage=stage,
            evidence=finding(host.name).evidence * 3,
        )
        for host, stage in zip(hosts, stages, strict=True)
    ]
    text = text_of(analysed(*hosts, findings=warned))
    assert text.count("why:") == 1
    assert text.count("old.log:13") == 3 + 1 + 1
    assert text.count("(and 2 more lines)") == 2


def test_a_warning_about_something_else_does_not_explain_a_failure() -> None:
    host = failed_host()
    assert host.tasks[0].results, "it has something to say"
    aside = replace(finding(), severity=Severity.WARNING, stage=Stage.HOME)
    assert "no rule knows this one" in text_of(analysed(host, findings=[aside]))
    about_it = replace(finding(), severity=Severity.WARNING)
    assert "no rule knows this one" not in text_of(analysed(host, findings=[about_it]))


def test_where_a_delegated_task_is_at_work() -> None:
    host = failed_host()
    host.tasks[0].delegate = "web1"
    assert '✖ db1: failed at tmpdir, task "Ping" [delegated to web1]\n' in text_of(analysed(host, findings=[finding()]))
