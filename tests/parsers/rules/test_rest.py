"""The rest of the catalogue: a true case and a near miss each, in the words of the reference, by version."""

from __future__ import annotations

import pytest

from parsers.findings import Case, Confidence, rules
from parsers.model import Command, Place, Stage, Status, Tool
from parsers.rules._transfer import attempts_before
from parsers.ssh.transcript import Line, Phase, PhaseStep
from scripts.pages import LEFT_OUT
from tests.parsers.rules.cases import (
    BANNER,
    case,
    command,
    control,
    ids,
    matches,
    message_case,
    only,
    run_case,
    transcript,
    well,
    worked,
)

CONNECT, EXEC, RESULT = Stage.CONNECT, Stage.EXEC, Stage.RESULT
DENIED = "deploy@192.0.2.7: Permission denied (publickey)."
SHARED = f"{BANNER}\nShared connection to 192.0.2.7 closed."
JUMP_END = "kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535"
UNPRIVILEGED = (
    "Failed to set permissions on the temporary files Ansible needs to create when becoming an unprivileged user "
    "(rc: 1, err: chmod: invalid mode: 'A+user:www:rx:allow'\n"
)
NO_JSON = "Module result deserialization failed: No start of json char found"
NO_TMPDIR = "Failed to create temporary directory. In some cases, … Failed command was: ( umask 77 && mkdir -p x )"
OLD_NO_JSON = "MODULE FAILURE\nSee stdout/stderr for the exact error"


def failed(message: str, stage: Stage = RESULT) -> Case:
    """A task that failed with a message and without a command of its own."""
    return message_case(message, word="failed", stage=stage)


def at_last(last: str, rc: int | None = None, err: str = "", stage: Stage = CONNECT) -> Case:
    """A command whose ssh spoke last in its debug text."""
    made = case(stage, rc, err, phase=Phase.KEX)
    assert made.command is not None
    made.command.transcript.last_debug = Line(70, 7, last, True)
    assert made.stage is not None
    if rc is None:
        made.stage.status = Status.STALLED
        made.stage.silent = 30.0
    return made


def gssapi(rc: int | None, err: str, tried: list[str]) -> Case:
    """A login that got as far as `tried`."""
    return case(CONNECT, rc, err, phase=Phase.AUTH, auth_tried=tried)


def accepted(err: str) -> Case:
    """The login worked; no session followed."""
    made = case(CONNECT, 255, err, phase=Phase.AUTH)
    assert made.command is not None
    made.command.transcript.auth_method = "publickey"
    return made


def acl(*said: str, message: str = UNPRIVILEGED) -> Case:
    """The chain of becoming an unprivileged user, with what its commands said."""
    tries = [command(Stage.CHMOD, 127, transcript(text)) for text in said]
    return case(Stage.CHMOD, 1, "chmod: invalid mode", earlier=[*worked(), *tries], message=message, word="failed")


def transfer(tool: Tool, rc: int | None, text: str, earlier: list[Command]) -> Case:
    """A transfer with `tool` that ended with `rc`."""
    return case(Stage.TRANSFER, rc, text, tool=tool, earlier=earlier)


def attempt(tool: Tool, text: str, started: float) -> Command:
    """An attempt of a smart transfer that failed: no tuple."""
    made = command(Stage.TRANSFER, None, transcript(text), tool=tool, remote_path="/home/deploy/.ansible/tmp/x")
    made.started = started
    return made


def fallback(*attempts: Command, home: str = "/home/deploy") -> Case:
    """A smart transfer whose last way, piped, worked."""
    before = [command(Stage.HOME, 0, transcript(BANNER, home)), *attempts]
    made = well(case(Stage.TRANSFER, 0, "1+1 records in", earlier=before))
    assert made.command is not None
    made.command.attempt = len(attempts) + 1
    made.command.started = 105.0
    return made


def open_exec(out: str, silent: float = 60.0, *, password: bool = False, version: str = "2.16.3") -> Case:
    """A command that the log shows open at its end."""
    made = case(EXEC, None, "", out)
    assert made.stage is not None
    assert made.command is not None
    made.stage.status = Status.STALLED
    made.stage.silent = silent
    made.command.closed = None
    made.command.password = password
    made.run.debug = made.run.ssh_debug = True
    made.run.ansible_version = version
    assert made.task is not None
    made.task.results = []
    return made


def broken_pipe_retried() -> Case:
    """The second attempt worked."""
    first = command(Stage.TMPDIR, 255, transcript("mux_client_hello_exchange: write packet: Broken pipe"))
    made = well(case(Stage.TMPDIR, 0, "", "ansible-tmp-1=/home/deploy/.ansible/tmp/ansible-tmp-1", earlier=[first]))
    assert made.command is not None
    made.command.attempt = 2
    return made


def refused_session() -> Case:
    """A command that opened a connection of its own."""
    made = well(
        case(
            EXEC,
            0,
            "mux_client_request_session: session request failed: Session open refused by peer\n"
            "ControlSocket /home/ops/.ansible/cp/8e6fcde291 already exists, disabling multiplexing",
            "{}",
        )
    )
    assert made.command is not None
    made.command.started = 10.0
    made.command.transcript.steps = [PhaseStep(Phase.AUTH, 1, 10.1, 10.5, done=True)]
    return made


def swallowed() -> Case:
    """sudo refused in words that hold Ansible's mark, which Ansible then takes out."""
    return case(EXEC, 1, SHARED, become=True, message=NO_JSON, word="failed")


def unshown_password(methods: list[str]) -> Case:
    """A refused login without ssh's debug text, of a command that may use a password."""
    made = case(CONNECT, 255, f"deploy@192.0.2.7: Permission denied ({','.join(methods)}).")
    assert made.command is not None
    made.command.password = True
    return made


def greeted(words: str) -> Case:
    """A server whose first line is no version."""
    made = case(CONNECT, 255, "kex_exchange_identification: Connection closed by remote host", phase=Phase.KEX)
    assert made.command is not None
    text = f"debug1: kex_exchange_identification: banner line 0: {words}"
    made.command.transcript.greeting = Line(60, 6, text, True)
    return made


