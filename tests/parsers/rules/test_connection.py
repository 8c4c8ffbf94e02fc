"""Reaching the host: resolution, TCP, greeting, key exchange, host key. Strings of real runs and of the reference."""

from __future__ import annotations

import pytest

from parsers.findings import Case, Confidence
from parsers.model import Stage
from parsers.ssh.transcript import Phase
from tests.parsers.rules.cases import BANNER, case, ids, message_case, only, transcript, worked

CONNECT = Stage.CONNECT
JUMP_END = "kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535"


@pytest.mark.parametrize(
    "reason",
    [
        "Name or service not known",
        "Temporary failure in name resolution",
        "nodename nor servname provided, or not known",
        "Name does not resolve",
    ],
)
def test_a_name_that_no_resolver_knows(reason: str) -> None:
    match = only(
        case(
            CONNECT, 255, f"{BANNER}\nssh: Could not resolve hostname db1: {reason}", address="db1", phase=Phase.RESOLVE
        ),
        "name-resolution",
    )
    assert match.evidence[0].text == f"ssh: Could not resolve hostname db1: {reason}"
    assert "ansible_host is not set" in match.explanation
    assert "getent hosts db1" in match.fixes
    assert match.phase == "resolve"


def test_without_any_command_line_the_message_is_read() -> None:
    said = "Failed to connect to the host via ssh: ssh: Could not resolve hostname db1: Name or service not known"
    match = only(message_case(f"Task failed: {said}"), "name-resolution")
    assert match.evidence[0].place.line == 95
    assert only(message_case(said), "name-resolution").explanation == match.explanation


def test_a_message_at_vvvv_holds_ssh_debug_text_before_the_words() -> None:
    said = (
        f"Failed to connect to the host via ssh: {BANNER}\r\ndebug1: Reading configuration data /etc/ssh/ssh_config\r\n"
        "debug1: connect to address 192.0.2.7 port 22: Connection refused\r\n"
        "ssh: connect to host 192.0.2.7 port 22: Connection refused"
    )
    assert only(message_case(said), "connection-refused").evidence[0].text.startswith("ssh: connect to host")


def test_a_jump_host_that_cannot_be_resolved_is_named() -> None:
    match = only(
        case(CONNECT, 255, f"ssh: Could not resolve hostname bastion.example: Name or service not known\n{JUMP_END}"),
        "name-resolution",
    )
    assert "jump host's name bastion.example" in match.explanation
    # The host's own address is not what is wrong.
    assert match.fixes[-1] == "ansible_ssh_common_args='-o ProxyJump=USER@BASTION'"


def test_a_refused_connection() -> None:
    match = only(
        case(CONNECT, 255, f"{BANNER}\nssh: connect to host 192.0.2.7 port 2222: Connection refused", phase=Phase.TCP),
        "connection-refused",
    )
    assert match.explanation.startswith("192.0.2.7:2222 refused")
    assert "nc -vz 192.0.2.7 2222" in match.fixes
    assert "ssh -v -p 2222 deploy@192.0.2.7 true" in match.fixes
    assert match.phase == "tcp"


def test_a_jump_host_that_refuses_is_named() -> None:
    match = only(
        case(CONNECT, 255, f"ssh: connect to host bastion.example port 22: Connection refused\n{JUMP_END}"),
        "connection-refused",
    )
    assert match.explanation.startswith("The jump host bastion.example:22 refused")


@pytest.mark.parametrize("reason", ["Connection timed out", "Operation timed out"])
def test_no_answer_to_the_connection(reason: str) -> None:
    match = only(case(CONNECT, 255, f"ssh: connect to host 192.0.2.7 port 22: {reason}"), "connection-timeout")
    assert "192.0.2.7:22 did not answer" in match.explanation
    assert match.phase == "tcp"


def test_no_greeting() -> None:
    match = only(
        case(
            CONNECT,
            255,
            f"{BANNER}\nConnection timed out during banner exchange\nConnection to 192.0.2.7 port 22 timed out",
            phase=Phase.BANNER,
        ),
        "banner-timeout",
    )
    assert len(match.evidence) == 2
    assert match.phase == "banner"


