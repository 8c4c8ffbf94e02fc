"""Both ends of a run: managed nodes whose sshd tells its own log what the control node cannot see."""

from __future__ import annotations

from pathlib import Path

from tests.lab.model import PORT, Machine, Outcome, Scenario, inventory, ok, play
from tests.lab.scenarios_broken import DROP_CONNECTION
from tests.lab.servers import SshdOptions
from tests.lab.syslog import syslog_setup

VERSIONS = ("2.19",)
# The end of what is printed shows when to end the run.
_UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
_UNREACHABLE = Outcome("unreachable", "connect", "auth")


def _machine(
    name: str,
    last: int,
    *extra: str,
    setup: str = "",
    form: str = "traditional",
    kex: str | None = None,
    force_command: str | None = None,
    sftp: bool = True,
    max_sessions: int | None = None,
    strict_modes: bool = False,
) -> Machine:
    """A machine whose sshd logs to syslog, and whose log is kept."""
    options = SshdOptions(
        sftp=sftp,
        force_command=force_command,
        kex=kex,
        max_sessions=max_sessions,
        extra=extra,
        syslog=True,
        strict_modes=strict_modes,
    )
    return Machine(name, last, options=options, keep_log=True, setup=syslog_setup(name, PORT, form) + setup)


def _line(machine: Machine, words: str = "") -> str:
    return f"{machine.name} ansible_host={machine.address} {words}".rstrip()


def _field(number: int, value: str, file: str) -> str:
    """Sets a field (from 1) of deploy's line in a file of /etc that the machine shows."""
    return (
        f'awk -F: -v OFS=: \'$1 == "deploy" {{ ${number} = "{value}" }} {{ print }}\' /etc/{file} > $LAB/{file}\n'
        f"cat $LAB/{file} > /etc/{file}\n"
    )


_PAM = """\
mkdir -p $LAB/pam
cat > $LAB/pam/sshd <<'END'
auth required pam_deny.so
account required pam_unix.so
session required pam_unix.so
END
cp $LAB/pam/sshd $LAB/pam/other
mount --bind $LAB/pam /etc/pam.d
"""
_SLOW = _PAM.replace("session required pam_unix.so", "session required pam_exec.so quiet /bin/sleep 40")
_EXPIRED = _field(8, "1", "shadow")
_OPEN_KEYS = """\
mkdir -p /home/deploy/.ssh
cp $LAB/../keys/authorized_keys /home/deploy/.ssh/
chown -R deploy:deploy /home/deploy
chmod 777 /home/deploy/.ssh
"""
# One connection that says nothing, from the address that Ansible comes from, as soon as sshd listens.
_SILENT = """\
cat > $LAB/silent.py <<'END'
import socket, time
while True:
    try:
        held = socket.create_connection(("127.0.0.30", 2222))
        break
    except OSError:
        time.sleep(0.05)
time.sleep(60)
END
python3 $LAB/silent.py &
"""
_HOLD = f"""\
cat > $LAB/hold.c <<'END_OF_SOURCE'
{(Path(__file__).parent / "hold.c").read_text(encoding="utf-8")}
END_OF_SOURCE
cc -shared -fPIC -o $LAB/hold.so $LAB/hold.c -ldl
export LD_PRELOAD=$LAB/hold.so
"""

_WORK = play(
    "all",
    "name: Ping\nansible.builtin.ping:",
    "name: A file\nansible.builtin.copy:\n  content: some text\n  dest: /home/deploy/file",
    "name: As root\nansible.builtin.command: id\nbecome: true\nvars:\n  ansible_ssh_use_tty: true",
)
_PING = play("all", "name: Ping\nansible.builtin.ping:")

_HEALTHY = (_machine("web1", 11), _machine("web2", 12, form="iso"))
_LOGINS = (
    _machine("listed", 21, "AllowUsers app"),
    _machine("shell", 22, setup=_field(7, "/opt/app/shell", "passwd")),
    _machine("expired", 23, setup=_EXPIRED),
    _machine("pam", 24, "UsePAM yes", setup=_PAM + _EXPIRED),
    _machine("modes", 25, "AuthorizedKeysFile .ssh/authorized_keys", setup=_OPEN_KEYS, strict_modes=True),
    _machine("tries", 26, "MaxAuthTries 1", "AuthorizedKeysFile none"),
    _machine("unknown", 27, "AuthorizedKeysFile none"),
)
_OTHERS = (
    _machine("kex", 21, kex="diffie-hellman-group1-sha1"),
    _machine("forced", 22, force_command="echo backups only"),
    _machine("nosftp", 23, sftp=False),
    _machine("badsftp", 24, "Subsystem sftp /usr/lib/ssh/sftp-server", sftp=False),
    _machine("startups", 30, "PerSourceMaxStartups 1", setup=_SILENT),
)
_DB1, _DB2 = _machine("db1", 21), _machine("db2", 22)
_SFTP_ONLY = "ansible_ssh_transfer_method=sftp"

