"""Failures as logs from other control nodes had them: the line that was seen, and a near miss."""

from __future__ import annotations

import pytest

from parsers.findings import Case, Confidence
from parsers.model import Stage
from parsers.ssh.transcript import Phase
from tests.parsers.rules.cases import BANNER, case, ids, message_case, only, worked

CONNECT, EXEC = Stage.CONNECT, Stage.EXEC
CLOSED = "Connection closed by 192.0.2.7 port 22"
RESET = "Connection reset by 192.0.2.7 port 22"
SHARED = f"{BANNER}\nShared connection to 192.0.2.7 closed."
SUDO = "/bin/sh -c 'oldsudo -H -S -n  -u root /bin/sh -c '\"'\"'echo BECOME-SUCCESS-abc"
SU = "/bin/sh -c 'su  root -c '\"'\"'/bin/sh -c"
RAISED = '{"failed": true, "exception": {"event": {"msg": "\'missing\'", "__ansible_type": "Event"}}}'
TIMEOUT = "Timeout (6s) waiting for privilege escalation prompt: "
PTY = "PTY allocation request failed on channel 0"
REFUSED = "mux_client_request_session: session request failed: Session open refused by peer"


def escalating(out: str, rc: int = 1, text: str = "") -> Case:
    return case(EXEC, rc, SHARED, out, earlier=worked(), become=True, exit_status=rc, text=text)


def undone(out: str) -> Case:
    """The end of the chain of an unprivileged become, whose chown said `out`."""
    return case(Stage.CHMOD, 1, BANNER, out, earlier=worked(), exit_status=1)


def test_a_connection_that_was_closed_once_a_key_was_accepted() -> None:
    asked = case(CONNECT, 255, f"no logins today\n{CLOSED}", phase=Phase.AUTH, keys_accepted=["/k ED25519 SHA256:x"])
    match = only(asked, "account-refused")
    assert match.confidence is Confidence.LIKELY
    assert "It said: no logins today" in match.explanation


@pytest.mark.parametrize(
    "asked",
    [
        case(CONNECT, 255, CLOSED),
        message_case(f"Failed to connect to the host via ssh: {CLOSED}"),
    ],
)
def test_a_closed_connection_without_more_is_possibly_the_account(asked: Case) -> None:
    assert only(asked, "account-refused").confidence is Confidence.POSSIBLE


def test_a_connection_closed_in_the_key_exchange_is_not_the_account() -> None:
    assert ids(case(CONNECT, 255, CLOSED, phase=Phase.KEX)) == ["kex-closed"]
    assert "account-refused" not in ids(case(CONNECT, 255, "Connection closed by UNKNOWN port 65535"))
    assert "account-refused" not in ids(case(Stage.TMPDIR, 255, CLOSED, earlier=worked()))


@pytest.mark.parametrize(
    "asked", [case(CONNECT, 255, RESET), message_case(f"Failed to connect to the host via ssh: {RESET}")]
)
def test_a_reset_without_debug_text(asked: Case) -> None:
    assert only(asked, "kex-reset").confidence is Confidence.LIKELY


def test_a_reset_after_the_login_is_no_kex_reset() -> None:
    assert "kex-reset" not in ids(case(Stage.TMPDIR, 255, RESET, earlier=worked()))
    assert "kex-reset" not in ids(case(CONNECT, 255, RESET, phase=Phase.AUTH))


def test_a_session_that_was_refused_is_no_matter_of_sockets() -> None:
    err = f"channel 2: open failed: connect failed: open failed\n{REFUSED}\nFailed to connect to new control master"
    match = only(case(CONNECT, 255, err, phase=Phase.CHANNEL), "sshd-open-refused")
    assert "refused to open a session: open failed: connect failed" in match.explanation
    assert ids(case(CONNECT, 255, "Failed to connect to new control master")) == ["controlpath-no-sockets"]


def test_a_refused_session_behind_which_ssh_went_on_is_no_error() -> None:
    assert "sshd-open-refused" not in ids(case(EXEC, 1, f"{REFUSED}\n{SHARED}", exit_status=1, earlier=worked()))


