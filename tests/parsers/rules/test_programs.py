"""Programs of the managed node that are there and cannot be run: interpreters, scripts of another system."""

from __future__ import annotations

import pytest

from parsers.findings import Case, Confidence
from parsers.model import Result, Stage
from parsers.ssh.transcript import Line
from tests.parsers.rules.cases import BANNER, case, ids, only, transcript, worked
from tests.parsers.rules.cases import command as command_of

EXEC = Stage.EXEC
SHARED = f"{BANNER}\nShared connection to 192.0.2.7 closed."
RUN = "/bin/sh -c '{} /home/deploy/.ansible/tmp/ansible-tmp-1/AnsiballZ_ping.py && sleep 0'"
COPY = "/home/deploy/.ansible/tmp/ansible-tmp-1/win.sh"


def interpreter(program: str, out: str, rc: int = 126, *, become: bool = False) -> Case:
    text = RUN.format(program)
    return case(EXEC, rc, SHARED, out, earlier=worked(), text=text, exit_status=rc, become=become)


@pytest.mark.parametrize(
    ("program", "out", "told"),
    [
        ("/usr/lib", "/bin/sh: 1: /usr/lib: Permission denied", "It is a folder, a file without execute permission"),
        ("/usr/lib", "/bin/bash: line 1: /usr/lib: Is a directory", "The program lies below it"),
        ("/opt/app/py", "/bin/bash: line 1: /opt/app/py: Not a directory", "Not a directory"),
        ("/opt/py", "/bin/bash: line 1: /opt/py: cannot execute binary file: Exec format error", "architecture"),
    ],
)
def test_an_interpreter_that_may_not_be_executed(program: str, out: str, told: str) -> None:
    match = only(interpreter(program, out), "python-not-executable")
    assert match.confidence is Confidence.CERTAIN
    assert told in match.explanation
    assert "ansible_python_interpreter names it" in match.explanation


def test_the_way_to_the_interpreter_is_looked_at_as_the_user_that_needs_it() -> None:
    out = "/bin/sh: 1: /root/venv/bin/python3: Permission denied"
    match = only(interpreter("/root/venv/bin/python3", out, become=True), "python-not-executable")
    assert "the user that the task becomes" in match.explanation
    assert match.fixes[0] == "ssh -p 22 deploy@192.0.2.7 'sudo namei -l /root/venv/bin/python3'"


def test_with_pipelining_from_2_20_on_the_interpreter_is_the_whole_command() -> None:
    asked = case(EXEC, 126, "/bin/sh: 1: /opt/py: Permission denied", earlier=worked(), text="/bin/sh -c /opt/py")
    assert ids(asked) == ["python-not-executable"]


def test_what_a_discovery_found_is_not_said_to_be_set() -> None:
    found = [*worked(), command_of(Stage.DISCOVERY, 0, transcript(BANNER, "FOUND\n/usr/bin/python3\nENDFOUND"))]
    out = "/bin/sh: 1: /usr/bin/python3: Permission denied"
    match = only(case(EXEC, 126, SHARED, out, earlier=found, text=RUN.format("/usr/bin/python3")), BARRED)
    assert match.explanation.endswith("The interpreter discovery had found it.")


BARRED = "python-not-executable"


@pytest.mark.parametrize(
    "asked",
    [
        interpreter("/usr/lib", "/bin/sh: 1: /usr/lib: Permission denied", rc=1),
        interpreter("/usr/bin/python3", f"/bin/sh: 1: {COPY}: Permission denied"),
        interpreter("/usr/bin/python3", "/bin/sh: 1: /opt/other: Permission denied"),
        interpreter("/usr/bin/python3", '{"msg": "/bin/sh: 1: /usr/bin/python3: Permission denied"}'),
        case(EXEC, 126, SHARED, "sh: 1: /opt/py: Permission denied", action="raw", text="/bin/sh -c '/opt/py x'"),
    ],
)
def test_what_is_no_barred_interpreter(asked: Case) -> None:
    assert BARRED not in ids(asked)


def script(out: str, action: str = "script", rc: int = 127, text: str = f"/bin/sh -c ' {COPY} && sleep 0'") -> Case:
    return case(EXEC, rc, SHARED, out, earlier=worked(), action=action, text=text, exit_status=rc)


