"""What breaks at night: the words and the commands that are given for it, from real runs of the lab."""

from __future__ import annotations

import pytest

from parsers.findings import Case, Confidence
from parsers.model import Stage
from parsers.ssh.transcript import Line, Phase
from tests.parsers.rules.cases import BANNER, case, ids, matches, message_case, only, worked

CONNECT, EXEC, TMPDIR = Stage.CONNECT, Stage.EXEC, Stage.TMPDIR
SHARED = f"{BANNER}\nShared connection to 192.0.2.7 closed."
KEY = "/home/ops/.ssh/id_ed25519 ED25519 SHA256:x"
DENIED = "root@192.0.2.7: Permission denied (publickey)."


def refused(user: str = "root", *, signed: bool = True, later: str = "") -> Case:
    asked = case(
        CONNECT,
        255,
        DENIED.replace("root", user),
        user=user,
        phase=Phase.AUTH,
        keys_offered=[KEY, later] if later else [KEY],
        keys_accepted=[KEY],
    )
    assert asked.command is not None
    sent = [("send", 50), ("receive", 60), *([("send", 50), ("receive", 51)] if signed or later else [])]
    asked.command.transcript.packets = sent
    return asked


def test_root_whose_key_is_right_and_who_may_not_log_in() -> None:
    match = only(refused(), "account-refused")
    assert match.confidence is Confidence.LIKELY
    assert match.explanation.endswith("root may not log in (PermitRootLogin).")
    assert match.fixes[0].startswith("sshd -T -C user=root | grep -iE 'permitrootlogin|")
    assert "ansible_become=true" in match.fixes


def test_another_user_whose_signature_was_there() -> None:
    match = only(refused("deploy"), "account-refused")
    assert match.explanation.endswith("its configuration or PAM does not let it in.")
    assert "ansible_become=true" not in match.fixes


def test_a_key_that_ssh_did_not_sign_with_has_a_passphrase() -> None:
    assert ids(refused(signed=False)) == ["key-passphrase"]
    # The answer is to the next key, which was offered behind it.
    assert ids(refused(signed=False, later="/home/ops/.ssh/other RSA SHA256:y")) == ["key-passphrase"]


def test_a_key_that_is_not_accepted_may_be_in_its_place() -> None:
    """StrictModes, `from=` and an expired entry look alike from here: adding the key again does not help."""
    asked = case(CONNECT, 255, DENIED.replace("root", "deploy"), phase=Phase.AUTH, keys_offered=[KEY])
    fixes = only(asked, "auth-publickey").fixes
    assert any(fix.startswith("journalctl -u ssh") and "correct key but" in fix for fix in fixes)


def test_the_public_half_of_a_key_is_no_matter_of_modes() -> None:
    err = (
        "Permissions 0644 for '/home/ops/.ssh/id_ed25519.pub' are too open.\n"
        'Load key "/home/ops/.ssh/id_ed25519.pub": bad permissions\n'
        "deploy@192.0.2.7: Permission denied (publickey)."
    )
    match = only(case(CONNECT, 255, err, phase=Phase.AUTH), "key-permissions")
    assert "It is the public half" in match.explanation
    assert match.fixes[0] == "ansible_ssh_private_key_file=/home/ops/.ssh/id_ed25519"
    assert not [fix for fix in match.fixes if fix.startswith("chmod")]


@pytest.mark.parametrize(
    ("path", "reason", "moved"),
    [
        ("/home/deploy/.ansible", "Not a directory", "/home/deploy/.ansible"),
        ("/home/deploy/.ansible", "File exists", "/home/deploy/.ansible"),
        ("/home/deploy/.ansible/tmp/ansible-tmp-1-2-3", "Not a directory", "/home/deploy/.ansible/tmp"),
    ],
)
def test_what_stands_in_the_way_is_moved_and_nothing_else(path: str, reason: str, moved: str) -> None:
    """GNU mkdir -p names the file itself: what is above it may be the whole home."""
    match = only(case(TMPDIR, 1, f"mkdir: cannot create directory '{path}': {reason}"), "tmpdir-permission")
    assert match.fixes[1] == f"mv {moved} {moved}.old"


def test_a_home_that_is_a_file() -> None:
    err = (
        "Could not chdir to home directory /home/deploy: Not a directory\n"
        "mkdir: cannot create directory '/home/deploy': Not a directory"
    )
    match = only(case(TMPDIR, 1, err), "home-missing")
    assert "is no directory" in match.explanation
    assert match.fixes[1].startswith("mv /home/deploy /home/deploy.old; install -d ")


RAISED = (
    '  File "/home/deploy/.ansible/tmp/ansible-tmp-1/AnsiballZ_ping.py", line 107, in <module>\n'
    "    _ansiballz_main()\nOSError: [Errno 28] No space left on device"
)