def test_no_terminal_was_given() -> None:
    asked = case(EXEC, 255, f"{BANNER}\n{PTY}", earlier=worked(), phase=Phase.CHANNEL)
    match = only(asked, "pty-refused")
    assert "ansible_ssh_use_tty=false" in match.fixes
    assert "pty-refused" not in ids(case(EXEC, 1, f"{BANNER}\n{PTY}", earlier=worked(), exit_status=1))


def test_the_program_that_become_exe_names_is_missing() -> None:
    assert (
        "oldsudo is not at"
        in only(escalating("/bin/sh: 1: oldsudo: not found", 127, SUDO), "become-program-missing").explanation
    )
    assert ids(escalating("/bin/sh: 1: other: not found", 127, SUDO)) == []


@pytest.mark.parametrize(
    ("out", "fix"),
    [
        ("sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set", "chmod 4755 /usr/bin/sudo"),
        ('sudo: The "no new privileges" flag is set, which prevents sudo from running as root.', "chmod 4755"),
        ("sudo: /etc/sudoers is world writable\nsudo: no valid sudoers sources found, quitting", "visudo -c"),
        ("sudo: invalid option -- 'X'\nusage: sudo -h | -K | -k | -V", "ansible_become_flags='-H -S -n'"),
        (">>> /etc/sudoers.d/app: syntax error near line 3 <<<\nsudo: parse error in /etc/sudoers.d/app", "visudo -c"),
    ],
)
def test_a_sudo_that_cannot_work(out: str, fix: str) -> None:
    match = only(escalating(out), "become-program-broken")
    assert any(fix in text for text in match.fixes)
    assert "become-program-broken" not in ids(case(EXEC, 1, SHARED, out, exit_status=1, earlier=worked()))


@pytest.mark.parametrize("out", ["su: Permission denied", "sudo: PAM account management error: Permission denied"])
def test_pam_refuses_the_escalation(out: str) -> None:
    match = only(escalating(out), "become-not-allowed")
    assert "PAM at 192.0.2.7:22 does not let deploy escalate" in match.explanation


def test_the_prompt_before_sudos_words_is_left_out() -> None:
    match = only(
        escalating("[sudo via ansible, key=abc] password:bert is not in the sudoers file."), "become-not-allowed"
    )
    assert match.explanation.endswith("does not allow it: bert is not in the sudoers file.")


def test_su_asked_and_the_run_has_no_password() -> None:
    asked = case(EXEC, None, BANNER, "Password: ", earlier=worked(), become=True, text=SU, message=TIMEOUT)
    found = ids(asked)
    assert found[0] == "become-password-missing"
    other = case(EXEC, None, BANNER, "Passwort: ", earlier=worked(), become=True, text=SU, message=TIMEOUT)
    assert ids(other) == ["become-timeout"]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (undone("chown: invalid user: 'ghost'"), "ghost"),
        (escalating("sudo: unknown user ghost\nsudo: error initializing audit plugin sudoers_audit"), "ghost"),
        (
            escalating("su: user ghost does not exist or the user entry does not contain all the required fields"),
            "ghost",
        ),
    ],
)
def test_the_user_to_become_does_not_exist(asked: Case, name: str) -> None:
    match = only(asked, "become-user-missing")
    assert f"There is no user {name} at" in match.explanation
    assert f"useradd {name}" in match.fixes


def test_chown_in_a_module_is_not_about_become() -> None:
    assert ids(case(EXEC, 1, SHARED, "chown: invalid user: 'ghost'", exit_status=1, earlier=worked())) == []


def test_what_a_module_raised_from_2_19_on() -> None:
    asked = case(
        EXEC, 1, SHARED, RAISED, exit_status=1, earlier=worked(), message="Task failed: Module failed: 'missing'"
    )
    match = only(asked, "module-traceback")
    assert match.explanation.endswith(": 'missing'.")
    assert "ANSIBLE_DISPLAY_TRACEBACK=error" in match.fixes
    told = message_case("Task failed: Module failed: 'missing'", word="failed", stage=EXEC)
    assert only(told, "module-traceback").explanation.endswith(": 'missing'.")
    own = '{"failed": true, "msg": "the index is locked", "exception": "(traceback unavailable)"}'
    assert ids(case(EXEC, 1, SHARED, own, exit_status=1, earlier=worked(), message="the index is locked")) == []


