"""`<X> …` lines of 2.0 to 2.19, a row each, and what each command is for."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.lines import addressed
from parsers.lines.addressed import Discovering, Established, Event, Executed, Put, Retrying, Tupled
from parsers.model import Command, Place, Stage, Tool


def executed(rest: bytes) -> Executed:
    """The event of an `EXEC` line."""
    event = addressed.event_of(rest)
    assert isinstance(event, Executed)
    return event


@pytest.mark.parametrize(
    ("line", "who"),
    [
        (b"<192.0.2.7> x", "192.0.2.7"),
        (b"<::1> x", "::1"),
        (b"<db1.example.org> x", "db1.example.org"),
        ("<wéb> x".encode(), "wéb"),
    ],
)
def test_who_a_line_is_about(line: bytes, who: str) -> None:
    found = addressed.split(line)
    assert found is not None
    assert (found.who, found.rest) == (who, b"x")


@pytest.mark.parametrize(
    "line", [b"<>", b"<> x", b"<a>x", b"<a", b" <a> x", b"<<a>> x", b"<" + b"a" * 300 + b"> x", b""]
)
def test_lines_about_nobody(line: bytes) -> None:
    assert addressed.split(line) is None


EVENTS: list[tuple[bytes, Event | None]] = [
    (b"ESTABLISH SSH CONNECTION FOR USER: deploy", Established("SSH", "deploy")),
    (b"ESTABLISH SSH CONNECTION FOR USER: None\r", Established("SSH", None)),
    (b"ESTABLISH LOCAL CONNECTION FOR USER: ops", Established("LOCAL", "ops")),
    (
        b"ESTABLISH PARAMIKO SSH CONNECTION FOR USER: deploy on PORT 22 TO 192.0.2.1",
        Established("PARAMIKO SSH", "deploy on PORT 22 TO 192.0.2.1"),
    ),
    (b"ESTABLISH kubectl CONNECTION", Established("kubectl", None)),
    (b"PUT /a/b TO /c/d", Put(False, "/a/b", "/c/d")),
    (b"PUT /a b TO /c d\r", Put(False, "/a b", "/c d")),
    (b"FETCH /c TO /a", Put(True, "/c", "/a")),
    (b"(0, b'x', b'')", Tupled(b"(0, b'x', b'')", None)),
    (b"(-9, b'x", Tupled(b"(-9, b'x", None)),
    (b"rc=3, stdout and stderr censored due to no log", Tupled(b"rc=3, stdout and stderr censored due to no log", 3)),
    (b"Attempting python interpreter discovery", Discovering()),  # 2.8-2.18
    (b"Attempting python interpreter discovery.", Discovering()),  # 2.19
    (b"ssh_retry: attempt: 1, ssh return code is 255. cmd ([b'ssh', ...), pausing for 0 seconds", Retrying()),
    (b"RETRYING BECAUSE OF CONTROLPERSIST BROKEN PIPE", Retrying()),
    # What looks like a failure, or is remote text, and means nothing here
    (b"Failed to connect to the host via ssh: Shared connection to 192.0.2.7 closed.", None),
    (b"SSH: Timeout (12s) waiting for the output", None),
    (b"Escalation succeeded", None),
    (b"SSH: SSH_AGENT adding SHA256:x to agent", None),
    (b"EXEC", None),
    (b"PUT nothing", None),
    (b"(smile)", None),
    (b"", None),
]


@pytest.mark.parametrize(("rest", "event"), EVENTS)
def test_events(rest: bytes, event: Event | None) -> None:
    assert addressed.event_of(rest) == event


EXECS = [
    # 2.0-2.2
    (
        (
            b"""SSH: EXEC ssh -C -vvv -o ControlMaster=auto -o Port=2222 -o User=deploy -o ConnectTimeout=10 """
            b"""-o ControlPath=/home/ops/.ansible/cp/ansible-ssh-%h-%p-%r -tt 192.0.2.7 'mkdir x'"""
        ),
        (Tool.SSH, 2222, "deploy", "/home/ops/.ansible/cp/ansible-ssh-%h-%p-%r", "mkdir x", False, True),
    ),
    # 2.8
    (
        (
            b"""SSH: EXEC ssh -C -o Port=22 -o 'User="deploy"' -o ControlPath=/h/.ansible/cp/db4888615b 192.0.2.7 """
            b"""'/bin/sh -c '"'"'echo ~deploy && sleep 0'"'"''"""
        ),
        (Tool.SSH, 22, "deploy", "/h/.ansible/cp/db4888615b", "/bin/sh -c 'echo ~deploy && sleep 0'", False, False),
    ),
    # 2.11-2.19
    (
        b"""SSH: EXEC ssh -vvv -C -o 'User="deploy"' -o 'ControlPath="/h/.ansible/cp/db4888615b"' -tt 192.0.2.7 'id'""",
        (Tool.SSH, None, "deploy", "/h/.ansible/cp/db4888615b", "id", False, True),
    ),
    # 2.19, with a password
    (
        b"""SSH: EXEC sshpass -d10 ssh -vvv -o NumberOfPasswordPrompts=1 -o 'User="deploy"' 192.0.2.7 uptime\r""",
        (Tool.SSH, None, "deploy", None, "uptime", True, True),
    ),
    # A user with a blank in the name, which the account lacks
    (b"""SSH: EXEC ssh -o 'User="de ploy"' 192.0.2.7 id""", (Tool.SSH, None, "de ploy", None, "id", False, False)),
    (b"""SSH: EXEC ssh -o User=de -o Port=3 192.0.2.7 id""", (Tool.SSH, 3, "de", None, "id", False, False)),
    (
        b"""SSH: EXEC sshpass -d10 -P 'Enter PIN for ' ssh 192.0.2.7 uptime""",
        (Tool.SSH, None, None, None, "uptime", True, False),
    ),
    (
        b"""SSH: EXEC sftp -b - -vvv -C -o Port=2222 '[192.0.2.7]'""",
        (Tool.SFTP, 2222, None, None, "[192.0.2.7]", False, True),
    ),
    (
        b"""SSH: EXEC scp -vvv -o Port=2222 /a/AnsiballZ_ping.py '[192.0.2.7]:/b/c'""",
        (Tool.SCP, 2222, None, None, "[192.0.2.7]:/b/c", False, True),
    ),
    (b"""SSH: EXEC /opt/ssh/bin/ssh 192.0.2.7 id""", (Tool.SSH, None, None, None, "id", False, False)),
    # A local connection
    (b"""EXEC /bin/sh -c 'echo ~ops'""", (Tool.LOCAL, None, None, None, "/bin/sh -c 'echo ~ops'", False, False)),
    # The remote command holds an ssh of its own, and words that are options elsewhere
    (
        b"""SSH: EXEC ssh -C 192.0.2.7 'ssh -vvv -o Port=99 -o User=eve -O check x'""",
        (Tool.SSH, None, None, None, "ssh -vvv -o Port=99 -o User=eve -O check x", False, False),
    ),
    # A command of several lines: the rest stands on the lines below
    (b"""SSH: EXEC ssh -C 192.0.2.7 'set -e""", (Tool.SSH, None, None, None, "set -e", False, False)),
    (b"""SSH: EXEC ssh -C 192.0.2.7 ''""", (Tool.SSH, None, None, None, "", False, False)),
]


