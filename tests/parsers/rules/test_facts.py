"""Rules on what a command was told and what its options were: facts that the model keeps of lines it does not hold."""

from __future__ import annotations

import re
import shlex

import pytest

from parsers.findings import Case, Confidence, Finding, Severity
from parsers.lines.ssh_options import login_options
from parsers.model import Place, Run, Stage
from parsers.rules._rerun import rerun
from parsers.ssh.transcript import Line
from tests.parsers.helpers import analyse, sample
from tests.parsers.minilog import DB1, HOME, WEB1, MiniLog
from tests.parsers.rules.cases import case, control, ids, matches, only

KEY = "BECOME-SUCCESS-" + "a" * 32
SUDO = f"/bin/sh -c 'sudo -H -S -p \"[sudo via ansible, key={'a' * 32}] password:\" /bin/sh -c '\"'\"'echo {KEY} ; x'"
WRAPPED = Line(700, 7, f"DEBUG[0000] running ssh 192.0.2.7 {KEY}", True)
PYTHON = "/bin/sh -c '/usr/bin/python3 && sleep 0'"
CLOSED = "Connection closed by UNKNOWN port 65535"
DENIED = "deploy@192.0.2.7: Permission denied (publickey)."
SKIPPED = Line(
    400, 4, "debug1: Skipping ssh-rsa key /k/id_rsa - corresponding algo not in PubkeyAcceptedAlgorithms", True
)


def opened(asked: Case) -> Case:
    """The same, of a command that has not ended."""
    assert asked.command is not None
    asked.command.closed, asked.command.rc, asked.command.has_tuple = None, None, False
    return asked


def with_terminal(stage: Stage, text: str, *, tty: bool = True, sent: int | None = 1234) -> Case:
    """A command with input, through a terminal."""
    asked = opened(case(stage, None, text=text))
    assert asked.command is not None
    asked.command.tty, asked.command.sent_bytes = tty, sent
    return asked


def escalating(*, text: str = SUDO, success: Line | None = WRAPPED) -> Case:
    """An open command that becomes another user."""
    asked = opened(case(Stage.EXEC, None, text=text, become=True))
    assert asked.command is not None
    asked.command.false_success = success
    return asked


def proxied(words: str, said: str = CLOSED) -> Case:
    """A login through a proxy that broke."""
    asked = case(Stage.CONNECT, 255, said)
    assert asked.command is not None
    asked.command.transcript.proxy = Line(300, 3, f"debug1: Executing proxy command: exec {words}", True)
    return asked


def unsigned(line: Line, *offered: str) -> Case:
    """A refused login in whose debug text a key was left out."""
    asked = case(Stage.CONNECT, 255, DENIED, keys_offered=offered)
    assert asked.command is not None
    asked.command.transcript.no_signature = line
    return asked


def test_a_terminal_with_input_never_ends() -> None:
    match = matches(with_terminal(Stage.EXEC, PYTHON))["exec-tty-pipelining"]
    assert match.confidence is Confidence.CERTAIN
    assert "1,234 bytes" in match.explanation
    # From 2.17 on nothing says whose bytes were sent: a bare interpreter reads them all the same.
    assert matches(with_terminal(Stage.PROBE, PYTHON, sent=None))["exec-tty-pipelining"].confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    "asked",
    [
        with_terminal(Stage.EXEC, PYTHON, tty=False),
        with_terminal(
            Stage.EXEC, "/bin/sh -c 'python3 /h/.ansible/tmp/ansible-tmp-1-2-3/AnsiballZ_ping.py'", sent=None
        ),
        case(Stage.EXEC, 1, "", "Traceback", text=PYTHON),
    ],
)
def test_no_terminal_or_no_input_or_an_end_is_not_that(asked: Case) -> None:
    assert "exec-tty-pipelining" not in ids(asked)


def test_a_success_that_ssh_s_own_output_feigned() -> None:
    match = matches(escalating())["become-false-success"]
    assert match.evidence[0].place.line == 7
    assert "a prompt that came later" in match.explanation


@pytest.mark.parametrize(
    "asked", [escalating(success=None), escalating(text=SUDO.replace("[sudo via ansible, key=", "["))]
)
def test_the_real_success_and_one_that_nothing_waits_for_are_not_that(asked: Case) -> None:
    assert "become-false-success" not in ids(asked)


def test_the_proxy_command_itself_shows_the_missing_brackets() -> None:
    match = only(proxied("ssh -q -W 2001:db8::1:22 bastion"), "jump-ipv6-brackets")
    assert "2001:db8::1:22" in match.explanation
    assert match.evidence[0].place.line == 3
    for words in ("ssh -W [2001:db8::1]:22 bastion", "ssh -W 192.0.2.7:22 bastion", "nc 2001:db8::1 22", "ssh -W"):
        assert ids(proxied(words)) == ["jump-host-failed"]