@pytest.mark.parametrize(
    "message",
    [
        "async task did not complete within the requested time - 2s",
        "Timeout exceeded",
        "Timed out waiting for last boot time check (timeout=600)",
        "Timeout when waiting for 127.0.0.1:9",
    ],
)
def test_the_other_time_limits(message: str) -> None:
    only(message_case(message, word="failed", stage=Stage.RESULT), "task-timeout")


def test_what_wait_for_waited_for_is_named() -> None:
    match = only(
        message_case("Timeout when waiting for 127.0.0.1:9", word="failed", stage=Stage.RESULT), "task-timeout"
    )
    assert "waited for 127.0.0.1:9" in match.explanation
    assert match.fixes == ("timeout: 600",)


@pytest.mark.parametrize(("version", "told"), [("2.20.1", False), ("2.21.5", True), (None, False)])
def test_an_async_job_that_is_not_through_in_time_has_other_words_in_2_21(version: str | None, told: bool) -> None:
    """Before, they are of a job whose file could not be read."""
    case = message_case("async task produced unparsable results", word="failed", stage=Stage.RESULT)
    case.run.ansible_version = version
    assert ("task-timeout" in ids(case)) is told
    if told:
        # The words are those of any result that could not be read.
        match = only(case, "task-timeout")
        assert match.confidence is Confidence.LIKELY
        assert "most likely was not through in the time that its async gives" in match.explanation


@pytest.mark.parametrize("between", ["\n", " "])
def test_a_source_that_is_gone_is_named_without_the_next_sentence(between: str) -> None:
    """Up to 2.20 it stands on a line of its own."""
    gone = "Task failed: file or module does not exist: /srv/a file"
    message = f"{gone}{between}Could not find file on the Ansible Controller."
    match = only(message_case(message, word="failed", stage=Stage.RESULT), "transfer-source-missing")
    assert match.explanation == "/srv/a file was not there any more on the control node."
    assert match.fixes[0] == "ls -l '/srv/a file'"


def test_a_source_that_is_nowhere() -> None:
    message = (
        "Could not find or access 'nothere.j2'\nSearched in:\n\t/srv/site/templates/nothere.j2\n\t/srv/site/nothere.j2 "
        "on the Ansible Controller."
    )
    match = only(message_case(message, word="failed", stage=Stage.RESULT), "transfer-source-missing")
    assert "ls -l /srv/site/templates/nothere.j2" in match.fixes


def test_a_changed_host_key_counts_more_than_a_missing_key() -> None:
    err = (
        "Password authentication is disabled to avoid man-in-the-middle attacks.\n"
        "no such identity: /k/id: No such file or directory\n"
        "deploy@192.0.2.7: Permission denied (publickey,password)."
    )
    assert "key-missing" not in ids(case(CONNECT, 255, err))


def test_a_variable_in_a_keyword() -> None:
    assert (
        "'d'"
        in only(
            message_case("Task failed: 'd' is undefined", word="failed", stage=Stage.CONTROL), "variable-undefined"
        ).explanation
    )


def test_nologin_in_ansibles_own_message() -> None:
    message = "…, exited with result 1, stdout output: This account is currently not available."
    assert "login-shell" in ids(message_case(message, stage=Stage.TMPDIR))


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("Your account has expired; please contact your system administrator.", "chage -E -1 deploy"),
        ("You are required to change your password immediately (administrator enforced).", "passwd deploy"),
        ("There were too many logins for 'deploy'.", "ps -u deploy -f"),
        ("System is booting up. Unprivileged users are not permitted to log in yet.", "systemctl is-system-running"),
    ],
)
def test_the_next_command_is_about_the_part_of_pam_that_refused(said: str, command: str) -> None:
    fixes = only(case(CONNECT, 255, said), "account-refused").fixes
    assert command in fixes
    assert fixes[-1].startswith("journalctl ")