def repeated_command(end: str = " && sleep 0") -> Case:
    """The answer to mkdir began with the command itself."""
    name = "ansible-tmp-1795524959.6554043-4209-61398691214957"
    asked = f"/bin/sh -c '( umask 77 && mkdir -p x && echo {name}=x ){end}'\n{name}=/home/deploy/.ansible/tmp/{name}"
    earlier = [command(Stage.TMPDIR, 0, transcript(BANNER, asked))]
    made = case(Stage.TRANSFER, 1, "dd: failed to open 'x': No such file or directory", earlier=earlier)
    assert made.command is not None
    made.command.text = f"dd of={name}=/home/deploy/.ansible/tmp/{name}/AnsiballZ_ping.py"
    return made


def large() -> Case:
    """A command with megabytes of output."""
    made = well(case(EXEC, 0, "", "{}"))
    assert made.command is not None
    made.command.stdout_bytes = 12_000_000
    return made


def censored(rc: int) -> Case:
    """`rc=1, stdout and stderr censored due to no log`."""
    made = case(EXEC, rc, message="the output has been hidden", word="failed")
    assert made.command is not None
    made.command.stdout_bytes = None
    return made


def left_behind(rc: int) -> Case:
    """A cleanup that ended with `rc`."""
    return well(case(Stage.CLEANUP, rc, earlier=worked()))


def whole_run(*, debug: bool, ssh_debug: bool, verbosity: int, rc: int = 255) -> Case:
    """A run of which one host was lost."""
    made = case(CONNECT if rc == 255 else EXEC, rc, "ssh: connect to host 192.0.2.7 port 22: Connection refused")
    made.run.debug, made.run.ssh_debug, made.run.verbosity = debug, ssh_debug, verbosity
    return Case(made.run)


def retried(err: str, action: str = "ping") -> Case:
    """ssh failed with `err`, and the second attempt worked."""
    first = command(Stage.HOME, 255, transcript(err))
    first.started = 10.0
    made = well(case(Stage.HOME, 0, "", "/home/deploy", earlier=[first], action=action))
    assert made.command is not None
    made.command.attempt, made.command.started = 2, 12.5
    return made


def nothing_to_do(text: str) -> Case:
    """`ansible` with a pattern that fits nothing: no recap."""
    made = run_case(text)
    made.run.recap = None
    return made


LOCALE = "ERROR: Ansible requires the locale encoding to be UTF-8; Detected None."
UNSUPPORTED = "ERROR: Ansible could not initialize the preferred locale: unsupported locale setting"
TOO_OLD = "ERROR: Ansible requires Python 3.11 or newer on the controller. Current version: 3.9.2 (default)"
BLOCKING = "ERROR: Ansible requires blocking IO on stdin/stdout/stderr. Non-blocking file handles detected: <stdout>"
NO_HOSTS = "ERROR! Specified inventory, host pattern and/or --limit leaves us with no hosts to target."
VAULT = "ERROR! Attempting to decrypt but no vault secrets found"
BECOME = (
    "Invalid become method specified, could not find matching plugin: 'sudoo'. Use `ansible-doc -t become -l` to list "
    "available plugins."
)
NO_SSH = (
    "Unable to execute ssh command line on a controller due to: [Errno 2] No such file or directory: b'ssh': b'ssh'"
)
NO_RIGHT = "Unable to execute ssh command line on a controller due to: [Errno 13] Permission denied: b'/opt/wrapper'"
OLD_SSHPASS = (
    "sshpass error: Installed sshpass version does not support customized password prompts. Upgrade sshpass to use "
    "sshpass_prompt, or otherwise switch to ssh keys."
)
LONG = "/home/" + "x" * 120
NO_SOCKETS = "Control socket connect(/mnt/c/cp/1): Connection refused\nFailed to connect to new control master"
DEAD = "ERROR! A worker was found in a dead state"
ANNOTATIONS = (
    'Traceback (most recent call last):\n  File "<stdin>", line 12\nSyntaxError: future feature annotations is '
)
SIX = (
    "Traceback (most recent call last):\n"
    '  File "<stdin>", line 107, in <module>\n'
    "ModuleNotFoundError: No module named 'ansible.module_utils.six.moves'"
)
HASH = (
    "ERROR:root:code for hash md5 was not found.\nTraceback (most recent call last):\nValueError: unsupported hash type"
)
NO_TMP = (
    "Traceback (most recent call last):\n"
    "FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/var/tmp', '/usr/tmp', '/home/u']"
)
PYENV = "pyenv: python3.13: command not found\n\nThe `python3.13' command exists in these Python versions:\n  3.13.1\n"
UTF8 = 'Module "community.general.x" returned non UTF-8 data in the JSON response.'