@pytest.mark.parametrize(("rest", "parts"), EXECS)
def test_commands(rest: bytes, parts: tuple[object, ...]) -> None:
    found = executed(rest)
    options = (found.tool, found.port, found.user, found.control_path, found.text)
    assert (*options, found.sshpass, found.ssh_verbose) == parts


@pytest.mark.parametrize("what", [b"stop", b"check"])
def test_a_control_command_of_the_master_is_no_work(what: bytes) -> None:
    assert addressed.event_of(b"SSH: EXEC ssh -O " + what + b" -C 192.0.2.7") is None


# Not one that begins with `"'`: behind its opening quote that looks like an inner one.
_ARGUMENT = st.text(
    st.sampled_from("abc '\"\\$&;~/-=[]{}<>|\t") | st.characters(exclude_categories=["Cc", "Cs"]), max_size=40
).filter(lambda text: not text.startswith("\"'"))


@given(_ARGUMENT)
def test_the_remote_command_is_what_the_remote_shell_gets(text: str) -> None:
    """As Ansible prints it: every argument through shlex.quote."""
    command = ["ssh", "-vvv", "-o", 'User="deploy"', "192.0.2.7", text]
    line = " ".join(map(shlex.quote, command)).encode()
    assert addressed.last_argument(line) == text


@given(_ARGUMENT, _ARGUMENT)
def test_a_command_through_two_shells(inner: str, path: str) -> None:
    text = f"/bin/sh -c {shlex.quote(f'{inner} && {path}')}"
    event = executed(f"SSH: EXEC ssh -o Port=22 192.0.2.7 {shlex.quote(text)}".encode())
    assert (event.text, event.port) == (text, 22)