@pytest.mark.parametrize(
    "out",
    [
        "/usr/bin/env: 'bash\\r': No such file or directory",
        "/usr/bin/env: ‘bash\\r’: No such file or directory",
        "/usr/bin/env: bash\r: No such file or directory",
        "env: can't execute 'bash\r': No such file or directory",
        f"/bin/sh: {COPY}: /bin/bash^M: bad interpreter: No such file or directory",
    ],
)
def test_a_carriage_return_behind_the_name_of_the_interpreter(out: str) -> None:
    asked = script("")
    assert asked.command is not None
    asked.command.transcript.plain.append(Line(500, 5, out, False))  # a CR inside of a line ends none
    match = only(asked, "script-interpreter")
    assert match.confidence is Confidence.CERTAIN
    assert "ends in CR LF" in match.explanation
    assert match.fixes[:2] == ("head -n 1 win.sh | od -c", "sed -i 's/\\r$//' win.sh")


def test_a_script_that_was_copied_there_and_is_not_found() -> None:
    for action in ("script", ""):
        match = only(script(f"/bin/sh: 1: {COPY}: not found", action), "script-interpreter")
        assert match.confidence is Confidence.LIKELY


def test_a_script_that_lies_on_the_node_is_mended_there() -> None:
    out = "bash: line 1: /opt/a b.sh: cannot execute: required file not found"
    match = only(script(out, "raw", text="/opt/a b.sh"), "script-interpreter")
    assert match.confidence is Confidence.LIKELY
    assert match.fixes[1].startswith("ssh -p 22 deploy@192.0.2.7 'sed -i ")


def test_a_script_that_a_module_ran() -> None:
    asked = case(EXEC, 1, SHARED, '{"rc": 127, "stderr": "…"}', action="ansible.builtin.command", earlier=worked())
    assert asked.task is not None
    assert ids(asked) == []
    words = "/usr/bin/env: ‘bash\\r’: No such file or directory\n"
    result = asked.task.results[0]
    asked.task.results = [Result(result.place, "failed", message="non-zero return code", module_stderr=words, rc=127)]
    match = only(asked, "script-interpreter")
    assert match.evidence[0].place == result.place
    assert "python-wrong-path" not in ids(asked)


@pytest.mark.parametrize(
    "asked",
    [
        script("/bin/sh: 1: /opt/run.sh: not found", "raw"),
        script("/usr/bin/env: ‘node’: No such file or directory", "command"),
        script("/usr/bin/env: ‘bash\\r’: No such file or directory", "setup"),
        script("/bin/sh: 1: /home/deploy/.ansible/tmp/ansible-tmp-1/AnsiballZ_ping.py: not found", ""),
        script('{"stderr": "/bin/bash^M: bad interpreter"}', "command", rc=1),
    ],
)
def test_what_is_no_script_of_another_system(asked: Case) -> None:
    assert "script-interpreter" not in ids(asked)


@pytest.mark.parametrize(
    ("stage", "rc", "err"),
    [
        (Stage.HOME, 2, "/bin/sh: 1: Cannot fork"),
        (
            Stage.TMPDIR,
            254,
            "/bin/bash: fork: retry: Resource temporarily unavailable",
        ),
        (Stage.TMPDIR, 2, "/bin/sh: can't fork: Resource temporarily unavailable"),
        (Stage.DISCOVERY, 2, "/bin/sh: 1: Cannot fork"),
    ],
)
def test_a_shell_that_can_make_no_process(stage: Stage, rc: int, err: str) -> None:
    match = only(case(stage, rc, err, exit_status=rc), "process-limit")
    assert match.confidence is Confidence.CERTAIN
    assert "deploy could start no further process" in match.explanation
    assert match.fixes[0] == "ps --no-headers -Lu deploy | wc -l"


def test_a_fork_without_memory_is_no_limit() -> None:
    match = only(case(Stage.HOME, 254, "/bin/bash: fork: Cannot allocate memory"), "process-limit")
    assert match.confidence is Confidence.LIKELY
    assert match.fixes[0] == "ssh -p 22 deploy@192.0.2.7 'free -m'"


def test_what_a_module_ran_could_make_no_process() -> None:
    asked = case(EXEC, 1, SHARED, '{"rc": 2, "stderr": "sh: 1: Cannot fork"}', earlier=worked(), action="command")
    assert ids(asked) == []
    assert asked.task is not None
    asked.task.results[0].module_stderr = "sh: 1: Cannot fork"
    assert ids(asked) == ["process-limit"]


@pytest.mark.parametrize(
    "asked",
    [
        case(Stage.HOME, 0, "/bin/sh: 1: Cannot fork"),
        case(EXEC, 1, SHARED, "BlockingIOError: [Errno 11] Resource temporarily unavailable"),
        case(EXEC, 1, SHARED, '{"msg": "x: Cannot fork"}'),
    ],
)
def test_what_is_no_limit_of_processes(asked: Case) -> None:
    assert "process-limit" not in ids(asked)


