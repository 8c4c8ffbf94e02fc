"""What breaks once ssh works: shell, directories, transfer, become, interpreter, module."""

from __future__ import annotations

import pytest

from parsers.findings import Case
from parsers.model import Command, Stage, Tool
from tests.parsers.rules.cases import BANNER, case, command, ids, matches, message_case, only, transcript, worked

NOLOGIN = "This account is currently not available."
SHARED = f"{BANNER}\nShared connection to 192.0.2.7 closed."


@pytest.mark.parametrize("stage", [Stage.HOME, Stage.TMPDIR])
def test_a_login_shell_that_refuses(stage: Stage) -> None:
    match = only(case(stage, 1, BANNER, NOLOGIN), "login-shell")
    assert "deploy" in match.explanation
    assert "usermod -s /bin/sh deploy" in match.fixes


def test_the_shell_of_a_become_user_is_told_as_such() -> None:
    match = only(case(Stage.EXEC, 1, SHARED, NOLOGIN, become=True), "login-shell")
    assert "the user that the task becomes" in match.explanation
    assert "ansible_become_method=sudo" in match.fixes
    assert not any("usermod" in fix for fix in match.fixes)
    module = f'{{"changed": true, "stdout": "{NOLOGIN}", "rc": 1}}'
    assert ids(case(Stage.EXEC, 1, SHARED, module)) == []


@pytest.mark.parametrize(
    "line",
    [
        "mkdir: cannot create directory '/home/deploy/.ansible/tmp': Permission denied",
        "mkdir: cannot create directory ‘/home/deploy/.ansible/tmp’: Permission denied",
        "mkdir: can't create directory '/home/deploy/.ansible/tmp': Permission denied",
        "mkdir: /home/deploy/.ansible/tmp: Permission denied",
        'mkdir: Failed to make directory "/home/deploy/.ansible/tmp"; Permission denied',
        "mkdir: cannot create directory '/home/deploy/.ansible/tmp': No such file or directory",
    ],
)
def test_a_directory_that_cannot_be_made(line: str) -> None:
    match = only(case(Stage.TMPDIR, 1, f"{BANNER}\n{line}"), "tmpdir-permission")
    assert "/home/deploy/.ansible/tmp" in match.explanation
    assert "chown -R deploy: /home/deploy/.ansible" in match.fixes
    assert match.evidence[0].text == line


@pytest.mark.parametrize(
    ("path", "reason", "look", "repair"),
    [
        (
            "/usr/lib/ansible",
            "Permission denied",
            "ls -ld /usr/lib /usr/lib/ansible; id",
            "install -d -o deploy -m 700 /usr/lib/ansible",
        ),
        (
            "/home/deploy/.ansible",
            "Permission denied",
            "ls -ld ~ ~/.ansible ~/.ansible/tmp; id",
            "install -d -o deploy -m 700 /home/deploy/.ansible",
        ),
        (
            "/home/deploy/.ansible",
            "Not a directory",
            "ls -ld ~ ~/.ansible ~/.ansible/tmp; id",
            "mv /home/deploy/.ansible /home/deploy/.ansible.old",
        ),
        ("/data/tmp", "File exists", "ls -ld /data /data/tmp; id", "mv /data/tmp /data/tmp.old"),
    ],
)
def test_the_next_commands_are_about_the_directory_that_mkdir_named(
    path: str, reason: str, look: str, repair: str
) -> None:
    """What is not there cannot be given back, and a file in the way is moved."""
    line = f"mkdir: cannot create directory '{path}': {reason}"
    match = only(case(Stage.TMPDIR, 1, f"{BANNER}\n{line}"), "tmpdir-permission")
    assert match.fixes[1] == repair
    assert f"'{look}'" in match.fixes[0]


def test_the_tmpdir_message_of_2_19_is_enough() -> None:
    said = (
        "Task failed: Failed to create temporary directory. In some cases, you may have been able to authenticate and "
        "did not have permissions on the target directory. … exited with result 1, stdout output: , stderr output: "
        "mkdir: cannot create directory '/home/deploy/.ansible/tmp': Permission denied"
    )
    only(message_case(said, stage=Stage.TMPDIR), "tmpdir-permission")