TRUE_CASES = [
    ("control-locale", control(LOCALE)),
    ("control-locale", control(LOCALE.replace("None", "ISO8859-1"))),
    ("control-locale", control(UNSUPPORTED)),
    ("control-python-too-old", control(TOO_OLD)),
    ("control-python-too-old", control(TOO_OLD.replace("3.11", "3.8"))),
    ("control-nonblocking-io", control(BLOCKING)),
    ("control-config-invalid", control("ERROR: Unsupported configuration file extension for /dev/null: ")),
    ("control-config-invalid", control("ERROR: Error reading config file (/srv/ansible.cfg): no section headers")),
    (
        "control-config-ignored",
        run_case("[WARNING]: Ansible is being run in a world writable directory (/mnt/c/play), ignoring it as an"),
    ),
    ("inventory-empty", control(NO_HOSTS)),
    ("inventory-empty", control(NO_HOSTS.replace("ERROR! ", "[ERROR]: "))),
    ("inventory-empty", run_case("[WARNING]: Could not match supplied host pattern, ignoring: webb")),
    ("inventory-empty", run_case("[WARNING]: No inventory was parsed, only implicit localhost is available")),
    ("inventory-empty", run_case("[WARNING]: Unable to parse /srv/hosts as an inventory source")),
    ("inventory-empty", nothing_to_do("[WARNING]: No hosts matched, nothing to do")),
    ("retry-worked", retried("ssh: connect to host 192.0.2.7 port 22: Connection refused")),
    ("retry-worked", retried("kex_exchange_identification: read: Connection reset by peer")),
    ("vault-secret-missing", control(VAULT)),
    ("vault-secret-missing", failed("Task failed: Attempting to decrypt but no vault secrets found.")),
    (
        "vault-secret-missing",
        control("ERROR! Decryption failed (no vault secrets were found that could decrypt) on /srv/vars.yml"),
    ),
    ("connection-plugin-missing", failed("the connection plugin 'sshh' was not found")),
    ("connection-plugin-missing", failed("Task failed: the connection plugin 'sshh' was not found")),
    ("become-plugin-missing", failed(BECOME)),
    ("ssh-client-missing", failed(NO_SSH)),
    ("ssh-client-missing", failed(f"Task failed: {NO_SSH}", CONNECT)),
    ("sshpass-too-old", failed(OLD_SSHPASS)),
    ("controlpath-not-writable", failed("Cannot write to ControlPath /home/ops/.ansible/cp")),
    ("controlpath-too-long", case(CONNECT, 255, f"ControlPath too long ('{LONG}' >= 108 bytes)")),
    ("controlpath-too-long", case(CONNECT, 255, f"ControlPath too long ('{LONG}' >= 104 bytes)")),
    ("controlpath-too-long", case(CONNECT, 255, f'unix_listener: "{LONG}" too long for Unix domain socket')),
    (
        "controlpath-too-long",
        message_case(f"Failed to connect to the host via ssh: ControlPath too long ('{LONG}' >= 108 bytes)"),
    ),
    ("controlpath-no-sockets", case(CONNECT, 255, NO_SOCKETS)),
    ("ssh-config-invalid", case(CONNECT, 255, "command-line: line 0: Bad configuration option: foo")),
    ("ssh-config-invalid", case(CONNECT, 255, "command-line line 0: Bad port '99999'.")),
    ("ssh-config-invalid", case(CONNECT, 255, "unknown option -- Z\nusage: ssh [-46AaCfGgKkMNnqsTtVvXxYy]")),
    ("ssh-config-invalid", failed("Task failed: No closing quotation", Stage.CONTROL)),
    (
        "ssh-config-invalid",
        case(
            CONNECT,
            255,
            "/home/ops/.ssh/config: line 3: Bad configuration option: foo\n"
            "/home/ops/.ssh/config: terminating, 1 bad configuration options",
        ),
    ),
    ("ssh-config-invalid", case(CONNECT, 255, "Bad owner or permissions on /home/ops/.ssh/config")),
    ("control-open-files", failed("OSError: [Errno 24] Too many open files")),
    ("control-open-files", control("ERROR! Unexpected Exception: filedescriptor out of range in select()")),
    ("control-out-of-memory", control("ERROR! Unexpected Exception: [Errno 12] Cannot allocate memory")),
    ("control-log-path", run_case("[WARNING]: log file at '/var/log/a.log' is not writeable and we cannot create it")),
    ("gssapi-slow", gssapi(255, "Connection to 192.0.2.7 port 22 timed out", ["gssapi-with-mic"])),
    ("gssapi-slow", gssapi(None, "", ["gssapi-with-mic"])),
    ("rsa-sha1-refused", case(CONNECT, 255, f"sign_and_send_pubkey: no mutual signature supported\n{DENIED}")),
    ("jump-ipv6-brackets", case(CONNECT, 255, f"Bad stdio forwarding specification '2001:db8::1:22'\n{JUMP_END}")),
    ("account-refused", accepted("Connection closed by 192.0.2.7 port 22")),
    ("account-refused", accepted("Connection to 192.0.2.7 closed by remote host.")),
    (
        "account-refused",
        case(
            CONNECT,
            255,
            '"System is booting up. Unprivileged users are not permitted to log in yet. Please come back later."\n'
            "Connection closed by 192.0.2.7 port 22",
        ),
    ),
    (
        "account-refused",
        case(
            Stage.HOME,
            1,
            "WARNING: Your password has expired.\nPassword change required but no TTY available.",
            session=True,
            exit_status=1,
        ),
    ),
    ("mux-session-refused", refused_session()),
    ("mux-broken-pipe", broken_pipe_retried()),
    ("mux-broken-pipe", case(EXEC, 255, "mux_client_hello_exchange: write packet: Broken pipe")),
    ("mux-broken-pipe", message_case("Data could not be sent because of ControlPersist broken pipe.")),
    ("mux-stale", at_last("debug1: auto-mux: Trying existing master")),
    ("mux-stale", at_last("debug1: auto-mux: Trying existing master at '/home/ops/.ansible/cp/1'")),
    ("mtu-stall", at_last("debug1: expecting SSH2_MSG_KEX_ECDH_REPLY")),
    ("mtu-stall", at_last("debug1: SSH2_MSG_KEXINIT sent", 255, "Connection to 192.0.2.7 port 22 timed out")),
    ("restricted-shell", case(Stage.HOME, 1, "rbash: /bin/sh: restricted: cannot specify `/' in command names")),
    ("restricted-shell", case(Stage.HOME, 1, "", "*** forbidden shell escape: sh -c")),
    ("restricted-shell", case(Stage.HOME, 0, "", "% Invalid input detected at '^' marker.")),
    (
        "audit-shell-noise",
        case(Stage.TMPDIR, 1, "mkdir: cannot create '~deploy && sleep 0/.ansible/tmp'", "", text="x"),
    ),
    # 2.21 sends no sleep.
    (
        "audit-shell-noise",
        case(Stage.TMPDIR, 1, text="/bin/sh -c '( umask 77 && mkdir -p echo ~deploy'/.ansible/tmp )'"),
    ),
    (
        "tmpdir-unresolved",
        failed(
            "failed to resolve remote temporary directory from ansible-tmp-1-2-3: `( umask 77 && mkdir -p x )` "
            "returned empty string"
        ),
    ),
    (
        "module-tmpdir-permission",
        failed(
            "Failed to create remote module tmp path at dir /var/www/.ansible/tmp with prefix "
            "ansible-moduletmp-1-: [Errno 13] Permission denied"
        ),
    ),
    ("selinux-context", case(Stage.HOME, 1, "", "Unable to get valid context for deploy")),
    ("selinux-context", case(EXEC, 126, "/bin/sh: /bin/sh: Permission denied")),
    ("scp-uses-sftp", transfer(Tool.SCP, 255, "sh: scp: command not found\nlost connection", worked())),
    ("sftp-bad-arguments", transfer(Tool.SFTP, 1, "usage: sftp [-46AaCfNpqrv] [-B buffer_size]", worked())),
    ("ssh-wrapper-not-executable", failed(NO_RIGHT)),
    (
        "ssh-wrapper-not-executable",
        transfer(Tool.SFTP, 255, "/bin/sh: 1: exec: /opt/sftpwrapper.py: Permission denied", worked()),
    ),
    ("transfer-truncated", case(EXEC, 1, SHARED, "zipimport.ZipImportError: bad local header: '/x/AnsiballZ_ping.py'")),
    ("transfer-truncated", case(EXEC, 1, SHARED, "Traceback (most recent call last):\nzlib.error: Error -3")),
    ("transfer-source-missing", failed("file or module does not exist: /home/ops/.ansible/tmp/ansible-local-1/tmp2")),
    (
        "data-not-sent",
        message_case(
            'Data could not be sent to remote host "192.0.2.7". Make sure this host can be reached over ssh: '
        ),
    ),
    ("chmod-failed", failed("Failed to set execute bit on remote files (rc: 1, err: chmod: x)", Stage.CHMOD)),
    ("chmod-failed", failed("Task failed: Failed to set permissions on remote files (rc: 1, err: x)", Stage.CHMOD)),
    ("acl-missing", acl("/bin/sh: 1: setfacl: not found", "chown: changing ownership: Operation not permitted")),
    ("acl-missing", failed(UNPRIVILEGED, Stage.CHMOD)),
    ("acl-unsupported", acl("setfacl: /home/deploy/x: Operation not supported")),
    (
        "acl-unsupported",
        failed(
            "Failed to change ownership of the temporary files Ansible (via chmod nor setfacl) needs to create despite "
            "connecting as a privileged user."
        ),
    ),
    ("python-shim", case(EXEC, 127, SHARED, PYENV)),
    ("python-shim", case(EXEC, 1, SHARED, "xcode-select: note: no developer tools were found at '/Applications'")),
    ("python-too-old", case(EXEC, 1, SHARED, f"{ANNOTATIONS}not defined")),
    (
        "python-too-old",
        failed("ansible-core requires a minimum of Python version 3.8. Current version: 3.6.8 (default, …)"),
    ),
    ("python-too-old", failed("Ansible requires a minimum of Python2 version 2.6 or Python3 version 3.5.")),
    (
        "python-too-old",
        failed("Ansible requires Python 3.9 or newer on the target. Current version: 3.4.10 (default)"),
    ),
    ("python-too-new", case(EXEC, 1, SHARED, SIX)),
    ("python-library-missing", failed("Failed to import the required Python library (docker) on db1's Python /x.")),
    (
        "python-library-missing",
        failed("Could not import the dnf python module using /usr/bin/python3.11 (3.11.2). Please install …"),
    ),
    (
        "python-library-missing",
        failed("Aborting, target uses selinux but python bindings (libselinux-python) aren't installed!"),
    ),
    ("python-broken", case(EXEC, 1, SHARED, HASH)),
    ("target-tmp-not-writable", case(EXEC, 1, SHARED, NO_TMP)),
    ("target-tmp-not-writable", case(EXEC, 1, SHARED, "NameError: name 'temp_path' is not defined")),
    ("noexec-mount", case(EXEC, 126, SHARED, "/bin/sh: /home/deploy/.ansible/tmp/x/AnsiballZ_x: Permission denied")),
    ("result-noise", case(EXEC, 0, SHARED, "{ session started\n{}", message=NO_JSON, word="failed")),
    ("result-noise", run_case("[WARNING]: Module invocation had junk after the JSON data: \x1b]3008;start=1")),
    ("result-not-utf8", failed(UTF8)),
    (
        "result-not-utf8",
        failed(
            "Task failed: Refusing to deserialize an invalid UTF8 string value: 'utf-8' codec can't encode character"
        ),
    ),
    ("become-not-allowed", swallowed()),
    ("connection-lost", case(Stage.DISCOVERY, 255, "", earlier=worked())),
    ("auth-password", unshown_password(["password"])),
    (
        "connection-lost",
        message_case("Failed to connect to the host via ssh: client_loop: send disconnect: Broken pipe"),
    ),
    (
        "transfer-permission",
        failed('failed to transfer file to /x /y:\n\nremote open("/home/u/y"): Permission denied\n', Stage.TRANSFER),
    ),
    ("tmpdir-permission", message_case(f"{NO_TMPDIR}, exited with result 1", stage=Stage.TMPDIR)),
    ("auth-publickey", case(CONNECT, 255, "Permission denied (publickey,gssapi-keyex,gssapi-with-mic).")),
    ("auth-publickey", message_case("Failed to connect to the host via ssh: Permission denied (publickey,password).")),
    (
        "account-refused",
        case(Stage.HOME, 254, "There were too many logins for 'deploy'.", session=True, exit_status=254),
    ),
    ("not-ssh", greeted("HTTP/1.1 400 Bad Request")),
    (
        "controlpath-not-writable",
        failed("Unable to create local directories '/usr/lib/cp': [Errno 13] Permission denied: b'/usr/lib/cp'"),
    ),
    (
        "controlpath-not-writable",
        failed("Unable to create local directories b'/usr/lib/cp': [Errno 13] Permission denied: b'/usr/lib/cp'"),
    ),
    ("result-not-json", case(EXEC, 0, SHARED, message=NO_JSON, word="failed")),
    ("result-not-json", case(EXEC, 0, SHARED, message=OLD_NO_JSON, word="failed")),
    ("result-not-json", case(EXEC, 0, SHARED, "The index was rebuilt.", message=NO_JSON, word="failed")),
    ("result-not-json", case(EXEC, 0, SHARED, '{"changed": fal', message=NO_JSON, word="failed")),
    ("mux-exitval-twice", case(EXEC, 255, "mux_client_request_session: exitval sent twice")),
    ("exec-held-open", open_exec('{"ping": "pong", "invocation": {}}')),
    ("sshpass-hang", open_exec("", password=True)),
    ("huge-output", large()),
    ("cleanup-failed", left_behind(1)),
    ("cleanup-failed", run_case("[WARNING]: Error deleting remote temporary files (rc: 1, stderr: …})")),
    ("worker-died", control("ERROR! WORKER HARD EXIT: boom")),
    ("no-log", censored(1)),
    ("no-log", failed("<error censored due to no log>")),
    ("ssh-debug-off", whole_run(debug=True, ssh_debug=False, verbosity=4)),
    ("ansible-debug-off", whole_run(debug=False, ssh_debug=True, verbosity=4)),
]