SSHD: tuple[Scenario, ...] = (
    Scenario(
        "sshd-healthy",
        "both ends of a sound run; web2's syslog has ISO stamps",
        _HEALTHY,
        inventory(*map(_line, _HEALTHY)),
        (("site.yml", _WORK),),
        ok("web1", "web2"),
        versions=VERSIONS,
        filters=("gz",),
    ),
    Scenario(
        "sshd-logins",
        "logins that sshd refuses, for reasons that it tells its own log alone",
        _LOGINS,
        inventory(*map(_line, _LOGINS)),
        (("site.yml", _PING),),
        {machine.name: _UNREACHABLE for machine in _LOGINS},
        (
            *((name, "auth-publickey") for name in ("listed", "shell", "expired", "modes", "unknown")),
            *(("pam", "account-refused"), ("tries", "auth-too-many")),
        ),
        run_status="failed",
        versions=VERSIONS,
        filters=("gz",),
    ),
    Scenario(
        "sshd-refusals",
        "what else sshd refuses: key exchange, commands, sftp, a connection too many",
        _OTHERS,
        inventory(
            _line(_OTHERS[0]),
            _line(_OTHERS[1]),
            _line(_OTHERS[2], _SFTP_ONLY),
            _line(_OTHERS[3], _SFTP_ONLY),
            _line(_OTHERS[4]),
        ),
        (("site.yml", _PING),),
        {
            "kex": Outcome("unreachable", "connect", "kex"),
            "forced": Outcome("failed", "result"),
            "nosftp": Outcome("unreachable", "transfer"),
            "badsftp": Outcome("unreachable", "transfer"),
            "startups": Outcome("unreachable", "connect", "banner"),
        },
        (
            *(("kex", "no-common-kex"), ("forced", "forced-command"), ("startups", "kex-closed")),
            *(("nosftp", "sftp-subsystem-missing"), ("badsftp", "sftp-subsystem-missing")),
        ),
        run_status="failed",
        versions=VERSIONS,
        filters=("gz",),
    ),
    Scenario(
        "sshd-held",
        "db1's sshd takes the opening of a channel and goes no further",
        (Machine("db1", 21, keep_log=True, setup=_HOLD),),
        inventory(_line(_DB1)),
        (("site.yml", _PING),),
        {"db1": Outcome("stalled", "connect", "channel")},
        (("db1", "channel-stall"),),
        environment=_UNBUFFERED,
        end_when=("send packet: type 90",),
        run_status="incomplete",
        versions=VERSIONS,
    ),
    Scenario(
        "sshd-slow",
        "a module of db1's PAM session waits",
        (_machine("db1", 21, "UsePAM yes", setup=_SLOW),),
        inventory(_line(_DB1)),
        (("site.yml", _PING),),
        {"db1": Outcome("stalled", "connect", "channel")},
        (("db1", "channel-stall"),),
        environment=_UNBUFFERED,
        end_when=("send packet: type 90",),
        run_status="incomplete",
        versions=VERSIONS,
    ),
    Scenario(
        "sshd-long",
        "a command that runs on when the control node is killed",
        (_DB1,),
        inventory(_line(_DB1)),
        (("site.yml", play("all", "name: Long\nansible.builtin.command: sleep 100")),),
        {"db1": Outcome("stalled", "exec")},
        environment=_UNBUFFERED,
        end_when=(r"SSH: EXEC .*python3\S* \S*AnsiballZ_command\.py && sleep 0",),
        run_status="incomplete",
        versions=VERSIONS,
    ),
    Scenario(
        "sshd-sessions",
        "db1 takes one session a connection, and two inventory names share it",
        (_machine("db1", 21, max_sessions=1),),
        inventory(_line(_DB1), "db1-replica ansible_host=127.0.0.21"),
        (("site.yml", play("all", "name: A second\nansible.builtin.command: sleep 1")),),
        ok("db1", "db1-replica"),
        allowed=(("db1", "mux-session-refused"), ("db1-replica", "mux-session-refused")),
        versions=VERSIONS,
        filters=("gz",),
    ),
    Scenario(
        "sshd-killed",
        "on db1 a module kills its own session's sshd, on db2 a command kills itself",
        (_DB1, _DB2),
        inventory(_line(_DB1), _line(_DB2)),
        (
            (
                "site.yml",
                play(
                    "all",
                    "name: Restart the network\nrestart_network:\nwhen: inventory_hostname == 'db1'",
                    "name: End it\nansible.builtin.raw: kill -9 $$\nwhen: inventory_hostname == 'db2'",
                ),
            ),
        ),
        {"db1": Outcome("unreachable", "exec"), "db2": Outcome("unreachable", "exec")},
        (("db1", "connection-lost"), ("db2", "sshd-exit-signal")),
        run_status="failed",
        files={"library/restart_network.py": DROP_CONNECTION},
        versions=VERSIONS,
    ),
)
