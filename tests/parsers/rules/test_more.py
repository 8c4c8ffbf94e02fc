"""The rules after the first twenty: a true case and a near miss each, in the words of the reference."""

from __future__ import annotations

import pytest

from parsers.findings import Case
from parsers.model import Stage, Tool
from parsers.ssh.transcript import Line, Phase
from tests.parsers.rules.cases import BANNER, case, command, control, ids, message_case, only, transcript, worked

CONNECT = Stage.CONNECT
DENIED = "deploy@192.0.2.7: Permission denied (publickey)."
SHARED = f"{BANNER}\nShared connection to 192.0.2.7 closed."
JUMP_END = "kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535"


def _stalled(packets: list[tuple[str, int]], *, session: bool = False) -> Case:
    made = case(CONNECT, None, BANNER, phase=Phase.CHANNEL, session=session)
    assert made.command is not None
    made.command.transcript.packets = packets
    made.command.transcript.last_debug = Line(70, 7, "debug3: send packet: type 90", True)
    return made


def _discovery(out: str) -> Case:
    earlier = [*worked(), command(Stage.DISCOVERY, 0, transcript(BANNER, out))]
    return case(Stage.EXEC, 127, SHARED, "Welcome to db1\n/bin/sh: 1: /usr/bin/python: not found", earlier=earlier)


RAISED = (
    "Traceback (most recent call last):\n"
    '  File "/home/deploy/.ansible/tmp/x/AnsiballZ_ping.py", line 107, in <module>\n'
    "    _ansiballz_main()\n"
    "ModuleNotFoundError: No module named 'yaml'\n"
)
FORBIDDEN = f"channel 0: open failed: administratively prohibited: open failed\nstdio forwarding failed\n{JUMP_END}"

