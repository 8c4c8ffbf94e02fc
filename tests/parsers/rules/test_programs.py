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