def test_a_shell_that_repeats_the_command_comes_before_the_file_that_cannot_be_opened() -> None:
    assert ids(repeated_command()) == ["audit-shell-noise", "transfer-permission"]
    # From 2.21 on no sleep follows: what the shell gave back is shown all the same.
    for asked in (repeated_command(), repeated_command("")):
        assert "umask 77 && mkdir" in matches(asked)["audit-shell-noise"].evidence[0].text


def test_sshd_s_last_words_are_told() -> None:
    match = only(greeted("Exceeded MaxStartups"), "kex-closed")
    assert match.evidence[0].text.endswith("Exceeded MaxStartups")


@pytest.mark.parametrize(("rule_id", "asked"), TRUE_CASES)
def test_the_only_match(rule_id: str, asked: Case) -> None:
    match = only(asked, rule_id)
    assert match.evidence
    assert match.explanation.strip()
    assert match.fixes


def test_a_run_that_lost_a_host_and_shows_nothing_of_it_has_both_advices() -> None:
    found = ids(whole_run(debug=False, ssh_debug=False, verbosity=4))
    assert found == ["ssh-debug-off", "ansible-debug-off"]


def test_a_worker_that_died_without_a_word() -> None:
    found = matches(control(DEAD))
    assert list(found) == ["control-out-of-memory", "worker-died"]
    assert found["control-out-of-memory"].confidence is Confidence.POSSIBLE
    assert found["worker-died"].confidence is Confidence.CERTAIN