@pytest.mark.parametrize("function", ["kex_exchange_identification", "ssh_exchange_identification"])
def test_a_reset_at_the_greeting(function: str) -> None:
    match = only(
        case(
            CONNECT,
            255,
            f"{BANNER}\n{function}: read: Connection reset by peer\nConnection reset by 192.0.2.7 port 22",
            phase=Phase.KEX,
        ),
        "kex-reset",
    )
    assert match.evidence[0].text.startswith(function)
    assert match.evidence[1].text == "Connection reset by 192.0.2.7 port 22"


def test_a_reset_in_the_key_exchange_needs_the_debug_text() -> None:
    reset = "Connection reset by 192.0.2.7 port 22"
    assert ids(case(CONNECT, 255, reset, phase=Phase.KEX)) == ["kex-reset"]
    assert "kex-reset" not in ids(case(CONNECT, 255, reset, phase=Phase.CHANNEL, session=True))


@pytest.mark.parametrize("function", ["kex_exchange_identification", "ssh_exchange_identification"])
def test_a_close_at_the_greeting(function: str) -> None:
    only(
        case(
            CONNECT,
            255,
            f"{function}: Connection closed by remote host\nConnection closed by 192.0.2.7 port 22",
            phase=Phase.KEX,
        ),
        "kex-closed",
    )


@pytest.mark.parametrize(
    ("words", "offer", "rule_id", "option"),
    [
        (
            "key exchange method",
            "diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,kex-strict-s-v00@openssh.com",
            "no-common-kex",
            "KexAlgorithms=+diffie-hellman-group14-sha1",
        ),
        ("host key type", "ssh-rsa", "no-common-hostkey", "HostKeyAlgorithms=+ssh-rsa"),
        ("cipher", "aes128-cbc,3des-cbc", "no-common-cipher", "Ciphers=+aes128-cbc"),
        ("MAC", "hmac-md5,hmac-sha1", "no-common-mac", "MACs=+hmac-sha1"),
    ],
)
def test_nothing_in_common(words: str, offer: str, rule_id: str, option: str) -> None:
    line = f"Unable to negotiate with 192.0.2.7 port 2222: no matching {words} found. Their offer: {offer}"
    match = only(case(CONNECT, 255, f"{BANNER}\n{line}", phase=Phase.KEX), rule_id)
    assert f"-o {option}" in match.fixes[0]
    assert "kex-strict" not in match.explanation
    assert "192.0.2.7:2222" in match.explanation
    assert match.evidence[0].text == line


def test_an_unknown_algorithm_of_the_server_is_quoted() -> None:
    line = "Unable to negotiate with 192.0.2.7 port 22: no matching cipher found. Their offer: $(reboot)"
    assert "'Ciphers=+$(reboot)'" in only(case(CONNECT, 255, line), "no-common-cipher").fixes[0]


CHANGED = """@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
The fingerprint for the ED25519 key sent by the remote host is
SHA256:abc.
Please contact your system administrator.
Add correct host key in /home/ops/.ssh/known_hosts to get rid of this message.
Offending ED25519 key in /home/ops/.ssh/known_hosts:3
  remove with:
  ssh-keygen -f "/home/ops/.ssh/known_hosts" -R "[192.0.2.7]:2222"
"""
BY_PASSWORD = "Using a SSH password instead of a key is not possible because Host Key checking is enabled"
ADD_IT = "Please add this host's fingerprint to your known_hosts file to manage this host."
STRICT = "Host key for [192.0.2.7]:2222 has changed and you have requested strict checking.\n"


def test_a_host_key_that_nobody_knows() -> None:
    match = only(
        case(CONNECT, 255, f"{BANNER}\nHost key verification failed.", port=2222, phase=Phase.HOSTKEY),
        "hostkey-unknown",
    )
    assert "ssh-keyscan -p 2222 192.0.2.7 >> ~/.ssh/known_hosts" in match.fixes
    assert match.phase == "hostkey"


def test_strict_checking_says_which_key() -> None:
    line = "No ED25519 host key is known for 192.0.2.7 and you have requested strict checking."
    match = only(case(CONNECT, 255, f"{line}\nHost key verification failed."), "hostkey-unknown")
    assert {item.text for item in match.evidence} == {line, "Host key verification failed."}