@given(st.binary(max_size=60))
def test_any_line_is_an_event_or_none(raw: bytes) -> None:
    for begin in (b"", b"SSH: EXEC ", b"SSH: EXEC sshpass -", b"EXEC ", b"(", b"PUT ", b"rc="):
        addressed.event_of(begin + raw)
    addressed.split(b"<" + raw)


TMP = "/home/deploy/.ansible/tmp/ansible-tmp-1795515307.87-4204-123456789"
OLD_TMP = "$HOME/.ansible/tmp/ansible-tmp-1457000000.12-123456789"
BECOME = "sudo -H -S -n -u root /bin/sh -c 'echo BECOME-SUCCESS-" + "a" * 32 + " ; "
PURPOSES = [
    # home: 2.3; 2.6 with a known user
    (Tool.SSH, "/bin/sh -c 'echo ~ && sleep 0'", Stage.HOME, None),
    (Tool.SSH, "/bin/sh -c 'echo ~deploy && sleep 0'", Stage.HOME, None),
    (Tool.SSH, "/bin/sh -c 'echo \"`pwd`\" && sleep 0'", Stage.HOME, None),
    # tmpdir: 2.0, 2.1-2.9, late 2.9 and 2.10
    (Tool.SSH, f"""/bin/sh -c '( umask 22 && mkdir -p "$( echo {OLD_TMP} )" )'""", Stage.TMPDIR, None),
    (Tool.SSH, f"""/bin/sh -c '( umask 77 && mkdir -p "` echo {TMP} `" && echo x="` echo {TMP} `" ) && sleep 0'""",
     Stage.TMPDIR, None),
    (Tool.SSH, f"""/bin/sh -c '( umask 77 && mkdir -p "` echo /x `"&& mkdir "` echo {TMP} `" && echo x ) && sleep 0'""",
     Stage.TMPDIR, None),
    # discovery: 2.8-2.18, 2.19
    (Tool.SSH, "/bin/sh -c 'echo PLATFORM; uname; echo FOUND; command -v python3; echo ENDFOUND && sleep 0'",
     Stage.DISCOVERY, None),
    (Tool.SSH, "/bin/sh -c 'echo FOUND; command -v python3; echo ENDFOUND && sleep 0'", Stage.DISCOVERY, None),
    # transfer
    (Tool.SFTP, "[192.0.2.7]", Stage.TRANSFER, "sftp"),
    (Tool.SCP, "[192.0.2.7]:/x", Stage.TRANSFER, "scp"),
    (Tool.SSH, f"dd of={TMP}/AnsiballZ_ping.py bs=65536", Stage.TRANSFER, "piped"),
    (Tool.SSH, "dd if=/etc/motd bs=65536", Stage.TRANSFER, "piped"),
    (Tool.SSH, "dd if=/dev/zero of=/tmp/x bs=1M count=1", Stage.EXEC, None),  # a user's own
    # chmod: up to 2.16, from 2.17 on; becoming an unprivileged user
    (Tool.SSH, f"/bin/sh -c 'chmod u+x {TMP}/ {TMP}/AnsiballZ_ping.py && sleep 0'", Stage.CHMOD, None),
    (Tool.SSH, f"/bin/sh -c 'chmod u+rwx {TMP}/ {TMP}/AnsiballZ_ping.py && sleep 0'", Stage.CHMOD, None),
    (Tool.SSH, f"/bin/sh -c 'setfacl -m u:app:r-x {TMP}/ && sleep 0'", Stage.CHMOD, None),
    (Tool.SSH, f"/bin/sh -c 'chown app {TMP}/ && sleep 0'", Stage.CHMOD, None),
    (Tool.SSH, f"/bin/sh -c 'chmod +a \"app allow read\" {TMP}/ && sleep 0'", Stage.CHMOD, None),
    (Tool.SSH, f"/bin/sh -c 'chmod A+user:app:rx:allow {TMP}/ && sleep 0'", Stage.CHMOD, None),
    (Tool.SSH, "chmod 755 /srv/www", Stage.EXEC, None),  # raw
    # exec: 2.0-2.4 with its rm; 2.5-2.19; pipelining; become; raw
    (Tool.SSH, f"/bin/sh -c '/usr/bin/python {OLD_TMP}/ping; rm -rf \"{OLD_TMP}\" > /dev/null 2>&1 && sleep 0'",
     Stage.EXEC, None),
    (Tool.SSH, f"/bin/sh -c '/usr/bin/python3 {TMP}/AnsiballZ_ping.py && sleep 0'", Stage.EXEC, None),
    (Tool.SSH, "/bin/sh -c '/usr/bin/python3 && sleep 0'", Stage.EXEC, None),
    (Tool.SSH, f"/bin/sh -c '{BECOME}/usr/bin/python3 {TMP}/AnsiballZ_ping.py' && sleep 0'", Stage.EXEC, None),
    (Tool.SSH, f"/bin/sh -c '{BECOME.replace(' ; ', '; ')}/usr/bin/python {OLD_TMP}/ping' && sleep 0'",
     Stage.EXEC, None),  # 2.0-2.7
    (Tool.SSH, "uptime", Stage.EXEC, None),
    (Tool.LOCAL, "/bin/sh -c 'echo ~ops && sleep 0'", Stage.HOME, None),
    # cleanup: 2.5-2.19
    (Tool.SSH, f"/bin/sh -c 'rm -f -r {TMP}/ > /dev/null 2>&1 && sleep 0'", Stage.CLEANUP, None),
    (Tool.SSH, "rm -f -r /srv/www", Stage.EXEC, None),  # raw
    # ansible_shell_executable
    (Tool.SSH, "/bin/bash -c 'echo ~deploy && sleep 0'", Stage.HOME, None),
    (Tool.SSH, f"/usr/local/bin/zsh -c 'chmod u+rwx {TMP}/ && sleep 0'", Stage.CHMOD, None),
    (Tool.SSH, f"bash -c 'rm -f -r {TMP}/ > /dev/null 2>&1 && sleep 0'", Stage.CLEANUP, None),
    (Tool.SSH, "/usr/bin/php -c 'echo ~deploy'", Stage.EXEC, None),  # raw
]  # fmt: skip