def test_the_guess_after_a_broken_discovery() -> None:
    warning = "[WARNING]: Unhandled error in Python interpreter discovery for host db1:"
    lost = "/bin/sh: 1: /usr/bin/python: not found"
    assert ids(case(EXEC, 127, SHARED, lost, warnings=[warning])) == ["discovery-on-broken-connection"]
    other = warning.replace("db1", "db2")
    assert ids(case(EXEC, 127, SHARED, lost, warnings=[other])) == ["python-wrong-path"]


def test_a_fallback_that_worked_says_what_it_cost() -> None:
    closed = [attempt(Tool.SFTP, "Connection closed", 100.0), attempt(Tool.SCP, "scp: Connection closed", 102.0)]
    found = matches(fallback(*closed))
    assert list(found) == ["sftp-subsystem-missing", "scp-uses-sftp"]
    match = found["sftp-subsystem-missing"]
    assert match.explanation.endswith("The next way worked; 1 transfer of this host took 5.00 s longer.")
    noisy = [attempt(Tool.SFTP, "Received message too long 1466264675", 100.0)]
    assert only(fallback(*noisy), "profile-noise").explanation.endswith("5.00 s longer.")


def test_only_the_first_way_of_a_transfer_has_its_path() -> None:
    """As in real logs: Ansible prints `PUT` once, before the first."""
    tries = [attempt(Tool.SFTP, "", 100.0), attempt(Tool.SCP, "", 102.0)]
    tries[1].remote_path = None
    made = fallback(*tries)
    assert made.command is not None
    made.command.remote_path = None
    tries[0].method = "sftp"
    warning = "[WARNING]: sftp transfer mechanism failed on [192.0.2.7]. Use ANSIBLE_DEBUG=1 to see detailed"
    made.run.warnings.append((Place(70, 7), warning))
    match = only(made, "sftp-subsystem-missing")
    assert [proof.text for proof in match.evidence] == [warning]
    assert match.explanation.endswith("1 transfer of this host took 5.00 s longer.")
    assert attempts_before(made.command) == tries
    # Another file's attempts are not this one's.
    made.command.remote_path = "/home/deploy/.ansible/tmp/y"
    tries[1].remote_path = "/home/deploy/.ansible/tmp/y"
    assert attempts_before(made.command) == tries[1:]


def test_a_server_that_writes_no_file_while_a_command_does() -> None:
    refused = 'dest open "/home/deploy/.ansible/tmp/x": Permission denied'
    tries = [attempt(Tool.SFTP, refused, 100.0), attempt(Tool.SCP, f"scp: {refused}", 102.0)]
    match = only(fallback(*tries), "transfer-permission")
    assert match.confidence is Confidence.LIKELY
    assert "is read-only or shows another tree" in match.explanation
    assert match.explanation.endswith("1 transfer of this host took 5.00 s longer.")


def test_a_log_without_times_tells_no_seconds() -> None:
    tries = [attempt(Tool.SFTP, "", 100.0), attempt(Tool.SCP, "", 102.0)]
    for one in tries:
        one.started = None
    made = fallback(*tries)
    match = only(made, "sftp-subsystem-missing")
    assert "0.00 s" not in match.explanation
    assert "without ANSIBLE_DEBUG its words are not in the log" in match.explanation
    made.run.debug = True
    assert f"its words stand behind line {tries[0].opened.line}" in only(made, "sftp-subsystem-missing").explanation


def test_a_fallback_whose_words_are_not_known() -> None:
    silent = [attempt(Tool.SFTP, "", 100.0), attempt(Tool.SCP, "", 102.0)]
    assert only(fallback(*silent), "sftp-subsystem-missing").confidence is Confidence.POSSIBLE
    silent = [attempt(Tool.SFTP, "", 100.0), attempt(Tool.SCP, "", 102.0)]
    match = only(fallback(*silent, home="Welcome to db1\n/home/deploy"), "profile-noise")
    assert match.confidence is Confidence.LIKELY
    assert match.evidence[0].text == "Welcome to db1"


def test_what_a_retry_cost() -> None:
    match = only(retried("ssh: connect to host 192.0.2.7 port 22: Connection refused"), "retry-worked")
    assert match.explanation == (
        "Attempt 2 of a command at 192.0.2.7:22 worked, 2.5 s after the first. The first said: ssh: connect to host "
        "192.0.2.7 port 22: Connection refused."
    )


def test_what_is_left_out_has_no_rule() -> None:
    assert not set(LEFT_OUT) & set(rules())


def test_what_refused_sessions_cost() -> None:
    match = only(refused_session(), "mux-session-refused")
    assert match.explanation == (
        "One command at 192.0.2.7:22 found the shared connection full and opened another one, which took about 0.5 s "
        "in all."
    )


def test_the_cause_is_not_the_last_fallback() -> None:
    match = only(acl("/bin/sh: 1: setfacl: not found"), "acl-missing")
    assert match.confidence is Confidence.CERTAIN
    assert match.evidence[0].text == "/bin/sh: 1: setfacl: not found"