@pytest.mark.parametrize(
    "message",
    [
        f"{BY_PASSWORD} and sshpass does not support this.  {ADD_IT}",
        f"Task failed: {BY_PASSWORD}. {ADD_IT}",
    ],
)
def test_a_password_cannot_answer_the_question(message: str) -> None:
    only(message_case(message, word="failed"), "hostkey-unknown")
    only(case(CONNECT, None, BANNER, message=message, word="failed"), "hostkey-unknown")


def test_a_passphrase_that_cannot_be_asked_is_not_a_host_key() -> None:
    """2.19 says the words on the host key for any `read_passphrase` line."""
    message = "Task failed: Using a SSH password instead of a key is not possible because Host Key checking is enabled."
    asked = case(CONNECT, None, BANNER, message=message, word="failed", keys_accepted=["/k"], phase=Phase.AUTH)
    assert "hostkey-unknown" not in ids(asked)


def test_a_jump_host_with_an_unknown_key() -> None:
    match = only(case(CONNECT, 255, f"Host key verification failed.\n{JUMP_END}"), "hostkey-unknown")
    assert "jump host" in match.explanation


def test_a_host_key_that_changed() -> None:
    match = only(
        case(CONNECT, 255, f"{CHANGED}{STRICT}Host key verification failed.", port=2222, phase=Phase.HOSTKEY),
        "hostkey-changed",
    )
    assert "ssh-keygen -f /home/ops/.ssh/known_hosts -R '[192.0.2.7]:2222'" in match.fixes
    assert any(item.text.startswith("Offending ") for item in match.evidence)


def test_a_changed_key_that_only_costs_the_password_login() -> None:
    said = (
        f"{CHANGED}Password authentication is disabled to avoid man-in-the-middle attacks.\n"
        "deploy@192.0.2.7: Permission denied (publickey,password)."
    )
    match = only(case(CONNECT, 255, said), "hostkey-changed")
    assert match.confidence == "likely"


@pytest.mark.parametrize(
    "asked",
    [
        # The TCP of a Unix socket.
        case(
            CONNECT,
            255,
            "Control socket connect(/mnt/c/cp/1): Connection refused\nFailed to connect to new control master",
        ),
        # ::1 refused, the next address answered, and the login failed later: only debug text has the refusal.
        case(CONNECT, 255, BANNER, phase=Phase.AUTH),
        # The managed node's own program met a refusal, and its rc came back.
        case(Stage.EXEC, 7, out="curl: (7) Failed to connect to localhost port 80: Connection refused", exit_status=7),
        # The words stand in what the remote command printed on stdout with -tt.
        case(Stage.EXEC, 255, out="ssh: connect to host 198.51.100.9 port 22: Connection refused", action="raw"),
        # Another ssh, run by the remote command, without a pty: its rc 255 became the command's.
        case(
            Stage.EXEC,
            255,
            "ssh: connect to host 198.51.100.9 port 22: Connection refused",
            action="raw",
            exit_status=255,
            session=True,
        ),
        case(Stage.EXEC, 255, "ssh: Could not resolve hostname other.example: Name or service not known", action="raw"),
        case(Stage.EXEC, 255, "backup@other.example: Permission denied (publickey).", action="raw"),
    ],
)
def test_words_that_are_not_about_this_connection(asked: Case) -> None:
    found = ids(asked)
    assert not {"connection-refused", "name-resolution", "auth-publickey", "connection-timeout"} & set(found)


def test_a_changed_key_that_was_only_a_warning() -> None:
    said = f"{CHANGED}Connection closed by 192.0.2.7 port 22"
    assert "hostkey-changed" not in ids(case(CONNECT, 255, said))
    assert "hostkey-unknown" not in ids(case(CONNECT, 255, f"{CHANGED}Host key verification failed."))


def test_the_jump_host_s_word_on_the_target() -> None:
    said = (
        "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n"
        "kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535"
    )
    found = ids(case(CONNECT, 255, said))
    assert not {"connection-refused", "kex-closed", "kex-reset"} & set(found)


def test_a_later_command_may_lose_its_connection_in_the_same_way() -> None:
    asked = case(
        Stage.EXEC, 255, "ssh: connect to host 192.0.2.7 port 22: Connection refused", earlier=worked(), phase=Phase.TCP
    )
    only(asked, "connection-refused")


def test_a_host_that_a_configuration_renames() -> None:
    """ssh prints the HostName of its configuration; at `connect` that is still this host."""
    asked = case(CONNECT, 255, "ssh: connect to host 198.51.100.9 port 22: Connection refused", address="alias")
    assert "198.51.100.9:22 refused" in only(asked, "connection-refused").explanation


