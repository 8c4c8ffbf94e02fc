"""The framing that the builder keeps: runs, chunks, results' JSON, remote text that a debug line quotes, forgeries."""

from __future__ import annotations

import json

import pytest

from parsers.model import FAILED_WHEN, Attribution, RunStatus, SourceKind, Status
from tests.parsers.helpers import analyse, model_of
from tests.parsers.minilog import DB1, FORGED, HOME, START, VERSIONS, WEB1, MiniLog

# ---------------------------------------------------------------------------------------------------------------
# Runs.


def test_a_run_and_what_it_says_of_itself() -> None:
    run = MiniLog().begin(playbook="site.yml", verbosity=3).raw("forks: 7").task("Ping", WEB1).model().runs[0]
    assert (run.ansible_version, run.playbook, run.verbosity, run.forks) == ("2.16.19", "site.yml", 3, 7)
    assert (run.debug, run.ssh_debug) == (True, False)
    assert run.parent_pid == 4000
    assert run.started == pytest.approx(START + 0.01)
    assert run.last_time == pytest.approx(START + 0.03)
    assert (run.first.line, run.status) == (1, RunStatus.INCOMPLETE)


@pytest.mark.parametrize("debug", [True, False])
def test_several_runs_in_one_log(debug: bool) -> None:
    log = MiniLog(debug=debug)
    for word in ("ok", "failed"):
        log.begin().task("Ping", WEB1).result(WEB1, word).recap(web1={word: 1})
    runs = log.model().runs
    assert [run.status for run in runs] == [RunStatus.OK, RunStatus.FAILED]
    assert [run.index for run in runs] == [0, 1]
    assert runs[0].last_line < runs[1].first.line


@pytest.mark.parametrize("verbosity", ["banner", "none"])
def test_runs_without_a_verbose_banner_are_told_apart_by_the_recap(verbosity: str) -> None:
    log = MiniLog(debug=False)
    for _ in range(2):
        log.play("all").task("Ping", WEB1).result(WEB1).recap(web1={"ok": 1})
    assert len(log.model().runs) == 2


def test_two_plays_are_one_run() -> None:
    log = MiniLog().begin().task("Ping", WEB1).result(WEB1).play("db").task("Ping", DB1).result(DB1)
    (run,) = log.recap(web1={"ok": 1}, db1={"ok": 1}).model().runs
    assert [host.tasks[0].play for host in run.hosts.values()] == ["all", "db"]


def test_a_run_that_was_interrupted() -> None:
    run = MiniLog().begin().task("Ping", WEB1).raw("[ERROR]: User interrupted execution").model().runs[0]
    assert run.control_errors == []
    assert run.status is RunStatus.INCOMPLETE


@pytest.mark.parametrize("words", ["ERROR! Syntax Error while loading YAML.", "[ERROR]: YAML parsing failed: x"])
def test_an_error_of_the_control_node(words: str) -> None:
    log = MiniLog(debug=False).raw(
        "ansible-playbook [core 2.16.19]", words, "  mapping values", "", "The offending line"
    )
    run = log.model().runs[0]
    assert run.status is RunStatus.CONTROL_ERROR
    assert [text for _, text in run.control_errors[0].lines][:2] == [words, "  mapping values"]
    assert run.control_errors[0].place.line == 2


def test_a_tasks_failure_said_beforehand_is_no_error_of_the_control_node() -> None:
    log = MiniLog("2.19.14").begin().task("Ping", WEB1)
    log.raw("[ERROR]: Task failed: Module failed: x", "Origin: /site/ping.yml:4:7", "").result(WEB1, "failed", msg="x")
    run = log.recap(web1={"failed": 1}).model().runs[0]
    assert (run.control_errors, run.status) == ([], RunStatus.FAILED)


def test_warnings_are_kept_with_their_lines() -> None:
    log = MiniLog().begin()
    line = log.line
    assert log.raw("[WARNING]: careful").model().runs[0].warnings[0][0].line == line