TRUE_CASES = [
    ("no-route", case(CONNECT, 255, "ssh: connect to host 192.0.2.7 port 22: No route to host")),
    ("no-route", case(CONNECT, 255, "ssh: connect to host 192.0.2.7 port 22: Network is unreachable")),
    ("not-ssh", case(CONNECT, 255, "kex_exchange_identification: banner line contains invalid characters")),
    ("not-ssh", case(CONNECT, 255, "banner exchange: Connection to 192.0.2.7 port 80: invalid format")),
    ("not-ssh", case(CONNECT, 255, "Bad packet length 1349676916.", phase=Phase.KEX)),
    (
        "auth-too-many",
        case(
            CONNECT,
            255,
            "Received disconnect from 192.0.2.7 port 22:2: Too many authentication failures\n"
            "Disconnected from 192.0.2.7 port 22",
        ),
    ),
    ("key-missing", case(CONNECT, 255, f"no such identity: /k/id: No such file or directory\n{DENIED}")),
    ("key-invalid", case(CONNECT, 255, f'Load key "/k/id": invalid format\n{DENIED}')),
    ("key-invalid", case(CONNECT, 255, f'Load key "/k/id": error in libcrypto\n{DENIED}')),
    ("key-passphrase", case(CONNECT, 255, DENIED, phase=Phase.AUTH, keys_accepted=["/k/id ED25519 SHA256:x"])),
    (
        "agent-refused",
        case(
            CONNECT,
            255,
            f'sign_and_send_pubkey: signing failed for ED25519 "/k/id" from agent: agent refused operation\n{DENIED}',
            phase=Phase.AUTH,
            keys_accepted=["/k/id ED25519 SHA256:x agent"],
        ),
    ),
    (
        "askpass-not-executable",
        case(
            CONNECT,
            255,
            "ssh_askpass: exec(ansible): No such file or directory\ndeploy@192.0.2.7: Permission denied (password).",
            auth_tried=["password"],
        ),
    ),
    (
        "auth-second-factor",
        case(
            CONNECT,
            255,
            'Authenticated using "publickey" with partial success.\n'
            "deploy@192.0.2.7: Permission denied (keyboard-interactive).",
            phase=Phase.AUTH,
            keys_accepted=["/k/id ED25519 SHA256:x"],
        ),
    ),
    (
        "jump-target-refused",
        case(
            CONNECT,
            255,
            f"channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n{JUMP_END}",
        ),
    ),
    (
        "jump-target-refused",
        case(
            CONNECT,
            255,
            f"channel 0: open failed: connect failed: Name or service not known\nstdio forwarding failed\n{JUMP_END}",
        ),
    ),
    ("jump-target-refused", case(CONNECT, 255, FORBIDDEN)),
    ("jump-host-failed", case(CONNECT, 255, JUMP_END)),
    ("auth-publickey", case(CONNECT, 255, f"deploy@bastion.example: Permission denied (publickey).\n{JUMP_END}")),
    ("channel-stall", _stalled([("receive", 52), ("send", 90)])),
    ("channel-stall", _stalled([("send", 90), ("receive", 80), ("receive", 4)])),
    ("connection-lost", case(Stage.EXEC, 255, SHARED, session=True, phase=Phase.CHANNEL)),
    ("connection-lost", case(Stage.EXEC, 255, SHARED, session=True, phase=Phase.CHANNEL, exit_status=-1)),
    (
        "connection-lost",
        case(
            Stage.EXEC,
            255,
            "client_loop: send disconnect: Broken pipe",
            session=True,
            phase=Phase.CHANNEL,
            earlier=worked(),
        ),
    ),
    ("connection-lost", case(Stage.EXEC, 255, "Connection to 192.0.2.7 closed by remote host.", earlier=worked())),
    ("connection-lost", case(Stage.EXEC, 255, "Timeout, server 192.0.2.7 not responding.", earlier=worked())),
    ("connection-lost", case(Stage.EXEC, 255, "Shared connection to 192.0.2.7 closed.", earlier=worked())),
    ("remote-rc-255", case(Stage.EXEC, 255, SHARED, "boom", action="raw")),
    (
        "remote-rc-255",
        message_case(
            "Task failed: Failed to connect to the host via ssh: Shared connection to 192.0.2.7 closed.",
            stage=Stage.CONTROL,
        ),
    ),
    ("remote-rc-255", case(Stage.EXEC, 255, SHARED, "boom", exit_status=255, session=True, action="raw")),
    (
        "filesystem-readonly",
        case(Stage.TMPDIR, 1, "mkdir: cannot create directory '/home/deploy/.ansible': Read-only file system"),
    ),
    (
        "home-missing",
        case(
            Stage.TMPDIR,
            1,
            "Could not chdir to home directory /home/deploy: No such file or directory\n"
            "mkdir: cannot create directory '/home/deploy': Permission denied",
        ),
    ),
    ("discovery-output", _discovery("Welcome to db1\nPLATFORM\nLinux\nFOUND\n/usr/bin/python3.11\nENDFOUND")),
    (
        "become-password-wrong",
        case(Stage.EXEC, None, "", "Sorry, try again.", become=True, message="Incorrect sudo password", word="failed"),
    ),
    (
        "become-password-wrong",
        message_case("Task failed: Incorrect su password", word="failed", stage=Stage.EXEC),
    ),
    ("become-password-wrong", case(Stage.EXEC, 1, "", "su: Authentication failure", become=True)),
    (
        "become-timeout",
        case(
            Stage.EXEC,
            None,
            become=True,
            message="Timeout (12s) waiting for privilege escalation prompt: ",
            word="failed",
        ),
    ),
    (
        "become-timeout",
        message_case("Task failed: Timeout (32s) waiting for privilege escalation prompt: ", stage=Stage.EXEC),
    ),
    ("become-needs-tty", case(Stage.EXEC, 1, "sudo: sorry, you must have a tty to run sudo", become=True)),
    (
        "become-needs-tty",
        case(Stage.EXEC, 1, "", "sudo: no tty present and no askpass program specified", become=True),
    ),
    (
        "become-not-allowed",
        case(
            Stage.EXEC,
            1,
            "",
            "deploy is not in the sudoers file.  This incident will be reported.",
            become=True,
        ),
    ),
    (
        "become-not-allowed",
        case(
            Stage.EXEC,
            1,
            "",
            "Sorry, user deploy is not allowed to execute '/bin/sh -c echo BECOME-SUCCESS-x' as root on db1.",
            become=True,
        ),
    ),
    ("become-program-missing", case(Stage.EXEC, 127, SHARED, "/bin/sh: 1: sudo: not found", become=True)),
    ("become-program-missing", case(Stage.EXEC, 127, SHARED, "/bin/sh: sudo: command not found", become=True)),
    ("module-traceback", case(Stage.EXEC, 1, SHARED, RAISED)),
    (
        "task-timeout",
        message_case(
            "The command action failed to execute in the expected time frame (5) and was terminated",
            word="failed",
            stage=Stage.EXEC,
        ),
    ),
    ("task-timeout", message_case("Task failed: Timed out after 5 second(s).", word="failed", stage=Stage.EXEC)),
    (
        "profile-noise",
        case(
            Stage.TRANSFER,
            255,
            "Received message too long 1466264675\n"
            "Ensure the remote shell produces no output for non-interactive sessions.",
            tool=Tool.SFTP,
            earlier=worked(),
        ),
    ),
    (
        "transfer-permission",
        case(Stage.TRANSFER, 1, 'remote open "/home/deploy/x": Permission denied', tool=Tool.SFTP, earlier=worked()),
    ),
    (
        "transfer-permission",
        case(Stage.TRANSFER, 1, 'dest open "/home/deploy/x": No such file or directory', tool=Tool.SCP),
    ),
    (
        "sshpass-missing",
        message_case(
            "to use the 'ssh' connection type with passwords or pkcs11_provider, you must install the sshpass program",
            word="failed",
            stage=Stage.RESULT,
        ),
    ),
    (
        "sshpass-missing",
        message_case(
            "to use the password_mechanism=sshpass, you must install the sshpass program",
            word="failed",
            stage=Stage.RESULT,
        ),
    ),
    ("playbook-missing", control("ERROR! the playbook: missing.yml could not be found")),
    ("playbook-missing", control("[ERROR]: the playbook: missing.yml could not be found")),
    (
        "module-unresolved",
        control(
            "ERROR! couldn't resolve module/action 'a.b.c'. This often indicates a misspelling, missing collection, or "
            "incorrect module path.\n\nThe error appears to be in '/srv/site.yml': line 3, column 7, but may\n"
        ),
    ),
    (
        "module-unresolved",
        control("[ERROR]: couldn't resolve module/action 'a.b.c'. This often\nOrigin: /srv/site.yml:3:7\n"),
    ),
    ("role-missing", control("ERROR! the role 'web' was not found in /srv/roles:/etc/ansible/roles")),
    ("role-missing", control("[ERROR]: the role 'web' was not found in /srv/roles\nOrigin: /srv/site.yml:2:11")),
    ("role-missing", control("[ERROR]: The role 'web' was not found in: /srv/roles\nOrigin: /srv/site.yml:2:11")),
    (
        "variable-undefined",
        message_case(
            "The task includes an option with an undefined variable. The error was: 'nosuch' is undefined",
            word="failed",
            stage=Stage.RESULT,
        ),
    ),
    (
        "variable-undefined",
        message_case(
            "Task failed: Finalization of task args for 'ansible.builtin.debug' failed: Error while resolving value "
            "for 'msg': 'nosuch' is undefined",
            word="failed",
            stage=Stage.RESULT,
        ),
    ),
]