@pytest.mark.parametrize("words", ["No space left on device", "Disk quota exceeded"])
def test_a_full_disk(words: str) -> None:
    line = f"mkdir: cannot create directory '/home/deploy/.ansible/tmp': {words}"
    match = only(case(Stage.TMPDIR, 1, f"{BANNER}\n{line}"), "disk-full")
    assert match.confidence == "certain"
    assert ("quota" in match.explanation) == ("quota" in words)
    only(case(Stage.TRANSFER, 1, f"dd: error writing '/home/deploy/x': {words}", earlier=worked()), "disk-full")


def test_a_full_disk_as_sftp_tells_it() -> None:
    for start in ("", "scp: "):
        said = f'{start}write remote "/home/deploy/.ansible/tmp/x/AnsiballZ_ping.py": Failure'
        match = only(case(Stage.TRANSFER, 1, said, tool=Tool.SFTP, earlier=worked()), "disk-full")
        assert match.confidence == "likely"


def test_a_full_disk_as_the_module_tells_it() -> None:
    trace = "Traceback (most recent call last):\r\nOSError: [Errno 28] No space left on device"
    assert "disk-full" in ids(case(Stage.EXEC, 1, SHARED, trace))
    message = "Failed to replace file: b'/x' to /etc/app: [Errno 28] No space left on device: b'/etc/app'"
    only(case(Stage.EXEC, 1, SHARED, '{"failed": true}', message=message), "disk-full")


def test_words_on_a_full_disk_that_a_command_only_prints() -> None:
    grep = "kernel: EXT4-fs: No space left on device"
    assert ids(case(Stage.EXEC, 1, SHARED, f'{{"stdout": "{grep}"}}', message="non-zero return code")) == []
    assert ids(case(Stage.EXEC, 1, SHARED, grep, action="raw", message="non-zero return code")) == []
    assert ids(case(Stage.EXEC, 0, SHARED, f"dd: {grep}")) == []


def _transfer(*attempts: tuple[Tool, str]) -> list[Command]:
    return [
        command(Stage.TRANSFER, None, transcript(said), tool=tool, remote_path="/home/deploy/.ansible/tmp/x")
        for tool, said in attempts
    ]


def test_sftp_that_sshd_closes() -> None:
    match = only(
        case(Stage.TRANSFER, 255, f"{BANNER}\nConnection closed", tool=Tool.SFTP, earlier=worked()),
        "sftp-subsystem-missing",
    )
    assert match.confidence == "likely"
    assert "sftp -P 22 deploy@192.0.2.7" in match.fixes
    asked = case(
        Stage.TRANSFER,
        255,
        "subsystem request failed on channel 0\r\nConnection closed",
        tool=Tool.SFTP,
        earlier=worked(),
    )
    assert only(asked, "sftp-subsystem-missing").confidence == "certain"


def test_scp_speaks_sftp_too() -> None:
    earlier = [*worked(), *_transfer((Tool.SFTP, "Connection closed"))]
    found = matches(case(Stage.TRANSFER, 255, "scp: Connection closed", tool=Tool.SCP, earlier=earlier))
    assert list(found) == ["sftp-subsystem-missing", "scp-uses-sftp"]
    match = found["sftp-subsystem-missing"]
    assert [item.text for item in match.evidence] == ["Connection closed", "scp: Connection closed"]


def test_smart_falls_through_all_three() -> None:
    earlier = [*worked(), *_transfer((Tool.SFTP, "Connection closed"), (Tool.SCP, "scp: Connection closed"))]
    full = "dd: error writing '/home/deploy/x': No space left on device"
    found = ["disk-full", "sftp-subsystem-missing", "scp-uses-sftp"]
    assert ids(case(Stage.TRANSFER, 1, full, earlier=earlier)) == found


def test_a_closed_connection_is_sftp_only_when_the_session_had_worked() -> None:
    assert ids(case(Stage.TRANSFER, 255, "Connection closed", tool=Tool.SFTP)) == []
    denied = 'remote open "/x": Permission denied\nConnection closed'
    assert "sftp-subsystem-missing" not in ids(case(Stage.TRANSFER, 1, denied, tool=Tool.SFTP, earlier=worked()))