# ---------------------------------------------------------------------------------------------------------------
# Kinds.


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (MiniLog().begin().data, SourceKind.DEBUG),
        (MiniLog(debug=False).begin().data, SourceKind.VERBOSE),
        (b"PLAY [all] ***\n", SourceKind.VERBOSE),
        (b"<192.0.2.1> ESTABLISH SSH CONNECTION FOR USER: deploy\n", SourceKind.VERBOSE),
        (b"2026-11-24 10:25:01,500 p=4242 u=ops n=ansible | PLAY [all] ***\n", SourceKind.LOG),
        (b"Nov 24 10:25:01 db1 sshd[42]: Connection closed\n" * 5, SourceKind.SSHD),
        (b"hello\n", SourceKind.UNKNOWN),
    ],
)
def test_a_log_is_told_by_its_content(data: bytes, kind: SourceKind) -> None:
    assert model_of(data).kind is kind


def blocks(*rows: str, word: str = "FAILED") -> MiniLog:
    """A result as the callback debug prints it."""
    return (
        MiniLog(debug=False).begin().task("Ping", WEB1).raw(f"fatal: [web1]: {word}! => {{", '    "rc": 1', "}", *rows)
    )


def test_what_the_callback_debug_prints_below_a_result() -> None:
    log = blocks(
        "", "STDOUT:", "", "one", "", "two", "", "", "STDERR:", "", "a word", "", "", "MSG:", "", "no such", "user"
    )
    result = log.raw("", "PLAY RECAP ****").host("web1").tasks[-1].results[-1]
    assert (result.message, result.module_stdout, result.module_stderr) == ("no such\nuser\n", "one\ntwo\n", "a word\n")
    assert [place.line for place in (result.stdout_place, result.stderr_place, result.message_place) if place] == [
        line for line, row in enumerate(log.data.decode().splitlines(), 1) if row in ("one", "a word", "no such")
    ]
    assert result.last_line == log.line - 3


def test_a_cause_below_a_result_is_found() -> None:
    log = blocks("", "MSG:", "", "deploy@192.0.2.1: Permission denied (publickey).", "", word="UNREACHABLE")
    model, findings = analyse(log.task("Next", WEB1).data)
    host = model.runs[0].hosts["web1"]
    assert (str(host.failed_stage), host.phase) == ("connect", "auth")
    assert [found.rule.id for found in findings if found.severity == "error"] == ["auth-publickey"]


@pytest.mark.parametrize("rows", [["said", "MSG:", "", "x"], ["", "PLAY RECAP ****", "", "MSG:", "", "x"]])
def test_a_heading_elsewhere_is_text(rows: list[str]) -> None:
    assert message(blocks(*rows)) == ""


# ---------------------------------------------------------------------------------------------------------------
# Results' JSON, and remote text that a debug line quotes.


def message(log: MiniLog) -> str:
    """The message of web1's last result."""
    return log.host("web1").tasks[-1].results[-1].message


@pytest.mark.parametrize("msg", ["plain", "two\nlines", "}\n]", "fatal: [x]", '"quoted" \\ ünïcode ✔', ""])
def test_a_results_message(msg: str) -> None:
    log = MiniLog().begin().task("Ping", WEB1).result(WEB1, "failed", msg=msg)
    assert message(log) == msg


@pytest.mark.parametrize(
    ("lines", "msg"),
    [
        (['fatal: [web1]: FAILED! => {"changed": false, "msg": "one line"}'], "one line"),
        (["fatal: [web1]: FAILED! => {", '    "msg": "cut",', "PLAY RECAP ***"], "cut"),
        (["fatal: [web1]: FAILED! => {", '    "msg": "bad \\q",', "}"], "bad \\q"),
        (["fatal: [web1]: FAILED! => {", '    "msg": ["a"]', "}"], ""),
        (["fatal: [web1]: FAILED! => {", "}"], ""),
        (["fatal: [web1]: FAILED! => {\r", '    "msg": "crlf"\r', "}\r"], "crlf"),
        (["fatal: [web1]: FAILED! => {", '    "msg": "deep",', '    "a": ' + "[" * 100_000, "}"], "deep"),
        (['fatal: [web1]: UNREACHABLE! => {"msg": "half \\ud800 \\udcff \\ud83d\\ude00"}'], "half � \udcff 😀"),
        (
            ['fatal: [web1]: UNREACHABLE! => {"msg": "Failed to connect to the host via ssh: \\ud800"}'],
            "Failed to connect to the host via ssh: �",
        ),
    ],
)
def test_forms_of_a_result(lines: list[str], msg: str) -> None:
    assert message(MiniLog().begin().task("Ping", WEB1).raw(*lines)) == msg


