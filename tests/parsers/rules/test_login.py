"""Logging in: keys and passwords."""

from __future__ import annotations

import pytest

from parsers.model import Stage
from parsers.ssh.transcript import Phase
from tests.parsers.rules.cases import BANNER, case, ids, message_case, only, worked

CONNECT = Stage.CONNECT
DENIED = "deploy@192.0.2.7: Permission denied (publickey)."
DENIED_BOTH = "deploy@192.0.2.7: Permission denied (publickey,password)."
AGAIN = "Permission denied, please try again."
UNPROTECTED = """@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
Permissions 0644 for '/home/ops/.ssh/other key' are too open.
It is required that your private key files are NOT accessible by others.
This private key will be ignored.
Load key "/home/ops/.ssh/other key": bad permissions
"""


def test_a_key_that_is_not_accepted() -> None:
    match = only(
        case(CONNECT, 255, f"{BANNER}\n{DENIED}", phase=Phase.AUTH, keys_offered=["/k/id_ed25519 ED25519 SHA256:abc"]),
        "auth-publickey",
    )
    assert match.confidence == "certain"
    assert "None of the keys" in match.explanation
    assert "ssh-copy-id -i /k/id_ed25519 -p 22 deploy@192.0.2.7" in match.fixes
    assert match.evidence[0].text == DENIED


def test_no_key_at_all() -> None:
    match = only(case(CONNECT, 255, DENIED, phase=Phase.AUTH), "auth-publickey")
    assert "had no key to offer" in match.explanation
    assert "ssh-add -l" in match.fixes


def test_a_server_that_takes_no_keys() -> None:
    match = only(
        case(CONNECT, 255, "deploy@192.0.2.7: Permission denied (password).", phase=Phase.AUTH), "auth-publickey"
    )
    assert "takes no keys" in match.explanation
    assert "password" in match.explanation


def test_without_debug_text_the_list_may_hold_a_password() -> None:
    assert only(case(CONNECT, 255, DENIED), "auth-publickey").confidence == "certain"
    match = only(case(CONNECT, 255, DENIED_BOTH), "auth-publickey")
    assert match.confidence == "likely"
    assert "ANSIBLE_SSH_VERBOSITY=3" in match.explanation


def test_the_message_alone_is_enough() -> None:
    only(message_case(f"Failed to connect to the host via ssh: {DENIED}"), "auth-publickey")
    only(message_case(f"Task failed: Failed to connect to the host via ssh: {DENIED}"), "auth-publickey")
    only(
        message_case(
            f'Data could not be sent to remote host "192.0.2.7". Make sure this host can be reached over ssh: {DENIED}'
        ),
        "auth-publickey",
    )


def test_a_key_that_others_can_read() -> None:
    match = only(case(CONNECT, 255, f"{BANNER}\n{UNPROTECTED}{DENIED}", phase=Phase.AUTH), "key-permissions")
    assert match.fixes[0] == "chmod 600 '/home/ops/.ssh/other key'"
    assert "0644" in match.explanation
    assert match.evidence[0].text.startswith("Permissions 0644")
    only(case(CONNECT, 255, f"{UNPROTECTED}{DENIED}"), "key-permissions")
    # The public half can be read, so the server may have accepted it.
    only(case(CONNECT, 255, f"{UNPROTECTED}{DENIED}", phase=Phase.AUTH, keys_accepted=["/k"]), "key-permissions")


def test_an_ignored_key_beside_one_that_works_is_nothing() -> None:
    said = f"{UNPROTECTED}mkdir: cannot create directory '/home/deploy/.ansible': Permission denied"
    only(case(Stage.TMPDIR, 1, said, session=True, exit_status=1), "tmpdir-permission")


@pytest.mark.parametrize(
    "message",
    [
        f"Invalid/incorrect password: {AGAIN}",
        f"Invalid/incorrect username/password. Skipping remaining 2 retries to prevent account lockout: {AGAIN}",
    ],
)
def test_sshpass_ends_with_5(message: str) -> None:
    said = f"{BANNER}\nPermission denied, please try again."
    only(case(CONNECT, 5, said, message=message, word="unreachable", phase=Phase.AUTH), "auth-password")
    only(case(CONNECT, 5, said, word="unreachable"), "auth-password")
    only(message_case(message), "auth-password")


def test_askpass_ends_with_255() -> None:
    match = only(
        case(
            CONNECT,
            255,
            "deploy@192.0.2.7: Permission denied (password).",
            phase=Phase.AUTH,
            auth_tried=["publickey", "password"],
        ),
        "auth-password",
    )
    assert match.phase == "auth"
    only(case(CONNECT, 255, DENIED_BOTH, phase=Phase.AUTH, auth_tried=["keyboard-interactive"]), "auth-password")
    only(case(CONNECT, 255, f"Permission denied, please try again.\n{DENIED_BOTH}"), "auth-password")


def test_a_remote_rc_5_is_no_password() -> None:
    asked = case(Stage.EXEC, 5, "Shared connection to 192.0.2.7 closed.", "permission denied", earlier=worked())
    assert ids(asked) == []


def test_askpass_that_could_not_run_is_no_wrong_password() -> None:
    said = f"ssh_askpass: exec(ansible): No such file or directory\n{DENIED_BOTH}"
    found = ids(case(CONNECT, 255, said, phase=Phase.AUTH, auth_tried=["password"]))
    assert not {"auth-password", "auth-publickey"} & set(found)


def test_a_path_that_is_denied_is_no_login() -> None:
    assert "auth-publickey" not in ids(case(Stage.EXEC, 126, out="/bin/sh: 1: /x/y: Permission denied"))


def test_git_inside_a_module_is_no_login() -> None:
    said = "git@git.example: Permission denied (publickey).\nfatal: Could not read from remote repository."
    assert ids(case(Stage.EXEC, 128, said, earlier=worked(), action="raw")) == []
    module = '{"changed": false, "msg": "git@git.example: Permission denied (publickey)."}'
    assert ids(case(Stage.EXEC, 1, out=module, message="git@git.example: Permission denied (publickey).")) == []