@pytest.mark.parametrize(
    ("words", "login"),
    [
        ("ssh  -W 192.0.2.7:22 -p 2222 ops@bastion", "ssh -v -p 2222 ops@bastion true"),
        ("ssh -l ops -p 2222 -vvv -W '[192.0.2.7]:22' bastion", "ssh -v -p 2222 ops@bastion true"),
        ("/usr/bin/ssh -qW 192.0.2.7:22 bastion", "ssh -v bastion true"),
        (
            "ssh -oStrictHostKeyChecking=no -i key bastion nc 192.0.2.7 22",
            "ssh -v -o StrictHostKeyChecking=no -i key bastion true",
        ),
        ("ssh -W 192.0.2.7:22 -i '/keys/the jump' -q ops@bastion", "ssh -v -i '/keys/the jump' ops@bastion true"),
        (
            "ssh ops@bastion -F /cfg -o IdentityFile=/keys/jump -W 192.0.2.7:22",
            "ssh -v -F /cfg -i /keys/jump ops@bastion true",
        ),
        ("ssh -J first -o Port=2222 -o User=ops -W 192.0.2.7:22 bastion", "ssh -v -J first -p 2222 ops@bastion true"),
        ("netcat-of-ours 192.0.2.7 22", "ssh -v -p 22 deploy@192.0.2.7 true"),
        ("ssh -W '192.0.2.7:22 bastion", "ssh -v -p 22 deploy@192.0.2.7 true"),
        ("ssh -W", "ssh -v -p 22 deploy@192.0.2.7 true"),
    ],
)
def test_what_to_run_next_goes_to_the_jump_host(words: str, login: str) -> None:
    """To the host itself it would go past the way that broke."""
    assert login in only(proxied(words), "jump-host-failed").fixes


@pytest.mark.parametrize(
    ("options", "login"),
    [
        (
            "-o 'ProxyCommand=ssh -W %h:%p -i \"/keys/the jump\" ops@bastion'",
            "ssh -v -i '/keys/the jump' ops@bastion true",
        ),
        ("-o ProxyJump=ops@bastion:2222 -F /cfg", "ssh -v -F /cfg -p 2222 ops@bastion true"),
        ("-J first,ops@[2001:db8::9]:2222", "ssh -v -J first -p 2222 ops@2001:db8::9 true"),
        ("-J 2001:db8::9", "ssh -v 2001:db8::9 true"),
    ],
)
def test_without_ssh_s_debug_text_the_options_name_the_jump_host(options: str, login: str) -> None:
    asked = case(Stage.CONNECT, 255, CLOSED)
    assert asked.command is not None
    asked.command.options = login_options(f"ssh {options} 192.0.2.7 ".encode())
    assert login in only(asked, "jump-host-failed").fixes


def test_a_jump_host_that_refuses_is_asked_itself_and_not_by_way_of_itself() -> None:
    said = "ssh: connect to host bastion port 2222: Connection refused\nConnection closed by UNKNOWN port 65535"
    asked = proxied("ssh -W 192.0.2.7:22 -i /keys/jump -p 2222 ops@bastion", said)
    assert asked.command is not None
    asked.command.options = (("-o", "ProxyCommand=ssh -W %h:%p -i /keys/jump -p 2222 ops@bastion"),)
    fixes = only(asked, "connection-refused").fixes
    assert fixes == (
        "nc -vz bastion 2222",
        "ssh -v -i /keys/jump -p 2222 ops@bastion true",
        "ansible-inventory --host db1",
    )


def test_a_jump_host_that_cannot_reach_the_target_is_asked_at_its_own_port() -> None:
    said = "channel 0: open failed: connect failed: No route to host\nstdio forwarding failed"
    asked = proxied("ssh -W 192.0.2.7:22 -p 2222 ops@bastion", said)
    assert "ssh -p 2222 ops@bastion 'nc -vz 192.0.2.7 22'" in only(asked, "jump-target-refused").fixes


def test_a_jump_host_that_takes_no_key_is_asked_at_its_own_port() -> None:
    said = "ops@bastion: Permission denied (publickey).\nConnection closed by UNKNOWN port 65535"
    fixes = only(proxied("ssh -W 192.0.2.7:22 -p 2222 ops@bastion", said), "auth-publickey").fixes
    assert fixes[0] == "ssh -v -p 2222 ops@bastion true"
    assert "ssh-copy-id -p 2222 ops@bastion" in fixes
    keyed = only(proxied("ssh -W 192.0.2.7:22 -i /keys/jump ops@bastion", said), "auth-publickey").fixes
    assert keyed[0] == "ssh -v -i /keys/jump ops@bastion true"