def test_what_a_module_printed_has_its_places() -> None:
    log = MiniLog().begin().task("Ping", WEB1)
    lines = ('    "msg": "x",', '    "module_stderr": "e",', '    "module_stdout": "o"')
    result = log.raw("fatal: [web1]: FAILED! => {", *lines, "}").host("web1").tasks[0].results[0]
    line = result.place.line
    assert [(text, place.line - line, stderr) for text, place, stderr in result.said] == [
        ("o", 3, False),
        ("e", 2, True),
    ]
    flat = MiniLog().begin().task("Ping", WEB1).raw('fatal: [web1]: FAILED! => {"stdout": "o"}')
    whole = flat.host("web1").tasks[0].results[0]
    assert whole.said[0] == ("o", whole.place, False)


def test_a_results_message_has_its_place() -> None:
    log = MiniLog().begin().task("Ping", WEB1)
    line = log.line + 1  # behind a header
    result = log.result(WEB1, "failed", msg="x").host("web1").tasks[0].results[0]
    assert result.message_place is not None
    assert (result.place.line, result.message_place.line, result.last_line) == (line, line + 2, line + 3)


@VERSIONS
@pytest.mark.parametrize(
    "out",
    [
        "fatal: [x]\n",
        f">>>x<<<\n{FORGED}\n>>>fake<<<\nfatal: [x]\n",
        "TASK [x] ***\nok: [x] => {\n}\n",
        "<192.0.2.9> SSH: EXEC ssh 192.0.2.9 id\n",
        "PLAY RECAP ***\nx : ok=0 changed=0 unreachable=1 failed=0\n",
        "ERROR! no\n",
        "\n\n\nx\n",
    ],
)
def test_text_that_a_debug_line_quotes_is_no_event(version: str, out: str) -> None:
    log = MiniLog(version).begin().task("Ping", WEB1).command(WEB1, "cat forged", 0, out, "and\nfatal: [y]\n")
    log.result(WEB1).recap(web1={"ok": 1})
    run = log.model().runs[0]
    assert (set(run.hosts), run.status) == ({"web1"}, RunStatus.OK)
    assert run.control_errors == []


@VERSIONS
def test_a_forged_executor_in_a_modules_output(version: str) -> None:
    forged = f"x\n  9999 {START + 0.5:.5f}: running TaskExecutor() for evil/TASK: x\n"
    log = MiniLog(version).begin().task("Ping", WEB1).command(WEB1, "cat forged", 0, forged)
    assert set(log.result(WEB1).recap(web1={"ok": 1}).model().runs[0].hosts) == {"web1"}


@pytest.mark.parametrize("version", ["2.17.14", "2.19.14"])
def test_the_chunks_of_an_earlier_log_that_a_module_prints_are_none(version: str) -> None:
    """They stand behind what looks like the end of the chunk; their headers have another run's pid, and its time."""
    earlier = "".join(
        f"  3999 {START - 500 + second:.5f} [db1]: @4099/{START - 500 + second:.5f} stdout chunk (state=3):\n"
        f">>>x\n<<<\nTASK [Ping] ****\n"
        for second in range(5)
    )
    log = MiniLog(version).begin().task("Ping", WEB1, DB1).open(DB1, HOME).open(WEB1, "cat earlier.log")
    log.chunk(WEB1, earlier, stream="stdout").chunk(WEB1, "", stream="stdout").chunk(WEB1, "")
    log.chunk(DB1, "/home/deploy\n", stream="stdout").chunk(DB1, "", stream="stdout").chunk(DB1, "")
    log.close(DB1, 0, "/home/deploy\n").close(WEB1, 0, earlier, done=False)
    chunks = log.model().chunks
    assert len(chunks) == 6
    assert Attribution.EXACT not in {chunk.attribution for chunk in chunks}