NEAR_MISSES = [
    ("control-locale", case(Stage.HOME, 1, "bash: warning: setlocale: LC_ALL: cannot change locale (ja_JP.UTF-8)")),
    ("control-python-too-old", failed("ansible-core requires a minimum of Python version 3.8.")),
    ("control-nonblocking-io", control("ERROR! Unexpected Exception: blocking")),
    ("control-config-invalid", control("ERROR! the playbook: /dev/null could not be found")),
    ("control-config-ignored", run_case("[WARNING]: Collection x does not support Ansible version")),
    ("inventory-empty", run_case("[WARNING]: Could not match supplied host pattern, ignoring: webb", hosts=True)),
    ("inventory-empty", run_case()),
    ("inventory-empty", nothing_to_do("[WARNING]: No inventory was parsed, only implicit localhost is available")),
    ("retry-worked", broken_pipe_retried()),
    ("retry-worked", retried("Connection reset by 192.0.2.7 port 22", "wait_for_connection")),
    ("retry-worked", retried("Connection reset by 192.0.2.7 port 22", "ansible.builtin.reboot")),
    ("retry-worked", fallback(attempt(Tool.SFTP, "Connection closed", 100.0))),
    ("vault-secret-missing", control("ERROR! the role 'vault' was not found")),
    ("connection-plugin-missing", failed("the become plugin 'x' was not found")),
    ("become-plugin-missing", case(EXEC, 127, SHARED, "/bin/sh: 1: sudo: not found", become=True)),
    ("ssh-client-missing", failed(NO_RIGHT)),
    (
        "sshpass-too-old",
        failed("to use the 'ssh' connection type with passwords, you must install the sshpass program"),
    ),
    ("controlpath-not-writable", failed("Cannot write to /home/ops/.ansible/tmp")),
    ("controlpath-too-long", case(EXEC, 1, "", f"ControlPath too long ('{LONG}' >= 108 bytes)", action="raw")),
    ("controlpath-no-sockets", case(CONNECT, 255, "ssh: connect to host 192.0.2.7 port 22: Connection refused")),
    ("ssh-config-invalid", case(CONNECT, 255, DENIED)),
    ("ssh-config-invalid", case(EXEC, 1, SHARED, message="No closing quotation", word="failed")),
    ("control-open-files", case(EXEC, 1, "", "OSError: [Errno 24] Too many open files")),
    ("control-out-of-memory", case(EXEC, 137, "", "Killed")),
    ("control-log-path", run_case("[WARNING]: log file at '/var/log/a.log' was opened")),
    ("gssapi-slow", gssapi(255, DENIED, ["gssapi-with-mic", "publickey"])),
    ("gssapi-slow", gssapi(255, "Connection closed by 192.0.2.7 port 22", ["gssapi-with-mic"])),
    ("rsa-sha1-refused", case(CONNECT, 255, DENIED)),
    ("jump-ipv6-brackets", case(CONNECT, 255, JUMP_END)),
    ("jump-ipv6-brackets", case(CONNECT, 255, "Bad stdio forwarding specification 'db1:x'")),
    ("account-refused", case(CONNECT, 255, "Connection closed by 192.0.2.7 port 22", phase=Phase.AUTH)),
    ("account-refused", case(EXEC, 255, "Connection to 192.0.2.7 closed by remote host.", earlier=worked())),
    ("mux-session-refused", well(case(EXEC, 0, "ControlSocket /x already exists, disabling multiplexing"))),
    ("mux-broken-pipe", case(EXEC, 1, "mux_client_read_packet: read header failed: Broken pipe")),
    ("mux-stale", at_last("debug1: mux_client_request_session: master session id: 2")),
    ("mux-stale", case(CONNECT, None, "", phase=Phase.TCP)),
    ("mtu-stall", at_last("debug1: expecting SSH2_MSG_KEX_ECDH_REPLY", 255, "Connection reset by 192.0.2.7 port 22")),
    ("mtu-stall", at_last("debug1: SSH2_MSG_NEWKEYS received")),
    ("restricted-shell", case(EXEC, 1, "", "% Invalid input detected at '^' marker.", action="raw")),
    ("audit-shell-noise", case(Stage.TMPDIR, 1, "mkdir: cannot create directory '/x': Permission denied")),
    ("tmpdir-unresolved", failed("failed to resolve remote host")),
    ("module-tmpdir-permission", failed("Failed to create temporary directory. In some cases")),
    ("selinux-context", case(Stage.TMPDIR, 1, "mkdir: cannot create directory '/x': Permission denied")),
    ("selinux-context", case(EXEC, 1, "/bin/sh: /bin/sh: Permission denied")),
    ("scp-uses-sftp", transfer(Tool.SFTP, 255, "Connection closed", worked())),
    ("scp-uses-sftp", transfer(Tool.SCP, 1, "scp: Received message too long 1466264675\nlost connection", worked())),
    ("sftp-bad-arguments", case(EXEC, 1, "", "usage: sftp", action="raw")),
    ("ssh-wrapper-not-executable", failed(NO_SSH)),
    ("transfer-truncated", case(EXEC, 1, "", "zlib.error: Error -3", action="script")),
    ("transfer-truncated", case(EXEC, 0, "", "zlib.error: Error -3")),
    ("transfer-source-missing", transfer(Tool.SFTP, 1, 'dest open "/x": No such file or directory', worked())),
    (
        "data-not-sent",
        message_case(
            'Data could not be sent to remote host "h". Make sure this host can be reached over ssh: '
            "ssh: connect to host h port 22: Connection refused"
        ),
    ),
    ("chmod-failed", failed(UNPRIVILEGED)),
    ("acl-missing", failed("Failed to set permissions on remote files")),
    ("acl-missing", acl("setfacl: /x: Operation not supported")),
    ("acl-unsupported", acl("/bin/sh: 1: setfacl: not found")),
    ("python-shim", case(EXEC, 127, SHARED, "/bin/sh: 1: python3: not found")),
    ("python-too-old", control(TOO_OLD)),
    ("python-too-old", case(EXEC, 1, SHARED, "SyntaxError: invalid syntax")),
    ("python-too-new", case(EXEC, 1, SHARED, "ModuleNotFoundError: No module named 'yaml'")),
    ("python-library-missing", case(EXEC, 1, "", "Failed to import the required Python library (x)", action="raw")),
    ("python-broken", case(EXEC, 0, "ERROR:root:code for hash md5 was not found.", "{}")),
    ("target-tmp-not-writable", case(EXEC, 1, "OSError: [Errno 28] No space left on device")),
    ("noexec-mount", case(EXEC, 1, "/bin/sh: /home/deploy/.ansible/tmp/x/AnsiballZ_x: Permission denied")),
    ("noexec-mount", case(EXEC, 126, "/bin/sh: /bin/sh: Permission denied")),
    ("result-noise", well(case(EXEC, 0, SHARED, "Welcome\n{}"))),
    ("result-noise", case(EXEC, 1, SHARED, "boom", message=NO_JSON, word="failed")),
    ("result-not-utf8", failed("the module returned UTF-8 data")),
    ("result-not-json", case(EXEC, 0, SHARED, "text\n{}", message=NO_JSON, word="failed")),
    ("result-not-json", case(EXEC, 1, SHARED, "text", message=NO_JSON, word="failed")),
    (
        "ssh-client-missing",
        failed("Unable to execute ssh command line on a controller: [Errno 24] Too many open files"),
    ),
    ("transfer-permission", transfer(Tool.SCP, None, "scp: debug1: stat remote: No such file or directory", worked())),
    ("auth-password", unshown_password(["publickey"])),
    ("connection-lost", message_case("client_loop: send disconnect: Broken pipe", word="failed", stage=EXEC)),
    ("transfer-permission", failed('the task says: remote open("/home/u/y"): Permission denied', Stage.TRANSFER)),
    ("tmpdir-permission", message_case(f"{NO_TMPDIR}, exited with result 127", stage=Stage.TMPDIR)),
    ("auth-publickey", case(EXEC, 1, "Permission denied (publickey).", session=True, exit_status=1)),
    ("connection-lost", case(Stage.DISCOVERY, 255, "", action="raw")),
    ("become-not-allowed", case(EXEC, 1, SHARED, "Traceback", become=True, message=NO_JSON, word="failed")),
    ("become-not-allowed", case(EXEC, 1, SHARED, message=NO_JSON, word="failed")),
    (
        "acl-missing",
        acl("setfacl: Option -m: Invalid argument near character 3", "chown: invalid user: 'nobody-knows'"),
    ),
    ("not-ssh", at_last("debug1: kex_exchange_identification: banner line 0: Welcome to db1", 255, "x")),
    ("mux-exitval-twice", case(EXEC, 255, "", "exitval sent twice")),
    ("exec-held-open", open_exec("")),
    ("exec-held-open", open_exec('{"ping": "pong"}', 1.0)),
    ("sshpass-hang", open_exec("", password=True, version="2.19.1")),
    ("sshpass-hang", open_exec("", 2.0, password=True)),
    ("sshpass-hang", open_exec("")),
    ("huge-output", well(case(EXEC, 0, "", "{}"))),
    ("cleanup-failed", left_behind(0)),
    ("cleanup-failed", left_behind(255)),
    ("worker-died", case(EXEC, 137, "", "Killed")),
    ("no-log", case(EXEC, 1, "", "boom", message="boom", word="failed")),
    ("ssh-debug-off", whole_run(debug=True, ssh_debug=True, verbosity=4)),
    ("ssh-debug-off", whole_run(debug=True, ssh_debug=False, verbosity=3)),
    ("ssh-debug-off", whole_run(debug=True, ssh_debug=False, verbosity=4, rc=1)),
    ("ansible-debug-off", whole_run(debug=True, ssh_debug=True, verbosity=4)),
]