@pytest.mark.parametrize(("rule_id", "asked"), TRUE_CASES)
def test_the_rule_and_no_other(rule_id: str, asked: Case) -> None:
    assert not only(asked, rule_id).explanation.endswith("..")


NEAR_MISSES = [
    ("no-route", case(Stage.EXEC, 1, SHARED, "curl: (7) Failed to connect: No route to host", exit_status=1)),
    ("not-ssh", case(Stage.EXEC, 255, "Bad packet length 7.", session=True, earlier=worked())),
    ("key-missing", case(CONNECT, 255, DENIED, phase=Phase.AUTH)),
    ("key-missing", case(Stage.TMPDIR, 1, "no such identity: /k/id: No such file or directory", session=True)),
    ("key-invalid", case(CONNECT, 255, f'Load key "/k/id": bad permissions\n{DENIED}')),
    ("key-passphrase", case(CONNECT, 255, DENIED, phase=Phase.AUTH, keys_offered=["/k/id"])),
    ("jump-host-failed", case(CONNECT, 255, f"Host key verification failed.\n{JUMP_END}")),
    ("jump-host-failed", case(CONNECT, 255, FORBIDDEN)),
    ("channel-stall", _stalled([("send", 90), ("receive", 91)])),
    ("channel-stall", _stalled([("send", 90), ("receive", 92)])),
    ("channel-stall", _stalled([("send", 90)], session=True)),
    ("channel-stall", case(CONNECT, 255, BANNER, phase=Phase.AUTH)),
    # The usual end of a session, with the remote command's own rc.
    ("connection-lost", case(Stage.EXEC, 1, SHARED, "{}", session=True, exit_status=1, earlier=worked())),
    ("connection-lost", case(Stage.EXEC, 255, SHARED, "boom", session=True, exit_status=255, earlier=worked())),
    ("connection-lost", case(CONNECT, 255, "Connection closed by 192.0.2.7 port 22")),
    ("remote-rc-255", case(Stage.EXEC, 255, SHARED, session=True)),
    ("filesystem-readonly", case(Stage.EXEC, 1, SHARED, '{"stdout": "Read-only file system"}')),
    (
        "home-missing",
        case(
            Stage.TMPDIR,
            1,
            "Could not chdir to home directory /home/deploy: No such file or directory\n"
            "mkdir: cannot create directory '/var/x': Permission denied",
        ),
    ),
    (
        "home-missing",
        case(Stage.TMPDIR, 0, "Could not chdir to home directory /home/deploy: No such file or directory"),
    ),
    ("discovery-output", _discovery("PLATFORM\nLinux\nFOUND\nENDFOUND")),
    ("become-password-wrong", case(Stage.EXEC, 1, SHARED, "Sorry, try again.", action="raw")),
    (
        "become-needs-tty",
        case(Stage.EXEC, 1, out='{"stderr": "sudo: sorry, you must have a tty to run sudo"}', become=True),
    ),
    ("become-not-allowed", case(Stage.EXEC, 0, "sudo: unable to resolve host db1", become=True)),
    ("become-program-missing", case(Stage.EXEC, 127, SHARED, "/bin/sh: 1: python3: not found", become=True)),
    ("become-program-missing", case(Stage.EXEC, 127, SHARED, "/bin/sh: 1: sudo: not found", action="raw")),
    ("module-traceback", case(Stage.EXEC, 1, SHARED, '{"exception": "Traceback (most recent call last):"}')),
    ("module-traceback", case(Stage.EXEC, 1, SHARED, RAISED, action="raw")),
    ("task-timeout", message_case("Timed out after a while", word="failed", stage=Stage.EXEC)),
    (
        "profile-noise",
        case(Stage.EXEC, 1, SHARED, "Received message too long 1466264675", message="non-zero return code"),
    ),
    ("transfer-permission", case(Stage.TRANSFER, 255, "Connection closed", tool=Tool.SFTP, earlier=worked())),
    ("variable-undefined", case(Stage.EXEC, 1, message="x is undefined", word="failed")),
]