@VERSIONS
@pytest.mark.parametrize("cut", [0, 900, 1500, 2000])
def test_a_whole_earlier_log_that_a_module_prints_is_text(version: str, cut: int) -> None:
    printed = MiniLog(version).begin().task("Ping", WEB1, DB1)
    for box in (WEB1, DB1):
        printed.open(box, HOME).chunk(box, "debug1: x\n").chunk(box, "/home/deploy\n", stream="stdout")
        printed.chunk(box, "").close(box, 255, "/home/deploy\n", "debug1: x\n").result(box, "unreachable", msg="x")
    earlier = printed.recap(web1={"unreachable": 1}, db1={"unreachable": 1}).data.decode()
    earlier = earlier.replace("  4", "  3").replace(" 179500", " 179400")
    log = MiniLog(version).begin().task("Ping", WEB1, DB1).open(DB1, HOME).open(WEB1, "cat earlier.log")
    for part in (earlier[:cut], earlier[cut:]):
        log.chunk(WEB1, part, stream="stdout")
    log.chunk(DB1, "/home/deploy\n", stream="stdout").close(DB1, 0, "/home/deploy\n")
    log.close(WEB1, 0, earlier, done=False).result(WEB1).result(DB1)
    model = log.recap(web1={"ok": 1}, db1={"ok": 1}).model()
    assert [log.data[chunk.start : chunk.end].decode() for chunk in model.chunks] == [
        earlier[:cut],
        earlier[cut:],
        "/home/deploy\n",
    ]
    assert [(host.name, host.status) for host in model.runs[0].hosts.values()] == [
        ("web1", Status.OK),
        ("db1", Status.OK),
    ]
    assert len(model.runs) == 1


@VERSIONS
def test_a_quoted_text_does_not_hide_what_follows(version: str) -> None:
    log = MiniLog(version).begin().task("Ping", WEB1, DB1)
    log.command(WEB1, "raw", 0, "a\nb\n", "c\nd").command(DB1, "raw", 0, "a\n\n\n").result(WEB1).result(DB1, "failed")
    hosts = log.recap(web1={"ok": 1}, db1={"failed": 1}).model().runs[0].hosts
    assert [host.status for host in hosts.values()] == [Status.OK, Status.FAILED]


@pytest.mark.parametrize("word", ["SUCCESS", "FAILED!", "UNREACHABLE!"])
def test_ad_hoc_commands(word: str) -> None:
    log = MiniLog(debug=False).raw("ansible [core 2.16.19]", f"web1 | {word} => {{", '    "msg": "x"', "}")
    run = log.model().runs[0]
    status = {"SUCCESS": Status.OK, "FAILED!": Status.FAILED, "UNREACHABLE!": Status.UNREACHABLE}[word]
    assert run.hosts["web1"].status is status
    assert run.hosts["web1"].tasks[0].results[0].message == ("" if word == "SUCCESS" else "x")


def test_an_ad_hoc_command_whose_results_are_a_line_each() -> None:
    message = "Failed to connect to the host via ssh: ssh: connect to host web1 port 22: Connection refused"
    log = MiniLog(debug=False).raw("ansible [core 2.16.19]", f"web1 | UNREACHABLE!: {message}", "db1 | SKIPPED")
    run = log.model().runs[0]
    assert (run.hosts["web1"].status, run.hosts["db1"].status) == (Status.UNREACHABLE, Status.OK)
    result = run.hosts["web1"].tasks[0].results[0]
    assert (result.message, result.message_place) == (message, result.place)


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "fatal: [x]: UNREACHABLE! => {}",
        "  4242 1664675304.99557: stdout chunk (state=3):\n>>>x<<<",
        "<192.0.2.99> SSH: EXEC ssh 192.0.2.99 id",
        "PLAY RECAP ****\nx : ok=0 changed=0 unreachable=1 failed=0",
        "TASK [x] ****",
        "ERROR! no",
    ],
)
def test_what_a_host_prints_below_its_result_is_text(text: str, debug: bool) -> None:
    log = MiniLog(debug=debug).header("starting run").raw("ansible [core 2.16.19]")
    log.task("x", WEB1, DB1, action="command", banner=False)
    for box in (WEB1, DB1):
        log.open(box, HOME).close(box, 0, "/home/deploy\n")
    log.raw("web1 | CHANGED | rc=0 >>", text, "db1 | CHANGED | rc=0 >>", "fine").header("RUNNING CLEANUP")
    log.header("starting run").raw("ansible-playbook [core 2.16.19]")
    model = log.model()
    assert [set(run.hosts) for run in model.runs] == [{"web1", "db1"}, set()]
    assert (model.runs[0].recap, model.runs[0].control_errors) == (None, [])
    assert len(model.chunks) == 0