def test_a_full_tmp_is_not_helped_by_another_remote_tmp() -> None:
    """Python's tempfile asks TMPDIR, not Ansible: tried in the lab."""
    found = case(EXEC, 1, SHARED, RAISED, earlier=worked())
    assert "disk-full" in ids(found)
    match = matches(found)["disk-full"]
    assert match.fixes == (
        "ssh -p 22 deploy@192.0.2.7 'df -h /tmp /var/tmp; df -i /tmp /var/tmp'",
        "environment: {TMPDIR: /var/tmp}",
    )


def test_a_full_remote_tmp_elsewhere_is_looked_at_where_it_is() -> None:
    out = "dd: error writing '/tmp/.a/ansible-tmp-1-2-3/AnsiballZ_ping.py': No space left on device"
    match = only(case(Stage.TRANSFER, 1, out, earlier=worked()), "disk-full")
    assert match.fixes == (
        "ssh -p 22 deploy@192.0.2.7 'df -h /tmp/.a; df -i /tmp/.a'",
        "ssh -p 22 deploy@192.0.2.7 'rm -rf /tmp/.a/ansible-tmp-*'",
        "ansible_remote_tmp=~/.ansible/tmp",
    )


def test_a_noexec_tmp_is_looked_at_where_it_is() -> None:
    out = "/bin/sh: 1: /tmp/ansible-tmp-1-2-3/run.sh: Permission denied"
    asked = case(EXEC, 126, SHARED, out, earlier=worked(), action="script", exit_status=126)
    match = only(asked, "noexec-mount")
    assert match.fixes[:2] == ("ssh -p 22 deploy@192.0.2.7 'findmnt -T /tmp'", "ansible_remote_tmp=~/.ansible/tmp")
    usual = case(EXEC, 126, SHARED, out.replace("/tmp/", "/home/deploy/.ansible/tmp/"), earlier=worked())
    assert only(usual, "noexec-mount").fixes[1] == "ansible_remote_tmp=/var/tmp/.ansible"


@pytest.mark.parametrize(
    ("stage", "err"),
    [
        (Stage.HOME, "/bin/sh: 1: sleep: not found"),
        (TMPDIR, "/bin/sh: 1: mkdir: not found"),
        (TMPDIR, "/bin/bash: line 1: mkdir: command not found"),
        (TMPDIR, "zsh:1: command not found: mkdir"),
    ],
)
def test_a_path_without_the_ordinary_programs(stage: Stage, err: str) -> None:
    match = only(case(stage, 127, err, exit_status=127), "path-broken")
    assert "/usr/bin and /bin" in match.explanation
    assert match.fixes[0] == "ssh -p 22 deploy@192.0.2.7 'echo $PATH'"


def test_what_is_no_broken_path() -> None:
    assert "path-broken" not in ids(case(Stage.HOME, 0, "/bin/sh: 1: sleep: not found"))
    assert "path-broken" not in ids(case(TMPDIR, 1, "mkdir: cannot create directory '/x': Permission denied"))
    assert "path-broken" not in ids(case(EXEC, 127, SHARED, "/bin/sh: 1: mkdir: not found", action="raw"))


def test_an_option_stands_only_once_in_a_command() -> None:
    words = "deploy@192.0.2.7: Permission denied (publickey,password)."
    asked = case(CONNECT, 255, words, phase=Phase.AUTH, auth_tried=["password"])
    assert asked.command is not None
    option = ("-o", "PubkeyAuthentication=no")
    asked.command.options = (option, ("-o", "IdentitiesOnly=yes"))
    match = only(asked, "auth-password")
    assert match.fixes[0].count("PubkeyAuthentication=no") == 1
    assert "-o IdentitiesOnly=yes" in match.fixes[0]


def test_a_command_that_a_signal_ended_is_no_lost_connection() -> None:
    asked = case(Stage.HOME, 255, BANNER, session=True)
    assert asked.command is not None
    assert ids(asked) == ["connection-lost"]
    told = Line(900, 9, "debug1: client_input_channel_req: channel 2 rtype exit-signal reply 0", True)
    asked.command.transcript.exit_signal = told
    match = only(asked, "sshd-exit-signal")
    assert match.evidence[0].place.line == 9
    assert "the connection was there" in match.explanation


def test_a_command_before_the_module_that_was_killed() -> None:
    assert only(case(TMPDIR, 137, BANNER, exit_status=137), "sshd-exit-signal").confidence is Confidence.LIKELY
    assert "sshd-exit-signal" not in ids(case(TMPDIR, 1, BANNER, exit_status=1))
    assert "sshd-exit-signal" not in ids(case(EXEC, 137, SHARED, "Killed", earlier=worked(), exit_status=137))


def test_a_home_that_its_user_may_not_enter() -> None:
    err = (
        "Could not chdir to home directory /home/deploy: Permission denied\n"
        "mkdir: cannot create directory '/home/deploy': Permission denied"
    )
    match = only(case(TMPDIR, 1, err), "home-missing")
    assert "may not be entered by the user itself" in match.explanation
    assert match.fixes[1] == "chown deploy: /home/deploy; chmod u+rwx /home/deploy"