def test_a_quiet_proxy_command_is_shown_and_its_q_named() -> None:
    match = only(proxied("ssh -q -W 192.0.2.7:22 bastion"), "jump-host-failed")
    assert "-q" in match.explanation
    assert any("Executing proxy command" in evidence.text for evidence in match.evidence)
    assert "-q" not in only(proxied("ssh -W 192.0.2.7:22 bastion"), "jump-host-failed").explanation


def test_a_key_that_no_side_can_sign_with() -> None:
    mutual = Line(400, 4, "debug1: send_pubkey_test: no mutual signature algorithm", True)
    assert "rsa-sha1-refused" in ids(unsigned(mutual, "/k/id_rsa RSA SHA256:x explicit"))
    match = matches(unsigned(SKIPPED))["rsa-sha1-refused"]
    assert "left out the key /k/id_rsa" in match.explanation
    assert "rsa-sha1-refused" not in ids(unsigned(SKIPPED, "/k/id_ed25519 ED25519 SHA256:x explicit"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bash: line 1: ansible-playbook: command not found", "found no ansible-playbook"),
        (
            "bash: /a/ansible: /a/python3: bad interpreter: No such file or directory",
            "Python that its first line names",
        ),
        ("bash: /a/ansible: Permission denied", "may not run it"),
        ("Command 'ansible' not found, but can be installed with:", "no such program"),
        (
            "Traceback (most recent call last):\nModuleNotFoundError: No module named 'ansible.module_utils.six.moves'",
            "too new",
        ),
        ("ModuleNotFoundError: No module named 'ansible'", "another Python"),
    ],
)
def test_ansible_is_not_there(text: str, words: str) -> None:
    assert words in only(control(text), "control-ansible-missing").explanation


def test_a_module_that_a_managed_node_lacks_is_not_that() -> None:
    assert "control-ansible-missing" not in ids(control("ModuleNotFoundError: No module named 'dnf'"))
    assert "control-ansible-missing" not in ids(control("bash: mysql: command not found"))
    six = "ModuleNotFoundError: No module named 'ansible.module_utils.six.moves'"
    assert "control-ansible-missing" not in ids(case(Stage.EXEC, 1, "", six))


def test_what_the_proxy_itself_said_is_its_cause() -> None:
    match = only(proxied("netcat-of-ours 192.0.2.7 22", f"netcat-of-ours: not found\n{CLOSED}"), "jump-host-failed")
    assert match.evidence[0].text == "netcat-of-ours: not found"
    assert "It said: netcat-of-ours: not found." in match.explanation
    assert match.fixes[0] == "command -v netcat-of-ours"
    assert match.confidence is Confidence.CERTAIN
    match = only(proxied("gate 192.0.2.7", f"gate: no ticket\n{CLOSED}"), "jump-host-failed")
    assert (match.evidence[0].text, match.confidence) == ("gate: no ticket", Confidence.LIKELY)


def test_a_dead_worker_names_the_hosts_without_a_result() -> None:
    log = MiniLog().begin().task("Ping", WEB1, DB1).module(WEB1).result(WEB1).open(DB1, HOME)
    log.raw("ERROR! A worker was found in a dead state")
    found = {finding.rule.id: finding for finding in analyse(log.data)[1]}
    died = found["worker-died"]
    assert (died.severity, died.host) == (Severity.ERROR, None)
    assert "the worker of db1, which has no result." in died.explanation
    assert found["control-out-of-memory"].severity is Severity.INFO


def retried(*before: str, debug: bool) -> list[Finding]:
    """db1's second attempt worked."""
    log = MiniLog(debug=debug).begin().task("Ping", DB1)
    for line in before:
        log.raw(line)
    log.command(DB1, HOME, 255, "", "ssh: connect to host 192.0.2.7 port 22: Connection refused\r\n")
    log.command(DB1, HOME, 0, "/home/deploy\n")
    return analyse(log.module(DB1).result(DB1).recap(db1={"ok": 1}).data)[1]


def test_a_retry_that_worked_is_seen_without_debug_output_too() -> None:
    (found,) = [one for one in retried(debug=False) if one.rule.id == "retry-worked"]
    assert "this log has no times" in found.explanation
    assert any(one.rule.id == "retry-worked" for one in analyse(sample("retry-worked-vvv-2.19.log"))[1])
    loop = "wait_for_connection: attempting ping module test"
    assert [one for one in retried(loop, debug=False) if one.rule.id == "retry-worked"] == []