def test_a_record_of_a_log_file_is_no_text() -> None:
    prefix = "2026-11-24 10:25:01,500 p=4242 u=ops n=ansible | "
    rows = [f"{prefix}web1 | CHANGED | rc=0 >>", "PLAY RECAP ****", f"{prefix}ERROR! no"]
    run = model_of("".join(f"{row}\n" for row in rows).encode()).runs[0]
    assert run.recap is None
    assert [error.place.line for error in run.control_errors] == [3]


@VERSIONS
def test_tasks_that_no_banner_announces_are_told_by_the_queue(version: str) -> None:
    """As the callbacks minimal and oneline leave them out: a host that is queued again has the next task."""
    log = MiniLog(version).header("starting run").raw(f"ansible-playbook [core {version}]")
    for number, action in enumerate(("ping", "command", "copy")):
        log.task(action, WEB1, DB1, action=action, banner=False)
        for box in (WEB1, DB1):
            log.open(box, HOME).chunk(box, "/home/deploy\n", stream="stdout").close(box, 0, "/home/deploy\n")
        log.raw("web1 | SUCCESS => {}", f"db1 | {'FAILED!' if number == 1 else 'SUCCESS'} => {{}}")
    for box in (WEB1, DB1):
        tasks = log.host(box.name).tasks
        assert [task.name for task in tasks] == ["ping", "command", "copy"]
        assert [len(task.commands) for task in tasks] == [1, 1, 1]
    assert set(log.model().runs[0].hosts) == {"web1", "db1"}
    assert [task.status for task in log.host("db1").tasks] == [Status.OK, Status.FAILED, Status.OK]
    assert log.model().runs[0].status is RunStatus.INCOMPLETE
    assert log.header("RUNNING CLEANUP").model().runs[0].status is RunStatus.OK


def test_no_finding_comes_from_what_is_only_printed() -> None:
    log = MiniLog().begin().task("Ping", WEB1).module(WEB1, ["home", "tmpdir", "transfer", "chmod"])
    log.step(
        WEB1, "exec", 0, "No space left on device\nPermission denied (publickey).\n", "Host key verification failed.\n"
    )
    log.result(WEB1).recap(web1={"ok": 1})
    assert analyse(log.data)[1] == []


def test_what_stderr_said_before_the_first_header_is_of_that_run() -> None:
    """Two streams into one file: stderr is unbuffered, stdout's first block comes behind it."""
    warned = MiniLog().raw("[WARNING]: careful").begin().task("Ping", WEB1).result(WEB1).recap(web1={"ok": 1})
    (run,) = warned.model().runs
    assert ([text for _, text in run.warnings], run.status) == (["[WARNING]: careful"], RunStatus.OK)
    (run,) = MiniLog().raw("ERROR! the playbook: x could not be found").header("starting run").model().runs
    assert run.status is RunStatus.CONTROL_ERROR


def test_a_run_that_ended_at_once_and_the_next_are_two() -> None:
    log = MiniLog().header("starting run").raw("ERROR! the playbook: x could not be found").begin()
    assert [run.status for run in log.model().runs] == [RunStatus.CONTROL_ERROR, RunStatus.INCOMPLETE]


def test_facts_that_could_not_be_gathered_have_the_words_of_the_module_that_failed() -> None:
    inner = {"failed": True, "module_stderr": "sudo: a password is required\n", "msg": "MODULE FAILURE", "rc": 1}
    document = {"msg": "The following modules failed to execute: setup\n", "failed_modules": {"setup": inner}}
    log = f"TASK [Gathering Facts] ****\nfatal: [db1]: FAILED! => {json.dumps(document)}\n".encode()
    (result,) = model_of(log).runs[0].hosts["db1"].tasks[0].results
    assert (result.message, result.module_stderr, result.rc) == (
        "MODULE FAILURE",
        "sudo: a password is required\n",
        1,
    )