def test_a_become_program_of_the_inventory_that_is_not_there() -> None:
    out = "/bin/sh: 1: /opt/app/sudo: not found"
    match = only(case(EXEC, 127, SHARED, out, become=True, earlier=worked()), "become-program-missing")
    assert match.explanation.startswith("/opt/app/sudo is not at ")
    assert match.fixes[1] == "ansible_become_exe=sudo"


@pytest.mark.parametrize("raised", ["MemoryError", "OSError: [Errno 27] File too large"])
def test_an_exception_of_a_limit(raised: str) -> None:
    out = f"Traceback (most recent call last):\n  File x\n{raised}"
    match = only(case(EXEC, 1, SHARED, out, earlier=worked()), "module-traceback")
    assert match.fixes[0] == "ssh -p 22 deploy@192.0.2.7 'ulimit -a; free -m'"


def test_a_python_that_a_start_up_file_misleads() -> None:
    out = "Fatal Python error: init_fs_encoding: failed to get the Python codec of the filesystem encoding"
    match = only(case(EXEC, 1, SHARED, out, earlier=worked()), "python-broken")
    assert "PYTHONHOME or PYTHONIOENCODING" in match.explanation
    assert not [fix for fix in match.fixes if fix.startswith("ansible_python_interpreter")]
    other = "Fatal Python error: Segmentation fault"
    assert (
        "ansible_python_interpreter=/usr/bin/python3"
        in only(case(EXEC, 1, SHARED, other, earlier=worked()), "python-broken").fixes
    )


SU = "su  root -c '/bin/sh -c '\"'\"'echo BECOME-SUCCESS-" + "a" * 32 + "; id'\"'\"''"
OVER = "Timeout (12s) waiting for privilege escalation prompt: "


def test_su_that_asked_in_a_message_of_a_log_without_chunks() -> None:
    asked = case(EXEC, None, become=True, text=SU, message=f"ERROR! {OVER} Password: ", word="failed")
    name, match = next(iter(matches(asked).items()))
    assert name == "become-password-missing"
    assert match.explanation.startswith("su at ")
    assert not any("sudo -" in fix for fix in match.fixes)


def test_a_prompt_that_ansible_does_not_know_is_quoted() -> None:
    text = SU.replace("su  root", "dzdo -u root")
    match = only(
        case(EXEC, None, become=True, text=text, message=f"{OVER}Token code:", word="failed"), "become-timeout"
    )
    assert match.explanation.endswith(
        "It asked: Token code: Ansible does not know these words for a prompt, or had no password."
    )
    assert match.fixes[0].endswith("dzdo true'")


@pytest.mark.parametrize(
    "message",
    [
        "Failed to connect to the host via ssh: ",
        "Task failed: Failed to connect to the host via ssh: ",
        "Failed to connect to the host via ssh.",
        "ERROR! SSH encountered an unknown error during the connection. We recommend you re-run",
        'SSH Error: data could not be sent to remote host "db1". Make sure this host can be reached over ssh',
    ],
)
def test_ssh_that_ended_without_a_word(message: str) -> None:
    match = only(message_case(message), "data-not-sent")
    assert match.confidence is Confidence.POSSIBLE
    assert match.fixes[0] == "ssh -v db1 true"


def test_ssh_that_ended_with_a_word() -> None:
    assert "data-not-sent" not in ids(message_case(f"Failed to connect to the host via ssh: {DENIED}"))
    asked = case(CONNECT, 255, phase=Phase.AUTH, message="Failed to connect to the host via ssh: ", word="unreachable")
    assert "data-not-sent" not in ids(asked)


@pytest.mark.parametrize(("there", "look"), [("localhost", "sudo -k -n true"), ("db2", "ssh db2 'sudo -k -n true'")])
def test_a_delegated_task_failed_where_it_was_done(there: str, look: str) -> None:
    asked = message_case("Missing sudo password", word="failed", stage=EXEC)
    assert asked.task is not None
    asked.task.delegate = there
    match = only(asked, "become-password-missing")
    assert match.explanation.startswith(f"sudo at {there} asks")
    assert look in match.fixes


CHANGED = "Failed to connect to the host via ssh: @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n"


def test_a_host_key_that_changed_in_a_message_that_was_cut() -> None:
    match = only(message_case(f"{CHANGED}Offending ECDSA key in /root/.ssh/known_hosts:1\r\n"), "hostkey-changed")
    assert (match.confidence, match.phase) == (Confidence.LIKELY, "hostkey")
    assert "ssh-keygen -f /root/.ssh/known_hosts -R db1" in match.fixes


def test_mkdir_with_the_quotes_of_an_old_coreutils() -> None:
    said = "mkdir: cannot create directory `/srv/home/.ansible': Permission denied"
    match = only(case(TMPDIR, 1, said), "tmpdir-permission")
    assert match.explanation.startswith("deploy cannot create /srv/home/.ansible on ")