@pytest.mark.parametrize(("tool", "text", "stage", "method"), PURPOSES)
def test_what_a_command_is_for(tool: Tool, text: str, stage: Stage, method: str | None) -> None:
    about = addressed.purpose(tool, text)
    assert (about.stage, about.method) == (stage, method)
    assert about.become is ("BECOME-SUCCESS" in text)
    assert about.worker == (4204 if TMP in text else None)
    assert (about.tmp is not None) is ("ansible-tmp-" in text)


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("/bin/sh -c '/usr/bin/python3 && sleep 0'", True),
        ("/bin/sh -c '/opt/py/bin/python3.11 && sleep 0'", True),
        ("/bin/bash -c '/usr/bin/python3 && sleep 0'", True),
        (f"/bin/sh -c '{BECOME}/usr/bin/python3' && sleep 0'", True),
        (f"/bin/sh -c '/usr/bin/python3 {TMP}/AnsiballZ_ping.py && sleep 0'", False),
        ("/bin/sh -c 'echo python3 && sleep 0'", False),
        ("python3 -c 'print(1)'", False),
    ],
)
def test_an_interpreter_that_reads_its_program(text: str, reads: bool) -> None:
    assert addressed.purpose(Tool.SSH, text).stdin_python is reads


@pytest.mark.parametrize(
    ("announced", "printed", "same"),
    [("id", "id", True), ("set -e\nid", "set -e", True), ("set -e", "set -e\nid", True), ("id", "uptime", False)],
)
def test_an_announced_command_and_its_exec_line(announced: str, printed: str, same: bool) -> None:
    command = Command(0, Stage.EXEC, Tool.SSH, Place(0, 1), text=announced)
    event = executed(f"SSH: EXEC ssh 192.0.2.7 {shlex.quote(printed)}".encode())
    assert addressed.same(command, event) is same


@pytest.mark.parametrize(
    ("options", "tty", "proxy"),
    [
        (b"-C -o ControlMaster=auto", False, None),
        (b"-C -o ControlMaster=auto -tt", True, None),  # Ansible's own, right before the host
        (b"-tt -C", True, None),
        (b"-o RequestTTY=force", True, None),
        (b"-o 'requesttty yes'", True, None),
        (b"-o RequestTTY=no -T", False, None),
        (b"-o 'ProxyCommand=ssh -q -W %h:%p deploy@192.0.2.9'", False, "ssh -q -W %h:%p deploy@192.0.2.9"),
        (b"-o ProxyJump=deploy@192.0.2.9:2222", False, "deploy@192.0.2.9:2222"),
        (b"-J deploy@192.0.2.9,192.0.2.10", False, "deploy@192.0.2.9,192.0.2.10"),
    ],
)
def test_a_terminal_and_a_proxy_are_options_of_the_command(options: bytes, tty: bool, proxy: str | None) -> None:
    event = executed(b"SSH: EXEC ssh " + options + b" 192.0.2.7 '/bin/sh -c '\"'\"'echo -tt -J x && sleep 0'\"'\"''")
    assert (event.tty, event.proxy) == (tty, proxy)
    assert bool(event.options) is (proxy is not None)