def _discovery(out: str) -> list[Command]:
    return [*worked(), command(Stage.DISCOVERY, 0, transcript(BANNER, out))]


@pytest.mark.parametrize(
    "line",
    [
        "/bin/sh: 1: /usr/bin/python: not found",
        "/bin/sh: line 1: /usr/bin/python3: No such file or directory",
        "/bin/sh: /usr/bin/python3: not found",
        "bash: /usr/bin/python3: No such file or directory",
        "zsh:1: no such file or directory: /usr/bin/python3",
        "ksh: /usr/libexec/platform-python:  not found",
        "sh: python3: command not found",
    ],
)
@pytest.mark.parametrize("discovery", ["PLATFORM\nLinux\nFOUND\nENDFOUND", "FOUND\nENDFOUND"])
def test_a_node_without_python(line: str, discovery: str) -> None:
    match = only(case(Stage.EXEC, 127, SHARED, line, earlier=_discovery(discovery)), "python-missing")
    assert [item.text for item in match.evidence] == [line, "FOUND", "ENDFOUND"]
    assert "python" in match.explanation


@pytest.mark.parametrize(
    "warning",
    [
        "[WARNING]: No python interpreters found for host db1 (tried ['python3.12',",
        "[WARNING]: No python interpreters found for host 'db1' (tried ['python3.13', 'python3']).",
    ],
)
def test_the_warning_stands_for_the_discovery(warning: str) -> None:
    asked = case(Stage.EXEC, 127, SHARED, "/bin/sh: 1: /usr/bin/python: not found", warnings=[warning])
    assert only(asked, "python-missing").evidence[1].place.line == 80
    other = case(Stage.EXEC, 127, SHARED, "/bin/sh: 1: /usr/bin/python: not found", warnings=[warning], name="web9")
    assert ids(other) == ["python-wrong-path"]


def test_a_path_that_the_inventory_names_wrongly() -> None:
    match = only(
        case(Stage.EXEC, 127, SHARED, "/bin/sh: 1: /opt/app/bin/python3: not found", earlier=worked()),
        "python-wrong-path",
    )
    assert "/opt/app/bin/python3 is not at" in match.explanation
    only(
        message_case(
            "Task failed: Action failed: The module interpreter '/opt/app/bin/python3' was not found.",
            word="failed",
            stage=Stage.EXEC,
        ),
        "python-wrong-path",
    )


@pytest.mark.parametrize(
    "asked",
    [
        # The word before `not found` is another program.
        case(Stage.EXEC, 127, SHARED, "/bin/sh: sudo: command not found", earlier=_discovery("FOUND\nENDFOUND")),
        # A module ran python by itself.
        case(Stage.EXEC, 1, SHARED, '{"rc": 127, "stderr": "/bin/sh: 1: python: not found"}'),
        # The playbook's own shell command.
        case(Stage.EXEC, 127, SHARED, "/bin/sh: 1: python: not found", action="raw"),
        # A shim that is there.
        case(Stage.EXEC, 127, SHARED, "pyenv: python3.13: command not found"),
        # A warning of the module, whose rc is 1.
        case(Stage.EXEC, 1, SHARED, "/bin/sh: 1: python: not found"),
    ],
)
def test_other_things_that_are_not_found(asked: Case) -> None:
    assert not {"python-missing", "python-wrong-path"} & set(ids(asked))


def test_sudo_without_a_password() -> None:
    said = "sudo: a password is required"
    for asked in (
        case(Stage.EXEC, None, SHARED, said, message="Missing sudo password", word="failed", become=True),
        case(Stage.EXEC, 1, f"{BANNER}\n{said}", become=True),
        case(Stage.EXEC, 1, "", "Sorry, a password is required to run sudo", become=True),
        case(Stage.EXEC, None, message="Task failed: Missing sudo password", word="failed"),
        message_case("Missing sudo password", word="failed", stage=Stage.EXEC),
    ):
        match = only(asked, "become-password-missing")
        assert "ansible-playbook -K" in match.fixes[0]