@pytest.mark.parametrize(("rule_id", "asked"), NEAR_MISSES)
def test_a_near_miss(rule_id: str, asked: Case) -> None:
    assert rule_id not in ids(asked)


def test_the_line_that_asks_for_the_session_proves_that_it_was_asked_for() -> None:
    asked = _stalled([("send", 90), ("receive", 80)])
    assert asked.command is not None
    asked.command.transcript.opening = Line(70, 7, "debug3: send packet: type 90", True)
    asked.command.transcript.last_debug = Line(90, 9, "debug3: receive packet: type 80", True)
    assert [row.text for row in only(asked, "channel-stall").evidence] == ["debug3: send packet: type 90"]


def test_what_was_printed_is_read_from_the_number() -> None:
    asked = case(Stage.TRANSFER, 255, "Received message too long 1466264675", tool=Tool.SFTP)
    assert "'Welc'" in only(asked, "profile-noise").explanation


def test_the_exception_is_named() -> None:
    match = only(case(Stage.EXEC, 1, SHARED, RAISED), "module-traceback")
    assert match.evidence[0].text == "ModuleNotFoundError: No module named 'yaml'"


def test_the_forbidden_forwarding_is_said() -> None:
    assert "AllowTcpForwarding" in only(case(CONNECT, 255, FORBIDDEN), "jump-target-refused").explanation