def test_python_that_cannot_fork() -> None:
    out = (
        "    self.pid = _fork_exec(\nBlockingIOError: [Errno 11] Resource temporarily unavailable\n"
        '  File "/usr/lib/python3.11/subprocess.py", line 1834, in _execute_child'
    )
    assert "process-limit" in ids(case(EXEC, 1, SHARED, out, earlier=worked()))


def test_a_command_that_sshd_would_not_start() -> None:
    match = only(case(Stage.HOME, 255, "exec request failed on channel 0"), "exec-refused")
    assert match.confidence is Confidence.LIKELY
    assert "sshd could make no process" in match.explanation


def test_a_refused_command_in_the_debug_text_is_no_lost_connection() -> None:
    asked = case(Stage.HOME, 255, BANNER, session=True)
    assert asked.command is not None
    assert ids(asked) == ["connection-lost"]
    asked.command.transcript.denied_request = Line(700, 7, "debug3: receive packet: type 100", True)
    asked.command.transcript.server = "CISCO-1.25"
    match = only(asked, "exec-refused")
    assert match.evidence[0].place.line == 7
    assert "CISCO-1.25 may run no commands at all" in match.explanation


def test_a_command_that_ran_was_not_refused() -> None:
    assert "exec-refused" not in ids(case(EXEC, 1, "exec request failed on channel 0", exit_status=1))
    assert "exec-refused" not in ids(case(CONNECT, 255, "subsystem request failed on channel 0"))


CONNECT = Stage.CONNECT
INVALID = "hostname contains invalid characters"


@pytest.mark.parametrize(
    ("address", "told", "fix"),
    [
        ("127.0.0.41 ", "a blank or a control character at its end ('127.0.0.41 ')", "ansible_host=127.0.0.41"),
        (" db1", "at its beginning", "ansible_host=db1"),
        ("db one", "a blank or a control character ('db one')", "ansible_host=ADDRESS"),
        ("db$SITE", "$ in it ('db$SITE')", "ansible_host=ADDRESS"),
        ("a;b `c` ", "a blank or a control character at its end and ; ` in it", "ansible_host=ADDRESS"),
        ("db\x1b[2J", "a blank or a control character ($'db\\x1b[2J')", "ansible_host=ADDRESS"),
    ],
)
def test_a_name_that_ssh_does_not_take(address: str, told: str, fix: str) -> None:
    match = only(case(CONNECT, 255, INVALID, address=address), "hostname-invalid")
    assert told in match.explanation
    assert match.fixes == ("ansible-inventory --host db1", fix)
    assert match.phase == "resolve"


def test_a_user_that_ssh_does_not_take() -> None:
    match = only(case(CONNECT, 255, "remote username contains invalid characters", user="a;b"), "hostname-invalid")
    assert "no user name with ; in it" in match.explanation
    assert match.fixes[-1] == "ansible_user=NAME"


def test_the_name_of_a_jump_host_that_ssh_does_not_take() -> None:
    match = only(case(CONNECT, 255, f"{INVALID}\nConnection closed by UNKNOWN port 65535"), "hostname-invalid")
    assert "that of the jump host" in match.explanation


@pytest.mark.parametrize(
    "asked",
    [
        case(CONNECT, 255, "kex_exchange_identification: banner line contains invalid characters"),
        case(EXEC, 255, INVALID, session=True, exit_status=255, earlier=worked()),
    ],
)
def test_what_is_no_name_that_ssh_refused(asked: Case) -> None:
    assert "hostname-invalid" not in ids(asked)


@pytest.mark.parametrize(
    ("name", "told", "fixes"),
    [
        ("", "ansible_host is empty", ("ansible_host=ADDRESS",)),
        ("db1:2222", "a name with a port", ("ansible_host=db1", "ansible_port=2222")),
        ("192.0.2.0/24", "a network or a path", ("ansible_host=ADDRESS",)),
        ("db one", "has a blank in it", ("ansible_host='db one'",)),
    ],
)
def test_a_value_that_is_no_name(name: str, told: str, fixes: tuple[str, ...]) -> None:
    err = f"ssh: Could not resolve hostname {name}: Name or service not known"
    match = only(case(CONNECT, 255, err, address=name), "name-resolution")
    assert told in match.explanation
    assert match.fixes[1:] == fixes
    assert match.phase == "resolve"