def test_sudo_s_words_from_elsewhere() -> None:
    wrong = "Sorry, try again.\nsudo: a password is required"
    assert "become-password-missing" not in ids(case(Stage.EXEC, 1, "", wrong, become=True))
    inside = '{"failed": true, "stderr": "sudo: a password is required"}'
    assert ids(case(Stage.EXEC, 1, SHARED, inside, become=True)) == []
    assert ids(case(Stage.EXEC, 1, SHARED, "sudo: a password is required", action="raw")) == []
    assert ids(case(Stage.EXEC, 0, SHARED, "sudo: a password is required", become=True)) == []


@pytest.mark.parametrize(
    ("rc", "out", "signal"),
    [
        (137, "Killed", "SIGKILL"),
        (137, "/bin/sh: line 1: 26936 Killed                  /usr/bin/python3 /home/deploy/x.py", "SIGKILL"),
        (137, "", "SIGKILL"),
        (139, "Segmentation fault (core dumped)", "SIGSEGV"),
        (143, "Terminated", "SIGTERM"),
    ],
)
def test_a_killed_module(rc: int, out: str, signal: str) -> None:
    match = only(case(Stage.EXEC, rc, SHARED, out, exit_status=rc), "module-killed")
    assert signal in match.explanation
    assert match.evidence[-1].place.line == 90


def test_the_word_killed_alone_is_no_signal() -> None:
    assert ids(case(Stage.EXEC, 0, SHARED, "Killed")) == []
    assert ids(case(Stage.EXEC, 1, SHARED, "Killed")) == []
    assert "module-killed" not in ids(case(Stage.EXEC, 255, SHARED, "Killed", exit_status=255, session=True))


def test_one_answer_to_every_command() -> None:
    constant = "only-backups-allowed"
    earlier = [
        command(Stage.HOME, 0, transcript(BANNER, constant)),
        command(Stage.TMPDIR, 0, transcript(BANNER, constant)),
        command(Stage.DISCOVERY, 0, transcript(BANNER, constant)),
    ]
    asked = case(Stage.RESULT, 0, SHARED, constant, earlier=earlier, message="No start of json char found")
    match = only(asked, "forced-command")
    assert constant in match.explanation
    assert "grep -n command= ~deploy/.ssh/authorized_keys" in match.fixes


def test_honest_answers_are_no_forced_command() -> None:
    assert ids(case(Stage.RESULT, 0, SHARED, "not json", earlier=_discovery("FOUND\n/usr/bin/python3\nENDFOUND"))) == []


SU = "/bin/sh -c 'su  root -c '\"'\"'/bin/sh -c '\"'\"'echo BECOME-SUCCESS-x; python3'\"'\"''\"'\"' && sleep 0'"


def test_the_password_that_su_refuses_is_that_of_the_other_user() -> None:
    match = only(case(Stage.EXEC, 1, "", "su: Authentication failure", become=True, text=SU), "become-password-wrong")
    assert match.explanation.startswith("su at ")
    assert match.explanation.endswith("given for root.")
    assert "ssh -t -p 22 deploy@192.0.2.7 'su root -c true'" in match.fixes
    assert "faillock --user root" in match.fixes


def test_of_su_s_user_nothing_is_made_up() -> None:
    match = only(message_case("Incorrect su password", word="failed", stage=Stage.EXEC), "become-password-wrong")
    assert "the user that the task becomes" in match.explanation
    assert "faillock --user BECOME_USER" in match.fixes


def test_the_password_that_sudo_refuses_is_that_of_the_login_user() -> None:
    match = only(message_case("Incorrect sudo password", word="failed", stage=Stage.EXEC), "become-password-wrong")
    assert match.explanation.startswith("sudo at ")
    assert "faillock --user USER" in match.fixes


@pytest.mark.parametrize(("program", "other"), [("su", "sudo"), ("sudo", "su")])
def test_a_missing_program_is_not_the_one_to_take_instead(program: str, other: str) -> None:
    said = f"/bin/sh: 1: {program}: not found"
    match = only(case(Stage.EXEC, 127, SHARED, said, become=True), "become-program-missing")
    assert f"ansible_become_method={other}" in match.fixes