def test_the_role_s_paths_are_shown() -> None:
    match = only(control("[ERROR]: the role 'web' was not found in /srv/roles\nOrigin: site.yml:2:11"), "role-missing")
    assert "site.yml, line 2, column 11" in match.explanation
    assert "/srv/roles" in match.explanation


# Section 2 of the reference: lines of healthy runs, each in the place where it is seen.
HEALTHY = [
    "debug3: mux_client_read_packet: read header failed: Broken pipe",
    "Shared connection to 192.0.2.7 closed.",
    "Connection to 192.0.2.7 closed.",
    "ControlSocket /home/ops/.ansible/cp/1 already exists, disabling multiplexing",
    "mux_client_request_session: session request failed: Session open refused by peer",
    "PTY allocation request failed on channel 0",
    "Pseudo-terminal will not be allocated because stdin is not a terminal.",
    "X11 forwarding request failed on channel 0",
    "Warning: Permanently added '192.0.2.7' (ED25519) to the list of known hosts.",
    "2+1 records in",
    "169334 bytes (169 kB, 165 KiB) copied, 0.003 s, 50 MB/s",
    "Unspecified GSS failure.  Minor code may provide more information",
    "Could not chdir to home directory /home/deploy: No such file or directory",
    "bash: warning: setlocale: LC_ALL: cannot change locale (en_US.UTF-8)",
    "sudo: unable to resolve host db1: Name or service not known",
    "Executing: program /usr/bin/ssh host 192.0.2.7, user (unspecified), command sftp",
    "stat remote: No such file or directory",
    "Couldn't stat remote file: No such file or directory",
    "Transferred: sent 2424, received 2836 bytes, in 0.2 seconds",
]


@pytest.mark.parametrize("line", HEALTHY)
@pytest.mark.parametrize("stage", [Stage.HOME, Stage.TMPDIR, Stage.TRANSFER, Stage.EXEC, Stage.CLEANUP])
@pytest.mark.parametrize("rc", [0, 1])
def test_a_line_of_a_healthy_run_is_no_cause(line: str, stage: Stage, rc: int) -> None:
    """Even where the stage failed for another reason."""
    asked = case(stage, rc, f"{BANNER}\n{line}", session=True, exit_status=rc, phase=Phase.CHANNEL, earlier=worked())
    assert ids(asked) == []


def test_a_jump_host_s_refusal_names_the_jump_host() -> None:
    asked = case(CONNECT, 255, f"ops@bastion.example: Permission denied (publickey).\n{JUMP_END}", port=2222)
    match = only(asked, "auth-publickey")
    assert "ops at bastion.example" in match.explanation
    assert "jump host" in match.explanation
    assert match.fixes[0] == "ssh -v ops@bastion.example true"


@pytest.mark.parametrize(
    ("subject", "another_way"),
    [("the 'ssh' connection type with passwords", False), ("the password_mechanism=sshpass", True)],
)
def test_without_sshpass_ansibles_own_way_is_named_where_it_has_one(subject: str, another_way: bool) -> None:
    message = f"to use {subject}, you must install the sshpass program"
    fixes = only(message_case(message, word="failed"), "sshpass-missing").fixes
    assert ("ANSIBLE_SSH_PASSWORD_MECHANISM=ssh_askpass" in fixes) is another_way


def test_the_refused_user_is_no_advice() -> None:
    match = only(case(CONNECT, 255, "depoy@192.0.2.7: Permission denied (publickey)."), "auth-publickey")
    assert match.fixes[-1] == "ansible_user=NAME"
