"""Hosts whose commands all have the same answer: a shell or a forced command in place of what was asked."""

from __future__ import annotations

import pytest

from parsers.findings import Case, Confidence
from parsers.model import Command, Stage
from tests.parsers.rules.cases import BANNER, case, command, ids, only, transcript, worked

HOME = "/bin/sh -c 'echo ~deploy && sleep 0'"
TMPDIR = "/bin/sh -c '( umask 77 && mkdir -p x )'"
BORG = "bash: line 1: /usr/bin/borg: No such file or directory"
SFTP = "This service allows sftp connections only."
CLOUD = 'Please login as the user "ubuntu" rather than the user "root".'


def both(rc: int, err: str = "", out: str = "", second: str | None = None) -> Case:
    """Two commands of a host, `home` and `tmpdir`, that ended alike; `second` is another stderr of the second."""
    said = transcript(f"{BANNER}\n{err}", out, exit_status=rc)
    earlier: list[Command] = [command(Stage.HOME, rc, said, text=HOME)]
    other = err if second is None else second
    return case(Stage.TMPDIR, rc, f"{BANNER}\n{other}", out, exit_status=rc, earlier=earlier, text=TMPDIR)


def test_a_shell_that_ends_every_command_without_a_word() -> None:
    match = only(both(1), "login-shell")
    assert "2 different commands ended with rc 1 and without a word" in match.explanation
    assert match.confidence is Confidence.LIKELY
    assert "usermod -s /bin/sh deploy" in match.fixes


def test_a_start_up_file_that_ends_every_command_has_an_rc_of_its_own() -> None:
    """/bin/false and nologin end with 1."""
    match = only(both(3), "login-shell")
    assert "a start-up file of deploy" in match.explanation
    assert "grep -n exit ~deploy/.bashrc /etc/bash.bashrc" in match.fixes


@pytest.mark.parametrize("stage", [Stage.HOME, Stage.TMPDIR, Stage.EXEC])
def test_the_shell_that_ansible_asks_for_is_not_there(stage: Stage) -> None:
    said = "bash: line 1: /bin/zsh: No such file or directory"
    asked = case(stage, 127, f"{BANNER}\n{said}", exit_status=127, text="/bin/zsh -c 'echo ~deploy && sleep 0'")
    match = only(asked, "login-shell")
    assert "ansible_shell_executable" in match.explanation
    assert match.evidence[0].text == said
    assert match.fixes[0] == "ansible_shell_executable=/bin/sh"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/bin/zsh -c 'x && sleep 0'", "/bin/zsh: line 1: x: command not found"),
        ("/bin/sh -c 'x && sleep 0'", "/bin/sh: 1: /bin/zsh: not found"),
    ],
)
def test_another_program_that_is_not_there_is_no_shell(text: str, said: str) -> None:
    assert "login-shell" not in ids(case(Stage.EXEC, 127, f"{BANNER}\n{said}", exit_status=127, text=text))


def test_one_silent_command_is_no_shell() -> None:
    assert ids(case(Stage.EXEC, 1, BANNER, exit_status=1, earlier=worked(), text=HOME)) == []
    assert ids(case(Stage.TMPDIR, 1, BANNER, exit_status=1, text=TMPDIR)) == []


def test_a_shell_that_is_not_there() -> None:
    match = only(both(1, "/bin/zsh: No such file or directory"), "login-shell")
    assert "could not start /bin/zsh, the login shell of deploy" in match.explanation


def test_a_forced_command_that_fails() -> None:
    match = only(both(127, BORG), "forced-command")
    assert "2 different commands" in match.explanation
    assert BORG in match.explanation
    assert match.confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    "asked",
    [
        both(127, BORG, second="bash: line 1: another: No such file or directory"),
        both(126, "bash: /bin/sh: Permission denied"),
        both(255, BORG),
        both(0),
    ],
)
def test_answers_that_differ_or_that_are_a_shells_own_are_no_forced_command(asked: Case) -> None:
    assert not {"forced-command", "login-shell"} & set(ids(asked))


@pytest.mark.parametrize("stage", [Stage.HOME, Stage.TMPDIR, Stage.DISCOVERY])
def test_a_user_for_sftp_alone(stage: Stage) -> None:
    match = only(case(stage, 1, BANNER, SFTP, exit_status=1), "forced-command")
    assert "ForceCommand internal-sftp" in match.explanation


@pytest.mark.parametrize("rc", [0, 142])
def test_a_cloud_image_that_names_its_user(rc: int) -> None:
    match = only(case(Stage.TMPDIR, rc, BANNER, f"{CLOUD}\n", exit_status=rc, user="root"), "forced-command")
    assert match.confidence is Confidence.CERTAIN
    assert match.fixes[0] == "ansible_user=ubuntu"


def test_the_words_of_a_module_on_another_login_are_no_forced_command() -> None:
    stdout = '{"changed": true, "stdout": "Please login as the user \\"a\\" rather than the user \\"b\\"."}'
    assert ids(case(Stage.EXEC, 1, BANNER, stdout, exit_status=1, earlier=worked())) == []