def test_a_remote_rc_1_is_no_connection_failure() -> None:
    asked = case(Stage.EXEC, 1, "Shared connection to 192.0.2.7 closed.", '{"failed": true}', earlier=worked())
    assert ids(asked) == []


def test_the_mux_client_s_usual_end_says_nothing() -> None:
    said = transcript(f"{BANNER}\nShared connection to 192.0.2.7 closed.", phase=Phase.CHANNEL, session=True)
    assert ids(case(Stage.EXEC, 1, said=said, exit_status=1)) == []


def test_below_vvv_a_log_has_no_command_and_the_message_is_all() -> None:
    said = "Failed to connect to the host via ssh: kex_exchange_identification: Connection closed by remote host\r\n"
    jump = f"Task failed: {said}Connection closed by UNKNOWN port 65535"
    for stage in (Stage.CONNECT, Stage.CONTROL, Stage.RESULT):
        match = only(message_case(jump, stage=stage), "jump-host-failed")
        assert "ControlPersist" in match.explanation


GONE = "kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535"
WAY = (("-J", "deploy@192.0.2.1:2222"),)


def behind(err: str, *, relayed: bool = False) -> Case:
    asked = case(CONNECT, 255, err, phase=Phase.BANNER)
    assert asked.command is not None
    asked.command.options = WAY
    asked.command.transcript.relayed = relayed
    return asked


def test_a_host_that_the_jump_host_reached_and_that_closes() -> None:
    match = only(behind(GONE, relayed=True), "kex-closed")
    assert match.phase == "banner"
    assert match.explanation.startswith("The jump host passed the connection on")
    assert ids(behind(GONE)) == ["jump-host-failed"]


def test_without_debug_text_it_is_not_certain_that_the_way_broke() -> None:
    match = only(case(CONNECT, 255, GONE), "jump-host-failed")
    assert match.confidence is Confidence.LIKELY
    assert "looks the same" in match.explanation


def test_the_host_key_of_a_jump_host_is_asked_of_the_jump_host() -> None:
    match = only(behind(f"Host key verification failed.\n{GONE}"), "hostkey-unknown")
    assert match.fixes == (
        "ssh-keyscan -p 2222 192.0.2.1 | ssh-keygen -lf -",
        "ssh-keyscan -p 2222 192.0.2.1 >> ~/.ssh/known_hosts",
        "ssh -o StrictHostKeyChecking=accept-new -p 2222 deploy@192.0.2.1 true",
    )


def test_the_host_key_behind_a_jump_host_is_asked_from_there() -> None:
    match = only(behind("Host key verification failed."), "hostkey-unknown")
    assert match.fixes[0] == "ssh -p 2222 deploy@192.0.2.1 'ssh-keyscan -p 22 192.0.2.7' | ssh-keygen -lf -"
    assert match.fixes[2] == ("ansible_ssh_common_args='-J deploy@192.0.2.1:2222 -o StrictHostKeyChecking=accept-new'")


def test_behind_a_jump_host_ssh_names_no_port() -> None:
    err = "Unable to negotiate with UNKNOWN port 65535: no matching cipher found. Their offer: aes128-cbc"
    match = only(behind(err, relayed=True), "no-common-cipher")
    assert "192.0.2.7:22 have no cipher" in match.explanation
    assert match.fixes[0] == "ssh -o Ciphers=+aes128-cbc -J deploy@192.0.2.1:2222 -p 22 deploy@192.0.2.7 true"
    assert match.fixes[1] == "ansible_ssh_common_args='-J deploy@192.0.2.1:2222 -o Ciphers=+aes128-cbc'"


def test_a_silent_host_behind_a_jump_host_is_tried_from_there() -> None:
    match = only(behind("Connection timed out during banner exchange", relayed=True), "banner-timeout")
    assert match.fixes[0] == "ssh -p 2222 deploy@192.0.2.1 'nc -w 10 192.0.2.7 22'"


def test_a_jump_host_whose_ssh_was_silent_may_have_been_offered_a_key() -> None:
    match = only(behind(f"deploy@192.0.2.1: Permission denied (publickey).\n{GONE}"), "auth-publickey")
    assert "whether a key was offered is not known" in match.explanation