@pytest.mark.parametrize(
    ("err", "own", "printed"),
    [
        ("OpenSSH_9.2p1 Debian-2, OpenSSL 3\r\ndebug1: x\r\nShared connection to 192.0.2.7 closed.\r\n", "", "out"),
        ("Connection to db1 closed.\n", "", "out"),
        ("OpenSSH_9.2p1, x\nno such file\nConnection to db1 closed by us\n",)
        + ("no such file\nConnection to db1 closed by us\n",) * 2,
        ("\n", "", "out"),
    ],
)
def test_what_ssh_says_of_any_session_is_no_word_of_the_module(err: str, own: str, printed: str) -> None:
    document = {"failed": True, "module_stderr": err, "module_stdout": "out", "msg": "MODULE FAILURE", "rc": 126}
    log = f"TASK [Look] ****\nfatal: [db1]: FAILED! => {json.dumps(document)}\n".encode()
    (result,) = model_of(log).runs[0].hosts["db1"].tasks[0].results
    assert (result.own_stderr, result.printed) == (own, printed)


@pytest.mark.parametrize(
    ("message", "headline"),
    [
        ("Task failed: Missing sudo password", "Task failed: Missing sudo password"),
        (
            (
                "Task failed: Failed to connect to the host via ssh: OpenSSH_9.2p1 Debian-2, OpenSSL 3\r\ndebug1: x\r\n"
                "kex_exchange_identification: read: Connection reset by peer\r\nConnection reset by 192.0.2.7 port 22"
            ),
            "Task failed: Failed to connect to the host via ssh: Connection reset by 192.0.2.7 port 22",
        ),
        (
            (
                "Failed to set permissions on remote files (rc: 127, err: OpenSSH_9.2p1 Debian-2, OpenSSL 3\r\n"
                "/bin/sh: 1: chmod: not found\n)"
            ),
            "Failed to set permissions on remote files (rc: 127, err: /bin/sh: 1: chmod: not found",
        ),
        ("via ssh: OpenSSH_9.2p1 Debian-2, OpenSSL 3\r\ndebug1: x", "via ssh: OpenSSH_9.2p1 Debian-2, OpenSSL 3"),
        ("no OpenSSH_ here\nmore", "no OpenSSH_ here"),
        (
            (
                "Failed to connect to the host via ssh: OpenSSH_9.2p1 Debian-2, OpenSSL 3\r\ndebug1: x\r\n"
                "channel 0: open failed: connect failed: Connection refused\r\nstdio forwarding failed\r\n"
                "kex_exchange_identification: Connection closed by remote host\r\n"
                "Connection closed by UNKNOWN port 65535"
            ),
            "Failed to connect to the host via ssh: channel 0: open failed: connect failed: Connection refused",
        ),
        ("\n", ""),
    ],
)
def test_a_message_that_quotes_all_of_ssh_has_its_last_word_in_its_headline(message: str, headline: str) -> None:
    document = {"changed": False, "msg": message, "unreachable": True}
    log = f"TASK [Look] ****\nfatal: [db1]: UNREACHABLE! => {json.dumps(document)}\n".encode()
    task = model_of(log).runs[0].hosts["db1"].tasks[0]
    assert task.results[0].headline == headline
    assert task.stages[-1].note == (headline or "unreachable")


def test_what_failed_when_made_a_failure_has_that_as_its_reason() -> None:
    document = {"changed": True, "failed_when_result": True, "msg": "", "rc": 0, "stderr": "", "stdout": "97 percent"}
    log = f"TASK [Look] ****\nfatal: [db1]: FAILED! => {json.dumps(document)}\n".encode()
    task = model_of(log).runs[0].hosts["db1"].tasks[0]
    assert task.bad_result is task.results[0]
    assert (task.results[0].reason, task.results[0].printed) == (FAILED_WHEN, "97 percent")
    assert task.stages[-1].note == FAILED_WHEN


@pytest.mark.parametrize(("kind", "told"), [("PARAMIKO SSH", True), ("WINRM", True), ("SSH", False), ("LOCAL", False)])
def test_a_connection_that_is_not_ssh_is_told(kind: str, told: bool) -> None:
    log = MiniLog(debug=False).begin().task("Ping", WEB1, DB1)
    line = log.line
    for box in (WEB1, DB1):
        log.raw(f"<{box.address}> ESTABLISH {kind} CONNECTION FOR USER: deploy on PORT 22 TO {box.address}")
    notes = [(place and place.line, text) for place, text in log.result(WEB1).result(DB1).model().notes]
    words = f"{WEB1.address} and 1 more are reached by the connection plugin {kind}, not by ssh"
    assert [at for at, text in notes if words in text] == ([line] if told else [])