def test_no_log_is_told_below_vvv() -> None:
    text = (
        "TASK [Hidden] ****\n"
        'fatal: [db1]: FAILED! => {"censored": "the output has been hidden due to the fact that \'no_log: true\' was '
        'specified for this result", "changed": true}\n'
        "\nPLAY RECAP ****\ndb1 : ok=0 changed=0 unreachable=0 failed=1 skipped=0 rescued=0 ignored=0\n"
    )
    found = {finding.rule.id: finding for finding in analyse(text.encode())[1]}
    assert found["no-log"].evidence[0].place.line == 2


def test_the_line_that_become_took_is_the_one_of_the_command_with_that_key() -> None:
    log = MiniLog("2.19.14").begin().task("Ping", WEB1, DB1)
    other = SUDO.replace(KEY, "BECOME-SUCCESS-" + "b" * 32)
    log.open(WEB1, other).open(DB1, SUDO)
    log.header(f"become_success: (source=stderr, state=awaiting_prompt): 'DEBUG[0000] {KEY}'")
    hosts = log.model().runs[0].hosts
    taken = {
        host.name: [command.false_success for task in host.tasks for command in task.commands]
        for host in hosts.values()
    }
    assert taken["web1"] == [None]
    (line,) = taken["db1"]
    assert line is not None
    assert KEY in line.text


def again(found: Finding) -> str:
    """The command that makes the log again."""
    return next(fix for fix in found.fixes if "ansible-playbook" in fix)


@pytest.mark.parametrize(
    ("name", "rule_id", "words", "command"),
    [
        ("log-file-2.19.log", "ansible-debug-off", "the file of ANSIBLE_LOG_PATH", "--limit db1 ping.yml"),
        ("vvvv-broken-2.19.log", "ansible-debug-off", "without ANSIBLE_DEBUG", "--limit db1,db2 ping.yml"),
        ("vvvv-broken-2.19.log", "ssh-debug-off", "without its debug text", "--limit db1,db2 ping.yml"),
        ("low-verbosity-2.16.log", "ansible-debug-off", "without ANSIBLE_DEBUG", "PLAYBOOK"),
        ("no-log-2.19.log", "no-log", "no_log hides", "--limit db1"),
    ],
)
def test_advice_on_the_log_is_one_command_to_paste(name: str, rule_id: str, words: str, command: str) -> None:
    found = next(one for one in analyse(sample(name))[1] if one.rule.id == rule_id)
    assert words in found.explanation
    assert found.severity is Severity.INFO
    assert again(found).startswith("PYTHONUNBUFFERED=1 ANSIBLE_DEBUG=1 ANSIBLE_SSH_VERBOSITY=3 ansible-playbook -vvvv ")
    assert command in again(found)
    assert again(found).endswith(" 2>&1 | tee ansible.log")


@pytest.mark.parametrize(
    "names", [["a; rm -rf ~"], ["a,b"], ["\x1b]0;x\x07"], [f"h{number}" for number in range(6)], []]
)
def test_a_host_s_name_cannot_break_the_command(names: list[str]) -> None:
    command = rerun(Run(0, Place(0, 1), playbook="a b.yml; true"), names)
    words = shlex.split(command)
    assert words[:5] == [
        "PYTHONUNBUFFERED=1",
        "ANSIBLE_DEBUG=1",
        "ANSIBLE_SSH_VERBOSITY=3",
        "ansible-playbook",
        "-vvvv",
    ]
    assert words[-5:] == ["a b.yml; true", "2>&1", "|", "tee", "ansible.log"]
    assert words[5:-5] in ([], ["--limit", names[0] if names else ""])


@pytest.mark.parametrize(
    ("name", "rule_id"),
    [
        ("max-sessions-2.18.log", "mux-session-refused"),
        ("profile-noise-2.16.log", "profile-noise"),
        ("profile-noise-2.19.log", "profile-noise"),
        ("transfer-methods-2.13.log", "sftp-subsystem-missing"),
        ("transfer-methods-2.13.log", "scp-uses-sftp"),
        ("transfer-methods-2.19.log", "sftp-subsystem-missing"),
        ("retry-worked-2.13.log", "retry-worked"),
        ("retry-worked-2.16.log", "retry-worked"),
        ("retry-worked-2.19.log", "retry-worked"),
    ],
)
def test_what_worked_another_way_says_what_it_cost_in_seconds(name: str, rule_id: str) -> None:
    found = [one for one in analyse(sample(name))[1] if one.rule.id == rule_id]
    assert found
    for one in found:
        assert one.severity is Severity.WARNING
        assert re.search(r"\d\.\d+ s ", one.explanation)