def test_no_host_to_target_names_the_pattern_that_fits_none() -> None:
    """The error does not; the warning before it does."""
    asked = control(NO_HOSTS)
    asked.run.warnings.append((Place(0, 1), "[WARNING]: Could not match supplied host pattern, ignoring: webb"))
    match = only(asked, "inventory-empty")
    assert match.explanation.endswith("Ansible warned: Could not match supplied host pattern, ignoring: webb")
    assert [evidence.place.line for evidence in match.evidence][1:] == [1]


@pytest.mark.parametrize(("rule_id", "asked"), NEAR_MISSES)
def test_a_near_miss(rule_id: str, asked: Case) -> None:
    assert rule_id not in ids(asked)


def test_every_rule_here_has_both() -> None:
    named = {rule_id for rule_id, _ in TRUE_CASES} & set(rules())
    assert named <= {rule_id for rule_id, _ in NEAR_MISSES}


def test_a_warning_that_a_hosts_own_cleanup_shows_is_told_once() -> None:
    made = left_behind(1)
    made.run.warnings.append((Place(5, 5), "[WARNING]: Error deleting remote temporary files (rc: 1, stderr: })"))
    assert ids(made) == ["cleanup-failed"]
    assert ids(Case(made.run)) == []


def quoted(out: str, err: str = "", rc: int = 1, message: str = OLD_NO_JSON) -> Case:
    """A log below -vvv: no command, only a result that quotes what the module printed."""
    made = failed(message)
    assert made.task is not None
    made.task.results[0].module_stdout, made.task.results[0].module_stderr, made.task.results[0].rc = out, err, rc
    return made


@pytest.mark.parametrize("message", [OLD_NO_JSON, "MODULE FAILURE", f"Task failed: {NO_JSON}"])
@pytest.mark.parametrize(
    ("rule_id", "out", "err", "rc"),
    [
        ("python-too-new", SIX.replace("\n", "\r\n"), "Shared connection to h closed.\r\n", 1),
        ("python-too-old", "", f"{ANNOTATIONS}not defined", 1),
        ("python-wrong-path", "", "/bin/sh: 1: /opt/app/bin/python: not found\n", 127),
        ("python-missing", "", "/bin/sh: 1: /usr/bin/python: not found\n", 127),
        ("python-shim", PYENV, "", 127),
        ("module-killed", "Killed\r\n", "Shared connection to h closed.\r\n", 137),
        ("module-traceback", "Traceback (most recent call last):\r\nValueError: x", "", 1),
        ("target-tmp-not-writable", NO_TMP, "", 1),
    ],
)
def test_a_result_that_quotes_the_module(message: str, rule_id: str, out: str, err: str, rc: int) -> None:
    assert only(quoted(out, err, rc, message), rule_id).evidence[0].text


@pytest.mark.parametrize(
    ("rule_id", "err", "rc"),
    [
        ("python-shim", PYENV, 127),
        ("python-wrong-path", "/bin/sh: 1: /opt/app/bin/python: not found\n", 127),
        ("python-too-old", f"{ANNOTATIONS}not defined", 1),
    ],
)
def test_a_local_module_has_its_words_in_the_result_alone(rule_id: str, err: str, rc: int) -> None:
    """Ansible logs no chunk of a local command; and what to run next needs no ssh to the machine that one is on."""
    made = case(
        EXEC, rc, tool=Tool.LOCAL, name="localhost", address="localhost", message="MODULE FAILURE", word="failed"
    )
    assert made.task is not None
    made.task.results[0].module_stderr = err
    match = only(made, rule_id)
    assert match.evidence[0].text
    assert not any(fix.startswith("ssh ") for fix in match.fixes)


def test_a_modules_own_output_is_not_its_failure() -> None:
    assert ids(quoted("Traceback (most recent call last):\nKilled", rc=137, message="non-zero return code")) == []


# Section 2 of the reference, in commands that ended well on a healthy host.
SAID_BY_HEALTHY = [
    "Shared connection to 192.0.2.7 closed.",
    "ControlSocket /home/ops/.ansible/cp/1 already exists, disabling multiplexing",
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
    "Couldn't stat remote file: No such file or directory",
    "connect to address ::1 port 22: Connection refused",
    "error: fatal: Traceback (most recent call last):",
    "Permission denied",
]


@pytest.mark.parametrize("text", SAID_BY_HEALTHY)
@pytest.mark.parametrize("stage", list(Stage))
def test_a_line_of_a_healthy_host_is_nothing(text: str, stage: Stage) -> None:
    assert ids(well(case(stage, 0, text, "{}"))) == []
    assert ids(well(case(stage, 0, "", f"{text}\n{{}}"))) == []


@pytest.mark.parametrize(
    "warning",
    [
        "[WARNING]: Platform linux on host db1 is using the discovered Python interpreter at /usr/bin/python3.11, but",
        "[WARNING]: Host 'db1' is using the discovered Python interpreter at '/usr/bin/python3.11', but future",
        "[WARNING]: Module remote_tmp /root/.ansible/tmp did not exist and was created with a mode of 0700",
        "[WARNING]: sftp transfer mechanism failed on [192.0.2.7]. Use ANSIBLE_DEBUG=1 to see detailed information",
        "[WARNING]: provided hosts list is empty, only localhost is available. Note that",
    ],
)
def test_a_warning_of_a_healthy_run_is_nothing(warning: str) -> None:
    assert ids(run_case(warning, hosts=True)) == []


@pytest.mark.parametrize("folder", ["(/usr/lib/cp): ", " '/usr/lib/cp': ", " b'/usr/lib/cp': ", ' b"/usr/lib/cp": '])
def test_the_folder_of_the_control_sockets_has_no_b_before_it(folder: str) -> None:
    match = only(
        failed(f"Unable to create local directories{folder}[Errno 13] Permission denied: b'/usr/lib/cp'"),
        "controlpath-not-writable",
    )
    assert match.explanation == "The control node cannot write to /usr/lib/cp."
    assert match.fixes[0] == "ls -ld /usr/lib/cp; df /usr/lib/cp"


def test_chmods_own_words_are_shown_and_not_the_start_of_what_ssh_said() -> None:
    """At -vvvv Ansible's message begins with all of ssh's debug text."""
    message = (
        "Task failed: Failed to set permissions on remote files (rc: 127, err: OpenSSH_9.2p1 Debian, OpenSSL 3\r\n"
    )
    said = "OpenSSH_9.2p1 Debian, OpenSSL 3\n/bin/sh: 1: chmod: not found\nShared connection to 192.0.2.7 closed."
    match = only(case(Stage.CHMOD, 127, said, message=message, word="failed"), "chmod-failed")
    assert match.explanation == "chmod failed at 192.0.2.7:22: /bin/sh: 1: chmod: not found"
    assert match.evidence[0].text == "/bin/sh: 1: chmod: not found"
    assert match.evidence[1].text == "Task failed: Failed to set permissions on remote files (rc: 127"


def test_what_ansible_quotes_of_another_command_is_no_proof() -> None:
    """Of the fallbacks the last one is quoted, or at -vvvv ssh's version: the line before it says what failed."""
    for text in (UNPRIVILEGED, UNPRIVILEGED.replace("chmod: invalid mode", "OpenSSH_9.2p1 Debian, OpenSSL 3\r\n")):
        match = only(acl("/bin/sh: 1: setfacl: not found", message=text), "acl-missing")
        assert match.evidence[1].text == UNPRIVILEGED.partition(", err")[0]
        match = only(acl("setfacl: /x: Operation not supported", message=text), "acl-unsupported")
        assert match.evidence[1].text == UNPRIVILEGED.partition(", err")[0]
    assert "invalid mode" in only(acl(), "acl-missing").evidence[0].text
    made = left_behind(1)
    warning = "[WARNING]: Error deleting remote temporary files (rc: 1"
    made.run.warnings.append((Place(5, 5), f"{warning}, stderr: OpenSSH_9.2p1 Debian-2, OpenSSL 3"))
    assert only(made, "cleanup-failed").evidence[-1].text == warning


def test_another_protocol_is_quoted_by_what_it_said() -> None:
    explanation = only(greeted("HTTP/1.1 400 Bad Request"), "not-ssh").explanation
    assert explanation == 'What answers at 192.0.2.7:22 is not an SSH server: it said "HTTP/1.1 400 Bad Request".'


def test_data_that_could_not_be_sent_where_commands_worked_before() -> None:
    """At -vvvv the message quotes ssh's version, and nothing else."""
    message = (
        'Task failed: Data could not be sent to remote host "192.0.2.7". Make sure this host can be reached over ssh: '
        "OpenSSH_9.2p1 Debian-2, OpenSSL 3\r\n"
    )
    asked = case(Stage.TRANSFER, None, earlier=worked(), message=message, word="unreachable")
    match = only(asked, "data-not-sent")
    assert "Commands worked at 192.0.2.7:22 before" in match.explanation
    assert "data-not-sent" not in ids(
        case(Stage.TRANSFER, None, message=f"{message}dd: x: No space", word="unreachable")
    )


def test_without_ssh_s_debug_text_a_lost_session_may_be_the_command_s_own_255() -> None:
    said = "Shared connection to 192.0.2.7 closed."
    match = only(case(Stage.EXEC, 255, said, earlier=worked()), "connection-lost")
    assert match.confidence is Confidence.LIKELY
    assert "255 by itself" in match.explanation
    assert (
        "255 by itself"
        not in only(case(Stage.EXEC, 255, SHARED, session=True, phase=Phase.CHANNEL), "connection-lost").explanation
    )
